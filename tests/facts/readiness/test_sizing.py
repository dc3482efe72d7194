"""Why a machine gets its size: in the assessment's own numbers, or what is lacking to explain it."""

import pytest

from auditor.facts.readiness.sizing import size_in_words
from auditor.inventory.resources.assessments import AssessedMachine, Assessment
from tests.facts.readiness.waves import estate, machine, newer, newer_machine, wave
from tests.facts.small import Body

D4, D2 = "Standard_D4s_v3", {"numberOfCoresForRecommendedSize": 2, "megabytesOfMemoryForRecommendedSize": 4096}


def explained(*bodies: Body) -> str:
    held = estate(*bodies)
    (assessment,), (of,) = held.all(Assessment), held.each(AssessedMachine)
    return size_in_words(of, assessment)


@pytest.mark.parametrize(
    ("stated", "properties", "cores", "memory"),
    [
        ({}, {}, "50 % of 4 cores × 1.3 = 2.6, and the size has 4", "50 % of 8 GB × 1.3 = 5.2, and the size has 8"),
        (
            {"sizingCriterion": "AsOnPremises"},
            {},
            "4 cores as on-premises, and the size has 4",
            "8 GB as on-premises, and the size has 8",
        ),
        (
            {"sizingCriterion": "AsOnPremises"},
            D2,
            "4 cores as on-premises, which is more than the 2 of the size",
            "8 GB as on-premises, which is more than the 4 of the size",
        ),
        (
            {},
            {"suitabilityDetail": "PercentageOfCoresUtilizedMissing", **D2},
            "4 cores as on-premises, since the counter is missing, which is more than the 2 of the size",
            "50 % of 8 GB × 1.3 = 5.2, which is more than the 4 of the size",
        ),
        (
            {"scalingFactor": "1.5"},
            {"percentageCoresUtilization": 100, "percentageMemoryUtilization": 0},
            "100 % of 4 cores × 1.5 = 6.0, which is more than the 4 of the size",
            "0 % of 8 GB × 1.5 = 0.0, and the size has 8",
        ),
    ],
)
def test_a_size_is_explained_in_the_numbers_of_its_assessment(
    stated: Body, properties: Body, cores: str, memory: str
) -> None:
    assert explained(wave(**stated), machine("a", **properties)) == f"{D4}: {cores}; {memory}"


@pytest.mark.parametrize(
    ("stated", "properties", "lacking"),
    [
        ({"scalingFactor": None}, {}, "the comfort factor"),
        ({"scalingFactor": 0}, {}, "the comfort factor"),
        ({"scalingFactor": -1.3}, {}, "the comfort factor"),
        ({"scalingFactor": 1e300}, {}, "the comfort factor"),
        ({}, {"percentageCoresUtilization": -5}, "the use of cores"),
        ({}, {"percentageCoresUtilization": 250}, "the use of cores"),
        ({}, {"percentageCoresUtilization": None}, "the use of cores"),
        ({}, {"suitabilityDetail": "PercentageOfCoresUtilizedOutOfRange"}, "a use of cores that is in range"),
        ({}, {"numberOfCores": 0}, "how many cores it has"),
        ({}, {"numberOfCores": -4}, "how many cores it has"),
        ({"sizingCriterion": "AsOnPremises"}, {"numberOfCores": "some"}, "how many cores it has"),
        ({"scalingFactor": "much"}, {"numberOfCores": 1e18}, "how many cores it has and the comfort factor"),
        ({"sizingCriterion": None}, {}, "how sizes are chosen"),
        ({"sizingCriterion": "ByTheMoon"}, {}, "how sizes are chosen"),
    ],
)
def test_without_a_number_that_makes_sense_a_size_is_not_explained(
    stated: Body, properties: Body, lacking: str
) -> None:
    said = explained(wave(**stated), machine("a", **properties))
    assert said.startswith(f"{D4}: cores cannot be explained without {lacking}; ")


def test_a_machine_without_a_size_has_none_to_explain() -> None:
    assert explained(wave(), machine("a", recommendedSize="Unknown", numberOfCoresForRecommendedSize=None)) == ""


@pytest.mark.parametrize("code", ["PercentageOfCoresUtilizedMissing", "percentageofcoresutilizedmissing"])
def test_a_counter_that_an_issue_of_the_newer_shape_names_is_missing_too(code: str) -> None:
    body = newer_machine("a", "Ready", {"issueCode": code, "issueCategory": "Warning"})
    (recommendation,) = body["properties"]["recommendations"]
    recommendation["skus"] = [{"details": {"skuType": "Compute", "skuName": D4}}]
    body["properties"]["extendedDetails"] |= {"numberOfCores": 4, "percentageCoresUtilization": 0}
    assert explained(newer(), body).startswith(f"{D4}: 4 cores as on-premises, since the counter is missing; ")
