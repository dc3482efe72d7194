"""The emulator serves groups, assessments and machines from the records of a snapshot, page by page."""

import pytest

from auditor.emulator.arm.lists import UNASKED
from auditor.inventory.reads import Gap
from auditor.inventory.snapshot.records import ArmRecord, arm_record
from auditor.inventory.snapshot.snapshot import Snapshot
from tests.emulator.contoso_corner import RG, Client, corner, path_of, signed_in
from tests.properties.tampered_tenants import with_records

PROJECT = f"{RG}/providers/Microsoft.Migrate/assessmentprojects/exit"
GROUP = f"{PROJECT}/groups/wave1"
OLDER = f"{GROUP}/assessments/a1"
NEWER = f"{PROJECT}/assessments/a2"
SITE = f"{RG}/providers/Microsoft.OffAzure/HyperVSites/hv"
STABLE, PREVIEW = "2023-03-15", "2024-03-03-preview"


def resource(identity: str, **properties: object) -> ArmRecord:
    return arm_record({"id": identity, "name": identity.rpartition("/")[2], "properties": properties})


def tenant(*, machines: int = 3, gaps: tuple[Gap, ...] = ()) -> Snapshot:
    places = [PROJECT, GROUP, OLDER, NEWER, SITE]
    below = [f"{OLDER}/assessedMachines", f"{NEWER}/assessedMachines", f"{SITE}/machines"]
    made = [resource(place, status="Completed") for place in places]
    made += [resource(f"{place}/m{at:03}", suitability="Suitable") for place in below for at in range(machines)]
    held = with_records(corner(), made)
    return Snapshot.of(held.header, arm=held.arm, graph=held.graph, links=held.links, reads=held.reads, gaps=gaps)


async def names(client: Client, path: str) -> list[object]:
    return [body["name"] for body in await client.every(path)]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (f"{PROJECT}/groups?api-version={STABLE}", ["wave1"]),
        (f"{PROJECT.upper()}/GROUPS?api-version={STABLE}", ["wave1"]),
        (f"{GROUP}/assessments?api-version=2019-10-01", ["a1"]),
        (f"{OLDER}/assessedMachines?api-version={STABLE}", ["m000", "m001", "m002"]),
        (f"{OLDER}/assessedmachines?api-version={STABLE}&pageSize=2", ["m000", "m001", "m002"]),
        (f"{NEWER}/assessedMachines?api-version={PREVIEW}&PageSize=1", ["m000", "m001", "m002"]),
        (f"{PROJECT}/assessments?api-version={PREVIEW}", ["a2"]),
        (f"{PROJECT}/assessments?api-version=2019-10-01", ["a1"]),
        (f"{SITE}/machines?api-version=2020-01-01", ["m000", "m001", "m002"]),
    ],
)
async def test_each_list_holds_what_is_directly_in_it(path: str, expected: list[str]) -> None:
    async with signed_in(tenant()) as client:
        assert await names(client, path) == expected


async def test_a_page_is_as_large_as_was_asked_for_and_goes_on_with_a_continuation_token() -> None:
    path = f"{OLDER}/assessedMachines?api-version={STABLE}"
    async with signed_in(tenant(machines=UNASKED + 1)) as client:
        usual = await client.get(path)
        small = await client.get(f"{path}&pageSize=2")
        wrong = await client.get(f"{path}&pageSize=none")
        token = await client.get(f"{path}&continuationToken=nonsense")
        site = await client.get(f"{SITE}/machines?api-version=2020-01-01")
    assert (len(usual.names), len(small.names), len(site.names)) == (UNASKED, 2, UNASKED)
    assert "continuationToken=" in path_of(small.json["nextLink"])
    assert "pagesize=2" in path_of(small.json["nextLink"]).lower()
    assert (wrong.status, token.status) == (400, 400)


@pytest.mark.parametrize(
    ("path", "version"),
    [
        (f"{PROJECT}/groups", PREVIEW),
        (f"{OLDER}/assessedMachines", PREVIEW),
        (f"{NEWER}/assessedMachines", STABLE),
        (f"{PROJECT}/assessments", "2019-10-02"),
        (f"{SITE}/machines", "2020-01-02"),
    ],
)
async def test_a_version_without_the_type_is_refused_with_those_that_have_it(path: str, version: str) -> None:
    async with signed_in(tenant()) as client:
        refused = await client.get(f"{path}?api-version={version}")
    assert (refused.status, refused.code) in {(404, "InvalidResourceType"), (400, "NoRegisteredProviderFound")}
    assert "2020-01-01" in refused.raw.decode() or PREVIEW in refused.raw.decode()


async def test_without_the_right_a_list_is_refused() -> None:
    needed = "Microsoft.Migrate/assessmentProjects/groups/assessments/assessedMachines"
    refusal = Gap(needed, OLDER, 403, "AuthorizationFailed", "no right", f"{needed}/read")
    async with signed_in(tenant(machines=0, gaps=(refusal,))) as client:
        refused = await client.get(f"{OLDER}/assessedMachines?api-version={STABLE}")
        other = await client.get(f"{NEWER}/assessedMachines?api-version={PREVIEW}")
    assert (refused.status, refused.code) == (403, "AuthorizationFailed")
    assert other.status == 200


async def test_an_assessment_that_is_nowhere_has_no_list() -> None:
    async with signed_in(tenant()) as client:
        gone = await client.get(f"{GROUP}/assessments/gone/assessedMachines?api-version={STABLE}")
    assert (gone.status, gone.code) == (404, "ResourceNotFound")
