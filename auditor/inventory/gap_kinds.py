"""Gaps by kind: where many places hide the same thing for the same reason, they are one gap that names how many."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

from auditor.inventory.reads import NOT_PUBLISHED, NOT_SCANNED, NOTHING_UNREAD, Gap

MOST_NAMED = 10
"""The most gaps of one kind that are kept one by one."""


class ManyGaps(Gap, frozen=True, order=True):
    """The gaps of one kind in many places: the same list, status, code and permission; `each` has every single one.

    `scope` is one of the places, or what all are below; `message` is that of one of them. Facts about many things share
    one object, so that what they hold does not grow with the number of places.
    """

    each: frozenset[Gap] = frozenset()

    @property
    def others(self) -> str:
        """The places beside its scope in words; empty where the scope is above all of them."""
        places = self.places
        if self.scope not in places:
            return ""
        count = len(places) - 1
        return f" and {count:,} other place{'s' if count != 1 else ''}"

    @property
    def places(self) -> frozenset[str]:
        """The ids of all places."""
        return _places(self.each)

    def summary(self) -> Gap:
        """Return a plain gap that says in its message how many places there are."""
        others = self.others
        message = f"in {len(self.places):,} places, such as `{self.scope}`" if others else self.message
        return Gap(self.what, self.scope, self.status, self.code, message, self.needs)

    def as_dict(self) -> dict[str, Any]:
        """Return every field of the summary by name."""
        return self.summary().as_dict()


@dataclass(frozen=True, slots=True)
class GapKind:
    """What several places hide for the same reason: their number, and the first `MOST_NAMED` of them by name."""

    what: str
    code: str
    needs: str | None
    status: int
    message: str
    count: int
    scopes: tuple[str, ...]

    @property
    def is_undecidable(self) -> bool:
        """Whether nothing is unread: no list, read or not, would settle it; its message says all."""
        return self.code in NOTHING_UNREAD

    def as_dict(self) -> dict[str, Any]:
        """Return every field by name."""
        return {**asdict(self), "scopes": list(self.scopes)}


def kinds_of(gaps: Iterable[Gap]) -> tuple[GapKind, ...]:
    """Return the gaps by kind, in the order of their names."""
    kinds: dict[tuple[object, ...], list[Gap]] = defaultdict(list)
    for gap in gaps:
        kinds[_kind(gap)].append(gap)
    found = (_summary(alike) for alike in kinds.values())
    return tuple(sorted(found, key=lambda kind: (kind.what, kind.scopes, kind.code, kind.message)))


def _summary(alike: Sequence[Gap]) -> GapKind:
    gap, *others = alike
    if not others and isinstance(gap, ManyGaps):
        count, scopes = len(gap.places), _first(gap.each)
    else:
        places = {one.scope for one in single(alike)}
        count, scopes = len(places), tuple(sorted(places)[:MOST_NAMED])
    return GapKind(gap.what, gap.code, gap.needs, gap.status, gap.message, count, scopes)


@lru_cache(maxsize=4096)
def _places(each: frozenset[Gap]) -> frozenset[str]:
    return frozenset(gap.scope for gap in each)


@lru_cache(maxsize=4096)
def _first(each: frozenset[Gap]) -> tuple[str, ...]:
    return tuple(sorted(_places(each))[:MOST_NAMED])


def single(gaps: Iterable[Gap]) -> Iterator[Gap]:
    """Yield every single gap of `gaps`."""
    for gap in gaps:
        yield from gap.each if isinstance(gap, ManyGaps) else (gap,)


def plain(gaps: Iterable[Gap]) -> tuple[Gap, ...]:
    """Return the gaps with many of one kind as one plain gap, for files that hold gaps."""
    return tuple(gap.summary() if isinstance(gap, ManyGaps) else gap for gap in gaps)


def by_kind(gaps: Iterable[Gap]) -> tuple[Gap, ...]:
    """Return the gaps without duplicates, in their order; if any kind has more than `MOST_NAMED`, kind by kind."""
    every = tuple(dict.fromkeys(gaps))
    if len(every) <= 1:
        return every
    kinds: dict[tuple[object, ...], list[Gap]] = defaultdict(list)
    for gap in every:
        kinds[_kind(gap)].append(gap)
    joined = tuple(gap for alike in kinds.values() for gap in _joined(alike))
    return every if len(joined) == len(every) else joined


def many(alike: Sequence[Gap], *, scope: str = "") -> Gap:
    """Return one gap for several of one kind, with the message and, unless it is given, the scope of the first."""
    first = min(single(alike), key=lambda gap: gap.scope)
    each = frozenset(single(alike))
    return ManyGaps(first.what, scope or first.scope, first.status, first.code, first.message, first.needs, each)


def _kind(gap: Gap) -> tuple[object, ...]:
    says_all = gap.is_undecidable or gap.code in {NOT_SCANNED, NOT_PUBLISHED}
    return (gap.what.lower(), gap.status, gap.code, gap.needs, gap.message if says_all else "")


def _joined(alike: list[Gap]) -> Sequence[Gap]:
    largest = max(alike, key=lambda gap: len(gap.each) if isinstance(gap, ManyGaps) else 0)
    if isinstance(largest, ManyGaps):
        if all(gap is largest or largest.each.issuperset(single((gap,))) for gap in alike):
            return (largest,)
    elif len(alike) <= MOST_NAMED:
        return alike
    return (many(alike),)
