"""Azure Resource Manager: checks what every request must have, finds what the path addresses, and answers."""

import re

from auditor.emulator import arm_errors
from auditor.emulator.arm_items import ArmItems
from auditor.emulator.arm_lists import ArmLists
from auditor.emulator.arm_picture import ArmPicture
from auditor.emulator.arm_target import (
    MANAGEMENT_GROUP,
    PROVIDER,
    RESOURCE_GROUP,
    SUBSCRIPTION,
    Target,
    parse_target,
)
from auditor.emulator.catalogue import BY_TYPE, NAMESPACES, Kind, is_version
from auditor.emulator.exchange import Answer, Call, Refusal, json_answer
from auditor.emulator.tokens import Caller
from auditor.emulator.workspace_changes import LINKED_SERVICES, SOLUTIONS, WORKSPACES, WorkspaceChanges

_GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_VERBS = {"PUT": "write", "PATCH": "write", "DELETE": "delete"}


class Arm:
    """Answers ARM requests of a signed-in caller from a picture of the environment."""

    def __init__(self, picture: ArmPicture, page_size: int | None) -> None:
        self._picture = picture
        self._lists = ArmLists(picture, page_size)
        self._items = ArmItems(picture)
        self._changes = WorkspaceChanges(picture.index)

    def answer(self, call: Call, caller: Caller) -> Answer:
        """Return the answer to `call`; raises `Refusal`."""
        version = call.query.get("api-version")
        if not version:
            raise arm_errors.missing_api_version()
        if call.method == "POST":
            return self._act(call, caller)
        status = self._changes.status(call)
        if status is not None:
            return status
        target = parse_target(call.key)
        if target is None:
            raise arm_errors.refuse(404, "NotFound", f"No resource is addressed by '{call.path}'.")
        self._check_version(target, version)
        self._check_place(target)
        if call.method == "GET":
            return self._lists.answer(target, call, caller) if target.is_list else self._items.answer(target, call)
        if call.method == "HEAD":
            return self._head(target, call)
        return self._write(target, call, caller)

    def _head(self, target: Target, call: Call) -> Answer:
        """Say by the status alone whether something exists."""
        try:
            self._items.answer(target, call)
        except Refusal as refusal:
            return Answer(refusal.answer.status, dropped=refusal.answer.dropped)
        return Answer(204)

    def _write(self, target: Target, call: Call, caller: Caller) -> Answer:
        if target.type == WORKSPACES and not target.is_list:
            if call.method == "DELETE":
                return self._changes.delete(target, call)
            if call.method == "PUT":
                return self._changes.put(target, call, caller.object_id)
        if target.type == SOLUTIONS and not target.is_list and call.method == "PUT":
            return self._changes.put_solution(target, call)
        if target.type == LINKED_SERVICES and not target.is_list and call.method == "PUT":
            return self._changes.put_linked_service(target, call)
        verb = _VERBS.get(call.method)
        if verb is None or target.is_list:
            raise arm_errors.no_such_method(call.method, call.path)
        kind = BY_TYPE.get(target.type)
        raise arm_errors.forbidden(caller.object_id, f"{kind.name if kind else target.type}/{verb}", call.path)

    def _act(self, call: Call, caller: Caller) -> Answer:
        """Actions change things, so none is allowed; but to register what is registered changes nothing."""
        segments = call.key.strip("/").split("/")
        if segments[-1] == "register" and len(segments) in {3, 5} and segments[-3] == "providers":
            state = self._registered(call.key.rpartition("/")[0], segments[-2])
            if state is not None:
                return state
        scope, _, tail = call.path.rpartition("/providers/")
        raise arm_errors.forbidden(caller.object_id, f"{tail}/action", scope or "/")

    def _registered(self, key: str, namespace: str) -> Answer | None:
        """The registration of a provider, where it stands; the tenant and management groups need none."""
        row = self._picture.index.get(key)
        if row is not None and str(row.fields.get("registrationState", "")).lower() == "registered":
            return Answer(body=row.body)
        if key.startswith("/providers/") or namespace == "microsoft.management":
            return json_answer({"id": key, "namespace": namespace, "registrationState": "Registered"})
        return None

    def _check_version(self, target: Target, version: str) -> None:
        kind = BY_TYPE.get(target.type)
        if not is_version(version):
            raise arm_errors.invalid_api_version(version, kind)
        if kind is None:
            self._check_known(target, version)
        elif not kind.supports(version) and not _as_generic(kind, version):
            raise arm_errors.unsupported_version(kind, version, is_list=target.is_list)

    def _check_known(self, target: Target, version: str) -> None:
        index = self._picture.index
        if index.holds_type(target.type):
            return
        if target.namespace not in NAMESPACES and not index.holds_namespace(target.namespace):
            raise arm_errors.invalid_namespace(target.namespace)
        raise arm_errors.invalid_type(
            NAMESPACES.get(target.namespace, target.namespace), target.type.partition("/")[2], version
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


def _as_generic(kind: Kind, version: str) -> bool:
    """Providers and their like answer to any version of ARM itself."""
    return kind.name.lower() in {PROVIDER, MANAGEMENT_GROUP} and is_version(version)
