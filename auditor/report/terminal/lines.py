"""Line breaking: `wrapped` for text, `shell_lines` for a shell command that still runs when it is copied."""

import re
from collections.abc import Iterator

from rich.cells import cell_len, chop_cells
from rich.text import Text

_PIECE = re.compile(r"\S+\s*|\s+")
_SEGMENT = re.compile(r"[^/]*/+|[^/]+")

CONTINUED = " \\"
"""End of a shell line that continues on the next one."""
INDENT = "  "
"""Start of a continued shell line."""


def wrapped(text: Text, width: int) -> list[Text]:
    """Return `text` as lines of at most `width` columns, at least one line.

    It is broken at blanks. Words wider than a line, such as ids, are also broken after a `/`, or anywhere if need be.
    """
    offsets: list[int] = []
    position = column = 0
    for piece in _pieces(text.plain, width):
        if column and column + cell_len(piece.rstrip()) > width:
            offsets.append(position)
            column = 0
        column += cell_len(piece)
        position += len(piece)
    lines = text.divide(offsets)
    for line in lines:
        line.rstrip()
    return list(lines)


def _pieces(plain: str, width: int) -> Iterator[str]:
    for word in _PIECE.findall(plain):
        if cell_len(word.rstrip()) <= width:
            yield word
            continue
        for segment in _SEGMENT.findall(word):
            yield from (segment,) if cell_len(segment.rstrip()) <= width else chop_cells(segment, width)


def shell_lines(command: str, width: int) -> list[str]:
    r"""Return `command` as lines of at most `width` columns, broken before options; all but the last end in ` \`.

    Quoted text is never broken, so a line with one long argument can be longer than `width`.
    """
    if len(command) <= width:
        return [command]
    lines: list[str] = []
    current = ""
    for part in _parts(command):
        grown = f"{current} {part}" if current else part
        room = width - len(CONTINUED) - (len(INDENT) if lines else 0)
        if current and len(grown) > room:
            lines.append(current)
            current = part
        else:
            current = grown
    lines.append(current)
    last = len(lines) - 1
    return [
        (INDENT if number else "") + line + (CONTINUED if number < last else "") for number, line in enumerate(lines)
    ]


def _parts(command: str) -> Iterator[str]:
    """Yield `command` cut before each ` --option` and ` | ` that stands outside quotes."""
    start = 0
    quote = ""
    escaped = False
    for place, character in enumerate(command):
        if escaped:
            escaped = False
        elif character == "\\" and quote != "'":
            escaped = True
        elif quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character == " " and command.startswith((" --", " | ", " && "), place) and place > start:
            yield command[start:place]
            start = place + 1
    yield command[start:]
