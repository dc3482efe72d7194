"""What a workspace of Azure Migrate may serve besides: asked only where there is one, for the answers cost requests."""

from auditor.collect.listing import Feature, Listing, Rest
from auditor.inventory import lists as list_names
from auditor.inventory.lists import CLUSTERS, WORKSPACES


def _child(name: str, api_version: str) -> Listing:
    return Listing(
        what=f"{WORKSPACES}/{name}",
        feature=Feature.WORKSPACE_USES,
        source=Rest(f"{{scope}}/{name}", api_version),
        below=True,
    )


SENTINEL = Listing(
    what=list_names.SENTINEL,
    feature=Feature.WORKSPACE_USES,
    source=Rest("{scope}/providers/Microsoft.SecurityInsights/onboardingStates", "2024-03-01"),
    empty_said="workspace '{name}' is not onboarded to microsoft sentinel",
    below=True,
)

PER_WORKSPACE: tuple[Listing, ...] = (
    SENTINEL,
    _child("intelligencePacks", "2020-08-01"),
    _child("linkedServices", "2020-08-01"),
    _child("linkedStorageAccounts", "2020-08-01"),
    _child("dataExports", "2020-08-01"),
    _child("storageInsightConfigs", "2023-09-01"),
    _child("managementGroups", "2023-09-01"),
    _child("savedSearches", "2020-08-01"),
    _child("tables", "2023-09-01"),
)
"""Asked of each such workspace."""

DATA_SOURCE_KINDS = (
    "WindowsEvent",
    "WindowsPerformanceCounter",
    "IISLogs",
    "LinuxSyslog",
    "LinuxSyslogCollection",
    "LinuxPerformanceObject",
    "LinuxPerformanceCollection",
    "CustomLog",
    "CustomLogCollection",
    "AzureAuditLog",
    "AzureActivityLog",
    "ApplicationInsights",
    "ImportComputerGroup",
)
"""The kinds of data sources that people set up; the others come with a solution, and that is a check of its own."""


def data_sources(kind: str) -> Listing:
    """Return the list of a workspace's data sources of one kind: Azure answers no question without a kind."""
    return Listing(
        what=f"{WORKSPACES}/dataSources",
        feature=Feature.WORKSPACE_USES,
        source=Rest("{scope}/dataSources", "2020-08-01", {"$filter": f"kind eq '{kind}'"}),
        below=True,
    )


def _insights(name: str, api_version: str) -> Listing:
    return Listing(
        what=f"Microsoft.Insights/{name}",
        feature=Feature.WORKSPACE_USES,
        source=Rest(f"{{scope}}/providers/Microsoft.Insights/{name}", api_version),
    )


PER_SUBSCRIPTION: tuple[Listing, ...] = (
    _insights("scheduledQueryRules", "2021-08-01"),
    _insights("metricAlerts", "2018-03-01"),
    _insights("dataCollectionRules", "2022-06-01"),
    _insights("components", "2020-02-02"),
    Listing(
        what=CLUSTERS,
        feature=Feature.WORKSPACE_USES,
        source=Rest("{scope}/providers/Microsoft.OperationalInsights/clusters", "2023-09-01"),
    ),
)
"""Asked of every subscription in scope once there is such a workspace anywhere: each may point across subscriptions."""

DIAGNOSTIC_SETTINGS = Listing(
    what=list_names.DIAGNOSTIC_SETTINGS,
    feature=Feature.DEEP,
    source=Rest("{scope}/providers/Microsoft.Insights/diagnosticSettings", "2021-05-01-preview"),
    empty_on=frozenset({"resourcetypenotsupported"}),
    also_needs=("Microsoft.Resources/subscriptions/resources/read",),
    below=True,
)
"""Asked of a subscription and of each resource in it: there is no list of the settings that point at a workspace.

`ResourceTypeNotSupported` is what Azure Monitor answers for a type that cannot have settings; no other refusal says so.
"""

INGESTION = Listing(
    what=list_names.INGESTION,
    feature=Feature.DEEP,
    source=Rest("{scope}/query", "v1"),
    also_needs=("Microsoft.OperationalInsights/workspaces/query/Usage/read",),
)
"""Asked of the query API, which is none of Resource Manager's; stated here for its rights."""
