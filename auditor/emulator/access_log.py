"""The access log: one JSON object a line for every request."""

import asyncio
import errno
import os
import stat
from io import FileIO
from pathlib import Path
from types import TracebackType

import msgspec


class AccessLog:
    """Writes `method`, `path` (with query), `status` (0: closed without an answer), `bytes` and `ms`.

    Whoever counts requests by it relies on every one being there: as a context manager in a task, it ends that task's
    block with the `OSError` once a line cannot be written. What a client asks for is nobody else's business: only the
    owner can read the file, and it is an ordinary file of the owner's under its own name, never what a link leads to.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._encoder = msgspec.json.Encoder()
        self._failure: OSError | None = None

    def write(self, method: str, target: str, status: int, size: int, milliseconds: float) -> None:
        """Write one line; it is in the file when this returns, unless the block is about to end."""
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
        assert task is not None  # noqa: S101  what runs a coroutine is a task
        self._task = task
        self._file = FileIO(_private(self._path), "w")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        if self._failure is not None and isinstance(error, asyncio.CancelledError):
            self._task.uncancel()
            raise self._failure from None


def _private(path: Path) -> int:
    """Return the descriptor of a new, empty file at `path` with mode 0600, or of the emptied one that was there.

    Raises `OSError` where a link, a pipe, a device, a folder, somebody else's file or one with a second name is there.
    """
    safely = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | safely, 0o600)
    except OSError as refused:
        if refused.errno in {errno.ELOOP, errno.ENXIO}:  # a link; a pipe that nobody reads
            raise _foreign(path) from refused
        raise
    try:
        _empty(path, descriptor)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _empty(path: Path, descriptor: int) -> None:
    state = os.fstat(descriptor)
    ours = not hasattr(os, "geteuid") or state.st_uid == os.geteuid()
    if not stat.S_ISREG(state.st_mode) or not ours or state.st_nlink != 1:
        raise _foreign(path)
    if hasattr(os, "fchmod"):
        os.fchmod(descriptor, 0o600)
    os.ftruncate(descriptor, 0)


def _foreign(path: Path) -> OSError:
    return OSError(errno.EPERM, "not an ordinary file of yours, or a link to one", str(path))
