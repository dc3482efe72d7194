"""What must have been read before a negative may be said, and before a positive may be trusted."""

from collections.abc import Iterable, Iterator

from auditor.access.directory.principals import PrincipalIdentities, Principals
from auditor.access.pim import PIM_LISTS, is_absent, was_asked
from auditor.access.rbac.grants import GrantIndex
from auditor.access.rbac.scopes import ScopePlace, ScopeTree, made_at, management_group_name, scope_key
from auditor.inventory.inventory import Inventory
from auditor.inventory.lists import (
    DELEGATIONS,
    DENY_ASSIGNMENTS,
    GROUP_ELIGIBILITIES,
    ROLE_ACTIVATIONS,
    ROLE_ASSIGNMENTS,
    ROLE_ELIGIBILITIES,
)
from auditor.inventory.reads import MALFORMED, NOT_READ, Gap


class Completeness:
    """The lists behind an answer, and which of them were not read.

    A positive needs only its grant and the deny lists. A negative needs every list that could still grant: the
    role assignments at the scope, the groups of the principal, the PIM instances. Definitions are needed one by one,
    where an assignment names them.
    """

    def __init__(self, inventory: Inventory, tree: ScopeTree, grants: GrantIndex, principals: Principals) -> None:
        """Look at `inventory` once for what does not depend on the question."""
        self._inventory = inventory
        self._tree = tree
        self._principals = principals
        self._malformed = (*grants.malformed, *principals.malformed)
        pim = () if is_absent(inventory) else PIM_LISTS
        self._asked_for_pim = was_asked(inventory)
        self._pim = pim if self._asked_for_pim else ()
        self._optional = pim
        self._refused = {
            what: _recorded(inventory, what) for what in (ROLE_ASSIGNMENTS, DENY_ASSIGNMENTS, DELEGATIONS, *PIM_LISTS)
        }

    def of_denials(self, place: ScopePlace) -> tuple[Gap, ...]:
        """Return what was unread of the deny assignments at `place` and above it."""
        return self._list(DENY_ASSIGNMENTS, place)

    def of_grants(self, place: ScopePlace, identities: PrincipalIdentities) -> tuple[Gap, ...]:
        """Return what was unread and could still grant something at `place` to the principal."""
        return (*self.of_assignments(place), *identities.gaps, *self._principals.unread_offers(identities))

    def of_assignments(self, place: ScopePlace) -> tuple[Gap, ...]:
        """Return what was unread of all that grants at `place`, whoever it is granted to."""
        lists = (ROLE_ASSIGNMENTS, *self._pim)
        gaps = [gap for what in lists for gap in self._list(what, place)]
        return (*gaps, *self._above(DELEGATIONS, place), *self._malformed)

    def of_activations(self, place: ScopePlace) -> tuple[Gap, ...]:
        """Return what was unread of the active PIM instances at `place`; nothing where there is no PIM."""
        return self._list(ROLE_ACTIVATIONS, place) if self._pim else ()

    def of_eligibilities(self, place: ScopePlace) -> tuple[Gap, ...]:
        """Return what was unread of the eligible PIM instances at `place`; nothing where there is no PIM."""
        return self._list(ROLE_ELIGIBILITIES, place) if self._pim else ()

    def unasked(self, place: ScopePlace) -> tuple[Gap, ...]:
        """Return what this snapshot did not ask for and *who can* must therefore call missing: PIM, Lighthouse."""
        delegated = (DELEGATIONS,) if place.scope.subscription is not None else ()  # nothing above can be
        lists = (*self._optional, *delegated)
        return tuple(gap for what in lists for gap in self._list(what, place) if gap.code == NOT_READ)

    def unseen_eligibility(self, identities: PrincipalIdentities) -> Iterator[str]:
        """Return what a `deny` leaves open, as it only means *no access now*: eligibilities nobody asked for."""
        if not self._asked_for_pim:
            yield "this snapshot did not look at PIM: the account may be eligible"
        if any(gap.code == NOT_READ for gap in self._inventory.gaps(GROUP_ELIGIBILITIES, identities.principal)):
            yield "whether the account may activate a membership of a group was not read"

    def _list(self, what: str, place: ScopePlace) -> tuple[Gap, ...]:
        direct = self._inventory.gaps(what, place.scope, below=False)
        return (*direct, *self._above(what, place))

    def _above(self, what: str, place: ScopePlace) -> Iterable[Gap]:
        """The refusals at or above `place` that its path does not show: at management groups, of single records."""
        for gap in self._refused[what]:
            if gap.code == MALFORMED:
                reached = self._tree.covers(place, made_at(gap.scope), gap.scope)
            elif management_group_name(scope_key(gap.scope)) is not None:
                reached = self._tree.covers(place, scope_key(gap.scope))
            else:
                reached = self._tree.covers(place, scope_key(gap.scope)) is True
            if reached is not False:
                yield gap


def _recorded(inventory: Inventory, what: str) -> tuple[Gap, ...]:
    """Every refusal of a list, wherever it happened."""
    return tuple(gap for gap in inventory.gaps(what, "/") if gap.code != NOT_READ)
