"""Grants by principal and by scope: role assignments, PIM instances and Lighthouse authorizations."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property, lru_cache
from sys import intern

from auditor.access.pim import Activations, holds_now
from auditor.access.rbac.lighthouse import Delegation, delegations
from auditor.access.rbac.scopes import management_group_name
from auditor.access.verdicts import ReasonKind
from auditor.inventory.arm_id import made_at, scope_of
from auditor.inventory.inventory import Inventory
from auditor.inventory.resources.authorization import (
    FOREIGN_GROUP,
    AssignmentInstance,
    EligibilityInstance,
    RoleAssignment,
    ScheduleInstanceProperties,
)

MOST_INDEXED = 3_072
"""The number of principals whose grants stay in memory."""

MOST_GROUPS = 1_024
"""The number of management groups whose grants stay in memory."""


class GrantKind(Enum):
    """The source of a grant; the value is the kind of reason that it becomes."""

    ASSIGNMENT = ReasonKind.ROLE_ASSIGNMENT
    ACTIVATION = ReasonKind.ACTIVATION
    ELIGIBILITY = ReasonKind.ELIGIBILITY
    DELEGATION = ReasonKind.DELEGATION


@dataclass(frozen=True, slots=True)
class Grant:
    """A role for a principal at a scope; `principal` and `scope` are lower-case keys, `where` is the scope as written.

    `standing` is false where the role must be activated first. `limited` is true where the role may only be used to
    assign the roles listed in a delegation. `until` is the end of the window, `origin` the role assignment that an
    activation appears as.
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

    @property
    def is_foreign(self) -> bool:
        """Whether the principal is a group of another tenant."""
        return (self.principal_type or "").lower() == FOREIGN_GROUP


class GrantIndex:
    """The index of all grants; role assignments become grants only when a question concerns their principal."""

    def __init__(self, inventory: Inventory) -> None:
        """Index the grants of `inventory`."""
        self._assignments = inventory.assignments
        self._ended = Activations(inventory).ended
        self._others: dict[str, list[Grant]] = defaultdict(list)
        delegated, self.malformed = delegations(inventory)
        for grant in (*_instances(inventory), *map(_of_delegation, delegated)):
            self._others[grant.principal].append(grant)
        others = (grant for grants in self._others.values() for grant in grants if grant.is_foreign)
        self.foreign: tuple[Grant, ...] = (*self._granting(self._assignments.foreign), *others)
        """The grants to groups of other tenants, whose members cannot be read."""
        self._scoped = lru_cache(maxsize=MOST_INDEXED)(self._of_principal)
        self._at_group = lru_cache(maxsize=MOST_GROUPS)(self._at)

    def _granting(self, assignments: Iterable[RoleAssignment]) -> Iterator[Grant]:
        return (_of_assignment(assignment) for assignment in assignments if not self._is_over(assignment))

    def _is_over(self, assignment: RoleAssignment) -> bool:
        return bool(self._ended) and assignment.id.lower() in self._ended

    @cached_property
    def over(self) -> tuple[Grant, ...]:
        """The grants of role assignments that, according to PIM, are not in effect now."""
        if not self._ended:
            return ()
        return tuple(_of_assignment(assignment) for assignment in self._assignments if self._is_over(assignment))

    def of(self, principal: str) -> Mapping[str, Sequence[Grant]]:
        """Return the grants of one principal (object id in lower case), without those of its groups, by scope key."""
        return self._scoped(principal)

    def _of_principal(self, principal: str) -> "_GrantsByScope":
        others: dict[str, list[Grant]] = defaultdict(list)
        for grant in self._others.get(principal, ()):
            others[grant.scope].append(grant)
        return _GrantsByScope(self._assignments.indexes_of(principal), others, self._granted)

    def _granted(self, indexes: Iterable[int]) -> Iterator[Grant]:
        return self._granting(map(self._assignments.at, indexes))

    @cached_property
    def groups(self) -> tuple[str, ...]:
        """The scope keys of the management groups that have a grant."""
        return tuple(filter(management_group_name, dict.fromkeys((*self._assignments.scopes, *self._others_by_scope))))

    def at(self, key: str) -> Sequence[Grant]:
        """Return the grants made exactly at a scope key; those at management groups count for many scopes."""
        return self._at_group(key) if management_group_name(key) else self._at(key)

    def _at(self, key: str) -> tuple[Grant, ...]:
        return (*self._granting(self._assignments.at_scope(key)), *self._others_by_scope.get(key, ()))

    @cached_property
    def _others_by_scope(self) -> dict[str, list[Grant]]:
        by_scope: dict[str, list[Grant]] = defaultdict(list)
        for grants in self._others.values():
            for grant in grants:
                by_scope[grant.scope].append(grant)
        return by_scope


class _GrantsByScope(Mapping[str, Sequence[Grant]]):
    """The grants of one principal by scope key; those of role assignments are made for the scopes asked about."""

    def __init__(
        self,
        indexes: Mapping[str, Sequence[int]],
        others: Mapping[str, Sequence[Grant]],
        granted: Callable[[Iterable[int]], Iterable[Grant]],
    ) -> None:
        """Take the indexes of role assignments and the other grants by scope, and what makes grants of indexes."""
        self._indexes = indexes
        self._others = others
        self._granted = granted
        self._made: dict[str, tuple[Grant, ...]] = {}

    def __getitem__(self, key: str) -> Sequence[Grant]:
        """Return the grants at a scope; raises `KeyError`."""
        found = self._made.get(key)
        if found is None:
            if key not in self:
                raise KeyError(key)
            found = (*self._granted(self._indexes.get(key, ())), *self._others.get(key, ()))
            self._made[key] = found
        return found

    def __contains__(self, key: object) -> bool:
        """Return whether there may be a grant at a scope."""
        return key in self._indexes or key in self._others

    def __iter__(self) -> Iterator[str]:
        """Yield the scope keys."""
        return iter(dict.fromkeys((*self._indexes, *self._others)))

    def __len__(self) -> int:
        """Return the number of scopes."""
        return len({*self._indexes, *self._others})


def _of_assignment(assignment: RoleAssignment) -> Grant:
    """Return the grant; texts that many grants have are shared, as thousands of grants stay in memory."""
    properties = assignment.properties
    return Grant(
        GrantKind.ASSIGNMENT,
        assignment.id,
        intern(assignment.principal),
        properties.principal_type and intern(properties.principal_type),
        intern(scope_of(assignment.id, properties.scope)),
        properties.role_definition_id and intern(properties.role_definition_id),
        intern(properties.scope or made_at(assignment.id) or "/"),
        properties.condition,
    )


def _instances(inventory: Inventory) -> Iterator[Grant]:
    """Yield the PIM instances in effect now; ended and future ones grant nothing."""
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
        scope_of(identity, properties.scope),
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
