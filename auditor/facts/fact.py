"""Facts: known, with the records that show them, or unknown, with the gaps that hide them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, NoReturn, TypeVar

from auditor.inventory.gap_kinds import GapKind, ManyGaps, by_kind, kinds_of, plain, single
from auditor.inventory.reads import Gap

__all__ = [
    "Evidence",
    "Fact",
    "Gap",
    "GapKind",
    "Known",
    "ManyGaps",
    "Unknown",
    "all_of",
    "any_of",
    "by_kind",
    "combine",
    "hidden_by",
    "kinds_of",
    "map_fact",
    "not_",
    "plain",
    "single",
    "unless_gaps",
]

T_co = TypeVar("T_co", covariant=True)
V = TypeVar("V")
W = TypeVar("W")


@dataclass(frozen=True, slots=True, order=True)
class Evidence:
    """A record that shows a fact: its id and a note on the relevant content."""

    id: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Known(Generic[T_co]):
    """A value that was read or proven, and the records that show it."""

    value: T_co
    because: tuple[Evidence, ...] = ()

    @property
    def is_true(self) -> bool:
        """Whether the value is known to be true (for facts that are true or false)."""
        return self.value is True

    @property
    def is_false(self) -> bool:
        """Whether the value is known to be false (for facts that are true or false)."""
        return self.value is False

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """The records that show the value."""
        return self.because

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """The empty tuple: nothing hides a known value."""
        return ()


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that could not be established, and the gaps that hide it, many of one kind as one (`by_kind`).

    Raises `ValueError` without a gap: an unknown fact must always be explained.
    """

    why: tuple[Gap, ...]

    def __post_init__(self) -> None:
        if not self.why:
            _refuse_unexplained()
        if len(self.why) > 1:
            object.__setattr__(self, "why", by_kind(self.why))

    @property
    def is_true(self) -> bool:
        """False: an unknown value is not known to be true."""
        return False

    @property
    def is_false(self) -> bool:
        """False: an unknown value is not known to be false."""
        return False

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """The empty tuple: no record shows an unknown value."""
        return ()

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """The gaps that hide the value."""
        return self.why


Fact = Known[T_co] | Unknown


def _refuse_unexplained() -> NoReturn:
    raise ValueError("an unknown fact must name at least one gap")


def unless_gaps(value: V, gaps: Iterable[Gap], *because: Evidence) -> Fact[V]:
    """Return `value` as known if there is no gap, otherwise unknown for those gaps."""
    why = tuple(gaps)
    return Unknown(why) if why else Known(value, once(because))


def hidden_by(gaps: tuple[Gap, ...]) -> tuple[Unknown, ...]:
    """Return one unknown for all gaps, to be combined with the facts that were read; empty if there is no gap."""
    return (Unknown(gaps),) if gaps else ()


def map_fact(change: Callable[[V], W], fact: Fact[V]) -> Fact[W]:
    """Return the fact with `change` applied to its value; evidence and gaps stay the same."""
    return fact if isinstance(fact, Unknown) else Known(change(fact.value), fact.because)


def not_(fact: Fact[bool]) -> Fact[bool]:
    """Return the opposite; the opposite of unknown is unknown."""
    return map_fact(lambda value: not value, fact)


def all_of(facts: Iterable[Fact[bool]]) -> Fact[bool]:
    """Return Kleene's *and*: one known false decides, then an unknown, otherwise true."""
    return _kleene(facts, decisive=False)


def any_of(facts: Iterable[Fact[bool]]) -> Fact[bool]:
    """Return Kleene's *or*: one known true decides, then an unknown, otherwise false."""
    return _kleene(facts, decisive=True)


def combine(change: Callable[..., W], *facts: Fact[object]) -> Fact[W]:
    """Return `change` applied to all values, with all their evidence; unknown with all gaps if any fact is unknown."""
    if any(isinstance(fact, Unknown) for fact in facts):
        return Unknown(tuple(gap for fact in facts for gap in fact.gaps))
    known = [fact for fact in facts if isinstance(fact, Known)]
    return Known(change(*(fact.value for fact in known)), once(item for fact in known for item in fact.because))


def _kleene(facts: Iterable[Fact[bool]], *, decisive: bool) -> Fact[bool]:
    deciding: list[Evidence] = []
    other: list[Evidence] = []
    gaps: list[Gap] = []
    decided = False
    for fact in facts:
        if isinstance(fact, Unknown):
            gaps.extend(fact.why)
        elif fact.value is decisive:
            decided = True
            deciding.extend(fact.because)
        else:
            other.extend(fact.because)
    if decided:
        return Known(decisive, once(deciding))
    return Unknown(tuple(gaps)) if gaps else Known(not decisive, once(other))


def once(items: Iterable[V]) -> tuple[V, ...]:
    """Return the items in their order without duplicates."""
    return tuple(dict.fromkeys(items))
