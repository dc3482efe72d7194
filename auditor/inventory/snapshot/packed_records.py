"""Records of ARM resources of which there can be very many, kept compressed together in blocks.

There can be a million role assignments and a hundred thousand machines, whose bodies are much alike: blocks of them
take a tenth of the memory that the bodies take, and their ids, which are in the bodies, take none.
"""

import threading
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, MutableMapping
from sys import intern

import msgspec
import zstandard

from auditor.inventory.lists import ASSESSED_MACHINES, GROUP_ASSESSED_MACHINES, ROLE_ASSIGNMENTS, SITE_MACHINES
from auditor.inventory.snapshot.records import ArmRecord, record_of

BLOCK = 16 * 1024
"""The number of bytes at which a block is compressed; unpacking one takes some ten microseconds."""

MOST_UNPACKED = 64
"""The number of blocks that stay unpacked, since records that are asked for together are often neighbours."""

_KINDS = frozenset(
    kind.lower() for kind in (ROLE_ASSIGNMENTS, ASSESSED_MACHINES, GROUP_ASSESSED_MACHINES, *SITE_MACHINES)
)


def is_packed(record: ArmRecord) -> bool:
    """Return whether a record is kept compressed: a live one of a type of which there can be very many."""
    return not record.deleted and record.type.lower() in _KINDS


class PackedRecords:
    """Live records in the order in which they were appended; positions count from 0."""

    def __init__(self) -> None:
        """Hold no record."""
        self._blocks: list[bytes] = []
        self._starts = array("Q")  # the position of the first record of each block
        self._packed = 0  # the number of records in blocks
        self._open: list[bytes] = []  # the lines that are in no block yet
        self._open_size = 0
        self._unpacked: dict[int, list[bytes]] = {}

    def append(self, record: ArmRecord) -> int:
        """Add a record and return its position."""
        line = _line(record)
        self._open.append(line)
        self._open_size += len(line)
        position = len(self) - 1
        if self._open_size >= BLOCK:
            self._starts.append(self._packed)
            self._blocks.append(_zstandard.pack(b"\n".join(self._open)))
            self._packed += len(self._open)
            self._open, self._open_size = [], 0
        return position

    def __len__(self) -> int:
        """Return the number of records."""
        return self._packed + len(self._open)

    def __getitem__(self, position: int) -> ArmRecord:
        """Return the record at a position; raises `IndexError`."""
        if position >= self._packed:
            return _record(self._open[position - self._packed])
        number = bisect_right(self._starts, position) - 1
        return _record(self._lines(number)[position - self._starts[number]])

    def __iter__(self) -> Iterator[ArmRecord]:
        """Yield every record; only one block is unpacked at a time."""
        return map(_record, self.lines())

    def lines(self) -> Iterator[bytes]:
        """Yield every record as its body, with something before it where the body does not say its id and type."""
        for block in self._texts():
            yield from block.split(b"\n")

    def mentioning(self, phrase: str) -> Iterator[ArmRecord]:
        """Yield the records of the blocks that contain `phrase` (lower-case ASCII without escapes), in any letter case.

        Other letters may be another spelling of those in the phrase, so that a block with such letters counts too.
        """
        wanted = phrase.encode()
        for block in self._texts():
            if wanted in block.lower() or not block.isascii():
                yield from map(_record, block.split(b"\n"))

    def find(self, key: str) -> ArmRecord | None:
        """Return the record with an id (lower case), or None; the records must be sorted by id."""
        position = bisect_left(range(len(self)), key, key=lambda at: self[at].id.lower())
        found = self[position] if position < len(self) else None
        return found if found is not None and found.id.lower() == key else None

    def _texts(self) -> Iterator[bytes]:
        """Yield the text of each block, the lines that are in none yet last."""
        yield from map(_zstandard.unpack, self._blocks)
        if self._open:
            yield b"\n".join(self._open)

    def _lines(self, number: int) -> list[bytes]:
        lines = self._unpacked.pop(number, None) or _zstandard.unpack(self._blocks[number]).split(b"\n")
        for oldest in list(self._unpacked)[: 1 - MOST_UNPACKED]:  # another thread may change it meanwhile
            self._unpacked.pop(oldest, None)
        self._unpacked[number] = lines  # the last one is the one that was used last
        return lines


class RecordsByKey(MutableMapping[bytes, ArmRecord]):
    """Records by any key, in the order in which the keys came; those of which there can be very many compressed.

    A compressed record that is replaced stays in its block.
    """

    def __init__(self) -> None:
        """Hold no record."""
        self._held: dict[bytes, ArmRecord | int] = {}
        self._packed = PackedRecords()

    def __getitem__(self, key: bytes) -> ArmRecord:
        """Return the record of a key; raises `KeyError`."""
        held = self._held[key]
        return self._packed[held] if isinstance(held, int) else held

    def __setitem__(self, key: bytes, record: ArmRecord) -> None:
        """Hold a record, instead of the one that the key had."""
        self._held[key] = self._packed.append(record) if is_packed(record) else record

    def of_types(self, wanted: Callable[[str], bool]) -> Iterator[ArmRecord]:
        """Yield the records of types (lower case) that are `wanted`; compressed ones are unpacked only for these."""
        unpacks = any(map(wanted, _KINDS))
        for held in self._held.values():
            if not isinstance(held, int):
                if wanted(held.type.lower()):
                    yield held
            elif unpacks and wanted((record := self._packed[held]).type.lower()):
                yield record

    def __delitem__(self, key: bytes) -> None:
        """Forget the record of a key; raises `KeyError`."""
        del self._held[key]

    def __contains__(self, key: object) -> bool:
        """Return whether a key has a record."""
        return key in self._held

    def __iter__(self) -> Iterator[bytes]:
        """Yield every key."""
        return iter(self._held)

    def __len__(self) -> int:
        """Return the number of keys."""
        return len(self._held)


def _line(record: ArmRecord) -> bytes:
    """Return the body, which has no line feed; before it the id and the type, if the body does not say them.

    A body does not say an id that looks like a secret.
    """
    body, said = record.body, record_of(record.body)
    if (said.id, said.type) == (record.id, record.type):
        return body
    return b"%b\t%b" % (msgspec.json.encode((record.id, record.type)), body)


def _record(line: bytes) -> ArmRecord:
    if line.startswith(b"{"):
        return record_of(line)
    said, _, body = line.partition(b"\t")
    identity, kind = msgspec.json.decode(said, type=tuple[str, str])
    return ArmRecord(identity, intern(kind), body)


class _Zstandard(threading.local):
    """A compressor and a decompressor for each thread: they cannot be shared."""

    def __init__(self) -> None:
        self._compressor = zstandard.ZstdCompressor(level=1)
        self.unpack = zstandard.ZstdDecompressor().decompress

    def pack(self, text: bytes) -> bytes:
        """Return the text compressed, as a copy: what the library returns holds as much memory as the text itself."""
        return bytes(memoryview(self._compressor.compress(text)))


_zstandard = _Zstandard()
