"""Findings as Markdown for tickets and pull requests: problems, what to do, what was not read."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from auditor.audit.findings import Finding, Fix, GapKind, Verdict
from auditor.report.conclusion import sentence
from auditor.report.counted import counted, were
from auditor.report.formats.level_of_detail import HEADINGS, LevelOfDetail, cut, fullest, shortened
from auditor.report.formats.markdown_text import code, commands, plain, undone
from auditor.report.place import Place, Places
from auditor.report.result import ScanResult, accepted_words
from auditor.report.terminal.coverage import RefusedLists, refusals
from auditor.shells import CommandShell

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

    If there is much, evidence is left out, then portal steps and links, then the fixes of the least severe findings,
    and at last subjects, so that the report fits into a ticket. The number of what is left out stands in its place.
    """
    shown = result.listed(all_verdicts=all_verdicts)
    text = fullest(lambda detail: _lines(result, shown, detail), len(shown))
    return text or cut(_lines(result, shown, HEADINGS))


def _lines(result: ScanResult, shown: tuple[Finding, ...], detail: LevelOfDetail) -> Iterator[str]:
    yield from ("# Azure Migrate audit", "", *(line for one in shortened(detail) for line in (one, "")))
    yield from section(result, shown, detail)


def section(
    result: ScanResult, shown: tuple[Finding, ...], detail: LevelOfDetail, *, level: int = HIGHEST
) -> Iterator[str]:
    """Yield the lines of a scan below a heading of `level`, in one of the levels of detail."""
    mark, places = "#" * level, Places(result)
    yield from (*_origin(result, places), "", *_summary(result))
    before = 0
    for (verdict, is_note), group in groupby(shown, key=lambda one: (one.verdict, one.is_note)):
        held = list(group)
        yield from ("", f"{mark}# {_NOTES[1] if is_note else _TITLES[verdict]}")
        settled = verdict in {Verdict.PASS, Verdict.NOT_APPLICABLE}
        if settled:
            yield from _settled(held, detail, before)
        else:
            yield from _open(held, places, detail, f"{mark}##", before, result.shells)
        before += len(held)
    yield from ("", f"{mark}# Coverage", "", *_coverage(result, detail))


def _origin(result: ScanResult, places: Places) -> Iterator[str]:
    tenant = f" ({code(places.tenant.id)})" if places.tenant.id and places.tenant.id != result.about else ""
    yield (
        f"{code(result.about)}{tenant} · {counted(len(result.subscriptions), 'subscription')} · as of "
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


def _open(
    findings: Iterable[Finding],
    places: Places,
    detail: LevelOfDetail,
    mark: str,
    before: int,
    shells: Sequence[CommandShell],
) -> Iterator[str]:
    """Yield the findings that need attention, grouped by rule; a fix that several share is written once.

    So many findings of the report stand `before` them.
    """
    for _, group in groupby(findings, key=lambda one: one.rule):
        held = list(group)
        first, link = held[0], places.of(held[0]).rule_link
        errors = f" (error {', '.join(first.errors)})" if first.errors else ""
        yield from (
            "",
            f"{mark} {_NOTES[0] if first.is_note else _MARKS[first.verdict]} {plain(first.title)}{errors}",
            "",
        )
        about = f" · [about this rule](<{link}>)" if link else ""
        yield from (f"{first.severity.value} · confidence {first.confidence.value} · {code(first.rule)}{about}", "")
        written: set[Fix] = set()
        listed = held[: _listed(len(held), detail, before)]
        for number, finding in enumerate(listed, start=before):
            yield from _finding(finding, places.of(finding), detail)
            fixes = [fix for fix in finding.fixes if fix not in written]
            if fixes and detail.fixed is not None and number >= detail.fixed:
                yield f"    - {counted(len(fixes), 'fix', 'fixes')} left out"
                continue
            written.update(fixes)
            for fix in fixes:
                yield from _fix(fix, detail, shells)
        if len(listed) < len(held):
            left_out = len(held) - len(listed)
            yield f"- … and {left_out:,} more"
        before += len(held)


def _listed(count: int, detail: LevelOfDetail, before: int) -> int:
    """Return how many of the findings of one rule are listed, where so many others stand before them."""
    of_rule = count if detail.subjects is None else min(count, detail.subjects)
    return of_rule if detail.listed is None else max(0, min(of_rule, detail.listed - before))


def _finding(finding: Finding, place: Place, detail: LevelOfDetail) -> Iterator[str]:
    """Yield a finding without its fixes."""
    box = "[x]" if finding.suppressed else "[ ]"
    yield f"- {box} **{code(finding.subject.name)}**: {plain(finding.message)}"
    if finding.subject.id != finding.subject.name:
        yield f"    - where: {code(finding.subject.id)}"
    if parts := [f"{label.lower()} {code(text)}" for label, text in place.lines]:
        yield f"    - in: {' · '.join(parts)}"
    if place.portal and detail.links:
        yield f"    - [in the portal](<{place.portal}>)"
    if finding.suppressed is not None:
        yield f"    - suppressed: {plain(finding.suppressed.words)}"
    seen = [code(item.id) + (f": {plain(item.note)}" if item.note else "") for item in finding.evidence]
    yield from _some("seen", seen, detail.evidence)
    yield from _some("unread", [_unread(kind) for kind in finding.unread if not kind.is_undecidable], detail.evidence)


def _some(label: str, lines: Sequence[str], most: int | None) -> Iterator[str]:
    """Yield the first lines below a finding, and how many more there are."""
    listed = lines[:most]
    yield from (f"    - {label}: {line}" for line in listed)
    if len(listed) < len(lines):
        left_out = len(lines) - len(listed)
        yield f"    - {label}: {f'… and {left_out:,} more' if listed else f'{left_out:,} left out'}"


def _unread(kind: GapKind) -> str:
    count = "" if kind.count == 1 else f" and {kind.count - 1:,} more"
    needs = f"; grant {code(kind.needs)}" if kind.needs else ""
    return f"{code(kind.what)} at {code(kind.scopes[0])}{count}: {plain(kind.code)}{needs}"


def _fix(fix: Fix, detail: LevelOfDetail, shells: Sequence[CommandShell]) -> Iterator[str]:
    warning = "" if fix.safe else " **(can lose something)**"
    drops = bool(fix.az and fix.portal and not detail.steps)
    steps = f" ({len(fix.portal):,} portal steps left out)" if drops else ""
    yield f"    - fix: {plain(fix.title)}{warning}: {plain(fix.changes)}{steps}"
    for number, step in enumerate(() if drops else fix.portal, start=1):
        yield f"        {number}. {plain(step)}"
    if fix.az:
        yield ""
        yield from (f"        {line}" for line in commands(fix.az, shells))
        yield ""
    if fix.by:
        yield f"        - who can do it: {plain(fix.by)}"
    if fix.undo is not None:
        yield f"        - to undo it: {undone(fix.undo.words, fix.undo.az, shells)}"


def _settled(findings: Iterable[Finding], detail: LevelOfDetail, before: int) -> Iterator[str]:
    yield ""
    for rule, group in groupby(findings, key=lambda one: one.rule):
        names = [finding.subject.name for finding in group]
        yield f"- {code(rule)}, {len(names):,}: {_first(names, _listed(len(names), detail, before))}"
        before += len(names)


def _first(names: Sequence[str], most: int) -> str:
    """Return the first names, and how many more there are."""
    listed = names[:most]
    more = f"{len(names) - len(listed):,} more" if len(listed) < len(names) else ""
    return " and ".join(filter(None, (", ".join(map(code, listed)), more)))


def _coverage(result: ScanResult, detail: LevelOfDetail) -> Iterator[str]:
    coverage = result.coverage
    reads, gaps = len(coverage.reads), len(coverage.gaps)
    unread = f"{gaps:,} {were(gaps)} not" if gaps else "nothing was left unread"
    yield f"{counted(reads, 'list')} {were(reads)} read completely; {unread}."
    if coverage.absent_types:
        yield ""
        yield f"This cloud has no such type: {', '.join(code(one.what) for one in coverage.absent_types)}."
    for number, refusal in enumerate(refusals(coverage.gaps)):
        yield from ([""] if number == 0 else [])
        yield from _refusal(
            refusal, 1 if detail.listed is not None else 5 if detail.subjects is None else min(5, detail.subjects)
        )


def _refusal(refusal: RefusedLists, most: int) -> Iterator[str]:
    yield f"- {plain(refusal.answer)}: {', '.join(code(one) for one in refusal.lists)}"
    yield f"    - at {_first(refusal.scopes, most)}"
    if refusal.cures:
        yield f"    - cure: grant {', '.join(code(one) for one in refusal.cures)}"
