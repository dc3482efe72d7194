"""The smallest built-in roles that would grant what is missing, computed from the definitions."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

from auditor.access.rbac.patterns import normalized
from auditor.access.rbac.roles import Role, RoleBook, Strength
from auditor.access.verdicts import Plane

_MOST_ROLES = 3
"""Roles that are put together where no single one covers everything."""
_STAND_IN = "any"
"""What a `*` is read as, to make an operation of a pattern."""


@dataclass(frozen=True, slots=True)
class WantedRole:
    """A right that is to be granted: one of these actions, in one plane."""

    one_of: tuple[str, ...]
    plane: Plane = Plane.CONTROL


@dataclass(frozen=True, slots=True, order=True)
class Size:
    """How much a role grants; less is smaller.

    `operations` counts the known operations of both planes that the role grants, under a condition too; `writes` those
    of them that are no reads. Known are all strings of all definitions, with each `*` read as a name of its own: so a
    wildcard counts once for itself and once for everything narrower that any role spells out, and a role that grants
    all that another grants is never the smaller one.
    """

    operations: int
    writes: int


class LeastRoles:
    """The built-in roles of one environment, asked for the smallest that will do."""

    def __init__(self, book: RoleBook) -> None:
        """Take the built-in roles of `book`."""
        self._roles = book.built_in()
        self._sizes: dict[str, Size] = {}

    def covering(self, wanted: Iterable[WantedRole]) -> tuple[Role, ...]:
        """Return the smallest role that grants all of `wanted`, else the fewest roles that do so together, else none.

        Only what a role grants plainly counts: what it grants under a condition may be refused. Equal sizes are
        decided by fewer writes, then by name; of equally many roles those that grant least in sum are taken.
        """
        asked = tuple(dict.fromkeys(wanted))
        useful = self._smallest_by_grant(asked)
        for count in range(1, _MOST_ROLES + 1):
            fitting = [
                roles
                for grants in combinations(useful, count)
                if len(frozenset().union(*grants)) == len(asked)
                for roles in [tuple(useful[one] for one in grants)]
            ]
            if fitting and asked:
                return tuple(sorted(min(fitting, key=self._cost), key=self._order))
        return ()

    def _smallest_by_grant(self, asked: Sequence[WantedRole]) -> dict[frozenset[WantedRole], Role]:
        """The smallest role for each part of `asked` that some role grants; of equal use no other is ever better."""
        found: dict[frozenset[WantedRole], Role] = {}
        for role in self._roles:
            grants = _granted(role, asked)
            if grants and (grants not in found or self._order(role) < self._order(found[grants])):
                found[grants] = role
        return found

    def _cost(self, roles: Iterable[Role]) -> tuple[int, int, list[str]]:
        chosen = list(roles)
        sizes = [self.size(role) for role in chosen]
        operations, writes = sum(size.operations for size in sizes), sum(size.writes for size in sizes)
        return operations, writes, sorted(role.name for role in chosen)

    def size(self, role: Role) -> Size:
        """Return how much a role grants."""
        found = self._sizes.get(role.id)
        if found is None:
            granted = [operation for operation, plane in self._operations if role.covers(operation, plane)]
            writes = sum(not operation.endswith("/read") for operation in granted)
            found = self._sizes[role.id] = Size(len(granted), writes)
        return found

    def _order(self, role: Role) -> tuple[Size, str]:
        return (self.size(role), role.name)

    @cached_property
    def _operations(self) -> tuple[tuple[str, Plane], ...]:
        return tuple(dict.fromkeys(_known(self._roles)))


def _known(roles: Iterable[Role]) -> Iterator[tuple[str, Plane]]:
    for role in roles:
        for pattern, plane in role.patterns():
            yield pattern.replace("*", _STAND_IN), plane


def _granted(role: Role, asked: Sequence[WantedRole]) -> frozenset[WantedRole]:
    return frozenset(
        right
        for right in asked
        if any(role.match(normalized(action), right.plane).strength is Strength.PLAIN for action in right.one_of)
    )
