"""JSON output in printable ASCII only, so that it is inert wherever it is printed."""

import re
from typing import Any

import msgspec

_NOT_PRINTABLE_ASCII = re.compile(rb"[^ -~]+")


def json_text(document: Any) -> str:
    """Return `document` as indented JSON with a final line break; all but printable ASCII is escaped."""
    return msgspec.json.format(_inert(document), indent=2).decode("ascii") + "\n"


def json_line(document: Any) -> str:
    """Return `document` as JSON on one line with a final line break; all but printable ASCII is escaped."""
    return _inert(document).decode("ascii") + "\n"


def _inert(document: Any) -> bytes:
    return _NOT_PRINTABLE_ASCII.sub(_escaped, msgspec.json.encode(document))


def _escaped(match: re.Match[bytes]) -> bytes:
    """Return characters as JSON escapes: one each, or two if UTF-16 needs two units."""
    units = match[0].decode().encode("utf-16-be")
    return b"".join(b"\\u%02x%02x" % (units[at], units[at + 1]) for at in range(0, len(units), 2))
