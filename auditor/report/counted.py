"""A number with its noun."""


def counted(count: int, what: str) -> str:
    """Return a number with its noun, in the plural unless it is one: `1 problem`, `1,000 problems`."""
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"
