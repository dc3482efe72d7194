"""Counts over machines that are never held: each machine is one number, in which every bit is a finding about it.

However often and in whatever order a machine comes, in whichever shape, it is counted once.
"""

from bisect import insort
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from auditor.facts.readiness.causes import FURTHER, CauseKey, SuitabilityCause
from auditor.facts.readiness.counters import PLATFORMS
from auditor.facts.readiness.suitability import SUITABILITIES, Suitability
from auditor.inventory.resources.assessments import PartKind

NAMED = 5
"""The number of machines named for each cause; the rows of machines name all."""
MOST_CAUSES = 1_000
"""Maximum number of different causes; text beyond them counts as one further cause."""

_OF_PLATFORMS = len(SUITABILITIES)
_OF_FLAGS = _OF_PLATFORMS + len(PLATFORMS)
MISSING_COUNTERS = 1 << _OF_FLAGS
FORMER_BOOT_RULE = 1 << _OF_FLAGS + 1
PARTLY_UNREAD = 1 << _OF_FLAGS + 2
LOWERED = 1 << _OF_FLAGS + 3
_OF_CAUSES = _OF_FLAGS + 4
_SUITABLE_BITS = (1 << _OF_PLATFORMS) - 1


class CauseNumbers:
    """All causes that were met, each with its number."""

    def __init__(self) -> None:
        self._numbers: dict[CauseKey, int] = {}
        self.met: list[SuitabilityCause] = []

    def number(self, cause: SuitabilityCause) -> int:
        """Return the number of a cause; that of one further cause for all beyond `MOST_CAUSES`."""
        number = self._numbers.get(cause.key)
        if number is None:
            if len(self.met) >= MOST_CAUSES and cause.value != FURTHER:
                return self.number(SuitabilityCause(PartKind.MACHINE, FURTHER))
            number = self._numbers[cause.key] = len(self.met)
            self.met.append(cause)
        return number

    def is_left_out(self, key: CauseKey) -> bool:
        """Return whether a cause is counted only as a further one."""
        return key not in self._numbers

    def grouped(self, together: "Grouping") -> tuple[int, ...]:
        """Return for each cause the number of the one that stands for its group: the first by its value."""
        first: dict[Hashable, int] = {}
        for number in sorted(range(len(self.met)), key=lambda one: self.met[one].key):
            first.setdefault(together(self.met[number]), number)
        return tuple(first[together(cause)] for cause in self.met)


@dataclass(frozen=True, slots=True)
class CauseCount:
    """How many machines have a cause, on which platforms, and the names of the first of them."""

    cause: SuitabilityCause
    machines: int
    platforms: Mapping[str, int]
    names: tuple[str, ...]
    values: tuple[str, ...] = ()
    """All of Azure's values that were counted together as this cause."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What the machines of an assessment, or of all, come to; `by_suitability` adds up to `machines`."""

    machines: int
    by_suitability: Mapping[Suitability, int]
    said: Mapping[Suitability, int]
    """Machines of which any entry says so, so that one with contradicting entries counts more than once."""
    missing_counters: int
    former_boot_rule: int
    partly_unread: int
    lowered: int
    """Machines that count as worse than Azure's own word, for what it says of their disks, adapters or reasons."""
    differing: int
    """Machines of which several records say different things; the worst counts."""
    causes: tuple[CauseCount, ...]
    """The causes by machines, most first."""


Grouping = Callable[[SuitabilityCause], Hashable]
"""What is the same for causes that are counted together."""


def by_itself(cause: SuitabilityCause) -> Hashable:
    """Return what only the cause itself has."""
    return cause.key


class Tally:
    """The machines that were counted, each by the digest of its id."""

    def __init__(self, causes: CauseNumbers) -> None:
        self._causes = causes
        self._names: dict[int, list[str]] = {}
        self.held: dict[bytes, int] = {}

    def add(self, identity: bytes, bits: int, causes: Iterable[int] = (), name: str = "") -> None:
        """Count a machine with what was found about it, or add to what is known of it; `causes` are their numbers."""
        for number in causes:
            bits |= 1 << _OF_CAUSES + number
            names = self._names.setdefault(number, [])
            if name not in names and (len(names) < NAMED or name < names[-1]):
                insort(names, name)
                del names[NAMED:]
        self.held[identity] = self.held.get(identity, 0) | bits

    def suitability(self, identity: bytes) -> Suitability:
        """Return the suitability that a machine is counted with; raises `KeyError` for one that was not counted."""
        return SUITABILITIES[(self.held[identity] & _SUITABLE_BITS).bit_length() - 1]

    def causes(self, identity: bytes) -> tuple[SuitabilityCause, ...]:
        """Return the causes that a machine is counted with; raises `KeyError` for one that was not counted."""
        return tuple(self._causes.met[number] for number in _ones(self.held[identity] >> _OF_CAUSES))

    def counts(self, together: Grouping = by_itself) -> Counts:
        """Return the counts so far; causes that are the same to `together` are counted as one."""
        groups = self._causes.grouped(together)
        suitability: Counter[Suitability] = Counter()
        said: Counter[Suitability] = Counter()
        missing = former = unread = lowered = differing = 0
        by_cause: Counter[int] = Counter()
        by_platform: Counter[tuple[int, int]] = Counter()
        for bits, machines in Counter(self.held.values()).items():
            worst = (bits & _SUITABLE_BITS).bit_length() - 1
            suitability[SUITABILITIES[worst]] += machines
            said.update({SUITABILITIES[at]: machines for at in _ones(bits & _SUITABLE_BITS)})
            differing += machines if (bits & _SUITABLE_BITS) != 1 << worst else 0
            missing += machines if bits & MISSING_COUNTERS else 0
            former += machines if bits & FORMER_BOOT_RULE else 0
            unread += machines if bits & PARTLY_UNREAD else 0
            lowered += machines if bits & LOWERED else 0
            platforms = [at for at in range(len(PLATFORMS)) if bits & 1 << _OF_PLATFORMS + at]
            for cause in {groups[number] for number in _ones(bits >> _OF_CAUSES)}:
                by_cause[cause] += machines
                by_platform.update({(cause, at): machines for at in platforms[:1]})
        counted = sorted(
            (
                CauseCount(
                    self._causes.met[number],
                    machines,
                    {name: by_platform[number, at] for at, name in enumerate(PLATFORMS) if by_platform[number, at]},
                    *self._of_group(number, groups),
                )
                for number, machines in by_cause.items()
            ),
            key=lambda one: (one.cause.is_remark, -one.machines, one.cause.key),
        )
        return Counts(
            len(self.held),
            {one: suitability[one] for one in Suitability},
            {one: said[one] for one in Suitability},
            missing,
            former,
            unread,
            lowered,
            differing,
            tuple(counted),
        )

    def _of_group(self, first: int, groups: Sequence[int]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the first names of machines, and the values, of all causes of a group that machines here have."""
        numbers = [number for number, group in enumerate(groups) if group == first and number in self._names]
        names = sorted({name for number in numbers for name in self._names[number]})
        return tuple(names[:NAMED]), tuple(sorted({self._causes.met[number].value for number in numbers}))


def suitability_bit(suitability: Suitability) -> int:
    """Return the bit of a suitability."""
    return 1 << SUITABILITIES.index(suitability)


def platform_bit(platform: str) -> int:
    """Return the bit of a platform."""
    return 1 << _OF_PLATFORMS + PLATFORMS.index(platform)


def _ones(bits: int) -> Iterator[int]:
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest
