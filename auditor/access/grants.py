"""Everything that can grant, by principal and by scope: assignments, PIM instances, Lighthouse authorizations."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

from auditor.access.lighthouse import Delegation, delegations
from auditor.access.pim import Activations, holds_now
from auditor.access.principals import FOREIGN_GROUP
from auditor.access.scopes import made_at, scope_key
from auditor.access.verdicts import ReasonKind
from auditor.inventory.inventory import Inventory
from auditor.inventory.resources.authorization import (
    AssignmentInstance,
    EligibilityInstance,
    RoleAssignment,
    ScheduleInstanceProperties,
)

_LOCAL = frozenset({"User", "Group", "ServicePrincipal"})


class GrantKind(Enum):
    """Where a grant comes from; the value is the kind of the reason it gives."""

    ASSIGNMENT = ReasonKind.ROLE_ASSIGNMENT
    ACTIVATION = ReasonKind.ACTIVATION
    ELIGIBILITY = ReasonKind.ELIGIBILITY
    DELEGATION = ReasonKind.DELEGATION


@dataclass(frozen=True, slots=True)
class Grant:
    """A role at a scope for a principal; `principal` and `scope` are lower-case keys, `where` is the scope as it came.

    `standing` is false where it must be activated first, `limited` is true where it may only hand out listed roles;
    `until` is the end of its window, `origin` the assignment that an activation shows up as.
    """

    kind: GrantKind
    id: str
    principal: str
    principal_type: str | None
    scope: str
    role: str | None
    where: str
    condition: str | None = None
    standing: bool = True
    limited: bool = False
    until: str | None = None
    origin: str | None = None


class GrantIndex:
    """One pass over everything that grants.

    Assignments stay the records they are until a question touches them: a million of them must fit in memory.
    """

    def __init__(self, inventory: Inventory) -> None:
        """Index `inventory`."""
        self._activations = Activations(inventory)
        self._by_principal: dict[str, list[RoleAssignment | Grant]] = defaultdict(list)
        self._foreign: list[Grant] = []
        self.ended_assignments: list[tuple[str, str, str]] = []
        """Assignments (id, principal, scope key) that PIM says hold at another time than now."""
        self._scoped: dict[str, dict[str, list[Grant]]] = {}
        self._by_scope: dict[str, list[RoleAssignment | Grant]] | None = None
        self._index_assignments(inventory)
        delegated, self.malformed = delegations(inventory)
        for grant in (*_instances(inventory), *map(_of_delegation, delegated)):
            self._by_principal[grant.principal].append(grant)
            if (grant.principal_type or "").lower() == FOREIGN_GROUP:
                self._foreign.append(grant)

    def _index_assignments(self, inventory: Inventory) -> None:
        by_principal = self._by_principal
        ended = self._activations.ended
        for assignment in inventory.all(RoleAssignment):
            properties = assignment.properties
            principal = (properties.principal_id or "").strip().lower()
            if ended and assignment.id.lower() in ended:
                self.ended_assignments.append((assignment.id, principal, _scope_of(assignment)))
                continue
            by_principal[principal].append(assignment)
            if properties.principal_type not in _LOCAL and (properties.principal_type or "").lower() == FOREIGN_GROUP:
                self._foreign.append(_of_assignment(assignment))

    def of(self, principal: str) -> dict[str, list[Grant]]:
        """Return the grants of one principal (an object id in lower case, groups not followed) by scope key."""
        found = self._scoped.get(principal)
        if found is None:
            found = self._scoped[principal] = defaultdict(list)
            for item in self._by_principal.get(principal, ()):
                grant = _of_assignment(item) if isinstance(item, RoleAssignment) else item
                found[grant.scope].append(grant)
        return found

    @property
    def foreign(self) -> tuple[Grant, ...]:
        """The grants of groups of other tenants: their members cannot be read."""
        return tuple(self._foreign)

    def scopes(self) -> Iterable[str]:
        """Return every scope key at which something is granted."""
        return self._scope_index.keys()

    def at(self, key: str) -> Iterator[Grant]:
        """Return the grants made exactly at a scope key."""
        for item in self._scope_index.get(key, ()):
            yield _of_assignment(item) if isinstance(item, RoleAssignment) else item

    @property
    def _scope_index(self) -> dict[str, list[RoleAssignment | Grant]]:
        """Everything by scope; only *who can* needs it, so it is made when that is first asked."""
        if self._by_scope is None:
            self._by_scope = defaultdict(list)
            for items in self._by_principal.values():
                for item in items:
                    self._by_scope[_scope_of(item)].append(item)
        return self._by_scope


def _scope_of(item: RoleAssignment | Grant) -> str:
    if isinstance(item, Grant):
        return item.scope
    return scope_key(item.properties.scope) if item.properties.scope else made_at(item.id)


def _of_assignment(assignment: RoleAssignment) -> Grant:
    properties = assignment.properties
    return Grant(
        GrantKind.ASSIGNMENT,
        assignment.id,
        (properties.principal_id or "").strip().lower(),
        properties.principal_type,
        _scope_of(assignment),
        properties.role_definition_id,
        properties.scope or made_at(assignment.id) or "/",
        properties.condition,
    )


def _instances(inventory: Inventory) -> Iterator[Grant]:
    """The PIM instances whose window holds now; what is over or yet to come grants nothing."""
    for active in inventory.all(AssignmentInstance):
        if holds_now(active.properties, inventory.now):
            yield _of_instance(GrantKind.ACTIVATION, active.id, active.properties)
    for eligible in inventory.all(EligibilityInstance):
        if holds_now(eligible.properties, inventory.now):
            yield _of_instance(GrantKind.ELIGIBILITY, eligible.id, eligible.properties)


def _of_instance(kind: GrantKind, identity: str, properties: ScheduleInstanceProperties) -> Grant:
    return Grant(
        kind,
        identity,
        (properties.principal_id or "").strip().lower(),
        properties.principal_type,
        scope_key(properties.scope) if properties.scope else made_at(identity),
        properties.role_definition_id,
        properties.scope or made_at(identity) or "/",
        properties.condition,
        standing=kind is not GrantKind.ELIGIBILITY,
        until=properties.end_date_time,
        origin=properties.origin_role_assignment_id,
    )


def _of_delegation(item: Delegation) -> Grant:
    return Grant(
        GrantKind.DELEGATION,
        item.id,
        item.principal,
        None,
        item.scope,
        item.role,
        item.scope or "/",
        standing=item.standing,
        limited=item.limited,
    )
