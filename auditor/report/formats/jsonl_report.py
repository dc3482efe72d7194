"""Findings for machines, a line each: what can be read as it comes, cut with `grep` and `jq`, and concatenated."""

from collections.abc import Iterator
from typing import Any

from auditor.report.formats.json_report import document
from auditor.report.json_text import json_line
from auditor.report.result import ScanResult

SCHEMA = "migaudit/scan-lines/1"

_COVERAGE = {"read": "reads", "gap": "gaps", "unknown_rule": "unknown_rules"}


def render(result: ScanResult, *, all_verdicts: bool = False) -> str:
    """Return JSON Lines: first what was scanned, then each finding, each read, each gap and each undecided rule.

    Every line has a `type`; a finding is the one of the JSON result.
    """
    return "".join(json_line(line) for line in _lines(document(result, all_verdicts=all_verdicts)))


def _lines(whole: dict[str, Any]) -> Iterator[dict[str, Any]]:
    findings, coverage = whole.pop("findings"), whole.pop("coverage")
    yield {"type": "scan", **whole, "schema": SCHEMA}
    for one in findings:
        yield {"type": "finding", **one}
    for type_, name in _COVERAGE.items():
        for one in coverage[name]:
            yield {"type": type_, **one}
