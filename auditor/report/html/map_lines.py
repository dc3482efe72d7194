"""The lines of the map: each leads from one box to another, and never behind a box that it does not touch.

Between the columns are gaps, and between the rows lanes, in which there are no boxes. A line moves up and down only in
gaps. It crosses a column in the row of one of its ends if there is no box, otherwise in the lane below its target, each
column of targets on a height of its own.
"""

from collections.abc import Set

WIDTH, HEIGHT = 200, 40
ACROSS, DOWN = 248, 52
TOP, EDGE = 34, 6
_GAP = ACROSS - WIDTH
Cell = tuple[int, int]
"""A column and a row."""


def corner(cell: Cell) -> tuple[int, int]:
    """Return the upper left corner of the box in a cell."""
    column, row = cell
    return EDGE + ACROSS * column, TOP + DOWN * row


def line(start: Cell, end: Cell, boxes: Set[Cell]) -> str:
    """Return the SVG path from the right edge of the box in `start` to the left edge of that in a column after it.

    For a box in the same column or in one before it, the path leads to its right edge.
    """
    left, top = corner(start)
    x1, y1 = left + WIDTH, top + HEIGHT // 2
    x2, y2 = corner(end)[0], corner(end)[1] + HEIGHT // 2
    if end[0] <= start[0]:
        return _back(x1, y1, x2 + WIDTH, corner(end)[1] + HEIGHT + _lane(end), y2)
    between = range(start[0] + 1, end[0])
    if not any((column, end[1]) in boxes for column in between):
        return f"M{x1} {y1}{_bend(x1, y1, y2)}" + (f"L{x2} {y2}" if between else "")
    if not any((column, start[1]) in boxes for column in between):
        return f"M{x1} {y1}L{x2 - _GAP} {y1}{_bend(x2 - _GAP, y1, y2)}"
    lane = corner(end)[1] + HEIGHT + _lane(end)
    return f"M{x1} {y1}{_bend(x1, y1, lane)}L{x2 - _GAP} {lane}{_bend(x2 - _GAP, lane, y2)}"


def _lane(end: Cell) -> int:
    return 2 + 2 * end[0]


def _bend(x: int, y1: int, y2: int) -> str:
    """Return the curve through the gap that begins at `x`, from one height to another."""
    return f"C{x + _GAP} {y1} {x} {y2} {x + _GAP} {y2}"


def _back(x1: int, y1: int, x2: int, lane: int, y2: int) -> str:
    """Return the path to the right edge of a box that is not in a later column."""
    turn1, turn2 = x1 + _GAP // 2, x2 + _GAP // 2
    return f"M{x1} {y1}C{turn1} {y1} {turn1} {lane} {x1} {lane}L{turn2} {lane}C{turn2} {lane} {turn2} {y2} {x2} {y2}"
