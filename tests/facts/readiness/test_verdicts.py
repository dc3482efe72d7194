"""The verdict on one machine: the worst of Azure's own word and of what it says of disks, adapters and reasons."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.facts.readiness.causes import NO_REASON, MachineVerdict, verdict_of
from auditor.facts.readiness.machines import MachineRow, machine_rows
from auditor.facts.readiness.suitability import SUITABILITIES, Suitability
from auditor.inventory.resources.assessments import AssessedMachine
from tests.facts.readiness.waves import WAVE, assessed, estate, machine, newer_machine, wave
from tests.facts.small import Body

READY, CONDITIONAL, UNKNOWN, NOT_READY = SUITABILITIES
COUNTER = "MegabytesOfDataTransmittedMissing, MegabytesOfDataRecievedMissing"


def judged(body: Body) -> MachineVerdict:
    (held,) = estate(body).each(AssessedMachine)
    return verdict_of(held, held.unread)


def part(word: Any, explanation: Any = "NotApplicable", **further: Any) -> Body:
    return {"suitability": word, "suitabilityExplanation": explanation, "suitabilityDetail": "None", **further}


@pytest.mark.parametrize("where", ["disks", "networkAdapters"])
@pytest.mark.parametrize(
    ("own", "of_part", "expected"),
    [
        ("Suitable", part("Suitable"), READY),
        ("Suitable", part("Suitable", COUNTER), READY),
        ("Suitable", part("ConditionallySuitable"), CONDITIONAL),
        ("Suitable", part("NotSuitable", "DiskSizeGreaterThanSupported"), NOT_READY),
        ("Suitable", part("NotSuitable", COUNTER), NOT_READY),
        ("Suitable", part("ReadinessUnknown"), UNKNOWN),
        ("Suitable", part("Unknown", "Unknown"), UNKNOWN),
        ("Suitable", part("Splendid"), UNKNOWN),
        ("Suitable", part(None), UNKNOWN),
        ("Suitable", part(7), UNKNOWN),
        ("Suitable", part("Suitable", {"x": 1}), UNKNOWN),
        ("Suitable", part("Suitable", "InternalErrorOccurred"), UNKNOWN),
        ("Suitable", "no disk", UNKNOWN),
        ("Suitable", None, UNKNOWN),
        ("ConditionallySuitable", part("Suitable"), CONDITIONAL),
        ("ConditionallySuitable", part("ReadinessUnknown"), UNKNOWN),
        ("NotSuitable", part("Suitable"), NOT_READY),
        ("NotSuitable", part(None), NOT_READY),
        ("ReadinessUnknown", part("NotSuitable"), NOT_READY),
    ],
)
def test_the_worst_of_a_machine_and_its_parts_counts(where: str, own: str, of_part: Any, expected: Suitability) -> None:
    parts: Body = {where: {"0": part("Suitable"), "1": of_part}}
    found = judged(machine("a", own, **parts))
    assert found.suitability is expected
    assert bool(found.because) is (found.suitability is not found.by_azure)


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({"disks": "many"}, UNKNOWN),
        ({"networkAdapters": 3}, UNKNOWN),
        ({"suitabilityExplanation": {"x": 1}}, UNKNOWN),
        ({"suitabilityExplanation": "OneOrMoreDisksNotSuitable"}, NOT_READY),
        ({"suitabilityDetail": "OneOrMoreAdaptersNotSuitable"}, NOT_READY),
        ({"suitabilityExplanation": "BootTypeNotSupported"}, UNKNOWN),
        ({"suitabilityDetail": "PercentageOfCoresUtilizedMissing"}, READY),
        ({"suitabilityDetail": "CannotReportComputeCost, RecommendedSizeHasLessNetworkAdapters"}, READY),
        ({"disks": None, "networkAdapters": None}, READY),
        ({"disks": {}, "networkAdapters": []}, READY),
        # what is neither a word nor a reason decides nothing, whatever it is
        ({"disks": {"0": part("Suitable", name=7, gigabytesProvisioned="80 GB", recommendedDiskSize={})}}, READY),
        ({"networkAdapters": {"0": part("Suitable", name=4000, displayName=[], macAddress=1)}}, READY),
    ],
)
def test_a_machine_that_azure_calls_suitable_is_ready_only_if_nothing_speaks_against_it(
    properties: Body, expected: Suitability
) -> None:
    found = judged(machine("a", "Suitable", **properties))
    assert (found.suitability, found.by_azure) == (expected, READY)


def newer_with(readiness: str, *skus: Body, issues: tuple[Body, ...] = (), also: Any = None) -> Body:
    body = newer_machine("a", readiness, *issues)
    recommendations = body["properties"]["recommendations"]
    recommendations[0]["skus"] = list(skus)
    if also is not None:
        recommendations.append(also)
    return body


def sku(kind: str, *sources: str | None, own: str | None = None) -> Body:
    stated = [{"name": f"{kind}{at}", "migrationSuitability": {"readiness": one}} for at, one in enumerate(sources)]
    return {
        "details": {"skuType": kind, "skuName": f"{kind}_1"},
        "migrationSuitability": {"readiness": own},
        "sources": stated,
    }


def vm(readiness: str, *issues: Body) -> Body:
    (recommendation,) = newer_machine("a", readiness, *issues)["properties"]["recommendations"]
    return dict(recommendation)


def issue(code: str, category: str = "Issue") -> Body:
    return {"issueCode": code, "issueCategory": category, "issueDescription": f"It is {code}."}


@pytest.mark.parametrize(
    ("body", "expected", "codes"),
    [
        (newer_with("Ready", sku("Storage", "Ready", None)), READY, []),
        (newer_with("Ready", sku("Storage", "NotReady")), NOT_READY, [NO_REASON]),
        (newer_with("Ready", sku("Network", "Ready", "ReadyWithConditions")), CONDITIONAL, [NO_REASON]),
        (newer_with("Ready", sku("Compute", own="NotReady")), NOT_READY, [NO_REASON]),
        (newer_with("Ready", sku("Storage", "Odd")), UNKNOWN, ["Odd"]),
        (newer_with("Ready", issues=(issue("A"),)), UNKNOWN, ["A"]),
        (newer_with("Ready", issues=(issue("A", "Warning"),)), READY, ["A"]),
        (newer_with("ReadyWithConditions", issues=(issue("A", "Warning"),)), CONDITIONAL, ["A"]),
        (newer_with("NotReady", issues=(issue("A"),), also=vm("NotReady", issue("B"))), NOT_READY, ["A", "B"]),
        (newer_with("Ready", also=vm("NotReady", issue("B"))), UNKNOWN, ["B"]),
    ],
)
def test_the_newer_shape_says_it_of_sizes_and_issues(body: Body, expected: Suitability, codes: list[str]) -> None:
    found = judged(body)
    assert found.suitability is expected
    assert [one.value for one in found.causes] == codes


WORDS = st.sampled_from(["Suitable", "ConditionallySuitable", "NotSuitable", "ReadinessUnknown", "Odd", None, 3])
REASONS = st.sampled_from(["NotApplicable", "BootTypeNotSupported", COUNTER, "OneOrMoreDisksNotSuitable", "New", {}])
PARTS = st.one_of(st.none(), st.just("odd"), st.lists(st.builds(part, WORDS, REASONS), max_size=2))


@given(WORDS, REASONS, PARTS, PARTS)
def test_no_machine_with_an_obstacle_is_ready_and_every_other_one_has_an_obstacle(
    word: Any, reason: Any, disks: Any, adapters: Any
) -> None:
    found = judged(machine("a", word, suitabilityExplanation=reason, disks=disks, networkAdapters=adapters))
    assert (found.suitability is READY) is all(one.is_remark for one in found.causes)
    assert SUITABILITIES.index(found.suitability) >= SUITABILITIES.index(found.by_azure)


def rows(*entries: Body) -> list[MachineRow]:
    held = [{**body, "id": f"{WAVE}/assessedMachines/{at}"} for at, body in enumerate(entries)]
    return list(machine_rows(assessed(wave(), *held)))


@pytest.mark.parametrize("turned", [False, True])
def test_a_machine_that_is_listed_twice_has_the_causes_of_both_and_the_worst_word(turned: bool) -> None:
    twins = [
        machine("a", "ConditionallySuitable", suitabilityExplanation="CheckUbuntuLinuxVersion"),
        machine("a", "NotSuitable", suitabilityExplanation="BootTypeNotSupported"),
    ]
    (row,) = rows(*(reversed(twins) if turned else twins))
    assert row.suitability is NOT_READY
    assert {one.value for one in row.causes} == {"CheckUbuntuLinuxVersion", "BootTypeNotSupported"}
    assert row.differs


def test_a_machine_that_is_listed_twice_in_the_same_words_does_not_differ() -> None:
    (row,) = rows(machine("a"), machine("A"))
    assert (row.suitability, row.causes, row.differs) == (READY, (), False)
