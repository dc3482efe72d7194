"""The ARM types that the emulator knows: their documented names, their api-versions, and the form of their lists.

This is a statement about Azure of its own: the readers have another one, so that a mistake in either shows.

A type that is not in this table is served if the snapshot contains a resource of it, in every api-version.
"""

import re
from dataclasses import dataclass

_VERSION = re.compile(r"\d{4}-\d\d-\d\d(-(preview|alpha|beta|privatepreview))?", re.IGNORECASE)
_LATEST = "2027-12-31"


@dataclass(frozen=True, slots=True)
class ArmType:
    """One ARM type.

    `versions` are the existing api-versions, for types where a wrong one matters; for others, every well-formed version
    from `first` to `last` is accepted. `later` are the paths of properties that older versions do not return, each with
    the first version that does. `paged` says whether Azure pages the list, `bare` whether it has no envelope,
    `through_parents` whether a subscription has no list of it: its parents are listed, and each is asked. `items` is
    the type of the items where their ids are deeper than the list. With `sized`, a request may ask for the number of
    items in a page (`pageSize`), and the next link has a `continuationToken`.
    """

    name: str
    first: str = "2014-04-01"
    last: str = _LATEST
    versions: tuple[str, ...] = ()
    later: tuple[tuple[str, str], ...] = ()
    paged: bool = True
    bare: bool = False
    through_parents: bool = False
    items: str = ""
    sized: bool = False

    def supports(self, version: str) -> bool:
        """Return whether the type exists in `version`."""
        if self.versions:
            return version.lower() in self.versions
        return is_version(version) and self.first[:10] <= version[:10] <= self.last[:10]

    @property
    def supported(self) -> str:
        """The supported versions in the form of ARM's error messages."""
        return ", ".join(self.versions or (self.first, self.last if self.last != _LATEST else "2025-07-01"))

    def missing(self, version: str) -> tuple[str, ...]:
        """Return the paths of the properties that Azure does not return in `version`."""
        return tuple(path for path, since in self.later if order(version) < order(since))


def is_version(text: str) -> bool:
    """Return whether `text` has the form of an api-version."""
    return _VERSION.fullmatch(text) is not None


def order(version: str) -> tuple[str, bool]:
    """Return the sort key of an api-version: by date, a preview before the final version of that date."""
    return version[:10], len(version) == len("2020-01-01")


_MIGRATE_PROJECT = ("2018-09-01-preview", "2020-05-01", "2020-06-01-preview", "2023-01-01")
_ASSESSMENT = (
    "2018-06-30-preview", "2019-05-01", "2019-10-01", "2020-01-01", "2020-05-01-preview", "2022-02-02-preview",
    "2023-03-03", "2023-03-15", "2023-04-01-preview", "2023-05-01-preview", "2023-09-09-preview",
    "2024-01-01-preview", "2024-01-15", "2024-03-03-preview", "2025-09-09-preview",
)  # fmt: skip
_WITH_GROUPS = _ASSESSMENT[: _ASSESSMENT.index("2024-03-03-preview")]
_WITHOUT_GROUPS = _ASSESSMENT[_ASSESSMENT.index("2024-03-03-preview") :]
_SITE = (
    "2018-05-01-preview", "2019-05-01-preview", "2019-06-06", "2020-01-01", "2020-01-01-preview", "2020-07-07",
    "2020-08-01-preview", "2020-11-11-preview", "2022-10-27", "2023-06-06", "2023-10-01-preview",
    "2024-05-01-preview", "2024-12-01-preview",
)  # fmt: skip

_RECOVERY = "Microsoft.RecoveryServices/vaults"
_CONTAINER = f"{_RECOVERY}/replicationFabrics/replicationProtectionContainers"
_KEY_VAULT = (
    "2014-12-19-preview", "2015-06-01", "2016-10-01", "2018-02-14-preview", "2018-02-14", "2019-09-01",
    "2020-04-01-preview", "2021-04-01-preview", "2021-06-01-preview", "2021-10-01", "2021-11-01-preview",
    "2022-02-01-preview", "2022-07-01", "2022-11-01", "2023-02-01", "2023-07-01", "2024-04-01-preview", "2024-11-01",
    "2024-12-01-preview", "2025-05-01", "2026-02-01", "2026-03-01-preview", "2026-05-15",
)  # fmt: skip
_LOG_ANALYTICS = (
    "2015-03-20", "2015-11-01-preview", "2017-01-01-preview", "2017-03-03-preview", "2017-03-15-preview",
    "2017-04-26-preview", "2020-03-01-preview", "2020-08-01", "2020-10-01", "2021-06-01", "2021-12-01-preview",
    "2022-10-01", "2023-09-01", "2025-02-01", "2025-07-01",
)  # fmt: skip
_ALERT_RULE = (
    "2018-04-16", "2020-05-01-preview", "2021-02-01-preview", "2021-08-01", "2022-06-15", "2022-08-01-preview",
    "2023-03-15-preview", "2023-12-01", "2024-01-01-preview", "2025-01-01-preview",
)  # fmt: skip
_COLLECTION_RULE = (
    "2019-11-01-preview", "2021-04-01", "2021-09-01-preview", "2022-06-01", "2023-03-11", "2024-03-11",
)  # fmt: skip
_COMPONENT = (
    "2014-04-01", "2014-08-01", "2014-12-01-preview", "2015-05-01", "2018-05-01-preview", "2020-02-02-preview",
    "2020-02-02",
)  # fmt: skip
_SINCE_2020 = _LOG_ANALYTICS[_LOG_ANALYTICS.index("2020-03-01-preview") :]

_RESOURCE_GRAPH = (
    "2018-09-01-preview", "2019-04-01", "2020-04-01-preview", "2021-03-01", "2021-06-01-preview", "2022-10-01",
    "2024-04-01",
)  # fmt: skip

_PRIVATE_PROJECT = (
    ("identity", "2020-05-01"),
    ("properties.publicNetworkAccess", "2020-05-01"),
    ("properties.utilityStorageAccountId", "2020-05-01"),
    ("properties.privateEndpointConnections", "2020-05-01"),
)
_SEVERAL_APPLIANCES = (
    ("properties.siteAppliancePropertiesCollection", "2024-12-01-preview"),
    ("properties.discoveryScenario", "2024-12-01-preview"),
    ("properties.servicePrincipalIdentityDetails.machineResourceId", "2024-12-01-preview"),
)
_GROUP_PROPERTIES = (
    ("properties.groupType", "2020-05-01-preview"),
    ("properties.supportedAssessmentTypes", "2022-02-02-preview"),
)
_ASSESSMENT_PROPERTIES = (
    ("properties.azureDiskTypes", "2020-05-01-preview"),
    ("properties.suitabilitySummary", "2020-05-01-preview"),
    ("properties.distributionBySupportStatus", "2023-03-03"),
    ("properties.assessmentErrorSummary", "2023-03-03"),
    ("properties.assessmentType", "2020-05-01-preview"),
    ("properties.groupType", "2020-05-01-preview"),
)
_MACHINE_PROPERTIES = (
    ("properties.operatingSystemArchitecture", "2020-05-01-preview"),
    ("properties.productSupportStatus", "2023-03-03"),
    ("properties.errors", "2020-05-01-preview"),
)
_VAULT_PROPERTIES = (
    ("properties.networkAcls", "2018-02-14-preview"),
    ("properties.privateEndpointConnections", "2019-09-01"),
    ("properties.enableRbacAuthorization", "2019-09-01"),
    ("properties.publicNetworkAccess", "2021-06-01-preview"),
)
_WORKSPACE_PROPERTIES = (
    ("properties.privateLinkScopedResources", "2020-08-01"),
    ("properties.features.clusterResourceId", "2020-08-01"),
    ("properties.defaultDataCollectionRuleResourceId", "2021-12-01-preview"),
    ("properties.replication", "2025-02-01"),
)
_WORKSPACE_BASED = (("properties.WorkspaceResourceId", "2020-02-02-preview"),)
_CONDITIONS = (("properties.condition", "2020-03-01-preview"), ("properties.conditionVersion", "2020-03-01-preview"))

_WORKSPACE = "Microsoft.OperationalInsights/workspaces"

_TYPES = (
    ArmType("Microsoft.Resources/tenants", "2016-06-01"),
    ArmType("Microsoft.Resources/subscriptions"),
    ArmType("Microsoft.Resources/locations", paged=False),
    ArmType("Microsoft.Resources/resourceGroups"),
    ArmType("Microsoft.Resources/resources"),
    ArmType("Microsoft.Resources/providers"),
    ArmType("Microsoft.Management/managementGroups", "2017-11-01-preview"),
    ArmType("Microsoft.Management/managementGroups/descendants", "2018-03-01-preview"),
    ArmType("Microsoft.Management/managementGroups/subscriptions", "2020-05-01"),
    ArmType("Microsoft.Authorization/roleAssignments", "2014-04-01-preview", later=_CONDITIONS),
    ArmType("Microsoft.Authorization/roleDefinitions", "2015-06-01"),
    ArmType("Microsoft.Authorization/denyAssignments", "2018-07-01-preview"),
    ArmType("Microsoft.Authorization/permissions", "2015-06-01"),
    ArmType("Microsoft.Authorization/classicAdministrators", "2015-06-01", "2015-07-01"),
    ArmType("Microsoft.Authorization/roleEligibilityScheduleInstances", "2020-10-01"),
    ArmType("Microsoft.Authorization/roleAssignmentScheduleInstances", "2020-10-01"),
    ArmType("Microsoft.Authorization/roleEligibilitySchedules", "2020-10-01"),
    ArmType("Microsoft.Authorization/roleAssignmentSchedules", "2020-10-01"),
    ArmType("Microsoft.Authorization/locks", "2015-01-01"),
    ArmType("Microsoft.Authorization/policyAssignments", "2015-10-01-preview"),
    ArmType("Microsoft.Authorization/policyExemptions", "2020-07-01-preview"),
    ArmType("Microsoft.Authorization/policyDefinitions", "2015-10-01-preview"),
    ArmType("Microsoft.Authorization/policySetDefinitions", "2017-06-01-preview"),
    ArmType("Microsoft.ManagedServices/registrationAssignments", "2018-06-01-preview"),
    ArmType("Microsoft.ManagedServices/registrationDefinitions", "2018-06-01-preview"),
    ArmType("Microsoft.Migrate/migrateProjects", versions=_MIGRATE_PROJECT, later=_PRIVATE_PROJECT),
    ArmType("Microsoft.Migrate/migrateProjects/solutions", versions=_MIGRATE_PROJECT),
    ArmType("Microsoft.Migrate/migrateProjects/migrateEvents", versions=("2018-09-01-preview",)),
    ArmType("Microsoft.Migrate/projects", versions=("2017-11-11-preview", "2018-02-02"), paged=False),
    ArmType("Microsoft.Migrate/assessmentProjects", versions=_ASSESSMENT),
    *(
        ArmType(f"Microsoft.Migrate/assessmentProjects/{child}", versions=_ASSESSMENT, paged=False)
        for child in ("vmwarecollectors", "hypervcollectors", "servercollectors", "importcollectors")
    ),
    ArmType("Microsoft.Migrate/assessmentProjects/groups", versions=_WITH_GROUPS, later=_GROUP_PROPERTIES),
    ArmType(
        "Microsoft.Migrate/assessmentProjects/groups/assessments", versions=_WITH_GROUPS, later=_ASSESSMENT_PROPERTIES
    ),
    ArmType(
        "Microsoft.Migrate/assessmentProjects/groups/assessments/assessedMachines",
        versions=_WITH_GROUPS,
        later=_MACHINE_PROPERTIES,
        sized=True,
    ),
    ArmType("Microsoft.Migrate/assessmentProjects/assessments", versions=_ASSESSMENT),
    ArmType("Microsoft.Migrate/assessmentProjects/assessments/assessedMachines", versions=_WITHOUT_GROUPS, sized=True),
    *(
        ArmType(f"Microsoft.OffAzure/{site}/machines", versions=_SITE, sized=True)
        for site in ("VMwareSites", "HyperVSites", "ServerSites", "ImportSites")
    ),
    *(
        ArmType(f"Microsoft.OffAzure/{site}", versions=_SITE, later=_SEVERAL_APPLIANCES)
        for site in ("VMwareSites", "HyperVSites", "ServerSites", "ImportSites", "MasterSites")
    ),
    *(
        ArmType(f"Microsoft.OffAzure/{child}", versions=_SITE)
        for child in ("VMwareSites/vCenters", "HyperVSites/hosts", "HyperVSites/clusters")
    ),
    ArmType("Microsoft.KeyVault/vaults", versions=_KEY_VAULT, later=_VAULT_PROPERTIES),
    ArmType("Microsoft.KeyVault/deletedVaults", versions=_KEY_VAULT[2:]),
    ArmType("Microsoft.KeyVault/managedHSMs", "2020-04-01-preview"),
    ArmType("Microsoft.KeyVault/deletedManagedHSMs", "2021-04-01-preview"),
    ArmType("Microsoft.KeyVault/locations/deletedManagedHSMs", "2021-04-01-preview"),
    ArmType(_WORKSPACE, versions=_LOG_ANALYTICS, later=_WORKSPACE_PROPERTIES, paged=False),
    ArmType(
        "Microsoft.OperationalInsights/deletedWorkspaces",
        versions=_SINCE_2020,
        later=_WORKSPACE_PROPERTIES,
        paged=False,
    ),
    ArmType("Microsoft.OperationalInsights/clusters", versions=("2019-08-01-preview", *_SINCE_2020)),
    ArmType(f"{_WORKSPACE}/intelligencePacks", versions=_LOG_ANALYTICS[1:], paged=False, bare=True),
    ArmType(f"{_WORKSPACE}/dataSources", versions=_LOG_ANALYTICS[1:]),
    ArmType(f"{_WORKSPACE}/storageInsightConfigs", versions=_LOG_ANALYTICS),
    ArmType(f"{_WORKSPACE}/summaryLogs", "2023-01-01-preview"),
    *(
        ArmType(f"{_WORKSPACE}/{child}", versions=_LOG_ANALYTICS, paged=False)
        for child in (
            "linkedServices",
            "linkedStorageAccounts",
            "dataExports",
            "managementGroups",
            "savedSearches",
            "tables",
            "usages",
        )
    ),
    ArmType("Microsoft.OperationsManagement/solutions", versions=("2015-11-01-preview",), paged=False),
    ArmType("Microsoft.SecurityInsights/onboardingStates", "2021-03-01-preview", paged=False),
    ArmType("Microsoft.Insights/scheduledQueryRules", versions=_ALERT_RULE),
    ArmType(
        "Microsoft.Insights/metricAlerts",
        versions=("2017-09-01-preview", "2018-03-01", "2024-03-01-preview"),
        paged=False,
    ),
    ArmType("Microsoft.Insights/dataCollectionRules", versions=_COLLECTION_RULE),
    ArmType("Microsoft.Insights/dataCollectionRuleAssociations", versions=_COLLECTION_RULE),
    ArmType("Microsoft.Insights/components", versions=_COMPONENT, later=_WORKSPACE_BASED),
    ArmType(
        "Microsoft.Insights/diagnosticSettings",
        versions=("2015-07-01", "2016-09-01", "2017-05-01-preview", "2021-05-01-preview"),
        paged=False,
    ),
    ArmType("Microsoft.Insights/eventtypes/values", "2014-04-01"),
    ArmType("Microsoft.Insights/privateLinkScopes", "2019-10-17-preview"),
    ArmType("Microsoft.Insights/workbooks", "2015-05-01"),
    ArmType("Microsoft.RecoveryServices/vaults", "2016-06-01"),
    ArmType(f"{_RECOVERY}/replicationVaultSettings", "2016-06-01"),
    ArmType(f"{_RECOVERY}/replicationMigrationItems", "2016-06-01", items=f"{_CONTAINER}/replicationMigrationItems"),
    ArmType(f"{_RECOVERY}/replicationProtectedItems", "2016-06-01", items=f"{_CONTAINER}/replicationProtectedItems"),
    ArmType(
        f"{_RECOVERY}/backupProtectedItems",
        "2016-06-01",
        items=f"{_RECOVERY}/backupFabrics/protectionContainers/protectedItems",
    ),
    ArmType("Microsoft.DataReplication/replicationVaults", "2021-02-16-preview"),
    ArmType("Microsoft.DataReplication/replicationFabrics", "2021-02-16-preview"),
    ArmType("Microsoft.DependencyMap/maps", "2025-01-31-preview"),
    ArmType("Microsoft.ApplicationMigration/discoveryHubs"),
    ArmType("Microsoft.ApplicationMigration/MongoSites"),
    ArmType("Microsoft.ApplicationMigration/PGSQLSites"),
    ArmType("Microsoft.MySQLDiscovery/MySQLSites"),
    ArmType("Microsoft.Network/privateDnsZones", "2018-09-01"),
    ArmType("Microsoft.Storage/storageAccounts", "2015-05-01-preview"),
    ArmType("Microsoft.Network/privateEndpoints", "2018-08-01"),
    ArmType("Microsoft.Network/virtualNetworks"),
    ArmType("Microsoft.Network/networkWatchers", "2016-09-01", paged=False),
    ArmType("Microsoft.Network/networkWatchers/flowLogs", "2019-11-01", through_parents=True),
    ArmType("Microsoft.Network/networkWatchers/connectionMonitors", "2017-10-01", paged=False, through_parents=True),
    ArmType("Microsoft.Network/firewallPolicies", "2019-06-01"),
    ArmType("Microsoft.App/managedEnvironments", "2022-01-01-preview"),
    ArmType("Microsoft.ContainerInstance/containerGroups", "2017-08-01-preview"),
    ArmType("Microsoft.ContainerService/managedClusters", "2017-08-31"),
    ArmType("Microsoft.Security/workspaceSettings", "2017-08-01-preview"),
    ArmType("Microsoft.Security/automations", "2019-01-01-preview"),
    ArmType("Microsoft.Compute/virtualMachines", "2015-06-15"),
    ArmType("Microsoft.HybridCompute/machines", "2018-04-01-preview"),
    ArmType("Microsoft.ManagedIdentity/userAssignedIdentities", "2015-08-31-preview"),
    ArmType("Microsoft.Automation/automationAccounts", "2015-10-31"),
    ArmType("Microsoft.ServiceBus/namespaces", "2015-08-01"),
    ArmType("Microsoft.ResourceGraph/resources", versions=_RESOURCE_GRAPH),
)

BY_TYPE: dict[str, ArmType] = {type_.name.lower(): type_ for type_ in _TYPES}
"""All types by their name in lower case."""

NAMESPACES: dict[str, str] = {type_.name.partition("/")[0].lower(): type_.name.partition("/")[0] for type_ in _TYPES}
"""The documented names of the provider namespaces, by their name in lower case."""
