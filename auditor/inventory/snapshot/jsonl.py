"""Snapshots as JSON Lines, plain or compressed with Zstandard, written and read as a stream of one record per line."""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec

from auditor.files import opened
from auditor.inventory.snapshot.assembly import DEEPEST, Assembly, BadSnapshot
from auditor.inventory.snapshot.plain_assignments import plain_assignment
from auditor.inventory.snapshot.records import Header, canonical
from auditor.inventory.snapshot.seal import Seal, SnapshotEnd, objection
from auditor.inventory.snapshot.snapshot import Snapshot
from auditor.inventory.snapshot.zstd_frame import MAGIC, DamagedFrame, packing, unpacking

KINDS = ("arm", "graph", "link", "event", "read", "gap")
"""The kinds of records between the header and the end, in the order they are written."""

LONGEST_LINE = 64 * 1024 * 1024
"""The largest number of bytes in a line, which no answer of Azure reaches."""

MOST_VALUES = 2 * 1024 * 1024
"""The largest number of values in a record, so that a line of `[],[],…` does not take gigabytes of memory."""


def write(snapshot: Snapshot, stream: BinaryIO, *, compressed: bool) -> None:
    """Write `snapshot`, which must have `reads`, line by line; equal snapshots give equal bytes."""
    if not compressed:
        stream.writelines(lines(snapshot))
        return
    with packing(stream) as packed:
        for line in lines(snapshot):
            packed.write(line)


def lines(snapshot: Snapshot) -> Iterator[bytes]:
    """Yield the lines of the file, each with its line feed: header, records, end."""
    header = _header(snapshot.header)
    seal = Seal(header)
    yield header
    for line in _records(snapshot):
        seal.take(line)
        yield line
    yield b'{"end":%b}\n' % msgspec.json.encode(seal.end)


def end_of(snapshot: Snapshot) -> SnapshotEnd:
    """Return the end record of `snapshot`, which is the same in every format."""
    seal = Seal(_header(snapshot.header))
    for line in _records(snapshot):
        seal.take(line)
    if snapshot.reads is None:
        seal.leave_out_reads()
    return seal.end


def _header(header: Header) -> bytes:
    """Return the line of the header, with the tool first: if it is cut off there, the rest is missing too."""
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
    """Return the snapshot in `path`; raises `BadSnapshot` with the line for any error in the file, and `OSError`."""
    assembly = Assembly(path, repeats=False)
    assembly.reads = {}  # JSON Lines imply no reads: a list without a `read` record was not read
    number, ended, seal = 0, False, None
    for number, line in _numbered(path):
        if ended:
            raise BadSnapshot(path, number, "something follows the end record")
        if seal is not None and (plain := plain_assignment(line)) is not None:
            assembly.take_arm(number, plain)
            seal.take(line)
            continue
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
    if len(record) == 1 and (kind := next(iter(record))) in KINDS:
        assembly.take(number, kind, record[kind])
        return
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
"""As many digits as integers beyond 64 bits have; only lines that contain such a run are checked value by value."""


def _check_values(path: Path, number: int, record: dict[str, object]) -> None:
    """Raise `BadSnapshot` for what a YAML snapshot cannot contain: integers beyond 64 bits, and too deep nesting."""
    for depth, level in enumerate(_levels(record), start=2):  # in YAML a record is one level deeper
        if depth > DEEPEST and any(isinstance(one, dict | list) for one in level):
            raise _too_deep(path, number)
        if any(isinstance(one, int) and not -(2**63) <= one < 2**64 for one in level):
            raise BadSnapshot(path, number, "the line holds an integer beyond 64 bits")


def _levels(value: object) -> Iterator[list[object]]:
    """Yield the values of each level of nesting, the outermost first."""
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
