"""The failures of a capture as text: a timeline, then what each kind of failure means and what to do."""

from collections.abc import Iterator

from auditor.audit.findings import Finding, Severity, Verdict
from auditor.cli.har.result import SIGN_IN_AGAIN, CaptureResult, explained_failure
from auditor.har.calls import CallOutcome, Within
from auditor.har.findings import CallFinding, elsewhere_words
from auditor.har.groups import FailureGroup
from auditor.report.conclusion import sentence
from auditor.report.inert import prose
from auditor.report.terminal.explanation import explanation_text
from auditor.report.terminal.page import Page
from auditor.report.terminal.style import TableStyle

_MOST_ROWS = 40
_MOST_EXPLAINED = 12
"""Maximum number of rows and of explanations; `--verbose` shows all."""
_MOST_OF_ONE = 3
_STYLE = {
    Severity.CRITICAL: "bold white on red",
    Severity.HIGH: "bold red",
    Severity.MEDIUM: "bold yellow",
    Severity.LOW: "bold blue",
    Severity.INFO: "bold cyan",
}


def capture_text(found: CaptureResult, style: TableStyle) -> str:
    """Return the result as text for a terminal; whatever the capture holds, it is inert."""
    return "".join(_parts(found, style))


def _parts(found: CaptureResult, style: TableStyle) -> Iterator[str]:
    shown = [one for one in found.failures if style.all_verdicts or one.finding.verdict is not Verdict.PASS]
    yield _head(found, shown, style)
    alike = _alike(shown)
    for number, same in enumerate(alike):
        if number >= _MOST_EXPLAINED and not style.verbose:
            break
        yield _explained(same, style)
    yield _end(found, len(alike), style)


def _head(found: CaptureResult, shown: list[CallFinding], style: TableStyle) -> str:
    page, read = Page(style), found.read
    when = "" if read.first is None or read.last is None else f" · {read.first:%Y-%m-%d %H:%M} to {read.last:%H:%M} UTC"
    page.line((f"{read.path.name} · {found.result.read_by}{when}", "dim"))
    page.gap()
    page.line((prose(sentence(found.result)), "bold"))
    if read.looked_at and shown:
        named = ", ".join(f"{count:,} to {service.value}" for service, count in read.looked_at.most_common())
        page.line(f"Calls that were looked at: {named}.")
    if words := elsewhere_words(read.others_failed):
        page.line(prose(f"{words}."))
    if shown:
        page.gap()
        page.heading("TIMELINE")
        page.line((f"{'time (UTC)':<10}  {'status':<6}  {'times':>5}  what was being done, and how it ended", "dim"))
    rows = shown if style.verbose else shown[:_MOST_ROWS]
    for one in rows:
        _row(page, one, read.pages.get(one.group.call.page, ""), verbose=style.verbose)
    if len(rows) < len(shown):
        page.line(f"and {len(shown) - len(rows):,} more; `--verbose` and `--format json` show all of them")
    return page.text()


def _row(page: Page, one: CallFinding, title: str, *, verbose: bool) -> None:
    group, call = one.group, one.group.call
    time = f"{group.first:%H:%M:%S}" if group.first is not None else "-"
    status = str(call.status) if call.status else "none" if call.outcome is CallOutcome.UNANSWERED else "-"
    label = f"{time:<10}  {status:<6}  {group.count:>5,}  "
    page.labelled(
        label, (call.operation.words, "bold"), f"  {_ended(group)}", style=_STYLE[one.finding.severity].split()[-1]
    )
    if verbose:
        for name, value in (("command", call.command), ("page", title), ("id", ", ".join(group.correlations))):
            if value:
                page.labelled(" " * len(label), (f"{name}: {value}", "dim"))


def _ended(group: FailureGroup) -> str:
    call = group.call
    ends = [call.said.code or call.why or call.said.message[:100]]
    ends += ["in a batch"] if call.within is Within.BATCH else []
    ends += ["failed later"] if call.within is Within.LATER else []
    ends += ["succeeded later"] if group.worked_later else []
    return ", ".join(filter(None, ends))


def _alike(shown: list[CallFinding]) -> list[list[CallFinding]]:
    """Return the failures by kind and errors, those with the worst first."""
    found: dict[tuple[str, tuple[str, ...]], list[CallFinding]] = {}
    for one in shown:
        found.setdefault((one.finding.rule, one.finding.errors), []).append(one)
    return sorted(found.values(), key=lambda same: min(one.finding.rank for one in same))


def _explained(same: list[CallFinding], style: TableStyle) -> str:
    """Return what one kind of failure is: the calls, what Azure said of them, what it means, what to do."""
    page, first = Page(style), same[0].finding
    page.gap()
    page.heading(prose(first.title), _STYLE[first.severity])
    page.line((f"{first.rule}, {'unknown' if first.verdict is Verdict.UNKNOWN else first.severity.value}", "dim"))
    listed = same if style.verbose else same[:_MOST_OF_ONE]
    for one in listed:
        page.labelled("  - ", prose(one.finding.message))
        for item in one.finding.evidence if style.verbose else ():
            page.labelled("    ", (f"{item.id}  {prose(item.note)}", "dim"))
    if len(listed) < len(same):
        page.line(f"and {len(same) - len(listed):,} more", indent=2)
    call = same[0].group.call
    known = explained_failure(call) if call.outcome is CallOutcome.FAILED and not call.said.is_empty else None
    if known is not None and style.verbose and (known.shown or known.refusals):
        page.gap()
        return page.text() + explanation_text(known, style)
    entries = () if known is None else tuple(entry for one in known.shown for entry in one.entries)
    for entry in entries:
        page.gap()
        page.line((entry.heading, "bold"))
        page.labelled("  ", prose(entry.meaning))
        for number, step in enumerate(entry.steps, start=1):
            page.labelled(f"  {number}. ", prose(step))
        page.labelled("  more  ", f"migaudit explain {entry.asked_as}")
    if not entries and first.verdict is not Verdict.PASS:
        page.labelled("  ", prose(same[0].group.kind.why))
    _write_fixes(page, first, known_steps=bool(entries))
    return page.text()


def _write_fixes(page: Page, finding: Finding, *, known_steps: bool) -> None:
    """Write the commands of the fixes, and their steps where the catalogue has none."""
    for fix in finding.fixes:
        if known_steps and not fix.az and fix.title != SIGN_IN_AGAIN:
            continue
        page.gap()
        page.labelled(
            "  next  ", (prose(fix.title), "bold"), ("" if fix.safe else "  can lose something", "bold yellow")
        )
        for step in fix.portal if not fix.az else ():
            page.labelled("        - ", prose(step))
        if fix.az:
            page.command("        $ ", fix.az)


def _end(found: CaptureResult, kinds: int, style: TableStyle) -> str:
    page, read = Page(style), found.read
    if kinds > _MOST_EXPLAINED and not style.verbose:
        page.gap()
        page.line(f"Further kinds of failures: {kinds - _MOST_EXPLAINED:,}; `--verbose` explains all of them.")
    notes = list(filter(None, (read.broken, *read.left_out)))
    if notes:
        page.gap()
        page.heading("NOT LOOKED AT")
    for note in notes:
        page.labelled("  - ", prose(note))
    if found.failures:
        page.gap()
        page.line((prose(sentence(found.result)), "bold"))
    return page.text()
