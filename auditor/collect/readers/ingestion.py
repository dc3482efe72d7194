"""What came into a workspace over the last 31 days, by data type: asked of the query API, kept as one record."""

from typing import TYPE_CHECKING

from auditor.azure.errors import ReadFailed
from auditor.collect.readers.workspace_uses import INGESTION
from auditor.collect.recording import Recording
from auditor.inventory.reads import NOT_READ, Gap
from auditor.inventory.resources.ingestion import newest_by_type, record_id
from auditor.inventory.resources.loganalytics import Workspace

if TYPE_CHECKING:
    from auditor.azure.log_analytics import LogAnalyticsClient

QUERY = "Usage | where TimeGenerated > ago(31d) | summarize max(TimeGenerated), sum(Quantity) by DataType"
"""By data type, when it last came and how much of it, in MB; the table tells of unbilled data as well."""


async def read_ingestion(logs: "LogAnalyticsClient", recording: Recording, workspace: Workspace) -> None:
    """Record the answer as a resource below the workspace, with the tables as they came.

    What is no whole answer to the query is a gap: that nothing came in is told by an empty table alone.
    """
    what, scope = INGESTION.what, workspace.id
    recording.plan(what, scope)
    customer = workspace.properties.customer_id
    if not customer:
        recording.gap(Gap(what, scope, 0, NOT_READ, "its body does not tell the id that the query API knows it by"))
        return
    try:
        answer = await _answer(logs, customer)
    except ReadFailed as failure:
        # To whoever has no right, the API says at times that there is no such workspace.
        needs = INGESTION.needs[0] if failure.status in {401, 403, 404} else None
        recording.gap(Gap(what, scope, failure.status, failure.code, failure.message, needs))
        return
    recording.arm({"id": record_id(scope), "type": what, "name": "last31days", "properties": answer}, what, scope)
    recording.complete(what, scope, 1)


async def _answer(logs: "LogAnalyticsClient", customer: str) -> dict[str, object]:
    answer = await logs.query(customer, QUERY)
    try:
        newest_by_type(answer)
    except ValueError as wrong:
        raise ReadFailed(200, "UnexpectedShape", str(wrong), "") from wrong
    return answer
