"""Authorization lists: the role and deny assignments, schedules, locks and policies that a list at a scope returns."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from auditor.emulator.arm.index import ArmIndex, ArmRow
from auditor.emulator.arm.management_groups import Hierarchy, is_management_group
from auditor.emulator.arm.target import parent_of
from auditor.inventory.snapshot.records import Link

LOCKS = "microsoft.authorization/locks"
POLICIES = "microsoft.authorization/policyassignments"
EXEMPTIONS = "microsoft.authorization/policyexemptions"
ROLE_ASSIGNMENTS = "microsoft.authorization/roleassignments"
DENY_ASSIGNMENTS = "microsoft.authorization/denyassignments"
SCHEDULES = frozenset(
    {
        "microsoft.authorization/roleeligibilityscheduleinstances",
        "microsoft.authorization/roleassignmentscheduleinstances",
        "microsoft.authorization/roleeligibilityschedules",
        "microsoft.authorization/roleassignmentschedules",
    }
)
SCOPED = frozenset({LOCKS, POLICIES, EXEMPTIONS, ROLE_ASSIGNMENTS, DENY_ASSIGNMENTS}) | SCHEDULES
"""Types whose list at a scope also contains inherited rows and rows below the scope."""


class ScopedLists:
    """The rows at, above and below a scope."""

    def __init__(self, index: ArmIndex, hierarchy: Hierarchy, links: Iterable[Link]) -> None:
        self._index = index
        self._hierarchy = hierarchy
        self._groups: dict[str, set[str]] = defaultdict(set)
        for link in links:
            if link.rel == "transitiveMemberOf":
                self._groups[link.from_.lower()].add(link.to.lower())

    def principals_of(self, principal: str) -> set[str]:
        """Return the principal and the groups that it is a member of, directly or indirectly."""
        return {principal.lower(), *self._groups.get(principal.lower(), ())}

    def rows(
        self, type_: str, scope: str, *, below: bool = True, above: bool = True, guess: bool = True
    ) -> list[ArmRow]:
        """Return the rows of a list at `scope`, with those `below` and `above` it.

        Without `guess`, a subscription inherits only the rows that links name, not those of its management groups.
        """
        rows: list[ArmRow] = []
        if above:
            rows.extend(self._above(type_, scope, guess=guess))
        if not below:
            rows.extend(self._index.at(type_, scope))
        elif scope.startswith("/subscriptions/"):
            rows.extend(self._index.within(type_, scope))
        else:
            rows.extend(self._index.at(type_, scope))
            rows.extend(self._of_groups_below(type_, scope))
        return rows

    def _above(self, type_: str, scope: str, *, guess: bool) -> Iterator[ArmRow]:
        if not scope:
            return
        if not scope.startswith("/subscriptions/"):
            for place in self._hierarchy.above(scope):
                yield from self._index.at(type_, place)
            return
        place = scope
        while place.count("/") > 2:
            place = parent_of(place)
            if place:
                yield from self._index.at(type_, place)
        yield from self._inherited(type_, "/".join(scope.split("/", 3)[:3]), guess=guess)

    def _inherited(self, type_: str, subscription: str, *, guess: bool) -> Iterator[ArmRow]:
        linked = self._hierarchy.inherited_by(subscription)
        found = False
        for key in linked:
            row = self._index.get(key)
            if row is not None and row.type == type_:
                found = True
                yield row
        # A scan stores links for inherited rows, except policies; a snapshot without links was written by hand.
        if guess and not found and (not linked or type_ in {POLICIES, EXEMPTIONS}):
            for place in self._hierarchy.above(subscription):
                yield from self._index.at(type_, place)

    def _of_groups_below(self, type_: str, scope: str) -> Iterator[ArmRow]:
        if scope:
            places: Iterable[str] = [place for place in self._hierarchy.below(scope) if is_management_group(place)]
        else:
            places = {row.container for row in self._index.of_type(type_) if is_management_group(row.container)}
        for place in sorted(places):
            yield from self._index.at(type_, place)
