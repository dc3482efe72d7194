"""A number with its noun."""


def counted(count: int, what: str, several: str = "") -> str:
    """Return a number with its noun, in the plural unless it is one: `1 problem`, `1,000 problems`.

    The plural is `several`, or where that is empty `what` with an s.
    """
    return f"{count:,} {what if count == 1 else several or f'{what}s'}"
