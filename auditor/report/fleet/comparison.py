"""The comparison of two fleet runs: as text, a section a tenant and a table of all, and as JSON."""

from collections import Counter
from typing import Any

from auditor.audit.compare.comparison import ChangeKind, VerdictChange
from auditor.audit.compare.fleet import FleetComparison, TenantComparison, TenantFate
from auditor.report.formats.comparison_json import change_json
from auditor.report.inert import inert_lines
from auditor.report.json_text import json_text
from auditor.report.shown_changes import ShownChanges
from auditor.report.terminal.comparison import ChangeRows, changes_in_words, write_details
from auditor.report.terminal.page import Column, Page, Part
from auditor.report.terminal.style import TableStyle

SCHEMA = "migaudit/fleet-diff/1"

_FATES = {
    TenantFate.COMPARED: "",
    TenantFate.FAILED: "failed this time: what was found before is no longer known",
    TenantFate.FAILED_BEFORE: "failed in the old run: what is found now may have been there",
    TenantFate.FAILED_TWICE: "failed in both runs: nothing is known",
    TenantFate.ADDED: "new in the fleet: the old run does not have it",
    TenantFate.LOST: "no longer in the fleet: what was found before is no longer known",
    TenantFate.OTHER_TENANT: "the name stands for another tenant now",
}
_COLUMNS = (
    *(
        Column(name=name, whole=True, right=True)
        for name in ("new", "changed", "no longer known", "still there", "fixed", "notes")
    ),
    Column(name="tenant"),
    Column(last=True),
)


def render(comparison: FleetComparison, style: TableStyle, shown: ShownChanges | None = None) -> str:
    """Return the comparison as text; tenants without a change have a row of the table only.

    With `shown`, only what it names is written, with its details.
    """
    page = Page(style)
    for one in comparison.tenants:
        changes = one.changes if shown is None else shown.of(one.changes)
        moved = one.fate is not TenantFate.COMPARED or len(one.of(ChangeKind.SAME)) < len(one.changes)
        if changes if shown is not None else style.verbose or moved:
            _write_tenant(page, one, changes, style, in_full=shown is not None)
            page.gap()
    page.heading(f"FLEET · {len(comparison.tenants):,} tenants")
    page.table(_COLUMNS, map(_row, comparison.tenants), indent=2)
    if comparison.less_severe and comparison.less_severe.words:
        page.line((comparison.less_severe.words, "dim"))
    return page.text()


def _row(one: TenantComparison) -> list[Part]:
    counts = Counter(change.fate for change in one.changes if not change.is_of_note)
    notes = sum(change.is_of_note for change in one.changes)
    words = _FATES[one.fate].partition(":")[0]
    return [
        *(f"{number:,}" for number in (*(counts[kind] for kind in ChangeKind), notes)),
        (one.name, "bold"),
        (words, "bold yellow"),
    ]


def _write_tenant(
    page: Page, one: TenantComparison, changes: tuple[VerdictChange, ...], style: TableStyle, *, in_full: bool
) -> None:
    page.heading("TENANT")
    page.line((one.name, "bold"))
    if words := _FATES[one.fate]:
        page.line((words, "bold yellow"))
    for line in inert_lines(one.error) if one.error else ():
        page.line((line.strip(), "red"), indent=2)
    if in_full or style.verbose:
        write_details(page, changes)
    else:
        ChangeRows(changes, style).write(page)
    page.line(changes_in_words(one.changes))


def as_json(comparison: FleetComparison) -> str:
    """Return the comparison as JSON text; lists are sorted as in the comparison of two scans."""
    left_out = {"left_out": comparison.less_severe.as_dict} if comparison.less_severe else {}
    return json_text({"schema": SCHEMA, **left_out, "tenants": [_tenant(one) for one in comparison.tenants]})


def _tenant(one: TenantComparison) -> dict[str, Any]:
    return {
        "name": one.name,
        "fate": one.fate.value,
        "error": one.error or None,
        "summary": {kind.value: len(one.of(kind)) for kind in ChangeKind},
        "changes": [change_json(change) for change in one.changes],
    }
