"""The style of a page of text, apart from the page itself, whose library takes long to load."""

from dataclasses import dataclass

from auditor.shells import CommandShell


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


@dataclass(frozen=True, slots=True, kw_only=True)
class TableStyle(PageStyle):
    """Style of the findings: with all details and their evidence (`verbose`), with those that need no attention.

    `rows` is how many lines the screen shows, None for what is no screen. `command` is the command that made the
    result, as far as it is worth repeating; where it is empty, no further commands are named.
    """

    verbose: bool = False
    all_verdicts: bool = False
    rows: int | None = None
    command: str = ""
