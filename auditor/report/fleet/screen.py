"""The result of a fleet run for a terminal: the scan of each tenant, then a table with one row a tenant."""

from auditor.audit.findings import Severity, Verdict
from auditor.report.conclusion import conclusion
from auditor.report.fleet.result import FleetResult, TenantOutcome
from auditor.report.inert import prose
from auditor.report.terminal.findings import TableStyle
from auditor.report.terminal.findings import render as scan_text
from auditor.report.terminal.page import Page

_HEAD = "  critical  high  medium   low  info  unknown  unread  "
_FAILED = "failed"


def render(fleet: FleetResult, style: TableStyle) -> str:
    """Return the result as text; whatever tenants and resources are called, it is inert."""
    sections = [_section(number, one, len(fleet.tenants), style) for number, one in enumerate(fleet.tenants, start=1)]
    return "".join((*sections, _overview(fleet, style)))


def _section(number: int, one: TenantOutcome, count: int, style: TableStyle) -> str:
    page = Page(style)
    page.heading(f"TENANT {number:,} OF {count:,}")
    page.line((one.name, "bold"))
    if one.result is None:
        _write_error(page, one, indent=0)
    text = page.text() if one.result is None else page.text() + scan_text(one.result, style)
    return f"{text}\n"


def _overview(fleet: FleetResult, style: TableStyle) -> str:
    page = Page(style)
    page.heading(f"FLEET · {_counted(len(fleet.tenants))}")
    page.labelled(_HEAD, ("tenant", "dim"))
    for one in fleet.tenants:
        _write_row(page, one)
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


def _write_row(page: Page, one: TenantOutcome) -> None:
    if one.result is None:
        page.labelled(f"  {_FAILED:<{len(_HEAD) - 2}}", (one.name, "bold red"))
        _write_error(page, one, indent=10)
        return
    by_severity, unknown = one.severities, one.result.counts[Verdict.UNKNOWN]
    numbers = [by_severity[severity] for severity in Severity]
    cells = [f"{number:>{width},}" for number, width in zip(numbers, (8, 4, 6, 4, 4), strict=True)]
    label = f"  {'  '.join(cells)}  {unknown:>7,}  {len(one.result.coverage.gaps):>6,}  "
    words = "" if one.result.with_verdict(Verdict.FAIL) else conclusion(one.result)
    worst = next((severity for severity in Severity if by_severity[severity]), None)
    grave = worst in {Severity.CRITICAL, Severity.HIGH}
    page.labelled(
        label, (one.name, "bold"), (f"  {prose(words)}" if words else "", "dim"), style="bold" if grave else ""
    )


def _write_error(page: Page, one: TenantOutcome, indent: int) -> None:
    for line in one.error.splitlines():
        page.line((line.strip(), "red"), indent=indent + len(line) - len(line.lstrip()))


def _counted(count: int) -> str:
    return "1 tenant" if count == 1 else f"{count:,} tenants"
