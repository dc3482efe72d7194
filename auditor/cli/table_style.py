"""How wide and how colourful a page is, by where it goes."""

import os
import shutil
import sys
from dataclasses import asdict
from pathlib import Path

from auditor.cli.hyperlinks import shows_links
from auditor.cli.terminal import Terminal
from auditor.report.terminal.findings import TableStyle
from auditor.report.terminal.page import PageStyle

FILE_WIDTH = 100


def page_style(terminal: Terminal, output: Path | None = None) -> PageStyle:
    """Return the style for stdout as it is now, or for a file: plain, and of a width that prints well.

    `COLUMNS` in the environment overrides the width of the terminal.
    """
    if output is not None:
        return PageStyle(width=FILE_WIDTH)
    encoding = (sys.stdout.encoding or "ascii").lower().replace("-", "")
    return PageStyle(
        width=shutil.get_terminal_size((FILE_WIDTH, 24)).columns,
        colour=terminal.colours(sys.stdout),
        links=shows_links(os.environ),
        ascii_only=not encoding.startswith("utf"),
    )


def screen_rows() -> int | None:
    """Return how many lines stdout shows at once beside a prompt; None where it is no terminal.

    `LINES` in the environment overrides the height of the terminal.
    """
    return shutil.get_terminal_size().lines - 1 if sys.stdout.isatty() else None


def table_style(terminal: Terminal, output: Path | None, *, all_verdicts: bool) -> TableStyle:
    """Return the style of the findings: with `--verbose` they come with their evidence."""
    page = page_style(terminal, output)
    return TableStyle(**asdict(page), verbose=terminal.verbose, all_verdicts=all_verdicts)
