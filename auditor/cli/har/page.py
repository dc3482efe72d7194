"""The failures of a capture as text: what each kind means and what to do, then a timeline and the conclusion."""

from collections.abc import Iterator

from auditor.audit.findings import Finding, Verdict
from auditor.cli.har.result import SIGN_IN_AGAIN, CaptureResult, explained_failure
from auditor.har.calls import CallOutcome, Within
from auditor.har.findings import CallFinding, elsewhere_words
from auditor.har.groups import FailureGroup
from auditor.report.conclusion import sentence
from auditor.report.counted import counted
from auditor.report.inert import prose
from auditor.report.shown import ShownFindings
from auditor.report.terminal.explanation import explanation_text
from auditor.report.terminal.page import Column, Page, Part
from auditor.report.terminal.style import TableStyle
from auditor.report.terminal.summary import SEVERITY_STYLE

_MOST_ROWS = 40
_MOST_EXPLAINED = 12
"""Maximum number of rows and of explanations; `--verbose` shows all."""
_MOST_OF_ONE = 3
_COLUMNS = (
    Column(whole=True),
    Column(name="time (UTC)", whole=True),
    Column(name="times", whole=True, right=True),
    Column(name="what was being done", wraps=True),
    Column(name="how it ended", wraps=True),
)


def capture_text(found: CaptureResult, style: TableStyle, shown: ShownFindings | None = None) -> str:
    """Return the result as text for a terminal; whatever the capture holds, it is inert.

    What each kind of failure means comes first; the calls in the order of time and the conclusion stand at the end.
    With `shown`, only the calls that it names are there, with what they mean.
    """
    return "".join(_parts(found, style, shown))


def _parts(found: CaptureResult, style: TableStyle, shown: ShownFindings | None) -> Iterator[str]:
    listed = [one for one in found.failures if style.all_verdicts or one.finding.verdict is not Verdict.PASS]
    yield _origin(found, style)
    if shown is not None:
        yield from _shown(found, shown, style)
        return
    alike = _alike(listed)
    most = len(alike) if style.verbose else _MOST_EXPLAINED
    for same in alike[:most]:
        yield _explained(found, same, style)
    yield _not_looked_at(found, len(alike[most:]), style)
    yield _timeline(found, listed, style)


def _shown(found: CaptureResult, shown: ShownFindings, style: TableStyle) -> Iterator[str]:
    """Yield what the named failures are, the named services without one, and the conclusion of the whole."""
    named = set(shown.findings)
    failures = [one for one in found.failures if one.finding in named]
    for same in _alike(failures):
        yield _explained(found, same, style)
    page = Page(style)
    others = named - {one.finding for one in failures}
    if others:
        page.gap()
    for finding in sorted(others, key=lambda one: one.order):
        page.labelled("- ", (finding.subject.name, "bold"), f"  {prose(finding.message)}")
    page.gap()
    for rule in shown.without_subject:
        page.line(f"no call failed as the rule `{rule}` says")
    page.line((f"{counted(len(shown.findings), 'verdict')} shown, of this result:", "dim"))
    page.line((_conclusion(found), "bold"))
    yield page.text()


def _conclusion(found: CaptureResult) -> str:
    """Return the conclusion, which is of what failed, with the number of calls of which that is not known."""
    unknown = found.result.counts[Verdict.UNKNOWN]
    return prose(f"{sentence(found.result)}{f' {unknown:,} unknown.' if unknown else ''}")


def _origin(found: CaptureResult, style: TableStyle) -> str:
    page, read = Page(style), found.read
    when = "" if read.first is None or read.last is None else f" · {read.first:%Y-%m-%d %H:%M} to {read.last:%H:%M} UTC"
    page.origin((f"{read.path.name} · {found.result.read_by}{when}", "dim"))
    return page.text()


def _timeline(found: CaptureResult, listed: list[CallFinding], style: TableStyle) -> str:
    """Return the failing calls as a table in the order of time, what was looked at, and the conclusion."""
    page, read = Page(style), found.read
    page.gap()
    rows = listed if style.verbose else listed[:_MOST_ROWS]
    if rows:
        page.heading("TIMELINE")
        page.table(_COLUMNS, map(_cells, rows))
    if len(rows) < len(listed):
        page.line(f"and {len(listed) - len(rows):,} more; `--verbose` and `--format json` show all of them")
    if rows:
        page.gap()
    if read.looked_at and listed:
        named = ", ".join(f"{count:,} to {service.value}" for service, count in read.looked_at.most_common())
        page.line(f"Calls that were looked at: {named}.")
    if words := elsewhere_words(read.others_failed):
        page.line(prose(f"{words}."))
    page.line((_conclusion(found), "bold"))
    if (less := found.result.less_severe) and less.words:
        page.line((f"left out as less severe than {less.least.value}: {less.words}", "dim"))
    if style.command and listed:
        first = _alike(listed)[0][0].finding.rule
        page.commands(
            [
                (f"{style.command} --show {first}", "what it means, and what to do; also --show ERROR"),
                (f"{style.command} --verbose", "everything, also the requests"),
            ]
        )
    return page.text()


def _cells(one: CallFinding) -> list[Part]:
    group, finding = one.group, one.finding
    unknown = finding.verdict is Verdict.UNKNOWN
    return [
        (
            "unknown" if unknown else finding.severity.value,
            "bold yellow" if unknown else SEVERITY_STYLE[finding.severity],
        ),
        f"{group.first:%H:%M:%S}" if group.first is not None else "-",
        f"{group.count:,}",
        (group.call.operation.words, "bold"),
        _ended(group),
    ]


def _ended(group: FailureGroup) -> str:
    call = group.call
    status = f"{call.status}" if call.status else "no answer" if call.outcome is CallOutcome.UNANSWERED else ""
    why = call.said.code or call.why or call.said.message[:100]
    ends = [f"{status} {why}".strip()]
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


def _explained(found: CaptureResult, same: list[CallFinding], style: TableStyle) -> str:
    """Return what one kind of failure is: the calls, what Azure said of them, what it means, what to do."""
    page, first = Page(style), same[0].finding
    page.gap()
    page.heading(prose(first.title), SEVERITY_STYLE[first.severity])
    page.line((f"{first.rule}, {'unknown' if first.verdict is Verdict.UNKNOWN else first.severity.value}", "dim"))
    listed = same if style.verbose else same[:_MOST_OF_ONE]
    for one in listed:
        page.labelled("  - ", prose(one.finding.message))
        for item in one.finding.evidence if style.verbose else ():
            page.labelled("    ", (f"{item.id}  {prose(item.note)}", "dim"))
        if style.verbose:
            _write_request(page, one.group, found.read.pages.get(one.group.call.page, ""))
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


def _write_request(page: Page, group: FailureGroup, title: str) -> None:
    """Write the portal's own name of a call, the page that it was made from, and its correlation ids."""
    for name, value in (("command", group.call.command), ("page", title), ("id", group.correlated)):
        if value:
            page.labelled("    ", (f"{name}: {value}", "dim"))


def _not_looked_at(found: CaptureResult, further: int, style: TableStyle) -> str:
    """Return how many `further` kinds of failures have no explanation here, and what was left out."""
    page, read = Page(style), found.read
    if further:
        page.gap()
        page.line(f"Further kinds of failures: {further:,}; `--verbose` explains all of them.")
    notes = list(filter(None, (read.broken, *read.left_out)))
    if notes:
        page.gap()
        page.heading("NOT LOOKED AT")
    for note in notes:
        page.labelled("  - ", prose(note))
    return page.text()
