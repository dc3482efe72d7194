"""Role definitions: built-in ones belong to the tenant, custom ones are listed where they can be assigned.

Custom ones can be created.
"""

from collections.abc import Iterator
from uuid import UUID, uuid5

import msgspec

from auditor.emulator.arm.custom_role import custom_role
from auditor.emulator.arm.errors import refuse
from auditor.emulator.arm.index import ArmIndex, ArmRow
from auditor.emulator.arm.management_groups import Hierarchy
from auditor.emulator.arm.scopes import ROLE_ASSIGNMENTS, ScopedLists
from auditor.emulator.arm.target import Target, ancestry
from auditor.emulator.exchange import HttpRequest, HttpResponse
from auditor.emulator.odata import BadFilter, FilterCall, FilterComparison, conjuncts, parse_filter
from auditor.emulator.refusals import Refusals

ROLE_DEFINITIONS = "microsoft.authorization/roledefinitions"
_READER = UUID("acdd72a7-3385-48ef-bd42-f606fba81ae7")
_SINCE = "2020-01-01T00:00:00.0000000Z"
_MAY_READ: dict[str, object] = {"actions": ["*/read"], "notActions": [], "dataActions": [], "notDataActions": []}


class RoleDefinitions:
    """The role definitions of the snapshot."""

    def __init__(self, index: ArmIndex, hierarchy: Hierarchy) -> None:
        self._index = index
        self._hierarchy = hierarchy
        rows = sorted(index.of_type(ROLE_DEFINITIONS), key=lambda row: row.key)
        self._built_in = [row for row in rows if _is_built_in(row)]
        self._custom = [row for row in rows if not _is_built_in(row)]
        self._assignable = {row.key: _assignable(row) for row in self._custom}
        self._by_name: dict[str, ArmRow] = {}
        for row in rows:
            self._by_name.setdefault(row.key.rpartition("/")[2], row)

    def get(self, key: str) -> bytes | None:
        """Return the definition with the id `key`, which may have any scope, as in Azure; None if there is none."""
        row = self._by_name.get(key.rpartition("/")[2])
        if row is None:
            return None
        scope = key.partition("/providers/microsoft.authorization/roledefinitions/")[0]
        return row.body if row.key == key or not _is_built_in(row) else _at(row, scope)

    def put(self, target: Target, request: HttpRequest) -> HttpResponse:
        """Create or replace a custom definition; raises `Refusal`, also for an action that Azure does not have."""
        made = custom_role(target, request)
        same = [row for row in self._custom if _named(row, str(made.properties["roleName"]).lower())]
        if any(row.key.rpartition("/")[2] != made.key.rpartition("/")[2] for row in same):
            name = made.properties["roleName"]
            raise refuse(409, "RoleDefinitionWithSameNameExists", f"A role definition cannot have the name '{name}'.")
        self._custom = [row for row in self._custom if row.key != made.key] + [made]
        self._assignable[made.key] = _assignable(made)
        self._by_name[made.key.rpartition("/")[2]] = made
        self._index.add(made)
        return HttpResponse(201, made.body)

    def bodies(self, scope: str, text: str | None) -> list[bytes]:
        """Return the bodies of the list at `scope` that match the filter `text`; raises `Refusal` for a bad filter."""
        kind, name, below = _filter(text)
        found: list[bytes] = []
        if kind in {None, "builtinrole"}:
            subscription = "/".join(scope.split("/", 3)[:3]) if scope.startswith("/subscriptions/") else ""
            found.extend(_at(row, subscription) for row in self._built_in if _named(row, name))
        if kind in {None, "customrole"}:
            found.extend(row.body for row in self._customs(scope, below=below) if _named(row, name))
        return found

    def _customs(self, scope: str, *, below: bool) -> Iterator[ArmRow]:
        subscription = "/".join(scope.split("/", 3)[:3]) if scope.startswith("/subscriptions/") else None
        around = {*ancestry(scope), *self._hierarchy.above(subscription or scope)} if scope else {""}
        for row in self._custom:
            places = self._assignable[row.key]
            if subscription and row.container == subscription and not _all_inside(places, subscription):
                yield row  # by its id, the list of this subscription returned it
            elif not scope or places & around or (below and any(place.startswith(scope + "/") for place in places)):
                yield row


def permissions_of(roles: RoleDefinitions, lists: ScopedLists, scope: str, principal: str) -> list[bytes]:
    """Return the permission objects that role assignments give `principal` at `scope`; `*/read` if there are none."""
    principals = lists.principals_of(principal)
    found: list[bytes] = []
    for row in lists.rows(ROLE_ASSIGNMENTS, scope, below=False):
        if str(row.properties.get("principalId", "")).lower() not in principals:
            continue
        definition = roles.get(str(row.properties.get("roleDefinitionId", "")).lower())
        if definition is None:
            continue
        properties = msgspec.json.decode(definition).get("properties", {})
        found.extend(msgspec.json.encode(permission) for permission in properties.get("permissions", ()))
    return found or [msgspec.json.encode(_MAY_READ)]


def implied_role(index: ArmIndex, lists: ScopedLists, refusals: Refusals, principal: str) -> list[ArmRow]:
    """Return the role assignment by which a caller reads the snapshot if that neither holds one nor refuses anything.

    It is that of Reader at the root, which is in no other list.
    """
    principals = [one.encode() for one in lists.principals_of(principal)]
    bodies = (row.body.lower() for row in index.of_type(ROLE_ASSIGNMENTS))
    if refusals.any or any(one in body for body in bodies for one in principals):
        return []
    name = str(uuid5(_READER, principal.lower()))
    key = f"/providers/{ROLE_ASSIGNMENTS}/{name}"
    role = f"/providers/Microsoft.Authorization/roleDefinitions/{_READER}"
    times = {"createdOn": _SINCE, "updatedOn": _SINCE}
    held = {"scope": "/", "principalId": principal, "roleDefinitionId": role, **times}
    body = {"id": key, "name": name, "type": "Microsoft.Authorization/roleAssignments", "properties": held}
    return [ArmRow(key, ROLE_ASSIGNMENTS, msgspec.json.encode(body))]


def _filter(text: str | None) -> tuple[str | None, str | None, bool]:
    """Return the type and name in the filter, and whether it includes definitions below the scope."""
    kind = name = None
    below = False
    try:
        parts = conjuncts(parse_filter(text)) if text else ()
    except BadFilter as bad:
        raise _unsupported(text) from bad
    for part in parts:
        match part:
            case FilterComparison(field, "eq", str() as value) if field.lower() == "type":
                kind = value.lower()
            case FilterComparison(field, "eq", str() as value) if field.lower() == "rolename":
                name = value.lower()
            case FilterCall(function, ()) if function.lower() == "atscopeandbelow":
                below = True
            case FilterCall(function, ()) if function.lower() == "atscope":
                below = False
            case _:
                raise _unsupported(text)
    if kind not in {None, "customrole", "builtinrole"}:
        raise _unsupported(text)
    return kind, name, below


def _unsupported(text: str | None) -> Exception:
    return refuse(
        400,
        "UnsupportedFilter",
        f"The filter '{text}' is not supported. Supported filters are 'atScopeAndBelow()', 'type eq '{{value}}'' "
        "and 'roleName eq '{value}''.",
    )


def _is_built_in(row: ArmRow) -> bool:
    return str(row.properties.get("type", "")).lower() == "builtinrole"


def _assignable(row: ArmRow) -> set[str]:
    held = row.properties.get("assignableScopes")
    return {str(scope).lower().rstrip("/") for scope in held} if isinstance(held, list) else set()


def _all_inside(places: set[str], subscription: str) -> bool:
    """Return whether a definition can be assigned only in resource groups of its subscription."""
    return bool(places) and all(place.startswith(f"{subscription}/") for place in places)


def _named(row: ArmRow, name: str | None) -> bool:
    return name is None or str(row.properties.get("roleName", "")).lower() == name


def _at(row: ArmRow, subscription: str) -> bytes:
    """Return a built-in definition as listed at `subscription`, which is then the beginning of its id."""
    identity = str(row.fields["id"])
    tail = identity[identity.lower().find("/providers/microsoft.authorization/") :]
    if not subscription or identity == subscription + tail:
        return row.body
    return msgspec.json.encode({**row.fields, "id": subscription + tail})
