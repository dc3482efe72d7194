"""The result of a scan on about one screen: a row a problem, a line each for notes, unknown rules and the coverage.

Worst first, and within a severity by project, account and rule. Where the screen is too small for all of it, the least
severe come first, so that the worst stand above the prompt when the command ends.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from auditor.audit.findings import Finding, Severity, Verdict
from auditor.report.counted import counted
from auditor.report.inert import prose
from auditor.report.place import Place, Places
from auditor.report.result import ScanResult
from auditor.report.terminal.coverage import answer_of, write_absent_types
from auditor.report.terminal.page import Column, Page, Part
from auditor.report.terminal.style import TableStyle
from auditor.report.terminal.summary import SEVERITY_STYLE, VERDICT_STYLE, write_origin, write_summary

MOST_OF_RULE = 10
"""Maximum number of problems of one rule that have a row each."""
MOST_ROWS = 60
"""Maximum number of rows; what is left out is counted by severity."""
MOST_ACCEPTED = 4
"""Maximum number of acceptances that are written out."""
MOST_UNKNOWN = 6
"""Maximum number of rules that are unknown and have a line each."""
MOST_NOTES = 12
"""Maximum number of rules that are named for their notes."""

_NARROWEST = 56
"""Columns below which rules are cut, too."""
_NARROW = 72
"""Columns below which there is no room for errors and projects."""
_BROAD = 100
"""Columns from which on there is room for how many errors a rule explains."""
_BROADEST = 150
"""Columns from which on there is room for the title of a rule."""
_BELOW = 4
"""Lines below the page when a command has ended: a note on stderr, and the prompt."""
_BROAD_ERROR = 12
_SHORT = 8
"""Characters of an error that stands for the others of its rule, where one is so short."""


@dataclass(frozen=True, slots=True)
class _Row:
    """One row: a problem with its place, or that so many more of its rule were left out."""

    problem: Finding
    place: Place
    more: int = 0


class ProblemTable:
    """The result of a scan as it is written on a page."""

    def __init__(self, result: ScanResult, style: TableStyle) -> None:
        self._result = result
        self._style = style
        self._narrow = style.width < _NARROW
        self._broad = style.width >= _BROAD
        self._broadest = style.width >= _BROADEST
        self._rows, self._left_out = _rows(result)

    def text(self) -> str:
        """Return the page, the least severe first where the screen is too small for it."""
        text = self._page(worst_last=False)
        rows = self._style.rows
        return self._page(worst_last=True) if rows is not None and len(text.splitlines()) > rows - _BELOW else text

    def _page(self, *, worst_last: bool) -> str:
        page = Page(self._style)
        write_origin(page, self._result)
        if worst_last:
            self._write_notes(page)
            self.write_problems(page, worst_last=True)
        else:
            self.write_problems(page)
            self._write_notes(page)
        self._write_unknown(page)
        page.gap()
        self._write_coverage(page)
        write_summary(page, self._result)
        self._write_commands(page)
        return page.text()

    def write_problems(self, page: Page, *, worst_last: bool = False) -> None:
        """Write the table, and how many problems have no row in it."""
        if not self._rows:
            return
        page.gap()
        if worst_last:
            self._write_left_out(page)
        rows = list(reversed(self._rows)) if worst_last else self._rows
        page.table(self._columns(), [self._cells(page, row) for row in rows], names_below=worst_last)
        if not worst_last:
            self._write_left_out(page)
        self._write_accepted(page)

    def _columns(self) -> list[Column]:
        """Return the columns for which there is room."""
        columns = [
            Column(whole=True),
            Column(name="who or what"),
            Column(name="rule", whole=self._style.width >= _NARROWEST),
        ]
        if not self._narrow:
            columns.insert(1, Column(name="error", most=_BROAD_ERROR if self._broad else _SHORT))
            columns.insert(3, Column(name="project"))
        return [*columns, *([Column(name="title")] if self._broadest else [])]

    def _cells(self, page: Page, row: _Row) -> list[Part]:
        finding, place = row.problem, row.place
        style = "dim" if finding.suppressed else SEVERITY_STYLE[finding.severity]
        who = place.account.short if finding.subject.kind == "registration" else finding.subject.name
        accepted = "  suppressed" if finding.suppressed else ""
        cells: list[Part] = [
            (finding.severity.value, style),
            (f"and {row.more:,} more", "bold") if row.more else (who, page.linked("bold", place.portal or None)),
            (f"{finding.rule}{accepted}", page.linked("dim", place.rule_link or None)),
        ]
        if not self._narrow:
            cells.insert(1, "" if row.more else self._error(finding))
            cells.insert(3, "" if row.more else (place.project, "bold"))
        return [*cells, *([prose(finding.title)] if self._broadest else [])]

    def _error(self, finding: Finding) -> str:
        """Return the error that stands for all that the rule explains, and the number of the others."""
        if not finding.errors:
            return ""
        first = next((error for error in finding.errors if len(error) <= _SHORT), finding.errors[0])
        others = len(finding.errors) - 1
        return f"{first} +{others}" if others and self._broad else first

    def _write_left_out(self, page: Page) -> None:
        if self._left_out:
            by_severity = ", ".join(f"{count:,} {one.value}" for one, count in self._left_out.items())
            page.line(f"and {counted(self._left_out.total(), 'more problem')} ({by_severity})")

    def _write_accepted(self, page: Page) -> None:
        """Write who answers for what is suppressed, each acceptance once."""
        by_words = Counter(one.suppressed.words for one in self._result.findings if one.suppressed)
        for words, count in by_words.most_common(MOST_ACCEPTED):
            page.labelled("  ", f"{count:,} suppressed: {prose(words)}")
        if len(by_words) > MOST_ACCEPTED:
            page.labelled("  ", f"and {counted(len(by_words) - MOST_ACCEPTED, 'more reason')}")

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
        first = self._rows[0].problem if self._rows else None
        unknown = self._result.with_verdict(Verdict.UNKNOWN)
        if first or unknown:
            show = f"{command} --show {(first or unknown[0]).rule}"
            more = [(show, f"why{', and what to do' if first else ''}; also --show NAME|ERROR")]
        else:
            more = [(f"{command} --all-verdicts", "also what is in order")]
        more.append((f"{command} --verbose", "everything, also what was not read"))
        errors = [error for error in first.errors if len(error) <= _SHORT] if first else []
        if errors:
            more.append((f"migaudit explain {errors[0]}", "what an error means"))
        page.commands(more)


def _rows(result: ScanResult) -> tuple[list[_Row], Counter[Severity]]:
    """Return the rows, worst first, and the number of problems without one by severity."""
    places = Places(result)
    held = [_Row(finding, places.of(finding)) for finding in result.problems]
    weights = _weights(held)
    held.sort(key=lambda row: _order(row, weights))
    of_rule = Counter(row.problem.rule for row in held)
    shown: list[_Row] = []
    counts: Counter[str] = Counter()
    for row in held:
        rule = row.problem.rule
        counts[rule] += 1
        if counts[rule] < MOST_OF_RULE or of_rule[rule] <= MOST_OF_RULE:
            shown.append(row)
        elif counts[rule] == MOST_OF_RULE:
            shown.append(_Row(row.problem, row.place, of_rule[rule] - MOST_OF_RULE + 1))
    left_out: Counter[Severity] = Counter()
    for row in shown[MOST_ROWS:]:
        left_out[row.problem.severity] += row.more or 1
    return shown[:MOST_ROWS], left_out


def _weights(rows: Iterable[_Row]) -> dict[str, tuple[int, ...]]:
    """Return for each project how many problems of each severity it has, negative, so that the worst sorts first."""
    by_project: dict[str, Counter[Severity]] = defaultdict(Counter)
    for row in rows:
        by_project[row.place.project][row.problem.severity] += 1
    return {project: tuple(-held[severity] for severity in Severity) for project, held in by_project.items()}


def _order(row: _Row, weights: dict[str, tuple[int, ...]]) -> tuple[object, ...]:
    """Return the sort key: severity, project (the worst first), account, then as in every report."""
    project = row.place.project
    severity, rule = row.problem.rank[1:]
    return (
        row.problem.suppressed is not None,
        severity,
        not project,
        weights[project],
        project.lower(),
        not row.place.account.id,
        row.place.account.short.lower(),
        rule,
        row.problem.subject.id.lower(),
    )


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
