"""A result limited to what is at least so severe: every format says what it leaves out, and none takes it for fine."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from auditor.audit.findings import Finding, Severity, Verdict
from auditor.report.conclusion import LEFT_OUT, ScanOutcome, conclusion, outcome
from auditor.report.formats import csv_report, json_report, junit, markdown, ocsf, sarif
from auditor.report.html import page as html
from auditor.report.result import ScanResult
from auditor.report.terminal.scan_text import render
from auditor.report.terminal.style import TableStyle
from tests.report.conftest import ADELE, left_behind, registration, result

SCHEMAS = Path(__file__).parents[2] / "docs" / "schemas"

NOTE = replace(left_behind(Verdict.FAIL), severity=Severity.INFO, rule="note")
MEDIUM, UNKNOWN = left_behind(Verdict.FAIL), replace(left_behind(Verdict.UNKNOWN), rule="open")
HIGH, IN_ORDER = registration(ADELE, "adele@contoso.com"), registration("a5e70003", "megan", Verdict.PASS)
LEFT = "1 problem, 1 note and 1 unknown verdict"


@pytest.fixture
def limited() -> ScanResult:
    return result(HIGH, MEDIUM, UNKNOWN, NOTE, IN_ORDER).at_least(Severity.HIGH)


def test_it_keeps_what_is_so_severe_or_in_order(limited: ScanResult) -> None:
    assert {finding.rule for finding in limited.with_verdict(Verdict.FAIL)} == {HIGH.rule}
    assert len(limited.with_verdict(Verdict.PASS)) == 1
    assert limited.less_severe is not None
    assert limited.less_severe.words == LEFT


@pytest.mark.parametrize(
    ("findings", "expected", "words"),
    [
        ((HIGH, MEDIUM), ScanOutcome.PROBLEMS, "1 problem (1 high)"),
        ((MEDIUM, IN_ORDER), ScanOutcome.PROBLEMS, "no problem of severity high or more"),
        ((UNKNOWN, IN_ORDER), ScanOutcome.UNDECIDED, "undecided: no problem among what could be checked"),
        ((NOTE,), ScanOutcome.IN_ORDER, "no problem found"),
    ],
)
def test_what_is_left_out_is_never_taken_for_fine(
    findings: tuple[Finding, ...], expected: ScanOutcome, words: str
) -> None:
    part = result(*findings).at_least(Severity.HIGH)
    assert (outcome(part), conclusion(part)) == (expected, words)


def test_every_format_says_what_it_leaves_out(limited: ScanResult) -> None:
    sentence = f"Only what is at least of severity high; {LEFT} are left out."
    assert sentence in html.render(limited)
    assert sentence in markdown.render(limited)
    text = " ".join(render(limited, TableStyle(width=80)).split())
    assert f"left out as less severe than high: {LEFT}" in text
    row = f"{LEFT} that are less severe than high are left out"
    for form in (csv_report, junit, ocsf, sarif):
        written = form.render(limited)
        assert LEFT_OUT in written
        assert row in written


def test_the_json_counts_it(limited: ScanResult) -> None:
    document = json.loads(json_report.render(limited))
    assert document["left_out"] == {"below": "high", "problems": 1, "notes": 1, "unknown": 1}
    Draft202012Validator(json.loads((SCHEMAS / "scan-1.json").read_text())).validate(document)
