"""Zstandard files of snapshots: one frame, and after our own frames a seal.

The seal is a skippable frame, which every tool ignores. It contains the SHA-256 digest of all bytes before it, since
some bits of a frame can change without changing the unpacked data. Frames of other tools have no seal; ours are
recognised by their window size, which no compression level chooses by itself.
"""

import hashlib
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

import zstandard

MAGIC = b"\x28\xb5\x2f\xfd"
"""The first bytes of a frame."""

LARGEST_WINDOW = 8 * 1024 * 1024
"""Bytes of unpacked data that a frame may refer back to; RFC 8878 recommends that readers support as many."""

_LEVEL = 3
_WINDOW_LOG = 18
_SEAL_HEAD = b"\x5d\x2a\x4d\x18\x20\x00\x00\x00"
"""A skippable frame of 32 bytes."""
_SEAL_SIZE = len(_SEAL_HEAD) + hashlib.sha256().digest_size
_RAW, _RUN, _COMPRESSED = range(3)


class DamagedFrame(ValueError):
    """Compressed data is damaged, for the given reason."""


class _Watched:
    """A stream that counts the bytes read and digests all bytes read or written."""

    def __init__(self, stream: BinaryIO, length: int = 0) -> None:
        """Wrap `stream`; reading ends after `length` bytes."""
        self._stream = stream
        self.left = length
        self.digest = hashlib.sha256()

    def read(self, size: int) -> bytes:
        data = self._stream.read(min(size, self.left))
        self.left -= len(data)
        self.digest.update(data)
        return data

    def write(self, data: bytes) -> int:
        self.digest.update(data)
        return self._stream.write(data)


@contextmanager
def packing(stream: BinaryIO) -> Iterator[BinaryIO]:
    """Yield a stream that compresses what is written to it into `stream`; the seal is written after the block."""
    parameters = zstandard.ZstdCompressionParameters.from_level(_LEVEL, window_log=_WINDOW_LOG, write_checksum=True)
    watched = cast("BinaryIO", _Watched(stream))
    with zstandard.ZstdCompressor(compression_params=parameters).stream_writer(watched, closefd=False) as packed:
        yield cast("BinaryIO", packed)
    stream.write(_SEAL_HEAD + cast("_Watched", watched).digest.digest())


@contextmanager
def unpacking(stream: BinaryIO) -> Iterator[BinaryIO]:
    """Yield a stream of the unpacked content of `stream`, an open file, which is read in small parts.

    Raises `DamagedFrame`, at the latest after the block, so the content is valid only once the block has ended.
    """
    try:
        seal, length = _measured(stream)
        stream.seek(0)
        watched = _Watched(stream, length)
        unpacker = zstandard.ZstdDecompressor(max_window_size=LARGEST_WINDOW)
        reader = unpacker.stream_reader(cast("BinaryIO", watched), read_across_frames=False, closefd=False)
        with io.BufferedReader(cast("io.RawIOBase", reader)) as unpacked:
            yield cast("BinaryIO", unpacked)
            if unpacked.read(1) or watched.left:
                raise DamagedFrame("it does not end where its blocks do")
    except zstandard.ZstdError as broken:
        raise DamagedFrame(str(broken)) from broken
    if seal and seal != watched.digest.digest():
        raise DamagedFrame("it is not what its seal says: the file was changed or damaged after it was written")


def _measured(stream: BinaryIO) -> tuple[bytes, int]:
    """Return the seal after the frame (empty for another tool's) and the frame's length; raises `DamagedFrame`."""
    stream.seek(0)
    head = stream.read(18)
    frame = zstandard.get_frame_parameters(head)
    if frame.window_size > LARGEST_WINDOW:
        raise DamagedFrame(f"unpacking it takes a window of more than {LARGEST_WINDOW // 1024**2} MiB")
    length = _length(stream, zstandard.frame_header_size(head), has_checksum=bool(frame.has_checksum))
    total = os.fstat(stream.fileno()).st_size
    stream.seek(length)
    if frame.window_size != 1 << _WINDOW_LOG:
        if total > length:
            raise DamagedFrame("something follows its first frame")
        return b"", length
    seal = stream.read(_SEAL_SIZE)
    if total < length + _SEAL_SIZE:
        raise DamagedFrame("it was cut off: the seal after it is not complete")
    if total > length + _SEAL_SIZE or not seal.startswith(_SEAL_HEAD):
        raise DamagedFrame("something other than its seal follows it")
    return seal.removeprefix(_SEAL_HEAD), length


def _length(stream: BinaryIO, start: int, *, has_checksum: bool) -> int:
    """Return the length of a frame whose blocks begin at `start`, added up from the block headers."""
    total = os.fstat(stream.fileno()).st_size
    last = False
    while not last:
        stream.seek(start)
        head = int.from_bytes(stream.read(3), "little")
        last, kind, size = bool(head & 1), head >> 1 & 3, head >> 3
        if kind > _COMPRESSED:
            raise DamagedFrame("it has a block of no known kind")
        start += 3 + (1 if kind == _RUN else size)
        if start > total:
            raise DamagedFrame("it was cut off")
    end = start + 4 * has_checksum
    if end > total:
        raise DamagedFrame("it was cut off")
    return end
