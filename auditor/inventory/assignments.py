"""The role assignments of a snapshot by principal and scope, decoded only when needed, since there can be a million."""

from array import array
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence, Set
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

    An index counts the assignments that were understood; a position is that of a record among all of the type.
    """

    def __init__(self, records: Sequence[ArmRecord], understood: Iterable[tuple[int, RoleAssignment]]) -> None:
        """Index those records that were understood, each with its position, by principal and by scope."""
        self._records = records
        self._positions = array("I")  # by index
        self._scope_numbers = array("I")  # by index; numbers count the scopes
        self._of: dict[str, array[int]] = defaultdict(_no_indexes)
        self._at_scope: dict[str, array[int]] = defaultdict(_no_indexes)
        self._id_at_scope: dict[str, array[int]] = defaultdict(_no_indexes)  # where the stated scope is another one
        numbers: dict[str, int] = {}
        foreign: list[RoleAssignment] = []
        for index, (position, assignment) in enumerate(understood):
            by_id, stated = made_at(assignment.id), assignment.properties.scope
            scope = scope_key(stated) if stated else by_id
            self._positions.append(position)
            self._scope_numbers.append(numbers.setdefault(scope, len(numbers)))
            self._of[intern(assignment.principal)].append(index)
            self._at_scope[scope].append(index)
            if scope != by_id:
                self._id_at_scope[by_id].append(index)
            if (assignment.properties.principal_type or "").lower() == FOREIGN_GROUP:
                foreign.append(assignment)
        self._scopes = tuple(numbers)
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

    def indexes_of(self, principal: str) -> Mapping[str, Sequence[int]]:
        """Return the indexes of the assignments made to the principal itself, by the scope that they state."""
        found: dict[str, list[int]] = defaultdict(list)
        for index in self._of.get(principal, ()):
            found[self._scopes[self._scope_numbers[index]]].append(index)
        return found

    def at(self, index: int) -> RoleAssignment:
        """Return the assignment with an index."""
        return assignment_of(self._records[self._positions[index]])

    @property
    def scopes(self) -> Set[str]:
        """The scopes at which a role is assigned, as the assignments state them."""
        return self._at_scope.keys()

    def at_scope(self, scope: str) -> Iterator[RoleAssignment]:
        """Yield the assignments that state exactly this scope."""
        yield from map(self.at, self._at_scope.get(scope, ()))

    def with_id_at(self, wanted: Callable[[str], bool]) -> Iterator[RoleAssignment]:
        """Yield the assignments whose ids say that they are made at a `wanted` scope, whatever they state."""
        for scope in filter(wanted, self._at_scope):
            yield from (one for one in self.at_scope(scope) if made_at(one.id) == scope)
        for scope in filter(wanted, self._id_at_scope):
            yield from map(self.at, self._id_at_scope[scope])

    def __iter__(self) -> Iterator[RoleAssignment]:
        """Yield every assignment, without keeping the decoded assignments."""
        understood = iter(self._positions)
        wanted = next(understood, None)
        for position, record in enumerate(self._records):
            if position == wanted:
                yield assignment_of(record)
                wanted = next(understood, None)

    def _of_principal(self, principal: str) -> tuple[RoleAssignment, ...]:
        return tuple(map(self.at, self._of[principal]))


def _no_indexes() -> "array[int]":
    return array("I")
