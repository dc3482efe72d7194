"""Storage accounts, as the list of resources tells of them."""

from typing import Any, ClassVar

from auditor.inventory.resources.resource import Resource


class StorageAccount(Resource, frozen=True):
    """A storage account: its tags, kind and SKU; the list of resources holds no properties."""

    types: ClassVar[tuple[str, ...]] = ("Microsoft.Storage/storageAccounts",)

    kind: str | None = None
    sku: Any = None
