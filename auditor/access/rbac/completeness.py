"""The lists that an answer depends on: which of them were not read, and which grants that leaves in doubt."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from auditor.access.directory.principals import PrincipalIdentities, Principals
from auditor.access.pim import PIM_LISTS, is_absent, was_asked
from auditor.access.rbac.grants import Grant, GrantIndex, GrantKind
from auditor.access.rbac.roles import role_key
from auditor.access.rbac.scopes import ScopePlace, ScopeTree, management_group_name
from auditor.inventory.arm_id import made_at, scope_key, scope_of
from auditor.inventory.inventory import Inventory
from auditor.inventory.lists import (
    DELEGATIONS,
    DENY_ASSIGNMENTS,
    GROUP_ELIGIBILITIES,
    ROLE_ACTIVATIONS,
    ROLE_ASSIGNMENTS,
    ROLE_ELIGIBILITIES,
)
from auditor.inventory.reads import MALFORMED, Gap
from auditor.inventory.resources.authorization import EligibilityInstance
from auditor.inventory.unscanned import unscanned

MOST_KNOWN = 4_096
"""The largest number of lists at places of which the gaps are kept."""


class Completeness:
    """The lists that an answer depends on, and the gaps in them.

    A positive answer needs only its grant and the deny assignments. A negative one needs every list that could still
    grant: role assignments at the scope, groups of the principal, PIM instances. A role definition is needed only where
    an assignment refers to it.
    """

    def __init__(self, inventory: Inventory, tree: ScopeTree, grants: GrantIndex, principals: Principals) -> None:
        """Gather from `inventory` what does not depend on the question."""
        self._inventory = inventory
        self._tree = tree
        self._principals = principals
        self._malformed = (*grants.malformed, *principals.malformed)
        pim = () if is_absent(inventory) else PIM_LISTS
        self._asked_for_pim = was_asked(inventory)
        self._pim = pim if self._asked_for_pim else ()
        self._optional = pim
        lists = (ROLE_ASSIGNMENTS, DENY_ASSIGNMENTS, DELEGATIONS, *PIM_LISTS)
        self._refused = {what: _Refusals(inventory, what) for what in lists}
        self._known: dict[tuple[str, str], tuple[Gap, ...]] = {}

    def of_denials(self, place: ScopePlace) -> tuple[Gap, ...]:
        """Return the gaps in the deny assignments at `place` and above it."""
        return self._list(DENY_ASSIGNMENTS, place)

    def of_grants(self, place: ScopePlace, identities: PrincipalIdentities) -> tuple[Gap, ...]:
        """Return the gaps that could hide a grant to the principal at `place`."""
        return (*self.of_assignments(place), *identities.gaps, *self._principals.unread_offers(identities))

    def of_assignments(self, place: ScopePlace) -> tuple[Gap, ...]:
        """Return the gaps that could hide a grant to any principal at `place`."""
        lists = (ROLE_ASSIGNMENTS, *self._pim)
        gaps = [gap for what in lists for gap in self._list(what, place)]
        return (*gaps, *self._above(DELEGATIONS, place), *self._malformed)

    def of_activations(self, place: ScopePlace) -> tuple[Gap, ...]:
        """Return the gaps in the active PIM instances at `place`; none where PIM is absent or was not read at all."""
        return self._list(ROLE_ACTIVATIONS, place) if self._pim else ()

    def of_eligibilities(self, place: ScopePlace) -> tuple[Gap, ...]:
        """Return the gaps in the eligible PIM instances at `place`; none where PIM is absent or was not read at all."""
        return self._list(ROLE_ELIGIBILITIES, place) if self._pim else ()

    def unasked(self, place: ScopePlace) -> tuple[Gap, ...]:
        """Return the gaps of PIM and Lighthouse lists that were never requested; only *who can* reports them."""
        delegated = (DELEGATIONS,) if place.scope.subscription is not None else ()  # nothing above can be delegated
        lists = (*self._optional, *delegated)
        return tuple(gap for what in lists for gap in self._list(what, place) if gap.was_not_requested)

    def unseen_eligibility(self, identities: PrincipalIdentities) -> Iterator[str]:
        """Yield the note texts for a `deny` that only means *no access now*: eligibilities not requested."""
        if not self._asked_for_pim:
            yield "PIM was not read for this snapshot: the account may still be eligible"
        if any(gap.was_not_requested for gap in self._inventory.gaps(GROUP_ELIGIBILITIES, identities.principal)):
            yield "whether the account may activate a group membership was not read"

    def _list(self, what: str, place: ScopePlace) -> tuple[Gap, ...]:
        """Return the gaps in a list at `place`; the last ones are kept, since many questions are about one place."""
        key = (what, place.scope.text)
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            found = self._known[key] = self._gaps(what, place)
        return found

    def _gaps(self, what: str, place: ScopePlace) -> tuple[Gap, ...]:
        direct = self._inventory.gaps(what, place.scope, below=False) or self._outside(what, place)
        return (*direct, *self._above(what, place))

    def _outside(self, what: str, place: ScopePlace) -> tuple[Gap, ...]:
        """Return the gap for a scope in a subscription that was not read, whatever was read elsewhere."""
        return unscanned(self._inventory, place.scope, what) if self._inventory.scanned else ()

    def _above(self, what: str, place: ScopePlace) -> Iterable[Gap]:
        """Yield the refusals that affect `place` wherever they are: on its path, and at management groups."""
        refused = self._refused[what]
        for path in place.paths:
            yield from refused.by_path.get(path, ())
        for key, gap in refused.at_groups:
            made_by = gap.scope if gap.code == MALFORMED else ""
            if self._tree.covers(place, key, made_by) is not False:
                yield gap


class _Refusals:
    """Every refusal of a list: by the key of its scope, and those at management groups with the key of each."""

    def __init__(self, inventory: Inventory, what: str) -> None:
        self.by_path: dict[str, list[Gap]] = defaultdict(list)
        self.at_groups: list[tuple[str, Gap]] = []
        for gap in inventory.gaps(what, "/"):
            key = made_at(gap.scope) if gap.code == MALFORMED else scope_key(gap.scope)
            if gap.was_not_requested:
                continue
            if management_group_name(key) is None:
                self.by_path[key].append(gap)
            else:
                self.at_groups.append((key, gap))


class Lapses:
    """Role assignments that may have lapsed: PIM activations that may have ended without the snapshot showing it.

    Azure lists an activation among the role assignments without its end, which only the list of active PIM instances
    contains. Where that list was not read, such an assignment is in doubt.
    """

    def __init__(self, inventory: Inventory, tree: ScopeTree, completeness: Completeness) -> None:
        """Index the eligibilities: an activation exists only where there is an eligibility for it."""
        self._tree = tree
        self._completeness = completeness
        self._later = inventory.now != inventory.header.collected_at
        self._eligible: dict[str, list[tuple[str, str, str]]] = {}
        for instance in inventory.all(EligibilityInstance):
            properties = instance.properties
            at = scope_of(instance.id, properties.scope)
            whom = (properties.principal_id or "").strip().lower()
            self._eligible.setdefault(role_key(properties.role_definition_id or ""), []).append((whom, at, instance.id))

    def unread(self, place: ScopePlace) -> tuple[Gap, ...]:
        """Return the gaps in the active instances at `place`; none where PIM is absent or was not read at all."""
        return self._completeness.of_activations(place)

    def may_be_over(self, grant: Grant, identities: PrincipalIdentities, place: ScopePlace) -> bool:
        """Return whether a role assignment may be an activation that has ended.

        False where the eligibilities were read and none fits the assignment. At another time than the snapshot's, any
        assignment may have ended since. Meaningful only where the active instances were not read.
        """
        if grant.kind is not GrantKind.ASSIGNMENT:
            return False
        if self._later or self._completeness.of_eligibilities(place):
            return True
        reached = (identities.sure, identities.perhaps, identities.eligible)
        return any(
            (bool(identities.gaps) or any(whom in members for members in reached))
            and self._tree.covers(place, at, instance) is not False
            for whom, at, instance in self._eligible.get(role_key(grant.role or ""), ())
        )
