"""What came of each item of a plan."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from auditor.cleanup.plan import Item


class Outcome(Enum):
    """What applying or restoring came to for one item."""

    DELETED = "deleted"
    DONE_BEFORE = "done before"
    GONE = "gone"
    """Somebody else deleted it meanwhile."""
    WOULD_DELETE = "would be deleted"
    CHANGED = "changed"
    """It is not what it was when the plan was made, so it was left alone."""
    REFUSED = "refused"
    """Something stands against it, so it was left alone."""
    STOPPED = "stopped"
    """Azure refused it, or its end is not known yet; another run goes on."""
    NOT_REACHED = "not reached"
    RESTORED = "restored"
    WOULD_RESTORE = "would be restored"
    PARTLY_RESTORED = "partly restored"
    LOST = "lost"
    """It cannot come back."""


class End(Enum):
    """How a whole run ended."""

    DONE = "done"
    STALE = "stale"
    STOPPED = "stopped"
    REFUSED = "refused"


_ENDS = (
    (End.STOPPED, {Outcome.STOPPED, Outcome.NOT_REACHED, Outcome.PARTLY_RESTORED}),
    (End.STALE, {Outcome.CHANGED}),
    (End.REFUSED, {Outcome.REFUSED, Outcome.LOST}),
)


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one item, with the reasons, a sentence each."""

    item: Item
    outcome: Outcome
    why: tuple[str, ...] = ()


def end_of(results: Iterable[Result]) -> End:
    """Return how the run ended: unfinished work counts most, then a plan that no longer fits, then refusals."""
    outcomes = {result.outcome for result in results}
    return next((end for end, those in _ENDS if outcomes & those), End.DONE)
