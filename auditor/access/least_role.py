"""The smallest built-in roles that grant a set of missing rights, computed from the role definitions."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

from auditor.access.rbac.assignment_conditions import AssignmentRequest
from auditor.access.rbac.patterns import normalized
from auditor.access.rbac.roles import Role, RoleBook, Strength, role_key
from auditor.access.verdicts import Plane

_MOST_ROLES = 3
"""The largest number of roles combined where no single role covers everything."""
_STAND_IN = "any"
"""The text that replaces `*` to turn a pattern into an operation."""


@dataclass(frozen=True, slots=True)
class WantedRole:
    """A right to be granted: any one of these actions, on one plane.

    `assigns` are the GUIDs of the roles that an action which assigns roles has to give; a condition that admits them
    does not count as one.
    """

    one_of: tuple[str, ...]
    plane: Plane = Plane.CONTROL
    assigns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class Size:
    """The amount that a role grants.

    `operations` counts the known operations of both planes that the role grants, conditionally or not; `writes` counts
    those that are not reads. The known operations are the patterns of all role definitions, with each `*` replaced by a
    fixed name. So a wildcard counts for itself and for every narrower pattern of any role, and a role that grants
    everything another role grants is never smaller.
    """

    operations: int
    writes: int


class LeastRoles:
    """The built-in roles of one environment and the search for the smallest that suffice."""

    def __init__(self, book: RoleBook) -> None:
        """Keep the built-in roles of `book`."""
        self._roles = book.built_in()
        self._sizes: dict[str, Size] = {}

    def covering(
        self, wanted: Iterable[WantedRole], *, among: Collection[str] | None = None, without: Collection[str] = ()
    ) -> tuple[Role, ...]:
        """Return the smallest role that grants all of `wanted`, otherwise the fewest that do so together, or none.

        `among` and `without` are GUIDs of the roles to choose from and of those to leave out. Only unconditional grants
        count, since a conditional one may be refused. Of equally many roles, those that grant the fewest operations
        in total win, then the fewest writes, then the first by name.
        """
        asked = tuple(dict.fromkeys(wanted))
        useful = self._smallest_by_grant(
            asked,
            [
                role
                for role in self._roles
                if (among is None or role_key(role.id) in among) and role_key(role.id) not in without
            ],
        )
        for count in range(1, _MOST_ROLES + 1):
            fitting = [
                roles
                for grants in combinations(useful, count)
                if len(frozenset().union(*grants)) == len(asked)
                for roles in [tuple(useful[granted] for granted in grants)]
            ]
            if fitting and asked:
                return tuple(sorted(min(fitting, key=self._cost), key=self._order))
        return ()

    def _smallest_by_grant(
        self, asked: Sequence[WantedRole], roles: Iterable[Role]
    ) -> dict[frozenset[WantedRole], Role]:
        """Return the smallest role for each subset of `asked` that a role grants; a larger one is never better."""
        found: dict[frozenset[WantedRole], Role] = {}
        for role in roles:
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
    return frozenset(right for right in asked if any(_grants(role, action, right) for action in right.one_of))


def _grants(role: Role, action: str, right: WantedRole) -> bool:
    requests: list[AssignmentRequest | None] = [AssignmentRequest(one) for one in right.assigns]
    matches = (role.match(normalized(action), right.plane, request) for request in requests or [None])
    return all(match.strength is Strength.PLAIN for match in matches)
