"""The inventory: the records of a snapshot as typed, indexed resources, with the gaps of its lists."""

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property, lru_cache
from typing import TypeVar, cast

import msgspec
from msgspec import structs

from auditor.inventory.arm_id import ArmId, MalformedArmId
from auditor.inventory.assignments import Assignments, well_formed
from auditor.inventory.coverage import ListCoverage
from auditor.inventory.lists import CONDITIONAL_ACCESS_POLICIES, DELETED_APPLICATIONS, DIRECTORY_OBJECTS, LISTS
from auditor.inventory.reads import MALFORMED, NOT_SCANNED, Gap
from auditor.inventory.resources import (
    assessments,
    authorization,
    conditional_access,
    directory,
    further,
    keyvault,
    loganalytics,
    migrate,
    network,
    offazure,
    recoveryservices,
    storage,
    subscriptions,
)
from auditor.inventory.resources.directory import DirectoryObject
from auditor.inventory.resources.fields import ReadByField
from auditor.inventory.resources.resource import Resource
from auditor.inventory.snapshot.arm_records import ArmRecords
from auditor.inventory.snapshot.records import ArmRecord, EventRecord, GraphRecord, Header, Link
from auditor.inventory.snapshot.snapshot import Snapshot
from auditor.inventory.versions import hides, holds

R = TypeVar("R", bound=Resource)
D = TypeVar("D", bound=DirectoryObject)

RESOURCE_CLASSES: tuple[type[Resource], ...] = (
    subscriptions.Tenant,
    subscriptions.ManagementGroup,
    subscriptions.Subscription,
    subscriptions.ResourceGroup,
    subscriptions.ProviderRegistration,
    authorization.RoleAssignment,
    authorization.RoleDefinition,
    authorization.DenyAssignment,
    authorization.EligibilityInstance,
    authorization.AssignmentInstance,
    authorization.Lock,
    authorization.PolicyAssignment,
    migrate.MigrateProject,
    migrate.Solution,
    migrate.OldProject,
    migrate.AssessmentProject,
    migrate.Collector,
    assessments.AssessmentGroup,
    assessments.Assessment,
    assessments.AssessedMachine,
    offazure.Site,
    offazure.MasterSite,
    offazure.DiscoverySource,
    offazure.SiteMachine,
    keyvault.Vault,
    keyvault.DeletedVault,
    recoveryservices.RecoveryVault,
    recoveryservices.VaultSetting,
    storage.StorageAccount,
    network.PrivateEndpoint,
    further.ServiceBusNamespace,
    further.ReplicationVault,
    further.ReplicationFabric,
    further.DependencyMap,
    further.WorkloadSite,
    further.PrivateDnsZone,
    further.MigrationItem,
    loganalytics.Workspace,
    loganalytics.DeletedWorkspace,
    loganalytics.OmsSolution,
)
"""The typed resources; every other type is a plain `Resource`."""

DIRECTORY_CLASSES: tuple[type[DirectoryObject], ...] = (
    directory.User,
    directory.Group,
    directory.ServicePrincipal,
    directory.Application,
    directory.DeletedApplication,
    directory.AuthorizationPolicy,
    conditional_access.ConditionalAccessPolicy,
)
"""The typed directory objects."""

_SUBSCRIPTION = subscriptions.Subscription.types
_ASSIGNMENTS = "microsoft.authorization/roleassignments"
_BY_TYPE = {(name.lower(), cls.deleted): cls for cls in RESOURCE_CLASSES for name in cls.types}
_BY_KIND = {(name.lower(), cls.deleted): cls for cls in DIRECTORY_CLASSES for name in cls.kinds}
_DECODERS = {
    cls: msgspec.json.Decoder(cls, strict=False)
    for cls in (*RESOURCE_CLASSES, *DIRECTORY_CLASSES, Resource, DirectoryObject)
}


class Inventory:
    """The immutable inventory of one environment at one time.

    `now` is the time for which facts are drawn: the snapshot's `collected_at` unless another was given.
    """

    def __init__(self, snapshot: Snapshot, now: datetime | None = None) -> None:
        """Index `snapshot`; see `of`."""
        self.snapshot = snapshot
        self.header: Header = snapshot.header
        self.now: datetime = now or snapshot.header.collected_at
        self._arm = ArmRecords.of(snapshot.arm)
        self._decoded: dict[str, tuple[tuple[Resource, ...], tuple[Resource, ...]]] = {}
        self._objects: dict[str, DirectoryObject] = {}
        self._objects_of: dict[type[DirectoryObject], tuple[DirectoryObject, ...]] = {}
        self._deleted_objects: dict[str, DirectoryObject] = {}
        self._links: dict[str, dict[str, list[Link]]] = defaultdict(lambda: defaultdict(list))
        self._links_to: dict[str, dict[str, list[Link]]] = defaultdict(lambda: defaultdict(list))
        self._coverage = ListCoverage(snapshot.reads, snapshot.gaps, snapshot.header.scope.names)
        self._looked_at: set[str] = set()
        self._malformed: dict[Gap, None] = {}
        self._index(snapshot)

    @classmethod
    def of(cls, snapshot: Snapshot, now: datetime | None = None) -> "Inventory":
        """Return the inventory of `snapshot` at the time `now` (default: when it was collected)."""
        return cls(snapshot, now)

    def _index(self, snapshot: Snapshot) -> None:
        for thing in snapshot.graph:
            self._take_object(thing)
        for link in snapshot.links:
            self._links[link.rel][link.from_.lower()].append(link)
            self._links_to[link.rel][link.to.lower()].append(link)

    def _take_object(self, record: GraphRecord) -> None:
        cls = _BY_KIND.get((record.odata_type.lower(), record.deleted), DirectoryObject)
        held = self._deleted_objects if record.deleted else self._objects
        try:
            thing = held[record.id.lower()] = _DECODERS[cls].decode(record.body)
            if isinstance(thing, directory.DeletedApplication) and not thing.app_id:
                self._coverage.add(_nameless(record.id))
        except msgspec.DecodeError as malformed:
            for what, scope in _may_be_asked_as(record):
                self._not_understood(_malformed(what, scope, malformed))

    def _not_understood(self, gap: Gap) -> None:
        self._coverage.add(gap)
        self._malformed[gap] = None

    @property
    def malformed(self) -> tuple[Gap, ...]:
        """The gaps of malformed bodies, of the types that were decoded so far."""
        return tuple(self._malformed)

    @property
    def tenant_id(self) -> str:
        """The id of the environment's tenant."""
        return self.header.tenant_id

    @cached_property
    def scanned(self) -> frozenset[str]:
        """The ids (lower case) of the subscriptions in scope; where the header names none, of all in the snapshot."""
        if named := self.header.scope.names:
            return named
        return frozenset(held.arm_id.subscription or "" for held in self.all(subscriptions.Subscription))

    @property
    def surveyed(self) -> frozenset[str]:
        """The ids (lower case) of the subscriptions of which only what Resource Graph shows was read."""
        return self._coverage.surveyed

    def unlike(self, subscriptions: Iterable[str]) -> tuple[str, ...]:
        """Return the subscriptions (ids in lower case) to ask for gaps, sorted.

        Of those of which only what Resource Graph shows was read, it is the first of each kind: their lists share their
        gaps.
        """
        alike, seen = self._coverage.alike, set[object]()
        found = []
        for one in sorted(subscriptions):
            kind = alike.get(one, one)
            if kind not in seen:
                seen.add(kind)
                found.append(one)
        return tuple(found)

    @cached_property
    def unlisted(self) -> tuple[str, ...]:
        """The ids of subscriptions outside the scan that the tenant has and the list of subscriptions does not show.

        The tree of management groups places them, or their bodies are malformed.
        """
        seen = {f"/subscriptions/{name}" for name in self.scanned}
        seen.update(held.arm_id.key for held in self.all(subscriptions.Subscription))
        ids = [*self._links["parent"], *(record.id.lower() for kind in _SUBSCRIPTION for record in self.of_type(kind))]
        every = {f"/subscriptions/{one.rstrip('/').rpartition('/')[2]}" for one in ids if "/subscriptions/" in one}
        return tuple(sorted(every - seen))

    def all(self, cls: type[R]) -> tuple[R, ...]:
        """Return every resource of `cls` in the snapshot, by type and id; the list may be incomplete, see `gaps`."""
        return cast("tuple[R, ...]", sum((self._resources(name.lower())[cls.deleted] for name in cls.types), ()))

    def each(self, cls: type[R]) -> Iterator[R]:
        """Yield every resource of `cls` in the order of `all`, decoded one by one and not kept.

        For types of which there can be a hundred thousand resources.
        """
        for name in cls.types:
            for _, record, resource in self._understood(name.lower()):
                if record.deleted is cls.deleted:
                    yield cast("R", resource)
            self._looked_at.add(name.lower())

    def _resources(self, kind: str) -> tuple[tuple[Resource, ...], tuple[Resource, ...]]:
        """Return the live and the deleted resources of a type; a malformed body becomes a gap."""
        if kind not in self._decoded:
            held: tuple[list[Resource], list[Resource]] = ([], [])
            for _, record, resource in self._understood(kind):
                held[record.deleted].append(resource)
            self._decoded[kind] = (tuple(held[False]), tuple(held[True]))
        return self._decoded[kind]

    def _look_at(self, kind: str) -> None:
        """Find the malformed bodies of a type, which become gaps, without keeping the decoded resources."""
        if kind == _ASSIGNMENTS:
            _ = self.assignments
        elif kind not in self._decoded and kind not in self._looked_at:
            self._looked_at.add(kind)
            deque(self._understood(kind), maxlen=0)

    def _understood(self, kind: str) -> Iterator[tuple[int, ArmRecord, Resource]]:
        """Yield the records of a type with their positions and resources; a malformed body becomes a gap."""
        for position, record in enumerate(self._arm.of_type(kind)):
            resource = self._understand(kind, record)
            if resource is not None:
                yield position, record, resource

    def _understand(self, kind: str, record: ArmRecord) -> Resource | None:
        """Return the resource in a record of a type; a malformed body becomes a gap."""
        try:
            if (kind, record.deleted) in _BY_TYPE:
                ArmId.parse(record.id)  # raises for a malformed id here, so that later parsing cannot fail
            return _resource(record)
        except msgspec.DecodeError as malformed:
            self._not_understood(_malformed(record.type, record.id, malformed))
        except MalformedArmId as malformed:
            self._not_understood(_malformed(record.type, _place(record.id), malformed))
        return None

    @cached_property
    def assignments(self) -> Assignments:
        """The role assignments by principal; unlike `all`, this keeps only those that are asked for."""
        return Assignments(self._arm.of_type(_ASSIGNMENTS), self._understood_assignments())

    def _understood_assignments(self) -> Iterator[tuple[int, authorization.RoleAssignment]]:
        """Yield the live role assignments with their positions; there can be a million, nearly all of them plain."""
        records = self._arm.of_type(_ASSIGNMENTS)
        for position, body in enumerate(records.bodies()):
            plain = None if body is None else well_formed(body)
            if plain is not None:
                yield position, plain
                continue
            record = records[position]
            resource = self._understand(_ASSIGNMENTS, record)
            if isinstance(resource, authorization.RoleAssignment) and not record.deleted:
                yield position, resource

    def types(self) -> Iterable[str]:
        """Return the resource types of all records, in lower case."""
        return self._arm.types()

    def of_type(self, resource_type: str) -> Sequence[ArmRecord]:
        """Return every record of a resource type, with its raw body, whether or not the type has a class."""
        return self._arm.of_type(resource_type.lower())

    def mentioning(self, resource_type: str, phrase: str) -> Iterator[ArmRecord]:
        """Yield the records of a type like `of_type`, but few of a million without `phrase` (lower-case ASCII)."""
        return self._arm.mentioning(resource_type.lower(), phrase)

    def _record(self, identity: ArmId | str) -> ArmRecord | None:
        key = identity.key if isinstance(identity, ArmId) else identity.lower().rstrip("/")
        found = self._arm.find(_ASSIGNMENTS, key) if f"/providers/{_ASSIGNMENTS}/" in key else None
        if found is None and _is_machine(key) and (place := self._machines_by_id.get(key)):
            kind, position = place
            found = self._arm.of_type(kind)[position]
        return self._by_id.get(key) if found is None else found

    @cached_property
    def _by_id(self) -> dict[str, ArmRecord]:
        """The live records by id, without those of which there can be very many."""
        every = (record for kind in self._arm.types() for record in self._arm.unpacked(kind))
        return {record.id.lower().rstrip("/"): record for record in every if not record.deleted}

    @cached_property
    def _machines_by_id(self) -> dict[str, tuple[str, int]]:
        """The types and positions of discovered and assessed machines, found only when one of them is asked for."""
        kinds = [kind for kind in self._arm.types() if kind.endswith("machines") and self._arm.is_packed(kind)]
        numbered = ((kind, position, record) for kind in kinds for position, record in enumerate(self.of_type(kind)))
        return {
            record.id.lower().rstrip("/"): (kind, position) for kind, position, record in numbered if not record.deleted
        }

    def get(self, identity: ArmId | str) -> Resource | None:
        """Return the live resource with this id, or None where the snapshot has none that is well formed."""
        record = self._record(identity)
        try:
            return None if record is None else _resource_asked_for(record)
        except msgspec.DecodeError:  # is a gap of its list
            return None

    def body(self, identity: ArmId | str) -> Mapping[str, object] | None:
        """Return the unchanged body of a live resource, or None."""
        record = self._record(identity)
        return None if record is None else msgspec.json.decode(record.body, type=dict[str, object])

    def gaps(
        self, what: str, scope: ArmId | str, *, below: bool = True, rests_on: Sequence[str] | None = None
    ) -> tuple[Gap, ...]:
        """Return the gaps of the list `what` at `scope`; empty where it was read to its end there or above.

        With `below`, gaps inside the scope count too, such as a resource whose details were refused; without, only
        those that can hide a resource. A list that was not read has one gap with status 0 and code `NotRead`.

        Properties that an older api-version left out are a detail as well. They count with `below`, unless `rests_on`
        names the properties (paths in a body) that the caller looks at, and none of those was left out.
        """
        self._look_at(what.lower())
        found = self._coverage.gaps(what, scope, below=below)
        if [gap.code for gap in found] == [NOT_SCANNED]:
            found = (self._outside(found[0]),)
        if not below:
            return found
        older = self._coverage.of_older_versions(what, scope)
        if rests_on is not None:
            older = tuple(gap for gap in older if any(hides(gap, path) for path in rests_on))
        return (*found, *older)

    def malformed_of(self, what: str) -> Sequence[Gap]:
        """Return the gaps of malformed bodies of the list `what`, wherever they are."""
        self._look_at(what.lower())
        return self._coverage.malformed(what)

    def unsettled(self, what: str, scopes: Collection[str], *, unread: bool = True) -> set[str]:
        """Return those of many scopes at which `gaps` of the list `what` are not empty.

        Without `unread`, lists of which nothing is known at all do not count.
        """
        self._look_at(what.lower())
        return self._coverage.unsettled(what, scopes, unread=unread)

    def _outside(self, gap: Gap) -> Gap:
        """Return the gap of a list in a subscription outside the scan, at that subscription and with its name."""
        held = self.get("/".join(gap.scope.split("/")[:3]))
        if not isinstance(held, subscriptions.Subscription):
            return gap
        return structs.replace(gap, scope=held.id, message=subscriptions.seen_only([held]))

    def unread_property(self, identity: ArmId | str, path: str) -> tuple[Gap, ...]:
        """Return the gaps due to which a property that the body of a resource lacks is unread, and not absent."""
        record = self._record(identity)
        if record is None or holds(self.body(identity), path):
            return ()
        older = self._coverage.of_older_versions(record.type, record.id, below=False)
        return tuple(gap for gap in older if hides(gap, path))

    def object(self, object_id: str) -> DirectoryObject | None:
        """Return the live directory object with this id, or None where the snapshot has none."""
        return self._objects.get(object_id.lower())

    def objects(self, cls: type[D]) -> tuple[D, ...]:
        """Return every directory object of `cls`."""
        if cls not in self._objects_of:
            held = self._deleted_objects if cls.deleted else self._objects
            self._objects_of[cls] = tuple(thing for thing in held.values() if isinstance(thing, cls))
        return cast("tuple[D, ...]", self._objects_of[cls])

    def links(self, rel: str, from_: str) -> tuple[Link, ...]:
        """Return the links of the relation `rel` that start at `from_`."""
        return tuple(self._links[rel].get(from_.lower(), ())) if rel in self._links else ()

    def links_to(self, rel: str, to: str) -> tuple[Link, ...]:
        """Return the links of the relation `rel` that end at `to`."""
        return tuple(self._links_to[rel].get(to.lower(), ())) if rel in self._links_to else ()

    def events(self) -> tuple[EventRecord, ...]:
        """Return the Activity Log events."""
        return self.snapshot.events


def _resource(record: ArmRecord) -> Resource:
    cls = _BY_TYPE.get((record.type.lower(), record.deleted), Resource)
    resource = cast("Resource", _DECODERS[cls].decode(record.own))
    if _is_hollow(record, resource):
        raise msgspec.ValidationError("it has no `properties`")
    return resource


MOST_ASKED_FOR = 1_024
"""The number of resources that were asked for by their ids and stay decoded, as many facts are about one resource."""

_resource_asked_for = lru_cache(maxsize=MOST_ASKED_FOR)(_resource)


def _may_be_asked_as(record: GraphRecord) -> Iterator[tuple[str, str]]:
    """Yield the reads (list, scope) that may have returned a malformed object, which get a gap.

    Applications are read by their app id; where that is malformed, it may be any.
    """
    kind = record.odata_type.rpartition(".")[2]
    if record.deleted:
        yield DELETED_APPLICATIONS, "/"
        return
    if kind.lower() == "conditionalaccesspolicy":
        yield CONDITIONAL_ACCESS_POLICIES, "/"
        return
    what = f"graph/{kind}" if f"graph/{kind}".lower() in LISTS else f"graph/{kind}s"
    yield what, record.id
    yield DIRECTORY_OBJECTS, record.id
    app_id = msgspec.json.decode(record.body, type=dict[str, object]).get("appId")
    if app_id is not None:
        yield what, app_id if isinstance(app_id, str) else "/"


class _Contents(msgspec.Struct):
    properties: object = None


def _is_hollow(record: ArmRecord, resource: Resource) -> bool:
    """Return whether a body lacks its `properties`; it is decoded again only where all known ones are defaults."""
    if isinstance(resource, ReadByField):
        return not resource.properties
    known = getattr(resource, "properties", msgspec.UNSET)
    if resource.bare or known is msgspec.UNSET or (known is not None and known != type(known)()):
        return False
    held = msgspec.json.decode(record.body, type=_Contents).properties
    return not (isinstance(held, dict) and held)


def _nameless(identity: str) -> Gap:
    """Return the gap of a deleted application that may be any, as its body has no app id."""
    return Gap(DELETED_APPLICATIONS, "/", 0, "NotInBody", f"the deleted application `{identity}` has no `appId`")


def _malformed(what: str, identity: str, error: Exception) -> Gap:
    return Gap(what, identity, 0, MALFORMED, f"the body cannot be understood: {error}")


def _is_machine(key: str) -> bool:
    """Return whether an id in lower case is that of a discovered or assessed machine."""
    return "/assessedmachines/" in key or ("/machines/" in key and "/providers/microsoft.offazure/" in key)


def _place(identity: str) -> str:
    """Return the scope of a resource whose id is malformed: its subscription where recognisable, otherwise the root."""
    segments = identity.split("/", 3)
    inside = len(segments) > 2 and segments[0] == "" and segments[1].lower() == "subscriptions"
    return f"/subscriptions/{segments[2]}" if inside and segments[2].strip(". ") else "/"
