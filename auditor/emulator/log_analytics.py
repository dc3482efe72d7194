"""The query API of Log Analytics: one query alone, what came in over 31 days by data type, as the snapshot holds it."""

import msgspec

from auditor.emulator.arm_index import ArmRow
from auditor.emulator.arm_picture import ArmPicture
from auditor.emulator.arm_target import ancestry
from auditor.emulator.exchange import Answer, Call, Refusal, error_body, json_answer
from auditor.emulator.refusals import refusal_of

_WORKSPACES = "microsoft.operationalinsights/workspaces"
_INGESTION = "microsoft.operationalinsights/ingestion"
_ANSWERED = "usage|wheretimegenerated>ago(31d)|summarizemax(timegenerated),sum(quantity)bydatatype"


class LogAnalytics:
    """Answers `POST /v1/workspaces/{customerId}/query`."""

    def __init__(self, picture: ArmPicture) -> None:
        self._picture = picture

    def answer(self, call: Call) -> Answer:
        """Return the tables that answer the query; raises `Refusal`.

        A workspace of which the snapshot does not tell what came in is closed to the caller, as one without the right.
        """
        match call.method, call.key.strip("/").split("/"):
            case "POST", ["v1", "workspaces", customer, "query"]:
                return self._query(customer, call)
            case _:
                raise _refusal(404, "PathNotFoundError", "The requested path does not exist")

    def _query(self, customer: str, call: Call) -> Answer:
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
        if not held:
            words = "The provided credentials have insufficient access to perform the requested operation"
            raise _refusal(403, "InsufficientAccessError", words)
        return Answer(body=msgspec.json.encode(held[0].properties))

    def _workspace(self, customer: str) -> ArmRow | None:
        rows = self._picture.index.of_type(_WORKSPACES)
        return next((row for row in rows if str(row.properties.get("customerId")).lower() == customer), None)


def _refusal(status: int, code: str, message: str) -> Refusal:
    return Refusal(json_answer(error_body(code, message), status))
