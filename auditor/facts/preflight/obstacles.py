"""Obstacles to a step other than missing rights: locks, policies, firewalls, providers, taken names."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

from auditor.access.obstacles.providers import in_words
from auditor.access.verdicts import Note, NoteKind
from auditor.facts.estate.environment import Context
from auditor.facts.fact import Evidence, Fact, Gap, Known, Unknown, once, unless_gaps
from auditor.facts.presence import not_in_body
from auditor.facts.rights.providers import ProviderStates
from auditor.facts.rights.questions import AccountAccess, AskedRight
from auditor.facts.rights.steps import steps
from auditor.facts.rights.vault_access import VaultAccess
from auditor.inventory.arm_id import ArmId
from auditor.inventory.inventory import Inventory
from auditor.inventory.lists import LOCKS, SUBSCRIPTIONS
from auditor.inventory.resources.subscriptions import Subscription

_GIVES_ACCESS = "Microsoft.KeyVault/vaults/accessPolicies/write"


class ObstacleEffect(Enum):
    """The effect of an obstacle on the step: it prevents success, may prevent it, or is only worth knowing."""

    BLOCKS = "blocks"
    MAY_BLOCK = "may-block"
    NOTE = "note"


_EFFECTS = {
    NoteKind.ACCOUNT: ObstacleEffect.BLOCKS,
    NoteKind.LOCK: ObstacleEffect.BLOCKS,
    NoteKind.SUBSCRIPTION: ObstacleEffect.BLOCKS,
    NoteKind.PROVIDER: ObstacleEffect.MAY_BLOCK,
    NoteKind.POLICY: ObstacleEffect.MAY_BLOCK,
    NoteKind.FIREWALL: ObstacleEffect.MAY_BLOCK,
    NoteKind.DATA_DENY: ObstacleEffect.MAY_BLOCK,
    NoteKind.TAKEN_NAME: ObstacleEffect.MAY_BLOCK,
}


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One obstacle: its kind, the id of its record, a sentence about it, and its effect."""

    kind: str
    id: str
    text: str
    effect: ObstacleEffect


def obstacles_of(
    context: Context,
    account: AccountAccess,
    rights: Iterable[AskedRight],
    providers: ProviderStates,
    vaults: VaultAccess,
) -> tuple[Obstacle, ...]:
    """Return the obstacles to using these rights, blocking ones first."""
    every = tuple(rights)
    own = {namespace.lower() for step in steps().values() for namespace in step.providers}
    notes = (*_notes(account, every), *_vault_notes(account, vaults))
    found = [
        *(_of_note(note) for note in notes if not _is_reported_elsewhere(note, own)),
        *_of_providers(context, providers),
    ]
    order = list(ObstacleEffect)
    return tuple(sorted(once(found), key=lambda it: (order.index(it.effect), it.kind, it.id.lower(), it.text)))


def unblocked(inventory: Inventory, obstacles: Iterable[Obstacle], rights: Iterable[AskedRight]) -> Fact[bool]:
    """Return whether no lock and no state of the subscription blocks; unknown if either could not be read.

    Other parts of the step cover limits of the account itself.
    """
    blocking = [it for it in obstacles if it.kind in _BLOCKING_KINDS and it.effect is ObstacleEffect.BLOCKS]
    if blocking:
        return Known(False, tuple(Evidence(it.id, it.text) for it in blocking))
    scopes = once(ArmId.parse(right.scope) for right in rights)
    subscriptions = once(scope.subscription_id for scope in scopes if scope.subscription_id is not None)
    gaps = [gap for scope in scopes for gap in inventory.gaps(LOCKS, scope, below=False)]
    gaps += [gap for subscription in subscriptions for gap in _state_unread(inventory, subscription)]
    return unless_gaps(True, gaps)


_BLOCKING_KINDS = frozenset({NoteKind.LOCK.value, NoteKind.SUBSCRIPTION.value})


def _state_unread(inventory: Inventory, subscription: ArmId) -> Iterator[Gap]:
    held = inventory.get(subscription)
    if not isinstance(held, Subscription) or held.state is None:
        yield from not_in_body(inventory, SUBSCRIPTIONS, str(subscription), "state").why


def _notes(account: AccountAccess, rights: Iterable[AskedRight]) -> Iterator[Note]:
    for right in rights:
        for action in right.actions:
            yield from account.access.obstacles(account.object_id, action, ArmId.parse(right.scope), right.plane)


def _vault_notes(account: AccountAccess, vaults: VaultAccess) -> Iterator[Note]:
    for vault, asked in vaults.rights.items():
        if vault not in vaults.gone:
            yield from _notes(account, asked)
            yield from account.access.obstacles(account.object_id, _GIVES_ACCESS, vault)


def _of_note(note: Note) -> Obstacle:
    return Obstacle(note.kind.value, note.id, note.text, _EFFECTS.get(note.kind, ObstacleEffect.NOTE))


def _is_reported_elsewhere(note: Note, own: set[str]) -> bool:
    """Return whether another part of the step reports it: providers that the step needs, and unread lists."""
    namespace = note.id.rpartition("/")[2].lower()
    return note.kind is NoteKind.UNREAD or (note.kind is NoteKind.PROVIDER and namespace in own)


def _of_providers(context: Context, providers: ProviderStates) -> Iterator[Obstacle]:
    for one in providers.each:
        if isinstance(one.registered, Unknown) or one.registered.value:
            continue
        register = one.register.granted
        may = register.is_true
        text = f"the resource provider `{one.namespace}` is not registered in the subscription; "
        if may:
            effect, text = ObstacleEffect.NOTE, text + "the account may register it"
        elif isinstance(register, Known):
            effect, text = (
                ObstacleEffect.BLOCKS,
                f"{text}the account may not register it; {_who_may(context, one.register)}",
            )
        else:
            effect, text = ObstacleEffect.MAY_BLOCK, text + "whether the account may register it could not be read"
        identity = f"{one.register.scope}/providers/{one.namespace}"
        yield Obstacle(NoteKind.PROVIDER.value, identity, text, effect)


def _who_may(context: Context, register: AskedRight) -> str:
    return in_words(context.access.who_can(register.actions[0], ArmId.parse(register.scope)))
