"""The result of a scan as JSON Lines, one finding per line: for streaming, `grep`, `jq` and concatenation."""

from collections.abc import Iterator
from typing import Any

from auditor.report.formats.json_report import document
from auditor.report.json_text import json_line
from auditor.report.result import ScanResult

SCHEMA = "migaudit/scan-lines/1"

_COVERAGE = {"read": "reads", "gap": "gaps", "unknown_rule": "unknown_rules", "absent_type": "absent_types"}


def render(result: ScanResult, *, all_verdicts: bool = False) -> str:
    """Return JSON Lines: the scan, then each finding, each read, each gap, each undecided rule and each absent type.

    Every line has a `type`; findings have the same fields as in the JSON result.
    """
    return "".join(pieces(result, all_verdicts=all_verdicts))


def pieces(result: ScanResult, *, all_verdicts: bool = False) -> Iterator[str]:
    """Yield each line."""
    return map(json_line, lines(document(result, all_verdicts=all_verdicts)))


def lines(whole: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the lines of the JSON document of a scan; its lists are taken out of it."""
    findings, coverage = whole.pop("findings"), whole.pop("coverage")
    yield {"type": "scan", **whole, "schema": SCHEMA}
    for one in findings:
        yield {"type": "finding", **one}
    for type_, name in _COVERAGE.items():
        for one in coverage.get(name, ()):
            yield {"type": type_, **one}
