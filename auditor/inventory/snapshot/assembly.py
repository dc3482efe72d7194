"""The assembly of a snapshot from the records of a file; an error contains the number of its line."""

from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from sys import intern
from typing import TypeVar

import msgspec
from msgspec import structs

from auditor.inventory.reads import Gap, Read
from auditor.inventory.snapshot.arm_records import ArmRecordSorter, DuplicateRecord
from auditor.inventory.snapshot.records import (
    RELATIONS,
    VERSION,
    ArmRecord,
    EventRecord,
    GraphRecord,
    Header,
    Link,
    MalformedRecord,
    arm_record,
    event_record,
    graph_record,
    header_of,
)
from auditor.inventory.snapshot.snapshot import Snapshot

DEEPEST = 200
"""The deepest nesting of lists and mappings in a record, far beyond that of Azure's answers."""

R = TypeVar("R", Link, EventRecord, Read, Gap)


class BadSnapshot(ValueError):
    """A snapshot file cannot be used: the file, the line (from 1; 0 where none applies) and the reason."""

    def __init__(self, path: Path, line: int, reason: str) -> None:
        """Keep the file, the line and the reason."""
        super().__init__(f"{path}:{line}: {reason}" if line else f"{path}: {reason}")
        self.path = path
        self.line = line
        self.reason = reason


@dataclass
class Assembly:
    """The records of a file, taken one after another.

    With `repeats` a link, event, read or gap may be in a hand-written file twice, and is kept once; a resource may not.
    """

    path: Path
    repeats: bool = True
    header: Header | None = None
    arm: ArmRecordSorter = field(default_factory=ArmRecordSorter)
    graph: list[GraphRecord] = field(default_factory=list)
    links: dict[Link, None] = field(default_factory=dict)
    events: dict[EventRecord, None] = field(default_factory=dict)
    reads: dict[Read, None] | None = None
    gaps: dict[Gap, None] = field(default_factory=dict)
    ids: set[bytes] = field(default_factory=set)
    """Digests of the ids of resources and objects: there can be a million, each of hundreds of bytes."""

    def take_header(self, line: int, fields: object) -> None:
        """Take the header; raises `BadSnapshot` for another version than `VERSION`."""
        if not isinstance(fields, dict) or "snapshot" not in fields:
            raise BadSnapshot(
                self.path, line, "the first record must be the header (`snapshot`, `tenant_id`, `collected_at`, …)"
            )
        version = fields["snapshot"]
        if version != VERSION or not isinstance(version, int) or isinstance(version, bool):
            said = f"{version!r}" if isinstance(version, int | float | str) else "of this kind"
            raise BadSnapshot(
                self.path,
                line,
                f"snapshot version {said:.40} is unknown: this migaudit reads version {VERSION}; use a newer one",
            )
        try:
            self.header = header_of(fields)
        except MalformedRecord as malformed:
            raise BadSnapshot(self.path, line, str(malformed)) from malformed

    def take(self, line: int, kind: str, value: object, *, deleted: bool = False) -> None:
        """Take one record of `kind` (`arm`, `graph`, `link`, `event`, `read`, `gap`); raises `BadSnapshot`."""
        if not isinstance(value, dict):
            raise BadSnapshot(self.path, line, f"`{kind}` must hold an object")
        try:
            self._take(line, kind, value, deleted=deleted)
        except MalformedRecord as malformed:
            raise BadSnapshot(self.path, line, str(malformed)) from malformed
        except msgspec.ValidationError as invalid:
            raise BadSnapshot(self.path, line, f"malformed `{kind}`: {invalid}") from invalid
        except (
            TypeError,
            OverflowError,
            UnicodeEncodeError,
        ) as foreign:  # a key that is no text; what JSON cannot hold
            raise BadSnapshot(self.path, line, f"malformed `{kind}`: {foreign}") from foreign

    def _take(self, line: int, kind: str, value: dict[str, object], *, deleted: bool) -> None:
        match kind:
            case "arm":
                self.take_arm(line, arm_record(value, deleted=deleted))
            case "graph":
                thing = graph_record(value, deleted=deleted)
                self._once(line, b"g%d" % deleted, thing.id)
                self.graph.append(thing)
            case "link":
                link = msgspec.convert(value, Link)
                if link.rel not in RELATIONS:
                    raise MalformedRecord(f"`{link.rel}` is no relation; known are {', '.join(RELATIONS)}")
                self._hold(line, kind, self.links, link)
            case "event":
                self._hold(line, kind, self.events, event_record(value))
            case "read":
                read = _shared(msgspec.convert(value, Read))
                if read.status != "complete":
                    raise MalformedRecord(
                        f"a `read` has the status `complete`, not `{read.status}`; what was not read is a `gap`"
                    )
                self.reads = {} if self.reads is None else self.reads
                self._hold(line, kind, self.reads, read)
            case "gap":
                self._hold(line, kind, self.gaps, msgspec.convert(value, Gap))
            case _:
                raise MalformedRecord(f"`{kind}` is no kind of record")

    def take_arm(self, line: int, record: ArmRecord) -> None:
        """Take the record of an ARM resource; raises `BadSnapshot` if the file holds the resource already."""
        self._once(line, b"a%d" % record.deleted, record.id)
        self.arm.append(record)

    def _hold(self, line: int, kind: str, held: dict[R, None], record: R) -> None:
        if record in held and not self.repeats:
            raise BadSnapshot(self.path, line, f"duplicate `{kind}`: the same is already in the file")
        held[record] = None

    def _once(self, line: int, kind: bytes, identity: str) -> None:
        digest = blake2b(identity.lower().encode(errors="surrogatepass"), digest_size=16, person=kind).digest()
        before = len(self.ids)
        self.ids.add(digest)
        if len(self.ids) == before:
            raise BadSnapshot(self.path, line, f"duplicate resource `{identity}`: it is already in the file")

    def snapshot(self) -> Snapshot:
        """Return the snapshot; call after the last record."""
        if self.header is None:
            raise BadSnapshot(self.path, 0, "the header is missing")
        self.ids.clear()
        try:
            arm = self.arm.result()
        except DuplicateRecord as twice:  # ids that were different before what looked like a secret was removed
            raise BadSnapshot(self.path, 0, f"duplicate resource: {twice}") from twice
        return Snapshot.of(
            self.header,
            arm=arm,
            graph=self.graph,
            links=self.links,
            events=self.events,
            reads=self.reads,
            gaps=self.gaps,
        )


def _shared(read: Read) -> Read:
    """Return a read whose texts are shared with other reads: there are fifty of each subscription."""
    return structs.replace(read, what=intern(read.what), scope=intern(read.scope), status=intern(read.status))
