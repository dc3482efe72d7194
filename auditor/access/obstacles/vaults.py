"""Obstacles at key vaults other than missing rights: firewalls, private endpoints, and names that are taken."""

from collections.abc import Iterator

from auditor.access.key_vault.network import VaultNetwork
from auditor.access.key_vault.plane import vault_key
from auditor.access.rbac.scopes import ScopePlace
from auditor.access.verdicts import Note, NoteKind
from auditor.inventory.arm_id import scope_key
from auditor.inventory.inventory import Inventory
from auditor.inventory.resources.keyvault import DeletedVault, Vault

MAKES_VAULT = "microsoft.keyvault/vaults/write"


def firewall_notes(inventory: Inventory, place: ScopePlace) -> Iterator[Note]:
    """Yield a note if network rules limit access to the contents of the vault at `place`."""
    vault = inventory.get(vault_key(place) or "")
    if not isinstance(vault, Vault):
        return
    network = VaultNetwork(inventory, vault)
    if not network.open:
        yield Note(NoteKind.FIREWALL, vault.id, network.text())


def taken_names(inventory: Inventory, operation: str, place: ScopePlace) -> Iterator[Note]:
    """Yield a note for each soft-deleted vault that holds a name which creating a vault at `place` may need.

    Where `place` is a vault, that is its own name, wherever the deleted vault was: names are unique in all of Azure.
    Elsewhere it is every name that was used inside `place`, since Azure Migrate may use it again.
    """
    if operation != MAKES_VAULT:
        return
    key = vault_key(place)
    if key is not None and inventory.get(key) is not None:
        return
    for held in inventory.all(DeletedVault):
        former = scope_key(held.properties.vault_id)
        wanted = held.display_name.lower() == key.rpartition("/")[2] if key else former.startswith(f"{place.key}/")
        if wanted and not held.is_purged(inventory.now):
            yield taken_name(held)


def taken_name(held: DeletedVault) -> Note:
    """Return the note that a soft-deleted vault holds its name, which is unique in all of Azure."""
    until = held.properties.purged_at
    when = f" until {until:%Y-%m-%d}" if until else ""
    text = f"a soft-deleted key vault holds the name `{held.display_name}`{when}"
    return Note(NoteKind.TAKEN_NAME, held.id, f"{text}: creating a vault with this name fails")
