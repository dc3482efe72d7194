"""Findings as CSV (RFC 4180), one row per finding, safe to open in a spreadsheet."""

import csv
from collections.abc import Iterator
from io import StringIO
from itertools import chain

from auditor.audit.findings import Finding, Fix
from auditor.report.conclusion import left_open
from auditor.report.inert import inert
from auditor.report.result import ScanResult, fingerprint

COLUMNS = (
    "rule",
    "title",
    "verdict",
    "severity",
    "confidence",
    "errors",
    "subject_kind",
    "subject_name",
    "subject_id",
    "message",
    "evidence",
    "unread",
    "fixes",
    "commands",
    "fingerprint",
    "suppressed",
)
LONGEST = 8_000
"""Maximum number of characters of one text in a cell."""
FULLEST = 32_000
"""Maximum number of characters of a whole cell; a spreadsheet takes 32,767."""

_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001 - full-width signs are intended


def render(result: ScanResult, *, all_verdicts: bool = False) -> str:
    """Return the findings as CSV with a header; `'` precedes what a spreadsheet would take for a formula."""
    return "".join(pieces(result, all_verdicts=all_verdicts))


def pieces(result: ScanResult, *, all_verdicts: bool = False) -> Iterator[str]:
    """Yield each row as text."""
    findings = (*left_open(result), *result.shown(all_verdicts=all_verdicts))
    for cells in chain((COLUMNS,), ([cell(text) for text in row(finding)] for finding in findings)):
        out = StringIO(newline="")
        csv.writer(out, lineterminator="\r\n").writerow(cells)
        yield out.getvalue()


def cell(text: str) -> str:
    """Return `text` so that a spreadsheet shows it without evaluating it."""
    short = text if len(text) <= FULLEST else f"{text[:FULLEST]}…"
    return f"'{short}" if short.lstrip(" ").startswith(_BEGINS_A_FORMULA) else short


def row(finding: Finding) -> tuple[str, ...]:
    """Return the inert texts of a finding, one for each column."""
    subject = finding.subject
    single = (
        finding.rule,
        finding.title,
        finding.verdict.value,
        finding.severity.value,
        finding.confidence.value,
        " ".join(finding.errors),
        subject.kind,
        subject.name,
        subject.id,
        finding.message,
    )
    several = (
        [f"{item.id} ({item.note})" if item.note else item.id for item in finding.evidence],
        [gap.words for gap in finding.gaps],
        [_fix(fix) for fix in finding.fixes],
        [fix.az for fix in finding.fixes if fix.az],
    )
    lines = ("\n".join(inert(text, LONGEST) for text in texts) for texts in several)
    suppressed = inert(finding.suppressed.words, LONGEST) if finding.suppressed else ""
    return (*(inert(text, LONGEST) for text in single), *lines, fingerprint(finding), suppressed)


def _fix(fix: Fix) -> str:
    return fix.title if fix.safe else f"{fix.title} (can lose something)"
