"""Workbooks, written row by row in constant memory: sheets with a header, in which every text is a text, no formula."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO

from auditor.extras import ensure_extra
from auditor.report.inert import inert

MOST_ROWS = 1_048_575
"""Maximum number of rows of a sheet below its header."""
MOST_LINKS = 20_000
"""Maximum number of links of a sheet; further addresses are texts, since the writer keeps each link in memory."""
LONGEST_LINK = 2_079
"""Maximum number of characters of the address of a link."""
FULLEST = 32_000
"""Maximum number of characters of a cell; a sheet takes 32,767."""
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


@dataclass(frozen=True, slots=True)
class SheetLink:
    """An https address of ours, which a cell opens; shown as `text`."""

    address: str
    text: str


Cell = str | int | float | SheetLink | None


class SheetBook:
    """A workbook that is being written."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._bold = book.add_format({"bold": True})

    def sheet(self, name: str, columns: Iterable[tuple[str, int]], rows: Iterable[Iterable[Cell]]) -> None:
        """Write a sheet: its columns, each with its width in characters, and the rows below.

        The header stays in sight and can be filtered by. Rows beyond what a sheet can hold are counted in its last one.
        """
        _Sheet(self._book.add_worksheet(name), self._bold, tuple(columns)).write(rows)


@contextmanager
def workbook(stream: BinaryIO) -> Iterator[SheetBook]:
    """Yield a workbook that is in `stream` at the end; raises `ExtraMissing`, and `OSError`."""
    ensure_extra("xlsx", "`--format xlsx`")
    import xlsxwriter  # type: ignore[import-untyped]  # it has no types

    with xlsxwriter.Workbook(stream, _OPTIONS) as book:
        yield SheetBook(book)


class _Sheet:
    def __init__(self, sheet: Any, bold: Any, columns: tuple[tuple[str, int], ...]) -> None:
        self._sheet = sheet
        self._bold = bold
        self._columns = columns
        self._links = 0

    def write(self, rows: Iterable[Iterable[Cell]]) -> None:
        self._sheet.freeze_panes(1, 1)
        for column, (text, width) in enumerate(self._columns):
            self._sheet.set_column(column, column, width)
            self._sheet.write_string(0, column, text, self._bold)
        number = left_out = 0
        for row in rows:
            if number >= MOST_ROWS - 1:
                left_out += 1
                continue
            number += 1
            for column, value in enumerate(row):
                self._cell(number, column, value)
        if left_out:
            number += 1
            self._cell(number, 0, f"and {left_out:,} more, which a sheet cannot hold: use `--format csv`")
        self._sheet.autofilter(0, 0, max(number, 1), len(self._columns) - 1)

    def _cell(self, row: int, column: int, value: Cell) -> None:
        if isinstance(value, SheetLink):
            if self._links < MOST_LINKS and len(value.address) <= LONGEST_LINK:
                self._links += 1
                self._sheet.write_url(row, column, value.address, string=value.text)
            else:
                self._cell(row, column, value.address)
        elif isinstance(value, str):
            if value:
                self._sheet.write_string(row, column, _short(value))
        elif value is not None:
            self._sheet.write_number(row, column, value)


def _short(text: str) -> str:
    """Return the lines of a text, each inert, cut to what a cell takes."""
    if "\n" not in text:
        return inert(text, FULLEST)
    lines = "\n".join(inert(line, FULLEST) for line in text.split("\n"))
    return lines if len(lines) <= FULLEST else f"{lines[:FULLEST]}… ({len(lines):,} characters)"
