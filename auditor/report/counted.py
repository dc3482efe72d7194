"""A number with its noun, and its verb."""


def counted(count: int, what: str, several: str = "") -> str:
    """Return a number with its noun, in the plural unless it is one: `1 problem`, `1,000 problems`.

    The plural is `several`, or where that is empty `what` with an s.
    """
    return f"{count:,} {what if count == 1 else several or f'{what}s'}"


def were(count: int) -> str:
    """Return the verb for a number of things in the past: `was` for one, otherwise `were`."""
    return "was" if count == 1 else "were"
