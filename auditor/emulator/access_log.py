"""The access log: one line of JSON per request."""

import asyncio
import errno
import os
import stat
from io import FileIO
from pathlib import Path
from types import TracebackType

import msgspec


class AccessLog:
    """A log file with `method`, `path` (with query), `status` (0: connection closed without an answer), `bytes`, `ms`.

    The log is an asynchronous context manager. Tests count requests by it, so no line may be missing: if one cannot be
    written, the block ends with that `OSError`. Only the owner can read the file, which must be an ordinary file of the
    owner; links are not followed.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._encoder = msgspec.json.Encoder()
        self._failure: OSError | None = None

    def write(self, method: str, target: str, status: int, size: int, milliseconds: float) -> None:
        """Write one line to the file at once; where that fails, cancel the task that runs the block."""
        line = {"method": method, "path": target, "status": status, "bytes": size, "ms": round(milliseconds, 3)}
        data = self._encoder.encode(line) + b"\n"
        try:
            while data and self._failure is None:
                data = data[self._file.write(data) :]
        except OSError as failure:
            failure.filename = str(self._path)
            self._failure = failure
            self._task.cancel()

    async def __aenter__(self) -> "AccessLog":
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  a coroutine always runs in a task
        self._task = task
        self._file = FileIO(_open_private(self._path), "w")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        if self._failure is not None and isinstance(error, asyncio.CancelledError):
            self._task.uncancel()
            raise self._failure from None


def _open_private(path: Path) -> int:
    """Return the descriptor of an empty file at `path` with mode 0600; an existing file is emptied.

    Raises `OSError` for a link, a pipe, a device, a folder, another user's file, or a file with a second hard link.
    """
    safely = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | safely, 0o600)
    except OSError as refused:
        if refused.errno in {errno.ELOOP, errno.ENXIO}:  # a link; a pipe without a reader
            raise _refused(path) from refused
        raise
    try:
        _check_and_truncate(path, descriptor)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _check_and_truncate(path: Path, descriptor: int) -> None:
    state = os.fstat(descriptor)
    ours = not hasattr(os, "geteuid") or state.st_uid == os.geteuid()
    if not stat.S_ISREG(state.st_mode) or not ours or state.st_nlink != 1:
        raise _refused(path)
    if hasattr(os, "fchmod"):
        os.fchmod(descriptor, 0o600)
    os.ftruncate(descriptor, 0)


def _refused(path: Path) -> OSError:
    return OSError(errno.EPERM, "not an ordinary file of yours, or a link to one", str(path))
