"""Findings as Markdown for tickets and pull requests: problems, what to do, what was not read."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from auditor.audit.findings import Finding, Fix, Verdict
from auditor.report.conclusion import sentence
from auditor.report.formats.markdown_text import block, code, plain
from auditor.report.result import ScanResult, accepted_words
from auditor.report.terminal.coverage import RefusedLists, refusals

FITS = 64_000
"""Maximum number of characters of a report; a GitHub issue takes 65,536."""

DETAIL = ((50, True), (20, True), (10, True), (5, True), (2, True), (1, True), (1, False), (0, False))
"""Levels of detail: subjects listed per rule, and whether with evidence and steps. The first that fits is used."""
HIGHEST = 1
"""The level of the heading of a report."""

_NOTES = ("📝", "Notes")
_MARKS = {Verdict.FAIL: "❌", Verdict.UNKNOWN: "❓", Verdict.PASS: "✅", Verdict.NOT_APPLICABLE: "⚪"}
_TITLES = {
    Verdict.FAIL: "Problems",
    Verdict.UNKNOWN: "Unknown",
    Verdict.PASS: "In order",
    Verdict.NOT_APPLICABLE: "Does not apply",
}


def render(result: ScanResult, *, all_verdicts: bool = False) -> str:
    """Return the findings as Markdown, in which foreign text mentions nobody and links nowhere.

    If there are many, fewer subjects of each rule are listed, so that the report fits into a ticket; the counts stay.
    """
    shown = result.listed(all_verdicts=all_verdicts)
    text = ""
    for most, whole in DETAIL:
        text = "\n".join(("# Azure Migrate audit", "", *section(result, shown, most, whole=whole))) + "\n"
        if len(text) <= FITS:
            break
    return text


def section(
    result: ScanResult, shown: tuple[Finding, ...], most: int, *, whole: bool, level: int = HIGHEST
) -> Iterator[str]:
    """Yield the lines of a scan below a heading of `level`, in one of the levels of detail."""
    mark = "#" * level
    yield from (*_origin(result), "", *_summary(result))
    for (verdict, is_note), group in groupby(shown, key=lambda one: (one.verdict, one.is_note)):
        held = list(group)
        yield from ("", f"{mark}# {_NOTES[1] if is_note else _TITLES[verdict]}")
        settled = verdict in {Verdict.PASS, Verdict.NOT_APPLICABLE}
        yield from _settled(held, most) if settled else _open(held, most, f"{mark}##", whole=whole)
    yield from ("", f"{mark}# Coverage", "", *_coverage(result, most))


def _origin(result: ScanResult) -> Iterator[str]:
    yield (
        f"{code(result.about)} · {len(result.subscriptions)} subscription(s) · as of "
        f"{result.evaluated_at:%Y-%m-%d %H:%M} UTC · read by {code(result.read_by)} · {plain(result.tool)}"
    )


def _summary(result: ScanResult) -> Iterator[str]:
    others = [(f"{_MARKS[one]} {_TITLES[one]}", result.counts[one]) for one in Verdict if one is not Verdict.FAIL]
    problems = (f"{_MARKS[Verdict.FAIL]} {_TITLES[Verdict.FAIL]}", len(result.problems))
    cells = [problems, (" ".join(_NOTES), len(result.notes)), *others]
    yield from (f"**{plain(sentence(result))}**", "")
    yield "| " + " | ".join(title for title, _ in cells) + " |"
    yield "|" + " --: |" * len(cells)
    yield "| " + " | ".join(f"{count:,}" for _, count in cells) + " |"
    for accepted in accepted_words(result):
        yield from ("", accepted)


def _open(findings: Iterable[Finding], most: int, mark: str, *, whole: bool) -> Iterator[str]:
    """Yield the findings that need attention, grouped by rule; a fix that several share is written once."""
    for _, group in groupby(findings, key=lambda one: one.rule):
        held = list(group)
        first = held[0]
        errors = f" (error {', '.join(first.errors)})" if first.errors else ""
        yield from (
            "",
            f"{mark} {_NOTES[0] if first.is_note else _MARKS[first.verdict]} {plain(first.title)}{errors}",
            "",
        )
        yield f"{first.severity.value} · {code(first.rule)}"
        yield ""
        written: set[Fix] = set()
        for finding in held[:most]:
            yield from _finding(finding, written, whole=whole)
        yield from _rest(len(held) - most)


def _rest(left_out: int) -> Iterator[str]:
    if left_out > 0:
        yield f"- … and {left_out:,} more; `--format html` and `--format json` contain all of them"


def _finding(finding: Finding, written: set[Fix], *, whole: bool) -> Iterator[str]:
    box = "[x]" if finding.suppressed else "[ ]"
    yield f"- {box} **{code(finding.subject.name)}**: {plain(finding.message)}"
    if finding.subject.id != finding.subject.name:
        yield f"    - where: {code(finding.subject.id)}"
    if finding.suppressed is not None:
        yield f"    - suppressed: {plain(finding.suppressed.words)}"
    for item in finding.evidence[:5] if whole else ():
        yield f"    - seen: {code(item.id)}" + (f": {plain(item.note)}" if item.note else "")
    for fix in finding.fixes:
        if fix not in written:
            written.add(fix)
            yield from _fix(fix, whole=whole)


def _fix(fix: Fix, *, whole: bool) -> Iterator[str]:
    warning = "" if fix.safe else " **(can lose something)**"
    yield f"    - fix: {plain(fix.title)}{warning}: {plain(fix.changes)}"
    for number, step in enumerate(fix.portal if whole or not fix.az else (), start=1):
        yield f"        {number}. {plain(step)}"
    if fix.az:
        yield ""
        yield from (f"        {line}" for line in block(fix.az, "sh"))
        yield ""


def _settled(findings: Iterable[Finding], most: int) -> Iterator[str]:
    yield ""
    for rule, group in groupby(findings, key=lambda one: one.rule):
        names = [finding.subject.name for finding in group]
        rest = f" and {len(names) - most:,} more" if len(names) > most else ""
        yield f"- {code(rule)}, {len(names):,}: {', '.join(map(code, names[:most]))}{rest}"


def _coverage(result: ScanResult, most: int) -> Iterator[str]:
    coverage = result.coverage
    gaps = f"{len(coverage.gaps):,} were not" if coverage.gaps else "nothing was left unread"
    yield f"{len(coverage.reads):,} lists were read completely; {gaps}."
    if coverage.absent_types:
        yield ""
        yield f"This cloud has no such type: {', '.join(code(one.what) for one in coverage.absent_types)}."
    for number, refusal in enumerate(refusals(coverage.gaps)):
        yield from ([""] if number == 0 else [])
        yield from _refusal(refusal, max(1, min(5, most)))


def _refusal(refusal: RefusedLists, most: int) -> Iterator[str]:
    yield f"- {plain(refusal.answer)}: {', '.join(code(one) for one in refusal.lists)}"
    more = f" and {len(refusal.scopes) - most:,} more" if len(refusal.scopes) > most else ""
    yield f"    - at {', '.join(code(one) for one in refusal.scopes[:most])}{more}"
    if refusal.cures:
        yield f"    - cure: grant {', '.join(code(one) for one in refusal.cures)}"
