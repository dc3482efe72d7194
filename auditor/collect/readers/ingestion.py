"""The ingestion of a workspace: the data types received in the last 31 days, read from the query API."""

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
"""For each data type the newest time and the amount in MB; the table includes unbilled data."""


async def read_ingestion(logs: "LogAnalyticsClient", recording: Recording, workspace: Workspace) -> None:
    """Record the answer, with its tables unchanged, as a resource below the workspace.

    An incomplete answer is a gap: only an empty table proves that nothing was received.
    """
    what, scope = INGESTION.what, workspace.id
    recording.plan(what, scope)
    customer = workspace.properties.customer_id
    if not customer:
        recording.gap(Gap(what, scope, 0, NOT_READ, "its body has no `customerId`, by which the query API knows it"))
        return
    try:
        answer = await _answer(logs, customer)
    except ReadFailed as failure:
        # Without the permission, the API sometimes answers that the workspace does not exist.
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
