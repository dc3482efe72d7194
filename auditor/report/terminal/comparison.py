"""The comparison of two scans for a terminal: what is new first, what is fixed last."""

from collections import Counter
from collections.abc import Iterable

from auditor.audit.compare.comparison import ChangeKind, Comparison, VerdictChange
from auditor.report.counted import counted
from auditor.report.inert import prose
from auditor.report.terminal.page import Page
from auditor.report.terminal.style import PageStyle

_TITLES = {
    ChangeKind.NEW: ("NEW", "bold red"),
    ChangeKind.CHANGED: ("CHANGED", "bold yellow"),
    ChangeKind.UNKNOWN: ("NO LONGER KNOWN", "bold yellow"),
    ChangeKind.SAME: ("STILL THERE", "bold"),
    ChangeKind.FIXED: ("FIXED", "bold green"),
}


def render(comparison: Comparison, style: PageStyle, *, verbose: bool = False) -> str:
    """Return the comparison as text; findings that are still there are counted, and listed only with `verbose`."""
    page = Page(style)
    old, new = comparison.old, comparison.new
    page.line((f"{new.tenant_id} · {old.at:%Y-%m-%d %H:%M} UTC → {new.at:%Y-%m-%d %H:%M} UTC", "dim"))
    page.gap()
    page.line(changes_in_words(comparison.changes))
    write_changes(page, comparison.changes, verbose=verbose)
    return page.text()


def changes_in_words(changes: Iterable[VerdictChange]) -> str:
    """Return the number of changes of each kind in words; those of notes apart."""
    every = tuple(changes)
    counts = Counter(change.fate for change in every if not change.is_of_note)
    notes = Counter(change.fate for change in every if change.is_of_note)
    of_notes = ", ".join(f"{notes[fate]:,} {title.lower()}" for fate, (title, _) in _TITLES.items() if notes[fate])
    words = [f"{counts[fate]:,} {title.lower()}" for fate, (title, _) in _TITLES.items()]
    return " · ".join((*words, *((f"notes: {of_notes}",) if of_notes else ())))


def write_changes(page: Page, changes: Iterable[VerdictChange], *, verbose: bool) -> None:
    """Write the changes by kind, what is new first; what is still there only with `verbose`."""
    every = tuple(changes)
    for fate, (title, look) in _TITLES.items():
        held = [change for change in every if change.fate is fate]
        if held and (verbose or fate is not ChangeKind.SAME):
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
        f"{stand.severity.value:<9}",
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
