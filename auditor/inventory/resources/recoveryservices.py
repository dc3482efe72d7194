"""Recovery Services vaults, and what a vault says of the Azure Migrate project that replicates into it."""

from typing import Any, ClassVar

from auditor.inventory.resources.resource import Body, Reference, Resource


class RecoveryVault(Resource, frozen=True):
    """A Recovery Services vault, as the list of resources tells of it: its tags and its SKU."""

    types: ClassVar[tuple[str, ...]] = ("Microsoft.RecoveryServices/vaults",)

    sku: Any = None
    identity: Any = None


class VaultSettingProperties(Body, frozen=True):
    """The project's migration solution that replicates into the vault, by its ARM id."""

    migration_solution_id: Reference | None = None


class VaultSetting(Resource, frozen=True):
    """The replication settings of a vault; they outlive the project that they name."""

    types: ClassVar[tuple[str, ...]] = ("Microsoft.RecoveryServices/vaults/replicationVaultSettings",)

    properties: VaultSettingProperties = VaultSettingProperties()
