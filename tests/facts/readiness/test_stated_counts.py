"""Machines that Azure counts and does not list are unknown, and numbers that contradict each other are not believed."""

from typing import Any

import pytest

from auditor.facts.fact import Known, Unknown
from auditor.facts.readiness.readiness import Readiness
from auditor.facts.readiness.suitability import Suitability
from auditor.facts.subjects.assessment import assessment_subject
from auditor.inventory.lists import GROUP_ASSESSED_MACHINES, GROUP_ASSESSMENTS
from auditor.inventory.readiness_scope import ReadinessScope
from auditor.inventory.reads import COUNTS_DIFFER, Gap
from tests.facts.readiness.waves import GROUP, WAVE, group, machine, newer, newer_machine, readiness, wave
from tests.facts.small import Body

SECOND, OTHER = f"{GROUP}/assessments/second", GROUP.replace("wave1", "wave2")
REFUSED = Gap(GROUP_ASSESSED_MACHINES, WAVE, 403, "AuthorizationFailed", "no")
LISTED = (machine("a"), machine("b", "NotSuitable"))


def sums(found: Readiness) -> tuple[int, int, int]:
    """Return all machines, the ready ones and the unknown ones."""
    by = found.total.by_suitability
    assert sum(by.values()) == found.total.machines
    return found.total.machines, by[Suitability.READY], by[Suitability.UNKNOWN]


@pytest.mark.parametrize("status", ["Created", "Updated", "Running", "Invalid", "Failed", "Polished", "OutOfSync"])
def test_machines_of_an_assessment_without_a_list_are_unknown(status: str) -> None:
    found = readiness(wave(status=status, numberOfMachines=300))
    assert (sums(found), found.unlisted) == ((300, 0, 300), 300)
    assert not found.waves[0].is_whole


@pytest.mark.parametrize(
    ("bodies", "expected"),
    [
        ((wave(numberOfMachines=5), *LISTED), (5, 1, 3)),
        ((wave(suitabilitySummary={"suitable": 4, "notSuitable": 1}), *LISTED), (5, 1, 3)),
        ((wave(numberOfMachines=2), *LISTED, group(machineCount=6)), (6, 1, 4)),
        ((wave(numberOfMachines=1), *LISTED), (2, 1, 0)),
        ((wave(numberOfMachines="many"), *LISTED), (2, 1, 0)),
        ((wave(numberOfMachines=-4), *LISTED), (2, 1, 0)),
        ((wave(numberOfMachines=1e30), *LISTED), (2, 1, 0)),
        ((wave(numberOfMachines="3"), *LISTED), (3, 1, 1)),
        # another assessment of the group is about the same machines
        ((wave(), *LISTED, wave(SECOND, status="Running", numberOfMachines=2)), (2, 1, 0)),
        ((wave(), *LISTED, wave(SECOND, status="Running", numberOfMachines=3)), (3, 1, 1)),
        ((wave(), *LISTED, wave(SECOND, status="Running", numberOfMachines=2), machine("c", of=SECOND)), (3, 1, 1)),
        ((wave(), *LISTED, wave(f"{OTHER}/assessments/x", status="Running", numberOfMachines=9)), (11, 1, 9)),
        # an entry that is listed twice is one machine, which Azure may count once or twice
        ((wave(numberOfMachines=2), machine("a"), {**machine("A"), "id": f"{WAVE}/assessedMachines/2"}), (1, 1, 0)),
        ((wave(numberOfMachines=1), machine("a"), {**machine("A"), "id": f"{WAVE}/assessedMachines/2"}), (1, 1, 0)),
        # groups that have no assessment yet, or only ones of other kinds
        ((group(OTHER, machineCount=7),), (7, 0, 7)),
        ((group(OTHER, machineCount=7, assessments=[f"{OTHER}/avsAssessments/x"]),), (0, 0, 0)),
        (
            (group(OTHER, machineCount=7, assessments=[f"{OTHER}/avsAssessments/x", f"{OTHER}/assessments/y"]),),
            (7, 0, 7),
        ),
    ],
)
def test_machines_that_azure_counts_and_does_not_list_are_unknown(
    bodies: tuple[Body, ...], expected: tuple[int, int, int]
) -> None:
    assert sums(readiness(*bodies)) == expected


def test_a_group_whose_assessments_were_not_read_is_not_said_to_have_none() -> None:
    unread = Gap(GROUP_ASSESSMENTS, OTHER, 404, "ResourceNotFound", "gone")
    bodies = (wave(), *LISTED, group(OTHER, machineCount=7))
    assert readiness(*bodies).unassessed == ("wave2",)
    found = readiness(*bodies, gaps=[unread])
    assert (sums(found), found.unassessed, found.is_least) == ((9, 1, 7), (), True)


def test_one_assessment_of_a_group_leaves_the_other_one_and_groups_without_any_out() -> None:
    bodies = (wave(), *LISTED, wave(SECOND, status="Running", numberOfMachines=2), group(OTHER, machineCount=7))
    assert sums(readiness(*bodies, scope=ReadinessScope(assessment="second"))) == (2, 0, 2)
    assert sums(readiness(*bodies, scope=ReadinessScope(group="wave1"))) == (2, 1, 0)


@pytest.mark.parametrize(
    ("stated", "agrees"),
    [
        ({}, True),
        ({"numberOfMachines": 2}, True),
        ({"suitabilitySummary": {"suitable": 1, "notSuitable": 1}}, True),
        ({"suitabilitySummary": {"Suitable": "1", "NotSuitable": 1.0, "readinessUnknown": 0}}, True),
        ({"suitabilitySummary": {}}, True),
        ({"suitabilitySummary": {"suitable": 2}}, False),
        ({"suitabilitySummary": {"suitable": 1, "splendid": 1}}, False),
        ({"suitabilitySummary": {"suitable": 1, "notSuitable": 2}}, False),
        ({"numberOfMachines": 3}, False),
        ({"numberOfMachines": 0}, False),
        ({"suitabilitySummary": ["odd"]}, True),
    ],
)
def test_numbers_that_contradict_the_list_are_not_believed(stated: dict[str, Any], agrees: bool) -> None:
    found = readiness(wave(**stated), *LISTED)
    codes = [gap.code for gap in found.gaps]
    assert codes == ([] if agrees else [COUNTS_DIFFER])
    assert found.waves[0].is_whole is agrees
    assert not found.is_least


def test_what_contradicts_the_list_is_no_proof_that_there_is_no_such_machine() -> None:
    (one,) = readiness(wave(suitabilitySummary={"suitable": 1, "notSuitable": 1}), machine("a"), machine("b")).waves
    assert isinstance(assessment_subject(one).facts["assessment.has_not_ready"], Unknown)
    assert one.contradictions == ("its summary counts 1 ready, 1 not ready; its list has 2 ready",)


@pytest.mark.parametrize(
    ("bodies", "gaps", "left_open"),
    [
        ((wave(numberOfMachines=5), *LISTED), [], None),
        ((wave(numberOfMachines=2), *LISTED), [REFUSED], None),
        ((wave(numberOfMachines=2),), [REFUSED], None),
        ((wave(), machine("a"), {**machine("b"), "properties": None}), [], None),
        ((wave(numberOfMachines=5), *LISTED, machine("c", "ReadinessUnknown")), [REFUSED], True),
        ((wave(numberOfMachines=2), *LISTED), [], False),
    ],
)
def test_a_machine_that_was_not_read_is_not_one_that_the_assessment_leaves_open(
    bodies: tuple[Body, ...], gaps: list[Gap], left_open: bool | None
) -> None:
    (one,) = readiness(*bodies, gaps=gaps).waves
    fact = assessment_subject(one).facts["assessment.has_unknown"]
    assert (fact.value if isinstance(fact, Known) else None) is left_open


@pytest.mark.parametrize(
    ("stated", "listed", "machines", "least"),
    [
        ({}, LISTED, 2, True),
        ({"numberOfMachines": 5}, LISTED, 5, False),
        ({"numberOfMachines": 1}, LISTED, 2, True),
        ({}, (), 0, False),
        ({"numberOfMachines": 5}, (), 5, False),
    ],
)
def test_what_was_read_of_a_list_counts_and_is_no_total(
    stated: Body, listed: tuple[Body, ...], machines: int, least: bool
) -> None:
    found = readiness(wave(**stated), *listed, gaps=[REFUSED])
    (one,) = found.waves
    assert found.is_least
    assert (one.counts.machines, one.is_least, one.has_numbers) == (machines, least, bool(listed))
    assert one.counts.by_suitability[Suitability.READY] == (1 if listed else 0)
    assert REFUSED in found.gaps
    assert not [gap for gap in found.gaps if gap.code == COUNTS_DIFFER]


def test_the_newer_shape_counts_no_machines() -> None:
    assert sums(readiness(newer(), newer_machine("a"))) == (1, 1, 0)
