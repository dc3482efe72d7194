"""Results of a run: the outcome of each item, and the end of the whole run."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from auditor.cleanup.plan import Item


class Outcome(Enum):
    """The outcomes of applying or restoring one item."""

    DELETED = "deleted"
    DONE_BEFORE = "done before"
    """An earlier run deleted it."""
    GONE = "gone"
    """Somebody else deleted it meanwhile."""
    WOULD_DELETE = "would be deleted"
    CHANGED = "changed"
    """It has changed since the plan was made, so it was not touched."""
    REFUSED = "refused"
    """Something forbids deleting it, so it was not touched."""
    UNCONFIRMED = "not confirmed"
    REFUSED_BY_AZURE = "refused by Azure"
    """Azure answered that it did not, or could not, delete it."""
    ACCEPTED = "accepted, end not seen"
    """Azure accepted the deletion; another run checks its end."""
    UNKNOWN = "unknown whether it arrived"
    """The request was sent and its outcome is not known; another run finds out before it sends anything."""
    NOT_REACHED = "not reached"
    RESTORED = "restored"
    WOULD_RESTORE = "would be restored"
    PARTLY_RESTORED = "partly restored"
    STOPPED = "stopped"
    """It is not back, and whether it can be restored is not known; another run continues."""
    LOST = "lost"
    """It cannot be restored."""

    @property
    def detail(self) -> str:
        """The outcome as a word of JSON."""
        return self.value.replace(",", "").replace(" ", "_").lower()

    @property
    def summary(self) -> str:
        """One of `deleted`, `accepted`, `refused`, `skipped` and `unknown`; for a restoration, the outcome itself."""
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
"""The outcomes after which a run touches no further item."""


class RunEnd(Enum):
    """The ends of a whole run."""

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
    """The result of one item, with the reasons, one sentence each.

    `unwritten` says that the journal lacks what was done, so that the terminal must show it.
    """

    item: Item
    outcome: Outcome
    why: tuple[str, ...] = ()
    unwritten: bool = False


def end_of(results: Iterable[ItemResult]) -> RunEnd:
    """Return how the run ended: unfinished work counts most, then a plan that no longer fits, then refusals."""
    outcomes = {result.outcome for result in results}
    return next((end for end, those in _ENDS if outcomes & those), RunEnd.DONE)
