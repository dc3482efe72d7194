"""The smallest built-in roles that would grant what is missing, computed from the definitions."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from auditor.access.patterns import normalized
from auditor.access.roles import Role, RoleBook, Strength
from auditor.access.verdicts import Plane

_MOST_ROLES = 3
"""Roles that are put together where no single one covers everything."""
_STAND_IN = "any"
"""What a `*` is read as, to make an operation of a pattern."""


@dataclass(frozen=True, slots=True)
class Wanted:
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

    def covering(self, wanted: Iterable[Wanted]) -> tuple[Role, ...]:
        """Return the smallest role that grants all of `wanted`, else the fewest roles that do so together, else none.

        Only what a role grants plainly counts: what it grants under a condition may be refused. Equal sizes are
        decided by fewer writes, then by name.
        """
        asked = tuple(dict.fromkeys(wanted))
        if not asked:
            return ()
        granting = {role.id: _granted(role, asked) for role in self._roles}
        whole = [role for role in self._roles if len(granting[role.id]) == len(asked)]
        if whole:
            return (min(whole, key=self._order),)
        return self._together(asked, granting)

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

    def _together(self, asked: Sequence[Wanted], granting: dict[str, frozenset[Wanted]]) -> tuple[Role, ...]:
        """Take the role that adds most, the smallest of those, until nothing is missing; nothing if something stays."""
        missing = frozenset(asked)
        chosen: list[Role] = []
        while missing and len(chosen) < _MOST_ROLES:
            most = max((len(granting[role.id] & missing) for role in self._roles), default=0)
            if not most:
                return ()
            best = min((role for role in self._roles if len(granting[role.id] & missing) == most), key=self._order)
            chosen.append(best)
            missing -= granting[best.id]
        return () if missing else tuple(chosen)

    @cached_property
    def _operations(self) -> tuple[tuple[str, Plane], ...]:
        return tuple(dict.fromkeys(_known(self._roles)))


def _known(roles: Iterable[Role]) -> Iterator[tuple[str, Plane]]:
    for role in roles:
        for pattern, plane in role.patterns():
            yield pattern.replace("*", _STAND_IN), plane


def _granted(role: Role, asked: Sequence[Wanted]) -> frozenset[Wanted]:
    return frozenset(
        right
        for right in asked
        if any(role.match(normalized(action), right.plane).strength is Strength.PLAIN for action in right.one_of)
    )
