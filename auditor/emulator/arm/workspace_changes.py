"""Deleting and recovering a Log Analytics workspace: at once, or as an operation that takes its time."""

import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import msgspec

from auditor.emulator.arm.errors import refuse, resource_not_found
from auditor.emulator.arm.index import ArmIndex, ArmRow
from auditor.emulator.arm.scopes import LOCKS
from auditor.emulator.arm.target import Target, ancestry
from auditor.emulator.exchange import HttpRequest, HttpResponse, json_answer

_STATUSES = "/providers/microsoft.operationalinsights/locations/global/operationstatuses/"


class _Operation:
    def __init__(self, key: str, questions: int, finish: Callable[[], object], *, fails: bool) -> None:
        self.key = key
        self.fails = fails
        self.left = questions
        self.finish = finish
        self.ended = False

    def asked(self) -> None:
        """Count a question; the one after the last that was to be waited for ends the operation."""
        if self.ended or self.left < 0:
            return
        if self.left == 0:
            self.finish()
            self.ended = True
        self.left -= 1


class Operations:
    """The operations under way, each known by its own address and by the resource that it is about."""

    def __init__(self) -> None:
        self._by_id: dict[str, _Operation] = {}

    def start(self, call: HttpRequest, questions: int, finish: Callable[[], object]) -> HttpResponse:
        """Return the 202 of an operation; `finish` is called when it ends: never for negative questions."""
        name = str(uuid.uuid4())
        subscription = "/".join(call.path.split("/")[:3])
        self._by_id[name] = _Operation(call.key, questions, finish, fails=call.fails)
        link = f"{call.origin}{subscription}{_STATUSES}{name}?api-version={call.query.get('api-version', '')}"
        return HttpResponse(202, headers={"Azure-AsyncOperation": link, "Location": link})

    def under_way(self, key: str) -> bool:
        """Say whether an operation about the resource `key` has not ended."""
        return any(one.key == key and not one.ended for one in self._by_id.values())

    def looked_at(self, key: str) -> None:
        """Count a look at the resource `key` as a question about what is under way with it."""
        for operation in self._by_id.values():
            if operation.key == key:
                operation.asked()

    def status(self, call: HttpRequest) -> HttpResponse | None:
        """Return the answer to a question about an operation, or None for any other request."""
        if call.method != "GET" or _STATUSES not in call.key:
            return None
        operation = self._by_id.get(call.key.rpartition("/")[2])
        if operation is None:
            return None
        operation.asked()
        told: dict[str, object] = {"id": call.path, "name": call.key.rpartition("/")[2]}
        if operation.ended and operation.fails:
            return json_answer({**told, "status": "Failed", "error": {"code": "Conflict", "message": "It failed."}})
        return json_answer({**told, "status": "Succeeded" if operation.ended else "InProgress"})


WORKSPACES = "microsoft.operationalinsights/workspaces"
SOLUTIONS = "microsoft.operationsmanagement/solutions"
LINKED_SERVICES = f"{WORKSPACES}/linkedservices"


class WorkspaceChanges:
    """The writes that the emulator takes; they change its picture, never the snapshot."""

    def __init__(self, index: ArmIndex) -> None:
        self._index = index
        self._operations = Operations()

    def status(self, call: HttpRequest) -> HttpResponse | None:
        """Return the answer to a question about an operation that began here, or None for any other request."""
        if call.method == "GET":
            self._operations.looked_at(call.key)
        return self._operations.status(call)

    def delete(self, target: Target, call: HttpRequest) -> HttpResponse:
        """Delete softly, or for good with `force=true`; solutions and linked services on the workspace go for good."""
        row = self._index.get(target.key)
        if row is None:
            return HttpResponse(204)
        self._refuse_if_locked(row)
        self._refuse_if_under_way(row)
        replication = row.properties.get("replication")
        if isinstance(replication, dict) and replication.get("enabled") is True:
            raise refuse(
                409, "Conflict", "The workspace has replication enabled. Disable replication before deleting it."
            )
        for_good = call.query.get("force", "").lower() == "true"
        if call.questions is None:
            self._bury(row, for_good=for_good)
            return HttpResponse(200)
        ending = ArmRow(row.key, row.type, _in_state(row, "Deleting"))
        self._index.add(ending)
        if call.fails:
            as_it_was = ArmRow(row.key, row.type, row.body)
            return self._operations.start(call, call.questions, lambda: self._index.add(as_it_was))
        return self._operations.start(call, call.questions, lambda: self._bury(row, for_good=for_good))

    def _bury(self, row: ArmRow, *, for_good: bool) -> None:
        for solution in [*self._solutions_on(row), *self._index.within(LINKED_SERVICES, row.key)]:
            self._index.remove(solution)
        self._index.remove(self._index.get(row.key) or row)
        if for_good:
            self._index.unbury(row.key)
        else:
            self._index.bury(ArmRow(row.key, row.type, _deleted_body(row)))

    def put(self, target: Target, call: HttpRequest) -> HttpResponse:
        """Recover a soft-deleted workspace of the same place, update the tags of a live one, or create one."""
        body = call.json()
        if not isinstance(body, dict) or not isinstance(body.get("location"), str):
            raise refuse(400, "LocationRequired", "The location property is required for this definition.")
        live, deleted = self._index.get(target.key), self._index.buried(target.key)
        if live is not None:
            return self._update(live, body)
        if deleted is None:
            return self._create(target, call, body)
        if _region(deleted.fields.get("location")) != _region(body["location"]):
            raise refuse(409, "Conflict", f"The workspace was deleted in another region than '{body['location']}'.")
        if call.questions is not None:
            done = (lambda: None) if call.fails else (lambda: self._recover(deleted))
            return self._operations.start(call, call.questions, done)
        return HttpResponse(200, self._recover(deleted).body)

    def _create(self, target: Target, call: HttpRequest, wanted: dict[str, object]) -> HttpResponse:
        """Create a workspace: another one, whatever stood at this id before, for its `customerId` is new."""
        created = {
            **wanted,
            "id": call.path.rstrip("/"),
            "name": call.path.rstrip("/").rpartition("/")[2],
            "type": "Microsoft.OperationalInsights/workspaces",
            "properties": {
                "customerId": str(uuid.uuid4()),
                "provisioningState": "Succeeded",
                "sku": {"name": "PerGB2018"},
                "retentionInDays": 30,
                "createdDate": _now(),
            },
        }
        row = ArmRow(target.key, target.type, msgspec.json.encode(created, order="sorted"))
        self._index.add(row)
        return HttpResponse(201, row.body)

    def _recover(self, deleted: ArmRow) -> ArmRow:
        self._index.unbury(deleted.key)
        row = ArmRow(deleted.key, deleted.type, _recovered_body(deleted))
        self._index.add(row)
        return row

    def put_linked_service(self, target: Target, call: HttpRequest) -> HttpResponse:
        """Link a service to a live workspace."""
        body = call.json()
        workspace = target.container
        if not isinstance(body, dict) or not isinstance(body.get("properties"), dict):
            raise refuse(400, "InvalidRequestContent", "properties are required.")
        if self._index.get(workspace) is None:
            raise resource_not_found("Microsoft.OperationalInsights/workspaces", workspace.rpartition("/")[2], None)
        held = {
            **body,
            "id": call.path.rstrip("/"),
            "name": "/".join(call.path.rstrip("/").split("/")[-3::2]),
            "type": "Microsoft.OperationalInsights/workspaces/linkedServices",
        }
        row = ArmRow(target.key, target.type, msgspec.json.encode(held, order="sorted"))
        self._index.add(row)
        return HttpResponse(200, row.body)

    def put_solution(self, target: Target, call: HttpRequest) -> HttpResponse:
        """Put a solution on a live workspace."""
        body = call.json()
        properties = body.get("properties") if isinstance(body, dict) else None
        workspace = properties.get("workspaceResourceId") if isinstance(properties, dict) else None
        if not isinstance(body, dict) or not isinstance(properties, dict) or not isinstance(workspace, str):
            raise refuse(400, "InvalidRequestContent", "properties.workspaceResourceId is required.")
        if self._index.get(workspace.lower()) is None:
            raise resource_not_found("Microsoft.OperationalInsights/workspaces", workspace.rpartition("/")[2], None)
        existed = self._index.get(target.key) is not None
        held = {
            **body,
            "id": call.path.rstrip("/"),
            "name": call.path.rstrip("/").rpartition("/")[2],
            "type": "Microsoft.OperationsManagement/solutions",
            "properties": {**properties, "provisioningState": "Succeeded"},
        }
        row = ArmRow(target.key, target.type, msgspec.json.encode(held, order="sorted"))
        self._index.add(row)
        return HttpResponse(200 if existed else 201, row.body)

    def _update(self, row: ArmRow, body: dict[str, object]) -> HttpResponse:
        changed = {**row.fields, **({"tags": body["tags"]} if "tags" in body else {})}
        self._index.add(ArmRow(row.key, row.type, msgspec.json.encode(changed, order="sorted")))
        return json_answer(changed)

    def _solutions_on(self, row: ArmRow) -> Iterator[ArmRow]:
        for solution in list(self._index.of_type(SOLUTIONS)):
            if str(solution.properties.get("workspaceResourceId", "")).lower().rstrip("/") == row.key:
                yield solution

    def _refuse_if_under_way(self, row: ArmRow) -> None:
        if self._operations.under_way(row.key):
            raise refuse(409, "Conflict", "Another operation on the workspace is in progress.")

    def _refuse_if_locked(self, row: ArmRow) -> None:
        locked = [scope for scope in ancestry(row.key) if self._index.at(LOCKS, scope)]
        if locked:
            raise refuse(
                409,
                "ScopeLocked",
                f"The scope '{row.fields['id']}' cannot perform delete operation because following scope(s) are "
                f"locked: '{', '.join(locked)}'. Please remove the lock and try again.",
            )


def _deleted_body(row: ArmRow) -> bytes:
    properties = {**row.properties, "modifiedDate": _now()}
    return msgspec.json.encode({**row.fields, "properties": properties}, order="sorted")


def _in_state(row: ArmRow, state: str) -> bytes:
    properties = {**row.properties, "provisioningState": state}
    return msgspec.json.encode({**row.fields, "properties": properties}, order="sorted")


def _recovered_body(row: ArmRow) -> bytes:
    properties = {**row.properties, "modifiedDate": _now(), "provisioningState": "Succeeded"}
    return msgspec.json.encode({**row.fields, "properties": properties}, order="sorted")


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f0Z")


def _region(text: object) -> str:
    return str(text).lower().replace(" ", "")
