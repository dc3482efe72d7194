"""The lists of Log Analytics workspaces, live and soft-deleted, and of the solutions installed on them."""

from typing import Any

from auditor.collect.listing import Feature, Keep, Listing, Rest, Sdk
from auditor.inventory import lists as list_names
from auditor.inventory.lists import WORKSPACE_SOLUTIONS

WORKSPACES = Listing(
    what=list_names.WORKSPACES,
    feature=Feature.WORKSPACES,
    source=Rest(
        "{scope}/providers/Microsoft.OperationalInsights/workspaces", ("2025-02-01", "2023-09-01", "2022-10-01")
    ),
)


def _client() -> type[Any]:
    from azure.mgmt.loganalytics.aio import LogAnalyticsManagementClient

    return LogAnalyticsManagementClient


DELETED_WORKSPACES = Listing(
    what=list_names.DELETED_WORKSPACES,
    feature=Feature.WORKSPACES,
    source=Sdk(_client, "deleted_workspaces.list", ("2025-07-01", "2025-02-01", "2023-09-01", "2022-10-01")),
    keep=Keep.DELETED,
)

SOLUTIONS = Listing(
    what=WORKSPACE_SOLUTIONS,
    feature=Feature.WORKSPACES,
    source=Rest("{scope}/providers/Microsoft.OperationsManagement/solutions", ("2015-11-01-preview",)),
)
