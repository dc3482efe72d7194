"""Deletion and recovery of Log Analytics workspaces, at once or as long-running operations."""

import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import msgspec

from auditor.emulator.arm.errors import refuse, resource_not_found
from auditor.emulator.arm.index import ArmIndex, ArmRow
from auditor.emulator.arm.scopes import LOCKS
from auditor.emulator.arm.target import Target, ancestry
from auditor.emulator.exchange import HttpRequest, HttpResponse, json_response

_STATUSES = "/providers/microsoft.operationalinsights/locations/global/operationstatuses/"


class _Operation:
    """A long-running operation that ends after `questions` status requests; never if that is negative."""

    def __init__(self, key: str, questions: int, finish: Callable[[], object], *, fails: bool) -> None:
        self.key = key
        self.fails = fails
        self.left = questions
        self.finish = finish
        self.ended = False

    def count_status_request(self) -> None:
        """Count a status request; end the operation if none is left."""
        if self.ended or self.left < 0:
            return
        if self.left == 0:
            self.finish()
            self.ended = True
        self.left -= 1


class Operations:
    """Long-running operations, by their id and by their resource."""

    def __init__(self) -> None:
        self._by_id: dict[str, _Operation] = {}

    def start(self, request: HttpRequest, questions: int, finish: Callable[[], object]) -> HttpResponse:
        """Return the 202 of a new operation; `finish` is called when it ends."""
        name = str(uuid.uuid4())
        subscription = "/".join(request.path.split("/")[:3])
        self._by_id[name] = _Operation(request.key, questions, finish, fails=request.fails)
        link = f"{request.origin}{subscription}{_STATUSES}{name}?api-version={request.query.get('api-version', '')}"
        return HttpResponse(202, headers={"Azure-AsyncOperation": link, "Location": link})

    def is_in_progress(self, key: str) -> bool:
        """Return whether an operation on the resource `key` has not ended."""
        return any(operation.key == key and not operation.ended for operation in self._by_id.values())

    def count_status_request(self, key: str) -> None:
        """Count a request for the resource `key` as a status request for its operations."""
        for operation in self._by_id.values():
            if operation.key == key:
                operation.count_status_request()

    def status(self, request: HttpRequest) -> HttpResponse | None:
        """Return the answer to a status request, or None for any other request."""
        if request.method != "GET" or _STATUSES not in request.key:
            return None
        operation = self._by_id.get(request.key.rpartition("/")[2])
        if operation is None:
            return None
        operation.count_status_request()
        body: dict[str, object] = {"id": request.path, "name": request.key.rpartition("/")[2]}
        if operation.ended and operation.fails:
            return json_response({**body, "status": "Failed", "error": {"code": "Conflict", "message": "It failed."}})
        return json_response({**body, "status": "Succeeded" if operation.ended else "InProgress"})


WORKSPACES = "microsoft.operationalinsights/workspaces"
SOLUTIONS = "microsoft.operationsmanagement/solutions"
LINKED_SERVICES = f"{WORKSPACES}/linkedservices"


class WorkspaceChanges:
    """The writes that the emulator accepts; they change its index, not the snapshot."""

    def __init__(self, index: ArmIndex) -> None:
        self._index = index
        self._operations = Operations()

    def status(self, request: HttpRequest) -> HttpResponse | None:
        """Return the answer to a status request, or None; a GET of a resource counts for its operations too."""
        if request.method == "GET":
            self._operations.count_status_request(request.key)
        return self._operations.status(request)

    def delete(self, target: Target, request: HttpRequest) -> HttpResponse:
        """Delete a workspace softly (permanently with `force=true`), its solutions and linked services permanently."""
        row = self._index.get(target.key)
        if row is None:
            return HttpResponse(204)
        self._refuse_if_locked(row)
        self._refuse_if_busy(row)
        replication = row.properties.get("replication")
        if isinstance(replication, dict) and replication.get("enabled") is True:
            raise refuse(
                409, "Conflict", "The workspace has replication enabled. Disable replication before deleting it."
            )
        permanently = request.query.get("force", "").lower() == "true"
        if request.questions is None:
            self._finish_deletion(row, permanently=permanently)
            return HttpResponse(200)
        ending = ArmRow(row.key, row.type, _in_state(row, "Deleting"))
        self._index.add(ending)
        if request.fails:
            unchanged = ArmRow(row.key, row.type, row.body)
            return self._operations.start(request, request.questions, lambda: self._index.add(unchanged))
        return self._operations.start(
            request, request.questions, lambda: self._finish_deletion(row, permanently=permanently)
        )

    def _finish_deletion(self, row: ArmRow, *, permanently: bool) -> None:
        for solution in [*self._solutions_on(row), *self._index.within(LINKED_SERVICES, row.key)]:
            self._index.remove(solution)
        self._index.remove(self._index.get(row.key) or row)
        if permanently:
            self._index.forget_deleted(row.key)
        else:
            self._index.soft_delete(ArmRow(row.key, row.type, _deleted_body(row)))

    def put(self, target: Target, request: HttpRequest) -> HttpResponse:
        """Recover a workspace that was soft-deleted in the same region, update a live one, or create one."""
        body = request.json()
        if not isinstance(body, dict) or not isinstance(body.get("location"), str):
            raise refuse(400, "LocationRequired", "The location property is required for this definition.")
        live, deleted = self._index.get(target.key), self._index.deleted(target.key)
        if live is not None:
            return self._update(live, body)
        if deleted is None:
            return self._create(target, request, body)
        if _region(deleted.fields.get("location")) != _region(body["location"]):
            raise refuse(409, "Conflict", f"The workspace was deleted in another region than '{body['location']}'.")
        if request.questions is not None:
            done = (lambda: None) if request.fails else (lambda: self._recover(deleted))
            return self._operations.start(request, request.questions, done)
        return HttpResponse(200, self._recover(deleted).body)

    def _create(self, target: Target, request: HttpRequest, wanted: dict[str, object]) -> HttpResponse:
        """Create a workspace; its `customerId` is new even if one with this id existed before."""
        created = {
            **wanted,
            "id": request.path.rstrip("/"),
            "name": request.path.rstrip("/").rpartition("/")[2],
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
        self._index.forget_deleted(deleted.key)
        row = ArmRow(deleted.key, deleted.type, _recovered_body(deleted))
        self._index.add(row)
        return row

    def put_linked_service(self, target: Target, request: HttpRequest) -> HttpResponse:
        """Link a service to a live workspace."""
        body = request.json()
        workspace = target.container
        if not isinstance(body, dict) or not isinstance(body.get("properties"), dict):
            raise refuse(400, "InvalidRequestContent", "properties are required.")
        if self._index.get(workspace) is None:
            raise resource_not_found("Microsoft.OperationalInsights/workspaces", workspace.rpartition("/")[2], None)
        held = {
            **body,
            "id": request.path.rstrip("/"),
            "name": "/".join(request.path.rstrip("/").split("/")[-3::2]),
            "type": "Microsoft.OperationalInsights/workspaces/linkedServices",
        }
        row = ArmRow(target.key, target.type, msgspec.json.encode(held, order="sorted"))
        self._index.add(row)
        return HttpResponse(200, row.body)

    def put_solution(self, target: Target, request: HttpRequest) -> HttpResponse:
        """Put a solution on a live workspace."""
        body = request.json()
        properties = body.get("properties") if isinstance(body, dict) else None
        workspace = properties.get("workspaceResourceId") if isinstance(properties, dict) else None
        if not isinstance(body, dict) or not isinstance(properties, dict) or not isinstance(workspace, str):
            raise refuse(400, "InvalidRequestContent", "properties.workspaceResourceId is required.")
        if self._index.get(workspace.lower()) is None:
            raise resource_not_found("Microsoft.OperationalInsights/workspaces", workspace.rpartition("/")[2], None)
        existed = self._index.get(target.key) is not None
        held = {
            **body,
            "id": request.path.rstrip("/"),
            "name": request.path.rstrip("/").rpartition("/")[2],
            "type": "Microsoft.OperationsManagement/solutions",
            "properties": {**properties, "provisioningState": "Succeeded"},
        }
        row = ArmRow(target.key, target.type, msgspec.json.encode(held, order="sorted"))
        self._index.add(row)
        return HttpResponse(200 if existed else 201, row.body)

    def _update(self, row: ArmRow, body: dict[str, object]) -> HttpResponse:
        if any(str(lock.properties.get("level", "")).lower() == "readonly" for lock in self._locks_of(row)):
            self._refuse_if_locked(row, "write")
        changed = {**row.fields, **({"tags": body["tags"]} if "tags" in body else {})}
        properties = body.get("properties")
        if isinstance(properties, dict) and "replication" in properties:
            changed["properties"] = {**row.properties, "replication": properties["replication"]}
        self._index.add(ArmRow(row.key, row.type, msgspec.json.encode(changed, order="sorted")))
        return json_response(changed)

    def _solutions_on(self, row: ArmRow) -> Iterator[ArmRow]:
        for solution in list(self._index.of_type(SOLUTIONS)):
            if str(solution.properties.get("workspaceResourceId", "")).lower().rstrip("/") == row.key:
                yield solution

    def _refuse_if_busy(self, row: ArmRow) -> None:
        if self._operations.is_in_progress(row.key):
            raise refuse(409, "Conflict", "Another operation on the workspace is in progress.")

    def _locks_of(self, row: ArmRow) -> list[ArmRow]:
        return [lock for scope in ancestry(row.key) for lock in self._index.at(LOCKS, scope)]

    def _refuse_if_locked(self, row: ArmRow, action: str = "delete") -> None:
        locked = [lock.container for lock in self._locks_of(row)]
        if locked:
            raise refuse(
                409,
                "ScopeLocked",
                f"The scope '{row.fields['id']}' cannot perform {action} operation because following scope(s) are "
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
