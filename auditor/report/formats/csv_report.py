"""Findings as CSV (RFC 4180), one row per finding, safe to open in a spreadsheet."""

import csv
from collections.abc import Iterable, Iterator
from io import StringIO
from itertools import chain

from auditor.audit.findings import Finding, Fix
from auditor.report.conclusion import left_open
from auditor.report.inert import inert
from auditor.report.place import Place, Places
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
    "tenant_name",
    "tenant_id",
    "subscription_name",
    "subscription_id",
    "resource_group",
    "location",
    "project_names",
    "project_ids",
    "account_name",
    "account_id",
    "message",
    "evidence",
    "unread",
    "fixes",
    "steps",
    "commands",
    "fingerprint",
    "suppressed",
    "portal",
    "rule_link",
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
    findings, places = (*left_open(result), *result.shown(all_verdicts=all_verdicts)), Places(result)
    for cells in chain((COLUMNS,), ([cell(text) for text in row(one, places.of(one))] for one in findings)):
        out = StringIO(newline="")
        csv.writer(out, lineterminator="\r\n").writerow(cells)
        yield out.getvalue()


def cell(text: str) -> str:
    """Return `text` so that a spreadsheet shows it without evaluating it."""
    short = text if len(text) <= FULLEST else f"{text[:FULLEST]}… ({len(text):,} characters)"
    return f"'{short}" if short.lstrip(" ").startswith(_BEGINS_A_FORMULA) else short


def row(finding: Finding, place: Place) -> tuple[str, ...]:
    """Return the inert texts of a finding, which is at `place`, one for each column."""
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
        place.tenant.name,
        place.tenant.id,
        place.subscription.name,
        place.subscription.id,
        place.resource_group,
        place.location,
    )
    about = (place.account.name, place.account.id, finding.message)
    several = (
        [project.name for project in place.projects],
        [project.id for project in place.projects],
    )
    shown = (
        [f"{item.id} ({item.note})" if item.note else item.id for item in finding.evidence],
        [gap.words for gap in finding.gaps],
        [_fix(fix) for fix in finding.fixes],
        [f"{number}. {step}" for fix in finding.fixes for number, step in enumerate(fix.portal, start=1)],
        [fix.az for fix in finding.fixes if fix.az],
    )
    suppressed = finding.suppressed.words if finding.suppressed else ""
    last = (fingerprint(finding), suppressed, place.portal, place.rule_link)
    return (*_cells(single), *map(_lines, several), *_cells(about), *map(_lines, shown), *_cells(last))


def _cells(texts: Iterable[str]) -> Iterator[str]:
    return (inert(text, LONGEST) for text in texts)


def _lines(texts: Iterable[str]) -> str:
    return "\n".join(_cells(texts))


def _fix(fix: Fix) -> str:
    return f"{fix.title}{'' if fix.safe else ' (can lose something)'}: {fix.changes}"
