"""The result of a scan on about one screen: a row a problem, a line each for notes, unknown rules and the coverage.

Worst first, and within a severity by project, account and rule. Where the screen is too small for all of it, the least
severe come first, so that the worst stand above the prompt when the command ends.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from auditor.audit.findings import Finding, Severity, Verdict
from auditor.report.counted import counted
from auditor.report.inert import prose
from auditor.report.result import ScanResult
from auditor.report.terminal.coverage import answer_of, write_absent_types
from auditor.report.terminal.page import Column, Page, Part
from auditor.report.terminal.problem_rows import SHORT, ProblemRows
from auditor.report.terminal.style import TableStyle
from auditor.report.terminal.summary import SEVERITY_STYLE, VERDICT_STYLE, write_origin, write_summary

MOST_UNKNOWN = 6
"""Maximum number of rules that are unknown and have a line each."""
MOST_NOTES = 12
"""Maximum number of rules that are named for their notes."""


class ProblemTable:
    """The result of a scan as it is written on a page."""

    def __init__(self, result: ScanResult, style: TableStyle) -> None:
        self._result = result
        self._style = style
        self.problems = ProblemRows(result, style)

    def text(self) -> str:
        """Return the page, the least severe first where the screen is too small for it."""
        text = self._page(worst_last=False)
        return text if self._style.holds(text) else self._page(worst_last=True)

    def _page(self, *, worst_last: bool) -> str:
        page = Page(self._style)
        write_origin(page, self._result)
        if worst_last:
            self._write_notes(page)
            self.problems.write(page, worst_last=True)
        else:
            self.problems.write(page)
            self._write_notes(page)
        self._write_unknown(page)
        page.gap()
        self._write_coverage(page)
        write_summary(page, self._result)
        self._write_commands(page)
        return page.text()

    def _write_notes(self, page: Page) -> None:
        """Write how many notes there are, and of which rules."""
        notes = self._result.notes
        if notes:
            by_rule = Counter(finding.rule for finding in notes).most_common()
            named = [rule if count == 1 else f"{rule} ({count:,})" for rule, count in by_rule[:MOST_NOTES]]
            more = f" and {counted(len(by_rule) - MOST_NOTES, 'more rule')}" if len(by_rule) > MOST_NOTES else ""
            page.gap()
            page.labelled(
                f"{counted(len(notes), 'note')}  ", f"{', '.join(named)}{more}", style=SEVERITY_STYLE[Severity.INFO]
            )

    def _write_unknown(self, page: Page) -> None:
        """Write a line for each rule that is unknown of something: of how much, of what, and why."""
        unknown = [finding for finding in self._result.with_verdict(Verdict.UNKNOWN) if not finding.is_only_unlisted]
        by_rule: dict[str, list[Finding]] = defaultdict(list)
        for finding in unknown:
            by_rule[finding.rule].append(finding)
        mark = VERDICT_STYLE[Verdict.UNKNOWN]
        if by_rule or self._result.unlisted_words:
            page.gap()
        rows: list[Sequence[Part]] = [
            ((f"{mark[0]} {len(held):,} unknown", mark[2]), rule, (prose(f"{_names(held)}: {_why(held)}"), "dim"))
            for rule, held in list(by_rule.items())[:MOST_UNKNOWN]
        ]
        if rows:
            page.table((Column(whole=True), Column(whole=True), Column(last=True)), rows)
        if len(by_rule) > MOST_UNKNOWN:
            page.line(f"and {counted(len(by_rule) - MOST_UNKNOWN, 'more rule')} that could not be decided everywhere")
        if self._result.unlisted_words:
            page.labelled(f"{mark[0]} ", prose(self._result.unlisted_words), style=mark[2])

    def _write_coverage(self, page: Page) -> None:
        coverage = self._result.coverage
        read = f"{counted(len(coverage.reads), 'list')} read completely, "
        write_absent_types(page, coverage)
        if coverage.gaps:
            page.line(read, (f"{len(coverage.gaps):,} not", "bold yellow"), "; what depends on those is unknown")
        else:
            page.line(read, ("nothing that was asked for left unread", "green"))

    def _write_commands(self, page: Page) -> None:
        """Write the commands that show more."""
        command = self._style.command
        if not command:
            return
        first = self.problems.first
        unknown = self._result.with_verdict(Verdict.UNKNOWN)
        if first or unknown:
            show = f"{command} --show {(first or unknown[0]).rule}"
            more = [(show, f"why{', and what to do' if first else ''}; also --show NAME|ERROR")]
        else:
            more = [(f"{command} --all-verdicts", "also what is in order")]
        more.append((f"{command} --verbose", "everything, also what was not read"))
        errors = [error for error in first.errors if len(error) <= SHORT] if first else []
        if errors:
            more.append((f"migaudit explain {errors[0]}", "what an error means"))
        page.commands(more)


def _names(findings: Sequence[Finding]) -> str:
    """Return the name of the first subject, and the number of the others."""
    others = len(findings) - 1
    return f"{findings[0].subject.name}{f' and {others:,} more' if others else ''}"


def _why(findings: Sequence[Finding]) -> str:
    """Return why these are unknown: the first reason, and the number of the others."""
    first, *others = dict.fromkeys(_reasons(findings)) or {"what was read does not decide it": None}
    return f"{first}{f' (and {len(others):,} more)' if others else ''}"


def _reasons(findings: Iterable[Finding]) -> Iterator[str]:
    for finding in findings:
        for gap in finding.gaps:
            yield gap.message if gap.is_undecidable else answer_of(gap)
