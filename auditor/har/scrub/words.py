"""Lists of words as a text, which is read more easily than one word a line."""


def words(text: str) -> frozenset[str]:
    """Return the words of a text."""
    return frozenset(text.split())
