"""The access log: one JSON object a line for every request."""

import asyncio
from io import FileIO
from pathlib import Path
from types import TracebackType

import msgspec


class AccessLog:
    """Writes `method`, `path` (with query), `status` (0: closed without an answer), `bytes` and `ms`.

    Whoever counts requests by it relies on every one being there: as a context manager in a task, it ends that task's
    block with the `OSError` once a line cannot be written.
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
        self._file = FileIO(self._path, "w")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        if self._failure is not None and isinstance(error, asyncio.CancelledError):
            self._task.uncancel()
            raise self._failure from None
