"""Writes that take their time: taken in with 202, ended after so many questions about their end, or never."""

import uuid
from collections.abc import Callable

from auditor.emulator.exchange import Answer, Call, json_answer

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

    def start(self, call: Call, questions: int, finish: Callable[[], object]) -> Answer:
        """Return the 202 of an operation; `finish` is called when it ends: never for negative questions."""
        name = str(uuid.uuid4())
        subscription = "/".join(call.path.split("/")[:3])
        self._by_id[name] = _Operation(call.key, questions, finish, fails=call.fails)
        link = f"{call.origin}{subscription}{_STATUSES}{name}?api-version={call.query.get('api-version', '')}"
        return Answer(202, headers={"Azure-AsyncOperation": link, "Location": link})

    def under_way(self, key: str) -> bool:
        """Say whether an operation about the resource `key` has not ended."""
        return any(one.key == key and not one.ended for one in self._by_id.values())

    def looked_at(self, key: str) -> None:
        """Count a look at the resource `key` as a question about what is under way with it."""
        for operation in self._by_id.values():
            if operation.key == key:
                operation.asked()

    def status(self, call: Call) -> Answer | None:
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
