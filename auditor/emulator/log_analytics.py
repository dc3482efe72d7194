"""The query API of Log Analytics; it answers one query only: the data ingested in some days, per data type."""

import re
from collections.abc import Iterable

import msgspec

from auditor.emulator.arm.environment import ArmEnvironment
from auditor.emulator.arm.index import ArmRow
from auditor.emulator.arm.target import ancestry
from auditor.emulator.exchange import HttpRequest, HttpResponse, Refusal, error_body, json_response
from auditor.emulator.refusals import refusal_of
from auditor.inventory.reads import Read

_WORKSPACES = "microsoft.operationalinsights/workspaces"
_INGESTION = "microsoft.operationalinsights/ingestion"
_ANSWERED = re.compile(
    r"usage\|wheretimegenerated>ago\((\d{1,4})d\)\|summarizemax\(timegenerated\),sum\(quantity\)bydatatype"
)
_OF_A_MONTH = 31

_COLUMNS = (("DataType", "string"), ("max_TimeGenerated", "datetime"), ("sum_Quantity", "real"))
_NOTHING = {
    "tables": [
        {"name": "PrimaryResult", "columns": [{"name": name, "type": kind} for name, kind in _COLUMNS], "rows": []}
    ]
}


class LogAnalyticsService:
    """The endpoint `POST /v1/workspaces/{customerId}/query`."""

    def __init__(self, environment: ArmEnvironment, reads: Iterable[Read] | None) -> None:
        self._environment = environment
        self._read = (
            None if reads is None else {read.scope.lower() for read in reads if read.what.lower() == _INGESTION}
        )

    def answer(self, request: HttpRequest) -> HttpResponse:
        """Return the tables that answer the query; raises `Refusal`.

        If the snapshot has no ingestion of a workspace, the table is empty where that was read, or everything was;
        otherwise the answer is the 403 for a missing right.
        """
        match request.method, request.key.strip("/").split("/"):
            case "POST", ["v1", "workspaces", customer, "query"]:
                return self._query(customer, request)
            case _:
                raise _refusal(404, "PathNotFoundError", "The requested path does not exist")

    def _query(self, customer: str, request: HttpRequest) -> HttpResponse:
        asked = request.json()
        text = asked.get("query") if isinstance(asked, dict) else None
        query = _ANSWERED.fullmatch("".join(text.split()).lower()) if isinstance(text, str) else None
        if query is None:
            raise _refusal(400, "BadArgumentError", "The request had some invalid properties")
        workspace = self._workspace(customer)
        if workspace is None:
            raise _refusal(404, "WorkspaceNotFoundError", "The workspace could not be found")
        refusals = self._environment.refusals
        gap = refusals.at(_INGESTION, workspace.key) or refusals.over(_INGESTION, ancestry(workspace.container))
        if gap is not None:
            raise Refusal(refusal_of(gap))
        name = "last31days" if int(query[1]) == _OF_A_MONTH else "wholeretention"
        held = [row for row in self._environment.index.at(_INGESTION, workspace.key) if row.key.endswith(f"/{name}")]
        if not held and (self._read is None or workspace.key in self._read):
            return json_response(_NOTHING)
        if not held:
            words = "The provided credentials have insufficient access to perform the requested operation"
            raise _refusal(403, "InsufficientAccessError", words)
        return HttpResponse(body=msgspec.json.encode(held[0].properties))

    def _workspace(self, customer: str) -> ArmRow | None:
        rows = self._environment.index.of_type(_WORKSPACES)
        return next((row for row in rows if str(row.properties.get("customerId")).lower() == customer), None)


def _refusal(status: int, code: str, message: str) -> Refusal:
    return Refusal(json_response(error_body(code, message), status))
