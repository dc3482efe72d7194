"""Failing findings of severity `info`: notes, counted apart from problems in every format for people."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from junitparser import JUnitXml

from auditor.audit.compare.comparison import Baseline, compare
from auditor.audit.compare.verdict_set import VerdictSet
from auditor.audit.findings import Finding, Severity, Verdict
from auditor.report.conclusion import ScanOutcome, conclusion, outcome
from auditor.report.formats import json_report, junit, markdown
from auditor.report.html import page as html
from auditor.report.result import ScanResult, accepted_words
from auditor.report.terminal.comparison import changes_in_words
from auditor.report.terminal.scan_text import render
from auditor.report.terminal.style import TableStyle
from tests.report.conftest import ADELE, ALEX, left_behind, registration, result

NOTE = replace(left_behind(Verdict.FAIL), severity=Severity.INFO, rule="workspace-still-used", title="Still used")
PROBLEM = registration(ALEX, "alex@contoso.com")
IN_ORDER = registration(ADELE, "adele@contoso.com", Verdict.PASS)
UNKNOWN = left_behind(Verdict.UNKNOWN)
BASELINE = Baseline(datetime(2026, 11, 1, tzinfo=UTC), 3, 0, 2)


@pytest.mark.parametrize(
    ("findings", "expected", "words"),
    [
        ((PROBLEM, NOTE), ScanOutcome.PROBLEMS, "1 problem (1 high) · 1 note"),
        ((PROBLEM, IN_ORDER), ScanOutcome.PROBLEMS, "1 problem (1 high)"),
        ((NOTE, IN_ORDER), ScanOutcome.IN_ORDER, "no problem found · 1 note"),
        ((NOTE,), ScanOutcome.IN_ORDER, "no problem found · 1 note"),
        ((NOTE, UNKNOWN), ScanOutcome.UNDECIDED, "undecided: no problem among what could be checked · 1 note"),
    ],
)
def test_the_conclusion_counts_notes_apart(findings: tuple[Finding, ...], expected: ScanOutcome, words: str) -> None:
    found = result(*findings)
    assert (outcome(found), conclusion(found)) == (expected, words)
    assert json_report.document(found)["outcome"] == expected.value


def test_a_note_fails_no_scan() -> None:
    assert not any(result(NOTE).fails_at(severity) for severity in Severity if severity is not Severity.INFO)


@pytest.fixture
def both() -> ScanResult:
    return replace(result(PROBLEM, NOTE, UNKNOWN, IN_ORDER), baseline=BASELINE)


def test_every_format_says_that_it_is_a_note(both: ScanResult) -> None:
    page = html.render(both)
    assert '<span class="number">1</span> <span><span class="mark" aria-hidden="true">i</span> note</span>' in page
    assert 'value="note" checked> notes</label>' in page
    assert "## Notes\n\n### 📝 Still used\n" in markdown.render(both)
    assert "| 1 | 1 | 1 | 1 | 0 |" in markdown.render(both)
    assert "1 note  workspace-still-used\n" in render(both, TableStyle())
    assert "NOTES · 1 " in render(both, TableStyle(verbose=True))
    told = JUnitXml.fromstring(junit.render(both).encode())
    assert (told.tests, told.failures, told.skipped) == (4, 1, 2)
    assert 'message="note: Nothing uses' in junit.render(both)


def test_machines_are_told_the_verdict_and_the_severity(both: ScanResult) -> None:
    found = json.loads(json_report.render(both))
    assert [one["verdict"] for one in found["findings"] if one["severity"] == "info"] == ["fail"]
    assert found["baseline"] == {"evaluated_at": "2026-11-01T00:00:00Z", "known": 3, "notes": 2, "unknown": 0}


def test_the_baseline_counts_notes_apart(both: ScanResult) -> None:
    words = "1 problem and 2 notes known then and 0 verdicts unknown then are left out."
    assert accepted_words(both) == (f"Only what is new since 2026-11-01 00:00 UTC; {words}",)
    assert conclusion(both) == "1 new problem (1 high) · 1 new note"


def test_a_comparison_counts_notes_apart() -> None:
    old, new = (
        VerdictSet.of(
            found, (), tenant_id="t", at=datetime(2026, 11, day, tzinfo=UTC), subscriptions=(), rules=(NOTE.rule,)
        )
        for day, found in ((1, ()), (2, (PROBLEM, NOTE)))
    )
    words = changes_in_words(compare(old, new).changes)
    assert words == "1 new · 0 changed · 0 no longer known · 0 still there · 0 fixed · notes: 1 new"
