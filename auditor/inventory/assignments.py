"""The role assignments of a snapshot by principal, decoded only when needed, since there can be a million."""

from array import array
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from sys import intern

import msgspec

from auditor.inventory.resources.authorization import FOREIGN_GROUP, RoleAssignment
from auditor.inventory.snapshot.records import ArmRecord

MOST_DECODED = 128
"""The number of principals whose assignments stay decoded."""

_decode = msgspec.json.Decoder(RoleAssignment, strict=False).decode


def assignment_of(record: ArmRecord) -> RoleAssignment:
    """Return the role assignment in a record."""
    return _decode(record.body)


class Assignments:
    """The role assignments of one snapshot; principals are object ids in lower case.

    A position is that of an assignment's record in the snapshot's records of the type.
    """

    def __init__(self, records: Sequence[ArmRecord], understood: Iterable[tuple[int, RoleAssignment]]) -> None:
        """Index those records that were understood, each with its position, by the principals of their assignments."""
        self._records = records
        self._positions = array("Q")
        self._of: dict[str, array[int]] = defaultdict(_no_positions)
        foreign: list[RoleAssignment] = []
        for position, assignment in understood:
            self._positions.append(position)
            self._of[intern(assignment.principal)].append(position)
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

    def at(self, position: int) -> RoleAssignment:
        """Return the assignment at a position."""
        return assignment_of(self._records[position])

    def __iter__(self) -> Iterator[tuple[int, RoleAssignment]]:
        """Yield every position with its assignment, without keeping the decoded assignments."""
        understood = iter(self._positions)
        wanted = next(understood, None)
        for position, record in enumerate(self._records):
            if position == wanted:
                yield position, assignment_of(record)
                wanted = next(understood, None)

    def _of_principal(self, principal: str) -> tuple[RoleAssignment, ...]:
        return tuple(map(self.at, self._of[principal]))


def _no_positions() -> "array[int]":
    return array("Q")
