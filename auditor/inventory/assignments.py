"""The role assignments of a snapshot by principal, decoded only when needed, since there can be a million."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from sys import intern

import msgspec

from auditor.inventory.resources.authorization import FOREIGN_GROUP, RoleAssignment
from auditor.inventory.snapshot.records import ArmRecord

_decode = msgspec.json.Decoder(RoleAssignment, strict=False).decode


def assignment_of(record: ArmRecord) -> RoleAssignment:
    """Return the role assignment in a record."""
    return _decode(record.body)


class Assignments:
    """The role assignments of one snapshot; principals are object ids in lower case."""

    def __init__(self, understood: Iterable[tuple[ArmRecord, RoleAssignment]]) -> None:
        """Index records by the principals of their assignments."""
        self._records: list[ArmRecord] = []
        self._of: dict[str, list[ArmRecord]] = defaultdict(list)
        self._asked: dict[str, tuple[RoleAssignment, ...]] = {}
        foreign: list[RoleAssignment] = []
        for record, assignment in understood:
            self._records.append(record)
            self._of[intern(assignment.principal)].append(record)
            if (assignment.properties.principal_type or "").lower() == FOREIGN_GROUP:
                foreign.append(assignment)
        self.foreign = tuple(foreign)
        """The assignments to groups of other tenants, whose members cannot be read."""

    @property
    def principals(self) -> Collection[str]:
        """The principals that hold a role directly."""
        return self._of.keys()

    def of(self, principal: str) -> tuple[RoleAssignment, ...]:
        """Return the assignments made to the principal itself."""
        if principal not in self._asked:
            self._asked[principal] = tuple(map(assignment_of, self._of.get(principal, ())))
        return self._asked[principal]

    def __iter__(self) -> Iterator[tuple[ArmRecord, RoleAssignment]]:
        """Yield every record with its assignment, without keeping the decoded assignments."""
        return ((record, assignment_of(record)) for record in self._records)
