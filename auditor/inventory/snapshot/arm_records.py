"""The ARM records of a snapshot, sorted; those of types of which there can be very many are kept compressed."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, chain, pairwise, repeat
from typing import overload

from auditor.inventory.snapshot.packed_records import PackedRecords, is_packed
from auditor.inventory.snapshot.records import ArmRecord

OfOneType = list[ArmRecord] | PackedRecords
"""The records of one type, none or all of them compressed."""


class DuplicateRecord(ValueError):
    """Two records are of the same resource."""


class ArmRecords(Sequence[ArmRecord]):
    """ARM records sorted by type, then by id, without case; of two with one id, the live one comes first.

    Of a type that is kept compressed, all live ones come before the deleted ones. Compressed records are made anew
    whenever they are asked for.
    """

    def __init__(self, parts: Sequence[OfOneType]) -> None:
        """Take the sorted records of each type; use `of`."""
        self._parts = tuple(part for part in parts if len(part))
        self._ends = list(accumulate(map(len, self._parts)))
        self._by_type = _by_type(self._parts)
        self._of_type: dict[str, ArmRecords] = {}

    @classmethod
    def of(cls, records: Iterable[ArmRecord]) -> "ArmRecords":
        """Return the records sorted; raises `DuplicateRecord` for two of one resource."""
        if isinstance(records, ArmRecords):
            return records
        sorter = ArmRecordSorter()
        for record in records:
            sorter.append(record)
        return sorter.result()

    def types(self) -> Iterable[str]:
        """Return the types of the records, in lower case."""
        return self._by_type.keys()

    def of_type(self, kind: str) -> "ArmRecords":
        """Return the records of a type (lower case)."""
        if kind not in self._of_type:
            self._of_type[kind] = ArmRecords(self._by_type.get(kind, ()))
        return self._of_type[kind]

    def unpacked(self, kind: str) -> Iterator[ArmRecord]:
        """Yield the records of a type (lower case) that are not kept compressed."""
        return chain.from_iterable(part for part in self._by_type.get(kind, ()) if not isinstance(part, PackedRecords))

    def bodies(self) -> Iterator[bytes | None]:
        """Yield the body of every record that is kept compressed and whose body says its id; None for the others."""
        for part in self._parts:
            if isinstance(part, PackedRecords):
                yield from (line if line.startswith(b"{") else None for line in part.lines())
            else:
                yield from repeat(None, len(part))

    def mentioning(self, kind: str, phrase: str) -> Iterator[ArmRecord]:
        """Yield the records of a type (lower case), of those that are kept compressed without many that lack a phrase.

        The phrase is lower-case ASCII without quotes and backslashes.
        """
        for part in self._by_type.get(kind, ()):
            yield from part.mentioning(phrase) if isinstance(part, PackedRecords) else part

    def is_packed(self, kind: str) -> bool:
        """Return whether any record of a type (lower case) is kept compressed."""
        return any(isinstance(part, PackedRecords) for part in self._by_type.get(kind, ()))

    def find(self, kind: str, key: str) -> ArmRecord | None:
        """Return the live record of a type that is kept compressed, by its id in lower case without a slash at the end.

        Returns None if there is none.
        """
        packed = [part for part in self._by_type.get(kind, ()) if isinstance(part, PackedRecords)]
        found = (part.find(f"{key}{slash}") for part in packed for slash in ("/", ""))
        return next((one for one in found if one is not None), None)

    def __len__(self) -> int:
        """Return the number of records."""
        return self._ends[-1] if self._ends else 0

    def __iter__(self) -> Iterator[ArmRecord]:
        """Yield every record."""
        return chain.from_iterable(self._parts)

    @overload
    def __getitem__(self, index: int) -> ArmRecord: ...
    @overload
    def __getitem__(self, index: slice) -> list[ArmRecord]: ...
    def __getitem__(self, index: int | slice) -> ArmRecord | list[ArmRecord]:
        """Return the record at an index, or those of a slice as a list; raises `IndexError`."""
        if isinstance(index, slice):
            return list(self)[index]
        position = range(len(self))[index]
        number = bisect_right(self._ends, position)
        return self._parts[number][position - (self._ends[number - 1] if number else 0)]

    def __eq__(self, other: object) -> bool:
        """Return whether `other` is a sequence of equal records."""
        if not isinstance(other, Sequence):
            return NotImplemented
        return len(self) == len(other) and all(mine == its for mine, its in zip(self, other, strict=True))

    def __hash__(self) -> int:
        """Return a hash of the number of records, which equal sequences share."""
        return hash(len(self))


def _by_type(parts: Iterable[OfOneType]) -> dict[str, list[OfOneType]]:
    found: dict[str, list[OfOneType]] = {}
    for part in parts:
        found.setdefault(part[0].type.lower(), []).append(part)
    return found


@dataclass(slots=True)
class _Part:
    """The records of one type in the order of their arrival; `last` is the sort key of the last one."""

    records: OfOneType
    last: tuple[str, bool] = ("", False)
    is_sorted: bool = True


@dataclass(slots=True)
class ArmRecordSorter:
    """ARM records, taken one by one and sorted in the end; those that come sorted are not sorted again."""

    parts: dict[tuple[str, bool], _Part] = field(default_factory=dict)

    def append(self, record: ArmRecord) -> None:
        """Take a record."""
        place = (record.type.lower(), not is_packed(record))
        part = self.parts.get(place)
        if part is None:
            part = self.parts[place] = _Part([] if place[1] else PackedRecords())
        key = _key(record)
        part.is_sorted = part.is_sorted and part.last < key
        part.last = key
        part.records.append(record)

    def __len__(self) -> int:
        """Return the number of records that were taken."""
        return sum(len(part.records) for part in self.parts.values())

    def result(self) -> ArmRecords:
        """Return the records sorted; raises `DuplicateRecord` for two of one resource."""
        return ArmRecords([_sorted(self.parts[place]) for place in sorted(self.parts)])


def _sorted(part: _Part) -> OfOneType:
    if part.is_sorted:
        return part.records
    keys = [_key(record) for record in part.records]
    order = sorted(range(len(keys)), key=keys.__getitem__)
    for before, after in pairwise(order):
        if keys[before] == keys[after]:
            raise DuplicateRecord(f"`{keys[after][0]}` stands twice")
    if isinstance(part.records, list):
        return [part.records[position] for position in order]
    packed = PackedRecords()
    for position in order:
        packed.append(part.records[position])
    return packed


def _key(record: ArmRecord) -> tuple[str, bool]:
    """Return the sort key of a record among those of its type."""
    return (record.id.lower(), record.deleted)
