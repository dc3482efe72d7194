"""The role assignments of a snapshot by principal and scope, decoded only when needed, since there can be a million."""

from array import array
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence, Set
from functools import lru_cache
from sys import intern

import msgspec

from auditor.inventory.arm_id import ArmId, MalformedArmId, made_at, scope_key
from auditor.inventory.resources.authorization import FOREIGN_GROUP, RoleAssignment
from auditor.inventory.snapshot.records import ArmRecord

MOST_DECODED = 128
"""The number of principals whose assignments stay decoded."""

_decode = msgspec.json.Decoder(RoleAssignment, strict=False).decode


def assignment_of(record: ArmRecord) -> RoleAssignment:
    """Return the role assignment in a record."""
    return _decode(record.body)


def well_formed(body: bytes) -> RoleAssignment | None:
    """Return the role assignment in a body if it is certainly well formed; None for one that has to be looked at."""
    try:
        held = _decode(body)
    except msgspec.DecodeError:
        return None
    scope, _, name = held.id.rpartition("/providers/Microsoft.Authorization/roleAssignments/")
    known = held.properties.principal_id is not None  # so that it is not without properties
    return held if known and name.replace("-", "").isalnum() and _is_well_formed(scope) else None


@lru_cache(maxsize=1024)
def _is_well_formed(scope: str) -> bool:
    """Return whether the part of an id before its last type is well formed; many role assignments share it."""
    try:
        return not scope.endswith("/") and not ArmId.parse(scope).is_root
    except MalformedArmId:
        return False


class Assignments:
    """The role assignments of one snapshot; principals are object ids in lower case, scopes are scope keys.

    A position is that of an assignment's record in the snapshot's records of the type.
    """

    def __init__(self, records: Sequence[ArmRecord], understood: Iterable[tuple[int, RoleAssignment]]) -> None:
        """Index those records that were understood, each with its position, by principal and by scope."""
        self._records = records
        self._positions = array("Q")
        self._of: dict[str, array[int]] = defaultdict(_no_positions)
        self._at_scope: dict[str, array[int]] = defaultdict(_no_positions)
        self._id_at_scope: dict[str, array[int]] = defaultdict(_no_positions)  # where the stated scope is another one
        foreign: list[RoleAssignment] = []
        for position, assignment in understood:
            self._positions.append(position)
            self._of[intern(assignment.principal)].append(position)
            by_id, stated = made_at(assignment.id), assignment.properties.scope
            scope = scope_key(stated) if stated else by_id
            self._at_scope[scope].append(position)
            if scope != by_id:
                self._id_at_scope[by_id].append(position)
            if (assignment.properties.principal_type or "").lower() == FOREIGN_GROUP:
                foreign.append(assignment)
        self.foreign = tuple(foreign)
        """The assignments to groups of other tenants, whose members cannot be read."""
        self._decoded = lru_cache(maxsize=MOST_DECODED)(self._of_principal)

    @property
    def principals(self) -> Collection[str]:
        """The principals that hold a role directly."""
        return self._of.keys()

    def of(self, principal: str) -> tuple[RoleAssignment, ...]:
        """Return the assignments made to the principal itself."""
        return self._decoded(principal) if principal in self._of else ()

    @property
    def scopes(self) -> Set[str]:
        """The scopes at which a role is assigned, as the assignments state them."""
        return self._at_scope.keys()

    def at_scope(self, scope: str) -> Iterator[RoleAssignment]:
        """Yield the assignments that state exactly this scope."""
        yield from map(self._at, self._at_scope.get(scope, ()))

    def with_id_at(self, wanted: Callable[[str], bool]) -> Iterator[RoleAssignment]:
        """Yield the assignments whose ids say that they are made at a `wanted` scope, whatever they state."""
        for scope in filter(wanted, self._at_scope):
            yield from (one for one in self.at_scope(scope) if made_at(one.id) == scope)
        for scope in filter(wanted, self._id_at_scope):
            yield from map(self._at, self._id_at_scope[scope])

    def __iter__(self) -> Iterator[RoleAssignment]:
        """Yield every assignment, without keeping the decoded assignments."""
        understood = iter(self._positions)
        wanted = next(understood, None)
        for position, record in enumerate(self._records):
            if position == wanted:
                yield assignment_of(record)
                wanted = next(understood, None)

    def _of_principal(self, principal: str) -> tuple[RoleAssignment, ...]:
        return tuple(map(self._at, self._of[principal]))

    def _at(self, position: int) -> RoleAssignment:
        return assignment_of(self._records[position])


def _no_positions() -> "array[int]":
    return array("Q")
