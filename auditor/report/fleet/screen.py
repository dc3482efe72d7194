"""The result of a fleet run for a terminal: the scans, what failed, then a table with one row a tenant."""

from dataclasses import replace

from auditor.audit.findings import Severity, Verdict
from auditor.report.conclusion import conclusion
from auditor.report.fleet.failures import failure_kinds
from auditor.report.fleet.result import HEADS, FleetResult, TenantOutcome
from auditor.report.fleet.shown import ShownInFleet
from auditor.report.inert import prose
from auditor.report.terminal.page import Column, Page, Part
from auditor.report.terminal.scan_text import render as scan_text
from auditor.report.terminal.scan_text import render_shown
from auditor.report.terminal.style import TableStyle

_COLUMNS = (
    *(Column(name=HEADS[severity].lower(), whole=True, right=True) for severity in Severity),
    Column(name="unknown", whole=True, right=True),
    Column(name="unread", whole=True, right=True),
    Column(name="tenant"),
    Column(last=True),
)
_FAILED = "failed"
MOST = 10
"""How many tenants that fail alike are named, without `--verbose`."""


def render(fleet: FleetResult, style: TableStyle, shown: ShownInFleet | None = None) -> str:
    """Return the result as text; whatever tenants and resources are called, it is inert.

    With `shown`, only what it names is there with its details, and the table of the tenants.
    """
    count = len(fleet.tenants)
    sections = [
        _section(f"TENANT {number:,} OF {count:,}", one.name, text, style)
        for number, one in enumerate(fleet.tenants, start=1)
        if (text := _text(one, style, shown))
    ]
    return "".join((*sections, _failures(fleet, style), _overview(fleet, style)))


def _section(title: str, name: str, text: str, style: TableStyle) -> str:
    page = Page(style)
    page.heading(title)
    page.line((name, "bold"))
    return f"{page.text()}{text}\n"


def _text(one: TenantOutcome, style: TableStyle, shown: ShownInFleet | None) -> str:
    """Return the result of one tenant, or what is shown of it; empty for nothing, and for one that was not read."""
    if one.result is None:
        return ""
    style = replace(style, rows=None)
    if shown is None:
        return scan_text(one.result, style)
    part = shown.parts[one.name]
    return render_shown(one.result, part, style) if part.has_answer else ""


def _failures(fleet: FleetResult, style: TableStyle) -> str:
    """Return what failed, each error once with the tenants that it is of; empty if nothing did."""
    if not fleet.failed:
        return ""
    page = Page(style)
    page.heading(f"NOT READ · {_counted(len(fleet.failed))}")
    for kind in failure_kinds(fleet.failed):
        names, more = kind.listed(len(kind.names) if style.verbose else MOST)
        for name in names:
            page.line((name, "bold"))
        if more:
            page.line(f"{more} (`--verbose`)")
        for line in kind.error.splitlines():
            page.line((line.strip(), "red"), indent=2 + len(line) - len(line.lstrip()))
        if kind.caution:
            page.line((f"{kind.caution} `--format json` has each.", "dim"), indent=2)
        page.gap()
    return page.text()


def _overview(fleet: FleetResult, style: TableStyle) -> str:
    page = Page(style)
    page.heading(f"FLEET · {_counted(len(fleet.tenants))}")
    page.table(_COLUMNS, map(_row, fleet.tenants), indent=2)
    page.gap()
    failed = f"{len(fleet.failed):,} failed"
    page.line(
        (f"{len(fleet.done):,} of {_counted(len(fleet.tenants))} read", "bold"),
        " · ",
        (failed, "bold red" if fleet.failed else ""),
    )
    if fleet.failed:
        page.line(("What failed is unknown: anything may be wrong there.", "dim"))
    return page.text()


def _row(one: TenantOutcome) -> list[Part]:
    if one.result is None:
        return [(_FAILED, "bold red"), *[""] * (len(Severity) + 1), (one.name, "bold red"), ""]
    by_severity, unknown = one.severities, one.result.counts[Verdict.UNKNOWN]
    worst = next((severity for severity in Severity if by_severity[severity]), None)
    look = "bold" if worst in {Severity.CRITICAL, Severity.HIGH} else ""
    numbers = (*(by_severity[severity] for severity in Severity), unknown, len(one.result.coverage.gaps))
    words = "" if one.result.problems else conclusion(one.result)
    return [*((f"{number:,}", look) for number in numbers), (one.name, "bold"), (prose(words), "dim")]


def _counted(count: int) -> str:
    return "1 tenant" if count == 1 else f"{count:,} tenants"
