"""Text from Azure made harmless: a name must not control what a reader sees, or what a build server does."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

LONGEST = 2_000
"""Maximum number of characters shown of one text; more would bury the report."""
LONGEST_STEP = 8_000
"""The same of a command, or of a step of a fix, which may name many things."""

_STEERING = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode categories that move the cursor, reverse the direction of writing, hide text, or break lines."""

_NO_CHARACTERS = frozenset("\ufffe\uffff")
"""Code points that are no characters, and that XML must not contain."""

_UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0")
"""Letters and marks that show nothing, so that a name of them looks empty, and two names look alike."""

_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
"""Variation selectors, which show nothing of their own; on a symbol they choose between picture and text."""

MOST_MARKS = 6
"""Maximum number of marks on one letter; more would be drawn over the lines above and below."""

_COMMANDS = re.compile(r"#(?=#(?:vso|teamcity)?\[)|:(?=:[a-z][a-z-]*(?: .*)?::)", re.IGNORECASE)
"""The first character of what a build server carries out, wherever it is printed.

`##vso[…]` and `##[…]` of Azure Pipelines, `##teamcity[…]`, and `::error …::` of GitHub, which only begins a line, but
every blank may become the end of one.
"""


def inert(text: str, longest: int = LONGEST) -> str:
    r"""Return `text` with every steering character written out as `\u{…}`, cut after `longest` characters.

    Escape sequences, carriage returns, line breaks, bidirectional marks and invisible characters become visible, and so
    does the first character of a command to a build server; all other characters, whatever their script, stay as they
    are.
    """
    shown = text if len(text) <= longest else text[:longest]
    if not (shown.isascii() and shown.isprintable()):
        shown = "".join(_visible(shown))
    if "##" in shown or "::" in shown:
        shown = _COMMANDS.sub(lambda found: _written_out(found[0]), shown)
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


def _visible(text: str) -> Iterator[str]:
    """Yield each character, or what is written for one that steers, hides, or is one mark too many on its letter."""
    before, marks = "", 0
    for character in text:
        category = unicodedata.category(character)
        marks = marks + 1 if category.startswith("M") else 0
        hides = category in _STEERING or character in _NO_CHARACTERS or character in _UNSEEN or marks > MOST_MARKS
        if not hides and _SELECTORS.match(character):
            hides = before != "So"
        yield _written_out(character) if hides else character
        before = category


def _written_out(character: str) -> str:
    return f"\\u{{{ord(character):x}}}"
