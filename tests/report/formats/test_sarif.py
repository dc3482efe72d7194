"""SARIF: valid against the standard's schema, and what tools track findings by does not move."""

import json
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

from hypothesis import given
from jsonschema import Draft4Validator

from auditor.audit.findings import Severity, Verdict
from auditor.report.formats.sarif import FINGERPRINT, message, render
from auditor.report.result import ScanResult
from tests.report.golden_file import FOLDER, check_golden
from tests.report.hostile_names import HOSTILE
from tests.sampling import examples


@cache
def validator() -> Draft4Validator:
    """The schema that Microsoft's own SARIF tools validate with (their package `@microsoft/jest-sarif`, MIT)."""
    file = FOLDER.parent / "schemas" / "sarif-2.1.0-rtm.5.json"
    return Draft4Validator(json.loads(file.read_text(encoding="utf-8-sig")))


def run_of(text: str) -> dict[str, Any]:
    document = json.loads(text)
    validator().validate(document)
    run: dict[str, Any] = document["runs"][0]
    return run


def test_golden(everything: ScanResult) -> None:
    text = render(everything, all_verdicts=True)
    check_golden("scan.sarif", text)
    run_of(text)


def test_three_values_stay_three(everything: ScanResult) -> None:
    results = run_of(render(everything, all_verdicts=True))["results"]
    assert [(one["kind"], one["level"]) for one in results] == [
        ("fail", "error"),
        ("fail", "error"),
        ("open", "none"),
        ("pass", "none"),
        ("notApplicable", "none"),
    ]


def test_every_rule_has_help_and_every_result_its_rule(everything: ScanResult) -> None:
    run = run_of(render(everything))
    rules = run["tool"]["driver"]["rules"]
    assert [one["id"] for one in rules] == ["account-cannot-register", "workspace-left-behind"]
    assert all(one["help"]["text"] and one["help"]["markdown"] for one in rules)
    assert rules[0]["helpUri"].startswith("https://learn.microsoft.com/")
    assert all(rules[one["ruleIndex"]]["id"] == one["ruleId"] for one in run["results"])


def test_what_was_not_read_is_told(everything: ScanResult) -> None:
    notes = run_of(render(everything))["invocations"][0]["toolExecutionNotifications"]
    assert [one["level"] for one in notes] == ["warning", "warning"]
    assert "grant `Microsoft.Insights/scheduledQueryRules/read`" in notes[0]["message"]["text"]


def test_a_finding_keeps_its_fingerprint_and_no_two_share_one(everything: ScanResult) -> None:
    first, *others = everything.findings
    shouted = replace(first.subject, id=first.subject.id.upper(), name="renamed")
    moved = replace(first, message="other words", verdict=Verdict.UNKNOWN, severity=Severity.LOW, subject=shouted)
    before = fingerprints(everything)
    assert len(set(before)) == len(before) == 5
    assert set(fingerprints(replace(everything, findings=(moved, *others)))) == set(before)


def fingerprints(result: ScanResult) -> list[str]:
    results = run_of(render(result, all_verdicts=True))["results"]
    return [one["partialFingerprints"][FINGERPRINT] for one in results]


def test_a_name_is_no_link() -> None:
    assert message("[click](https://evil.example)") == "\\[click\\](https://evil.example)"
    assert message("") == "-"


@examples(25)
@given(HOSTILE)
def test_whatever_things_are_called_it_is_valid(hostile: Callable[[str], ScanResult], name: str) -> None:
    assert run_of(render(hostile(name)))["results"][0]["kind"] == "fail"
