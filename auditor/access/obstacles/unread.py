"""What could stand in the way of an action and was not read: an answer must not look clearer than it is."""

from collections.abc import Iterator

from auditor.access.obstacles.policies import REFUSES
from auditor.access.obstacles.vaults import MAKES_VAULT
from auditor.access.rbac.scopes import ScopePlace
from auditor.access.verdicts import Note, NoteKind
from auditor.inventory.inventory import Inventory
from auditor.inventory.lists import DELETED_KEY_VAULTS, LOCKS, POLICY_ASSIGNMENTS, PROVIDERS, SUBSCRIPTIONS
from auditor.inventory.reads import Gap
from auditor.inventory.resources.subscriptions import Subscription


def unread_notes(inventory: Inventory, operation: str, place: ScopePlace) -> Iterator[Note]:
    """Return a note for each list that was not read and may hide an obstacle to `operation` (control plane)."""
    verb = operation.rpartition("/")[2]
    if verb == "read":
        return
    scope, subscription = str(place.scope), place.scope.subscription_id
    if subscription is not None:  # nothing above a subscription can be locked
        yield from _notes("whether a lock refuses this", scope, inventory.gaps(LOCKS, place.scope, below=False))
    if verb in REFUSES.values():
        gaps = inventory.gaps(POLICY_ASSIGNMENTS, place.scope, below=False)
        yield from _notes("whether a policy may refuse the request", scope, gaps)
    if subscription is None:
        return
    held = inventory.get(subscription)
    if not isinstance(held, Subscription) or held.state is None:
        gaps = inventory.gaps(SUBSCRIPTIONS, subscription, below=False)
        yield from _notes("which state the subscription is in", str(subscription), gaps)
    provider = f"{subscription}/providers/{operation.partition('/')[0]}"
    if inventory.get(provider) is None and not operation.endswith("/register/action"):
        gaps = inventory.gaps(PROVIDERS, provider, below=False)
        yield from _notes("whether the resource provider is registered", str(subscription), gaps)
    if operation == MAKES_VAULT:
        gaps = inventory.gaps(DELETED_KEY_VAULTS, subscription, below=False)
        yield from _notes("whether a soft-deleted vault holds the name", str(subscription), gaps)


def _notes(what: str, scope: str, gaps: tuple[Gap, ...]) -> Iterator[Note]:
    if gaps:
        yield Note(NoteKind.UNREAD, scope, f"{what} was not read ({gaps[0].what}: {gaps[0].code or gaps[0].status})")
