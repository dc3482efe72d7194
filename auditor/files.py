"""File access: only ordinary files are opened, and a written file appears completely or not at all."""

import errno
import ntpath
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PureWindowsPath
from typing import BinaryIO


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Yield a stream whose content replaces `path` when the block succeeds: temporary file (0600), fsync, rename.

    Where the block fails, `path` keeps its content and the temporary file is removed. Raises `OSError`.
    """
    draft = _beside(path, "part")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(path)
    except BaseException:  # the draft must be removed after Ctrl-C too
        draft.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def check_writable(path: Path) -> None:
    """Raise `OSError` unless a file can be written at `path` now; no file stays behind."""
    if path.is_dir():
        raise IsADirectoryError(f"`{path}` is a folder")
    if sys.platform == "win32" and _is_no_file_name(path.name):
        raise OSError(
            errno.EINVAL, "Windows forbids the name: it is a device's, or has a character with a meaning", str(path)
        )
    probe = _beside(path, "probe")
    try:
        os.close(os.open(probe, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileNotFoundError as refused:
        if not path.parent.is_dir():
            raise
        raise OSError(errno.ENAMETOOLONG, _TOO_LONG, str(path)) from refused
    probe.unlink()


_TOO_LONG = "the path is too long: Windows allows 260 characters until long paths are switched on"
"""Why a file cannot be made in a folder that exists: no other system answers that it is not found."""


def _is_no_file_name(name: str) -> bool:
    """Return whether Windows does not make an ordinary file under this name: `NUL`, `con.txt`, a stream `a:b`."""
    if any(character in '<>:"/\\|?*' or character < " " for character in name) or name.endswith((".", " ")):
        return True
    if sys.version_info >= (3, 13):
        return ntpath.isreserved(name)
    return PureWindowsPath(name).is_reserved()


def _beside(path: Path, ending: str) -> Path:
    """Return a new name in the folder of `path`. `os.urandom`: loading `secrets` would slow down every start."""
    return path.with_name(f".{path.name}.{os.urandom(4).hex()}.{ending}")


def opened(path: Path, largest: int | None = None) -> BinaryIO:
    """Return the file at `path`, open for reading.

    Raises `OSError`, without waiting, for a folder, a pipe, a device, and a file of more than `largest` bytes.
    """
    stream = open(path, "rb", opener=_at_once)  # noqa: SIM115 - the caller closes it
    try:
        _check(path, os.fstat(stream.fileno()), largest)
    except BaseException:
        stream.close()
        raise
    return stream


def content(path: Path, largest: int) -> bytes:
    """Return the content of the file at `path`; raises `OSError` as `opened` does."""
    with opened(path, largest) as stream:
        held = stream.read(largest + 1)
    if len(held) > largest:  # the file grew while it was read
        raise _too_large(path, largest)
    return held


def why(failed: OSError) -> str:
    """Return why a file could not be read, as a part of a sentence."""
    reason = failed.strerror or str(failed)
    return reason[:1].lower() + reason[1:]


def sync_folder(folder: Path) -> None:
    """Write the entries of `folder` to disk, so that a new or renamed file in it survives a power cut."""
    if not hasattr(os, "O_DIRECTORY"):  # Windows cannot open folders, and its renames are durable enough
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _at_once(name: str, flags: int) -> int:
    """Open a file; a pipe without waiting for its writer."""
    return os.open(name, flags | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0))


def _check(path: Path, state: os.stat_result, largest: int | None) -> None:
    if not stat.S_ISREG(state.st_mode):
        raise OSError(errno.EINVAL, "it is no ordinary file, but a pipe, a device or the like", str(path))
    if largest is not None and state.st_size > largest:
        raise _too_large(path, largest)


def _too_large(path: Path, largest: int) -> OSError:
    size = f"{largest // 1024**2} MiB" if largest >= 1024**2 else f"{largest // 1024} KiB"
    return OSError(errno.EFBIG, f"the file is larger than {size}", str(path))
