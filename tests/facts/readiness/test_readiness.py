"""Readiness: every machine counted once, nothing unknown counted as ready, whatever the order and the shape."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.facts.readiness.causes import NO_REASON, UNREAD, SuitabilityCause
from auditor.facts.readiness.machines import machine_rows
from auditor.facts.readiness.readiness import Assessed, Readiness
from auditor.facts.readiness.suitability import AssessmentState, Suitability, stars
from auditor.facts.subjects.discovery import discovery_subject
from auditor.inventory.inventory import Inventory
from auditor.inventory.lists import (
    ASSESSMENT_PROJECTS,
    ASSESSMENTS,
    GROUP_ASSESSED_MACHINES,
    GROUP_ASSESSMENTS,
    SITE_MACHINES,
)
from auditor.inventory.readiness_scope import ReadinessScope
from auditor.inventory.reads import Gap
from tests.facts.readiness.waves import (
    GROUP,
    HYPERV,
    NEWER,
    VMWARE,
    WAVE,
    assessed,
    estate,
    group,
    machine,
    newer,
    newer_machine,
    readiness,
    site_machine,
    wave,
)
from tests.facts.small import ASSESSMENT, PROJECT, Body, S

READY, CONDITIONAL, NOT_READY, UNKNOWN = (
    Suitability.READY,
    Suitability.CONDITIONAL,
    Suitability.NOT_READY,
    Suitability.UNKNOWN,
)
SITE = {
    "id": VMWARE,
    "type": "Microsoft.OffAzure/VMwareSites",
    "properties": {
        "discoverySolutionId": f"{PROJECT}/solutions/x",
        "agentDetails": {"lastHeartBeatUtc": "2026-11-23T09:55:00Z"},
    },
}


def counted(found: Readiness) -> dict[Suitability, int]:
    return {one: count for one, count in found.total.by_suitability.items() if count}


def causes(found: Readiness) -> dict[tuple[str, str], int]:
    return {(one.cause.level.value, one.cause.value): one.machines for one in found.total.causes}


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("Suitable", READY),
        ("suitable", READY),
        ("ConditionallySuitable", CONDITIONAL),
        ("NotSuitable", NOT_READY),
        ("ReadinessUnknown", UNKNOWN),
        ("Unknown", UNKNOWN),
        (None, UNKNOWN),
        ("", UNKNOWN),
        ("PerfectlySuitable", UNKNOWN),
        (7, UNKNOWN),
        (["Suitable"], UNKNOWN),
    ],
)
def test_only_a_word_that_is_known_makes_a_machine_ready(word: Any, expected: Suitability) -> None:
    assert counted(readiness(wave(), machine("a", word))) == {expected: 1}


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("Ready", READY),
        ("ReadyWithConditions", CONDITIONAL),
        ("NotReady", NOT_READY),
        ("ReadinessUnknown", UNKNOWN),
        ("Fine", UNKNOWN),
    ],
)
def test_the_newer_shape_has_words_of_its_own(word: str, expected: Suitability) -> None:
    assert counted(readiness(newer(), newer_machine("a", word))) == {expected: 1}


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("Completed", AssessmentState.COMPUTED),
        ("OutDated", AssessmentState.OUTDATED),
        ("OutOfSync", AssessmentState.OUT_OF_SYNC),
        ("Created", AssessmentState.COMPUTING),
        ("Updated", AssessmentState.COMPUTING),
        ("Running", AssessmentState.COMPUTING),
        ("Invalid", AssessmentState.FAILED),
        ("Failed", AssessmentState.FAILED),
        ("Deleted", AssessmentState.DELETED),
        ("Polished", AssessmentState.UNKNOWN),
        (None, AssessmentState.UNKNOWN),
        (3, AssessmentState.UNKNOWN),
    ],
)
def test_numbers_count_only_where_the_assessment_is_calculated(status: Any, state: AssessmentState) -> None:
    found = readiness(wave(status=status), machine("a"), machine("b", "NotSuitable"))
    (one,) = found.waves
    assert one.chosen.state is state
    assert state.meaning
    expected = {READY: 1, NOT_READY: 1} if state.has_numbers else {UNKNOWN: 2}
    assert counted(found) == expected
    assert found.waiting == (0 if state.has_numbers else 2)
    assert bool(found.total.causes) is state.has_numbers


def test_a_machine_that_another_assessment_decides_is_not_unknown() -> None:
    other = f"{GROUP}/assessments/other"
    found = readiness(
        wave(), machine("a"), wave(other, status="Running"), machine("a", of=other), machine("b", of=other)
    )
    assert counted(found) == {READY: 1, UNKNOWN: 1}
    assert found.waiting == 1


def test_one_machine_in_several_assessments_is_one_machine_and_the_worst_counts() -> None:
    other = f"{GROUP}/assessments/other"
    found = readiness(
        *(wave(), wave(other), newer()),
        *(machine("a"), machine("a", "NotSuitable", of=other), newer_machine("A"), machine("b")),
    )
    assert counted(found) == {READY: 1, NOT_READY: 1}
    assert found.total.differing == 1
    assert [one.counts.machines for one in found.waves] == [1, 2, 1]


def test_one_machine_twice_in_a_list_is_one_machine() -> None:
    twin = {**machine("a", "ConditionallySuitable"), "id": f"{WAVE}/assessedMachines/another"}
    found = assessed(wave(), machine("a"), twin)
    assert counted(found.readiness()) == {CONDITIONAL: 1}
    assert [row.suitability for row in machine_rows(found)] == [CONDITIONAL]


def test_an_assessment_that_both_shapes_list_is_one() -> None:
    newer_id = f"{ASSESSMENT}/assessments/first"
    held = newer(newer_id)
    held["properties"]["scope"] = {"scopeType": "ServerGroupId", "serverGroupId": GROUP}
    found = readiness(wave(), held, machine("a"), newer_machine("a", of=newer_id), newer_machine("b", of=newer_id))
    assert [one.chosen.assessment.id for one in found.waves] == [WAVE]
    assert found.total.machines == 1


def test_an_imported_machine_is_one_machine_by_its_name_in_the_project() -> None:
    other = f"{GROUP}/assessments/other"
    found = readiness(
        wave(confidenceRatingInPercentage=None),
        wave(other),
        machine("a", datacenterMachineArmId=None),
        machine("a", datacenterMachineArmId=None, of=other),
    )
    assert counted(found) == {READY: 1}
    assert {stars(one.chosen.assessment.confidence) for one in found.waves} == {None, 5}


@pytest.mark.parametrize(
    ("percent", "expected"),
    [(None, None), (0, 1), (1, 1), (20, 1), (21, 2), (40, 2), (60, 3), (80, 4), (81, 5), (100, 5)],
)
def test_a_rating_has_the_stars_of_the_portal(percent: int | None, expected: int | None) -> None:
    assert stars(percent) == expected


@pytest.mark.parametrize(
    ("explanation", "detail", "expected"),
    [
        ("BootTypeNotSupported", "NotApplicable", {("machine", "BootTypeNotSupported")}),
        ("NotApplicable", "None", {("machine", NO_REASON)}),
        ("Unknown", None, {("machine", NO_REASON)}),
        (
            "MegabytesOfDataTransmittedMissing, MegabytesOfDataRecievedMissing",
            "NotApplicable",
            {
                ("machine", "MegabytesOfDataTransmittedMissing"),
                ("machine", "MegabytesOfDataRecievedMissing"),
                ("machine", NO_REASON),
            },
        ),
        ("SomethingNew", "BootTypeUnknown", {("machine", "SomethingNew"), ("machine", "BootTypeUnknown")}),
        ({"x": 1}, "None", {("machine", UNREAD)}),
    ],
)
def test_each_cause_of_a_machine_is_kept(explanation: Any, detail: Any, expected: set[tuple[str, str]]) -> None:
    held = machine("a", "NotSuitable", suitabilityExplanation=explanation, suitabilityDetail=detail)
    assert set(causes(readiness(wave(), held))) == expected


def test_disks_and_adapters_have_causes_of_their_own() -> None:
    disks = {
        "one": {"suitability": "NotSuitable", "suitabilityExplanation": "DiskSizeGreaterThanSupported"},
        "two": {"suitability": "NotSuitable", "suitabilityExplanation": "DiskSizeGreaterThanSupported"},
        "odd": {"suitability": "NotSuitable"},
    }
    adapters = {"one": {"suitability": "NotSuitable", "suitabilityExplanation": "InternalErrorOccurred"}}
    held = machine("a", "NotSuitable", disks=disks, networkAdapters=adapters)
    assert causes(readiness(wave(), held)) == {
        ("disk", "DiskSizeGreaterThanSupported"): 1,
        ("disk", NO_REASON): 1,
        ("network adapter", "InternalErrorOccurred"): 1,
    }


def test_an_issue_of_the_newer_shape_keeps_its_own_words() -> None:
    issue = {
        "issueCode": "Azure.Vm.1",
        "issueCategory": "Issue",
        "issueDescription": "The boot type is not supported.",
        "possibleCause": "It starts with UEFI.",
        "recommendedActions": ["Convert it.", "Upgrade."],
    }
    (one,) = readiness(newer(), newer_machine("a", "NotReady", issue)).total.causes
    assert one.cause == SuitabilityCause(
        one.cause.level,
        "Azure.Vm.1",
        "The boot type is not supported.",
        "It starts with UEFI.",
        ("Convert it.", "Upgrade."),
        "Issue",
    )


@pytest.mark.parametrize(
    ("system", "former"),
    [
        ("Windows Server 2008 R2", False),
        ("Microsoft Windows Server 2003 (64-bit)", False),
        ("Windows Server 2016", True),
        ("Ubuntu Linux", True),
        (None, False),
    ],
)
def test_uefi_is_an_obstacle_of_old_windows_servers_only(system: str | None, former: bool) -> None:
    held = machine("a", "NotSuitable", suitabilityExplanation="BootTypeNotSupported", operatingSystemName=system)
    assert readiness(wave(), held).total.former_boot_rule == former


CORES, MEMORY = "PercentageOfCoresUtilizedMissing", "PercentageOfMemoryUtilizedMissing"


@pytest.mark.parametrize(
    ("detail", "found", "reason"),
    [
        (CORES, site_machine("a", powerStatus="OFF"), "it is off"),
        (CORES, site_machine("a", isDeleted=True), "it is deleted"),
        (CORES, site_machine("a", createdTimestamp="2026-11-12T08:00:00Z"), "discovered on 2026-11-12, after"),
        (CORES, site_machine("a", createdTimestamp="2026-11-01T08:00:00Z"), "its site shows no reason"),
        (CORES, None, "the discovered machine was not read"),
    ],
)
def test_missing_counters_have_the_reason_that_the_site_shows(detail: str, found: Body | None, reason: str) -> None:
    bodies = [] if found is None else [found]
    (row,) = machine_rows(assessed(wave(), machine("a", suitabilityDetail=detail), *bodies))
    assert row.counters_missing == (detail,)
    assert any(reason in one for one in row.why_missing)


@pytest.mark.parametrize(
    ("detail", "dynamic", "is_reason"),
    [(MEMORY, False, True), (MEMORY, True, False), (MEMORY, None, False), (f"{CORES}, {MEMORY}", False, False)],
)
def test_hyper_v_reports_no_memory_where_it_is_not_dynamic(detail: str, dynamic: Any, is_reason: bool) -> None:
    found = site_machine("a", HYPERV, isDynamicMemoryEnabled=dynamic)
    held = machine("a", suitabilityDetail=detail, datacenterMachineArmId=found["id"])
    (row,) = machine_rows(assessed(wave(), held, found))
    assert any("not dynamic" in one for one in row.why_missing) is is_reason


@pytest.mark.parametrize(
    ("what", "scope"),
    [
        (ASSESSMENT_PROJECTS, S),
        (GROUP_ASSESSMENTS, GROUP),
        (ASSESSMENTS, ASSESSMENT),
        (GROUP_ASSESSED_MACHINES, WAVE),
    ],
)
def test_an_unread_list_leaves_a_gap(what: str, scope: str) -> None:
    refused = Gap(what, scope, 403, "AuthorizationFailed", "no", f"{what}/read")
    found = readiness(wave(), machine("a"), gaps=[refused])
    assert refused in found.gaps
    assert found.is_least
    assert found.waves[0].is_listed is (what != GROUP_ASSESSED_MACHINES)


def test_machines_that_cannot_be_understood_are_unknown_machines() -> None:
    broken = {**machine("b"), "properties": None}
    found = readiness(wave(), machine("a"), broken)
    assert counted(found) == {READY: 1, UNKNOWN: 1}
    assert found.gaps
    assert found.waves[0].has_numbers
    assert not found.waves[0].is_whole


def test_assessments_of_other_kinds_are_named_and_not_counted() -> None:
    of_others = [f"{GROUP}/avsAssessments/x", f"{GROUP}/assessments/first", f"{GROUP}/sqlAssessments/y"]
    odd = wave(f"{GROUP}/assessments/odd", assessmentType="OtherAssessment")
    found = readiness(group(assessments=of_others), wave(), odd, machine("a"), machine("b", of=odd["id"]))
    assert found.other_kinds == {"OtherAssessment": 1, "avsAssessments": 1, "sqlAssessments": 1}
    assert found.total.machines == 1


@pytest.mark.parametrize(
    ("scope", "waves"),
    [
        (ReadinessScope(), 3),
        (ReadinessScope(project="CONTOSO-exit"), 3),
        (ReadinessScope(project="contoso-exit-assessment"), 3),
        (ReadinessScope(project="another"), 0),
        (ReadinessScope(group="WAVE1"), 2),
        (ReadinessScope(assessment="second"), 1),
        (ReadinessScope(group="wave1", assessment="newer"), 0),
        (ReadinessScope(resource_group="RG-Migrate"), 3),
        (ReadinessScope(resource_group="rg-other"), 0),
        (ReadinessScope(subscriptions=frozenset()), 0),
    ],
)
def test_names_narrow_what_is_looked_at(scope: ReadinessScope, waves: int) -> None:
    found = readiness(wave(), wave(f"{GROUP}/assessments/second"), newer(), scope=scope)
    assert len(found.waves) == waves


@pytest.mark.parametrize(
    "properties", [{"isDeleted": "perhaps"}, {"isDeleted": True, "updatedTimestamp": None}, {"isDeleted": ["true"]}]
)
def test_a_machine_that_may_have_been_deleted_long_ago_leaves_it_open(properties: Body) -> None:
    (site,) = readiness(SITE, site_machine("a"), site_machine("b", **properties)).sites
    assert site.undated == 1
    fact = discovery_subject(site, datetime(2026, 11, 23, 10, tzinfo=UTC)).facts["discovery.has_deleted"]
    assert [gap.message for gap in fact.gaps] == [
        "what Azure returned does not tell of 1 machine whether or since when it is deleted"
    ]


def test_a_site_shows_how_fresh_its_discovery_is() -> None:
    (site,) = readiness(
        SITE,
        site_machine("a", dependencyMapping="Enabled", errors=[{"id": 10001, "code": "Denied"}, {"code": "Denied"}]),
        site_machine("b", isDeleted=True, updatedTimestamp="2026-11-22T09:00:00Z", dependencyMapping="Disabled"),
        site_machine("c", isDeleted=True, updatedTimestamp="2026-11-23T09:45:00Z", powerStatus="OFF"),
    ).sites
    assert (site.machines, site.deleted, site.deleted_late, site.off, site.with_errors) == (3, 2, 1, 1, 1)
    assert site.undated == 0
    assert site.errors == {"10001": 1, "Denied": 1}
    assert site.dependencies == {"Disabled": 1, "Enabled": 1}
    assert not site.gaps


@pytest.mark.parametrize(
    ("properties", "project", "is_shown"),
    [
        ({"discoverySolutionId": f"{PROJECT}/solutions/x"}, "contoso-exit", True),
        ({"discoverySolutionId": f"{PROJECT}/solutions/x"}, "contoso-exit-assessment", True),
        ({"discoverySolutionId": f"{PROJECT}2/solutions/x"}, "contoso-exit", False),
        ({}, "contoso-exit", True),
        ({"discoverySolutionId": "x"}, "contoso-exit", True),
        ({}, "another", False),
        ({}, None, True),
    ],
)
def test_a_site_that_names_no_project_belongs_to_those_of_its_resource_group(
    properties: Body, project: str | None, is_shown: bool
) -> None:
    found = readiness(wave(), {**SITE, "properties": properties}, scope=ReadinessScope(project=project))
    assert bool(found.sites) is is_shown


def test_machines_of_a_site_that_were_not_read_leave_a_gap() -> None:
    refused = Gap(SITE_MACHINES[0], VMWARE, 403, "AuthorizationFailed", "no")
    (site,) = readiness(SITE, gaps=[refused]).sites
    assert site.gaps == (refused,)


WORDS = ["Suitable", "ConditionallySuitable", "NotSuitable", "ReadinessUnknown", "New", None]
EXPLAINED = ["NotApplicable", "BootTypeNotSupported", "CheckUbuntuLinuxVersion", "New, Newer", CORES]
MACHINES = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "c", "d", "E"]),
        st.sampled_from([WAVE, f"{GROUP}/assessments/second"]),
        st.sampled_from(WORDS),
        st.sampled_from(EXPLAINED),
    ),
    max_size=12,
    unique_by=lambda one: (one[0], one[1], one[2]),
)


def _held(rows: list[tuple[str, str, str | None, str]], order: list[int]) -> Readiness:
    """Return what machines come to whose records stand in another order, so that their ids do too."""
    bodies = []
    for place, number in zip(order, range(len(rows)), strict=True):
        name, of, word, said = rows[number]
        body = machine(name, word, of=of, suitabilityExplanation=said)
        bodies.append({**body, "id": f"{of}/assessedMachines/{place:03}"})
    return readiness(wave(), wave(f"{GROUP}/assessments/second"), *bodies)


@given(MACHINES, st.randoms(use_true_random=False))
def test_every_machine_is_counted_once_in_any_order(rows: Any, random: Any) -> None:
    order = list(range(len(rows)))
    found = _held(rows, order)
    random.shuffle(order)
    assert replace(_held(rows, order)).total == found.total
    total = found.total
    assert total.machines == len({name.lower() for name, *_ in rows}) == sum(total.by_suitability.values())
    for one in (total, *(one.counts for one in found.waves)):
        assert sum(one.by_suitability.values()) == one.machines
        assert all(0 < cause.machines <= one.machines for cause in one.causes)
        assert all(sum(cause.platforms.values()) <= cause.machines for cause in one.causes)


@given(MACHINES)
def test_the_rows_are_the_machines_that_were_counted(rows: Any) -> None:
    bodies = [
        {**machine(name, word, of=of, suitabilityExplanation=said), "id": f"{of}/assessedMachines/{number}"}
        for number, (name, of, word, said) in enumerate(rows)
    ]
    found = assessed(wave(), wave(f"{GROUP}/assessments/second"), *bodies)
    listed = list(machine_rows(found))
    for one in found.readiness().waves:
        mine = [row.suitability for row in listed if row.assessment == one.chosen.assessment.arm_id.name]
        assert {each: mine.count(each) for each in Suitability} == dict(one.counts.by_suitability)


def test_a_machine_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    inventory = estate(wave(), machine("a"), site_machine("a"))

    def refuse(*_: Any) -> None:
        raise AssertionError("kept")

    found = Inventory.all

    def all_but_machines(self: Inventory, cls: Any) -> Any:
        return refuse() if cls.__name__ in {"AssessedMachine", "SiteMachine"} else found(self, cls)

    monkeypatch.setattr(Inventory, "all", all_but_machines)
    assert Assessed(inventory, ReadinessScope()).readiness().total.machines == 1
    assert NEWER
