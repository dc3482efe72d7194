"""The query API of Log Analytics: one query alone, what came in over 31 days by data type, as the snapshot holds it."""

from collections.abc import Iterable

import msgspec

from auditor.emulator.arm.index import ArmRow
from auditor.emulator.arm.picture import ArmPicture
from auditor.emulator.arm.target import ancestry
from auditor.emulator.exchange import HttpRequest, HttpResponse, Refusal, error_body, json_answer
from auditor.emulator.refusals import refusal_of
from auditor.inventory.reads import Read

_WORKSPACES = "microsoft.operationalinsights/workspaces"
_INGESTION = "microsoft.operationalinsights/ingestion"
_ANSWERED = "usage|wheretimegenerated>ago(31d)|summarizemax(timegenerated),sum(quantity)bydatatype"

_COLUMNS = (("DataType", "string"), ("max_TimeGenerated", "datetime"), ("sum_Quantity", "real"))
_NOTHING = {
    "tables": [
        {"name": "PrimaryResult", "columns": [{"name": name, "type": kind} for name, kind in _COLUMNS], "rows": []}
    ]
}


class LogAnalyticsService:
    """Answers `POST /v1/workspaces/{customerId}/query`."""

    def __init__(self, picture: ArmPicture, reads: Iterable[Read] | None) -> None:
        self._picture = picture
        whole = None if reads is None else {read.scope.lower() for read in reads if read.what.lower() == _INGESTION}
        self._whole = whole

    def answer(self, call: HttpRequest) -> HttpResponse:
        """Return the tables that answer the query; raises `Refusal`.

        Into a workspace of which the snapshot says that this was read, and holds nothing, nothing came. One of which it
        does not tell is closed to the caller, as to one without the right.
        """
        match call.method, call.key.strip("/").split("/"):
            case "POST", ["v1", "workspaces", customer, "query"]:
                return self._query(customer, call)
            case _:
                raise _refusal(404, "PathNotFoundError", "The requested path does not exist")

    def _query(self, customer: str, call: HttpRequest) -> HttpResponse:
        asked = call.json()
        text = asked.get("query") if isinstance(asked, dict) else None
        if not isinstance(text, str) or "".join(text.split()).lower() != _ANSWERED:
            raise _refusal(400, "BadArgumentError", "The request had some invalid properties")
        workspace = self._workspace(customer)
        if workspace is None:
            raise _refusal(404, "WorkspaceNotFoundError", "The workspace could not be found")
        refusals = self._picture.refusals
        gap = refusals.at(_INGESTION, workspace.key) or refusals.over(_INGESTION, ancestry(workspace.container))
        if gap is not None:
            raise Refusal(refusal_of(gap))
        held = self._picture.index.at(_INGESTION, workspace.key)
        if not held and (self._whole is None or workspace.key in self._whole):
            return json_answer(_NOTHING)
        if not held:
            words = "The provided credentials have insufficient access to perform the requested operation"
            raise _refusal(403, "InsufficientAccessError", words)
        return HttpResponse(body=msgspec.json.encode(held[0].properties))

    def _workspace(self, customer: str) -> ArmRow | None:
        rows = self._picture.index.of_type(_WORKSPACES)
        return next((row for row in rows if str(row.properties.get("customerId")).lower() == customer), None)


def _refusal(status: int, code: str, message: str) -> Refusal:
    return Refusal(json_answer(error_body(code, message), status))
