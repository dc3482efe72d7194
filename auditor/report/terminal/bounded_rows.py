"""The rows of a table that stays about as long as a screen: bounded for each kind and in all, each cut with a count."""

from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from auditor.audit.findings import Severity
from auditor.report.counted import counted

MOST_OF_KIND = 10
"""Maximum number of rows of one kind, such as one rule; the last of them counts what was left out."""
MOST_ROWS = 60
"""Maximum number of rows; what is left out is counted by severity."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class BoundedRow(Generic[T]):
    """One row: an item, or as whose last one it says that so many more of its kind were left out."""

    item: T
    more: int = 0

    @property
    def words(self) -> str:
        """How many more of its kind there are; empty for an item."""
        return f"and {self.more:,} more" if self.more else ""


class BoundedRows(Generic[T]):
    """The rows that are shown, in their order, and the number of items without one, by severity."""

    def __init__(
        self, items: Sequence[T], kind_of: Callable[[T], Hashable], severity_of: Callable[[T], Severity]
    ) -> None:
        of_kind = Counter(map(kind_of, items))
        seen: Counter[Hashable] = Counter()
        rows: list[BoundedRow[T]] = []
        for item in items:
            kind = kind_of(item)
            seen[kind] += 1
            if seen[kind] < MOST_OF_KIND or of_kind[kind] <= MOST_OF_KIND:
                rows.append(BoundedRow(item))
            elif seen[kind] == MOST_OF_KIND:
                rows.append(BoundedRow(item, of_kind[kind] - MOST_OF_KIND + 1))
        self.shown = tuple(rows[:MOST_ROWS])
        self._left_out: Counter[Severity] = Counter()
        for row in rows[MOST_ROWS:]:
            self._left_out[severity_of(row.item)] += row.more or 1

    def left_out(self, what: str) -> str:
        """Return how many items have no row, by severity; empty if all have one. `what` is one of them, in words."""
        if not self._left_out:
            return ""
        by_severity = ", ".join(f"{self._left_out[one]:,} {one.value}" for one in Severity if self._left_out[one])
        return f"and {counted(self._left_out.total(), what)} ({by_severity})"
