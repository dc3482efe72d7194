"""The style of a page of text, apart from the page itself, whose library takes long to load."""

from dataclasses import dataclass

from auditor.shells import CommandShell

_BELOW = 4
"""Lines below the page when a command has ended: a note on stderr, and the prompt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageStyle:
    """Style of a page: its width in columns, and whether colour, links and more than ASCII can be shown."""

    width: int = 80
    colour: bool = False
    links: bool = False
    """Links are shown only together with colour."""
    ascii_only: bool = False
    shell: CommandShell = CommandShell.BASH
    """The shell that commands are written for."""
    whole: bool = False
    """Whether no cell of a table is cut and no id broken, whatever the width: a file or a pipe is read by programs."""
    rows: int | None = None
    """How many lines the screen shows, None for what is no screen."""

    def holds(self, text: str) -> bool:
        """Return whether the screen shows the whole text when the command has ended."""
        return self.rows is None or len(text.splitlines()) <= self.rows - _BELOW


@dataclass(frozen=True, slots=True, kw_only=True)
class TableStyle(PageStyle):
    """Style of the findings: with all details and their evidence (`verbose`), with those that need no attention.

    `command` is the command that made the result, as far as it is worth repeating; where it is empty, no further
    commands are named.
    """

    verbose: bool = False
    all_verdicts: bool = False
    command: str = ""
