"""Files that a command writes: checked before the work starts, and written completely or not at all."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import BinaryIO

from auditor.cli.failures import UsageFailed
from auditor.cli.terminal import Terminal, to_stdout
from auditor.files import check_writable, replacing, why


def ensure_writable(path: Path, *, option: str) -> None:
    """Raise `UsageFailed` unless `path` can be written now, so that the result of a long scan is not lost.

    `option` is what stands before the file on the command line; it may end with `=`.
    """
    given = f"{option}{path}" if option.endswith("=") else f"{option} {path}"
    try:
        if path.exists() and not path.is_dir() and not path.is_file():
            raise UsageFailed(
                f"`{given}`: not an ordinary file; leave `{option.rstrip('=')}` out and redirect the output"
            )
        check_writable(path)
    except OSError as refused:
        reason = why(refused)
        raise UsageFailed(f"cannot write `{given}`: {reason}; nothing was read yet") from refused


def ensure_different(paths: dict[str, Path | None]) -> None:
    """Raise `UsageFailed` if two options (the keys) name the same file."""
    seen: dict[Path, str] = {}
    for option, path in paths.items():
        if path is None:
            continue
        first = seen.setdefault(path.resolve(), option)
        if first != option:
            raise UsageFailed(f"`{first}` and `{option}` name the same file `{path}`")


def show_result(pieces: Iterable[str], path: Path | None, terminal: Terminal) -> None:
    """Write a result, in pieces, to `path`, and say so, or to stdout if that is None."""
    if path is None:
        to_stdout(pieces)
    else:
        write_text(pieces, path)
        terminal.note(f"wrote the result to `{path}`")


def show_binary(write: Callable[[BinaryIO], None], path: Path, terminal: Terminal) -> None:
    """Let `write` fill the file at `path`, and say so."""
    write_binary(write, path)
    terminal.note(f"wrote the result to `{path}`")


def write_text(pieces: Iterable[str], path: Path) -> None:
    """Write `pieces` to `path` as UTF-8, atomically and readable by the owner alone; raises `UsageFailed`."""

    def write(stream: BinaryIO) -> None:
        stream.writelines(piece.encode("utf-8", "backslashreplace") for piece in pieces)

    write_binary(write, path)


def write_binary(write: Callable[[BinaryIO], None], path: Path) -> None:
    """Let `write` fill the file at `path`, atomically and readable by the owner alone; raises `UsageFailed`."""
    try:
        with replacing(path) as stream:
            write(stream)
    except OSError as refused:
        raise UsageFailed(f"cannot write `{path}`: {why(refused)}") from refused
