"""JSON in printable ASCII only, without commands to build servers, so that it is inert wherever it is printed."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

_NOT_INERT = re.compile(rb"[^ -~]+|#(?=#(?:vso|teamcity)?\[)", re.IGNORECASE)
"""What is escaped: all but printable ASCII, and the first character of a command to Azure Pipelines or TeamCity."""


def json_text(document: Any) -> str:
    """Return `document` as indented JSON with a final line break; all but printable ASCII is escaped."""
    return "".join(json_pieces(document))


def json_pieces(document: Any) -> Iterator[str]:
    """Yield the text that `json_text` returns in pieces.

    An iterator in the document, or in a mapping of it, stands for a list, and is drawn an item at a time, so that a
    list of half a million items is never in memory.
    """
    yield from _pieces(document, "")
    yield "\n"


def _pieces(value: Any, indent: str) -> Iterator[str]:
    if not _is_drawn(value):
        yield msgspec.json.format(_inert(value), indent=2).decode("ascii").replace("\n", f"\n{indent}")
        return
    inner = f"{indent}  "
    opening, closing = "{}" if isinstance(value, Mapping) else "[]"
    items = value.items() if isinstance(value, Mapping) else (("", item) for item in value)
    before = opening
    for name, item in items:
        yield f"{before}\n{inner}{json_line(name).rstrip()}: " if isinstance(value, Mapping) else f"{before}\n{inner}"
        yield from _pieces(item, inner)
        before = ","
    yield f"{opening}{closing}" if before == opening else f"\n{indent}{closing}"


_NEVER_DRAWN = (str, int, float, list, tuple, type(None))


def _is_drawn(value: Any) -> bool:
    if isinstance(value, _NEVER_DRAWN):
        return False
    return isinstance(value, Iterator) or (isinstance(value, Mapping) and any(map(_is_drawn, value.values())))


def json_line(document: Any) -> str:
    """Return `document` as JSON on one line with a final line break; all but printable ASCII is escaped."""
    return _inert(document).decode("ascii") + "\n"


def _inert(document: Any) -> bytes:
    text = msgspec.json.encode(document)
    if text.isascii() and b"\x7f" not in text and b"##" not in text:
        return text  # msgspec escapes the other control characters itself
    return _NOT_INERT.sub(_escaped, text)


def _escaped(match: re.Match[bytes]) -> bytes:
    """Return characters as JSON escapes: one each, or two if UTF-16 needs two units."""
    units = match[0].decode().encode("utf-16-be")
    return b"".join(b"\\u%02x%02x" % (units[at], units[at + 1]) for at in range(0, len(units), 2))
