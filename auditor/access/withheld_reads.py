"""The reads that the rights of an account take away from what a filtered list shows it."""

from collections.abc import Iterable

from auditor.access.access import Access
from auditor.access.rbac.patterns import normalized
from auditor.access.rbac.roles import Role, Strength
from auditor.access.verdicts import AccessVerdict, Plane
from auditor.inventory.arm_id import ArmId, arm_id, made_at
from auditor.inventory.inventory import Inventory
from auditor.inventory.resources.authorization import DenyAssignment, Permission
from auditor.inventory.snapshot.snapshot import Snapshot

_GROUPS_READ = "Microsoft.Resources/subscriptions/resourceGroups/read"
_TAKEN = frozenset({AccessVerdict.DENY, AccessVerdict.CONDITIONAL, AccessVerdict.ELIGIBLE})


class WithheldReads:
    """What an account may not read in the subscriptions of a snapshot, although it reads other things there."""

    def __init__(self, snapshot: Snapshot, account: str) -> None:
        """Build the access engine over a snapshot, for an account (object id)."""
        inventory = Inventory.of(snapshot)
        self._account = account
        self._access = Access.of(inventory)
        self._identities = self._access.principals.identities(account)
        places = (arm_id(made_at(one.id) or "/") for one in inventory.all(DenyAssignment))
        self._denied = tuple(place for place in places if place is not None)

    def of(self, actions: Iterable[str], subscription: str) -> frozenset[str]:
        """Return those of the actions that the account may not do everywhere in a subscription (ARM id).

        It lacks the right at the subscription and is seen to have another one there, or a deny assignment at the
        subscription, above it or in it may take the right away.
        """
        place = ArmId.parse(subscription)
        verdicts = {one: self._access.decide(self._account, one, place).verdict for one in (*actions, _GROUPS_READ)}
        is_seen = AccessVerdict.ALLOW in verdicts.values()
        scopes = (place, *(one for one in self._denied if one.is_within(place)))
        return frozenset(
            action
            for action, verdict in verdicts.items()
            if (is_seen and verdict in _TAKEN) or any(self._may_be_denied(action, one) for one in scopes)
        )

    def _may_be_denied(self, action: str, scope: ArmId) -> bool:
        place = self._access.tree.place(scope)
        found = self._access.denials.denials(self._identities, normalized(action), Plane.CONTROL, place)
        return bool(found.certain or found.conditional or found.possible)


def covered(permissions: Iterable[Permission] | None, actions: Iterable[str]) -> frozenset[str]:
    """Return those of the actions that the permissions of a role or deny assignment cover."""
    role = Role("", "", permissions or ())
    return frozenset(one for one in actions if role.match(normalized(one), Plane.CONTROL).strength is not Strength.NONE)
