"""The snapshot: everything that a scan read, and the gaps of what it could not read."""

import itertools
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from auditor.inventory.reads import Gap, Read
from auditor.inventory.snapshot.records import ArmRecord, EventRecord, GraphRecord, Header, Link


class DuplicateRecord(ValueError):
    """Two records are of the same resource."""


class _Keyed(Protocol):
    @property
    def key(self) -> tuple[str, str, bool]: ...


K = TypeVar("K", bound=_Keyed)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The records of one scan in a stable order.

    `reads` is None only where a YAML file has none: then every list without a gap counts as read to its end.
    """

    header: Header
    arm: tuple[ArmRecord, ...] = ()
    graph: tuple[GraphRecord, ...] = ()
    links: tuple[Link, ...] = ()
    events: tuple[EventRecord, ...] = ()
    reads: tuple[Read, ...] | None = None
    gaps: tuple[Gap, ...] = ()

    @classmethod
    def of(
        cls,
        header: Header,
        *,
        arm: Iterable[ArmRecord] = (),
        graph: Iterable[GraphRecord] = (),
        links: Iterable[Link] = (),
        events: Iterable[EventRecord] = (),
        reads: Iterable[Read] | None = None,
        gaps: Iterable[Gap] = (),
    ) -> "Snapshot":
        """Return the snapshot of these records, sorted; raises `DuplicateRecord` for two records of a resource."""
        return cls(
            header,
            _sorted_once(arm),
            _sorted_once(graph),
            tuple(sorted(set(links))),
            tuple(sorted(set(events))),
            None if reads is None else tuple(sorted(set(reads))),
            tuple(sorted(set(gaps), key=_gap_key)),
        )

    def in_order(self) -> "Snapshot":
        """Return the snapshot with its records sorted and without duplicates, for one that was made by hand."""
        return Snapshot.of(
            self.header,
            arm=self.arm,
            graph=self.graph,
            links=self.links,
            events=self.events,
            reads=self.reads,
            gaps=self.gaps,
        )


def _gap_key(gap: Gap) -> tuple[str, str, int, str, str, str]:
    return (gap.what, gap.scope, gap.status, gap.code, gap.message, gap.needs or "")


def _is_in_order(records: list[K]) -> bool:
    """Return whether each key is above the one before it, as in every file that a scan saved; no key is kept."""
    return all(before.key < after.key for before, after in itertools.pairwise(records))


def _sorted_once(records: Iterable[K]) -> tuple[K, ...]:
    every = records if isinstance(records, list) else list(records)
    if _is_in_order(every):
        return tuple(every)
    kinds: dict[str, list[K]] = defaultdict(list)
    for record in every:
        kinds[record.key[0]].append(record)
    # Kind by kind, as the keys of a hundred thousand records take much memory.
    ordered = tuple(one for kind in sorted(kinds) for one in sorted(kinds[kind], key=lambda record: record.key))
    for before, after in itertools.pairwise(ordered):
        if before.key == after.key:
            raise DuplicateRecord(f"`{after.key[1]}` stands twice")
    return ordered
