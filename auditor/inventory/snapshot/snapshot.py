"""The snapshot: everything that a scan read, and the gaps of what it could not read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from auditor.inventory.reads import Gap, Read
from auditor.inventory.snapshot.arm_records import ArmRecords, DuplicateRecord
from auditor.inventory.snapshot.records import ArmRecord, EventRecord, GraphRecord, Header, Link


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The records of one scan in a stable order.

    `reads` is None only where a YAML file has none: then every list without a gap counts as read to its end.
    """

    header: Header
    arm: Sequence[ArmRecord] = ()
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
            ArmRecords.of(arm),
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


def _sorted_once(objects: Iterable[GraphRecord]) -> tuple[GraphRecord, ...]:
    ordered = sorted(objects, key=lambda one: one.key)
    for before, after in pairwise(ordered):
        if before.key == after.key:
            raise DuplicateRecord(f"`{after.key[1]}` stands twice")
    return tuple(ordered)
