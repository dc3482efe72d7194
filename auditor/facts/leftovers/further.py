"""Leftovers beside servers and vaults: queues and disks of replication, maps, sites of workloads, DNS zones.

A tag, the lock of a project or a reference proves what made them. A name or a type alone is a hint that leaves it open.
"""

from collections.abc import Iterable, Iterator

from auditor.facts.estate.environment import Context
from auditor.facts.fact import Evidence, once
from auditor.facts.leftovers.associations import (
    Association,
    Associations,
    association_with,
    associations_by_tags,
    only_a_hint,
    since,
)
from auditor.facts.leftovers.leftover import Candidate, LeftoverKind
from auditor.facts.leftovers.project_locks import kept_by, own_locks, with_locks
from auditor.inventory.arm_id import ArmId, arm_id
from auditor.inventory.association import OWN_DNS_ZONE, REPLICATION_SERVICE_BUS
from auditor.inventory.lists import (
    DEPENDENCY_MAPS,
    PRIVATE_DNS_ZONES,
    REPLICATION_FABRICS,
    REPLICATION_VAULTS,
    SERVICE_BUS,
)
from auditor.inventory.resources.further import (
    DependencyMap,
    MigrationItem,
    PrivateDnsZone,
    ReplicationFabric,
    ReplicationVault,
    ServiceBusNamespace,
    WorkloadSite,
)
from auditor.inventory.resources.resource import Resource

_BY_NAME = "only its name suggests that a replication created it"
_BY_TYPE = "its type is used by Azure Migrate and by Azure Site Recovery, and nothing in it names its project"
_OWN_TYPE = "its type is Azure Migrate's, and nothing in it names its project"
_OWN_ZONE = "only its name suggests that a private project created it"


def service_buses(context: Context) -> Iterator[Candidate]:
    """Yield the Service Bus namespaces with a tag, a project's lock or a name of Azure Migrate."""
    for one in context.inventory.all(ServiceBusNamespace):
        found, named = associations_by_tags(context, one), one.display_name.lower().startswith(REPLICATION_SERVICE_BUS)
        hint = only_a_hint(SERVICE_BUS, one.id, _BY_NAME) if named else ()
        associations = Associations(one.id, once(found), (), hint)
        if associations.suggested:
            associations = with_locks(context, one.arm_id, associations)
            sku = one.sku.get("name") if isinstance(one.sku, dict) else None
            holds = ["the queues of replication", *map(kept_by, own_locks(context, one.arm_id, associations))]
            price = [f"the SKU {sku}" if sku else "its SKU", "the hours for which it exists"]
            yield _candidate(context, LeftoverKind.SERVICE_BUS, one, associations, holds, price)


def replication_vaults(context: Context) -> Iterator[Candidate]:
    """Yield the replication vaults; one that nothing associates with a project may be another service's."""
    for one in context.inventory.all(ReplicationVault):
        found = once([*_referring(context, one.arm_id), *associations_by_tags(context, one)])
        hint = only_a_hint(REPLICATION_VAULTS, one.id, _BY_TYPE)
        associations = Associations(one.id, found, context.references.hidden, hint)
        holds, price = ["servers that replicate into it, which were not read"], ["the servers that replicate into it"]
        yield _candidate(context, LeftoverKind.REPLICATION_VAULT, one, associations, holds, price)


def replication_fabrics(context: Context) -> Iterator[Candidate]:
    """Yield the replication fabrics; each names the migration solution of its project."""
    for one in context.inventory.all(ReplicationFabric):
        custom = one.properties.custom_properties
        solution = arm_id(custom.migration_solution_id) if custom else None
        named = [] if solution is None else [_of(context, solution.parent, one)]
        found = once([*named, *associations_by_tags(context, one)])
        hidden = context.inventory.gaps(REPLICATION_FABRICS, one.arm_id)
        associations = Associations(one.id, found, hidden, only_a_hint(REPLICATION_FABRICS, one.id, _BY_TYPE))
        holds = ["the connection of an appliance to a replication vault"]
        yield _candidate(context, LeftoverKind.REPLICATION_FABRIC, one, associations, holds)


def maps_and_sites(context: Context) -> Iterator[Candidate]:
    """Yield the dependency maps and the sites of workloads, whose types are Azure Migrate's."""
    for kind, cls, held in (
        (LeftoverKind.DEPENDENCY_MAP, DependencyMap, "the connections between machines that were discovered"),
        (LeftoverKind.WORKLOAD_SITE, WorkloadSite, "the databases or applications that were discovered"),
    ):
        for one in context.inventory.all(cls):
            hint = only_a_hint(DEPENDENCY_MAPS if cls is DependencyMap else one.arm_id.type, one.id, _OWN_TYPE)
            associations = Associations(one.id, once(associations_by_tags(context, one)), (), hint)
            yield _candidate(context, kind, one, associations, [held])


def private_dns_zones(context: Context) -> Iterator[Candidate]:
    """Yield the private DNS zones with a tag of Azure Migrate, or with a name that only it uses."""
    for one in context.inventory.all(PrivateDnsZone):
        named = OWN_DNS_ZONE in one.display_name.lower()
        hint = only_a_hint(PRIVATE_DNS_ZONES, one.id, _OWN_ZONE) if named else ()
        associations = Associations(one.id, once(associations_by_tags(context, one)), (), hint)
        if associations.suggested:
            holds = ["the private addresses of a project's resources", "links to virtual networks, which were not read"]
            price = ["the zone itself", "the queries that it answers"]
            yield _candidate(context, LeftoverKind.PRIVATE_DNS_ZONE, one, associations, holds, price)


def replica_disks(context: Context, things: Iterable[Candidate]) -> Iterator[Candidate]:
    """Yield the disks that servers replicate to; only the record of the server in its vault names them."""
    vaults = {one.associations.id.lower(): one for one in things if one.kind is LeftoverKind.RECOVERY_VAULT}
    for item in context.inventory.all(MigrationItem):
        vault = vaults.get(item.id.lower().partition("/replicationfabrics/")[0])
        details = item.properties.provider_specific_details
        if vault is None or details is None:
            continue
        machine = item.properties.machine_name or item.display_name
        for disk in {one.seed_managed_disk_id: None for one in details.protected_disks or ()}:
            identity = arm_id(disk)
            if identity is not None:
                yield Candidate(
                    kind=LeftoverKind.REPLICA_DISK,
                    name=identity.name,
                    associations=Associations(str(identity), vault.associations.found, vault.associations.hidden),
                    since=vault.since,
                    holds=[f"the replica of a disk of the server `{machine}`, according to the vault `{vault.name}`"],
                    costs=["its size and its kind, for as long as it exists"],
                )


def _referring(context: Context, identity: ArmId) -> Iterator[Association]:
    for one in context.references.of(identity):
        yield association_with(context, one.project, one.because)


def _of(context: Context, project: ArmId, fabric: Resource) -> Association:
    return association_with(context, project, Evidence(fabric.id, "migrationSolutionId names its project"))


def _candidate(
    context: Context,
    kind: LeftoverKind,
    one: Resource,
    associations: Associations,
    holds: Iterable[str],
    costs: Iterable[str] = (),
) -> Candidate:
    return Candidate(
        kind=kind,
        name=one.display_name,
        associations=associations,
        since=since(context, associations, one.arm_id.subscription_id),
        holds=holds,
        costs=costs,
    )
