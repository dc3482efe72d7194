"""Azure Resource Manager: checks a request and routes it to lists, single resources, writes and actions."""

import re

from auditor.emulator.arm import errors as arm_errors
from auditor.emulator.arm.catalogue import BY_TYPE, NAMESPACES, ArmType, is_version
from auditor.emulator.arm.environment import ArmEnvironment
from auditor.emulator.arm.items import ArmItems
from auditor.emulator.arm.lag import NOTHING, up_to
from auditor.emulator.arm.lists import ArmLists
from auditor.emulator.arm.role_definitions import ROLE_DEFINITIONS
from auditor.emulator.arm.target import MANAGEMENT_GROUP, PROVIDER, RESOURCE_GROUP, SUBSCRIPTION, Target, parse_target
from auditor.emulator.arm.writes.actions import ArmActions
from auditor.emulator.arm.writes.resource_changes import ResourceChanges
from auditor.emulator.arm.writes.workspace_changes import LINKED_SERVICES, SOLUTIONS, WORKSPACES, WorkspaceChanges
from auditor.emulator.entra.tokens import Caller
from auditor.emulator.exchange import HttpRequest, HttpResponse, Refusal

_GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_VERBS = {"PUT": "write", "PATCH": "write", "DELETE": "delete"}


class ArmService:
    """The answers to the ARM requests of a signed-in caller."""

    def __init__(self, environment: ArmEnvironment, page_size: int | None, *, accept_cures: bool = False) -> None:
        self._environment = environment
        self._lists = ArmLists(environment, page_size)
        self._items = ArmItems(environment)
        self._changes = WorkspaceChanges(environment.index)
        self._cures = ResourceChanges(environment.index) if accept_cures else None
        self._actions = ArmActions(environment)

    def answer(self, request: HttpRequest, caller: Caller) -> HttpResponse:
        """Return the answer to `request`; raises `Refusal`."""
        version = request.query.get("api-version")
        if not version:
            raise arm_errors.missing_api_version()
        if request.method == "POST":
            cured = self._cures.register(request) if self._cures else None
            return cured or self._actions.answer(request, caller)
        status = self._changes.status(request)
        if status is not None:
            return status
        target = parse_target(request.key)
        if target is None:
            raise arm_errors.refuse(404, "NotFound", f"No resource is addressed by '{request.path}'.")
        self._check_version(target, version, request.path)
        self._check_place(target)
        if request.method == "GET":
            return (
                self._lists.answer(target, request, caller) if target.is_list else self._items.answer(target, request)
            )
        if request.method == "HEAD":
            return self._head(target, request)
        return self._write(target, request, caller)

    def _head(self, target: Target, request: HttpRequest) -> HttpResponse:
        """Return 204 if the resource exists, otherwise the status of its refusal."""
        try:
            self._items.answer(target, request)
        except Refusal as refusal:
            return HttpResponse(refusal.response.status, dropped=refusal.response.dropped)
        return HttpResponse(204)

    def _write(self, target: Target, request: HttpRequest, caller: Caller) -> HttpResponse:
        if target.type == WORKSPACES and not target.is_list:
            if request.method == "DELETE":
                return self._changes.delete(target, request)
            if request.method == "PUT":
                return self._changes.put(target, request)
        if target.type == SOLUTIONS and not target.is_list and request.method == "PUT":
            return self._changes.put_solution(target, request)
        if target.type == LINKED_SERVICES and not target.is_list and request.method == "PUT":
            return self._changes.put_linked_service(target, request)
        if target.type == ROLE_DEFINITIONS and not target.is_list and request.method == "PUT":
            return self._environment.roles.put(target, request)
        cured = self._cures.answer(target, request) if self._cures else None
        if cured is not None:
            return cured
        verb = _VERBS.get(request.method)
        if verb is None or target.is_list:
            raise arm_errors.no_such_method(request.method, request.path)
        kind = BY_TYPE.get(target.type)
        raise arm_errors.forbidden(caller.object_id, f"{kind.name if kind else target.type}/{verb}", request.path)

    def _check_version(self, target: Target, version: str, path: str) -> None:
        kind = BY_TYPE.get(target.type)
        if not is_version(version):
            raise arm_errors.invalid_api_version(version, kind)
        newest = self._environment.lag.newest(target)
        if newest == NOTHING:
            raise arm_errors.invalid_type(*self._names(target, path), version)
        if newest is not None:
            kind = up_to(kind or ArmType("/".join(self._names(target, path))), newest)
        if kind is None:
            self._check_known(target, version, path)
        elif not kind.supports(version) and not _as_generic(kind, version, newest):
            raise arm_errors.unsupported_version(kind, version, in_group=target.resource_group is not None)

    def _check_known(self, target: Target, version: str, path: str) -> None:
        index = self._environment.index
        if index.holds_type(target.type):
            return
        if target.namespace not in NAMESPACES and not index.types_of(target.namespace):
            raise arm_errors.invalid_namespace(_in_case_of(target.namespace, path))
        raise arm_errors.invalid_type(*self._names(target, path), version)

    def _names(self, target: Target, path: str) -> tuple[str, str]:
        """Return the provider namespace of a target, as documented or in the case of `path`, and its type."""
        kind = BY_TYPE.get(target.type)
        namespace = NAMESPACES.get(target.namespace) or _in_case_of(target.namespace, path)
        return namespace, (kind.name if kind else target.type).partition("/")[2]

    def _check_place(self, target: Target) -> None:
        """Raise `Refusal` unless the subscription and the resource group in the path exist."""
        subscription, group = target.subscription, target.resource_group
        if subscription is None:
            return
        if not _GUID.fullmatch(subscription):
            raise arm_errors.invalid_subscription(subscription)
        if target.type != SUBSCRIPTION and not self._environment.knows_subscription(subscription):
            raise arm_errors.subscription_not_found(subscription)
        if group is None or target.type == RESOURCE_GROUP:
            return
        if not self._environment.may_hold_group(f"/subscriptions/{subscription}/resourcegroups/{group}"):
            raise arm_errors.group_not_found(target.key.split("/")[4])


def _as_generic(kind: ArmType, version: str, newest: str | None) -> bool:
    """Return whether a type accepts every api-version, as providers and management groups do."""
    return newest is None and kind.name.lower() in {PROVIDER, MANAGEMENT_GROUP} and is_version(version)


def _in_case_of(word: str, path: str) -> str:
    """Return `word` in the case in which `path` contains it."""
    return next((segment for segment in reversed(path.split("/")) if segment.lower() == word), word)
