"""Resources that Azure Migrate makes beside its own: queues, replication, maps, sites of workloads, DNS zones."""

from typing import Any, ClassVar

from auditor.inventory import lists
from auditor.inventory.resources.resource import Body, Reference, Resource


class ServiceBusNamespace(Resource, frozen=True):
    """A Service Bus namespace from the list of all resources, with its tags and SKU."""

    types: ClassVar[tuple[str, ...]] = (lists.SERVICE_BUS,)

    sku: Any = None


class ReplicationVault(Resource, frozen=True):
    """A vault of replication to Azure Local or from Hyper-V, from the list of all resources."""

    types: ClassVar[tuple[str, ...]] = (lists.REPLICATION_VAULTS,)


class FabricCustomProperties(Body, frozen=True):
    """The ARM id of the migration solution that a fabric belongs to."""

    migration_solution_id: Reference | None = None


class ReplicationFabricProperties(Body, frozen=True):
    """The properties of a fabric."""

    custom_properties: FabricCustomProperties | None = None


class ReplicationFabric(Resource, frozen=True):
    """A fabric of replication; it outlives the project that it refers to."""

    types: ClassVar[tuple[str, ...]] = (lists.REPLICATION_FABRICS,)

    properties: ReplicationFabricProperties = ReplicationFabricProperties()


class DependencyMap(Resource, frozen=True):
    """A map of dependencies, from the list of all resources."""

    types: ClassVar[tuple[str, ...]] = (lists.DEPENDENCY_MAPS,)


class WorkloadSite(Resource, frozen=True):
    """A site of databases or applications, from the list of all resources."""

    types: ClassVar[tuple[str, ...]] = lists.WORKLOAD_SITES


class PrivateDnsZone(Resource, frozen=True):
    """A private DNS zone, from the list of all resources."""

    types: ClassVar[tuple[str, ...]] = (lists.PRIVATE_DNS_ZONES,)


class SeedDisk(Body, frozen=True):
    """A disk of a replicating server, with the managed disk that holds its replica."""

    seed_managed_disk_id: Reference | None = None


class MigrationDetails(Body, frozen=True):
    """The disks of a replicating server."""

    protected_disks: tuple[SeedDisk, ...] | None = None


class MigrationItemProperties(Body, frozen=True):
    """A server that is being migrated, and its state."""

    machine_name: str | None = None
    provider_specific_details: MigrationDetails | None = None


class MigrationItem(Resource, frozen=True):
    """A server that replicates into a Recovery Services vault.

    Azure answers with the short type, although the id of an item names its fabric and its container.
    """

    types: ClassVar[tuple[str, ...]] = (
        "Microsoft.RecoveryServices/vaults/replicationMigrationItems",
        "Microsoft.RecoveryServices/vaults/replicationFabrics/replicationProtectionContainers/replicationMigrationItems",
    )
    bare: ClassVar[bool] = True

    properties: MigrationItemProperties = MigrationItemProperties()
