"""The sentence for a name that is not known."""

from collections.abc import Iterable


def unknown(kind: str, name: str, known: Iterable[str]) -> str:
    """Return the sentence that says that there is no such `kind`, and which one was probably meant."""
    from auditor.inventory.nearest import no_such

    return no_such(kind, name, known)
