"""Role definitions: the operations that a role grants, and the shipped built-in roles as a fallback."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path

import msgspec

from auditor.access.rbac.assignment_conditions import AssignmentRequest, admits
from auditor.access.rbac.conditions import targets
from auditor.access.rbac.patterns import Fit, Patterns
from auditor.access.verdicts import Plane
from auditor.inventory.inventory import Inventory
from auditor.inventory.lists import ROLE_DEFINITIONS
from auditor.inventory.reads import Gap
from auditor.inventory.resources.authorization import Permission, RoleDefinition

_BUILT_IN_ROLES = Path(__file__).resolve().parents[1] / "data" / "builtin_roles.jsonl"
_BUILT_IN_PREFIX = "/providers/Microsoft.Authorization/roleDefinitions/"


class Strength(Enum):
    """The strength with which a role covers an operation: not at all, under a condition, or plainly."""

    NONE = 0
    CONDITIONAL = 1
    PLAIN = 2


@dataclass(frozen=True, slots=True)
class RoleMatch:
    """The match of a role with an operation, and the permission object and pattern that decide it.

    `inferred` means that only the zero-segment reading of `/*/` decides, in a granting pattern or in an exclusion.
    """

    strength: Strength
    index: int = -1
    pattern: str = ""
    condition: str | None = None
    inferred: bool = False


NO_MATCH = RoleMatch(Strength.NONE)


class PermissionObject:
    """An element of `permissions`: its exclusions are subtracted from itself only, never from other elements."""

    def __init__(self, permission: Permission, *, guarded: bool = True) -> None:
        """Keep the four lists by plane. Without `guarded`, a condition applies to every operation."""
        self.condition = (permission.condition or "").strip() or None
        self._guarded = guarded
        self._include = {
            Plane.CONTROL: Patterns(permission.actions or ()),
            Plane.DATA: Patterns(permission.data_actions or ()),
        }
        self._exclude = {
            Plane.CONTROL: Patterns(permission.not_actions or ()),
            Plane.DATA: Patterns(permission.not_data_actions or ()),
        }

    def patterns(self) -> Iterator[tuple[str, Plane]]:
        """Yield the normalized patterns that this object grants, with their plane."""
        return ((pattern, plane) for plane, listed in self._include.items() for pattern in listed.patterns)

    def covers(self, operation: str, plane: Plane) -> bool:
        """Return whether this object grants `operation` (normalized), conditionally or not."""
        if self._include[plane].fit(operation) is Fit.NO:
            return False
        return self._exclude[plane].fit(operation) is Fit.NO

    def match(self, index: int, operation: str, plane: Plane, request: AssignmentRequest | None = None) -> RoleMatch:
        """Return whether and how this object covers `operation`, with its condition where that applies.

        For a role assignment that is to be made (`request`), a condition that admits it does not count, and one that
        refuses it leaves no match.
        """
        included = self._include[plane].fit(operation)
        if included is Fit.NO:
            return NO_MATCH
        excluded = self._exclude[plane].fit(operation)
        if excluded is not Fit.NO:
            return RoleMatch(Strength.NONE, inferred=excluded is Fit.INFERRED)
        conditional = targets(self.condition, operation) if self._guarded else self.condition is not None
        if conditional and request is not None and self._guarded and self.condition:
            admitted = admits(self.condition, operation, request)
            if admitted is False:
                return NO_MATCH
            conditional = admitted is None
        return RoleMatch(
            Strength.CONDITIONAL if conditional else Strength.PLAIN,
            index,
            self._include[plane].deciding(operation),
            self.condition if conditional else None,
            included is Fit.INFERRED,
        )


class Role:
    """A role definition; its matches are cached, since thousands of assignments share a role."""

    def __init__(
        self,
        identity: str,
        name: str,
        permissions: Iterable[Permission],
        *,
        shipped: bool = False,
        guarded: bool = True,
    ) -> None:
        """Keep a definition; `shipped` marks a built-in role that comes with this package."""
        self.id = identity
        self.name = name
        self.shipped = shipped
        self._objects = tuple(PermissionObject(permission, guarded=guarded) for permission in permissions)
        self._known: dict[tuple[str, Plane, AssignmentRequest | None], RoleMatch] = {}

    def patterns(self) -> Iterator[tuple[str, Plane]]:
        """Yield every normalized pattern that a permission object grants, with its plane."""
        for item in self._objects:
            yield from item.patterns()

    def covers(self, operation: str, plane: Plane) -> bool:
        """Return whether the role grants `operation` (normalized), conditionally or not; faster than `match`."""
        return any(item.covers(operation, plane) for item in self._objects)

    def match(self, operation: str, plane: Plane, request: AssignmentRequest | None = None) -> RoleMatch:
        """Return the strongest match among the permission objects for `operation` (normalized).

        `request` is the role assignment that the operation is to make, if it is known.
        """
        found = self._known.get((operation, plane, request))
        if found is None:
            matches = [item.match(index, operation, plane, request) for index, item in enumerate(self._objects)]
            found = max(matches, key=_strength, default=NO_MATCH)
            self._known[operation, plane, request] = found
        return found


class RoleBook:
    """The role definitions of an inventory by GUID, with the shipped built-in roles as a fallback."""

    def __init__(self, held: dict[str, Role], custom: frozenset[str] = frozenset()) -> None:
        """Keep the definitions that were read; `custom` contains the GUIDs of those that are not built in."""
        self._held = held
        self._custom = custom

    @classmethod
    def of(cls, inventory: Inventory) -> "RoleBook":
        """Return the definitions of `inventory`; a definition without permissions in its body counts as not read."""
        held: dict[str, Role] = {}
        custom: set[str] = set()
        for definition in inventory.all(RoleDefinition):
            permissions = definition.properties.permissions
            if (definition.properties.kind or "").lower() != "builtinrole":
                custom.add(role_key(definition.id))
            if permissions is not None:
                name = definition.properties.role_name or definition.display_name
                held.setdefault(role_key(definition.id), Role(definition.id, name, permissions))
        return cls(held, frozenset(custom))

    def built_in(self) -> tuple[Role, ...]:
        """Return the built-in roles: those that were read, and the shipped ones that were not."""
        every = {**_shipped(), **self._held}
        return tuple(role for key, role in every.items() if key not in self._custom)

    def every(self) -> tuple[Role, ...]:
        """Return every role: those that were read, and the shipped ones that were not."""
        return tuple({**_shipped(), **self._held}.values())

    def role(self, definition_id: str | None) -> Role | None:
        """Return the role with an assignment's `roleDefinitionId`, or None where its definition is not known."""
        key = role_key(definition_id or "")
        return self._held.get(key) or _shipped().get(key)


def role_key(definition_id: str) -> str:
    """Return the GUID of a definition id; the scope before it differs from list to list."""
    return definition_id.strip().rstrip("/").rpartition("/")[2].lower()


def missing_role(definition_id: str | None, where: str) -> Gap:
    """Return the gap for a definition that an assignment at the scope `where` refers to and that is not known.

    Its scope is the resource group of the assignment, as a custom role may be listed only there.
    """
    message = f"an assignment names the role `{role_key(definition_id or '')}`, but its definition was not read"
    return Gap(ROLE_DEFINITIONS, _listed_at(where), 0, "NotHeld", message, f"{ROLE_DEFINITIONS}/read")


def _listed_at(where: str) -> str:
    parts = where.split("/", 5)
    inside = len(parts) > 5 and parts[1].lower() == "subscriptions" and parts[3].lower() == "resourcegroups"
    return "/".join(parts[:5]) if inside else where


def _strength(match: RoleMatch) -> tuple[int, bool]:
    if match.strength is Strength.NONE:
        return (0, match.inferred)
    return (match.strength.value, not match.inferred)


class _Shipped(msgspec.Struct, frozen=True, rename="camel"):
    name: str
    role_name: str
    permissions: tuple[Permission, ...]


def shipped_ids() -> frozenset[str]:
    """Return the GUIDs of the shipped built-in roles, which are the same in every tenant."""
    return frozenset(_shipped())


@cache
def _shipped() -> dict[str, Role]:
    """Return the shipped built-in roles by GUID, for snapshots that lack them."""
    text = _BUILT_IN_ROLES.read_bytes()
    rows = (msgspec.json.decode(line, type=_Shipped) for line in text.splitlines() if line.strip())
    return {
        row.name.lower(): Role(_BUILT_IN_PREFIX + row.name, row.role_name, row.permissions, shipped=True)
        for row in rows
    }
