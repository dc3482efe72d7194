"""The comparison of two fleet runs: as text, a section a tenant and a table of all, and as JSON."""

from collections import Counter
from typing import Any

from auditor.audit.compare.comparison import ChangeKind
from auditor.audit.compare.fleet import FleetComparison, TenantComparison, TenantFate
from auditor.report.formats.comparison_json import change_json
from auditor.report.inert import inert_lines
from auditor.report.json_text import json_text
from auditor.report.terminal.comparison import changes_in_words, write_changes
from auditor.report.terminal.page import Column, Page, Part
from auditor.report.terminal.style import PageStyle

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


def render(comparison: FleetComparison, style: PageStyle, *, verbose: bool = False) -> str:
    """Return the comparison as text; tenants without a change have a row of the table only."""
    page = Page(style)
    for one in comparison.tenants:
        if verbose or one.fate is not TenantFate.COMPARED or len(one.of(ChangeKind.SAME)) < len(one.changes):
            _write_tenant(page, one, verbose=verbose)
            page.gap()
    page.heading(f"FLEET · {len(comparison.tenants):,} tenants")
    page.table(_COLUMNS, map(_row, comparison.tenants), indent=2)
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


def _write_tenant(page: Page, one: TenantComparison, *, verbose: bool) -> None:
    page.heading("TENANT")
    page.line((one.name, "bold"))
    if words := _FATES[one.fate]:
        page.line((words, "bold yellow"))
    for line in inert_lines(one.error) if one.error else ():
        page.line((line.strip(), "red"), indent=2)
    page.line(changes_in_words(one.changes))
    write_changes(page, one.changes, verbose=verbose)


def as_json(comparison: FleetComparison) -> str:
    """Return the comparison as JSON text; lists are sorted as in the comparison of two scans."""
    return json_text({"schema": SCHEMA, "tenants": [_tenant(one) for one in comparison.tenants]})


def _tenant(one: TenantComparison) -> dict[str, Any]:
    return {
        "name": one.name,
        "fate": one.fate.value,
        "error": one.error or None,
        "summary": {kind.value: len(one.of(kind)) for kind in ChangeKind},
        "changes": [change_json(change) for change in one.changes],
    }
