"""Text from Azure made harmless for a terminal: the name of a resource must not control what a reader sees."""

import unicodedata
from typing import Any

LONGEST = 2_000
"""Maximum number of characters shown of one text; more would bury the report."""
LONGEST_STEP = 8_000
"""The same of a command, or of a step of a fix, which may name many things."""

_STEERING = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode categories that move the cursor, reverse the direction of writing, hide text, or break lines."""

_NO_CHARACTERS = "\ufffe\uffff"
"""Code points that are no characters, and that XML must not contain."""


def inert(text: str, longest: int = LONGEST) -> str:
    r"""Return `text` with every steering character written out as `\u{…}`, cut after `longest` characters.

    Escape sequences, carriage returns, line breaks, bidirectional marks and invisible characters become visible; all
    other characters, whatever their script, stay as they are.
    """
    shown = text if len(text) <= longest else text[:longest]
    if not shown.isprintable():
        shown = "".join(_written_out(character) for character in shown)
    if len(text) > longest:
        shown += f"… ({len(text):,} characters)"
    return shown


def inert_lines(text: str, longest: int = LONGEST) -> list[str]:
    """Return the lines of `text`, each made inert: for our own texts of several lines that quote foreign text."""
    return [inert(line, longest) for line in text.split("\n")]


def inert_values(value: Any, longest: int = LONGEST) -> Any:
    """Return a JSON value with every text in it made inert; its keys are ours."""
    if isinstance(value, dict):
        return {key: inert_values(held, longest) for key, held in value.items()}
    if isinstance(value, list | tuple):
        return [inert_values(held, longest) for held in value]
    return inert(value, longest) if isinstance(value, str) else value


def prose(text: str) -> str:
    """Return the text on one line: line breaks and runs of blanks become one blank."""
    return " ".join(text.split())


def _written_out(character: str) -> str:
    if unicodedata.category(character) in _STEERING or character in _NO_CHARACTERS:
        return f"\\u{{{ord(character):x}}}"
    return character
