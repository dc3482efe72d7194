"""Resource groups, projects and vaults that Azure is deleting: nothing lasting can be made in them."""

from collections.abc import Iterable

from auditor.facts.estate.environment import Context
from auditor.facts.fact import Evidence, Fact, Gap, Known, Unknown, all_of, any_of
from auditor.facts.presence import exists
from auditor.inventory.arm_id import ArmId
from auditor.inventory.inventory import Inventory
from auditor.inventory.lists import KEY_VAULTS, PROJECTS, RESOURCE_GROUPS
from auditor.inventory.reads import UNDECIDABLE
from auditor.inventory.resources.keyvault import Vault
from auditor.inventory.resources.migrate import MigrateProject
from auditor.inventory.resources.subscriptions import ResourceGroup

_DELETING = frozenset({"deleting", "deleted"})
_LIKE_DELETION = ("delet", "remov", "purg", "deprovision", "destroy")
"""Parts of the words for a state that may mean a deletion, though no list of states names it."""


def group_being_deleted(context: Context, group: ArmId) -> Fact[bool]:
    """Return whether Azure is deleting a resource group; false for one that does not exist."""
    return _being_deleted(context.inventory, group, RESOURCE_GROUPS)


def project_being_deleted(context: Context, project: ArmId) -> Fact[bool]:
    """Return whether Azure is deleting a project of the new experience; false for one that does not exist."""
    return _being_deleted(context.inventory, project, PROJECTS)


def vault_being_deleted(context: Context, vault: ArmId) -> Fact[bool]:
    """Return whether Azure is deleting a key vault, or the group that it is in; false for one that does not exist."""
    group = vault.resource_group_id
    groups: Iterable[Fact[bool]] = () if group is None else (group_being_deleted(context, group),)
    itself = _being_deleted(context.inventory, vault, KEY_VAULTS)
    return all_of((exists(context.inventory, vault, KEY_VAULTS), any_of((*groups, itself))))


def around_project(context: Context, project: ArmId) -> Fact[bool]:
    """Return whether Azure is deleting a project, or the resource group that it is in."""
    group = project.resource_group_id
    groups: Iterable[Fact[bool]] = () if group is None else (group_being_deleted(context, group),)
    return any_of((*groups, project_being_deleted(context, project)))


def deleting_in_words(context: Context, project: ArmId) -> str:
    """Return which of a project and its resource group are being deleted, in words; empty if neither is known to be."""
    group = project.resource_group_id or project
    found = []
    if project_being_deleted(context, project).is_true:
        found.append(f"the project `{project.name}`")
    if group_being_deleted(context, group).is_true:
        found.append(
            f"its resource group `{group.name}`" if found else f"`{group.name}`, the resource group of `{project.name}`"
        )
    return " and ".join(found)


def is_being_deleted(state: str) -> bool | None:
    """Return whether a provisioning state is that of a deletion; None for an unknown word that may mean one.

    All other states (`Succeeded`, `Failed`, `Accepted`, `Updating`, words that are new) are those of something that
    stays.
    """
    word = state.strip().lower()
    if word in _DELETING:
        return True
    return None if any(part in word for part in _LIKE_DELETION) else False


def _being_deleted(inventory: Inventory, identity: ArmId, what: str) -> Fact[bool]:
    if inventory.get(identity) is None:
        return exists(inventory, identity, what)
    state = _state(inventory, identity)
    if state is None:  # what was listed without its details may be in any state
        gaps = inventory.gaps(what, identity, rests_on=("properties.provisioningState",))
        return Unknown(gaps) if gaps else Known(False)
    because = (Evidence(str(identity), f"provisioningState: {state}"),)
    deleted = is_being_deleted(state)
    if deleted is None:
        return Unknown((Gap(what, str(identity), 0, UNDECIDABLE, f"its state `{state}` may be that of a deletion"),))
    return Known(deleted, because)


def _state(inventory: Inventory, identity: ArmId) -> str | None:
    held = inventory.get(identity)
    if not isinstance(held, ResourceGroup | MigrateProject | Vault) or held.properties is None:
        return None
    return held.properties.provisioning_state
