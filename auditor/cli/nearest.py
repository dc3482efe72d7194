"""The sentence for a name that is not known."""

from collections.abc import Iterable

_LONGEST = 200
"""Characters of a misspelt name that are repeated."""


def unknown(kind: str, name: str, known: Iterable[str]) -> str:
    """Return the sentence that says that there is no such `kind`, and which one was probably meant."""
    from auditor.collect.request import nearest

    shown = name if len(name) <= _LONGEST else name[:_LONGEST] + "…"
    close = nearest(name, known)
    if not close:
        return f"no such {kind}: `{shown}`"
    return f"no such {kind}: `{shown}`; did you mean {' or '.join(f'`{one}`' for one in close)}?"
