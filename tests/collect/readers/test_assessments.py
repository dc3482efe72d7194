"""The lists of groups, assessments and machines: what is asked for, and how each list ends."""

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from auditor.collect.catalogue import MACHINES
from auditor.collect.collect import collect
from auditor.collect.readers.assessments import PAGE_SIZE
from auditor.collect.request import Request
from auditor.facts.readiness.readiness import Assessed
from auditor.inventory.inventory import Inventory
from auditor.inventory.lists import (
    ASSESSED_MACHINES,
    ASSESSMENT_GROUPS,
    ASSESSMENT_PROJECTS,
    ASSESSMENTS,
    GROUP_ASSESSED_MACHINES,
    GROUP_ASSESSMENTS,
    SITE_MACHINES,
)
from auditor.inventory.readiness_scope import ReadinessScope
from auditor.inventory.reads import OLDER_VERSION, Gap
from auditor.inventory.resources.assessments import AssessedMachine, Assessment
from auditor.inventory.resources.migrate import AssessmentProject
from auditor.inventory.snapshot.records import ArmRecord, arm_record
from auditor.inventory.snapshot.snapshot import Snapshot
from tests.collect.emulated import collected, embedded, serving

CONTOSO = embedded("contoso")
WANTED = Request(all=True, machines=True)
KINDS = {listing.what.lower() for listing in MACHINES}
PERF = "berlin-wave1-perf"


def machines(snapshot: Snapshot) -> set[ArmRecord]:
    return {record for record in snapshot.arm if record.type.lower() in KINDS}


def reads(snapshot: Snapshot, what: str) -> dict[str, int]:
    return {read.scope.rpartition("/")[2]: read.count for read in snapshot.reads or () if read.what == what}


def gaps(snapshot: Snapshot, what: str) -> dict[str, Gap]:
    return {gap.scope.rpartition("/")[2]: gap for gap in snapshot.gaps if gap.what == what}


def with_bodies(*bodies: Mapping[str, Any]) -> Snapshot:
    """Return Contoso with further or other bodies."""
    ids = {str(body["id"]).lower() for body in bodies}
    kept = [record for record in CONTOSO.arm if record.id.lower() not in ids]
    return Snapshot.of(
        CONTOSO.header,
        arm=[*kept, *map(arm_record, bodies)],
        graph=CONTOSO.graph,
        links=CONTOSO.links,
        events=CONTOSO.events,
        reads=CONTOSO.reads,
        gaps=CONTOSO.gaps,
    )


def body_of(name: str, kind: str) -> dict[str, Any]:
    [record] = [one for one in CONTOSO.arm if one.id.endswith(f"/{name}") and one.type.lower().endswith(kind)]
    return msgspec.json.decode(record.body, type=dict[str, Any])


async def test_a_plain_scan_asks_for_no_machine() -> None:
    async with serving(CONTOSO) as served:
        found = await collect(served.azure, Request(all=True))
        asked = served.requests()
    assert machines(found) == set()
    assert [one for one in asked if "/groups" in one.lower() or "/machines" in one.lower()] == []
    assert not {read.what.lower() for read in found.reads or ()} & KINDS
    gap = Inventory.of(found).gaps(GROUP_ASSESSED_MACHINES, "/")
    assert [one.code for one in gap] == ["NotRead"]


@pytest.mark.parametrize("page_size", [None, 2])
async def test_every_list_is_read_to_its_end(page_size: int | None) -> None:
    async with serving(CONTOSO, page_size=page_size) as served:
        found = await collect(served.azure, WANTED)
        asked = served.requests()
    assert machines(found) == machines(CONTOSO)
    assert reads(found, ASSESSMENT_GROUPS)["contoso-branches7c1dproject"] == 3
    assert reads(found, GROUP_ASSESSMENTS) == {"berlin-wave1": 2, "berlin-wave2": 3, "hamburg-imported": 1}
    assert reads(found, GROUP_ASSESSED_MACHINES) == {
        PERF: 11,
        "berlin-wave1-first": 2,
        "berlin-wave2-quick": 1,
        "berlin-wave2-now": 0,
        "berlin-wave2-odd": 0,
        "hamburg-imported-first": 1,
    }
    assert reads(found, ASSESSMENTS)["contoso-dc-exit4f2aproject"] == 1
    assert reads(found, ASSESSED_MACHINES) == {"dc-exit-wave7": 3}
    assert {**reads(found, SITE_MACHINES[0]), **reads(found, SITE_MACHINES[1])}["branchhv01site"] == 11
    assert not any(gap.what.lower() in KINDS for gap in found.gaps)
    sized = [one for one in asked if "/assessedmachines?" in one.lower()]
    assert sized
    assert all(f"pagesize={PAGE_SIZE}" in one.lower() for one in sized)
    assert any("continuationToken" in one for one in sized) is (page_size is not None)


@pytest.mark.parametrize(
    ("scope", "assessments", "projects"),
    [
        (ReadinessScope(project="contoso-DC-exit"), {"dc-exit-wave7"}, {"contoso-dc-exit4f2aproject"}),
        (ReadinessScope(project="nobody"), set(), set()),
        (
            ReadinessScope(project="contoso-branches", group="BERLIN-wave2"),
            {"berlin-wave2-quick", "berlin-wave2-now", "berlin-wave2-odd"},
            {"contoso-branches7c1dproject"},
        ),
        (
            ReadinessScope(project="contoso-branches7c1dproject", assessment="berlin-wave1-first"),
            {"berlin-wave1-first"},
            {"contoso-branches7c1dproject"},
        ),
    ],
)
async def test_only_what_is_named_is_read(scope: ReadinessScope, assessments: set[str], projects: set[str]) -> None:
    found = await collected(CONTOSO, Request(all=True, machines=True, machines_of=scope))
    assert {*reads(found, GROUP_ASSESSED_MACHINES), *reads(found, ASSESSED_MACHINES)} == assessments
    assert set(reads(found, ASSESSMENT_GROUPS)) == projects
    whole, part = (Assessed(Inventory.of(one), scope).readiness() for one in (CONTOSO, found))
    assert (part.total, part.gaps, part.sites) == (whole.total, (), whole.sites)
    listed = {name for what in SITE_MACHINES for name in reads(found, what)}
    assert listed == {one.id.rpartition("/")[2] for one in whole.sites}


async def test_without_the_right_each_list_is_a_gap_with_the_permission_that_is_missing() -> None:
    refused = [
        Gap(what, project.id, 403, "AuthorizationFailed", "", f"{what}/read")
        for what in (ASSESSMENT_GROUPS, ASSESSMENTS)
        for project in Inventory.of(CONTOSO).all(AssessmentProject)
    ]
    seen = set(CONTOSO.arm) - machines(CONTOSO)
    snapshot = Snapshot.of(CONTOSO.header, arm=seen, graph=CONTOSO.graph, reads=CONTOSO.reads, gaps=refused)
    found = await collected(snapshot, WANTED)
    for what in (ASSESSMENT_GROUPS, ASSESSMENTS):
        assert {gap.needs for gap in gaps(found, what).values()} == {f"{what}/read"}
        assert reads(found, what) == {}
    assert reads(found, GROUP_ASSESSED_MACHINES) == {}


async def test_a_page_that_is_refused_in_the_middle_is_a_gap() -> None:
    fault = {"path": f"{PERF}/assessedMachines.*continuationToken", "status": 403}
    found = await collected(CONTOSO, WANTED, page_size=3, faults=[fault])
    gap = gaps(found, GROUP_ASSESSED_MACHINES)[PERF]
    assert (gap.status, gap.needs) == (403, f"{GROUP_ASSESSED_MACHINES}/read")
    assert PERF not in reads(found, GROUP_ASSESSED_MACHINES)
    assert reads(found, GROUP_ASSESSED_MACHINES)["berlin-wave1-first"] == 2


def listed(*machines: dict[str, Any]) -> list[dict[str, object]]:
    """Return the fault that answers the list of machines of an assessment with these."""
    body = msgspec.json.encode({"value": machines}).decode()
    return [{"path": f"{PERF}/assessedMachines", "status": 200, "body": body}]


async def test_a_machine_that_is_listed_twice_is_kept_once() -> None:
    machine = body_of("a55e5503-3f1d-4c68-8a27-c0a050000003", "assessedmachines")
    again = {**machine, "id": machine["id"].upper(), "properties": {**machine["properties"], "monthlyStorageCost": 7}}
    found = await collected(CONTOSO, WANTED, faults=listed(machine, again))
    assert gaps(found, GROUP_ASSESSED_MACHINES) == {}
    inside = [one for one in Inventory.of(found).each(AssessedMachine) if one.assessment.name.lower() == PERF]
    assert [one.display_name for one in inside] == ["BER-DC01"]


async def test_a_machine_that_is_listed_twice_with_other_contents_leaves_the_list_unread() -> None:
    machine = body_of("a55e5503-3f1d-4c68-8a27-c0a050000003", "assessedmachines")
    again = {**machine, "properties": {**machine["properties"], "suitability": "Suitable"}}
    found = await collected(CONTOSO, WANTED, faults=listed(machine, again))
    assert gaps(found, GROUP_ASSESSED_MACHINES)[PERF].code == "Contradiction"


async def test_machines_of_another_assessment_are_no_answer() -> None:
    other = body_of("a55e5512-3f1d-4c68-8a27-c0a050000012", "assessedmachines")
    found = await collected(CONTOSO, WANTED, faults=listed(other))
    assert gaps(found, GROUP_ASSESSED_MACHINES)[PERF].code == "UnexpectedShape"


async def test_where_the_page_size_is_refused_the_list_is_read_without_it() -> None:
    fault = {"path": f"/assessedMachines.*pageSize={PAGE_SIZE}", "status": 400}
    found = await collected(CONTOSO, WANTED, faults=[fault])
    assert machines(found) == machines(CONTOSO)


async def test_a_cloud_without_the_newer_kind_has_no_assessment_without_a_group() -> None:
    """Older versions list the assessments of all groups there; they are counted in their groups only."""
    older = [record for record in CONTOSO.arm if "/assessments/dc-exit-wave7" not in record.id]
    snapshot = Snapshot.of(CONTOSO.header, arm=older, graph=CONTOSO.graph, reads=CONTOSO.reads, gaps=CONTOSO.gaps)
    found = await collected(snapshot, WANTED, lag={ASSESSMENTS: "2023-03-15", ASSESSED_MACHINES: "2023-03-15"})
    assert machines(found) == machines(snapshot)
    assert set(reads(found, ASSESSMENTS).values()) == {0}
    assert gaps(found, ASSESSMENTS) == {}
    assert len({one.key for one in Inventory.of(found).all(Assessment)}) == 6


async def test_a_cloud_that_lacks_a_type_has_none_of_it() -> None:
    lag = dict.fromkeys((ASSESSMENT_GROUPS, ASSESSMENTS), "")
    found = await collected(CONTOSO, WANTED, lag=lag)
    inventory = Inventory.of(found)
    for what in (ASSESSMENT_GROUPS, ASSESSMENTS):
        assert set(reads(found, what).values()) == {0}
        assert inventory.gaps(what, "/") == () or all(gap.code == "NotRead" for gap in inventory.gaps(what, "/"))


async def test_an_older_version_leaves_what_it_lacks_unread() -> None:
    found = await collected(CONTOSO, WANTED, lag={GROUP_ASSESSED_MACHINES: "2019-10-01"})
    gap = gaps(found, GROUP_ASSESSED_MACHINES)[PERF]
    assert gap.code == OLDER_VERSION
    assert "properties.productSupportStatus" in gap.message
    assert {one.support_status for one in Inventory.of(found).each(AssessedMachine) if not one.recommendations} == {
        None
    }


@pytest.mark.parametrize("status", ["Running", "Created", "Invalid", "Failed", "SomethingNew"])
async def test_an_assessment_in_any_state_is_read_with_its_machines(status: str) -> None:
    body = body_of(PERF, "groups/assessments")
    snapshot = with_bodies({**body, "properties": {**body["properties"], "status": status}})
    found = await collected(snapshot, WANTED)
    assert machines(found) == machines(snapshot)
    assert status in {one.status for one in Inventory.of(found).all(Assessment)}


async def test_an_object_in_place_of_the_list_of_private_endpoints_does_no_harm() -> None:
    body = body_of("contoso-branches7c1dproject", "assessmentprojects")
    snapshot = with_bodies({**body, "properties": {**body["properties"], "privateEndpointConnections": {"value": []}}})
    found = await collected(snapshot, WANTED)
    assert machines(found) == machines(CONTOSO)
    assert len(Inventory.of(found).all(AssessmentProject)) == len(Inventory.of(CONTOSO).all(AssessmentProject))


async def test_what_is_not_read_of_a_machine_does_not_come_into_the_snapshot() -> None:
    body = body_of("a55e5503-3f1d-4c68-8a27-c0a050000003", "assessedmachines")
    large = {**body["properties"], "hostProcessor": {"name": "Xeon"}, "costComponents": [{"value": 1}] * 50}
    snapshot = with_bodies({**body, "eTag": "x", "systemData": {"createdBy": "somebody"}, "properties": large})
    found = await collected(snapshot, WANTED)
    assert machines(found) == machines(CONTOSO)


def test_every_list_of_machines_reads_only() -> None:
    assert {listing.what for listing in MACHINES} == {
        ASSESSMENT_GROUPS,
        GROUP_ASSESSMENTS,
        GROUP_ASSESSED_MACHINES,
        ASSESSMENTS,
        ASSESSED_MACHINES,
        *SITE_MACHINES,
    }
    assert ASSESSMENT_PROJECTS.lower() not in KINDS
    assert all(listing.needs == (f"{listing.what}/read",) for listing in MACHINES)
