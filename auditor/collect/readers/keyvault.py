"""The lists of key vaults, live and soft-deleted."""

from typing import Any

from auditor.collect.listing import Feature, Listing, Rest, Sdk
from auditor.inventory.lists import DELETED_KEY_VAULTS, KEY_VAULTS

VAULTS = Listing(
    what=KEY_VAULTS,
    feature=Feature.VAULTS,
    source=Rest("{scope}/providers/Microsoft.KeyVault/vaults", ("2026-02-01", "2023-07-01", "2021-10-01")),
)


def _client() -> type[Any]:
    from azure.mgmt.keyvault.aio import KeyVaultManagementClient

    return KeyVaultManagementClient


DELETED_VAULTS = Listing(
    what=DELETED_KEY_VAULTS,
    feature=Feature.VAULTS,
    source=Sdk(_client, "vaults.list_deleted", ("2026-05-15", "2023-07-01", "2021-10-01")),
    also_needs=("Microsoft.KeyVault/deletedVaults/read",),
)
