"""The catalogue of lists a scan can read: how each is named, where it is asked, and the permission it needs."""

from enum import Enum

import msgspec


class ScopeKind(Enum):
    """What a list is asked about."""

    TENANT = "tenant"
    SUBSCRIPTION = "subscription"
    RESOURCE = "resource"
    PRINCIPAL = "principal"
    APPLICATION = "application"


class ListKind(msgspec.Struct, frozen=True):
    """One list: its name in `read` and `gap` records, what it is asked about, the permission it needs.

    `on` names the resource types whose children the list holds, for lists asked of a resource.
    """

    what: str
    scope: ScopeKind
    needs: str
    on: tuple[str, ...] = ()


def _arm(
    what: str, scope: ScopeKind = ScopeKind.SUBSCRIPTION, *, needs: str = "", on: tuple[str, ...] = ()
) -> ListKind:
    return ListKind(what, scope, needs or f"{what}/read", on)


_WORKSPACE = ("Microsoft.OperationalInsights/workspaces",)
_PROJECT = ("Microsoft.Migrate/migrateProjects",)
_ASSESSMENT = ("Microsoft.Migrate/assessmentProjects",)
_RECOVERY = ("Microsoft.RecoveryServices/vaults",)

_KINDS = (
    _arm("Microsoft.Resources/tenants", ScopeKind.TENANT),
    _arm("Microsoft.Resources/subscriptions", ScopeKind.TENANT),
    _arm("Microsoft.Management/managementGroups", ScopeKind.TENANT),
    _arm(
        "Microsoft.Management/managementGroups/descendants",
        ScopeKind.RESOURCE,
        on=("Microsoft.Management/managementGroups",),
    ),
    _arm("Microsoft.Resources/resourceGroups", needs="Microsoft.Resources/subscriptions/resourceGroups/read"),
    _arm("Microsoft.Resources/providers", needs="Microsoft.Resources/subscriptions/providers/read"),
    _arm("Microsoft.Authorization/roleAssignments"),
    _arm("Microsoft.Authorization/roleDefinitions"),
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
    _arm("Microsoft.KeyVault/deletedVaults", needs="Microsoft.KeyVault/locations/deletedVaults/read"),
    _arm("Microsoft.RecoveryServices/vaults"),
    *(
        _arm(f"Microsoft.RecoveryServices/vaults/{child}", ScopeKind.RESOURCE, on=_RECOVERY)
        for child in (
            "replicationVaultSettings",
            "replicationMigrationItems",
            "replicationProtectedItems",
            "backupProtectedItems",
        )
    ),
    _arm("Microsoft.Storage/storageAccounts"),
    _arm("Microsoft.Network/privateEndpoints"),
    _arm("Microsoft.OperationalInsights/workspaces"),
    _arm("Microsoft.OperationalInsights/deletedWorkspaces"),
    _arm("Microsoft.OperationalInsights/clusters"),
    _arm("Microsoft.OperationsManagement/solutions"),
    _arm("Microsoft.Insights/scheduledQueryRules"),
    _arm("Microsoft.Insights/metricAlerts"),
    _arm("Microsoft.Insights/dataCollectionRules"),
    _arm("Microsoft.Insights/components"),
    _arm("Microsoft.Insights/diagnosticSettings"),
    _arm("Microsoft.SecurityInsights/onboardingStates", ScopeKind.RESOURCE, on=_WORKSPACE),
    *(
        _arm(f"Microsoft.OperationalInsights/workspaces/{child}", ScopeKind.RESOURCE, on=_WORKSPACE)
        for child in (
            "intelligencePacks",
            "linkedServices",
            "linkedStorageAccounts",
            "dataExports",
            "storageInsightConfigs",
            "dataSources",
            "managementGroups",
            "savedSearches",
            "tables",
        )
    ),
    # Asked of the query API, and only by a deep scan: never taken as read unless a snapshot says so.
    _arm(
        "Microsoft.OperationalInsights/ingestion",
        ScopeKind.RESOURCE,
        needs="Microsoft.OperationalInsights/workspaces/query/read",
    ),
    ListKind("activityLog", ScopeKind.SUBSCRIPTION, "Microsoft.Insights/eventtypes/values/read"),
    ListKind("graph/authorizationPolicy", ScopeKind.TENANT, "Policy.Read.All"),
    ListKind("graph/deletedApplications", ScopeKind.TENANT, "Application.Read.All"),
    ListKind("graph/directoryObjects", ScopeKind.TENANT, "Directory.Read.All"),
    ListKind("graph/users", ScopeKind.PRINCIPAL, "User.Read.All"),
    ListKind("graph/groups", ScopeKind.PRINCIPAL, "GroupMember.Read.All"),
    ListKind("graph/transitiveMemberOf", ScopeKind.PRINCIPAL, "GroupMember.Read.All"),
    ListKind("graph/directoryRoles", ScopeKind.PRINCIPAL, "RoleManagement.Read.Directory"),
    # Asked only where the question is about access: never taken as read unless a snapshot says so.
    ListKind("graph/directoryRoleEligibilities", ScopeKind.RESOURCE, "RoleEligibilitySchedule.Read.Directory"),
    ListKind("graph/groupEligibilities", ScopeKind.RESOURCE, "PrivilegedEligibilitySchedule.Read.AzureADGroup"),
    ListKind("graph/transitiveMembers", ScopeKind.RESOURCE, "GroupMember.Read.All"),
    ListKind("graph/applications", ScopeKind.APPLICATION, "Application.Read.All"),
    ListKind("graph/servicePrincipals", ScopeKind.APPLICATION, "Application.Read.All"),
    ListKind("graph/owners", ScopeKind.APPLICATION, "Application.Read.All"),
)

LISTS: dict[str, ListKind] = {kind.what.lower(): kind for kind in _KINDS}
"""Every list by its name in lower case."""


def needs_of(what: str) -> str | None:
    """Return the permission that reading `what` needs; for an ARM list not in the catalogue `<what>/read`."""
    kind = LISTS.get(what.lower())
    if kind is not None:
        return kind.needs
    return f"{what}/read" if what.lower().startswith("microsoft.") else None
