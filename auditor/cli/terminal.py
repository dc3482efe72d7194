"""Output to a person: quiet or verbose, with or without colour, to stdout and stderr, and the options that say so."""

import codecs
import errno
import io
import os
import re
import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from io import TextIOWrapper
from typing import TextIO

import click

from auditor.report.inert import inert_lines
from auditor.shells import READERS, SHELLS, CommandShell, command_shell, shell_in_use

_PIECE = re.compile(r"^ +|`[^`]*`\S* *|\S+ *")
"""What is not broken in a line for a terminal: a word, and a command or name in backticks."""
_STANDARD = 2
"""The highest file descriptor of a standard stream."""
_KEY = "migaudit.terminal"


@dataclass(slots=True)
class Terminal:
    """The settings of `--quiet`, `--verbose`, `--no-color` and `--shell`, wherever they are on the command line."""

    quiet: bool = False
    verbose: bool = False
    no_color: bool = False
    shell: str = ""
    """The shell that commands are printed for; empty for the one in use."""
    about: str = ""
    """What the notes are about, where several are read at a time, such as the name of a tenant."""

    @classmethod
    def of(cls, context: click.Context) -> "Terminal":
        """Return the terminal of this run of the command, the same one each time."""
        meta = context.find_root().meta
        return meta.setdefault(_KEY, cls())  # type: ignore[no-any-return]  # click types meta's values as Any

    def note(self, text: str) -> None:
        """Print a note on stderr, unless `--quiet` is set."""
        if not self.quiet:
            to_stderr(self._of_whom(text))

    def detail(self, text: str) -> None:
        """Print a note on stderr only with `--verbose`."""
        if self.verbose and not self.quiet:
            to_stderr(self._of_whom(text))

    def _of_whom(self, text: str) -> str:
        return f"{self.about}: {text}" if self.about else text

    @property
    def command_shell(self) -> CommandShell:
        """The shell that commands are printed for: the one that was named, otherwise the one in use."""
        return command_shell(self.shell or shell_in_use(os.environ, os.name), os.name)

    @property
    def document_shells(self) -> tuple[CommandShell, ...]:
        """The shells that documents have commands for: the one that was named, otherwise those of most readers."""
        return (self.command_shell,) if self.shell else READERS

    @property
    def shows_progress(self) -> bool:
        """Whether progress bars make sense: stderr is a terminal."""
        return not self.quiet and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"

    def colours(self, stream: TextIO) -> bool:
        """Return whether `stream` gets colour: it is a terminal, and colour is not switched off."""
        if self.no_color or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
            return False
        if sys.platform == "win32" and stream.isatty():
            from colorama import just_fix_windows_console

            just_fix_windows_console()
        return stream.isatty() or bool(os.environ.get("FORCE_COLOR"))


class _Closed(io.TextIOBase):
    """Replacement for a standard stream that was closed before the command began."""

    def write(self, _text: str) -> int:
        """Raise `OSError`, as the closed stream would."""
        raise OSError(errno.EBADF, "the stream is closed")


def ensure_streams() -> None:
    """Replace a closed stdout or stderr, for which Python has None, by a stream that refuses to be written to.

    The file descriptors of closed streams are occupied as well. Otherwise the next file or connection that is opened
    would get one, and whatever a library writes directly to stdout or stderr would end up in it.
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
    """Write inert lines to stderr; a stderr that is closed or cannot show a character never stops the command."""
    try:
        stream = sys.stderr
        shown = inert_lines(text)
        if stream.isatty():
            width = shutil.get_terminal_size().columns
            shown = [part for line in shown for part in _broken(line, width)]
        lines = "\n".join(shown) + "\n"
        stream.write(lines.encode(stream.encoding or "utf-8", "backslashreplace").decode(stream.encoding or "utf-8"))
        stream.flush()
    except (OSError, ValueError):
        return


def _broken(line: str, width: int) -> Iterator[str]:
    """Yield a line of prose in lines of at most `width` columns, all with its indent; what is quoted stays whole."""
    indent = " " * (len(line) - len(line.lstrip(" ")))
    current = ""
    for piece in _PIECE.findall(line):
        if current.strip() and len(current) + len(piece.rstrip()) > width:
            yield current.rstrip()
            current = indent
        current += piece
    yield current.rstrip()


def to_stdout(pieces: Iterable[str]) -> None:
    """Write a result to stdout piece by piece: to a file or a pipe as UTF-8 with plain line feeds, on every system.

    The code page of Windows, and its line ends, would damage JSON, XML and CSV. Where `PYTHONIOENCODING` names another
    encoding, characters that it lacks are written as escapes, which JSON reads as those characters.
    """
    stream = sys.stdout
    if isinstance(stream, TextIOWrapper):
        chosen = stream.isatty() or "PYTHONIOENCODING" in os.environ
        stream.reconfigure(encoding=stream.encoding if chosen else "utf-8", errors=_ESCAPED, newline="\n")
    stream.writelines(pieces)
    stream.flush()


def _escaped(failure: UnicodeError) -> tuple[str, int]:
    """Return what stands for characters that an encoding lacks: the escapes of JSON."""
    if not isinstance(failure, UnicodeEncodeError):
        raise failure
    units = failure.object[failure.start : failure.end].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{high:02x}{low:02x}" for high, low in zip(units[::2], units[1::2], strict=True)), failure.end


_ESCAPED = "migaudit-escaped"
codecs.register_error(_ESCAPED, _escaped)


def _quiet(context: click.Context, _option: click.Parameter, wanted: bool) -> None:
    if wanted:
        Terminal.of(context).quiet = True


def _verbose(context: click.Context, _option: click.Parameter, wanted: bool) -> None:
    if wanted:
        Terminal.of(context).verbose = True


def _shell(context: click.Context, _option: click.Parameter, name: str | None) -> None:
    if name:
        Terminal.of(context).shell = name


def _no_color(context: click.Context, _option: click.Parameter, wanted: bool) -> None:
    if wanted:
        Terminal.of(context).no_color = True


_OUTPUT = (
    (("-q", "--quiet"), _quiet, "No progress, no notes: only the result."),
    (("-v", "--verbose"), _verbose, "Show the evidence, and what is being done."),
    (("--no-color",), _no_color, "No colour (NO_COLOR in the environment does the same)."),
)


def add_output_options(command: click.Command) -> None:
    """Add `--quiet`, `--verbose`, `--no-color` and `--shell` to `command` and those below it, if they lack them."""
    taken = {name for parameter in command.params for name in parameter.opts}
    for names, callback, meaning in _OUTPUT:
        free = tuple(name for name in names if name not in taken)
        if names[-1] in free:
            command.params.append(
                click.Option(free, is_flag=True, expose_value=False, is_eager=True, callback=callback, help=meaning)
            )
    if "--shell" not in taken and not any(parameter.name == "shell" for parameter in command.params):
        command.params.append(
            click.Option(
                ("--shell",),
                type=click.Choice(SHELLS),
                expose_value=False,
                is_eager=True,
                callback=_shell,
                help="Print commands for this shell (default: the one in use).",
            )
        )
    if isinstance(command, click.Group):
        for below in command.commands.values():
            add_output_options(below)
