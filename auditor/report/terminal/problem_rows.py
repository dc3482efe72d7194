"""The problems of a report as a table, a row each: worst first, and within a severity by project, account and rule."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from auditor.audit.environment_report import FindingsReport
from auditor.audit.findings import Finding, Severity
from auditor.report.counted import counted
from auditor.report.inert import prose
from auditor.report.place import Place, Places
from auditor.report.terminal.bounded_rows import BoundedRow, BoundedRows
from auditor.report.terminal.page import Column, Page, Part
from auditor.report.terminal.style import PageStyle
from auditor.report.terminal.summary import SEVERITY_STYLE

MOST_ACCEPTED = 4
"""Maximum number of acceptances that are written out."""
SHORT = 8
"""Characters of an error that stands for the others of its rule, where one is so short."""

NARROWEST = 56
"""Columns below which rules are cut, too."""
NARROW = 72
"""Columns below which there is no room for errors and projects."""
BROAD = 100
"""Columns from which on there is room for how many errors a rule explains."""
_BROADEST = 150
"""Columns from which on there is room for the title of a rule."""
BROAD_ERROR = 12


@dataclass(frozen=True, slots=True)
class _PlacedProblem:
    """One problem, its place, and the names of its projects, told apart from others of the same name."""

    finding: Finding
    place: Place
    project: str


class ProblemRows:
    """The table of the problems, as it is written on a page."""

    def __init__(self, report: FindingsReport, style: PageStyle) -> None:
        self._report = report
        self._style = style
        self._narrow = style.width < NARROW
        self._broad = style.width >= BROAD
        self._broadest = style.width >= _BROADEST
        places = Places(report)
        located = [(finding, places.of(finding)) for finding in report.problems]
        labels = places.told_apart(project for _, place in located for project in place.projects)
        placed = [
            _PlacedProblem(finding, place, ", ".join(dict.fromkeys(labels[one] for one in place.projects)))
            for finding, place in located
        ]
        weights = _weights(placed)
        placed.sort(key=lambda one: _order(one, weights))
        self._rows = BoundedRows(placed, lambda one: one.finding.rule, lambda one: one.finding.severity)

    @property
    def first(self) -> Finding | None:
        """The problem of the first row; None without a problem."""
        return self._rows.shown[0].item.finding if self._rows.shown else None

    def write(self, page: Page, *, worst_last: bool = False, title: str = "") -> None:
        """Write the table, perhaps below a title, and how many problems have no row in it."""
        if not self._rows.shown:
            return
        page.gap()
        if title:
            page.heading(title)
        left_out = self._rows.left_out("more problem")
        if worst_last and left_out:
            page.line(left_out)
        rows = reversed(self._rows.shown) if worst_last else self._rows.shown
        page.table(self._columns(), [self._cells(page, row) for row in rows], names_below=worst_last)
        if not worst_last and left_out:
            page.line(left_out)
        self._write_accepted(page)

    def _columns(self) -> list[Column]:
        """Return the columns for which there is room."""
        columns = [
            Column(whole=True),
            Column(name="who or what"),
            Column(name="rule", whole=self._style.width >= NARROWEST),
        ]
        if not self._narrow:
            columns.insert(1, Column(name="error", most=BROAD_ERROR if self._broad else SHORT))
            columns.insert(3, Column(name="project"))
        return [*columns, *([Column(name="title")] if self._broadest else [])]

    def _cells(self, page: Page, row: BoundedRow[_PlacedProblem]) -> list[Part]:
        finding, place, project = row.item.finding, row.item.place, row.item.project
        style = "dim" if finding.suppressed else SEVERITY_STYLE[finding.severity]
        who = place.account.short if finding.subject.kind == "registration" else finding.subject.name
        accepted = "  suppressed" if finding.suppressed else ""
        cells: list[Part] = [
            (finding.severity.value, style),
            (row.words, "bold") if row.more else (who, page.linked("bold", place.portal or None)),
            (f"{finding.rule}{accepted}", page.linked("dim", place.rule_link or None)),
        ]
        if not self._narrow:
            cells.insert(1, "" if row.more else error_cell(finding.errors, broad=self._broad))
            cells.insert(3, "" if row.more else (project, "bold"))
        return [*cells, *([prose(finding.title)] if self._broadest else [])]

    def _write_accepted(self, page: Page) -> None:
        """Write who answers for what is suppressed, each acceptance once."""
        by_words = Counter(one.suppressed.words for one in self._report.findings if one.suppressed)
        for words, count in by_words.most_common(MOST_ACCEPTED):
            page.labelled("  ", f"{count:,} suppressed: {prose(words)}")
        if len(by_words) > MOST_ACCEPTED:
            page.labelled("  ", f"and {counted(len(by_words) - MOST_ACCEPTED, 'more reason')}")


def error_cell(errors: tuple[str, ...], *, broad: bool) -> str:
    """Return the error that stands for all of a rule, with the number of the others if there is room for it."""
    if not errors:
        return ""
    first = next((error for error in errors if len(error) <= SHORT), errors[0])
    others = len(errors) - 1
    counted_too = f"{first} +{others}"
    return counted_too if others and (broad or len(counted_too) <= SHORT) else first


def _weights(rows: Iterable[_PlacedProblem]) -> dict[str, tuple[int, ...]]:
    """Return for each project how many problems of each severity it has, negative, so that the worst sorts first."""
    by_project: dict[str, Counter[Severity]] = defaultdict(Counter)
    for row in rows:
        by_project[row.project][row.finding.severity] += 1
    return {project: tuple(-held[severity] for severity in Severity) for project, held in by_project.items()}


def _order(row: _PlacedProblem, weights: dict[str, tuple[int, ...]]) -> tuple[object, ...]:
    """Return the sort key: severity, project (the worst first), account, then as in every report."""
    project = row.project
    severity, rule = row.finding.rank[1:]
    return (
        row.finding.suppressed is not None,
        severity,
        not project,
        weights[project],
        project.lower(),
        not row.place.account.id,
        row.place.account.short.lower(),
        rule,
        row.finding.subject.id.lower(),
    )
