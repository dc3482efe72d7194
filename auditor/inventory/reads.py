"""What reading a list gave: all of it, a part, or nothing, and why."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Generic, TypeVar

import msgspec

T_co = TypeVar("T_co", covariant=True)

NOT_READ = "NotRead"
"""Code of a gap for a list that nobody asked for."""
INTERRUPTED = "Interrupted"
"""Code of a gap for a list that was planned or begun when the scan was stopped."""
MALFORMED = "Malformed"
"""Code of a gap for a body that came, but could not be understood."""
ONLY_READABLE = "OnlyReadableListed"
"""Code of a gap for a list that Azure answered, but only with what the account may read."""


class Gap(msgspec.Struct, frozen=True, order=True, omit_defaults=True):
    """A list (or one resource of it) that was not, or not wholly, read.

    `status` is the HTTP status, 0 where no answer came; `needs` the permission that would cure it, where one would.
    """

    what: str
    scope: str
    status: Annotated[int, msgspec.Meta(ge=0, le=599)]
    code: str = ""
    message: str = ""
    needs: str | None = None


class Read(msgspec.Struct, frozen=True, order=True):
    """A list that was read to its end: absence from it proves absence."""

    what: str
    scope: str
    status: str = "complete"
    count: Annotated[int, msgspec.Meta(ge=0)] = 0


@dataclass(frozen=True, slots=True)
class Complete(Generic[T_co]):
    """Every item there is."""

    items: tuple[T_co, ...]

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """Nothing was missed."""
        return ()

    def __iter__(self) -> Iterator[T_co]:
        """The items."""
        return iter(self.items)


@dataclass(frozen=True, slots=True)
class Partial(Generic[T_co]):
    """Some items, and the gaps that may hide others."""

    items: tuple[T_co, ...]
    gaps: tuple[Gap, ...]

    def __iter__(self) -> Iterator[T_co]:
        """The items that were read."""
        return iter(self.items)


@dataclass(frozen=True, slots=True)
class Refused:
    """No item could be read."""

    gaps: tuple[Gap, ...]

    @property
    def items(self) -> tuple[()]:
        """Nothing is known; which does not mean that nothing is there."""
        return ()

    def __iter__(self) -> Iterator[object]:
        """Nothing to iterate."""
        return iter(())


Fetched = Complete[T_co] | Partial[T_co] | Refused


def fetched(items: tuple[T_co, ...], gaps: tuple[Gap, ...]) -> Fetched[T_co]:
    """Return `items` with the completeness that `gaps` leave them."""
    if not gaps:
        return Complete(items)
    return Partial(items, gaps) if items else Refused(gaps)


def absent(rows: Fetched[object]) -> bool | None:
    """Say whether nothing exists: only a complete, empty list proves it; None where that is unknown."""
    match rows:
        case Complete(items):
            return not items
        case Partial(items) if items:
            return False
        case _:
            return None
