"""A page of text for a terminal: foreign text is made inert, and long lines are wrapped within their column."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import StringIO

from rich.cells import cell_len, chop_cells
from rich.console import Console
from rich.text import Text

from auditor.report.inert import LONGEST, inert
from auditor.report.terminal.style import PageStyle
from auditor.shells import CommandShell, command_for, command_lines

NARROWEST = 40
WIDEST_PROSE = 120
"""Columns; longer lines of prose are hard to read, however wide the terminal is."""

WIDEST_TABLE = 100_000
"""Columns of a table that is not cut."""
_BETWEEN = 2
"""Columns between a command and what it shows."""

LONGEST_CELL = 160
"""Maximum number of characters of a cell of a table."""

_PIECE = re.compile(r"\S+\s*|\s+")
_SEGMENT = re.compile(r"[^/]*/+|[^/]+")
_LINK_ID = re.compile(r"\x1b\]8;id=[^;]*;")
"""Start of a link; the random id in it would make two equal pages differ."""
_PLAIN = str.maketrans({"…": "...", "·": "-", "→": "->", "–": "-", "×": "x", "’": "'"})
"""What stands in ASCII for the typography of our own sentences."""
_PADDING = re.compile(r"(?: |\x1b\[[0-9;]*m)+$")
"""The blanks at the end of a line, between codes of colours."""
_ADDRESS = re.compile(r"https://[!-~]+")
"""Addresses that may be linked: no character in them can end the link."""


Part = str | tuple[str, str]
"""A text, plain or with its style."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a table: its name, and what becomes of its cells where there is too little room for all.

    `whole` cells are never cut, a column with `most` has at most so many characters, one that `wraps` is broken into
    lines at blanks, and the `last` column takes the rest of the line. What is cut ends in `…`; on a page of ASCII it is
    broken into lines. On a page that is `whole`, nothing is cut or broken.
    """

    name: str = ""
    whole: bool = False
    last: bool = False
    right: bool = False
    wraps: bool = False
    most: int | None = None


class Page:
    """A page that is written from top to bottom."""

    def __init__(self, style: PageStyle) -> None:
        self.width = max(NARROWEST, style.width)
        self.ascii_only = style.ascii_only
        self.shell = style.shell
        self.whole = style.whole
        self._links = style.links and style.colour
        self._out = StringIO()
        self._console = Console(
            file=self._out,
            width=self.width,
            force_terminal=style.colour,
            color_system="standard" if style.colour else None,
            no_color=not style.colour,
            legacy_windows=False,
            markup=False,
            highlight=False,
            emoji=False,
            soft_wrap=False,
        )

    def text(self) -> str:
        """Return the page; where only ASCII is shown, typography is plain, and other characters are escapes."""
        written = _LINK_ID.sub("\x1b]8;;", self._out.getvalue())
        shown = "".join(f"{_PADDING.sub(_unpadded, line)}\n" for line in written.split("\n")[:-1])
        if not self.ascii_only:
            return shown
        return shown.translate(_PLAIN).encode("ascii", "backslashreplace").decode("ascii")

    def linked(self, style: str, link: str | None) -> str:
        """Return `style` with a link to a web address, if the terminal shows links."""
        return f"{style} link {link}" if link and self._links and _ADDRESS.fullmatch(link) else style

    @property
    def columns(self) -> int:
        """The width of a line of prose."""
        return min(self.width, WIDEST_PROSE)

    def gap(self) -> None:
        """Write an empty line."""
        self._console.print()

    def heading(self, title: str, style: str = "bold") -> None:
        """Write a heading with a line to the right edge."""
        line = ("-" if self.ascii_only else "─") * max(0, min(self.width, WIDEST_PROSE) - len(title) - 1)
        self._console.print(Text.assemble((title, style), " ", (line, "dim")), overflow="ignore", no_wrap=True)

    def in_shell(self, command: str) -> str:
        """Return a short command as the shell of the page reads it, for a cell of a table."""
        return command_for(command, self.shell) or command

    def line(self, *parts: Part, indent: int = 0) -> None:
        """Write a line of parts, each plain or with a style; it is wrapped at the same indent."""
        self.labelled(" " * indent, *parts)

    def origin(self, *parts: Part) -> None:
        """Write a line with foreign names; what does not fit is indented, so that it looks like no line of a report."""
        below, shown = "  ", Text.assemble(*map(_text, parts))
        fits = shown.cell_len <= self.columns
        for number, row in enumerate(
            [shown] if fits else _wrapped(shown, self.columns - len(below), whole_words=self.whole)
        ):
            self._row(below if number else "", "dim", row)

    def labelled(self, label: str, *parts: Part, style: str = "dim") -> None:
        """Write `label`, and to its right the parts, wrapped in their own column."""
        room = self.columns - len(label)
        shown = Text.assemble(*map(_text, parts))
        for number, row in enumerate(_wrapped(shown, room, whole_words=self.whole)):
            self._row(label if number == 0 else " " * len(label), style, row)

    def fields(self, rows: Iterable[tuple[str, Part]], *, indent: int = 0) -> None:
        """Write pairs of a name and a text, the texts in one column; an id that is wider is broken after a `/`."""
        held = list(rows)
        widest = max((len(name) for name, _ in held), default=0)
        for name, text in held:
            self.labelled(f"{' ' * indent}{name.ljust(widest)}  ", text)

    def table(
        self, columns: Sequence[Column], rows: Iterable[Sequence[Part]], *, indent: int = 0, names_below: bool = False
    ) -> None:
        """Write a table whose columns are as wide as their cells; the names of the columns stand above or below."""
        from rich.padding import Padding
        from rich.table import Table

        named = any(column.name for column in columns)
        table = Table(
            box=None,
            pad_edge=False,
            padding=(0, 2, 0, 0),
            collapse_padding=True,
            header_style="dim",
            footer_style="dim",
            show_header=named and not names_below,
            show_footer=named and names_below,
            expand=any(column.last for column in columns) and not self.whole,
        )
        longest = LONGEST if self.whole else LONGEST_CELL
        held = [
            [
                self._cell(cell, LONGEST if column.wraps else longest, column)
                for cell, column in zip(row, columns, strict=True)
            ]
            for row in rows
        ]
        for number, column in enumerate(columns):
            widest = max(len(column.name), *(row[number].cell_len for row in held), 0)
            is_whole = column.whole or self.whole
            table.add_column(
                column.name,
                column.name,
                no_wrap=is_whole or (not column.wraps and (column.last or column.most is not None)),
                ratio=1 if column.last and not self.whole else None,
                overflow="fold" if self.ascii_only or column.wraps else "ellipsis",
                justify="right" if column.right else "left",
                min_width=widest if is_whole else None,
                max_width=None if self.whole else column.most,
            )
        for row in held:
            table.add_row(*row)
        if self.whole:
            self._console.width = WIDEST_TABLE
        elif (least := indent + sum(one.min_width or 1 for one in table.columns) + 2 * len(columns)) > self.width:
            self._console.width = least
        self._console.print(Padding(table, (0, 0, 0, indent)), crop=False)
        self._console.width = self.width

    def _cell(self, part: Part, longest: int, column: Column) -> Text:
        """Return a cell on one line, unless it wraps; on a page of ASCII, which has no `…`, what is cut is folded."""
        text = _text(part, longest)
        if not (column.wraps or self.ascii_only):
            text.no_wrap, text.overflow = True, "ellipsis"
        return text

    def command(self, label: str, command: str) -> None:
        """Write a command for the shell of the page, which still runs when it is copied from there.

        `command` is written for a POSIX shell; a label that ends in its prompt ends in that of the other shell.
        """
        if label.endswith(CommandShell.BASH.prompt):
            label = label.removesuffix(CommandShell.BASH.prompt) + self.shell.prompt
        for number, row in enumerate(command_lines(inert(command, 8_000), self.shell, self.width - len(label))):
            self._row(label if number == 0 else " " * len(label), "dim", Text(row, "cyan"))

    def commands(self, more: Sequence[tuple[str, str]]) -> None:
        """Write commands, each with what it shows; where there is no room for the words, the commands alone."""
        longest = max(len(self.in_shell(command)) for command, _ in more)
        words = max(len(words) for _, words in more)
        if longest <= min(self.width - words - _BETWEEN, LONGEST_CELL):
            rows = [((self.in_shell(command), "cyan"), (words, "dim")) for command, words in more]
            self.table((Column(whole=True), Column(last=True)), rows)
        else:
            for command, _ in more:
                self.command("", command)

    def _row(self, label: str, style: str, row: Text) -> None:
        if (
            self._console.no_color
        ):  # most of the time of a long report would go into what the console does for each line
            self._out.write(f"{label}{row.plain}\n")
            return
        self._console.print(Text.assemble((label, style), row), overflow="ignore", no_wrap=True, crop=False)


def _unpadded(padding: re.Match[str]) -> str:
    return padding[0].replace(" ", "")


def _text(part: Part, longest: int = LONGEST) -> Text:
    """Return a text made inert, in its style."""
    return Text(inert(part, longest)) if isinstance(part, str) else Text(inert(part[0], longest), part[1])


def _wrapped(text: Text, width: int, *, whole_words: bool) -> list[Text]:
    """Return `text` as lines of at most `width` columns, at least one line.

    It is broken at blanks. Words wider than a line, such as ids, are also broken after a `/`, or anywhere if need be,
    unless they shall stay `whole_words`, which then are longer than a line.
    """
    offsets: list[int] = []
    position = column = 0
    for piece in _PIECE.findall(text.plain) if whole_words else _pieces(text.plain, width):
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
