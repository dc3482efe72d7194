"""Malformed ids in Azure's answers: a gap of that list, while everything else is read and judged."""

import json

import pytest

from auditor.collect.arm_ids import placed
from auditor.inventory.inventory import Inventory
from tests.collect.emulated import EVERYTHING, collected, embedded

SUBSCRIPTION = "/subscriptions/0d1e2c3b-4a59-4687-9b10-c0a050000001"
ODD = (
    "https://elsewhere.example/",
    f"{SUBSCRIPTION}/resourceGroups/../providers/{{kind}}/p?x=1",
    f"{SUBSCRIPTION}/resourceGroups/a%2fb/../providers/{{kind}}/p",
    f"{SUBSCRIPTION}/resourceGroups/rg/providers/{{kind}}/p\nq",
    "../..",
)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("providers/Microsoft.KeyVault/vaults", "Microsoft.KeyVault/vaults"),
        ("resources", "Microsoft.Migrate/migrateProjects"),
        ("providers/Microsoft.OperationalInsights/workspaces", "Microsoft.OperationalInsights/workspaces"),
    ],
)
async def test_an_odd_id_is_a_gap_and_ends_nothing(path: str, kind: str) -> None:
    rows = [{"id": one.format(kind=kind), "type": kind, "name": "p"} for one in ODD]
    fault = {"path": f"{SUBSCRIPTION}/{path}\\?", "status": 200, "body": json.dumps({"value": rows})}
    found = await collected(embedded("contoso"), EVERYTHING, faults=[fault])
    inventory = Inventory.of(found)
    gaps = inventory.gaps(kind, SUBSCRIPTION)
    assert "Malformed" in {gap.code for gap in gaps}
    others = [read for read in found.reads or () if read.scope.lower() == SUBSCRIPTION]
    assert len(others) > 10


VAULT = f"{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.RecoveryServices/vaults/v"


@pytest.mark.parametrize(
    ("child", "container", "name"),
    [
        ("replicationMigrationItems", "replicationFabrics/f/replicationProtectionContainers/{}", "vm1"),
        ("replicationProtectedItems", "replicationFabrics/f/replicationProtectionContainers/{}", "vm1"),
        (
            "backupProtectedItems",
            "backupFabrics/Azure/protectionContainers/VMAppContainer;Compute;rg;{}",
            "SQLDataBase;mssqlserver;master",
        ),
    ],
)
@pytest.mark.parametrize("as_azure", [True, False])
def test_items_of_one_name_in_several_containers_are_several(
    child: str, container: str, name: str, as_azure: bool
) -> None:
    what = f"Microsoft.RecoveryServices/vaults/{child}"
    last = "protectedItems" if child == "backupProtectedItems" else child
    kind = "/".join(("Microsoft.RecoveryServices/vaults", *container.split("/")[::2], last))
    bodies: list[dict[str, object]] = [
        {
            "id": f"{VAULT.replace('/subscriptions', '/Subscriptions')}/{container.format(one)}/{last}/{name}",
            "name": name,
            "type": kind if as_azure else what,
        }
        for one in ("one", "two")
    ]
    assert [placed(body, what, VAULT) for body in bodies] == bodies
    assert placed({"name": name}, what, VAULT)["id"] == f"{VAULT}/{child}/{name}", "an item without an id"
    elsewhere = {**bodies[0], "id": str(bodies[0]["id"]).replace("/vaults/v/", "/vaults/w/")}
    assert placed(elsewhere, what, VAULT)["id"] != elsewhere["id"]
