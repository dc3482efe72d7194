"""What came into a workspace over the last 31 days, by data type: asked of the query API, kept as one record."""

from typing import TYPE_CHECKING

from auditor.azure.errors import ReadFailed
from auditor.collect.reading import gap_of
from auditor.collect.recording import Recording
from auditor.collect.workspace_uses import INGESTION
from auditor.inventory.reads import NOT_READ, Gap
from auditor.inventory.resources.loganalytics import Workspace

if TYPE_CHECKING:
    from auditor.azure.log_analytics import LogAnalytics

QUERY = "Usage | where TimeGenerated > ago(31d) | summarize max(TimeGenerated), sum(Quantity) by DataType"
"""By data type, when it last came and how much of it, in MB; the table tells of unbilled data as well."""


async def read_ingestion(logs: "LogAnalytics", recording: Recording, workspace: Workspace) -> None:
    """Record the answer as a resource below the workspace, with the tables as they came."""
    what, scope = INGESTION.what, workspace.id
    recording.plan(what, scope)
    customer = workspace.properties.customer_id
    if not customer:
        recording.gap(Gap(what, scope, 0, NOT_READ, "its body does not tell the id that the query API knows it by"))
        return
    try:
        answer = await logs.query(customer, QUERY)
    except ReadFailed as failure:
        recording.gap(gap_of(what, scope, INGESTION.needs[0], failure))
        return
    identity = f"{scope}/providers/{what}/last31days"
    recording.arm({"id": identity, "type": what, "name": "last31days", "properties": answer}, what, scope)
    recording.complete(what, scope, 1)
