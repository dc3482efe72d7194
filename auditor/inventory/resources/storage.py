"""Storage accounts, as in the list of all resources."""

from typing import Any, ClassVar

from auditor.inventory.resources.resource import Resource


class StorageAccount(Resource, frozen=True):
    """A storage account with its tags, kind and SKU; the list of all resources contains no properties."""

    types: ClassVar[tuple[str, ...]] = ("Microsoft.Storage/storageAccounts",)

    kind: str | None = None
    sku: Any = None
