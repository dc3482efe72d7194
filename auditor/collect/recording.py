"""The recording of a scan: everything read so far, from which a snapshot can be made at any time."""

from collections.abc import Iterable, Iterator, Mapping, Set
from datetime import UTC, datetime
from hashlib import blake2b
from itertools import chain
from sys import intern
from typing import TYPE_CHECKING, TypeVar

import msgspec

from auditor import __version__
from auditor.inventory.reads import INTERRUPTED, MALFORMED, OLDER_VERSION, Gap, Read, absent_lists
from auditor.inventory.resources.resource import Resource
from auditor.inventory.snapshot.packed_records import RecordsByKey
from auditor.inventory.snapshot.records import (
    ArmRecord,
    By,
    EventRecord,
    GraphRecord,
    Header,
    Link,
    MalformedRecord,
    arm_record,
    event_record,
    graph_record,
)
from auditor.inventory.snapshot.snapshot import Snapshot

if TYPE_CHECKING:
    from auditor.azure.auth.identity import Identity

Body = dict[str, object]
R = TypeVar("R", bound=Resource)
_Key = tuple[str, str]


class Recording:
    """The records, reads and gaps of a scan under way.

    A list is planned before it is read and ends as `complete`, as `absent` (the cloud has no such type), as
    `unregistered` (the subscription has no such provider) or as a `gap`; a planned list that has not ended is in the
    snapshot as a gap with the code `Interrupted`. `dated` replaces the time of reading in the snapshot; `began` is that
    of an earlier run of the same scan, which is gone on with.
    """

    def __init__(self, dated: datetime | None = None, began: datetime | None = None) -> None:
        self._dated = dated
        self.began = began
        self.header: Header | None = None
        # Live (False) and deleted (True) resources by the digest of their id.
        self._arm: dict[bool, RecordsByKey] = {False: RecordsByKey(), True: RecordsByKey()}
        self._stubs: set[bytes] = set()
        self._graph: dict[bool, dict[str, GraphRecord]] = {False: {}, True: {}}
        self._links: set[Link] = set()
        self._events: set[EventRecord] = set()
        self._reads: dict[_Key, Read] = {}
        self._gaps: dict[_Key, Gap] = {}
        self._absent: dict[_Key, Gap] = {}
        self._older: dict[_Key, Gap] = {}
        self._answered: set[str] = set()
        self._unregistered: dict[_Key, Gap] = {}
        self._present: set[_Key] = set()  # namespace and subscription
        self._planned: dict[_Key, _Key] = {}

    @classmethod
    def resumed(cls, snapshot: Snapshot) -> "Recording":
        """Return a recording with the contents of a snapshot, to continue the scan."""
        recording = cls()
        recording.header = snapshot.header
        for record in snapshot.arm:
            recording._arm[record.deleted][_digest(record.id)] = record
        for thing in snapshot.graph:
            recording._graph[thing.deleted][thing.id.lower()] = thing
        recording._links, recording._events = set(snapshot.links), set(snapshot.events)
        absent = absent_lists(snapshot.reads, snapshot.gaps)
        recording._absent = {_key(gap.what, gap.scope): gap for gap in absent}
        recording._older = {_key(gap.what, gap.scope): gap for gap in snapshot.gaps if gap.code == OLDER_VERSION}
        other = (gap for gap in snapshot.gaps if gap.code != OLDER_VERSION and gap not in absent)
        recording._gaps = {_key(gap.what, gap.scope): gap for gap in other}
        recording._reads = {
            key: read for read in snapshot.reads or () if (key := _key(read.what, read.scope)) not in recording._absent
        }
        return recording

    @property
    def begun(self) -> bool:
        """Whether a snapshot can be made: its header is known."""
        return self.header is not None

    @property
    def begun_at(self) -> datetime:
        """The time at which the scan began; a scan that is gone on with has that of its first run."""
        return datetime.now(UTC) if self.header is None else self.header.collected_at

    def plan(self, what: str, scope: str) -> None:
        """Note that a list is going to be read."""
        self._planned.setdefault(_key(what, scope), (what, scope))

    def complete(self, what: str, scope: str, count: int) -> None:
        """Note that a list was read to its end; a gap that it already has is kept."""
        key = _key(what, scope)
        self._planned.pop(key, None)
        if key not in self._gaps:
            self._reads[key] = Read(what, scope, count=count)

    def gap(self, gap: Gap) -> None:
        """Note that a list, or one resource of it, could not be read; the first reason is kept."""
        key = _key(gap.what, gap.scope)
        self._planned.pop(key, None)
        self._reads.pop(key, None)
        self._gaps.setdefault(key, gap)

    def answered(self, what: str) -> None:
        """Note that Azure answered a list of the type `what`, so that the cloud has the type."""
        self._answered.add(intern(what.lower()))

    def absent(self, gap: Gap) -> None:
        """Note that a list is empty because the cloud has no such type; `gap` holds the answer that says so.

        Where a list of the type was answered elsewhere, the two contradict each other, and the list counts as unread.
        """
        key = _key(gap.what, gap.scope)
        self._planned.pop(key, None)
        self._absent.setdefault(key, gap)

    def unregistered(self, gap: Gap) -> None:
        """Note that a list is empty because its provider is not registered; `gap` holds the answer that says so.

        Where the subscription shows the provider as registered or has anything of it, the two contradict each other,
        and the list counts as unread.
        """
        key = _key(gap.what, gap.scope)
        self._planned.pop(key, None)
        self._unregistered.setdefault(key, gap)

    def registered(self, subscription: str, namespace: str) -> None:
        """Note that a provider is registered in a subscription."""
        self._present.add(_key(namespace, subscription))

    def shown(self, identity: str, kind: str = "") -> None:
        """Note that any list shows a resource, so that the providers of its `kind` and in its id are registered."""
        subscription = _subscription(identity)
        if not subscription:
            return
        for part in (*identity.split("/providers/")[1:], kind):
            namespace, separator, _ = part.partition("/")
            if separator:
                self._present.add(_key(namespace, subscription))

    def older(self, gap: Gap) -> None:
        """Note that a list or a resource was answered in an older api-version, which lacks properties."""
        self._older[_key(gap.what, gap.scope)] = gap

    def withdraw(self, what: str, scope: str) -> None:
        """Undo `plan` for a list that is not going to be read after all."""
        self._planned.pop(_key(what, scope), None)

    def is_complete(self, what: str, scope: str) -> bool:
        """Return whether a list was read to its end."""
        key = _key(what, scope)
        if key in self._gaps:
            return False
        without_type = key in self._absent and key[0] not in self._answered
        without_provider = key in self._unregistered and not self._is_present(self._unregistered[key])
        return key in self._reads or without_type or without_provider

    def _is_present(self, gap: Gap) -> bool:
        """Return whether the provider of a list that was refused for want of it is there nevertheless."""
        return _key(gap.what.partition("/")[0], _subscription(gap.scope)) in self._present

    def has_ended(self, what: str, scope: str) -> bool:
        """Return whether the reading of a list has ended, well or not."""
        return self.is_complete(what, scope) or _key(what, scope) in self._gaps

    def count_at(self, what: str, scope: str) -> int:
        """Return the number of items of a list that was read to its end, otherwise 0."""
        read = self._reads.get(_key(what, scope))
        return 0 if read is None else read.count

    def gap_at(self, what: str, scope: str) -> Gap | None:
        """Return the gap of a list, or None where it has none."""
        return self._gaps.get(_key(what, scope))

    def holds(self, arm_id: str) -> bool:
        """Return whether the live resource is recorded."""
        return _digest(arm_id) in self._arm[False]

    def groups_hiding_members(self) -> frozenset[str]:
        """Return the ids (lower case) of the recorded groups whose membership is hidden."""
        return frozenset(key for key in self._graph[False] if self.hides_members(key))

    def hides_members(self, group: str) -> bool:
        """Return whether a recorded group hides its members."""
        held = self._graph[False].get(group.lower())
        marked = held is not None and b"HiddenMembership" in held.body
        return marked and (self.object(group) or {}).get("visibility") == "HiddenMembership"

    def holds_object(self, object_id: str) -> bool:
        """Return whether the live directory object is recorded."""
        return object_id.lower() in self._graph[False]

    def links(self, rel: str) -> Iterable[Link]:
        """Return the recorded links of the relation `rel`, sorted."""
        return sorted(link for link in self._links if link.rel == rel)

    def object(self, object_id: str) -> Body | None:
        """Return the body of a live directory object, or None where it is not recorded."""
        held = self._graph[False].get(object_id.lower())
        return None if held is None else msgspec.json.decode(held.body)

    def arm(self, body: Body, what: str, scope: str, *, deleted: bool = False, stub: bool = False) -> ArmRecord | None:
        """Record an ARM body that the list `what` at `scope` returned; a stub never replaces a body.

        Returns None for a body without a proper id, which leaves a gap of that list. Two different bodies of one
        resource leave a gap at it, since it is unknown which one is true; the one with the smaller text is kept, so
        that the result does not depend on the order of the answers.
        """
        try:
            record = arm_record(body, deleted=deleted)
        except MalformedRecord as malformed:
            self.gap(Gap(what, scope, 200, MALFORMED, str(malformed)))
            return None
        return self.add(record, what, stub=stub)

    def add(self, record: ArmRecord, what: str, *, stub: bool = False) -> ArmRecord:
        """Record what the list `what` returned, as `arm` describes, and return what is kept of it."""
        self.shown(record.id, record.type)
        self.hold(_digest(record.id), record, what, stub=stub)
        return record if stub else self._arm[record.deleted][_digest(record.id)]

    def hold(self, key: bytes, record: ArmRecord, what: str, *, stub: bool) -> None:
        """Keep a record of the list `what` under the digest of its id, as `arm` describes."""
        arm = self._arm[record.deleted]
        held = arm.get(key)
        if stub:
            if held is None:
                arm[key] = record
                self._stubs.add(key)
            return
        if held is not None and key not in self._stubs:
            if not record.deleted and held.body.lower() != record.body.lower():  # deleted workspaces may share an id
                self.gap(_contradiction(what, record.id))
            if held.body <= record.body:
                return
        arm[key] = record
        self._stubs.discard(key)

    def replace(self, body: Body, what: str, scope: str) -> None:
        """Record the complete body of a resource that is recorded as a stub."""
        if isinstance(identity := body.get("id"), str):
            self._arm[False].pop(_digest(identity), None)
        self.arm(body, what, scope)

    def graph(self, body: Body, what: str, scope: str, *, deleted: bool = False) -> GraphRecord | None:
        """Record a directory object that `what` at `scope` returned; the bodies from several questions are joined.

        Where they contradict each other, there is a gap at the object.
        """
        try:
            record = graph_record(body, deleted=deleted)
        except MalformedRecord as malformed:
            self.gap(Gap(what, scope, 200, MALFORMED, str(malformed)))
            return None
        return self.hold_object(record, what)

    def hold_object(self, record: GraphRecord, what: str) -> GraphRecord:
        """Keep a record that the question `what` returned, as `graph` describes."""
        key, objects = record.id.lower(), self._graph[record.deleted]
        held = objects.get(key)
        if held is not None and held.body != record.body:
            if _contradict(held.body, record.body):
                self.gap(_contradiction(what, record.id))
            record = graph_record(_united(held.body, record.body), deleted=record.deleted)
        objects[key] = record
        return record

    def link(self, rel: str, from_: str, to: str, scope: str = "") -> None:
        """Record a link: a relation between two ids."""
        self._links.add(Link(rel, from_, to, scope))

    def event(self, body: Body) -> None:
        """Record an Activity Log event."""
        self._events.add(event_record(body))

    def add_to(self, whole: "Recording") -> None:
        """Record in `whole` everything that this recording of a part of the same scan holds, as if it were read there.

        What several parts read is kept once. A list that was refused in one of them is unread, and two different bodies
        of one resource leave a gap at it.
        """
        whole.header = whole.header or self.header
        for gap in self._gaps.values():
            whole.gap(gap)
        for read in self._reads.values():
            whole.complete(read.what, read.scope, read.count)
        for key, record in chain.from_iterable(held.items() for held in self._arm.values()):
            whole.hold(key, record, record.type, stub=key in self._stubs)
        for thing in chain.from_iterable(held.values() for held in self._graph.values()):
            whole.hold_object(thing, thing.odata_type)
        for rel, from_, to, scope in map(msgspec.structs.astuple, self._links):
            whole.link(rel, from_, to, scope)
        for event in self._events:
            whole.event(msgspec.json.decode(event.body))
        self._tell_types(whole)
        for what, scope in self._planned.values():
            if not whole.has_ended(what, scope):
                whole.plan(what, scope)

    def _tell_types(self, whole: "Recording") -> None:
        """Record in `whole` which types and providers were seen, and which answers deny them."""
        for what in self._answered:
            whole.answered(what)
        for namespace, subscription in self._present:
            whole.registered(subscription, namespace)
        for gap in self._absent.values():
            whole.absent(gap)
        for gap in self._unregistered.values():
            whole.unregistered(gap)
        for gap in self._older.values():
            whole.older(gap)

    def records(self, *types: str) -> Iterator[ArmRecord]:
        """Yield the live ARM records of the given types (lower case), or of all types below a `provider/`."""
        exact, below = frozenset(types), tuple(kind for kind in types if kind.endswith("/"))
        yield from self._arm[False].of_types(lambda kind: kind in exact or kind.startswith(below))

    def bodies(self, *types: str) -> Iterable[Body]:
        """Yield the live ARM bodies of the given resource types."""
        wanted = {kind.lower() for kind in types}
        for record in self._arm[False].of_types(wanted.__contains__):
            yield msgspec.json.decode(record.body)

    def ids_by_type(self, types: Set[str]) -> Mapping[_Key, Set[str]]:
        """Return the ids (lower case) of the live resources of some types (lower case), by type and subscription."""
        found: dict[_Key, set[str]] = {}
        for record in self._arm[False].of_types(types.__contains__):
            identity = record.id.lower().rstrip("/")
            found.setdefault((record.type.lower(), _subscription(identity)), set()).add(identity)
        return found

    def snapshot(self) -> Snapshot:
        """Return the snapshot of what was read so far; raises `ValueError` before the recording has `begun`."""
        if self.header is None:
            raise ValueError("nothing was read yet")
        unfinished = (
            Gap(what, scope, 0, INTERRUPTED, "the scan was stopped before this was read")
            for what, scope in self._planned.values()
        )
        header = self.header if self._dated is None else msgspec.structs.replace(self.header, collected_at=self._dated)
        # A gap of another kind at the same list, such as a malformed item, counts instead.
        absent = {key: gap for key, gap in self._absent.items() if key not in self._gaps}
        nothing = [Read(gap.what, gap.scope) for key, gap in absent.items() if key[0] not in self._answered]
        refused = {key: gap for key, gap in self._unregistered.items() if key not in self._gaps}
        denied = [gap for gap in refused.values() if self._is_present(gap)]
        nothing += [Read(gap.what, gap.scope) for gap in refused.values() if not self._is_present(gap)]
        return Snapshot.of(
            header,
            arm=chain.from_iterable(held.values() for held in self._arm.values()),
            graph=chain.from_iterable(held.values() for held in self._graph.values()),
            links=self._links,
            events=self._events,
            reads=chain(self._reads.values(), nothing),
            gaps=[*self._gaps.values(), *absent.values(), *denied, *self._older.values(), *unfinished],
        )


def header_of(cloud: str, identity: "Identity", began: datetime | None = None) -> Header:
    """Return the header of a scan of `cloud` that begins now, or that `began` in an earlier run, without a scope."""
    return Header(
        tenant_id=identity.tenant_id,
        cloud=cloud,
        collected_at=(began or datetime.now(UTC)).replace(microsecond=0),
        by=By(identity.object_id, identity.name, str(identity.type)),
        tool=f"migaudit {__version__}",
    )


def typed(recording: Recording, kind: type[R]) -> Iterator[R]:
    """Yield the recorded resources of a kind; a malformed one is left out, since the inventory makes a gap of it."""
    for body in recording.bodies(*kind.types):
        try:
            yield msgspec.convert(body, kind, strict=False)
        except msgspec.ValidationError:
            continue


def _key(what: str, scope: str) -> _Key:
    return (intern(what.lower()), intern(scope.lower()))


def _subscription(identity: str) -> str:
    """Return the id (lower case) of the subscription in an ARM id; empty where it is in none."""
    parts = identity.lower().split("/", 3)
    return "/".join(parts[:3]) if parts[:2] == ["", "subscriptions"] and len(parts) > 2 else ""


def _digest(identity: str) -> bytes:
    """Return a digest of an id, whatever its letter case; it saves memory, since there can be a million ids."""
    return blake2b(identity.lower().encode(errors="surrogatepass"), digest_size=16).digest()


def _contradiction(what: str, identity: str) -> Gap:
    return Gap(what, identity, 200, MALFORMED, "two answers about it contradict each other")


def _contradict(one: bytes, other: bytes) -> bool:
    """Return whether two bodies of one object have different values of one property."""
    first: Body = msgspec.json.decode(one)
    second: Body = msgspec.json.decode(other)
    names = (name for name in first.keys() & second.keys() if name == "@odata.type" or not name.startswith("@odata."))
    both = ((first[name], second[name]) for name in names)
    return any(value != also for value, also in both if value is not None and also is not None)


def _united(one: bytes, other: bytes) -> Body:
    """Return the union of two bodies of one object, each of which lacks the properties that its question left out.

    Of two values, that of the body with the smaller text is kept, whichever came first.
    """
    one, other = sorted((one, other))
    union: Body = msgspec.json.decode(one)
    for name, value in msgspec.json.decode(other).items():
        if union.get(name) is None:
            union[name] = value
    return union
