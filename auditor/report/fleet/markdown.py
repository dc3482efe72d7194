"""The result of a fleet run as Markdown: a table of what was read, what failed, then the scan of each tenant."""

from collections.abc import Iterator, Sequence

from auditor.audit.findings import Finding, Severity, Verdict
from auditor.report.conclusion import conclusion
from auditor.report.counted import counted
from auditor.report.fleet.failures import FailedAlike, failure_kinds
from auditor.report.fleet.result import HEADS, FleetResult, TenantOutcome
from auditor.report.formats.level_of_detail import FITS, LevelOfDetail, fullest, shortened
from auditor.report.formats.markdown import section
from auditor.report.formats.markdown_text import code, plain
from auditor.report.inert import inert, inert_lines
from auditor.report.place import Place, Places
from auditor.report.result import ScanResult

_HEAD = ("Tenant", *(HEADS[severity] for severity in Severity), "Unknown", "Unread lists", "Result")

MOST = 10
"""How many kinds of failures are listed, of each so many tenants, and so many lines of the error."""
_LONGEST_NAME = 80
_LONGEST_LINE = 300
_LAST_LINES = 300
"""Room for the heading of the worst findings and for the line that counts the others."""


def render(fleet: FleetResult, *, all_verdicts: bool) -> str:
    """Return the result as Markdown, in which foreign text mentions nobody and links nowhere.

    If there is much, evidence is left out, then fixes, then fewer subjects are listed, then only the
    table with the worst findings in a line each, and at last fewer of its rows, so that it fits into a ticket. The
    number of what is left out stands in its place.
    """
    kinds = failure_kinds(fleet.failed)
    most = max((len(one.result.findings) for one in fleet.done if one.result is not None), default=0)
    if text := fullest(lambda detail: _lines(fleet, kinds, detail, all_verdicts=all_verdicts), most):
        return text
    rows, most = len(fleet.done), MOST
    while True:
        text = "\n".join((*_overview(fleet, kinds, rows, most), ""))
        if len(text) <= FITS - _LAST_LINES or (rows, most) == (0, 1):
            return "\n".join((text, *_worst(fleet, FITS - len(text)), ""))
        rows, most = (rows * 3 // 4, most) if rows else (0, most // 2)


def _worst(fleet: FleetResult, room: int) -> Iterator[str]:
    """Yield the worst findings of all tenants, a line each, as far as there is room, and the number of the others."""
    every = [(finding, one) for one in fleet.done if one.result for finding in one.result.listed(all_verdicts=False)]
    every.sort(key=lambda it: it[0].order)
    places = {one.name: Places(one.result) for one in fleet.done if one.result}
    heading, room, held = ("## The worst findings", ""), room - _LAST_LINES, list[str]()
    for finding, one in every:
        line = _in_a_line(finding, one.name, places[one.name].of(finding))
        room -= len(line) + 1
        if room < 0:
            break
        held.append(line)
    yield from (*heading, *held) if held else ()
    if not every:
        return
    count = len(every) - len(held)
    more = counted(count, "more finding" if held else "finding")
    what = f"{more} and what to do" if count else "What to do"
    yield from ([""] if held else [])
    yield f"{what}: left out, to fit into a ticket; `--format html` and `--format json` contain all of it."


def _in_a_line(finding: Finding, tenant: str, place: Place) -> str:
    """Return a finding with its tenant and where it is."""
    word = "note" if finding.is_note else "unknown" if finding.verdict is Verdict.UNKNOWN else finding.severity.value
    where = " · ".join(code(one) for one in (tenant, place.subscription.short, place.project) if one)
    return f"- {word}: {plain(finding.title)} · {code(finding.subject.name)} · {where} · {code(finding.rule)}"


def _lines(
    fleet: FleetResult, kinds: Sequence[FailedAlike], detail: LevelOfDetail, *, all_verdicts: bool
) -> Iterator[str]:
    yield from _overview(fleet, kinds, len(fleet.done), MOST)
    yield from (line for one in shortened(detail) for line in ("", one))
    for one in fleet.done:
        if one.result is not None:
            yield from ("", f"## {code(one.name)}", "")
            yield from section(one.result, one.result.listed(all_verdicts=all_verdicts), detail, level=2)


def _overview(fleet: FleetResult, kinds: Sequence[FailedAlike], rows: int, most: int) -> Iterator[str]:
    """Yield the table with a row for each of so many tenants, those with the worst problems, and what failed.

    `most` bounds the kinds of failures, the tenants named for each, and the lines of an error.
    """
    yield from ("# Azure Migrate audit of several tenants", "")
    yield f"{len(fleet.done):,} read, {len(fleet.failed):,} failed · {plain(fleet.tool)}"
    worst = sorted(fleet.done, key=lambda one: [-one.severities[severity] for severity in Severity])[:rows]
    shown = {one.name for one in worst}
    if shown:
        yield from ("", f"| {' | '.join(_HEAD)} |", f"| :-- |{' --: |' * (len(_HEAD) - 2)} :-- |")
        for one in fleet.done:
            if one.result is not None and one.name in shown:
                yield f"| {' | '.join(_cells(one, one.result))} |"
    left = [one for one in fleet.done if one.name not in shown]
    if left:
        problems = sum(sum(one.severities.values()) - one.severities[Severity.INFO] for one in left)
        than = "than those above " if shown else ""
        yield from (
            "",
            f"{len(left):,} more tenants were read, no worse {than}({problems:,} problems); the JSON has each.",
        )
    if kinds:
        yield from _failures(kinds, most)


def _cells(one: TenantOutcome, result: ScanResult) -> Iterator[str]:
    yield _cell(code(one.name))
    yield from (f"{one.severities[severity]:,}" for severity in Severity)
    yield f"{result.counts[Verdict.UNKNOWN]:,}"
    yield f"{len(result.coverage.gaps):,}"
    yield _cell(plain(conclusion(result)))


def _cell(text: str) -> str:
    r"""Return Markdown as a cell: a `|` would end it, in code too, unless it is written as `\|`."""
    return text.replace("\\|", "|").replace("|", "\\|")


def _failures(kinds: Sequence[FailedAlike], most: int) -> Iterator[str]:
    """Yield what failed, each kind of error once, with the number of its tenants and the first names."""
    yield from ("", "## Not read", "", "What failed is unknown: anything may be wrong there.")
    for kind in kinds[:most]:
        names, more = kind.listed(most)
        listed = ", ".join(code(inert(name, _LONGEST_NAME)) for name in names)
        yield from ("", f"❌ **{kind.title}**: {listed}{f' {more}' if more else ''}", "")
        lines = [line for line in inert_lines(kind.error, _LONGEST_LINE) if line.strip()]
        yield from (f"- {plain(line)}" for line in lines[:most])
        if len(lines) > most:
            yield f"- and {len(lines) - most:,} more lines"
        if kind.caution:
            yield from ("", f"{kind.caution} The JSON has each.")
    if len(kinds) > most:
        tenants = sum(len(kind.names) for kind in kinds[most:])
        yield from ("", f"and {len(kinds) - most:,} more kinds of failures in {tenants:,} tenants; the JSON has each.")
