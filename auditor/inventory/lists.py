"""The catalogue of lists a scan can read: how each is named, where it is asked, what it needs, what its pages hold."""

from enum import Enum

import msgspec

from auditor.inventory.list_shapes import ListShape, mixed_objects, objects, resources


class ScopeKind(Enum):
    """What a list is asked about."""

    TENANT = "tenant"
    SUBSCRIPTION = "subscription"
    RESOURCE = "resource"
    PRINCIPAL = "principal"
    APPLICATION = "application"


class ListKind(msgspec.Struct, frozen=True):
    """One list: its name in `read` and `gap` records, what it is asked about, the permission it needs, its shape.

    `on` names the resource types whose children the list holds, for lists asked of a resource.
    """

    what: str
    scope: ScopeKind
    needs: str
    shape: ListShape
    on: tuple[str, ...] = ()


def _arm(
    what: str,
    scope: ScopeKind = ScopeKind.SUBSCRIPTION,
    *,
    needs: str = "",
    on: tuple[str, ...] = (),
    also: tuple[str, ...] = (),
    shape: ListShape | None = None,
    shared: bool = False,
) -> ListKind:
    """Return a list of resources of the type `what`; `also` are the types that its items may be called by besides.

    What is `shared` appears in the lists of several subscriptions, under the id of any of them.
    """
    children = any(what.lower().startswith(f"{parent.lower()}/") for parent in on)
    shape = shape or resources(what, *also, shared=shared, children=children)
    return ListKind(what, scope, needs or f"{what}/read", shape, on)


_WORKSPACE = ("Microsoft.OperationalInsights/workspaces",)
_PROJECT = ("Microsoft.Migrate/migrateProjects",)
_ASSESSMENT = ("Microsoft.Migrate/assessmentProjects",)
_RECOVERY = ("Microsoft.RecoveryServices/vaults",)
_REPLICATION = "replicationFabrics/replicationProtectionContainers"

USER = "#microsoft.graph.user"
GROUP = "#microsoft.graph.group"
SERVICE_PRINCIPAL = "#microsoft.graph.servicePrincipal"
APPLICATION = "#microsoft.graph.application"
_POLICY = "#microsoft.graph.authorizationPolicy"
_HELD = ListShape(texts=("id", "principalId", "roleDefinitionId"))
"""Roles of the directory that somebody holds, or may activate."""

_KINDS = (
    _arm("Microsoft.Resources/tenants", ScopeKind.TENANT),
    _arm("Microsoft.Resources/subscriptions", ScopeKind.TENANT),
    _arm("Microsoft.Management/managementGroups", ScopeKind.TENANT),
    _arm(
        "Microsoft.Management/managementGroups/descendants",
        ScopeKind.RESOURCE,
        on=("Microsoft.Management/managementGroups",),
        also=("Microsoft.Management/managementGroups", "Microsoft.Resources/subscriptions", "/subscriptions"),
        shared=True,
    ),
    _arm("Microsoft.Resources/resourceGroups", needs="Microsoft.Resources/subscriptions/resourceGroups/read"),
    _arm("Microsoft.Resources/providers", needs="Microsoft.Resources/subscriptions/providers/read"),
    _arm("Microsoft.Authorization/roleAssignments"),
    _arm("Microsoft.Authorization/roleDefinitions", shared=True),
    _arm("Microsoft.Authorization/denyAssignments"),
    _arm("Microsoft.Authorization/roleEligibilityScheduleInstances"),
    _arm("Microsoft.Authorization/roleAssignmentScheduleInstances"),
    _arm("Microsoft.Authorization/locks"),
    _arm("Microsoft.Authorization/policyAssignments"),
    _arm("Microsoft.Authorization/policyExemptions"),
    _arm("Microsoft.ManagedServices/registrationAssignments"),
    _arm("Microsoft.Migrate/migrateProjects"),
    _arm("Microsoft.Migrate/migrateProjects/solutions", ScopeKind.RESOURCE, on=_PROJECT),
    _arm("Microsoft.Migrate/projects"),
    _arm("Microsoft.Migrate/assessmentProjects"),
    *(
        _arm(f"Microsoft.Migrate/assessmentProjects/{child}", ScopeKind.RESOURCE, on=_ASSESSMENT)
        for child in ("vmwarecollectors", "hypervcollectors", "servercollectors")
    ),
    _arm("Microsoft.OffAzure/VMwareSites"),
    _arm("Microsoft.OffAzure/HyperVSites"),
    _arm("Microsoft.OffAzure/ServerSites"),
    _arm("Microsoft.OffAzure/ImportSites"),
    _arm("Microsoft.OffAzure/MasterSites"),
    _arm(
        "Microsoft.OffAzure/VMwareSites/vCenters",
        ScopeKind.RESOURCE,
        needs="Microsoft.OffAzure/VMwareSites/vcenters/read",
        on=("Microsoft.OffAzure/VMwareSites",),
    ),
    *(
        _arm(f"Microsoft.OffAzure/HyperVSites/{child}", ScopeKind.RESOURCE, on=("Microsoft.OffAzure/HyperVSites",))
        for child in ("hosts", "clusters")
    ),
    _arm("Microsoft.KeyVault/vaults"),
    _arm(
        "Microsoft.KeyVault/deletedVaults",
        needs="Microsoft.KeyVault/locations/deletedVaults/read",
        also=("Microsoft.KeyVault/locations/deletedVaults",),
    ),
    _arm("Microsoft.RecoveryServices/vaults"),
    _arm("Microsoft.RecoveryServices/vaults/replicationVaultSettings", ScopeKind.RESOURCE, on=_RECOVERY),
    *(
        _arm(
            f"Microsoft.RecoveryServices/vaults/{child}",
            ScopeKind.RESOURCE,
            on=_RECOVERY,
            also=(f"Microsoft.RecoveryServices/vaults/{container}/{spelt}",),
        )
        for child, container, spelt in (
            ("replicationMigrationItems", _REPLICATION, "replicationMigrationItems"),
            ("replicationProtectedItems", _REPLICATION, "replicationProtectedItems"),
            ("backupProtectedItems", "backupFabrics/protectionContainers", "protectedItems"),
        )
    ),
    _arm("Microsoft.Storage/storageAccounts"),
    _arm("Microsoft.Network/privateEndpoints"),
    _arm("Microsoft.OperationalInsights/workspaces"),
    _arm("Microsoft.OperationalInsights/deletedWorkspaces", also=_WORKSPACE),
    _arm("Microsoft.OperationalInsights/clusters"),
    _arm("Microsoft.OperationsManagement/solutions"),
    _arm("Microsoft.Insights/scheduledQueryRules"),
    _arm("Microsoft.Insights/metricAlerts"),
    _arm("Microsoft.Insights/dataCollectionRules"),
    _arm("Microsoft.Insights/components"),
    _arm("Microsoft.Insights/diagnosticSettings", also=("AzureResourceManager/diagnosticSettings",)),
    _arm("Microsoft.SecurityInsights/onboardingStates", ScopeKind.RESOURCE, on=_WORKSPACE),
    *(
        _arm(
            f"Microsoft.OperationalInsights/workspaces/{child}",
            ScopeKind.RESOURCE,
            on=_WORKSPACE,
            also=tuple(f"Microsoft.OperationalInsights/{spelt}" for spelt in spellings),
        )
        for child, *spellings in (
            ("linkedServices",),
            ("linkedStorageAccounts",),
            ("dataExports", "workspaces/export"),
            ("storageInsightConfigs",),
            ("dataSources",),
            ("managementGroups",),
            ("savedSearches", "savedSearches"),
            ("tables",),
        )
    ),
    # A bare array, its items without ids.
    _arm(
        "Microsoft.OperationalInsights/workspaces/intelligencePacks",
        ScopeKind.RESOURCE,
        on=_WORKSPACE,
        shape=ListShape(
            types=frozenset({"", "microsoft.operationalinsights/workspaces/intelligencepacks"}),
            texts=("name",),
            holds=("enabled",),
            bare=True,
        ),
    ),
    # One answer of the query API a workspace.
    _arm(
        "Microsoft.OperationalInsights/ingestion",
        ScopeKind.RESOURCE,
        needs="Microsoft.OperationalInsights/workspaces/query/read",
        on=_WORKSPACE,
    ),
    ListKind(
        "activityLog",
        ScopeKind.SUBSCRIPTION,
        "Microsoft.Insights/eventtypes/values/read",
        ListShape(texts=("eventTimestamp",), holds=("operationName",)),
    ),
    ListKind("graph/authorizationPolicy", ScopeKind.TENANT, "Policy.Read.All", objects(_POLICY)),
    ListKind("graph/deletedApplications", ScopeKind.TENANT, "Application.Read.All", objects(APPLICATION, "appId")),
    ListKind("graph/directoryObjects", ScopeKind.TENANT, "Directory.Read.All", mixed_objects()),
    ListKind("graph/users", ScopeKind.PRINCIPAL, "User.Read.All", objects(USER)),
    ListKind("graph/groups", ScopeKind.PRINCIPAL, "GroupMember.Read.All", objects(GROUP)),
    ListKind(
        "graph/transitiveMemberOf",
        ScopeKind.PRINCIPAL,
        "GroupMember.Read.All",
        mixed_objects(GROUP, "#microsoft.graph.directoryRole", "#microsoft.graph.administrativeUnit"),
    ),
    ListKind("graph/directoryRoles", ScopeKind.PRINCIPAL, "RoleManagement.Read.Directory", _HELD),
    # Asked only where the question is about access: never taken as read unless a snapshot says so.
    ListKind("graph/directoryRoleEligibilities", ScopeKind.RESOURCE, "RoleEligibilitySchedule.Read.Directory", _HELD),
    ListKind(
        "graph/groupEligibilities",
        ScopeKind.RESOURCE,
        "PrivilegedEligibilitySchedule.Read.AzureADGroup",
        ListShape(texts=("id", "principalId", "groupId")),
    ),
    ListKind(
        "graph/transitiveMembers",
        ScopeKind.RESOURCE,
        "GroupMember.Read.All",
        mixed_objects(USER, GROUP, SERVICE_PRINCIPAL, "#microsoft.graph.device", "#microsoft.graph.orgContact"),
    ),
    ListKind("graph/applications", ScopeKind.APPLICATION, "Application.Read.All", objects(APPLICATION, "appId")),
    ListKind(
        "graph/servicePrincipals", ScopeKind.APPLICATION, "Application.Read.All", objects(SERVICE_PRINCIPAL, "appId")
    ),
    ListKind("graph/owners", ScopeKind.APPLICATION, "Application.Read.All", mixed_objects(USER, SERVICE_PRINCIPAL)),
)

LISTS: dict[str, ListKind] = {kind.what.lower(): kind for kind in _KINDS}
"""Every list by its name in lower case."""


ANY_RESOURCE = ListShape(texts=("id", "type"))
"""The shape of the list of all resources of a subscription."""

_PERMISSIONS = ListShape(texts=(), holds=("actions",))
"""Permission objects have neither ids nor types."""


def shape_of(what: str) -> ListShape:
    """Return what the pages of the list `what` promise to look like; one not in the catalogue holds its own type."""
    kind = LISTS.get(what.lower())
    if kind is not None:
        return kind.shape
    return _PERMISSIONS if what.lower() == "microsoft.authorization/permissions" else resources(what)


def needs_of(what: str) -> str | None:
    """Return the permission that reading `what` needs; for an ARM list not in the catalogue `<what>/read`."""
    kind = LISTS.get(what.lower())
    if kind is not None:
        return kind.needs
    return f"{what}/read" if what.lower().startswith("microsoft.") else None
