"""Role assignments of which only PIM knows the end: which hold no longer, and what an unread list leaves open.

Azure lists an activation among the role assignments without saying when it ends. The list of active instances tells.
"""

from auditor.access.directory.principals import PrincipalIdentities
from auditor.access.rbac.completeness import Completeness
from auditor.access.rbac.grants import Grant, GrantKind
from auditor.access.rbac.roles import role_key
from auditor.access.rbac.scopes import ScopePlace, ScopeTree, made_at, scope_key
from auditor.inventory.inventory import Inventory
from auditor.inventory.reads import Gap
from auditor.inventory.resources.authorization import EligibilityInstance


class Lapses:
    """Doubts about role assignments where the list of active PIM instances was not read."""

    def __init__(self, inventory: Inventory, tree: ScopeTree, completeness: Completeness) -> None:
        """Index who was ever made eligible: an activation comes from an eligibility and from nothing else."""
        self._tree = tree
        self._completeness = completeness
        self._later = inventory.now != inventory.header.collected_at
        self._eligible: dict[str, list[tuple[str, str, str]]] = {}
        for instance in inventory.all(EligibilityInstance):
            properties = instance.properties
            at = scope_key(properties.scope) if properties.scope else made_at(instance.id)
            whom = (properties.principal_id or "").strip().lower()
            self._eligible.setdefault(role_key(properties.role_definition_id or ""), []).append((whom, at, instance.id))

    def unread(self, place: ScopePlace) -> tuple[Gap, ...]:
        """Return what was unread of the active instances at `place`; nothing where PIM was not asked or is absent."""
        return self._completeness.of_activations(place)

    def may_be_over(self, grant: Grant, identities: PrincipalIdentities, place: ScopePlace) -> bool:
        """Return whether a role assignment may be an activation that is over, as far as other lists tell.

        Not so where the eligibilities were read and none could have made it. At another time than the snapshot's any
        assignment may have ended in between. Only asked where the active instances were not read.
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
