"""What stands around a key vault beside rights: its firewall, the private endpoints past it, names that are taken."""

from collections.abc import Iterator

from auditor.access.key_vault.plane import vault_key
from auditor.access.rbac.scopes import ScopePlace, scope_key
from auditor.access.verdicts import Note, NoteKind
from auditor.inventory.inventory import Inventory
from auditor.inventory.resources.keyvault import DeletedVault, Vault

MAKES_VAULT = "microsoft.keyvault/vaults/write"


def firewall_notes(inventory: Inventory, place: ScopePlace) -> Iterator[Note]:
    """Return what limits from where the contents of the vault at `place` can be reached; the control plane passes."""
    vault = inventory.get(vault_key(place) or "")
    if not isinstance(vault, Vault):
        return
    access, rules = (vault.properties.public_network_access or "").lower(), vault.properties.network_acls
    if access == "disabled":
        text = "the vault has no public access: only private endpoints and trusted services reach its contents"
    elif access == "securedbyperimeter":
        text = "a network security perimeter decides from where the vault's contents can be reached"
    elif rules is not None and (rules.default_action or "").lower() == "deny":
        trusted = "" if (rules.bypass or "").lower() == "none" else " and trusted services"
        text = f"the vault's firewall lets only listed networks{trusted} reach its contents"
    else:
        return
    yield Note(NoteKind.FIREWALL, vault.id, text + _endpoints(vault))


def _endpoints(vault: Vault) -> str:
    """The private endpoints that reach a vault past its firewall, in words."""
    listed = vault.properties.private_endpoint_connections
    names = [name for item in (listed if isinstance(listed, list) else []) if (name := _approved(item)) is not None]
    if names:
        return f"; private endpoints pass: {', '.join(f'`{name}`' for name in sorted(names))}"
    return "; it has no private endpoint" if isinstance(listed, list) else ""


def _approved(connection: object) -> str | None:
    """The name of the private endpoint of an approved connection."""
    properties = connection.get("properties") if isinstance(connection, dict) else None
    if not isinstance(properties, dict):
        return None
    state, endpoint = properties.get("privateLinkServiceConnectionState"), properties.get("privateEndpoint")
    approved = isinstance(state, dict) and str(state.get("status")).lower() == "approved"
    name = endpoint.get("id") if isinstance(endpoint, dict) else None
    return name.rpartition("/")[2] if approved and isinstance(name, str) else None


def taken_names(inventory: Inventory, operation: str, place: ScopePlace) -> Iterator[Note]:
    """Return the soft-deleted vaults that hold a name which making a vault at `place` may want.

    At the place of a vault that is its own name, wherever the deleted one was, since names are world-wide. Elsewhere it
    is every name that was used inside `place`: Azure Migrate may want it again.
    """
    if operation != MAKES_VAULT:
        return
    key = vault_key(place)
    if key is not None and inventory.get(key) is not None:
        return
    for held in inventory.all(DeletedVault):
        former = scope_key(held.properties.vault_id)
        wanted = held.display_name.lower() == key.rpartition("/")[2] if key else former.startswith(f"{place.key}/")
        if wanted and not _is_over(inventory, held):
            until = held.properties.purged_at
            when = f" until {until:%Y-%m-%d}" if until else ""
            text = f"a soft-deleted key vault holds the name `{held.display_name}`{when}: making one of this name fails"
            yield Note(NoteKind.TAKEN_NAME, held.id, text)


def _is_over(inventory: Inventory, held: DeletedVault) -> bool:
    """Whether the vault is purged by now, and its name free."""
    until = held.properties.purged_at
    return until is not None and until <= inventory.now
