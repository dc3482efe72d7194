"""Leftovers beside servers and vaults: strong evidence decides, and a name or a type alone leaves it open."""

from typing import Any

import pytest

from auditor.facts.leftovers.every import leftovers
from auditor.facts.leftovers.leftover import Leftover, LeftoverKind, LeftoverVerdict
from tests.facts.leftovers.test_every import OF_IT, RECOVERY, SETTING, SOLUTION, lock, recovery
from tests.facts.small import RG, VAULT, context, inventory, project, vault

Body = dict[str, Any]
ORPHANED, ATTACHED, UNDECIDED = LeftoverVerdict.ORPHANED, LeftoverVerdict.ATTACHED, LeftoverVerdict.UNDECIDED


def made(kind: str, name: str, tags: object = None, **properties: Any) -> Body:
    body: Body = {"id": f"{RG}/providers/{kind}/{name}", "name": name, "type": kind, "tags": tags}
    return {**body, "properties": properties} if properties else body


BUS = "Microsoft.ServiceBus/namespaces"
FABRIC = "Microsoft.DataReplication/replicationFabrics"
TAGGED = {
    LeftoverKind.SERVICE_BUS: made(BUS, "anything", OF_IT),
    LeftoverKind.REPLICATION_VAULT: made("Microsoft.DataReplication/replicationVaults", "anything", OF_IT),
    LeftoverKind.REPLICATION_FABRIC: made(FABRIC, "one", customProperties={"migrationSolutionId": SOLUTION}),
    LeftoverKind.DEPENDENCY_MAP: made("Microsoft.DependencyMap/maps", "anything", OF_IT),
    LeftoverKind.WORKLOAD_SITE: made("Microsoft.MySQLDiscovery/MySQLSites", "anything", OF_IT),
    LeftoverKind.PRIVATE_DNS_ZONE: made("Microsoft.Network/privateDnsZones", "privatelink.example.com", OF_IT),
}
HINTED = {
    LeftoverKind.SERVICE_BUS: [made(BUS, "migrateapplisbns4711"), made(BUS, "migratesbns4711")],
    LeftoverKind.REPLICATION_VAULT: [made("Microsoft.DataReplication/replicationVaults", "one")],
    LeftoverKind.REPLICATION_FABRIC: [made(FABRIC, "one", customProperties={"instanceType": "VMware"})],
    LeftoverKind.DEPENDENCY_MAP: [made("Microsoft.DependencyMap/maps", "one")],
    LeftoverKind.WORKLOAD_SITE: [
        made("Microsoft.ApplicationMigration/PGSQLSites", "one"),
        made("Microsoft.ApplicationMigration/discoveryHubs", "one"),
    ],
    LeftoverKind.PRIVATE_DNS_ZONE: [
        made("Microsoft.Network/privateDnsZones", "privatelink.prod.migration.windowsazure.com")
    ],
}
OTHERS = (made(BUS, "orders"), made("Microsoft.Network/privateDnsZones", "privatelink.vaultcore.azure.net"))


def only(kind: LeftoverKind, *bodies: Body) -> Leftover:
    [found] = leftovers(context(inventory(*bodies)), {kind})
    return found


@pytest.mark.parametrize("kind", TAGGED)
def test_what_names_its_project_is_attached_to_it_and_orphaned_without_it(kind: LeftoverKind) -> None:
    assert only(kind, TAGGED[kind], project()).verdict is ATTACHED
    left = only(kind, TAGGED[kind])
    assert (left.verdict, left.projects) == (ORPHANED, ("contoso-exit",))


@pytest.mark.parametrize(("kind", "body"), [(kind, body) for kind, bodies in HINTED.items() for body in bodies])
def test_a_name_or_a_type_alone_leaves_it_open_and_says_so(kind: LeftoverKind, body: Body) -> None:
    left = only(kind, body)
    assert left.verdict is UNDECIDED
    assert "only its name suggests" in left.why or "nothing in it names its project" in left.why


def test_what_others_have_too_is_passed_over() -> None:
    kinds = {LeftoverKind.SERVICE_BUS, LeftoverKind.PRIVATE_DNS_ZONE}
    assert list(leftovers(context(inventory(*OTHERS)), kinds)) == []


def test_the_lock_of_a_project_proves_whose_a_queue_or_a_key_vault_is_and_is_left_with_it() -> None:
    queue = made(BUS, "migrateapplisbns4711")
    on_it = lock("contoso-gonelock", str(queue["id"]))
    left = only(LeftoverKind.SERVICE_BUS, queue, on_it)
    assert (left.verdict, left.projects, left.uses) == (ORPHANED, ("contoso-gone",), ())
    assert "its SKU" in left.costs
    assert "the Service Bus namespace" in only(LeftoverKind.LOCK, queue, on_it).holds[0]
    named = VAULT.replace("contosoexit", "migrateapplikv")
    keys = vault() | {"id": named, "name": None}
    found = only(LeftoverKind.KEY_VAULT, keys, lock("contoso-gonelock", named))
    assert (found.verdict, found.projects, found.uses) == (ORPHANED, ("contoso-gone",), ())
    assert "the key vault" in only(LeftoverKind.LOCK, keys, lock("contoso-gonelock", named)).holds[0]


def test_a_disk_is_known_from_the_record_of_its_server() -> None:
    disk = f"{RG}/providers/Microsoft.Compute/disks/asrseeddisk-one"
    item = {
        "id": f"{RECOVERY}/replicationFabrics/f/replicationProtectionContainers/c/replicationMigrationItems/vm-1",
        "name": "vm-1",
        "type": "Microsoft.RecoveryServices/vaults/replicationMigrationItems",
        "properties": {
            "machineName": "APP01",
            "providerSpecificDetails": {"protectedDisks": [{"seedManagedDiskId": disk}, {"diskName": "not yet"}]},
        },
    }
    left = only(LeftoverKind.REPLICA_DISK, recovery(), SETTING, item)
    assert (left.verdict, left.id, left.projects) == (ORPHANED, disk, ("contoso-exit",))
    assert "`APP01`" in left.holds[0]
    assert only(LeftoverKind.REPLICA_DISK, recovery(), SETTING, item, project()).verdict is ATTACHED
