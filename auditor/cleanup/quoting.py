"""Text as one literal word of a shell, whatever it holds."""

_POWERSHELL_QUOTES = "'\u2018\u2019\u201a\u201b"
"""PowerShell takes typographic single quotes for quotes too."""


def bash_word(text: str) -> str:
    """Return `text` as one literal word for bash and its like."""
    return "'" + text.replace("'", "'\\''") + "'"


def powershell_word(text: str) -> str:
    """Return `text` as one literal word for PowerShell."""
    return "'" + "".join(letter * 2 if letter in _POWERSHELL_QUOTES else letter for letter in text) + "'"


def comment(text: str) -> str:
    """Return `text` on one line, so that it cannot end the comment that it stands in."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)
