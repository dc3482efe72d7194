"""Readiness as Markdown for tickets: the answer, assessments, causes with remedies, discovery, what is unknown."""

from collections.abc import Iterator

from auditor.audit.findings import Verdict
from auditor.audit.readiness.report import ReadinessReport
from auditor.report.formats.markdown_text import cell, code, plain
from auditor.report.place import Places
from auditor.report.readiness.lines import ORDER, SUITABILITY, not_looked_at, site_words, wave_line
from auditor.report.terminal.coverage import refusals

MOST = 50
"""Maximum number of rows of a table, so that the report fits into a ticket."""


def render(report: ReadinessReport) -> str:
    """Return readiness as Markdown, in which foreign text mentions nobody and links nowhere."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: ReadinessReport) -> Iterator[str]:
    yield from ("# Azure Migrate readiness", "")
    when = f"{report.evaluated_at:%Y-%m-%d %H:%M} UTC"
    yield f"{code(report.tenant_name)} · as of {when} · read by {code(report.read_by)}"
    yield from ("", f"**{plain(report.headline)}.**")
    yield from _waves(report)
    yield from _causes(report)
    yield from _sites(report)
    failing = report.with_verdict(Verdict.FAIL)
    if failing:
        yield from ("", "## What to look at", "")
        places = Places(report)
        for finding in failing[:MOST]:
            place = places.of(finding)
            yield f"- {finding.severity.value}: {plain(finding.message)} ({code(finding.rule)})"
            if where := " · ".join(f"{label.lower()} {code(text)}" for label, text in place.lines):
                yield f"    - {where}"
            links = (("in the portal", place.portal), ("about this rule", place.rule_link))
            if shown := " · ".join(f"[{text}](<{link}>)" for text, link in links if link):
                yield f"    - {shown}"
        yield from _rest(len(failing))
    yield from _unknown(report)


def _waves(report: ReadinessReport) -> Iterator[str]:
    waves = report.readiness.waves
    if not waves:
        return
    yield from ("", "## Assessments", "")
    yield (
        "| assessment | machines | "
        + " | ".join(SUITABILITY[one] for one in ORDER)
        + " | confidence | sizing | state |"
    )
    yield "| --- | --: | --: | --: | --: | --: | --: | --- | --- |"
    for wave in waves[:MOST]:
        line = wave_line(wave)
        machines, *rest = ("?" if one is None else f"{one:,}" for one in (line.machines, *line.numbers))
        numbers = " | ".join((f"{machines}{'+' if line.least else ''}", *rest))
        place = " · ".join(cell(code(one)) for one in (line.name, line.group, line.project) if one)
        yield f"| {place} | {numbers} | {line.confidence} | {plain(line.criterion)} | {line.state} |"
    yield from _rest(len(waves))
    remarks = [(wave_line(wave).name, remark) for wave in waves[:MOST] for remark in wave_line(wave).remarks]
    if remarks:
        yield ""
        yield from (f"- {code(name)}: {plain(remark)}" for name, remark in remarks)


def _causes(report: ReadinessReport) -> Iterator[str]:
    for title, causes in (
        ("What keeps machines from moving", report.obstacles),
        ("What makes sizes and costs less certain", report.remarks),
    ):
        if not causes:
            continue
        yield from ("", f"## {title}", "", "| machines | cause | what to do |", "| --: | --- | --- |")
        for one in causes[:MOST]:
            level = "" if one.level == "machine" else f" ({one.level})"
            note = f" {plain(one.note)}" if one.note else ""
            yield f"| {one.count.machines:,} | {cell(plain(one.title))}{level} | {cell(plain(one.remedy))}{note} |"
        yield from _rest(len(causes))


def _sites(report: ReadinessReport) -> Iterator[str]:
    sites = report.readiness.sites
    if not sites:
        return
    yield from ("", "## Discovery", "")
    for site in sites[:MOST]:
        words = " · ".join(plain(one) for one in site_words(site, report.readiness.now))
        yield f"- {code(site.name)} ({site.platform}): {words}"
    yield from _rest(len(sites))


def _unknown(report: ReadinessReport) -> Iterator[str]:
    yield from ("", "## Not looked at, not read", "")
    yield f"- not looked at: {'; '.join(plain(one) for one in not_looked_at(report))}"
    for refusal in refusals(report.readiness.unread):
        lists = ", ".join(code(one) for one in refusal.lists)
        scopes = ", ".join(code(one) for one in refusal.scopes[:5])
        more = f" and {len(refusal.scopes) - 5:,} more" if len(refusal.scopes) > 5 else ""
        cures = f"; cure: grant {', '.join(code(one) for one in refusal.cures)}" if refusal.cures else ""
        yield f"- {plain(refusal.answer)}: {lists} at {scopes}{more}{cures}"


def _rest(count: int) -> Iterator[str]:
    if count > MOST:
        yield from ("", f"… and {count - MOST:,} more; `--format json` contains all of them")
