"""JSON as it leaves the command: printable ASCII alone, so that it is inert wherever it is printed."""

import re
from typing import Any

import msgspec

_NOT_PRINTABLE_ASCII = re.compile(r"[^\n -~]")


def json_text(document: Any) -> str:
    """Return `document` as indented JSON with a final line break; other than printable ASCII is escaped."""
    text = msgspec.json.format(msgspec.json.encode(document), indent=2).decode()
    return _NOT_PRINTABLE_ASCII.sub(_escaped, text) + "\n"


def json_line(document: Any) -> str:
    """Return `document` as JSON on one line, with its line break; other than printable ASCII is escaped."""
    return _NOT_PRINTABLE_ASCII.sub(_escaped, msgspec.json.encode(document).decode()) + "\n"


def _escaped(match: re.Match[str]) -> str:
    """Return a character as JSON escapes: one, or two where UTF-16 takes two."""
    units = match[0].encode("utf-16-be")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
