"""The file of answers of a scan: Zstandard frames of JSON Lines, one frame a record, appended as answers come.

The first record says which scan the file is of. What is behind a damaged or incomplete frame is cut off when the file
is opened again, so that whatever ends a run costs at most the record that was being written. One process at a time can
have the file open.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import zstandard

from auditor.files import sync_folder
from auditor.own_file import close_and_remove, open_own, try_lock

_LEVEL = 1
_PIECE = 4096
_LARGEST = 256 * 1024 * 1024
"""Most bytes of one record; an answer of Azure has at most a quarter of that."""
_encode = msgspec.json.Encoder().encode


class InUse(Exception):
    """Another process has the file open."""


class NoAnswerFile(Exception):
    """The file begins with something else than the record of a scan."""


class AnswerFile:
    """An open file of answers; `first` is its first record, or None where the file is new."""

    def __init__(self, path: Path) -> None:
        """Open or create the file, with mode 0600.

        Raises `InUse`, `NoAnswerFile`, `NotOurs` for anything but an ordinary file of this user, and `OSError`.
        """
        self.path = path
        self._descriptor = _locked(path)
        self._compressor = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True, write_content_size=True)
        self._begin_of_answers = self._end = 0
        self.first: Any = None
        try:
            if hasattr(os, "fchmod"):
                os.fchmod(self._descriptor, 0o600)
            self._begin()
        except BaseException:
            os.close(self._descriptor)
            raise

    def _begin(self) -> None:
        size = os.fstat(self._descriptor).st_size
        if not size:
            return
        found = self._record(0, size)
        if found is None or not found[1]:
            raise NoAnswerFile
        length, [head, *_] = found
        try:
            self.first = msgspec.json.decode(head)
        except msgspec.DecodeError as broken:
            raise NoAnswerFile from broken
        self._begin_of_answers = self._end = length

    def records(self) -> Iterator[tuple[int, int, Any]]:
        """Yield offset, length and first line of each record behind the first; cut off what is damaged."""
        size = os.fstat(self._descriptor).st_size
        self._end = self._begin_of_answers
        while self._end < size:
            found = self._record(self._end, size)
            if found is None:
                break
            length, lines = found
            try:
                head = msgspec.json.decode(lines[0])
            except msgspec.DecodeError:
                break
            yield self._end, length, head
            self._end += length
        if self._end < size:
            os.ftruncate(self._descriptor, self._end)

    def append(self, *lines: Any) -> tuple[int, int]:
        """Write a record, each line as JSON, to the end of the file; return its offset and length."""
        frame = self._compressor.compress(b"".join(_encode(line) + b"\n" for line in lines))
        offset, self._end = self._end, self._end + len(frame)
        _write_at(self._descriptor, frame, offset)
        return offset, len(frame)

    def start(self, first: Any) -> None:
        """Write the first record of a new file, to the disk."""
        self._begin_of_answers = sum(self.append(first))
        self.first = first
        os.fsync(self._descriptor)
        sync_folder(self.path.parent)

    def second_line(self, offset: int, length: int) -> bytes | None:
        """Return the second line of the record at `offset`; None where it is damaged by now."""
        found = self._record(offset, offset + length)
        return found[1][1] if found is not None and len(found[1]) > 1 else None

    def _record(self, offset: int, size: int) -> tuple[int, list[bytes]] | None:
        """Return the length of the record at `offset` and its lines; None where it is damaged."""
        reader = zstandard.ZstdDecompressor().decompressobj()
        text, at, total = [], offset, 0
        piece = _PIECE
        try:
            while not reader.eof and at < size:
                held = _read_at(self._descriptor, min(piece, size - at), at)
                if not held:
                    return None
                text.append(reader.decompress(held))
                total += len(text[-1])
                at += len(held)
                piece *= 2
                if total > _LARGEST:
                    return None
        except zstandard.ZstdError:
            return None
        if not reader.eof:
            return None
        return at - offset - len(reader.unused_data), b"".join(text).split(b"\n")

    def close(self) -> None:
        """Write everything to the disk and close the file, which unlocks it."""
        try:
            os.fsync(self._descriptor)
        finally:
            os.close(self._descriptor)

    def remove(self) -> None:
        """Remove the file and close it."""
        close_and_remove(self.path, self._descriptor)


def _locked(path: Path) -> int:
    while True:
        descriptor = open_own(path, os.O_RDWR, create=True)
        is_ours = try_lock(descriptor)
        if is_ours and path.exists() and os.path.samestat(path.stat(), os.fstat(descriptor)):
            return descriptor
        os.close(descriptor)
        if not is_ours:
            raise InUse
        # Its holder removed it just before.


def _read_at(descriptor: int, size: int, offset: int) -> bytes:
    os.lseek(descriptor, offset, os.SEEK_SET)
    return os.read(descriptor, size)


def _write_at(descriptor: int, data: bytes, offset: int) -> None:
    os.lseek(descriptor, offset, os.SEEK_SET)
    while data:
        data = data[os.write(descriptor, data) :]
