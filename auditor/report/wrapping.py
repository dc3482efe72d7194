"""Where a line of text may be broken so that it reads well and ids keep their segments whole."""

import re
from collections.abc import Iterator

from rich.cells import cell_len, chop_cells
from rich.text import Text

_PIECE = re.compile(r"\S+\s*|\s+")
_SEGMENT = re.compile(r"[^/]*/+|[^/]+")


def wrapped(text: Text, width: int) -> list[Text]:
    """Return `text` as lines of at most `width` columns, at least one line.

    It is broken at blanks; words wider than a line, such as ids, also after a `/`; pieces wider than a line anywhere.
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
