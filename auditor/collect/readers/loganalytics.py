"""Log Analytics workspaces, soft-deleted ones, and the solutions installed on them."""

from typing import Any

from auditor.collect.listing import Feature, Keep, Listing, Rest, Sdk

WORKSPACES = Listing(
    what="Microsoft.OperationalInsights/workspaces",
    feature=Feature.WORKSPACES,
    source=Rest("{scope}/providers/Microsoft.OperationalInsights/workspaces", "2023-09-01"),
)


def _client() -> type[Any]:
    from azure.mgmt.loganalytics.aio import LogAnalyticsManagementClient

    return LogAnalyticsManagementClient


DELETED_WORKSPACES = Listing(
    what="Microsoft.OperationalInsights/deletedWorkspaces",
    feature=Feature.WORKSPACES,
    source=Sdk(_client, "deleted_workspaces.list"),
    keep=Keep.DELETED,
)

SOLUTIONS = Listing(
    what="Microsoft.OperationsManagement/solutions",
    feature=Feature.WORKSPACES,
    source=Rest("{scope}/providers/Microsoft.OperationsManagement/solutions", "2015-11-01-preview"),
)
