"""Three-valued logic: true, false, and None for an answer that is not known."""

from collections.abc import Iterable


def all_of(answers: Iterable[bool | None]) -> bool | None:
    """Return whether all answers are true; one that is false decides, whatever is not known beside it."""
    found = set(answers)
    return False if False in found else None if None in found else True


def any_of(answers: Iterable[bool | None]) -> bool | None:
    """Return whether any answer is true; one that is true decides, whatever is not known beside it."""
    found = set(answers)
    return True if True in found else None if None in found else False


def negated(answer: bool | None) -> bool | None:
    """Return the opposite answer; the opposite of an unknown one is unknown."""
    return None if answer is None else not answer
