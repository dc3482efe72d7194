"""Failing calls of a capture, those that are alike together, in the order of their time."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from auditor.har.calls import Call, CallOutcome
from auditor.har.failure_kinds import FailureKind, kind_of

MOST = 5_000
"""Maximum number of different failures that are kept; further ones are counted."""
_MOST_CORRELATIONS = 5
"""Maximum number of correlation ids that are kept of one group; support needs one."""
_MOST_ASKED = 1_000
_MOST_WORKED = 50_000

_Key = tuple[str, str, str, str]
_WholeKey = tuple[_Key, int, str]


@dataclass(slots=True)
class FailureGroup:
    """Calls of one account and method to one address that failed in the same way; `call` is the first of them.

    `first` and `last` are None where the capture has no times. `succeeded` is the time at which the same call worked
    later, and `worked_later` says that it did, also where there are no times.
    """

    kind: FailureKind
    call: Call
    count: int = 1
    first: datetime | None = None
    last: datetime | None = None
    worked_later: bool = False
    succeeded: datetime | None = None
    correlations: list[str] = field(default_factory=list)
    open: dict[int, datetime | None] = field(default_factory=dict)
    """What was asked and did not work since, with the time of its last failure."""

    def add(self, call: Call, worked: datetime | None) -> None:
        """Count one more call, which worked at `worked`, as far as is known; a failure after a success is one again."""
        self.count += 1
        self.note(call, worked)

    @property
    def correlated(self) -> str:
        """The correlation ids in words: those of the first calls, and that there are further ones; empty for none."""
        further = len(self.correlations) == _MOST_CORRELATIONS < self.count
        return f"{', '.join(self.correlations)}{' and those of further calls' if further else ''}"

    def join(self, other: "FailureGroup") -> None:
        """Count the calls of a later group too."""
        self.count += other.count
        self.worked_later = self.worked_later and other.worked_later
        self.succeeded = max(filter(None, (self.succeeded, other.succeeded)), default=None)
        for at in filter(None, (other.first, other.last)):
            self.first, self.last = min(self.first or at, at), max(self.last or at, at)
        self.correlations = [*dict.fromkeys((*self.correlations, *other.correlations))][:_MOST_CORRELATIONS]

    def work(self, asked: int, at: datetime | None) -> None:
        """Note that something worked at a time; it counts if everything that failed did."""
        failed = self.open.get(asked)
        if asked in self.open and not (at is not None and failed is not None and at < failed):
            del self.open[asked]
            self.succeeded = max(filter(None, (self.succeeded, at)), default=None)
            self.worked_later = not self.open

    def note(self, call: Call, worked: datetime | None) -> None:
        """Keep the time of a call, whether it worked later, and its correlation id."""
        if len(self.open) < _MOST_ASKED:
            failed = self.open.get(call.asked)
            self.open[call.asked] = max(filter(None, (failed, call.at)), default=None)
        self.worked_later, self.succeeded = False, None
        if worked is not None and call.at is not None:
            self.work(call.asked, worked)
        if call.at is not None:
            self.first = min(self.first or call.at, call.at)
            self.last = max(self.last or call.at, call.at)
        if call.correlation and call.correlation not in self.correlations:
            self.correlations = [*self.correlations, call.correlation][:_MOST_CORRELATIONS]


class FailureGroups:
    """The groups of a capture; `left_out` counts the failures that are in none because there are too many."""

    def __init__(self) -> None:
        self.left_out = 0
        self._groups: dict[_WholeKey, FailureGroup] = {}
        self._by_call: dict[_Key, list[FailureGroup]] = {}
        self._new: list[FailureGroup] = []
        self._worked: dict[int, datetime] = {}
        """When a call worked last, for files whose entries are in no order."""

    def add(self, call: Call) -> bool:
        """Note a call: a failing one in its group, one that worked for the groups of the same call.

        Returns whether the call is the first of a group.
        """
        key = _key(call)
        mark = hash((key, call.asked))
        if call.outcome is CallOutcome.ANSWERED:
            if call.method != "?" and call.asked:
                self._work(key, mark, call)
            return False
        whole, worked = _whole_key(call), self._worked.get(mark)
        known = self._groups.get(whole)
        if known is not None:
            known.add(call, worked)
        elif len(self._groups) >= MOST:
            self.left_out += 1
        else:
            group = self._groups[whole] = FailureGroup(kind_of(call), call)
            group.note(call, worked)
            self._by_call.setdefault(key, []).append(group)
            self._new.append(group)
            return True
        return False

    def _work(self, key: _Key, mark: int, call: Call) -> None:
        """Note a call that worked, also for failures of it that stand further on in the file."""
        for group in self._by_call.get(key, ()):
            group.work(call.asked, call.at)
        if call.at is not None and (mark in self._worked or len(self._worked) < _MOST_WORKED):
            self._worked[mark] = max(self._worked.get(mark, call.at), call.at)

    def add_all(self, calls: Iterable[Call]) -> None:
        """Note each call."""
        for call in calls:
            self.add(call)

    def clean(self, cleaned: Callable[[Call], Call]) -> None:
        """Replace the calls that are new since the last time by what may be shown of them."""
        for group in self._new:
            group.call = cleaned(group.call)
        self._new.clear()

    def merge(self) -> None:
        """Make one group of those that are alike by now; at the end, when all calls are clean."""
        found: dict[_WholeKey, FailureGroup] = {}
        for group in self:
            known = found.setdefault(_whole_key(group.call), group)
            if known is not group:
                known.join(group)
        self._groups, self._by_call = found, {}

    def __iter__(self) -> Iterator[FailureGroup]:
        """Yield the groups by the time of their first call; those without a time last, in the order of the file."""
        groups = self._groups.values()
        yield from sorted(groups, key=lambda one: (one.first is None, one.first.timestamp() if one.first else 0.0))


def _key(call: Call) -> _Key:
    return call.caller, call.method, call.address.host, call.address.path.lower()


def _whole_key(call: Call) -> _WholeKey:
    return _key(call), call.status, call.said.code.lower() or call.said.message or call.why
