"""The catalogue of lists that a scan can read: name, kind of scope, needed permission and shape of each."""

from enum import Enum

import msgspec

from auditor.inventory.list_shapes import ListShape, mixed_objects, objects, resources
from auditor.inventory.reads import BY_READER

TENANTS = "Microsoft.Resources/tenants"
SUBSCRIPTIONS = "Microsoft.Resources/subscriptions"
MANAGEMENT_GROUPS = "Microsoft.Management/managementGroups"
DESCENDANTS = "Microsoft.Management/managementGroups/descendants"
RESOURCE_GROUPS = "Microsoft.Resources/resourceGroups"
RESOURCES = "Microsoft.Resources/resources"
PROVIDERS = "Microsoft.Resources/providers"
RESOURCE_GRAPH = "Microsoft.ResourceGraph/resources"
"""What Azure Resource Graph shows of a subscription: no list, as it leaves out silently what may not be read."""
ROLE_ASSIGNMENTS = "Microsoft.Authorization/roleAssignments"
ROLE_DEFINITIONS = "Microsoft.Authorization/roleDefinitions"
DENY_ASSIGNMENTS = "Microsoft.Authorization/denyAssignments"
ROLE_ELIGIBILITIES = "Microsoft.Authorization/roleEligibilityScheduleInstances"
ROLE_ACTIVATIONS = "Microsoft.Authorization/roleAssignmentScheduleInstances"
LOCKS = "Microsoft.Authorization/locks"
POLICY_ASSIGNMENTS = "Microsoft.Authorization/policyAssignments"
POLICY_EXEMPTIONS = "Microsoft.Authorization/policyExemptions"
DELEGATIONS = "Microsoft.ManagedServices/registrationAssignments"
PROJECTS = "Microsoft.Migrate/migrateProjects"
SOLUTIONS = "Microsoft.Migrate/migrateProjects/solutions"
OLD_PROJECTS = "Microsoft.Migrate/projects"
ASSESSMENT_PROJECTS = "Microsoft.Migrate/assessmentProjects"
ASSESSMENT_GROUPS = f"{ASSESSMENT_PROJECTS}/groups"
GROUP_ASSESSMENTS = f"{ASSESSMENT_GROUPS}/assessments"
GROUP_ASSESSED_MACHINES = f"{GROUP_ASSESSMENTS}/assessedMachines"
ASSESSMENTS = f"{ASSESSMENT_PROJECTS}/assessments"
"""The assessments without groups, of the newer api-versions."""
ASSESSED_MACHINES = f"{ASSESSMENTS}/assessedMachines"
VMWARE_SITES = "Microsoft.OffAzure/VMwareSites"
HYPERV_SITES = "Microsoft.OffAzure/HyperVSites"
SERVER_SITES = "Microsoft.OffAzure/ServerSites"
IMPORT_SITES = "Microsoft.OffAzure/ImportSites"
MASTER_SITES = "Microsoft.OffAzure/MasterSites"
SITES_OF_MACHINES = (VMWARE_SITES, HYPERV_SITES, SERVER_SITES)
SITE_MACHINES = tuple(f"{site}/machines" for site in SITES_OF_MACHINES)
"""The machines that appliances discover, by the kind of site."""
KEY_VAULTS = "Microsoft.KeyVault/vaults"
DELETED_KEY_VAULTS = "Microsoft.KeyVault/deletedVaults"
RECOVERY_VAULTS = "Microsoft.RecoveryServices/vaults"
STORAGE_ACCOUNTS = "Microsoft.Storage/storageAccounts"
PRIVATE_ENDPOINTS = "Microsoft.Network/privateEndpoints"
VIRTUAL_NETWORKS = "Microsoft.Network/virtualNetworks"
PRIVATE_DNS_ZONES = "Microsoft.Network/privateDnsZones"
SERVICE_BUS = "Microsoft.ServiceBus/namespaces"
REPLICATION_VAULTS = "Microsoft.DataReplication/replicationVaults"
REPLICATION_FABRICS = "Microsoft.DataReplication/replicationFabrics"
DEPENDENCY_MAPS = "Microsoft.DependencyMap/maps"
WORKLOAD_SITES = (
    "Microsoft.ApplicationMigration/discoveryHubs",
    "Microsoft.ApplicationMigration/MongoSites",
    "Microsoft.ApplicationMigration/PGSQLSites",
    "Microsoft.MySQLDiscovery/MySQLSites",
)
"""The sites of databases and applications that appliances discover, beside the sites of servers."""
WORKSPACES = "Microsoft.OperationalInsights/workspaces"
DELETED_WORKSPACES = "Microsoft.OperationalInsights/deletedWorkspaces"
CLUSTERS = "Microsoft.OperationalInsights/clusters"
LINKED_SERVICES = "Microsoft.OperationalInsights/workspaces/linkedServices"
INGESTION = "Microsoft.OperationalInsights/ingestion"
DEFENDER_SETTINGS = "Microsoft.Security/workspaceSettings"
WORKSPACE_SOLUTIONS = "Microsoft.OperationsManagement/solutions"
DIAGNOSTIC_SETTINGS = "Microsoft.Insights/diagnosticSettings"
SENTINEL = "Microsoft.SecurityInsights/onboardingStates"
ACTIVITY_LOG = "activityLog"
AUTHORIZATION_POLICY = "graph/authorizationPolicy"
CONDITIONAL_ACCESS_POLICIES = "graph/conditionalAccessPolicies"
DELETED_APPLICATIONS = "graph/deletedApplications"
DIRECTORY_OBJECTS = "graph/directoryObjects"
USERS = "graph/users"
GROUPS = "graph/groups"
MEMBERSHIPS = "graph/transitiveMemberOf"
GROUP_MEMBERS = "graph/transitiveMembers"
DIRECTORY_ROLES = "graph/directoryRoles"
DIRECTORY_ELIGIBILITIES = "graph/directoryRoleEligibilities"
GROUP_ELIGIBILITIES = "graph/groupEligibilities"
APPLICATIONS = "graph/applications"
SERVICE_PRINCIPALS = "graph/servicePrincipals"
OWNERS = "graph/owners"


HIDDEN_MEMBERS = "Member.Read.Hidden"
"""The Graph permission without which groups with hidden membership are answered without any member."""


class ScopeKind(Enum):
    """The kind of scope that a list is read at."""

    TENANT = "tenant"
    SUBSCRIPTION = "subscription"
    RESOURCE = "resource"
    PRINCIPAL = "principal"
    APPLICATION = "application"


class Purpose(Enum):
    """What a list whose reader is made from its row shows."""

    USES = "uses"
    """Other uses of a workspace of Azure Migrate."""
    DISCOVERY = "discovery"
    """What appliances discovered for projects."""
    REMAINS = "remains"
    """What a project may have left behind."""
    MACHINES = "machines"
    """The machines that were discovered and assessed, which are read only where they are asked for."""


class Found(Enum):
    """The ways in which a list whose reader is made from its row is read in a subscription."""

    LISTED = "listed"
    """Its own list is read."""
    AMONG_ALL = "among all"
    """The list of all resources is read, which shows enough of each."""
    WHERE_PRESENT = "where present"
    """Its own list is read only where the list of all resources shows a resource of the type."""
    ONE_BY_ONE = "one by one"
    """Each resource of the type in the list of all resources is read, as no list of the type is complete."""


class ListKind(msgspec.Struct, frozen=True):
    """One list: its name in `read` and `gap` records, the kind of its scope, the permission it needs, its shape.

    For lists of a resource's children, `on` are the resource types of the parents. A list that `shows` one of the
    purposes has its reader made from this row: it is `found` in one of the ways, and read in the first of the
    `api_versions`, newest first, that the cloud has.
    """

    what: str
    scope: ScopeKind
    needs: str
    shape: ListShape
    on: tuple[str, ...] = ()
    shows: Purpose | None = None
    found: Found = Found.LISTED
    api_versions: tuple[str, ...] = ()


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
    """Return a list of resources of the type `what`; `also` are further types that its items may have.

    The items of a `shared` list appear in several subscriptions, with an id in any of them.
    """
    children = any(what.lower().startswith(f"{parent.lower()}/") for parent in on)
    shape = shape or resources(what, *also, shared=shared, children=children)
    return ListKind(what, scope, needs or f"{what}/read", shape, on)


def _read(row: ListKind, shows: Purpose, api_versions: tuple[str, ...] = (), found: Found = Found.LISTED) -> ListKind:
    """Return the row of a list with what its reader is made from."""
    return msgspec.structs.replace(row, shows=shows, found=found, api_versions=api_versions)


def _use(what: str, *api_versions: str, found: Found = Found.LISTED) -> ListKind:
    """Return a list of a subscription that shows other uses of workspaces."""
    return _read(_arm(what), Purpose.USES, api_versions, found)


def _use_of_one(what: str, *api_versions: str, also: tuple[str, ...] = (), shape: ListShape | None = None) -> ListKind:
    """Return a list of one workspace that shows other uses of it."""
    return _read(_arm(what, ScopeKind.RESOURCE, on=_WORKSPACE, also=also, shape=shape), Purpose.USES, api_versions)


def _site(what: str) -> ListKind:
    """Return the list of a subscription's sites of one kind, each of which is read.

    Only the newer api-version returns several appliances of one site, and appliances that are Arc machines.
    """
    return _read(_arm(what), Purpose.DISCOVERY, ("2024-12-01-preview", "2020-07-07"), Found.ONE_BY_ONE)


def _source(site: str, child: str, needs: str = "") -> ListKind:
    """Return a list of a site's discovery sources, whose `errors` are what the appliance reported."""
    row = _arm(f"{site}/{child}", ScopeKind.RESOURCE, needs=needs, on=(site,))
    return _read(row, Purpose.DISCOVERY, ("2020-07-07",))


def _machines(parent: str, child: str, *api_versions: str, needs: str = "", also: tuple[str, ...] = ()) -> ListKind:
    """Return a list of machines, or one that leads to them, of one resource."""
    row = _arm(f"{parent}/{child}", ScopeKind.RESOURCE, on=(parent,), needs=needs, also=also)
    return _read(row, Purpose.MACHINES, api_versions)


def _left(what: str, *api_versions: str, found: Found = Found.AMONG_ALL, needs: str = "") -> ListKind:
    """Return a list of a subscription that shows what a project may have left behind."""
    return _read(_arm(what, needs=needs), Purpose.REMAINS, api_versions, found)


def _left_in(parent: str, child: str, *api_versions: str, items: str = "") -> ListKind:
    """Return a list of what is in one resource that a project may have left; `items` is the path of deeper types."""
    also = (f"{parent}/{items}",) if items else ()
    row = _arm(f"{parent}/{child}", ScopeKind.RESOURCE, on=(parent,), also=also)
    return _read(row, Purpose.REMAINS, api_versions)


def _in_either_form(child: str) -> ListShape:
    """Return the shape of a list of a workspace that Azure publishes as a bare array and also returns in an object."""
    kinds = (f"{WORKSPACES}/{child}", f"Microsoft.OperationalInsights/{child}")
    return msgspec.structs.replace(resources(*kinds, children=True), maybe_bare=True)


_WORKSPACE = (WORKSPACES,)
_PROJECT = (PROJECTS,)
_REPLICATION = "replicationFabrics/replicationProtectionContainers"

USER = "#microsoft.graph.user"
GROUP = "#microsoft.graph.group"
SERVICE_PRINCIPAL = "#microsoft.graph.servicePrincipal"
APPLICATION = "#microsoft.graph.application"
_POLICY = "#microsoft.graph.authorizationPolicy"
_CONDITIONAL_ACCESS = "#microsoft.graph.conditionalAccessPolicy"
_ROLE_INSTANCES = ListShape(texts=("id", "principalId", "roleDefinitionId"))
"""Directory roles that a principal holds or may activate."""

_KINDS = (
    _arm(TENANTS, ScopeKind.TENANT),
    _arm(SUBSCRIPTIONS, ScopeKind.TENANT),
    _arm(MANAGEMENT_GROUPS, ScopeKind.TENANT),
    _arm(
        DESCENDANTS,
        ScopeKind.RESOURCE,
        on=(MANAGEMENT_GROUPS,),
        also=("Microsoft.Management/managementGroups", "Microsoft.Resources/subscriptions", "/subscriptions"),
        shared=True,
    ),
    _arm(RESOURCE_GROUPS, needs="Microsoft.Resources/subscriptions/resourceGroups/read"),
    _arm(PROVIDERS, needs="Microsoft.Resources/subscriptions/providers/read"),
    _arm(ROLE_ASSIGNMENTS),
    _arm(ROLE_DEFINITIONS, shared=True),
    _arm(DENY_ASSIGNMENTS),
    _arm(ROLE_ELIGIBILITIES),
    _arm(ROLE_ACTIVATIONS),
    _arm(LOCKS),
    _arm(POLICY_ASSIGNMENTS),
    _arm(POLICY_EXEMPTIONS),
    _arm(DELEGATIONS),
    _arm(PROJECTS),
    _arm(SOLUTIONS, ScopeKind.RESOURCE, on=_PROJECT),
    # Microsoft.Migrate/projects/* is gone from the published operations.
    _arm(OLD_PROJECTS, needs=BY_READER),
    _arm(ASSESSMENT_PROJECTS),
    _left_in(ASSESSMENT_PROJECTS, "vmwarecollectors", "2019-10-01"),
    _left_in(ASSESSMENT_PROJECTS, "hypervcollectors", "2019-10-01"),
    _left_in(ASSESSMENT_PROJECTS, "servercollectors", "2019-10-01"),
    _machines(ASSESSMENT_PROJECTS, "groups", "2023-03-15", "2019-10-01"),
    _machines(ASSESSMENT_GROUPS, "assessments", "2023-03-15", "2019-10-01"),
    _machines(GROUP_ASSESSMENTS, "assessedMachines", "2023-03-15", "2019-10-01"),
    # In older versions, it contains the assessments of all groups.
    _machines(
        ASSESSMENT_PROJECTS,
        "assessments",
        "2024-03-03-preview",
        "2023-03-15",
        "2019-10-01",
        also=(GROUP_ASSESSMENTS,),
    ),
    _machines(ASSESSMENTS, "assessedMachines", "2024-03-03-preview"),
    *(_machines(site, "machines", "2023-06-06", "2020-01-01") for site in SITES_OF_MACHINES),
    _site(VMWARE_SITES),
    _site(HYPERV_SITES),
    _site(SERVER_SITES),
    _site(IMPORT_SITES),
    _site(MASTER_SITES),
    _source(VMWARE_SITES, "vCenters", needs=f"{VMWARE_SITES}/vcenters/read"),
    _source(HYPERV_SITES, "hosts"),
    _source(HYPERV_SITES, "clusters"),
    _arm(KEY_VAULTS),
    _arm(
        DELETED_KEY_VAULTS,
        needs="Microsoft.KeyVault/locations/deletedVaults/read",
        also=("Microsoft.KeyVault/locations/deletedVaults",),
    ),
    _left(RECOVERY_VAULTS),
    _left_in(RECOVERY_VAULTS, "replicationVaultSettings", "2023-08-01", "2021-08-01"),
    *(
        _left_in(RECOVERY_VAULTS, child, "2023-08-01", "2021-08-01", items=items)
        for child, items in (
            ("replicationMigrationItems", f"{_REPLICATION}/replicationMigrationItems"),
            ("replicationProtectedItems", f"{_REPLICATION}/replicationProtectedItems"),
            ("backupProtectedItems", "backupFabrics/protectionContainers/protectedItems"),
        )
    ),
    _left(STORAGE_ACCOUNTS),
    _left(PRIVATE_ENDPOINTS, "2024-05-01", "2020-05-01", found=Found.WHERE_PRESENT),
    # Only the body of a fabric names its project.
    _left(REPLICATION_FABRICS, "2024-09-01", "2021-02-16-preview", found=Found.ONE_BY_ONE),
    _left(PRIVATE_DNS_ZONES),
    _left(SERVICE_BUS),
    _left(REPLICATION_VAULTS),
    *(
        _left(what, needs="Microsoft.Resources/subscriptions/resources/read")  # no other list is asked for them
        for what in (DEPENDENCY_MAPS, *WORKLOAD_SITES)
    ),
    _arm(WORKSPACES),
    _arm(DELETED_WORKSPACES, also=_WORKSPACE),
    _use(CLUSTERS, "2023-09-01", "2022-10-01", "2021-06-01"),
    _arm(WORKSPACE_SOLUTIONS),
    _use("Microsoft.Insights/scheduledQueryRules", "2021-08-01"),
    _use("Microsoft.Insights/metricAlerts", "2018-03-01"),
    _use("Microsoft.Insights/dataCollectionRules", "2022-06-01", "2021-04-01"),
    _use("Microsoft.Insights/components", "2020-02-02"),
    _use("Microsoft.Network/networkWatchers/flowLogs", "2023-11-01", "2022-01-01", "2019-11-01"),
    _use("Microsoft.Network/networkWatchers/connectionMonitors", "2023-11-01", "2022-01-01", "2019-11-01"),
    _use(DEFENDER_SETTINGS, "2017-08-01-preview"),
    _use("Microsoft.Security/automations", "2019-01-01-preview", found=Found.WHERE_PRESENT),
    _use("Microsoft.App/managedEnvironments", "2024-03-01", "2023-05-01", "2022-03-01", found=Found.WHERE_PRESENT),
    _use("Microsoft.ContainerInstance/containerGroups", "2023-05-01", "2021-10-01", found=Found.WHERE_PRESENT),
    _use(
        "Microsoft.ContainerService/managedClusters",
        "2026-06-01",
        "2024-02-01",
        "2022-11-01",
        found=Found.WHERE_PRESENT,
    ),
    _use("Microsoft.Network/firewallPolicies", "2023-11-01", "2022-01-01", found=Found.WHERE_PRESENT),
    # Their list requires a category, and the categories are an open set.
    _use("Microsoft.Insights/workbooks", "2022-04-01", "2021-08-01", found=Found.ONE_BY_ONE),
    _arm(DIAGNOSTIC_SETTINGS, also=("AzureResourceManager/diagnosticSettings",)),
    _use_of_one(SENTINEL, "2024-03-01", "2023-02-01"),
    _use_of_one(f"{WORKSPACES}/linkedServices", "2020-08-01"),
    _use_of_one(f"{WORKSPACES}/linkedStorageAccounts", "2020-08-01"),
    _use_of_one(f"{WORKSPACES}/dataExports", "2020-08-01", also=("Microsoft.OperationalInsights/workspaces/export",)),
    _use_of_one(
        f"{WORKSPACES}/storageInsightConfigs",
        "2023-09-01",
        "2020-08-01",
        shape=_in_either_form("storageInsightConfigs"),
    ),
    _use_of_one(f"{WORKSPACES}/managementGroups", "2023-09-01", "2020-08-01"),
    _use_of_one(f"{WORKSPACES}/savedSearches", "2020-08-01", shape=_in_either_form("savedSearches")),
    _use_of_one(f"{WORKSPACES}/tables", "2023-09-01", "2022-10-01"),
    _use_of_one(f"{WORKSPACES}/summaryLogs", "2025-07-01", "2023-01-01-preview"),
    # The page is a bare array of items without ids.
    _use_of_one(
        f"{WORKSPACES}/intelligencePacks",
        "2020-08-01",
        shape=ListShape(
            types=frozenset({"", f"{WORKSPACES}/intelligencePacks".lower()}),
            texts=("name",),
            holds=("enabled",),
            bare=True,
        ),
    ),
    # One request per kind of data source.
    _arm(f"{WORKSPACES}/dataSources", ScopeKind.RESOURCE, on=_WORKSPACE),
    # One answer of the query API per workspace.
    _arm(
        INGESTION,
        ScopeKind.RESOURCE,
        needs="Microsoft.OperationalInsights/workspaces/query/read",
        on=_WORKSPACE,
    ),
    ListKind(
        ACTIVITY_LOG,
        ScopeKind.SUBSCRIPTION,
        "Microsoft.Insights/eventtypes/values/read",
        ListShape(texts=("eventTimestamp",), holds=("operationName",)),
    ),
    ListKind(AUTHORIZATION_POLICY, ScopeKind.TENANT, "Policy.Read.All", objects(_POLICY)),
    ListKind(CONDITIONAL_ACCESS_POLICIES, ScopeKind.TENANT, "Policy.Read.All", objects(_CONDITIONAL_ACCESS, "state")),
    ListKind(DELETED_APPLICATIONS, ScopeKind.TENANT, "Application.Read.All", objects(APPLICATION)),
    ListKind(DIRECTORY_OBJECTS, ScopeKind.TENANT, "Directory.Read.All", mixed_objects()),
    ListKind(USERS, ScopeKind.PRINCIPAL, "User.Read.All", objects(USER)),
    ListKind(GROUPS, ScopeKind.PRINCIPAL, "GroupMember.Read.All", objects(GROUP)),
    ListKind(
        MEMBERSHIPS,
        ScopeKind.PRINCIPAL,
        "GroupMember.Read.All",
        mixed_objects(GROUP, "#microsoft.graph.directoryRole", "#microsoft.graph.administrativeUnit"),
    ),
    ListKind(DIRECTORY_ROLES, ScopeKind.PRINCIPAL, "RoleManagement.Read.Directory", _ROLE_INSTANCES),
    # Read only for questions about access, so a YAML snapshot without `reads` does not imply them.
    ListKind(DIRECTORY_ELIGIBILITIES, ScopeKind.RESOURCE, "RoleEligibilitySchedule.Read.Directory", _ROLE_INSTANCES),
    ListKind(
        GROUP_ELIGIBILITIES,
        ScopeKind.RESOURCE,
        "PrivilegedEligibilitySchedule.Read.AzureADGroup",
        ListShape(texts=("id", "principalId", "groupId")),
    ),
    ListKind(
        GROUP_MEMBERS,
        ScopeKind.RESOURCE,
        "GroupMember.Read.All",
        mixed_objects(USER, GROUP, SERVICE_PRINCIPAL, "#microsoft.graph.device", "#microsoft.graph.orgContact"),
    ),
    ListKind(APPLICATIONS, ScopeKind.APPLICATION, "Application.Read.All", objects(APPLICATION, "appId")),
    ListKind(SERVICE_PRINCIPALS, ScopeKind.APPLICATION, "Application.Read.All", objects(SERVICE_PRINCIPAL, "appId")),
    ListKind(OWNERS, ScopeKind.APPLICATION, "Application.Read.All", objects(USER, also=(SERVICE_PRINCIPAL,))),
)

LISTS: dict[str, ListKind] = {kind.what.lower(): kind for kind in _KINDS}
"""Every list by its name in lower case."""


ANY_RESOURCE = ListShape(texts=("id", "type"))
"""The shape of the list of all resources of a subscription."""

_PERMISSIONS = ListShape(texts=(), holds=("actions",))
"""Permission objects have neither ids nor types."""


def shape_of(what: str) -> ListShape:
    """Return the shape of the list `what`; a list not in the catalogue contains resources of its own type."""
    kind = LISTS.get(what.lower())
    if kind is not None:
        return kind.shape
    return _PERMISSIONS if what.lower() == "microsoft.authorization/permissions" else resources(what)


def needs_of(what: str) -> str | None:
    """Return the permission for reading `what`; for an ARM list not in the catalogue `<what>/read`."""
    kind = LISTS.get(what.lower())
    if kind is not None:
        return kind.needs
    return f"{what}/read" if what.lower().startswith("microsoft.") else None
