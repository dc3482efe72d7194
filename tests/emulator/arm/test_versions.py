"""The emulator answers as of the api-version that is asked for, and refuses versions as Resource Manager does."""

import json
from dataclasses import replace

import pytest

from auditor.emulator.arm.catalogue import BY_TYPE
from auditor.emulator.arm.index import without
from auditor.emulator.options import Options
from auditor.inventory.lists import INGESTION, LISTS
from auditor.inventory.reads import OLDER_VERSION, Gap
from auditor.inventory.snapshot.records import arm_record
from auditor.inventory.snapshot.snapshot import Snapshot
from tests.emulator.contoso_corner import RG, S, corner, signed_in
from tests.properties.tampered_tenants import with_records

WORKSPACES = "Microsoft.OperationalInsights/workspaces"
REPLICATED = {
    "id": f"{RG}/providers/{WORKSPACES}/left-1",
    "name": "left-1",
    "type": WORKSPACES,
    "properties": {"customerId": "c0570e40-0000-4000-8000-000000000001", "replication": {"enabled": True}},
}
PROJECT = {
    "id": f"{RG}/providers/Microsoft.Migrate/migrateProjects/private",
    "name": "private",
    "type": "Microsoft.Migrate/migrateProjects",
    "properties": {"provisioningState": "Succeeded", "publicNetworkAccess": "Disabled"},
}
LIST = f"{S}/providers/{WORKSPACES}"
CLUSTERS = "Microsoft.OperationalInsights/clusters"


def tenant(*gaps: Gap) -> Snapshot:
    held = with_records(corner(), [arm_record(REPLICATED), arm_record(PROJECT)])
    return replace(held, gaps=(*held.gaps, *gaps))


@pytest.mark.parametrize(
    ("version", "replicated"),
    [("2020-08-01", False), ("2023-09-01", False), ("2025-02-01", True), ("2025-07-01", True)],
)
async def test_a_later_property_is_left_out_of_lists_and_of_single_resources(version: str, replicated: bool) -> None:
    async with signed_in(tenant()) as client:
        one = await client.get(f"{REPLICATED['id']}?api-version={version}")
        listed = [body for body in await client.every(f"{LIST}?api-version={version}") if body["name"] == "left-1"]
    assert listed == [one.json]
    held = json.loads(one.raw)["properties"]
    assert ("replication" in held) is replicated
    assert "customerId" in held


async def test_the_private_link_of_a_project_comes_with_its_version() -> None:
    async with signed_in(tenant()) as client:
        old = await client.get(f"{PROJECT['id']}?api-version=2018-09-01-preview")
        new = await client.get(f"{PROJECT['id']}?api-version=2020-05-01")
    assert old.json["properties"] == {"provisioningState": "Succeeded"}
    assert new.json["properties"] == PROJECT["properties"]


async def test_a_version_that_no_cloud_has_is_refused_with_those_that_exist() -> None:
    async with signed_in(tenant()) as client:
        listed = await client.get(f"{LIST}?api-version=2024-02-29")
        one = await client.get(f"{REPLICATED['id']}?api-version=2024-02-29")
    assert (listed.status, listed.code) == (404, "InvalidResourceType")
    assert (one.status, one.code) == (400, "NoRegisteredProviderFound")
    for refused in (listed, one):
        assert "'2024-02-29'" in refused.raw.decode()
        assert "2025-02-01" in refused.raw.decode()


async def test_a_cloud_can_lack_a_type_or_its_newer_versions() -> None:
    options = Options(lag={CLUSTERS.upper(): "", WORKSPACES: "2023-09-01"})
    async with signed_in(tenant(), options) as client:
        absent = await client.get(f"{S}/providers/{CLUSTERS}?api-version=2023-09-01")
        newer = await client.get(f"{LIST}?api-version=2025-02-01")
        older = await client.get(f"{LIST}?api-version=2023-09-01")
        provider = await client.get(f"{S}/providers/Microsoft.OperationalInsights?api-version=2021-04-01")
    assert (absent.status, absent.code) == (404, "InvalidResourceType")
    assert "supported" not in absent.raw.decode()
    assert (newer.status, newer.code) == (404, "InvalidResourceType")
    assert "2023-09-01" in newer.raw.decode()
    assert "2025-07-01" not in newer.raw.decode()
    assert older.status == 200
    types = {one["resourceType"]: one["apiVersions"] for one in json.loads(provider.raw)["resourceTypes"]}
    assert "clusters" not in types
    assert types["workspaces"][0] == "2023-09-01"


async def test_a_gap_of_an_older_version_is_served_as_a_cloud_that_ends_there() -> None:
    message = "this cloud answers in api-version 2023-09-01, without `properties.replication` (from 2025-02-01)"
    async with signed_in(tenant(Gap(WORKSPACES, S, 200, OLDER_VERSION, message))) as client:
        for address in (LIST, str(REPLICATED["id"])):
            assert (await client.get(f"{address}?api-version=2025-02-01")).status in {400, 404}
            assert (await client.get(f"{address}?api-version=2023-09-01")).status == 200


def test_a_property_is_removed_in_any_case_and_others_stay() -> None:
    body = b'{"Properties":{"Replication":{"enabled":true},"sku":1},"id":"/x","replication":2}'
    assert without(body, ["properties.replication"]) == b'{"Properties":{"sku":1},"id":"/x","replication":2}'
    assert without(body, ["properties.other", "tags.replication"]) == body
    assert without(b"[]", ["properties.x"]) == b"[]"


def test_each_list_that_is_read_has_a_row_of_the_emulators_own() -> None:
    """A type without one is served in every version, so that nothing would contradict the reader."""
    of_azure = [kind for kind in LISTS.values() if kind.what.startswith("Microsoft.")]
    known = [kind for kind in of_azure if kind.what.lower() in BY_TYPE]
    assert {kind.what for kind in of_azure} - {kind.what for kind in known} == {INGESTION}
    asked = [(kind.what, version) for kind in known for version in kind.api_versions]
    assert len(asked) > 40
    assert [(what, version) for what, version in asked if not BY_TYPE[what.lower()].supports(version)] == []
