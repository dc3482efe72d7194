"""The comparison of two scans for a terminal: what is new first, what is fixed last."""

from collections import Counter
from collections.abc import Iterable

from auditor.audit.compare.comparison import ChangeKind, Comparison, VerdictChange
from auditor.report.counted import counted
from auditor.report.inert import prose
from auditor.report.shown_changes import ShownChanges
from auditor.report.terminal.bounded_rows import BoundedRow, BoundedRows
from auditor.report.terminal.page import Column, Page, Part
from auditor.report.terminal.problem_rows import BROAD, BROAD_ERROR, NARROW, error_cell
from auditor.report.terminal.style import PageStyle, TableStyle
from auditor.report.terminal.summary import SEVERITY_STYLE

_TITLES = {
    ChangeKind.NEW: ("NEW", "bold red"),
    ChangeKind.CHANGED: ("CHANGED", "bold yellow"),
    ChangeKind.UNKNOWN: ("NO LONGER KNOWN", "bold yellow"),
    ChangeKind.SAME: ("STILL THERE", "bold"),
    ChangeKind.FIXED: ("FIXED", "bold green"),
}
_WORDS = {
    ChangeKind.NEW: "new",
    ChangeKind.CHANGED: "changed",
    ChangeKind.UNKNOWN: "not known",
    ChangeKind.SAME: "still there",
    ChangeKind.FIXED: "fixed",
}
"""What a row says of its change."""


def render(comparison: Comparison, style: TableStyle, shown: ShownChanges | None = None) -> str:
    """Return the comparison as text: a row a change, the numbers below it; what is still there is only counted.

    With `verbose` every change has its details before that, with `shown` those that it names, and no table.
    """
    text = _page(comparison, style, shown, worst_last=False)
    return text if style.holds(text) else _page(comparison, style, shown, worst_last=True)


def _page(comparison: Comparison, style: TableStyle, shown: ShownChanges | None, *, worst_last: bool) -> str:
    page = Page(style)
    old, new = comparison.old, comparison.new
    page.line((f"{new.tenant_id} · {old.at:%Y-%m-%d %H:%M} UTC → {new.at:%Y-%m-%d %H:%M} UTC", "dim"))
    if shown is not None:
        write_details(page, shown.changes)
        page.gap()
        for text in shown.unchanged:
            page.line(f"`{text}` has no problem in either result")
        page.line((f"{counted(len(shown.changes), 'change')} shown, of these:", "dim"))
    else:
        if style.verbose:
            write_details(page, comparison.changes)
        ChangeRows(comparison.changes, style).write(page, worst_last=worst_last)
        page.gap()
    page.line((changes_in_words(comparison.changes), "bold"))
    if comparison.less_severe and comparison.less_severe.words:
        page.line((comparison.less_severe.words, "dim"))
    if style.command and shown is None and comparison.changes:
        first = comparison.changes[0].stand.rule
        page.commands(
            [
                (f"{style.command} --show {first}", "what is said of it; also --show NAME|ERROR"),
                (f"{style.command} --verbose", "everything, also what is still there"),
            ]
        )
    return page.text()


class ChangeRows:
    """The changes as a table, a row each, what is new first; what is still there has no row."""

    def __init__(self, changes: Iterable[VerdictChange], style: PageStyle) -> None:
        moved = [change for change in changes if change.fate is not ChangeKind.SAME]
        self._broad = style.width >= BROAD
        self._narrow = style.width < NARROW
        self._rows = BoundedRows(
            moved, lambda change: (change.fate, change.stand.rule), lambda change: change.stand.severity
        )

    def write(self, page: Page, *, worst_last: bool = False) -> None:
        """Write the table, and how many changes have no row in it."""
        if not self._rows.shown:
            return
        page.gap()
        left_out = self._rows.left_out("more change")
        if worst_last and left_out:
            page.line(left_out)
        rows = reversed(self._rows.shown) if worst_last else self._rows.shown
        page.table(self._columns(), map(self._cells, rows), names_below=worst_last)
        if not worst_last and left_out:
            page.line(left_out)

    def _columns(self) -> list[Column]:
        """Return the columns for which there is room."""
        columns = [Column(whole=True), Column(name="severity", whole=True), Column(name="who or what")]
        columns.append(Column(name="rule", whole=not self._narrow))
        if self._broad:
            columns.insert(2, Column(name="error", most=BROAD_ERROR))
            columns.append(Column(name="note"))
        return columns

    def _cells(self, row: BoundedRow[VerdictChange]) -> list[Part]:
        change, stand = row.item, row.item.stand
        word, look = _WORDS[change.fate], _TITLES[change.fate][1]
        suppressed = "  suppressed" if stand.suppressed else ""
        cells: list[Part] = [
            (word, look),
            (stand.severity.value, "dim" if stand.suppressed else SEVERITY_STYLE[stand.severity]),
            (row.words or stand.subject.name, "bold"),
            (f"{stand.rule}{suppressed}", "dim"),
        ]
        if self._broad:
            cells.insert(2, "" if row.more else error_cell(stand.errors, broad=True))
            cells.append("" if row.more else (prose(change.why), "dim"))
        return cells


def changes_in_words(changes: Iterable[VerdictChange]) -> str:
    """Return the number of changes of each kind in words; those of notes apart."""
    every = tuple(changes)
    counts = Counter(change.fate for change in every if not change.is_of_note)
    notes = Counter(change.fate for change in every if change.is_of_note)
    of_notes = ", ".join(f"{notes[fate]:,} {title.lower()}" for fate, (title, _) in _TITLES.items() if notes[fate])
    words = [f"{counts[fate]:,} {title.lower()}" for fate, (title, _) in _TITLES.items()]
    return " · ".join((*words, *((f"notes: {of_notes}",) if of_notes else ())))


def write_details(page: Page, changes: Iterable[VerdictChange]) -> None:
    """Write the changes with all that is said of them, by kind, what is new first."""
    every = tuple(changes)
    for fate, (title, look) in _TITLES.items():
        held = [change for change in every if change.fate is fate]
        if held:
            page.gap()
            notes = sum(change.is_of_note for change in held)
            of_notes = f" · {counted(notes, 'note')}" if notes else ""
            page.heading(f"{title} · {len(held) - notes:,}{of_notes}", look)
            for change in held:
                _write(page, change)


def _write(page: Page, change: VerdictChange) -> None:
    stand = change.stand
    errors = f"  error {', '.join(stand.errors)}" if stand.errors else ""
    suppressed = "  suppressed" if stand.suppressed else ""
    page.labelled(
        "- ",
        (stand.severity.value, SEVERITY_STYLE[stand.severity]),
        "  ",
        (prose(stand.title), "bold"),
        errors,
        (suppressed, "dim"),
        (f"  {stand.rule}", "dim"),
    )
    page.labelled("  where  ", (stand.subject.name, "bold"), (f"  {stand.subject.id}", "dim"))
    if change.fate in {ChangeKind.NEW, ChangeKind.CHANGED}:
        page.labelled("  why    ", prose(stand.message))
    if change.why:
        page.labelled("  note   ", prose(change.why))
