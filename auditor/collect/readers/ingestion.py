"""The ingestion of a workspace: the data types it received, read from the query API."""

from typing import TYPE_CHECKING

from auditor.azure.errors import ReadFailed
from auditor.collect.readers.workspace_uses import INGESTION
from auditor.collect.recording import Recording
from auditor.inventory.reads import NOT_READ, Gap
from auditor.inventory.resources.ingestion import (
    ASKED_DAYS,
    LAST_31_DAYS,
    WHOLE_RETENTION,
    days_kept,
    newest_by_type,
    record_id,
)
from auditor.inventory.resources.loganalytics import Workspace

if TYPE_CHECKING:
    from auditor.azure.log_analytics import LogAnalyticsClient

QUERY = "Usage | where TimeGenerated > ago({days}d) | summarize max(TimeGenerated), sum(Quantity) by DataType"
"""For each data type the newest time and the amount in MB; the table includes unbilled data.

The table `Usage` is kept as long as the workspace keeps its data, and for 90 days at least, so that asking it for the
whole retention shows what older data the workspace may still hold.
"""


async def read_ingestion(logs: "LogAnalyticsClient", recording: Recording, workspace: Workspace) -> None:
    """Record the answers, with their tables unchanged, as resources below the workspace.

    The second question is asked where the workspace keeps data for more than 31 days, or does not say for how long. An
    incomplete answer is a gap: only an empty table proves that nothing was received.
    """
    what, scope = INGESTION.what, workspace.id
    recording.plan(what, scope)
    customer = workspace.properties.customer_id
    if not customer:
        recording.gap(Gap(what, scope, 0, NOT_READ, "its body has no `customerId`, by which the query API knows it"))
        return
    periods = {LAST_31_DAYS: ASKED_DAYS}
    if (days := days_kept(workspace.properties.retention_in_days)) > ASKED_DAYS:
        periods[WHOLE_RETENTION] = days
    for name, period in periods.items():
        try:
            answer = await _answer(logs, customer, period)
        except ReadFailed as failure:
            # Without the permission, the API sometimes answers that the workspace does not exist.
            needs = INGESTION.needs[0] if failure.status in {401, 403, 404} else None
            recording.gap(Gap(what, scope, failure.status, failure.code, failure.message, needs))
            return
        recording.arm({"id": record_id(scope, name), "type": what, "name": name, "properties": answer}, what, scope)
    recording.complete(what, scope, len(periods))


async def _answer(logs: "LogAnalyticsClient", customer: str, days: int) -> dict[str, object]:
    answer = await logs.query(customer, QUERY.format(days=days))
    try:
        newest_by_type(answer)
    except ValueError as wrong:
        raise ReadFailed(200, "UnexpectedShape", str(wrong), "") from wrong
    return answer
