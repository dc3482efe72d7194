"""Soft-deleted workspaces and key vaults of projects; each keeps its name until it is purged."""

from collections.abc import Iterator
from datetime import datetime

from auditor.facts.estate.environment import Context
from auditor.facts.estate.recoverable import recoverable_vaults, recoverable_workspaces
from auditor.facts.fact import Fact, Known
from auditor.facts.leftovers.associations import associations_by_tags, since
from auditor.facts.leftovers.leftover import Candidate, LeftoverKind
from auditor.facts.leftovers.vaults import vault_associations
from auditor.facts.leftovers.workspaces.association import associations_of
from auditor.facts.presence import exists
from auditor.inventory.arm_id import ArmId, arm_id
from auditor.inventory.lists import RESOURCE_GROUPS


def deleted_workspaces(context: Context) -> Iterator[Candidate]:
    """Yield the soft-deleted workspaces with an association or a hint of one."""
    for workspace in recoverable_workspaces(context.inventory):
        associations = associations_of(context, workspace)
        if associations.suggested:
            name, freed = workspace.display_name, workspace.purged_at
            scope = workspace.arm_id.subscription_id
            yield Candidate(
                kind=LeftoverKind.DELETED_WORKSPACE,
                name=name,
                associations=associations,
                since=since(context, associations, scope),
                holds=_name_and_content(name, freed, _condition(context, workspace.arm_id)),
                released_on=freed,
            )


def group_exists(context: Context, identity: ArmId) -> Fact[bool]:
    """Return whether the resource group exists that something recovered comes back to."""
    group = identity.resource_group_id
    return Known(True) if group is None else exists(context.inventory, group, RESOURCE_GROUPS)


def _condition(context: Context, identity: ArmId) -> str:
    """Return what a recovery takes first where the resource group is gone, or may be."""
    existing = group_exists(context, identity)
    if existing.is_true:
        return ""
    gone = "which is gone, is" if existing.is_false else "which may be gone, is"
    return f", once its resource group `{identity.resource_group}`, {gone} created again"


def deleted_vaults(context: Context) -> Iterator[Candidate]:
    """Yield the soft-deleted key vaults that appliances used, projects refer to, or a tag associates with one."""
    for vault in recoverable_vaults(context.inventory):
        name, freed, was = vault.display_name, vault.properties.purged_at, arm_id(vault.properties.vault_id)
        tagged = associations_by_tags(context, vault, vault.properties.tags)
        associations = vault_associations(context, vault.id, was or vault.arm_id, tagged, name)
        if associations is not None:
            scope = vault.arm_id.subscription_id
            yield Candidate(
                kind=LeftoverKind.DELETED_KEY_VAULT,
                name=name,
                associations=associations,
                since=since(context, associations, scope),
                holds=_name_and_content(name, freed, _condition(context, was) if was else ""),
                released_on=freed,
            )


def until(moment: datetime | None) -> str:
    """Return the phrase on how long a soft-deleted thing keeps its name."""
    return f"until {moment.day} {moment:%B %Y}" if moment is not None else "until a day that Azure does not report"


def _name_and_content(name: str, freed: datetime | None, condition: str = "") -> Iterator[str]:
    yield f"the name `{name}` {until(freed)}"
    yield f"its content, which can be recovered until then{condition}"
