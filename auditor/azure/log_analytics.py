"""The client of the Log Analytics query API, which needs its own token and its own permission."""

from functools import partial
from typing import Any

from auditor.azure.errors import ReadFailed
from auditor.azure.paging import holds_error
from auditor.azure.wire import Wire, object_of


class LogAnalyticsClient:
    """The read-only client of workspaces, identified by their `customerId`; a query is posted, but changes nothing."""

    def __init__(self, wire: Wire | None) -> None:
        self._wire = wire

    async def query(self, customer_id: str, text: str) -> dict[str, Any]:
        """Return the answer to the query `text`: `tables`, each with `name`, `columns` and `rows`.

        Raises `ReadFailed`, also for a partial answer, which has an error beside its tables.
        """
        if self._wire is None:
            raise ReadFailed(0, "NoLogAnalytics", "this cloud names no endpoint of Log Analytics", "")
        if not customer_id.replace("-", "").isalnum():
            raise ReadFailed(0, "NoWorkspaceId", f"`{customer_id}` is not a workspace id", "")
        url = f"{self._wire.base_url}/v1/workspaces/{customer_id}/query"
        body = {"query": text}
        remembered = self._wire.remembered(url, "POST", body=body)
        answer = await remembered.next(partial(self._wire.read, url, method="POST", body=body))
        if holds_error(answer):
            error = answer.get("error")
            code = str(error.get("code") or "PartialError") if isinstance(error, dict) else "PartialError"
            raise ReadFailed(200, code, "the query was answered only in part", url)
        found = object_of(answer, url)
        remembered.end()
        return found
