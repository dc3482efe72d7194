"""Recovery Services vaults, and their replication settings, which refer to an Azure Migrate project."""

from typing import Any, ClassVar

from auditor.inventory.resources.resource import Body, Reference, Resource


class RecoveryVault(Resource, frozen=True):
    """A Recovery Services vault from the list of all resources, with its tags and SKU."""

    types: ClassVar[tuple[str, ...]] = ("Microsoft.RecoveryServices/vaults",)

    sku: Any = None
    identity: Any = None


class VaultSettingProperties(Body, frozen=True):
    """The ARM id of the migration solution that replicates into the vault."""

    migration_solution_id: Reference | None = None


class VaultSetting(Resource, frozen=True):
    """The replication settings of a vault; they outlive the project that they refer to."""

    types: ClassVar[tuple[str, ...]] = ("Microsoft.RecoveryServices/vaults/replicationVaultSettings",)

    properties: VaultSettingProperties = VaultSettingProperties()
