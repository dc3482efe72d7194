"""Azure Resource Manager: checks what every request must have, finds what the path addresses, and answers."""

import re

from auditor.emulator.arm import errors as arm_errors
from auditor.emulator.arm.actions import ArmActions
from auditor.emulator.arm.catalogue import BY_TYPE, NAMESPACES, ArmType, is_version
from auditor.emulator.arm.items import ArmItems
from auditor.emulator.arm.lists import ArmLists
from auditor.emulator.arm.picture import ArmPicture
from auditor.emulator.arm.target import MANAGEMENT_GROUP, PROVIDER, RESOURCE_GROUP, SUBSCRIPTION, Target, parse_target
from auditor.emulator.arm.workspace_changes import LINKED_SERVICES, SOLUTIONS, WORKSPACES, WorkspaceChanges
from auditor.emulator.entra.tokens import Caller
from auditor.emulator.exchange import HttpRequest, HttpResponse, Refusal

_GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_VERBS = {"PUT": "write", "PATCH": "write", "DELETE": "delete"}


class ArmService:
    """Answers ARM requests of a signed-in caller from a picture of the environment."""

    def __init__(self, picture: ArmPicture, page_size: int | None) -> None:
        self._picture = picture
        self._lists = ArmLists(picture, page_size)
        self._items = ArmItems(picture)
        self._changes = WorkspaceChanges(picture.index)
        self._actions = ArmActions(picture)

    def answer(self, call: HttpRequest, caller: Caller) -> HttpResponse:
        """Return the answer to `call`; raises `Refusal`."""
        version = call.query.get("api-version")
        if not version:
            raise arm_errors.missing_api_version()
        if call.method == "POST":
            return self._actions.answer(call, caller)
        status = self._changes.status(call)
        if status is not None:
            return status
        target = parse_target(call.key)
        if target is None:
            raise arm_errors.refuse(404, "NotFound", f"No resource is addressed by '{call.path}'.")
        self._check_version(target, version, call.path)
        self._check_place(target)
        if call.method == "GET":
            return self._lists.answer(target, call, caller) if target.is_list else self._items.answer(target, call)
        if call.method == "HEAD":
            return self._head(target, call)
        return self._write(target, call, caller)

    def _head(self, target: Target, call: HttpRequest) -> HttpResponse:
        """Say by the status alone whether something exists."""
        try:
            self._items.answer(target, call)
        except Refusal as refusal:
            return HttpResponse(refusal.answer.status, dropped=refusal.answer.dropped)
        return HttpResponse(204)

    def _write(self, target: Target, call: HttpRequest, caller: Caller) -> HttpResponse:
        if target.type == WORKSPACES and not target.is_list:
            if call.method == "DELETE":
                return self._changes.delete(target, call)
            if call.method == "PUT":
                return self._changes.put(target, call)
        if target.type == SOLUTIONS and not target.is_list and call.method == "PUT":
            return self._changes.put_solution(target, call)
        if target.type == LINKED_SERVICES and not target.is_list and call.method == "PUT":
            return self._changes.put_linked_service(target, call)
        verb = _VERBS.get(call.method)
        if verb is None or target.is_list:
            raise arm_errors.no_such_method(call.method, call.path)
        kind = BY_TYPE.get(target.type)
        raise arm_errors.forbidden(caller.object_id, f"{kind.name if kind else target.type}/{verb}", call.path)

    def _check_version(self, target: Target, version: str, path: str) -> None:
        kind = BY_TYPE.get(target.type)
        if not is_version(version):
            raise arm_errors.invalid_api_version(version, kind)
        if kind is None:
            self._check_known(target, version, path)
        elif not kind.supports(version) and not _as_generic(kind, version):
            raise arm_errors.unsupported_version(kind, version, in_subscription=target.subscription is not None)

    def _check_known(self, target: Target, version: str, path: str) -> None:
        index = self._picture.index
        if index.holds_type(target.type):
            return
        if target.namespace not in NAMESPACES and not index.types_of(target.namespace):
            raise arm_errors.invalid_namespace(_spelt(target.namespace, path))
        raise arm_errors.invalid_type(
            NAMESPACES.get(target.namespace) or _spelt(target.namespace, path), target.type.partition("/")[2], version
        )

    def _check_place(self, target: Target) -> None:
        """The subscription and the resource group that the path goes through must exist."""
        subscription, group = target.subscription, target.resource_group
        if subscription is None:
            return
        if not _GUID.fullmatch(subscription):
            raise arm_errors.invalid_subscription(subscription)
        if target.type != SUBSCRIPTION and not self._picture.knows_subscription(subscription):
            raise arm_errors.subscription_not_found(subscription)
        if group is None or target.type == RESOURCE_GROUP:
            return
        if not self._picture.may_hold_group(f"/subscriptions/{subscription}/resourcegroups/{group}"):
            raise arm_errors.group_not_found(target.key.split("/")[4])


def _as_generic(kind: ArmType, version: str) -> bool:
    """Providers and their like answer to any version of ARM itself."""
    return kind.name.lower() in {PROVIDER, MANAGEMENT_GROUP} and is_version(version)


def _spelt(word: str, path: str) -> str:
    """Return `word` as `path` spells it."""
    return next((segment for segment in reversed(path.split("/")) if segment.lower() == word), word)
