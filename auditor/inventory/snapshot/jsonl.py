"""Snapshots as JSON Lines, plain or compressed with Zstandard: written and read as a stream, one record a line."""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec

from auditor.files import opened
from auditor.inventory.snapshot.assembly import Assembly, BadSnapshot
from auditor.inventory.snapshot.records import Header, canonical
from auditor.inventory.snapshot.seal import Seal, SnapshotEnd, objection
from auditor.inventory.snapshot.snapshot import Snapshot
from auditor.inventory.snapshot.yaml_bounds import DEEPEST
from auditor.inventory.snapshot.zstd_frame import MAGIC, DamagedFrame, packing, unpacking

KINDS = ("arm", "graph", "link", "event", "read", "gap")
"""Every kind of record between the header and the end, in the order they are written."""

LONGEST_LINE = 64 * 1024 * 1024
"""Bytes of one line: more than any answer of Azure has."""

MOST_VALUES = 2 * 1024 * 1024
"""Values in one record, so that a line of nothing but `[],[],…` does not come to gigabytes."""


def write(snapshot: Snapshot, stream: BinaryIO, *, compressed: bool) -> None:
    """Write `snapshot` line by line; equal snapshots give equal bytes. One without `reads` must get them first."""
    if not compressed:
        stream.writelines(lines(snapshot))
        return
    with packing(stream) as packed:
        for line in lines(snapshot):
            packed.write(line)


def lines(snapshot: Snapshot) -> Iterator[bytes]:
    """Return the file's lines, each with its line feed: header, records, end."""
    header = _header(snapshot.header)
    seal = Seal(header)
    yield header
    for line in _records(snapshot):
        seal.take(line)
        yield line
    yield b'{"end":%b}\n' % msgspec.json.encode(seal.end)


def end_of(snapshot: Snapshot) -> SnapshotEnd:
    """Return the end that a file of `snapshot` states, whatever its form."""
    seal = Seal(_header(snapshot.header))
    for line in _records(snapshot):
        seal.take(line)
    if snapshot.reads is None:
        seal.leave_out_reads()
    return seal.end


def _header(header: Header) -> bytes:
    """The tool stands first: a header that was cut off inside its name lacks everything else too."""
    fields = header.builtin()
    return b'{"tool":%b,%b\n' % (msgspec.json.encode(fields.pop("tool")), canonical(fields)[1:])


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
    assembly = Assembly(path, repeats=False)
    assembly.reads = {}  # in JSON Lines nothing is implied: what no record says was read, was not
    number, ended, seal = 0, False, None
    for number, line in _numbered(path):
        if ended:
            raise BadSnapshot(path, number, "something stands behind the end record")
        record = _decoded(path, number, line)
        if seal is None:
            assembly.take_header(number, record)
            seal = Seal(line)
        elif "end" in record:
            _check_end(path, number, line, record, seal.end)
            ended = True
        else:
            _take(assembly, number, record)
            seal.take(line)
    if not ended:
        reason = "the end record is missing: the file was cut off" if number else "the file is empty"
        raise BadSnapshot(path, number, reason)
    return assembly.snapshot()


def _take(assembly: Assembly, number: int, record: dict[str, object]) -> None:
    kinds = [key for key in record if key in KINDS]
    others = sorted(set(record) - set(kinds) - {"state"})
    if len(kinds) != 1 or others:
        said = ", ".join(f"`{key}`" for key in list(record)[:5]) or "nothing"
        raise BadSnapshot(assembly.path, number, f"a record has exactly one of {', '.join(KINDS)}; this one has {said}")
    state = record.get("state")
    if state not in (None, "deleted") or (state and kinds[0] not in {"arm", "graph"}):
        raise BadSnapshot(
            assembly.path, number, "`state` can be `deleted` beside `arm` or `graph`, and nothing else anywhere"
        )
    assembly.take(number, kinds[0], record[kinds[0]], deleted=state == "deleted")


def _check_end(path: Path, number: int, line: bytes, record: dict[str, object], true: SnapshotEnd) -> None:
    if len(record) > 1:
        raise BadSnapshot(path, number, "the end record holds something else beside `end`")
    wrong = objection(record["end"], true)
    if wrong is not None:
        raise BadSnapshot(path, number, wrong)
    if not line.endswith(b"\n"):
        raise BadSnapshot(path, number, "the line is cut off")


def _decoded(path: Path, number: int, line: bytes) -> dict[str, object]:
    openings = line.count(b"[") + line.count(b"{")
    if len(line) > MOST_VALUES and line.count(b",") + openings > MOST_VALUES:
        raise BadSnapshot(path, number, f"the line holds more than {MOST_VALUES:,} values")
    try:
        record = msgspec.json.decode(line, type=dict[str, object])
    except msgspec.DecodeError as malformed:
        reason = f"the line is no JSON object: {malformed}" if line.endswith(b"\n") else "the line is cut off"
        raise BadSnapshot(path, number, reason) from malformed
    except UnicodeDecodeError as malformed:
        raise BadSnapshot(path, number, "the line is not UTF-8") from malformed
    except RecursionError as malformed:
        raise _too_deep(path, number) from malformed
    if openings >= DEEPEST or _LONG_NUMBER in line.translate(_DIGITS):
        _check_values(path, number, record)
    return record


_DIGITS = bytes(ord("0") if chr(code) in "0123456789" else code for code in range(256))
_LONG_NUMBER = b"0" * len(str(2**63))
"""As many digits in a row, each made the same, as integers beyond 64 bits have: it spares most lines the walk."""


def _check_values(path: Path, number: int, record: dict[str, object]) -> None:
    """Refuse what a snapshot in YAML could not hold: integers beyond 64 bits, and nesting without sense."""
    for depth, level in enumerate(_levels(record), start=2):  # in YAML a record stands one level further in
        if depth > DEEPEST and any(isinstance(one, dict | list) for one in level):
            raise _too_deep(path, number)
        if any(isinstance(one, int) and not -(2**63) <= one < 2**64 for one in level):
            raise BadSnapshot(path, number, "the line holds an integer beyond 64 bits")


def _levels(value: object) -> Iterator[list[object]]:
    """Yield the value, then what it holds, then what that holds."""
    level = [value]
    while level:
        yield level
        level = [
            inner
            for one in level
            for inner in (one.values() if isinstance(one, dict) else one if isinstance(one, list) else ())
        ]


def _too_deep(path: Path, number: int) -> BadSnapshot:
    return BadSnapshot(path, number, f"the line is nested deeper than {DEEPEST - 1} levels")


def _numbered(path: Path) -> Iterator[tuple[int, bytes]]:
    number = 0
    with opened(path) as stream:
        packed = stream.read(len(MAGIC)) == MAGIC
        stream.seek(0)
        try:
            if not packed:
                for number, line in _lines(path, stream):
                    yield number, line
                return
            with unpacking(stream) as unpacked:
                for number, line in _lines(path, unpacked):
                    yield number, line
        except DamagedFrame as damaged:
            raise BadSnapshot(path, number + 1, f"the compressed data is damaged: {damaged}") from damaged


def _lines(path: Path, stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    number = 0
    while line := stream.readline(LONGEST_LINE + 1):
        number += 1
        if len(line) > LONGEST_LINE:
            raise BadSnapshot(path, number, f"the line is longer than {LONGEST_LINE // 1024**2} MiB")
        yield number, line
