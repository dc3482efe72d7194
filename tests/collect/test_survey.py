"""What a scan makes of Resource Graph: which subscriptions it leaves to it, and what it does where that fails."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import msgspec
import pytest

from auditor.azure.resource_graph import VERSIONS
from auditor.collect.collect import collect
from auditor.collect.request import Request
from auditor.collect.resource_graph import rows, survey
from auditor.collect.resource_graph.absence import PROVEN
from auditor.collect.resource_graph.queries import SIGN, inventory
from auditor.emulator.resource_graph import service
from auditor.inventory.association import (
    OLD_NAME,
    OWN_DNS_ZONE,
    REPLICATION_KEY_VAULT,
    REPLICATION_SERVICE_BUS,
    REPLICATION_STORAGE,
    TAGS,
)
from auditor.inventory.lists import KEY_VAULTS, RESOURCE_GRAPH, STORAGE_ACCOUNTS
from auditor.inventory.snapshot.records import ArmRecord, arm_record
from auditor.inventory.snapshot.snapshot import Snapshot
from fixtures.generate import Size, accounts, environment
from tests.collect.emulated import dated, serving
from tests.collect.resuming.test_resumed_scan import going_on, tenant
from tests.collect.test_interruption import everything_else

WORLD = environment(Size(subscriptions=6, projects=0.2, orphans=0, management_groups=1, users=3, resource_groups=1), 2)
GRAPH = Request(all=True, accounts=accounts(WORLD), source="graph")
NO_LAG: Mapping[str, str] = MappingProxyType({})


async def scanned(world: Snapshot = WORLD, lag: Mapping[str, str] = NO_LAG) -> tuple[Snapshot, list[str]]:
    """Return the result of a scan through Resource Graph, and its queries."""
    async with serving(world, lag=lag) as served:
        found = await collect(served.azure, GRAPH)
        return found, [one for one in served.requests() if f"/providers/{RESOURCE_GRAPH}" in one]


def left(snapshot: Snapshot) -> set[str]:
    return {read.scope.rpartition("/")[2] for read in snapshot.reads or () if read.what == RESOURCE_GRAPH}


def subscription(record: ArmRecord) -> str:
    return record.id.split("/")[2].lower()


async def test_a_vault_elsewhere_that_an_appliance_uses_makes_its_subscription_one_to_read() -> None:
    found, _ = await scanned()
    vault = next(one for one in WORLD.arm if one.type == KEY_VAULTS and subscription(one) in left(found))
    site = next(one for one in WORLD.arm if one.type.lower() == "microsoft.offazure/vmwaresites")
    body: dict[str, Any] = msgspec.json.decode(site.body)
    body["properties"]["agentDetails"] = {**body["properties"].get("agentDetails", {}), "keyVaultId": vault.id}
    others = [one for one in WORLD.arm if one is not site]
    again, _ = await scanned(Snapshot.of(**{**_parts(WORLD), "arm": [*others, arm_record(body)]}))
    assert left(found) - left(again) == {subscription(vault)}


def _parts(snapshot: Snapshot) -> dict[str, Any]:
    return {name: getattr(snapshot, name) for name in ("header", "graph", "links", "events", "reads", "gaps")}


async def test_a_cloud_with_an_older_resource_graph_is_asked_in_its_version_and_one_without_by_lists() -> None:
    usual, _ = await scanned()
    older, asked = await scanned(lag={RESOURCE_GRAPH: VERSIONS[1]})
    assert left(older) == left(usual)
    assert sum(VERSIONS[0] in one for one in asked) == 1
    without, _ = await scanned(lag={RESOURCE_GRAPH: ""})
    assert left(without) == set()
    assert {gap.what for gap in without.gaps} == {RESOURCE_GRAPH}


async def test_a_query_with_too_large_an_answer_is_divided(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(survey, "_SMALLEST", 1)
    async with serving(WORLD) as served:
        whole = await collect(served.azure, GRAPH)
    monkeypatch.setattr(service, "LARGEST", 20_000)
    divided, asked = await scanned()
    assert len(asked) > 3
    assert not divided.gaps
    assert (left(divided), divided.arm) == (left(whole), whole.arm)


async def test_no_list_counts_as_read_where_only_resource_graph_was_read_but_those_that_were_proven() -> None:
    found, _ = await scanned()
    assert left(found)
    places = tuple(f"/subscriptions/{one}" for one in left(found))
    inside = {read.what for read in found.reads or () if read.scope.lower().startswith(places)}
    assert inside == {RESOURCE_GRAPH, *(kind.what for kind in PROVEN)}


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("Microsoft.Migrate/migrateProjects", {}),
        ("Microsoft.DataReplication/replicationVaults", {}),
        *((KEY_VAULTS, {"tags": {tag.title(): "exit"}}) for tag in TAGS),
        (KEY_VAULTS, {"name": f"{REPLICATION_KEY_VAULT}17"}),
        ("Microsoft.OperationalInsights/workspaces", {"name": f"{OLD_NAME}exit"}),
        ("Microsoft.RecoveryServices/vaults", {"name": "exit-MigrateVault-123"}),
        ("Microsoft.RecoveryServices/vaults", {"name": "contosorsvault"}),
        (KEY_VAULTS, {"properties": {"of": "/subscriptions/x/providers/Microsoft.OffAzure/VMwareSites/y"}}),
        (KEY_VAULTS, {"tags": "migration project", "properties": None}),
    ],
)
def test_what_may_be_associated_with_azure_migrate_concerns_it(kind: str, more: Mapping[str, Any]) -> None:
    name = more.get("name", "plain")
    identity = f"/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg/providers/{kind}/{name}"
    row = {"id": identity, "name": name, "type": kind.lower(), **more}
    assert rows.concerns_migrate(rows.body_of(row, inventory()))


@pytest.mark.parametrize("kind", [KEY_VAULTS, "Microsoft.RecoveryServices/vaults"])
def test_what_has_no_sign_of_azure_migrate_does_not_concern_it(kind: str) -> None:
    identity = f"/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg/providers/{kind}/plain"
    row = {"id": identity, "name": "plain", "type": kind.lower(), "tags": {"owner": "x"}, "properties": {"a": 1}}
    assert not rows.concerns_migrate(rows.body_of(row, inventory()))


def test_every_sign_by_name_is_found_by_the_query() -> None:
    for name in (*REPLICATION_STORAGE, *REPLICATION_SERVICE_BUS, REPLICATION_KEY_VAULT, OLD_NAME, OWN_DNS_ZONE, *TAGS):
        assert SIGN in name


def test_resources_of_the_list_of_all_resources_are_recorded_without_their_properties() -> None:
    identity = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg/providers/x/y/z"
    row = {
        "id": identity,
        "name": "z",
        "type": STORAGE_ACCOUNTS.lower(),
        "kind": "",
        "sku": None,
        "properties": {"a": 1},
    }
    assert rows.body_of(row, inventory()) == {"id": identity, "name": "z", "type": STORAGE_ACCOUNTS}


@pytest.mark.parametrize(("skip", "missing"), [(2, 2), (12, 0)], ids=["among queries", "among lists"])
async def test_a_scan_that_was_interrupted_goes_on_from_the_rows_it_has(
    tmp_path: Path, skip: int, missing: int
) -> None:
    file = tmp_path / "scan.resume"
    fault = {"path": f"/providers/{RESOURCE_GRAPH}|/providers/Microsoft.Authorization/", "skip": skip, "hang": True}
    async with tenant(tmp_path, WORLD, fault, None) as served:
        async with going_on(served.arm, file) as (azure, recording):
            scan = asyncio.create_task(collect(azure, GRAPH, recording=recording))
            await everything_else()
            scan.cancel()
            await asyncio.wait([scan])
        served.since()
        served.faults.rules = ()
        async with going_on(served.arm, file) as (azure, recording):
            resumed = await collect(azure, GRAPH, recording=recording)
        after = [url for url, _ in served.since() if RESOURCE_GRAPH in url]
        async with going_on(served.arm, tmp_path / "other.resume") as (azure, recording):
            plain = await collect(azure, GRAPH, recording=recording)
    assert dated(resumed, plain) == plain
    assert len(after) == missing


@pytest.mark.parametrize(("times", "gaps"), [(1, 0), (2, 6)])
async def test_an_odd_answer_is_asked_for_once_more_and_then_everything_is_read(times: int, gaps: int) -> None:
    faults = [{"path": RESOURCE_GRAPH, "wrong": "fewer rows than in all", "times": times}]
    async with serving(WORLD, faults=faults) as served:
        found = await collect(served.azure, GRAPH)
    usual, _ = await scanned()
    assert sum(gap.what == RESOURCE_GRAPH for gap in found.gaps) == gaps
    assert left(found) == (set() if gaps else left(usual))
