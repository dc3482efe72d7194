"""Facts about one key vault that appliances use, existing or deleted: access model, network, locks, tenant."""

from auditor.access.verdicts import NoteKind
from auditor.facts.entities.tenants import of_another_tenant
from auditor.facts.estate.appliances import ApplianceOnSite
from auditor.facts.estate.environment import Context
from auditor.facts.estate.joins import Estate
from auditor.facts.fact import Evidence, Fact, Known, once, unless_gaps
from auditor.facts.presence import exists, not_in_body
from auditor.facts.rights.vault_access import decides_by_roles
from auditor.facts.schema import SubjectKind
from auditor.facts.subject import Subject, Value, subject
from auditor.inventory.arm_id import ArmId
from auditor.inventory.inventory import Inventory
from auditor.inventory.lists import DELETED_KEY_VAULTS, KEY_VAULTS, LOCKS
from auditor.inventory.resources.keyvault import Vault, VaultProperties

_CHANGES = "Microsoft.KeyVault/vaults/accessPolicies/write"
_OPEN, _CLOSED = "enabled", "disabled"


def vault_subject(context: Context, vault: ArmId, appliances: tuple[ApplianceOnSite, ...]) -> Subject:
    """Return the vault as a subject; `appliances` are the appliances that use it."""
    held = context.inventory.get(vault)
    name = held.display_name if held else vault.name
    used_by = sorted({appliance.name for appliance in appliances})
    estate = context.estate
    hidden = once([*estate.hidden_appliances, *estate.vault_gaps(estate.appliances)])
    is_locked, lock = locked(context, vault)
    facts: dict[str, Fact[Value]] = {
        "name": Known(name),
        "id": Known(str(held.arm_id if held else vault)),
        "subscription": Known(vault.subscription or ""),
        "exists": exists(context.inventory, vault, KEY_VAULTS),
        "soft_deleted": _soft_deleted(estate, vault),
        "rbac": decides_by_roles(context.inventory, vault),
        "public": _public(context.inventory, vault),
        "reachable": reachable(context.inventory, vault),
        "locked": is_locked,
        "foreign": of_another_tenant(
            context, vault, KEY_VAULTS, held.properties.tenant_id if isinstance(held, Vault) else None
        ),
        "appliances": unless_gaps(
            used_by, hidden, *(Evidence(str(appliance.site.arm_id), "uses it") for appliance in appliances)
        ),
    }
    return subject(SubjectKind.VAULT, str(vault), name, facts, {"lock": lock})


def reachable(inventory: Inventory, vault: ArmId) -> Fact[bool]:
    """Return whether any network can reach the contents: all networks, a listed one, or a private endpoint.

    The body of a vault without private endpoint connections lacks their list. A third value of `publicNetworkAccess`,
    such as that of a network security perimeter, leaves the answer unknown.
    """
    held = inventory.get(vault)
    if not isinstance(held, Vault):
        return not_in_body(inventory, KEY_VAULTS, str(vault), "network rules")
    properties = held.properties
    access = (properties.public_network_access or _OPEN).lower()
    endpoints = _approved_endpoints(properties)
    if endpoints or (access == _OPEN and _lets_in(properties)):
        return Known(True, (Evidence(str(vault), f"publicNetworkAccess: {access}"),))
    if access not in {_OPEN, _CLOSED}:
        return not_in_body(inventory, KEY_VAULTS, str(vault), f"rules of `{properties.public_network_access}`")
    note = f"publicNetworkAccess: {access}, no network listed, no approved private endpoint"
    return Known(False, (Evidence(str(vault), note),))


def locked(context: Context, vault: ArmId) -> tuple[Fact[bool], str]:
    """Return whether a lock on the vault itself prevents changes, and the id of that lock."""
    notes = context.access.obstacles("", _CHANGES, vault)
    locks = [note for note in notes if note.kind is NoteKind.LOCK and note.id.lower().startswith(f"{vault.key}/")]
    if locks:
        return Known(True, tuple(Evidence(note.id, note.text) for note in locks)), locks[0].id
    return unless_gaps(False, context.inventory.gaps(LOCKS, vault, below=False)), ""


def _lets_in(properties: VaultProperties) -> bool:
    """Return whether the firewall is off or lists a network."""
    rules = properties.network_acls
    if rules is None or (rules.default_action or "allow").lower() != "deny":
        return True
    return bool(rules.ip_rules or rules.virtual_network_rules)


def _approved_endpoints(properties: VaultProperties) -> bool:
    listed = properties.private_endpoint_connections
    return any(_approved(item) for item in listed) if isinstance(listed, list) else False


def _approved(connection: object) -> bool:
    properties = connection.get("properties") if isinstance(connection, dict) else None
    state = properties.get("privateLinkServiceConnectionState") if isinstance(properties, dict) else None
    return isinstance(state, dict) and str(state.get("status")).lower() == "approved"


def _soft_deleted(estate: Estate, vault: ArmId) -> Fact[bool]:
    held = estate.deleted_vaults
    found = {item.id: item for item in (*held.get(vault.key, ()), *held.get(vault.name.lower(), ()))}.values()
    if found:
        return Known(True, tuple(Evidence(held.id, "soft-deleted") for held in found))
    return unless_gaps(False, estate.inventory.gaps(DELETED_KEY_VAULTS, vault.subscription_id or vault))


def _public(inventory: Inventory, vault: ArmId) -> Fact[bool]:
    held = inventory.get(vault)
    if not isinstance(held, Vault):
        return not_in_body(inventory, KEY_VAULTS, str(vault), "network rules")
    closed = (held.properties.public_network_access or "enabled").lower() != "enabled"
    rules = held.properties.network_acls
    guarded = rules is not None and (rules.default_action or "allow").lower() == "deny"
    because = Evidence(str(vault), f"publicNetworkAccess: {held.properties.public_network_access}")
    return Known(not closed and not guarded, (because,))
