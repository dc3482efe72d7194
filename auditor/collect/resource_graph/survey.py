"""The survey of many subscriptions through Azure Resource Graph, which finds those that Resource Manager must be asked.

A subscription is left to Resource Graph only where it shows the subscription and nothing in it that concerns Azure
Migrate. Of such a subscription its rows are recorded, and that Resource Graph was read. They prove no absence, since
Resource Graph leaves out what the account may not read, lags behind, and has no table for locks, deny assignments,
eligibilities, providers and what is soft-deleted; what `absence` adds comes from Resource Manager.
"""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from math import ceil

from auditor.azure.errors import ReadFailed
from auditor.azure.paging import Body
from auditor.azure.resource_graph import (
    MOST_SUBSCRIPTIONS,
    TOO_LARGE,
    VERSIONS,
    ResourceGraphClient,
    RowShape,
)
from auditor.collect.reader import gap_of
from auditor.collect.recording import Recording
from auditor.collect.resource_graph import queries, rows
from auditor.collect.resource_graph.queries import Query
from auditor.collect.versions import Attempts
from auditor.collect.workers import Workers
from auditor.inventory.lists import RESOURCE_GRAPH, ROLE_DEFINITIONS, SUBSCRIPTIONS
from auditor.inventory.snapshot.records import ArmRecord, arm_record

_GROUP = "/providers/microsoft.management/managementgroups/"
_REFERENCE = re.compile(rb"/subscriptions/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
_REFERRING = (
    "microsoft.applicationmigration/",
    "microsoft.datareplication/",
    "microsoft.dependencymap/",
    "microsoft.migrate/",
    "microsoft.mysqldiscovery/",
    "microsoft.network/privateendpoints",
    "microsoft.offazure/",
    "microsoft.recoveryservices/",
)
"""Types whose bodies refer to what belongs to a project, also in other subscriptions."""
Principals = Callable[[], Awaitable[Sequence[str]]]
"""The object ids of principals, which may still be being read while the first queries are answered."""

_SMALLEST = 32
"""The number of subscriptions from which on a query with too large an answer is not divided any further."""


@dataclass(slots=True)
class _Shown:
    """What Resource Graph showed of a subscription.

    `above` are the names of the management groups above it, `records` what is in it, `inherits` the ids (lower case) of
    assignments from above; `concerns` says whether anything in it concerns Azure Migrate.
    """

    above: frozenset[str]
    records: list[ArmRecord] = field(default_factory=list)
    inherits: list[str] = field(default_factory=list)
    concerns: bool = False


class Surveyed:
    """What a survey found out, without the way to Azure; `left` are the subscriptions that are left to Resource Graph.

    `shown` is what it showed of those, by their names (GUID, lower case), `above` what is above them.
    """

    def __init__(self, ids: Mapping[str, str]) -> None:
        self._ids = ids
        self.shown: dict[str, _Shown] = {}
        self.above: dict[str, ArmRecord] = {}

    @property
    def left(self) -> tuple[str, ...]:
        """The ids of the subscriptions that Resource Manager need not be asked about."""
        return tuple(one for name, one in self._ids.items() if name in self.shown)

    @property
    def chains(self) -> dict[str, frozenset[str]]:
        """Those ids, each with the names (lower case) of the management groups that are shown above it."""
        return {self._ids[name]: shown.above for name, shown in self.shown.items()}

    def referred_to(self, recording: Recording) -> tuple[str, ...]:
        """Return the ids of subscriptions to which something of Azure Migrate refers; they are no longer left."""
        referred = {
            name.decode()
            for record in recording.records(*_REFERRING)
            for name in _REFERENCE.findall(record.body.lower())
        }
        found = tuple(self._ids[name] for name in sorted(referred & self.shown.keys()))
        self.leave_out(found, recording)
        return found

    def leave_out(self, subscriptions: Collection[str], recording: Recording) -> None:
        """Leave these subscriptions (ARM ids) to Resource Graph no longer."""
        for one in subscriptions:
            del self.shown[_name(one)]
            recording.withdraw(RESOURCE_GRAPH, one)

    def record(self, recording: Recording) -> None:
        """Record what Resource Graph showed of the subscriptions left to it; what is recorded already stays."""
        for name, shown in self.shown.items():
            place = self._ids[name]
            for record in shown.records:
                _record(recording, record)
            for identity in shown.inherits:
                recording.link("inheritedBy", self.above[identity].id, place)
            recording.complete(RESOURCE_GRAPH, place, len(shown.records))
        for record in self.above.values() if self.shown else ():
            _record(recording, record)


@dataclass(slots=True)
class _Batch:
    """What one batch of queries showed: of each subscription (GUID), and what is above them by its id."""

    shown: dict[str, _Shown]
    above: dict[str, ArmRecord] = field(default_factory=dict)

    def take(self, body: Body) -> None:
        """Keep a row of one of the subscriptions, or one from above, which those below it inherit."""
        identity = str(body["id"])
        own = self.shown.get(_name(identity))
        if own is not None:
            own.records.append(arm_record(body))
            return
        self.above[identity.lower()] = arm_record(body)
        if body["type"] != ROLE_DEFINITIONS:
            for shown in self.shown.values():
                if _group(identity) in {"", *shown.above}:
                    shown.inherits.append(identity.lower())


class Survey:
    """The survey of `subscriptions` (ARM ids); `found` is what it found out."""

    def __init__(self, graph: ResourceGraphClient, recording: Recording, subscriptions: Sequence[str]) -> None:
        self._graph = graph
        self._recording = recording
        self._ids = {_name(one): one for one in subscriptions}
        self.found = Surveyed(self._ids)
        self._versions: Sequence[str] = VERSIONS
        self.failures: list[ReadFailed] = []
        for one in subscriptions:
            recording.plan(RESOURCE_GRAPH, one)

    async def read(self, groups: Collection[str], principals: Principals) -> None:
        """Query all subscriptions; a resource group of the names `groups` makes its subscription one to look into.

        The role assignments of `principals` are read too. Where a query fails, there is a gap at each of its
        subscriptions, and none of them is left.
        """
        names, parts = sorted(self._ids), ceil(len(self._ids) / MOST_SUBSCRIPTIONS)
        batches = [names[number::parts] for number in range(parts)]  # of equal sizes
        await Workers().run(partial(self._read_batch, one, groups, principals) for one in batches)

    async def _read_batch(
        self, names: list[str], groups: Collection[str], principals: Principals, *, again: bool = True
    ) -> None:
        """Query a batch of subscriptions; an odd answer, as of what changes between its pages, is asked for twice."""
        try:
            batch = await self._queried(names, groups, principals)
        except ReadFailed as failure:
            if TOO_LARGE in failure.message and len(names) > _SMALLEST:
                for part in (names[: len(names) // 2], names[len(names) // 2 :]):
                    await self._read_batch(part, groups, principals)
            elif failure.status == 200 and again:
                await self._read_batch(names, groups, principals, again=False)
            else:
                self.failures.append(failure)
                for name in names:
                    self._recording.gap(gap_of(RESOURCE_GRAPH, self._ids[name], None, failure))
            return
        self.found.shown |= batch.shown
        self.found.above |= batch.above
        for name in set(names) - batch.shown.keys():
            self._recording.withdraw(RESOURCE_GRAPH, self._ids[name])

    async def _queried(self, names: list[str], groups: Collection[str], principals: Principals) -> "_Batch":
        """Return what is shown of those of the subscriptions in which nothing concerns Azure Migrate."""
        shown = await self._inventory(names, groups)
        batch = _Batch({name: one for name, one in shown.items() if not one.concerns})
        if batch.shown:
            await self._beside(batch, await principals())
        return batch

    async def _inventory(self, names: list[str], groups: Collection[str]) -> dict[str, _Shown]:
        """Return what is in the subscriptions; one whose own row does not come is not among them."""
        query = queries.inventory(groups)
        seen: dict[str, _Shown] = {}
        found: list[tuple[str, Body]] = []
        async for page in self._pages(query, names):
            for row in page:
                body, name = rows.body_of(row, query), _name(row["id"])
                if body["type"] == SUBSCRIPTIONS:
                    seen[name] = _Shown(frozenset(rows.ancestors(row)))
                else:
                    found.append((name, body))
        for name, body in found:
            if (shown := seen.get(name)) is not None:
                # The resource groups are those that the scan is about.
                shown.concerns |= body["type"] == queries.RESOURCE_GROUPS or rows.concerns_migrate(body)
                shown.records.append(arm_record(body))
        return seen

    async def _beside(self, batch: "_Batch", principals: Sequence[str]) -> None:
        """Read who holds roles in the subscriptions of a batch, and which policies are assigned there."""
        parts = [
            principals[start : start + queries.MOST_PRINCIPALS]
            for start in range(0, max(1, len(principals)), queries.MOST_PRINCIPALS)
        ]
        asked = (*map(queries.access, parts), queries.POLICIES)
        await Workers(len(asked)).run(partial(self._take, batch, query) for query in asked)

    async def _take(self, batch: "_Batch", query: Query) -> None:
        async for page in self._pages(query, tuple(batch.shown)):
            for row in page:
                batch.take(rows.body_of(row, query))

    async def _pages(self, query: Query, names: Sequence[str]) -> AsyncIterator[list[Body]]:
        """Yield the pages of a query in the newest api-version that the cloud has; raises `ReadFailed`."""
        types, shared = (frozenset(what.lower() for what in some) for some in (query.types, query.shared))
        shape = RowShape(types, frozenset(names), query.above, shared)
        attempts, answered = Attempts(RESOURCE_GRAPH, self._versions), False
        while True:
            try:
                async for page in self._graph.pages(query.text, names, attempts.version, shape):
                    answered = True
                    yield page
            except ReadFailed as failure:
                if answered:
                    raise
                attempts.refused(failure)
            else:
                self._versions = VERSIONS[VERSIONS.index(attempts.version) :]
                return


def _record(recording: Recording, record: ArmRecord) -> None:
    if not recording.holds(record.id):
        recording.add(record, RESOURCE_GRAPH)


def _name(identity: str) -> str:
    """Return the id (GUID in lower case) of the subscription in an ARM id; empty for an id above subscriptions."""
    parts = identity.lower().split("/", 3)
    return parts[2] if parts[:2] == ["", "subscriptions"] else ""


def _group(identity: str) -> str:
    """Return the name (lower case) of the management group of an assignment; empty for one at the root."""
    key = identity.lower()
    return key[len(_GROUP) :].partition("/")[0] if key.startswith(_GROUP) else ""
