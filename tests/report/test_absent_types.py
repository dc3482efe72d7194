"""Types that a cloud does not have, in every format of a report: named, and counted as read."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from auditor.audit.findings import Coverage
from auditor.inventory.reads import OLDER_VERSION, Gap, Read
from auditor.report.formats import json_report, jsonl_report, markdown, sarif
from auditor.report.html.page import render as html
from auditor.report.result import ScanResult
from auditor.report.terminal.scan_text import render
from auditor.report.terminal.style import TableStyle

CLUSTERS = "Microsoft.OperationalInsights/clusters"
SENTINEL = "Microsoft.SecurityInsights/onboardingStates"
SUBSCRIPTION, OTHER = "/subscriptions/1", "/subscriptions/2"
SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "schemas" / "scan-1.json").read_text(encoding="utf-8"))


def denied(what: str, scope: str = SUBSCRIPTION, status: int = 404, code: str = "InvalidResourceType") -> Gap:
    return Gap(what, scope, status, code, "The resource type could not be found.")


def covered(*gaps: Gap, reads: tuple[Read, ...] = ()) -> Coverage:
    return Coverage.of((*reads, *(Read(gap.what, gap.scope) for gap in gaps)), gaps, ())


@pytest.fixture
def lagging(everything: ScanResult) -> ScanResult:
    gaps = (denied(CLUSTERS), denied(CLUSTERS, OTHER), denied(SENTINEL, status=400, code="NoRegisteredProviderFound"))
    return replace(everything, coverage=covered(*gaps))


def test_they_count_as_read_and_are_no_gaps(lagging: ScanResult) -> None:
    coverage = lagging.coverage
    assert coverage.gaps == ()
    assert {(read.what, read.scope) for read in coverage.reads} == {
        (CLUSTERS, SUBSCRIPTION),
        (CLUSTERS, OTHER),
        (SENTINEL, SUBSCRIPTION),
    }
    assert [(one.what, one.code, one.scopes) for one in coverage.absent_types] == [
        (CLUSTERS, "InvalidResourceType", (SUBSCRIPTION, OTHER)),
        (SENTINEL, "NoRegisteredProviderFound", (SUBSCRIPTION,)),
    ]


def test_every_format_names_them(lagging: ScanResult) -> None:
    line = f"this cloud has no such type: {CLUSTERS}, {SENTINEL}"
    assert line in render(lagging, TableStyle(width=200))
    assert f"This cloud has no such type: `{CLUSTERS}`, `{SENTINEL}`." in markdown.render(lagging)
    assert f"<code>{CLUSTERS}</code>, <code>{SENTINEL}</code>." in html(lagging)
    [run] = json.loads(sarif.render(lagging))["runs"]
    notes = [one["message"]["text"] for one in run["invocations"][0]["toolExecutionNotifications"]]
    assert [text for text in notes if CLUSTERS in text and "no such type" in text]


def test_json_holds_them_in_the_published_shape(lagging: ScanResult, everything: ScanResult) -> None:
    document = json.loads(json_report.render(lagging))
    Draft202012Validator(SCHEMA).validate(document)
    absent = document["coverage"]["absent_types"]
    assert absent[0] == {"what": CLUSTERS, "code": "InvalidResourceType", "scopes": [SUBSCRIPTION, OTHER]}
    lines = [json.loads(line) for line in jsonl_report.render(lagging).splitlines()]
    assert [line["what"] for line in lines if line["type"] == "absent_type"] == [CLUSTERS, SENTINEL]
    assert "absent_types" not in json.loads(json_report.render(everything))["coverage"]


@pytest.mark.parametrize(
    "coverage",
    [
        pytest.param(Coverage.of((), [denied(CLUSTERS)], ()), id="no read"),
        pytest.param(covered(denied(CLUSTERS), reads=(Read(CLUSTERS, OTHER, count=1),)), id="the type exists"),
        pytest.param(covered(denied(CLUSTERS, status=400)), id="another status"),
        pytest.param(covered(denied(CLUSTERS, code="invalidresourcetype")), id="another code"),
        pytest.param(covered(denied("Microsoft.Resources/resourceGroups")), id="in every cloud"),
    ],
)
def test_a_claim_that_something_contradicts_is_a_gap(coverage: Coverage) -> None:
    assert coverage.absent_types == ()
    assert len(coverage.gaps) == 1


def test_what_an_older_version_lacks_is_shown_with_that_version(everything: ScanResult) -> None:
    message = "this cloud answers in api-version 2023-09-01, without `properties.replication` (from 2025-02-01)"
    gap = Gap("Microsoft.OperationalInsights/workspaces", SUBSCRIPTION, 200, OLDER_VERSION, message)
    coverage = Coverage.of((Read(gap.what, gap.scope, count=1),), [gap], ())
    assert len(coverage.reads) == len(coverage.gaps) == 1
    assert message in render(replace(everything, coverage=coverage), TableStyle(width=200, verbose=True))
