"""The soft-deleted key vaults that a step needs back, or whose names it may need."""

from collections.abc import Iterator
from dataclasses import dataclass

from auditor.access.verdicts import NoteKind
from auditor.facts.estate.environment import Context
from auditor.facts.fact import once
from auditor.facts.leftovers.soft_deleted import group_exists
from auditor.facts.preflight.check import StepCheck
from auditor.facts.preflight.obstacles import ObstacleEffect
from auditor.inventory.arm_id import ArmId, arm_id
from auditor.inventory.lists import DELETED_KEY_VAULTS
from auditor.inventory.resources.keyvault import DeletedVault


@dataclass(frozen=True, slots=True)
class Recovery:
    """A soft-deleted vault that can be recovered; `protected` says that it cannot be purged before its time.

    `group` is the resource group that it comes back to, and `group_gone` whether that is gone, or may be.
    """

    name: str
    location: str
    subscription: str
    protected: bool
    group: str = ""
    group_gone: bool = False


def recoveries_of(context: Context, check: StepCheck) -> tuple[Recovery, ...]:
    """Return the soft-deleted vaults of the step, each once."""
    return once(_recovery(context, held) for held in _deleted(context, check))


def taken_of(context: Context, check: StepCheck) -> tuple[Recovery, ...]:
    """Return the soft-deleted vaults that hold a name which the step may need, and would hold it once recovered."""
    return once(_recovery(context, held) for held in _holding_names(context, check) if not _comes_back(check, held))


def purged_of(context: Context, check: StepCheck) -> tuple[tuple[str, ...], bool]:
    """Return the vaults of the step that are gone and not among the soft-deleted ones, and whether that is certain."""
    purged = [vault for vault in check.has.vaults.gone if not _deleted_at(context, vault)]
    unread = [gap for one in purged for gap in context.inventory.gaps(DELETED_KEY_VAULTS, one.subscription_id or one)]
    return tuple(vault.name for vault in purged), not unread


def lost_in_words(context: Context, check: StepCheck) -> Iterator[str]:
    """Yield a sentence about each vault of the step that is gone, and until when it can be recovered."""
    for vault in check.has.vaults.gone:
        deleted = _deleted_at(context, vault)
        if not deleted:
            yield f"the key vault `{vault}` of an appliance does not exist"
            continue
        ends = deleted[0].properties.purged_at
        when = f" until {ends:%Y-%m-%d}" if ends else ""
        yield f"the key vault `{vault}` of an appliance was deleted; it can be recovered{when}"


def _holding_names(context: Context, check: StepCheck) -> Iterator[DeletedVault]:
    for obstacle in check.obstacles:
        held = context.inventory.get(obstacle.id) if obstacle.kind == NoteKind.TAKEN_NAME.value else None
        if isinstance(held, DeletedVault) and obstacle.effect is not ObstacleEffect.NOTE:
            yield held


def _deleted(context: Context, check: StepCheck) -> Iterator[DeletedVault]:
    yield from (held for held in _holding_names(context, check) if _comes_back(check, held))
    for vault in check.has.vaults.gone:
        yield from _deleted_at(context, vault)


def _comes_back(check: StepCheck, held: DeletedVault) -> bool:
    """Return whether a vault was where the step makes one; recovered elsewhere, it would still hold the name."""
    former = arm_id(held.properties.vault_id)
    return former is None or any(former.is_within(ArmId.parse(right.scope)) for right in check.has.rights)


def _deleted_at(context: Context, vault: ArmId) -> tuple[DeletedVault, ...]:
    return context.estate.soft_deleted(vault)


def _recovery(context: Context, held: DeletedVault) -> Recovery:
    former = arm_id(held.properties.vault_id) or held.arm_id
    protected = held.properties.purge_protection_enabled is True
    return Recovery(
        held.display_name,
        held.properties.location or "",
        former.subscription or "",
        protected,
        former.resource_group or "",
        not group_exists(context, former).is_true,
    )
