"""What a person sees: quiet or verbose, with or without colour, and the few ways a command may write."""

import errno
import io
import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from io import TextIOWrapper
from typing import TextIO

import click

from auditor.report.inert import inert_lines

_STANDARD = 2
"""The highest number of a standard stream."""
_KEY = "migaudit.terminal"


@dataclass(slots=True)
class Terminal:
    """The choices that `--quiet`, `--verbose` and `--no-color` make, wherever on the command line they stand."""

    quiet: bool = False
    verbose: bool = False
    no_color: bool = False

    @classmethod
    def of(cls, context: click.Context) -> "Terminal":
        """Return the one terminal of this run of the command."""
        meta = context.find_root().meta
        return meta.setdefault(_KEY, cls())  # type: ignore[no-any-return]  # click types meta's values as Any

    def note(self, text: str) -> None:
        """Tell the user something beside the result, on stderr."""
        if not self.quiet:
            to_stderr(text)

    def detail(self, text: str) -> None:
        """Tell the user who asked for it what is going on, on stderr."""
        if self.verbose and not self.quiet:
            to_stderr(text)

    @property
    def shows_progress(self) -> bool:
        """Say whether moving progress makes sense: a person looks at stderr."""
        return not self.quiet and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"

    def colours(self, stream: TextIO) -> bool:
        """Say whether `stream` should get colour: it is a terminal, and nobody asked for none."""
        if self.no_color or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
            return False
        return stream.isatty() or bool(os.environ.get("FORCE_COLOR"))


class _Closed(io.TextIOBase):
    """Stands where a standard stream was closed before the command began."""

    def write(self, _text: str) -> int:
        """Refuse, as the closed stream would."""
        raise OSError(errno.EBADF, "the stream is closed")


def ensure_streams() -> None:
    """Put something that refuses to be written to where stdout or stderr is closed; Python has nothing there then.

    The numbers of closed streams are taken as well: else the next file or connection that is opened gets one, and
    whatever is written past Python to stdout or stderr ends in there.
    """
    with suppress(OSError):
        while (number := os.open(os.devnull, os.O_RDWR)) <= _STANDARD:
            pass
        os.close(number)
    if sys.stdout is None:
        sys.stdout = _Closed()
    if sys.stderr is None:
        sys.stderr = _Closed()


def to_stderr(text: str) -> None:
    """Write inert lines to stderr; a stderr that is gone or cannot show a character never stops the command."""
    try:
        stream = sys.stderr
        lines = "\n".join(inert_lines(text)) + "\n"
        stream.write(lines.encode(stream.encoding or "utf-8", "backslashreplace").decode(stream.encoding or "utf-8"))
        stream.flush()
    except (OSError, ValueError):
        return


def to_stdout(pieces: Iterable[str]) -> None:
    """Write a result to stdout as it comes; characters that the terminal's encoding lacks are written out."""
    stream = sys.stdout
    if isinstance(stream, TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")
    stream.writelines(pieces)
    stream.flush()
