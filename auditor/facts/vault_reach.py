"""Whether anything can reach the contents of a key vault, and whether the vault itself can be changed."""

from auditor.access.verdicts import NoteKind
from auditor.facts.estate.environment import Context
from auditor.facts.estate.joins import VAULTS
from auditor.facts.fact import Evidence, Fact, Known, unless_gaps
from auditor.facts.presence import not_in_body
from auditor.inventory.arm_id import ArmId
from auditor.inventory.inventory import Inventory
from auditor.inventory.resources.keyvault import Vault, VaultProperties

LOCKS = "Microsoft.Authorization/locks"
_CHANGES = "Microsoft.KeyVault/vaults/accessPolicies/write"
_OPEN, _CLOSED = "enabled", "disabled"


def reachable(inventory: Inventory, vault: ArmId) -> Fact[bool]:
    """Return whether some network reaches the contents: any, one that is listed, or through a private endpoint.

    Azure leaves the list of private endpoint connections out of the body of a vault that has none. A value of
    `publicNetworkAccess` other than its own two, such as that of a network security perimeter, says nothing.
    """
    held = inventory.get(vault)
    if not isinstance(held, Vault):
        return not_in_body(inventory, VAULTS, str(vault), "network rules")
    properties = held.properties
    access = (properties.public_network_access or _OPEN).lower()
    endpoints = _approved_endpoints(properties)
    if endpoints or (access == _OPEN and _lets_in(properties)):
        return Known(True, (Evidence(str(vault), f"publicNetworkAccess: {access}"),))
    if access not in {_OPEN, _CLOSED}:
        return not_in_body(inventory, VAULTS, str(vault), f"rules of `{properties.public_network_access}`")
    note = f"publicNetworkAccess: {access}, no network listed, no approved private endpoint"
    return Known(False, (Evidence(str(vault), note),))


def locked(context: Context, vault: ArmId) -> tuple[Fact[bool], str]:
    """Return whether a lock on the vault itself refuses to change it, and the id of that lock."""
    notes = context.access.surroundings("", _CHANGES, vault)
    locks = [note for note in notes if note.kind is NoteKind.LOCK and note.id.lower().startswith(f"{vault.key}/")]
    if locks:
        return Known(True, tuple(Evidence(note.id, note.text) for note in locks)), locks[0].id
    return unless_gaps(False, context.inventory.gaps(LOCKS, vault, below=False)), ""


def _lets_in(properties: VaultProperties) -> bool:
    """Whether the firewall is off or lists a network."""
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
