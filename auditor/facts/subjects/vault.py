"""Facts about one key vault that appliances use, existing or deleted: access model, network, locks, tenant."""

from collections.abc import Iterable

from auditor.access.key_vault.network import SERVICE, VaultNetwork, written
from auditor.access.verdicts import Note
from auditor.facts.entities.being_deleted import vault_being_deleted
from auditor.facts.entities.tenants import of_another_tenant
from auditor.facts.estate.appliances import ApplianceOnSite
from auditor.facts.estate.environment import Context
from auditor.facts.estate.joins import Estate
from auditor.facts.estate.owning_projects import project_ref, projects_of
from auditor.facts.fact import Evidence, Fact, Gap, Known, Unknown, not_, once, unless_gaps
from auditor.facts.leftovers.soft_deleted import group_exists
from auditor.facts.presence import NOT_IN_BODY, exists, not_in_body
from auditor.facts.rights.vault_access import decides_by_roles
from auditor.facts.schema import SubjectKind
from auditor.facts.subject import Subject, Value, subject
from auditor.inventory.arm_id import ArmId, made_at
from auditor.inventory.inventory import Inventory
from auditor.inventory.lists import DELETED_KEY_VAULTS, KEY_VAULTS, VIRTUAL_NETWORKS
from auditor.inventory.resources.keyvault import Vault

_CHANGES = "Microsoft.KeyVault/vaults/accessPolicies/write"


def vault_subject(
    context: Context, vault: ArmId, appliances: tuple[ApplianceOnSite, ...], projects: Iterable[ArmId] = ()
) -> Subject:
    """Return the vault as a subject; `appliances` are those that use it, `projects` those that name it."""
    held = context.inventory.get(vault)
    name = held.display_name if held else vault.name
    used_by = sorted({appliance.name for appliance in appliances})
    estate = context.estate
    hidden = once([*estate.hidden_appliances, *estate.hidden_vaults])
    is_locked, lock = locked(context, vault)
    networks, network_texts = network_facts(context.inventory, vault)
    facts: dict[str, Fact[Value]] = {
        "name": Known(name),
        "id": Known(str(held.arm_id if held else vault)),
        "subscription": Known(vault.subscription or ""),
        "exists": exists(context.inventory, vault, KEY_VAULTS),
        "being_deleted": (ending := vault_being_deleted(context, vault)),
        "soft_deleted": _soft_deleted(estate, vault),
        "group_gone": not_(group_exists(context, estate.former_id(vault))),
        "rbac": decides_by_roles(context.inventory, vault),
        **networks,
        "locked": is_locked,
        "foreign": of_another_tenant(
            context, vault, KEY_VAULTS, held.properties.tenant_id if isinstance(held, Vault) else None
        ),
        "appliances": unless_gaps(
            used_by, hidden, *(Evidence(str(appliance.site.arm_id), "uses it") for appliance in appliances)
        ),
    }
    texts = {
        "lock": lock,
        "absence": "is being deleted" if ending.is_true else "does not exist",
        "resource_group": estate.former_id(vault).resource_group or "",
        "users": ", ".join(used_by) or "an appliance of the project",
        **network_texts,
    }
    refs = projects_of(estate, appliances) | {project_ref(estate, project) for project in projects}
    location = held.location if held else ""
    return subject(SubjectKind.VAULT, str(vault), name, facts, texts, projects=refs, location=location)


def network_facts(inventory: Inventory, vault: ArmId) -> tuple[dict[str, Fact[Value]], dict[str, str]]:
    """Return facts and texts on the networks that reach the contents of a vault; all unknown if it was not read."""
    held = inventory.get(vault)
    if not isinstance(held, Vault):
        return dict.fromkeys(_NETWORK, not_in_body(inventory, KEY_VAULTS, str(vault), "network rules")), {}
    network = VaultNetwork(inventory, held)
    words = network.text()
    because = (Evidence(str(vault), words),)
    undecided = not_in_body(inventory, KEY_VAULTS, str(vault), f"network rules that are understood: {words}")
    without = [one for one in network.subnets if one.has_endpoint is False]
    services = [*(without[0].endpoints or ()), SERVICE] if without else []
    hidden = [one.id for one in network.subnets if one.has_endpoint is None]
    unread = [gap for one in hidden for gap in inventory.gaps(VIRTUAL_NETWORKS, one) or (subnet_unread(one),)]
    facts: dict[str, Fact[Value]] = {
        "public": Known(network.open, because),
        "public_access": _decided(network.public_access, because, undecided),
        "reachable": _decided(network.reachable, because, undecided),
        "private_endpoints": undecided if network.not_understood else Known(list(network.endpoints), because),
        "pending_endpoints": undecided if network.not_understood else Known(list(network.pending), because),
        "addresses": undecided
        if network.not_understood
        else Known([written(one) for one in network.addresses], because),
        "subnets": undecided if network.not_understood else Known([one.id for one in network.subnets], because),
        "subnets_without_endpoint": unless_gaps([one.id for one in without], unread, *because),
        "subnet_services": unless_gaps(services, unread, *because),
    }
    return facts, {"networks": words, **({"subnet": without[0].id} if without else {})}


_NETWORK = (
    "public",
    "public_access",
    "reachable",
    "private_endpoints",
    "pending_endpoints",
    "addresses",
    "subnets",
    "subnets_without_endpoint",
    "subnet_services",
)


def _decided(value: bool | None, because: tuple[Evidence, ...], undecided: Unknown) -> Fact[Value]:
    return undecided if value is None else Known(value, because)


def subnet_unread(identity: str) -> Gap:
    """Return the gap of a subnet whose virtual network was not read."""
    message = "the virtual network of the subnet was not read, and with it its service endpoints"
    return Gap(VIRTUAL_NETWORKS, identity, 0, NOT_IN_BODY, message, f"{VIRTUAL_NETWORKS}/read")


def locked(context: Context, vault: ArmId) -> tuple[Fact[bool], str]:
    """Return whether a lock on the vault itself, or on its own resource group, prevents changes, and its id.

    A lock on a group with a project, or above it, is a fact of that project.
    """
    covered = context.estate.groups_with_projects
    locks = [note for note in context.access.locks(_CHANGES, vault) if not _covers(made_at(note.id), covered)]
    return _shown(context, (vault,), locks), locks[0].id if locks else ""


def frozen(context: Context, vaults: Iterable[ArmId]) -> tuple[Fact[bool], list[str]]:
    """Return whether a lock on or above one of these vaults refuses changes of its access, and the ids of the locks."""
    every = tuple(vaults)
    locks = once(note for vault in every for note in context.access.locks(_CHANGES, vault))
    return _shown(context, every, locks), [note.id for note in locks]


def _shown(context: Context, vaults: Iterable[ArmId], locks: Iterable[Note]) -> Fact[bool]:
    found = tuple(Evidence(note.id, note.text) for note in locks)
    unread = (gap for vault in vaults for gap in context.references.hidden_locks(vault))
    return Known(True, found) if found else unless_gaps(False, unread)


def _covers(scope: str, groups: Iterable[str]) -> bool:
    """Return whether a lock's scope is a resource group with a project, or above one."""
    return any(group == scope or group.startswith(f"{scope}/") for group in groups)


def _soft_deleted(estate: Estate, vault: ArmId) -> Fact[bool]:
    found = estate.soft_deleted(vault)
    if found:
        return Known(True, tuple(Evidence(held.id, "soft-deleted") for held in found))
    return unless_gaps(False, estate.inventory.gaps(DELETED_KEY_VAULTS, vault.subscription_id or vault))
