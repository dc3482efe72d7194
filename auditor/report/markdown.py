"""Findings as Markdown, for tickets and pull requests: what is wrong, what to do, what was not read."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from auditor.audit.findings import Finding, Fix, Verdict
from auditor.report.accepted_words import accepted_words
from auditor.report.coverage_table import Refusal, refusals
from auditor.report.markdown_text import block, code, plain
from auditor.report.result import ScanResult

MOST = 50
"""Subjects of one rule that are listed: a ticket takes 65,536 characters."""

_MARKS = {Verdict.FAIL: "❌", Verdict.UNKNOWN: "❓", Verdict.PASS: "✅", Verdict.NOT_APPLICABLE: "⚪"}
_TITLES = {
    Verdict.FAIL: "Problems",
    Verdict.UNKNOWN: "Unknown",
    Verdict.PASS: "In order",
    Verdict.NOT_APPLICABLE: "Does not apply",
}


def render(result: ScanResult, *, all_verdicts: bool = False) -> str:
    """Return the findings as Markdown; foreign text is text or code, it mentions nobody and links nowhere."""
    lines = ["# Azure Migrate audit", "", *_origin(result), "", *_summary(result)]
    for verdict, group in groupby(result.shown(all_verdicts=all_verdicts), key=lambda one: one.verdict):
        held = list(group)
        lines += ["", f"## {_TITLES[verdict]}"]
        lines += _settled(held) if verdict in {Verdict.PASS, Verdict.NOT_APPLICABLE} else _open(held)
    return "\n".join([*lines, "", *_coverage(result)]) + "\n"


def _origin(result: ScanResult) -> Iterator[str]:
    yield (
        f"{code(result.tenant_name)} · {len(result.subscriptions)} subscription(s) · as of "
        f"{result.evaluated_at:%Y-%m-%d %H:%M} UTC · read by {code(result.read_by)} · {plain(result.tool)}"
    )


def _summary(result: ScanResult) -> Iterator[str]:
    counts = result.counts
    yield "| " + " | ".join(f"{_MARKS[verdict]} {_TITLES[verdict]}" for verdict in Verdict) + " |"
    yield "|" + " --: |" * len(Verdict)
    yield "| " + " | ".join(f"{counts[verdict]:,}" for verdict in Verdict) + " |"
    for sentence in accepted_words(result):
        yield from ("", sentence)


def _open(findings: Iterable[Finding]) -> Iterator[str]:
    """Write what needs someone, a rule at a time; a fix that several share is told once."""
    for _, group in groupby(findings, key=lambda one: one.rule):
        held = list(group)
        first = held[0]
        errors = f" (error {', '.join(first.errors)})" if first.errors else ""
        yield from ("", f"### {_MARKS[first.verdict]} {plain(first.title)}{errors}", "")
        yield f"{first.severity.value} · {code(first.rule)}"
        yield ""
        told: set[Fix] = set()
        for finding in held[:MOST]:
            yield from _finding(finding, told)
        if len(held) > MOST:
            yield f"- … and {len(held) - MOST:,} more; `--format json` has all of them"


def _finding(finding: Finding, told: set[Fix]) -> Iterator[str]:
    box = "[x]" if finding.suppressed else "[ ]"
    yield f"- {box} **{code(finding.subject.name)}**: {plain(finding.message)}"
    if finding.subject.id != finding.subject.name:
        yield f"    - where: {code(finding.subject.id)}"
    if finding.suppressed is not None:
        yield f"    - suppressed: {plain(finding.suppressed.words)}"
    for item in finding.evidence[:5]:
        yield f"    - seen: {code(item.id)}" + (f": {plain(item.note)}" if item.note else "")
    for fix in finding.fixes:
        if fix not in told:
            told.add(fix)
            yield from _fix(fix)


def _fix(fix: Fix) -> Iterator[str]:
    warning = "" if fix.safe else " **(can lose something)**"
    yield f"    - fix: {plain(fix.title)}{warning}: {plain(fix.changes)}"
    for number, step in enumerate(fix.portal, start=1):
        yield f"        {number}. {plain(step)}"
    if fix.az:
        yield ""
        yield from (f"        {line}" for line in block(fix.az, "sh"))
        yield ""


def _settled(findings: Iterable[Finding]) -> Iterator[str]:
    yield ""
    for finding in findings:
        yield f"- {code(finding.rule)}: {code(finding.subject.name)}"


def _coverage(result: ScanResult) -> Iterator[str]:
    coverage = result.coverage
    yield "## Coverage"
    yield ""
    gaps = f"{len(coverage.gaps):,} were not, or not wholly" if coverage.gaps else "nothing stayed unread"
    yield f"{len(coverage.reads):,} lists were read to their end; {gaps}."
    for number, refusal in enumerate(refusals(coverage.gaps)):
        yield from ([""] if number == 0 else [])
        yield from _refusal(refusal)


def _refusal(refusal: Refusal) -> Iterator[str]:
    yield f"- {plain(refusal.answer)}: {', '.join(code(one) for one in refusal.lists)}"
    more = f" and {len(refusal.scopes) - 5:,} more" if len(refusal.scopes) > 5 else ""
    yield f"    - at {', '.join(code(one) for one in refusal.scopes[:5])}{more}"
    if refusal.cures:
        yield f"    - cure: grant {', '.join(code(one) for one in refusal.cures)}"
