"""ARM lists: the rows of each, with the filters that its API supports, in pages if Azure pages it."""

from collections.abc import Callable
from typing import TypeVar

import msgspec

from auditor.emulator.arm import errors as arm_errors
from auditor.emulator.arm.catalogue import BY_TYPE
from auditor.emulator.arm.environment import ArmEnvironment
from auditor.emulator.arm.filters import assigned_to, generic_rows, of_one_kind, scoped_rows, tagged_rows
from auditor.emulator.arm.index import ArmRow, without
from auditor.emulator.arm.role_definitions import ROLE_DEFINITIONS, implied_role, permissions_of
from auditor.emulator.arm.scopes import ROLE_ASSIGNMENTS, SCOPED
from auditor.emulator.arm.target import (
    LOCATION,
    MANAGEMENT_GROUP,
    RESOURCE,
    RESOURCE_GROUP,
    TENANT,
    Target,
    ancestry,
    type_of,
)
from auditor.emulator.entra.tokens import Caller
from auditor.emulator.exchange import HttpRequest, HttpResponse, Refusal
from auditor.emulator.paging import CONTINUED, ENVELOPE, PagedList, page_of, unpaged
from auditor.inventory.reads import Gap

T = TypeVar("T")
DELETED_WORKSPACES = "microsoft.operationalinsights/deletedworkspaces"
_DATA_SOURCES = "microsoft.operationalinsights/workspaces/datasources"
_DESCENDANTS = "microsoft.management/managementgroups/descendants"
_GROUP_SUBSCRIPTIONS = "microsoft.management/managementgroups/subscriptions"
_ASSESSMENTS = "microsoft.migrate/assessmentprojects/assessments"
_GROUP_ASSESSMENTS = "microsoft.migrate/assessmentprojects/groups/assessments"
_EVENTS = "microsoft.insights/eventtypes/values"
_PERMISSIONS = "microsoft.authorization/permissions"
_DIAGNOSTICS = "microsoft.insights/diagnosticsettings"
_EXTENSIONS = frozenset(
    {
        _DIAGNOSTICS,
        "microsoft.insights/datacollectionruleassociations",
        "microsoft.securityinsights/onboardingstates",
        "microsoft.managedservices/registrationassignments",
        "microsoft.managedservices/registrationdefinitions",
    }
)
"""Extension types whose list at a scope contains that scope only."""
_WITHOUT_DIAGNOSTICS = (
    "microsoft.compute/disks",
    "microsoft.compute/snapshots",
    "microsoft.hybridcompute/",
    "microsoft.managedidentity/",
    "microsoft.migrate/",
    "microsoft.offazure/",
    "microsoft.operationsmanagement/",
)
UNASKED = 100
"""The number of items in a page of machines, where a request does not ask for another one."""
_LOCATIONS = ("eastus", "westus2", "northeurope", "westeurope", "southeastasia", "australiaeast")


class ArmLists:
    """The answers to list requests."""

    def __init__(self, environment: ArmEnvironment, page_size: int | None) -> None:
        self._environment = environment
        self._page_size = page_size
        self._special: dict[str, Callable[[Target, HttpRequest, Caller], PagedList[ArmRow] | PagedList[bytes]]] = {
            RESOURCE: self._resources,
            RESOURCE_GROUP: self._groups,
            TENANT: self._tenants,
            LOCATION: self._locations,
            ROLE_DEFINITIONS: self._role_definitions,
            DELETED_WORKSPACES: self._deleted_workspaces,
            _DATA_SOURCES: self._data_sources,
            _DESCENDANTS: self._descendants,
            _GROUP_SUBSCRIPTIONS: self._group_subscriptions,
            _EVENTS: self._events,
            _ASSESSMENTS: self._assessments,
            _PERMISSIONS: self._permissions,
        }

    def answer(self, target: Target, request: HttpRequest, caller: Caller) -> HttpResponse:
        """Return the page that `request` asks for; raises `Refusal`."""
        special = self._special.get(target.type)
        listing: PagedList[ArmRow] | PagedList[bytes]
        if special is not None:
            listing = special(target, request, caller)
        elif target.type in SCOPED:
            listing = self._scoped(target, request, caller)
        else:
            listing = self._plain(target, request)
        kind = BY_TYPE.get(target.type)
        missing = kind.missing(request.query["api-version"]) if kind is not None else ()
        if missing:
            listing = PagedList([without(listing.write(one), missing) for one in listing.items], bytes, listing.gap)  # type: ignore[arg-type]  # as below
        if kind is not None and not kind.paged and (listing.gap is None or not listing.items):
            return unpaged(listing, bare=kind.bare)  # type: ignore[misc]  # each listing encodes its own items
        sized = kind is not None and kind.sized
        envelope = CONTINUED if sized else ENVELOPE
        size = self._size(request, "pagesize" if sized else "$top", UNASKED if sized else None)
        return page_of(listing, request, size, lambda: _bad_token(request), envelope)  # type: ignore[misc]

    def _size(self, request: HttpRequest, parameter: str, usual: int | None) -> int | None:
        top = request.query.get(parameter)
        if not top:
            return self._page_size or usual
        if not (top.isascii() and top.isdigit() and int(top) > 0):
            raise arm_errors.refuse(
                400, "InvalidTopQueryParameter", f"The {parameter} query parameter '{top}' is invalid."
            )
        return min(int(top), self._page_size or int(top))

    def _gap(self, target: Target) -> Gap | None:
        refusals = self._environment.refusals
        if not target.container or target.type in _EXTENSIONS or target.type in {_DESCENDANTS, _GROUP_SUBSCRIPTIONS}:
            return refusals.at(target.type, target.container) or refusals.denied(
                target.type, ancestry(target.container)
            )
        return refusals.over(target.type, ancestry(target.container))

    def _plain(self, target: Target, request: HttpRequest) -> PagedList[ArmRow]:
        """Return an ordinary list: the rows in the container; raises `Refusal` if that does not exist."""
        denied = self._environment.refusals.denied(target.type, ancestry(target.container))
        if target.type == _DIAGNOSTICS and denied is None and _has_no_diagnostics(target.container):
            kind = type_of(target.container)
            raise arm_errors.refuse(
                400, "ResourceTypeNotSupported", f"The resource type '{kind}' does not support diagnostic settings."
            )
        if request.query.get("$filter"):
            raise arm_errors.invalid_filter(request.query["$filter"])
        return PagedList(self._rows(target), _body, self._gap(target))

    def _rows(self, target: Target) -> list[ArmRow]:
        index, container = self._environment.index, target.container
        if target.type in _EXTENSIONS or not container:
            return index.at(target.type, container)
        if "/providers/" in container:
            self._check_parent(target)
            kind = BY_TYPE.get(target.type)
            deeper = index.within(kind.items.lower(), container) if kind is not None and kind.items else []
            return [*index.at(target.type, container), *deeper]
        return index.within(target.type, container)

    def _check_parent(self, target: Target) -> None:
        index, parent = self._environment.index, target.container
        gone = index.is_deleted(parent)
        if not gone and (index.get(parent) is not None or index.holds_anything(parent)):
            return
        if gone or self._gap(target) is None:
            kind = target.type.rpartition("/")[0] or target.type
            raise arm_errors.resource_not_found(kind, parent.rpartition("/")[2], target.resource_group)

    def _scoped(self, target: Target, request: HttpRequest, caller: Caller) -> PagedList[ArmRow]:
        gap, text = self._gap(target), request.query.get("$filter")
        scoped, account = self._environment.scoped, caller.object_id
        rows = scoped_rows(scoped, target.type, target.container, text, account, guess=gap is None)
        if target.type == ROLE_ASSIGNMENTS and assigned_to(target.type, text) == account.lower():
            rows += implied_role(self._environment.index, scoped, self._environment.refusals, account)
        return PagedList(rows, _body, gap)

    def _resources(self, target: Target, request: HttpRequest, _caller: Caller) -> PagedList[ArmRow]:
        refusals, places = self._environment.refusals, ancestry(target.container)
        rows, types = generic_rows(self._environment.index, target.container, request.query.get("$filter"))
        gaps = (refusals.over(type_, places) for type_ in (RESOURCE, *types))
        return PagedList(rows, _stub, next((gap for gap in gaps if gap is not None), None))

    def _groups(self, target: Target, request: HttpRequest, _caller: Caller) -> PagedList[ArmRow]:
        rows = self._environment.index.within(RESOURCE_GROUP, target.container)
        return PagedList(tagged_rows(rows, request.query.get("$filter")), _body, self._gap(target))

    def _data_sources(self, target: Target, request: HttpRequest, _caller: Caller) -> PagedList[ArmRow]:
        return PagedList(of_one_kind(self._rows(target), request.query.get("$filter")), _body, self._gap(target))

    def _assessments(self, target: Target, request: HttpRequest, _caller: Caller) -> PagedList[ArmRow]:
        """Return the assessments without groups; in versions that do not have them, those of all groups."""
        self._check_parent(target)
        newer = not BY_TYPE[_GROUP_ASSESSMENTS].supports(request.query["api-version"])
        index, container = self._environment.index, target.container
        rows = index.at(_ASSESSMENTS, container) if newer else index.within(_GROUP_ASSESSMENTS, container)
        return PagedList(rows, _body, self._gap(target))

    def _tenants(self, target: Target, _request: HttpRequest, _caller: Caller) -> PagedList[bytes]:
        """Return the tenants in the snapshot; the caller's own if there are none and the list was not read."""
        gap = self._gap(target)
        held = [row.body for row in self._environment.index.within(TENANT, "")]
        if not held and gap is None and not self._environment.refusals.was_read(TENANT, ""):
            tenant = self._environment.tenant_id
            held = [msgspec.json.encode({"id": f"/tenants/{tenant}", "tenantId": tenant, "tenantCategory": "Home"})]
        return PagedList(held, bytes, gap)

    def _locations(self, target: Target, _request: HttpRequest, _caller: Caller) -> PagedList[bytes]:
        bodies = [
            {"id": f"{target.container}/locations/{name}", "name": name, "type": "Region", "displayName": name}
            for name in _LOCATIONS
        ]
        return PagedList([msgspec.json.encode(body) for body in bodies], bytes)

    def _role_definitions(self, target: Target, request: HttpRequest, _caller: Caller) -> PagedList[bytes]:
        bodies = self._environment.roles.bodies(target.container, request.query.get("$filter"))
        return PagedList(bodies, bytes, self._gap(target))

    def _deleted_workspaces(self, target: Target, _request: HttpRequest, _caller: Caller) -> PagedList[ArmRow]:
        return PagedList(self._environment.index.deleted_within(target.container), _body, self._gap(target))

    def _descendants(self, target: Target, _request: HttpRequest, caller: Caller) -> PagedList[bytes]:
        groups, group = self._environment.groups, target.container
        gap = self._gap(target) or self._environment.refusals.at(MANAGEMENT_GROUP, "")
        if gap is None and self._environment.index.get(group) is None:
            raise arm_errors.forbidden(
                caller.object_id, "Microsoft.Management/managementGroups/descendants/read", group
            )
        return PagedList(groups.descendants(group), bytes, gap)

    def _group_subscriptions(self, target: Target, request: HttpRequest, caller: Caller) -> PagedList[bytes]:
        below = self._descendants(target, request, caller)
        return PagedList(self._environment.groups.subscriptions(target.container), bytes, below.gap)

    def _events(self, target: Target, request: HttpRequest, _caller: Caller) -> PagedList[bytes]:
        subscription = target.subscription or ""
        gap = self._environment.refusals.over("activitylog", ancestry(f"/subscriptions/{subscription}"))
        bodies = self._environment.activity.bodies(
            subscription, request.query.get("$filter"), request.query.get("$select")
        )
        return PagedList(bodies, bytes, gap)

    def _permissions(self, target: Target, _request: HttpRequest, caller: Caller) -> PagedList[bytes]:
        """Return the permissions in the snapshot, or, if they were not read, those of the caller's role assignments."""
        gap = self._environment.refusals.at(_PERMISSIONS, target.container)
        held = sorted(self._environment.index.at(_PERMISSIONS, target.container), key=lambda row: row.key)
        if held or gap is not None or self._environment.refusals.was_read(_PERMISSIONS, target.container):
            return PagedList([row.wire for row in held], bytes, gap)
        return PagedList(
            permissions_of(self._environment.roles, self._environment.scoped, target.container, caller.object_id), bytes
        )


def _body(row: ArmRow) -> bytes:
    return row.wire


def _has_no_diagnostics(resource: str) -> bool:
    """Return whether the type of a resource has no diagnostic settings."""
    return type_of(resource).startswith(_WITHOUT_DIAGNOSTICS)


def _stub(row: ArmRow) -> bytes:
    return row.stub


def _bad_token(request: HttpRequest) -> Refusal:
    return arm_errors.refuse(
        400, "InvalidSkipToken", f"The skip token '{request.query.get('$skiptoken')}' is not one that this list gave."
    )
