"""The reads that an account could certainly do in a subscription, so that what no list showed it is not there.

Resource Manager leaves out of a list of resources what the account may not read. So this is stricter than a decision
about access, which says what is configured: a role counts only if it was in effect all the time, and anything that may
take a read away counts as if it did.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cached_property

import msgspec

from auditor.access.access import Access
from auditor.access.pim import holds_now
from auditor.access.rbac.grants import Grant
from auditor.access.rbac.matching import Match
from auditor.access.rbac.patterns import normalized
from auditor.access.rbac.roles import role_key
from auditor.access.verdicts import Plane
from auditor.inventory.arm_id import ArmId, MalformedArmId, made_at, scope_of
from auditor.inventory.instants import instant
from auditor.inventory.inventory import Inventory
from auditor.inventory.lists import DENY_ASSIGNMENTS, ROLE_ASSIGNMENTS, ROLE_DEFINITIONS
from auditor.inventory.resources.authorization import AssignmentInstance, DenyAssignment
from auditor.inventory.snapshot.snapshot import Snapshot

SETTLED = timedelta(minutes=30)
"""The age from which a role assignment, or a custom role, is in effect everywhere.

Resource Manager takes up to 10 minutes for a role assignment, and up to 30 for a change of the tree of management
groups; the clocks of Azure and of this machine may differ a little.
Source: https://learn.microsoft.com/azure/role-based-access-control/troubleshooting
"""


class CertainReads:
    """What an account could certainly read between two times, by the evidence in a snapshot of just that.

    The snapshot holds the account's role assignments at management groups, their roles, its groups, the parents of the
    subscriptions, the active instances of PIM there, and the deny assignments of the subscriptions, read after `ended`.
    """

    def __init__(self, evidence: Snapshot, account: str, began: datetime, ended: datetime) -> None:
        self._inventory = inventory = Inventory.of(evidence, ended)
        self._access = Access.of(inventory)
        self._identities = self._access.principals.identities(account)
        self._settled = began - SETTLED

    def above(self, subscription: str) -> frozenset[str]:
        """Return the names (lower case) of the management groups above a subscription (ARM id)."""
        place = self._access.tree.place(ArmId.parse(subscription))
        return frozenset(key.rpartition("/")[2] for key in place.groups)

    def may(self, action: str, group: str) -> bool:
        """Return whether roles at a management group (ARM id) or above it certainly grant an action below it."""
        place = self._access.tree.place(ArmId.parse(group))
        found = self._access.matcher.matches(self._identities, normalized(action), Plane.CONTROL, place)
        return any(map(self._is_certain, found.plain))

    def is_undenied(self, action: str, subscription: str) -> bool:
        """Return whether certainly no deny assignment takes an action away, anywhere in a subscription (ARM id).

        The deny assignments were read there, all of them are understood, and none of those at, above or below the
        subscription covers the action, not even under a condition or for a group that the account may be in.
        """
        if self._inventory.gaps(DENY_ASSIGNMENTS, subscription) or self._unclear:
            return False
        places = (subscription, *self._denied_below(subscription))
        return all(self._is_undenied_at(action, place) for place in places)

    def _is_undenied_at(self, action: str, scope: str) -> bool:
        try:
            place = self._access.tree.place(ArmId.parse(scope))
        except MalformedArmId:
            return False
        found = self._access.denials.denials(self._identities, normalized(action), Plane.CONTROL, place)
        unread = self._access.completeness.of_denials(place)
        return not (found.certain or found.conditional or found.possible or unread)

    @cached_property
    def _unclear(self) -> bool:
        """Whether any deny assignment does not say what it denies, to whom, or where."""
        return any(
            not one.properties.permissions
            or not one.properties.principals
            or scope_of(one.id, one.properties.scope) != made_at(one.id)
            for one in self._inventory.all(DenyAssignment)
        )

    @cached_property
    def _scopes_by_subscription(self) -> dict[str, set[str]]:
        """The scopes (lower case) of deny assignments inside subscriptions, by the ids of these."""
        found: dict[str, set[str]] = defaultdict(set)
        for one in self._inventory.all(DenyAssignment):
            scope = scope_of(one.id, one.properties.scope)
            found["/".join(scope.split("/", 3)[:3])].add(scope)
        return found

    def _denied_below(self, subscription: str) -> Iterator[str]:
        yield from sorted(self._scopes_by_subscription.get(subscription.lower().rstrip("/"), ()))

    def _is_certain(self, match: Match) -> bool:
        """Return whether a match rests on a lasting, unconditional assignment of a role whose definition was read.

        Only what was read has the times, or says that it is built in: no role that migaudit itself knows counts.
        """
        grant, role = match.grant, match.role
        if role is None or match.match.inferred or (grant.condition or "").strip() or self._lapses(grant):
            return False
        if grant.scope != made_at(grant.id):
            return False  # it says two things about where it is
        if not self._is_settled(ROLE_ASSIGNMENTS, grant.id):
            return False
        return self._is_built_in(role.id) or self._is_settled(ROLE_DEFINITIONS, role.id)

    def _lapses(self, grant: Grant) -> bool:
        """Return whether any active instance of PIM for the same role, principal and scope is over at the end."""
        return (grant.principal, grant.scope, role_key(grant.role or "")) in self._lapsing

    @cached_property
    def _lapsing(self) -> frozenset[tuple[str, str, str]]:
        return frozenset(
            (
                (one.properties.principal_id or "").strip().lower(),
                scope_of(one.id, one.properties.scope),
                role_key(one.properties.role_definition_id or ""),
            )
            for one in self._inventory.all(AssignmentInstance)
            if not holds_now(one.properties, self._inventory.now)
        )

    def _is_built_in(self, definition: str) -> bool:
        held = self._properties.get((ROLE_DEFINITIONS, definition.lower()), {})
        return str(held.get("type")).lower() == "builtinrole"

    def _is_settled(self, what: str, identity: str) -> bool:
        """Return whether an assignment or a role was made, and changed for the last time, long enough before."""
        if identity.lower() in self._contradicted:
            return False
        held = self._properties.get((what, identity.lower()), {})
        made, changed = instant(held.get("createdOn")), instant(held.get("updatedOn"))
        return made is not None and changed is not None and max(made, changed) <= self._settled

    @cached_property
    def _properties(self) -> dict[tuple[str, str], dict[str, object]]:
        """The properties of the role assignments and definitions, by type and id (lower case)."""
        found: dict[tuple[str, str], dict[str, object]] = {}
        for what in (ROLE_ASSIGNMENTS, ROLE_DEFINITIONS):
            for record in self._inventory.of_type(what):
                held = msgspec.json.decode(record.body).get("properties")
                found[what, record.id.lower()] = held if isinstance(held, dict) else {}
        return found

    @cached_property
    def _contradicted(self) -> frozenset[str]:
        """The ids (lower case) of what two answers contradict each other about, or what could not be understood."""
        return frozenset(gap.scope.lower() for gap in self._inventory.snapshot.gaps)
