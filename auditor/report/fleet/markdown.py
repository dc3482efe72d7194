"""The result of a fleet run as Markdown: a table of all tenants, then a section for each, as a scan writes it."""

from collections.abc import Iterable, Iterator

from auditor.audit.findings import Severity, Verdict
from auditor.report.conclusion import conclusion
from auditor.report.fleet.result import FleetResult, TenantOutcome
from auditor.report.formats.markdown import DETAIL, FITS, section
from auditor.report.formats.markdown_text import code, plain
from auditor.report.inert import inert_lines

_HEAD = ("Tenant", *(severity.value.capitalize() for severity in Severity), "Unknown", "Unread lists", "Result")


def render(fleet: FleetResult, *, all_verdicts: bool) -> str:
    """Return the result as Markdown, in which foreign text mentions nobody and links nowhere.

    If there is much, fewer subjects are listed, and at last only the table, so that it fits into a ticket.
    """
    for most, whole in DETAIL:
        text = _fitting(_lines(fleet, most, whole=whole, all_verdicts=all_verdicts))
        if text:
            return text
    return "\n".join(_overview(fleet)) + "\n"


def _fitting(lines: Iterable[str]) -> str:
    """Return the lines as a text, or an empty one as soon as they do not fit."""
    held, length = [], 0
    for line in lines:
        length += len(line) + 1
        if length > FITS:
            return ""
        held.append(line)
    return "\n".join(held) + "\n"


def _lines(fleet: FleetResult, most: int, *, whole: bool, all_verdicts: bool) -> Iterator[str]:
    yield from _overview(fleet)
    for one in fleet.tenants:
        yield from ("", f"## {code(one.name)}", "")
        if one.result is None:
            yield from _error(one)
        else:
            shown = one.result.listed(all_verdicts=all_verdicts)
            yield from section(one.result, shown, most, whole=whole, level=2)


def _overview(fleet: FleetResult) -> Iterator[str]:
    yield from ("# Azure Migrate audit of several tenants", "")
    yield f"{len(fleet.done):,} read, {len(fleet.failed):,} failed · {plain(fleet.tool)}"
    yield from ("", f"| {' | '.join(_HEAD)} |", f"| :-- |{' --: |' * (len(_HEAD) - 2)} :-- |")
    for one in fleet.tenants:
        yield f"| {' | '.join(_cells(one))} |"
    if fleet.failed:
        yield from ("", "What failed is unknown: anything may be wrong there.")


def _cells(one: TenantOutcome) -> Iterator[str]:
    yield _cell(code(one.name))
    if one.result is None:
        yield from ("–" for _ in range(len(_HEAD) - 2))
        yield _cell(f"❌ failed: {plain(one.reason)}")
        return
    yield from (f"{one.severities[severity]:,}" for severity in Severity)
    yield f"{one.result.counts[Verdict.UNKNOWN]:,}"
    yield f"{len(one.result.coverage.gaps):,}"
    yield _cell(plain(conclusion(one.result)))


def _cell(text: str) -> str:
    r"""Return Markdown as a cell: a `|` would end it, in code too, unless it is written as `\|`."""
    return text.replace("\\|", "|").replace("|", "\\|")


def _error(one: TenantOutcome) -> Iterator[str]:
    yield "**The tenant was not read.** Nothing is known about it."
    yield ""
    yield from (f"- {plain(line)}" for line in inert_lines(one.error) if line.strip())
