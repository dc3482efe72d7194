"""The known name that a misspelt one was probably meant to be."""

from collections.abc import Iterable
from difflib import get_close_matches

_LONGEST = 200
"""Characters that are compared; comparing longer names costs the square of their length."""


def nearest(name: str, known: Iterable[str]) -> tuple[str, ...]:
    """Return the one or two `known` names that resemble `name` most; none if nothing does."""
    candidates = tuple(known)
    close = get_close_matches(name[:_LONGEST], candidates, n=1, cutoff=0.6)
    if not close:  # the right fact under the wrong kind, or without its kind
        last = name.rpartition(".")[2]
        close = [candidate for candidate in candidates if candidate.rpartition(".")[2] == last][:2]
    return tuple(close)
