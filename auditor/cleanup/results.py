"""What came of each item of a plan."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from auditor.cleanup.plan import Item


class Outcome(Enum):
    """What applying or restoring came to for one item."""

    DELETED = "deleted"
    DONE_BEFORE = "done before"
    """An earlier run deleted it."""
    GONE = "gone"
    """Somebody else deleted it meanwhile."""
    WOULD_DELETE = "would be deleted"
    CHANGED = "changed"
    """It is not what it was when the plan was made, so it was left alone."""
    REFUSED = "refused"
    """Something stands against it, so it was left alone."""
    UNCONFIRMED = "not confirmed"
    REFUSED_BY_AZURE = "refused by Azure"
    """Azure said itself that it did not, or could not, do it."""
    ACCEPTED = "accepted, end not seen"
    """Azure took the deletion in; another run sees to its end."""
    UNKNOWN = "unknown whether it arrived"
    """The request left, and nothing tells what came of it; another run finds out before it sends anything."""
    NOT_REACHED = "not reached"
    RESTORED = "restored"
    WOULD_RESTORE = "would be restored"
    PARTLY_RESTORED = "partly restored"
    STOPPED = "stopped"
    """It is not back, and whether it can come back is not known; another run goes on."""
    LOST = "lost"
    """It cannot come back."""

    @property
    def detail(self) -> str:
        """The outcome as a word of JSON."""
        return self.value.replace(",", "").replace(" ", "_").lower()

    @property
    def summary(self) -> str:
        """One of `deleted`, `accepted`, `refused`, `skipped` and `unknown`; of what restores, the outcome itself."""
        return _SUMMARIES.get(self, self.detail)


_SUMMARIES = {
    Outcome.DONE_BEFORE: "deleted",
    Outcome.GONE: "skipped",
    Outcome.WOULD_DELETE: "skipped",
    Outcome.CHANGED: "skipped",
    Outcome.UNCONFIRMED: "skipped",
    Outcome.NOT_REACHED: "skipped",
    Outcome.REFUSED_BY_AZURE: "refused",
    Outcome.ACCEPTED: "accepted",
    Outcome.UNKNOWN: "unknown",
}
OPEN = frozenset({Outcome.ACCEPTED, Outcome.UNKNOWN, Outcome.REFUSED_BY_AZURE})
"""What keeps a run from touching any further item."""


class RunEnd(Enum):
    """How a whole run ended."""

    DONE = "done"
    STALE = "stale"
    STOPPED = "stopped"
    REFUSED = "refused"


_ENDS = (
    (RunEnd.STOPPED, {*OPEN, Outcome.STOPPED, Outcome.NOT_REACHED, Outcome.PARTLY_RESTORED}),
    (RunEnd.STALE, {Outcome.CHANGED}),
    (RunEnd.REFUSED, {Outcome.REFUSED, Outcome.UNCONFIRMED, Outcome.LOST}),
)


@dataclass(frozen=True, slots=True)
class ItemResult:
    """What came of one item, with the reasons, a sentence each.

    `unwritten` says that the journal lacks what was done: the terminal has to tell it.
    """

    item: Item
    outcome: Outcome
    why: tuple[str, ...] = ()
    unwritten: bool = False


def end_of(results: Iterable[ItemResult]) -> RunEnd:
    """Return how the run ended: unfinished work counts most, then a plan that no longer fits, then refusals."""
    outcomes = {result.outcome for result in results}
    return next((end for end, those in _ENDS if outcomes & those), RunEnd.DONE)
