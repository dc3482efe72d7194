"""A page of text for a terminal: foreign text is made inert, and long lines are wrapped within their column."""

import re
from io import StringIO

from rich.console import Console
from rich.text import Text

from auditor.report.inert import inert
from auditor.report.terminal.lines import shell_lines, wrapped
from auditor.report.terminal.style import PageStyle

NARROWEST = 40
WIDEST_PROSE = 120
"""Columns; longer lines of prose are hard to read, however wide the terminal is."""

_LINK_ID = re.compile(r"\x1b\]8;id=[^;]*;")
"""Start of a link; the random id in it would make two equal pages differ."""
_ADDRESS = re.compile(r"https://[!-~]+")
"""Addresses that may be linked: no character in them can end the link."""


class Page:
    """A page that is written from top to bottom."""

    def __init__(self, style: PageStyle) -> None:
        self.width = max(NARROWEST, style.width)
        self.ascii_only = style.ascii_only
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
        """Return the page; characters that cannot be shown are written as escapes."""
        written = _LINK_ID.sub("\x1b]8;;", self._out.getvalue())
        shown = "".join(f"{line.rstrip()}\n" for line in written.split("\n")[:-1])
        return shown.encode("ascii", "backslashreplace").decode("ascii") if self.ascii_only else shown

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

    def line(self, *parts: str | tuple[str, str], indent: int = 0) -> None:
        """Write a line of parts, each plain or with a style; it is wrapped at the same indent."""
        self.labelled(" " * indent, *parts)

    def labelled(self, label: str, *parts: str | tuple[str, str], style: str = "dim") -> None:
        """Write `label`, and to its right the parts, wrapped in their own column."""
        room = self.columns - len(label)
        shown = Text.assemble(
            *((inert(part), "") if isinstance(part, str) else (inert(part[0]), part[1]) for part in parts)
        )
        for number, row in enumerate(wrapped(shown, room)):
            self._row(label if number == 0 else " " * len(label), style, row)

    def command(self, label: str, command: str) -> None:
        """Write a shell command that still runs when it is copied from the page."""
        for number, row in enumerate(shell_lines(inert(command, 8_000), self.width - len(label))):
            self._row(label if number == 0 else " " * len(label), "dim", Text(row, "cyan"))

    def _row(self, label: str, style: str, row: Text) -> None:
        self._console.print(Text.assemble((label, style), row), overflow="ignore", no_wrap=True, crop=False)
