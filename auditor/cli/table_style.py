"""Page style per destination: width, colour and links for a terminal, plain text of a fixed width for a file."""

import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from auditor.cli.terminal import Terminal
from auditor.report.terminal.style import PageStyle, TableStyle

FILE_WIDTH = 100
"""Columns of a page in a file; printed on paper it fits the width."""

# Terminals that are known to show links, by the variables that they set.
_PROGRAMS = frozenset({"iTerm.app", "WezTerm", "vscode", "Hyper", "ghostty", "mintty", "rio", "Tabby"})
_TERMS = ("xterm-kitty", "xterm-ghostty", "alacritty", "foot", "contour", "wezterm")
_SINCE_VTE = 5000
_SINCE_TMUX = (3, 4)


def table_style(terminal: Terminal, output: Path | None, *, all_verdicts: bool, command: str = "") -> TableStyle:
    """Return the style of the findings; `command` made them, and is named again unless `--quiet` is set."""
    page = page_style(terminal, output)
    return TableStyle(
        **asdict(page),
        verbose=terminal.verbose,
        all_verdicts=all_verdicts,
        command="" if terminal.quiet else command,
    )


def page_style(terminal: Terminal, output: Path | None = None) -> PageStyle:
    """Return the style for stdout as it is now, or for the file `output`.

    `COLUMNS` in the environment overrides the width of the terminal. Without it, what is piped is cut nowhere.
    """
    if output is not None:
        return PageStyle(width=FILE_WIDTH, shell=terminal.command_shell, whole=True)
    encoding = (sys.stdout.encoding or "ascii").lower().replace("-", "")
    return PageStyle(
        width=shutil.get_terminal_size((FILE_WIDTH, 24)).columns,
        colour=terminal.colours(sys.stdout),
        links=shows_links(os.environ),
        ascii_only=not encoding.startswith("utf"),
        shell=terminal.command_shell,
        whole=not (sys.stdout.isatty() or os.environ.get("COLUMNS")),
        rows=screen_rows(),
    )


def screen_rows() -> int | None:
    """Return how many lines stdout shows at once, without the prompt; None if it is not a terminal.

    `LINES` in the environment overrides the height of the terminal.
    """
    return shutil.get_terminal_size().lines - 1 if sys.stdout.isatty() else None


def shows_links(env: Mapping[str, str]) -> bool:
    """Return whether the terminal that `env` describes shows links; `FORCE_HYPERLINK` (1 or 0) overrides it."""
    forced = env.get("FORCE_HYPERLINK")
    if forced is not None:
        return forced not in {"", "0"}
    if env.get("TERM_PROGRAM") == "tmux":
        return _version(env.get("TERM_PROGRAM_VERSION", "")) >= _SINCE_TMUX
    if env.get("TERM", "").startswith(("screen", "tmux", "linux", "dumb")):
        return False  # the terminal outside a multiplexer may show links, but the multiplexer does not pass them on
    return (
        env.get("TERM_PROGRAM", "") in _PROGRAMS
        or env.get("TERM", "").startswith(_TERMS)
        or any(name in env for name in ("WT_SESSION", "KONSOLE_VERSION"))
        or (env.get("VTE_VERSION", "").isdecimal() and int(env["VTE_VERSION"]) >= _SINCE_VTE)
    )


def _version(text: str) -> tuple[int, ...]:
    """Return the leading numbers of a version such as `3.4a`."""
    numbers = ["".join(character for character in part if character.isdecimal()) for part in text.split(".")]
    return tuple(int(number) for number in numbers if number)
