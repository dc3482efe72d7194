"""Failing calls of a capture, those that are alike together, in the order of their time."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from auditor.har.calls import Call, CallOutcome
from auditor.har.failure_kinds import FailureKind, kind_of
from auditor.har.services import Service

MOST = 5_000
"""Maximum number of different failures that are kept; further ones are counted."""
_MOST_CORRELATIONS = 5

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

    def add(self, call: Call) -> None:
        """Count one more call; a failure after a success is one again."""
        self.count += 1
        self.worked_later, self.succeeded = False, None
        self.note(call)

    def join(self, other: "FailureGroup") -> None:
        """Count the calls of a later group too."""
        self.count += other.count
        self.worked_later, self.succeeded = other.worked_later, other.succeeded
        for at in filter(None, (other.first, other.last)):
            self.first, self.last = min(self.first or at, at), max(self.last or at, at)
        self.correlations = [*dict.fromkeys((*self.correlations, *other.correlations))][:_MOST_CORRELATIONS]

    def note(self, call: Call) -> None:
        """Keep the time of a call, and its correlation id."""
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

    def add(self, call: Call) -> bool:
        """Note a call: a failing one in its group, one that worked for the groups of the same call.

        Returns whether the call is the first of a group.
        """
        key = _key(call)
        if call.outcome is CallOutcome.ANSWERED:
            for group in self._by_call.get(key, ()):
                if _repeats(call, group):
                    group.worked_later, group.succeeded = True, group.succeeded or call.at
            return False
        whole = _whole_key(call)
        known = self._groups.get(whole)
        if known is not None:
            known.add(call)
        elif len(self._groups) >= MOST:
            self.left_out += 1
        else:
            group = self._groups[whole] = FailureGroup(kind_of(call), call)
            group.note(call)
            self._by_call.setdefault(key, []).append(group)
            return True
        return False

    def add_all(self, calls: Iterable[Call]) -> None:
        """Note each call."""
        for call in calls:
            self.add(call)

    def clean(self, cleaned: Callable[[Call], Call]) -> None:
        """Replace each call by what may be shown of it; groups that are alike by now become one."""
        found: dict[_WholeKey, FailureGroup] = {}
        for group in self:
            group.call = cleaned(group.call)
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


def _repeats(call: Call, group: FailureGroup) -> bool:
    """Whether a call that worked is certainly the failing one again, and later.

    What a POST sends is not kept, nor are the values of parameters, by which calls of Graph differ.
    """
    is_earlier = call.at is not None and group.last is not None and call.at < group.last
    is_other = call.address.query != group.call.address.query or (call.service is Service.GRAPH and call.address.query)
    return not (call.method == "POST" or is_earlier or is_other)
