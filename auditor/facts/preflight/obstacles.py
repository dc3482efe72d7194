"""Obstacles to a step other than missing rights: locks, policies, firewalls, providers, taken names, deletions."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from auditor.access.directory.members import is_group, members_of
from auditor.access.key_vault.network import Address, Admission, VaultNetwork
from auditor.access.obstacles.providers import in_words
from auditor.access.obstacles.vaults import MAKES_VAULT, taken_name
from auditor.access.verdicts import AccessAnswer, Note, NoteKind
from auditor.facts.entities.being_deleted import group_being_deleted, project_being_deleted, vault_being_deleted
from auditor.facts.estate.environment import Context
from auditor.facts.fact import Evidence, Fact, Gap, Known, any_of, not_, once, unless_gaps
from auditor.facts.policies.project_policies import in_words as in_words_of
from auditor.facts.policies.project_policies import references, refusals
from auditor.facts.presence import may_cover, not_in_body
from auditor.facts.rights.documented_roles import refused_by_the_table
from auditor.facts.rights.providers import ProviderStates
from auditor.facts.rights.questions import AccountAccess, AskedRight
from auditor.facts.rights.step_rights import StepRights
from auditor.facts.rights.steps import Step
from auditor.facts.rights.vault_access import VaultAccess, project_vaults
from auditor.facts.subject import listed
from auditor.inventory.arm_id import ArmId
from auditor.inventory.association import projects_in
from auditor.inventory.inventory import Inventory
from auditor.inventory.lists import DELETED_KEY_VAULTS, LOCKS, POLICY_ASSIGNMENTS, SUBSCRIPTIONS
from auditor.inventory.reads import UNDECIDABLE
from auditor.inventory.resources.keyvault import DeletedVault, Vault
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
    NoteKind.DATA_DENY: ObstacleEffect.MAY_BLOCK,
    NoteKind.TAKEN_NAME: ObstacleEffect.MAY_BLOCK,
}


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One obstacle: its kind, the id of its record, a sentence about it, and its effect.

    `references` are the policies of an initiative that are in the way, by their names in it. `error` is the error that
    it gives, where the kind has several.
    """

    kind: str
    id: str
    text: str
    effect: ObstacleEffect
    references: tuple[str, ...] = ()
    error: str = ""


def obstacles_of(
    context: Context,
    account: AccountAccess,
    rights: Iterable[AskedRight],
    providers: ProviderStates,
    vaults: VaultAccess,
    project: ArmId,
    addresses: Sequence[Address] = (),
) -> tuple[Obstacle, ...]:
    """Return the obstacles to using these rights, blocking ones first; `addresses` are those of the appliance."""
    every = tuple(rights)
    notes = (*_notes(account, every), *_vault_notes(account, vaults), *_taken_elsewhere(context, project, every))
    found = [
        *(_of_note(context, project, note) for note in notes if note.kind not in _REPORTED_ELSEWHERE),
        *_of_documentation(vaults),
        *_of_policies(context, project, every),
        *_of_firewalls(context.inventory, vaults, addresses),
        *_of_providers(context, providers),
    ]
    order = list(ObstacleEffect)
    return tuple(sorted(once(found), key=lambda it: (order.index(it.effect), it.kind, it.id.lower(), it.text)))


def of_sign_in(account: AccountAccess, answer: AccessAnswer) -> Iterator[Obstacle]:
    """Yield the Conditional Access policies that refuse, or may refuse, the sign-in that `answer` is about.

    Policies that only report are notes.
    """
    access, kind = account.access, NoteKind.CONDITIONAL_ACCESS.value
    group = is_group(access.inventory, account.object_id)
    signing_in = members_of(access.inventory, account.object_id) if group else (account.object_id,)
    each, policies = [access.principals.identities(one) for one in signing_in], access.conditional_access
    errors = {one.policy.id: one.error for whom in each for one in policies.refusing(whom)}
    for reason in answer.because:
        yield Obstacle(kind, reason.id, reason.text, ObstacleEffect.BLOCKS, error=errors.get(reason.id, ""))
    for gap in answer.gaps:
        if gap.code == UNDECIDABLE:
            yield Obstacle(kind, gap.scope, gap.message, ObstacleEffect.MAY_BLOCK)
    for outcome in (one for whom in each for one in policies.reported(whom)):
        text = f"`{outcome.policy.label}` only reports so far; in force, it {outcome.text} for {outcome.sign_in.words}"
        yield Obstacle(kind, outcome.policy.id, text, ObstacleEffect.NOTE)


def of_name(project: ArmId) -> Iterator[Obstacle]:
    """Yield the obstacle of a project that is to be created by a name that Azure refuses."""
    if not _NAMES.fullmatch(project.name):
        text = f"Azure refuses the name `{project.name}`: a project is named with 3 to 24 letters, digits or hyphens"
        yield Obstacle(NAME, str(project), text, ObstacleEffect.BLOCKS)


def unblocked(inventory: Inventory, obstacles: Iterable[Obstacle], rights: Iterable[AskedRight]) -> Fact[bool]:
    """Return whether no obstacle blocks; unknown if one may block or lists of them were not read.

    Other parts of the step cover firewalls, private endpoints, applications, limits of the account, and providers.
    """
    found = tuple(obstacles)
    blocking = [it for it in found if it.kind in _BLOCKING_KINDS and it.effect is ObstacleEffect.BLOCKS]
    if blocking:
        return Known(False, tuple(Evidence(it.id, it.text) for it in blocking))
    rights_ = tuple(rights)
    scopes = once(ArmId.parse(right.scope) for right in rights_)
    subscriptions = once(scope.subscription_id for scope in scopes if scope.subscription_id is not None)
    gaps = [may_block(it) for it in found if it.effect is ObstacleEffect.MAY_BLOCK and it.kind not in _OF_OTHER_PARTS]
    gaps += [gap for right in rights_ for gap in _policies_unread(inventory, right)]
    gaps += [gap for scope in scopes for gap in may_cover(inventory, LOCKS, scope)]
    gaps += [gap for subscription in subscriptions for gap in _state_unread(inventory, subscription)]
    return unless_gaps(True, gaps)


def _policies_unread(inventory: Inventory, right: AskedRight) -> tuple[Gap, ...]:
    writes = any(action.lower().endswith("/write") for action in right.actions)
    return may_cover(inventory, POLICY_ASSIGNMENTS, ArmId.parse(right.scope)) if writes else ()


def admitted(obstacles: Iterable[Obstacle]) -> Fact[bool]:
    """Return whether the firewalls of the vaults let the appliance in; unknown if they may refuse it."""
    walls = [it for it in obstacles if it.kind == _FIREWALL]
    refusing = [it for it in walls if it.effect is ObstacleEffect.BLOCKS]
    if refusing:
        return Known(False, tuple(Evidence(it.id, it.text) for it in refusing))
    return unless_gaps(True, [may_block(it) for it in walls if it.effect is ObstacleEffect.MAY_BLOCK])


def may_block(obstacle: Obstacle) -> Gap:
    """Return the gap of an obstacle of which it is not known whether it blocks."""
    return Gap(obstacle.kind, obstacle.id, 0, MAY_BLOCK, obstacle.text)


MAY_BLOCK = "MayBlock"
"""Code of a gap for an obstacle that may block; its text is shown as an obstacle, not as something unread."""
ENDPOINT = "privateEndpoint"
"""Kind of an obstacle for a private endpoint that does not work."""
APPLICATION = "application"
"""Kind of an obstacle for an application of an appliance that cannot sign in."""
_FIREWALL = NoteKind.FIREWALL.value
_OF_OTHER_PARTS = frozenset({_FIREWALL, ENDPOINT, APPLICATION})
NAME = "name"
"""Kind of an obstacle for a project's name that Azure refuses."""
_NAMES = re.compile("[a-zA-Z0-9-]{3,24}")
_BLOCKING_KINDS = frozenset({NoteKind.LOCK.value, NoteKind.SUBSCRIPTION.value, NAME})


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


def _taken_elsewhere(context: Context, project: ArmId, rights: Iterable[AskedRight]) -> Iterator[Note]:
    """Yield a note for each soft-deleted vault, wherever it was, that holds a name made of the project's name.

    A tag alone says nothing here: it names a project by its name, which other groups may use too.
    """
    group = project.resource_group_id or project
    if any(action.lower() == MAKES_VAULT for right in rights for action in right.actions):
        for held in context.inventory.all(DeletedVault):
            former = (held.properties.vault_id or "").lower()
            outside = not former.startswith(f"{group.key}/")
            named = outside and _is_made_of_name(held, project) and not held.is_purged(context.inventory.now)
            if named and _is_wanted(context, project, held.id):
                yield taken_name(held)


def names_read(context: Context, project: ArmId, rights: Iterable[AskedRight]) -> Fact[bool]:
    """Return whether the deleted vaults that may hold a name for a vault of the project were read; true without need.

    Names are unique in all of Azure; what other subscriptions hold is never wholly known.
    """
    made = any(action.lower() == MAKES_VAULT for right in rights for action in right.actions)
    if not made or _has_its_vaults(context, project):
        return Known(True)
    place = project.subscription_id or project
    return unless_gaps(True, context.inventory.gaps(DELETED_KEY_VAULTS, place))


def _has_its_vaults(context: Context, project: ArmId) -> bool:
    """Return whether every vault of the project exists, and it has one: it needs no other."""
    vaults = project_vaults(context, project)
    return bool(vaults) and all(context.inventory.get(vault) is not None for vault in vaults)


def _is_made_of_name(held: DeletedVault, project: ArmId) -> bool:
    """Return whether Azure Migrate may have made the name of a vault of the project's name."""
    stem = re.escape(re.sub("[^a-z0-9]", "", project.name.lower()))
    return re.fullmatch(f"{stem}[0-9a-f]{{0,4}}kv", held.display_name.lower()) is not None


def _of_note(context: Context, project: ArmId, note: Note) -> Obstacle:
    effect = _EFFECTS.get(note.kind, ObstacleEffect.NOTE)
    if note.kind is NoteKind.TAKEN_NAME and not _is_wanted(context, project, note.id):
        effect = ObstacleEffect.NOTE
    return Obstacle(note.kind.value, note.id, note.text, effect)


def _is_wanted(context: Context, project: ArmId, identity: str) -> bool:
    """Return whether the project may need the name of a soft-deleted vault: its lost one's, or one made of its name."""
    held = context.inventory.get(identity)
    vaults = project_vaults(context, project)
    if not isinstance(held, DeletedVault):
        return True
    former = (held.properties.vault_id or "").lower()
    if any(vault.key == former or vault.name.lower() == held.display_name.lower() for vault in vaults):
        return True
    if _has_its_vaults(context, project):
        return False
    tagged = any(name.lower() == project.name.lower() for _, name in projects_in(held.properties.tags))
    return tagged or _is_made_of_name(held, project)


_REPORTED_ELSEWHERE = frozenset({NoteKind.UNREAD, NoteKind.FIREWALL, NoteKind.POLICY, NoteKind.PROVIDER})
"""The notes that other parts report: unread lists, firewalls, policies, and the providers that the step needs."""


def _of_policies(context: Context, project: ArmId, rights: tuple[AskedRight, ...]) -> Iterator[Obstacle]:
    by_scope: dict[str, list[str]] = {}
    for right in rights:
        by_scope.setdefault(right.scope, []).extend(right.actions)
    for scope, actions in by_scope.items():
        for one in refusals(context, project, ArmId.parse(scope), actions, changing=True):
            text = f"policy {in_words_of(one)}"
            yield Obstacle(NoteKind.POLICY.value, one.assignment.id, text, ObstacleEffect.MAY_BLOCK, references(one))


_MOST_NAMED = 3


def _of_documentation(vaults: VaultAccess) -> Iterator[Obstacle]:
    for vault in vaults.rights:
        lacking = [right.label.removeprefix("Microsoft.KeyVault/vaults/") for right in vaults.without(vault)]
        if lacking:
            more = f" and {len(lacking) - _MOST_NAMED} more" if len(lacking) > _MOST_NAMED else ""
            text = (
                "Microsoft documents all permissions on keys, secrets and certificates for registering; in the key "
                f"vault `{vault.name}` the account lacks {listed(lacking[:_MOST_NAMED])}{more}, and whether they are "
                "used is not documented"
            )
            yield Obstacle(PERMISSIONS, str(vault), text, ObstacleEffect.MAY_BLOCK)


PERMISSIONS = "permissions"
"""Kind of an obstacle for rights that the documentation asks for and that are perhaps not needed."""
_ADMISSIONS = {Admission.REFUSED: ObstacleEffect.BLOCKS, Admission.UNDECIDED: ObstacleEffect.MAY_BLOCK}


def _of_firewalls(inventory: Inventory, vaults: VaultAccess, addresses: Sequence[Address]) -> Iterator[Obstacle]:
    for identity in vaults.rights:
        vault = inventory.get(identity)
        network = VaultNetwork(inventory, vault) if isinstance(vault, Vault) else None
        effect = _ADMISSIONS.get(network.admits(addresses)) if network else None
        if network is not None and effect is not None:
            yield Obstacle(_FIREWALL, network.vault.id, network.text(addresses), effect)


def _of_providers(context: Context, providers: ProviderStates) -> Iterator[Obstacle]:
    for one in providers.each:
        register = one.register.granted
        may = register.is_true
        if one.is_registering:
            effect = ObstacleEffect.NOTE if may else ObstacleEffect.MAY_BLOCK
            text = f"the resource provider `{one.namespace}` is being registered; the step may have to wait"
            yield Obstacle(NoteKind.PROVIDER.value, one.id, text, effect)
        if not one.lacking:
            continue
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
        yield Obstacle(NoteKind.PROVIDER.value, one.id, text, effect)


def _who_may(context: Context, register: AskedRight) -> str:
    return in_words(context.access.who_can(register.actions[0], ArmId.parse(register.scope)), context.inventory)


BEING_DELETED = "beingDeleted"
"""Kind of an obstacle for a resource group, project or vault that Azure is deleting."""
_Place = tuple[ArmId, str, Fact[bool]]


def of_deletions(
    context: Context, project: ArmId, has: StepRights, groups: Iterable[ArmId] = ()
) -> tuple[tuple[Obstacle, ...], Fact[bool]]:
    """Return what is being deleted as obstacles, and whether all stays that the step builds in.

    That is the project with its group, the vaults and groups that the step needs rights in, and further `groups`.
    """
    places = tuple(_places(context, project, has, groups))
    found = tuple(
        Obstacle(
            BEING_DELETED, str(place), f"the {kind} `{place.name}` is being deleted by Azure", ObstacleEffect.BLOCKS
        )
        for place, kind, deleted in places
        if deleted.is_true
    )
    return found, not_(any_of(deleted for _, _, deleted in places))


def _places(context: Context, project: ArmId, has: StepRights, groups: Iterable[ArmId]) -> Iterator[_Place]:
    vaults = tuple(vault for vault in has.vaults.rights if vault not in has.vaults.gone)
    scopes = (project, *vaults, *(ArmId.parse(right.scope) for right in has.needed), *groups)
    for group in once(scope.resource_group_id for scope in scopes if scope.resource_group_id is not None):
        yield group, "resource group", group_being_deleted(context, group)
    yield project, "project", project_being_deleted(context, project)
    yield from ((vault, "key vault", vault_being_deleted(context, vault)) for vault in vaults)


ROLE = "role"
"""Kind of an obstacle for a role that allows a step although Microsoft's table of roles says that it may not do it."""


def of_roles(context: Context, step: Step, has: StepRights) -> Iterator[Obstacle]:
    """Yield each role that alone grants rights of `step`, and that Microsoft's table lists for other steps only."""
    for guid in once(refused_by_the_table(step, has.needed).values()):
        held = context.access.roles.role(guid)
        name = held.name if held else guid
        text = (
            f"the role `{name}` allows this by its actions, but Microsoft documents that it may not: "
            f"its table of roles does not name it for the step `{step.id}`"
        )
        yield Obstacle(ROLE, guid, text, ObstacleEffect.MAY_BLOCK)
