"""The access log: one JSON object a line for every request."""

from io import TextIOWrapper
from pathlib import Path
from types import TracebackType

import msgspec


class AccessLog:
    """Writes `method`, `path` (with query), `status` (0: closed without an answer), `bytes` and `ms`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: TextIOWrapper | None = None
        self._encoder = msgspec.json.Encoder()

    def write(self, method: str, target: str, status: int, size: int, milliseconds: float) -> None:
        """Write one line; it is in the file when this returns."""
        if self._file is not None:
            line = {"method": method, "path": target, "status": status, "bytes": size, "ms": round(milliseconds, 3)}
            self._file.write(self._encoder.encode(line).decode() + "\n")

    def __enter__(self) -> "AccessLog":
        self._file = self._path.open("w", encoding="utf-8", buffering=1)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
