"""Snapshots as JSON Lines, plain or compressed with Zstandard: written and read as a stream, one record a line."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

import msgspec
import zstandard

from auditor.inventory.assembly import Assembly, BadSnapshot
from auditor.inventory.records import canonical
from auditor.inventory.snapshot import Snapshot

KINDS = ("arm", "graph", "link", "event", "read", "gap")
"""Every kind of record between the header and the end, in the order they are written."""

_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_LEVEL = 3


def write(snapshot: Snapshot, stream: BinaryIO, *, compressed: bool) -> None:
    """Write `snapshot` line by line; equal snapshots give equal bytes. One without `reads` must get them first."""
    if not compressed:
        stream.writelines(lines(snapshot))
        return
    with zstandard.ZstdCompressor(level=_LEVEL).stream_writer(stream, closefd=False) as packed:
        for line in lines(snapshot):
            packed.write(line)


def lines(snapshot: Snapshot) -> Iterator[bytes]:
    """Return the file's lines, each with its line feed: header, records, end."""
    yield canonical(snapshot.header.builtin()) + b"\n"
    count = 0
    for count, line in enumerate(_records(snapshot), start=1):  # noqa: B007 - the last count is the end record's
        yield line
    yield b'{"end":{"records":%d}}\n' % count


def _records(snapshot: Snapshot) -> Iterator[bytes]:
    for arm in snapshot.arm:
        yield b'{"arm":%b%b}\n' % (arm.body, _state(deleted=arm.deleted))
    for thing in snapshot.graph:
        yield b'{"graph":%b%b}\n' % (thing.body, _state(deleted=thing.deleted))
    encode = msgspec.json.encode
    for link in snapshot.links:
        yield b'{"link":%b}\n' % encode(link)
    for event in snapshot.events:
        yield b'{"event":%b}\n' % event.body
    for read in snapshot.reads or ():
        yield b'{"read":%b}\n' % encode(read)
    for gap in snapshot.gaps:
        yield b'{"gap":%b}\n' % encode(gap)


def _state(*, deleted: bool) -> bytes:
    return b',"state":"deleted"' if deleted else b""


def read(path: Path) -> Snapshot:
    """Return the snapshot in `path`; raises `BadSnapshot` (with the line) for anything not wholly right, `OSError`."""
    assembly = Assembly(path)
    number, count, ended = 0, 0, False
    for number, line in _numbered(path):
        if ended:
            raise BadSnapshot(path, number, "something stands behind the end record")
        record = _decoded(path, number, line)
        if number == 1:
            assembly.take_header(number, record)
        elif "end" in record:
            _check_end(path, number, record, count)
            ended = True
        else:
            _take(assembly, number, record)
            count += 1
    if not ended:
        reason = "the file is empty" if not path.stat().st_size else "the end record is missing: the file was cut off"
        raise BadSnapshot(path, number, reason)
    if assembly.reads is None:
        assembly.reads = []  # in JSON Lines nothing is implied: what no record says was read, was not
    return assembly.snapshot()


def _take(assembly: Assembly, number: int, record: dict[str, object]) -> None:
    kinds = [key for key in record if key in KINDS]
    others = sorted(set(record) - set(kinds) - {"state"})
    if len(kinds) != 1 or others:
        said = ", ".join(f"`{key}`" for key in record) or "nothing"
        raise BadSnapshot(assembly.path, number, f"a record has exactly one of {', '.join(KINDS)}; this one has {said}")
    state = record.get("state")
    if state not in {None, "deleted"} or (state and kinds[0] not in {"arm", "graph"}):
        raise BadSnapshot(
            assembly.path, number, f"`state` can be `deleted` beside `arm` or `graph`, not {state!r} here"
        )
    assembly.take(number, kinds[0], record[kinds[0]], deleted=state == "deleted")


def _check_end(path: Path, number: int, record: dict[str, object], count: int) -> None:
    end = record["end"]
    if len(record) > 1:
        raise BadSnapshot(path, number, "the end record holds something else beside `end`")
    said = end.get("records") if isinstance(end, dict) else None
    if said != count or isinstance(said, bool):
        raise BadSnapshot(
            path, number, f"the end record says {said!r} records, but {count} stand before it: the file is not whole"
        )


def _decoded(path: Path, number: int, line: bytes) -> dict[str, object]:
    try:
        return msgspec.json.decode(line, type=dict[str, object])
    except msgspec.DecodeError as malformed:
        reason = f"the line is no JSON object: {malformed}" if line.endswith(b"\n") else "the line is cut off"
        raise BadSnapshot(path, number, reason) from malformed
    except (RecursionError, UnicodeDecodeError) as malformed:
        raise BadSnapshot(path, number, f"the line cannot be read: {malformed}") from malformed


def _numbered(path: Path) -> Iterator[tuple[int, bytes]]:
    with path.open("rb") as stream:
        packed = stream.read(len(_ZSTD_MAGIC)) == _ZSTD_MAGIC
        stream.seek(0)
        source = (
            cast(
                "BinaryIO",
                io.BufferedReader(zstandard.ZstdDecompressor().stream_reader(stream, read_across_frames=True)),
            )
            if packed
            else stream
        )
        number = 0
        try:
            for number, line in enumerate(source, start=1):
                yield number, line
        except zstandard.ZstdError as broken:
            raise BadSnapshot(path, number + 1, f"the compressed data is damaged: {broken}") from broken
