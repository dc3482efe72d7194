"""The reader of resource types that are found in a subscription's list of all resources."""

from collections.abc import Iterable, Sequence

from auditor.azure.errors import ReadFailed
from auditor.collect.listing import Body, Listing, Tracked
from auditor.collect.progress import Progress, Stage
from auditor.collect.reader import Reader, gap_of
from auditor.collect.readers.environment import resources
from auditor.collect.recording import Recording
from auditor.collect.workers import Workers
from auditor.inventory.arm_id import ArmId, MalformedArmId
from auditor.inventory.list_shapes import ListShape
from auditor.inventory.lists import RESOURCES
from auditor.inventory.reads import BY_READER, MALFORMED, ONLY_READABLE, Gap


class TrackedReader:
    """The reader that finds the resources of some types in subscriptions, and reads each of them with its children.

    With `names_only` it keeps the stubs in the list of all resources, which only prove that the resources exist.
    """

    def __init__(
        self,
        reader: Reader,
        types: Sequence[Tracked],
        workers: Workers,
        progress: Progress,
        *,
        names_only: bool = False,
    ) -> None:
        self._reader = reader
        self._names_only = names_only
        self._recording = reader.recording
        self._workers = workers
        self._progress = progress
        self._types = {kind.what.lower(): kind for kind in types}
        condition = " or ".join(f"resourceType eq '{kind.what}'" for kind in types)
        self._source = resources(condition)
        self._shape = ListShape(types=frozenset(self._types), texts=("id", "type"))
        self._found = 0

    def plan(self, subscription: str) -> None:
        """Note that the lists of the types are going to be read."""
        for kind in self._types.values():
            self._recording.plan(kind.what, subscription)

    async def find(self, subscription: str) -> None:
        """Record the resources of these types in the subscription's list, and queue a read of each one."""
        found: dict[str, set[str]] = {kind: set() for kind in self._types}
        try:
            async for page in self._reader.pages(RESOURCES, self._source, subscription, self._shape):
                for body in page:
                    kind = self._types.get(str(body.get("type")).lower())
                    if kind is not None:
                        found[kind.what.lower()].add(_compared(body))
                        if kind.whole is None:
                            self._take(kind, body, subscription)
        except ReadFailed as failure:
            await self._refused(subscription, failure)
            return
        for key, kind in self._types.items():
            await self._end(kind, subscription, found[key])

    async def _refused(self, subscription: str, failure: ReadFailed) -> None:
        """Read the types without those that have a list of their own, which are read by it; otherwise record gaps.

        A refusal may be due to a single one of the types.
        """
        others = [kind for kind in self._types.values() if kind.proves_absence]
        if len(others) == len(self._types):
            for kind in others:
                self._recording.gap(gap_of(kind.what, subscription, kind.needs[0], failure))
            return
        for kind in self._types.values():
            if kind.whole is not None and not kind.proves_absence:
                await self._reader.read(kind.whole, subscription)
        await TrackedReader(self._reader, others, self._workers, self._progress).find(subscription)

    async def _end(self, kind: Tracked, subscription: str, found: set[str]) -> None:
        """Record the list of a type as read, or read its own list, now that its resources are known."""
        if found:
            self._recording.answered(kind.what)
        for identity in found:
            self._recording.shown(identity, kind.what)
        if not found and not kind.proves_absence:
            self._recording.withdraw(kind.what, subscription)
        elif kind.whole is None or not found:
            self._recording.complete(kind.what, subscription, len(found))
        elif self._names_only:
            self._recording.withdraw(kind.what, subscription)
        else:
            await self._read_whole(kind, kind.whole, subscription, found)

    async def _read_whole(self, kind: Tracked, whole: Listing, subscription: str, found: set[str]) -> None:
        """Read the own list of a type; it is incomplete unless it shows what the list of all resources shows."""
        shown: set[str] = set()
        if not await self._reader.read(whole, subscription, lambda body: shown.add(_compared(body))):
            return
        if unlike := shown ^ found:
            message = f"its own list and that of all resources differ, by {len(unlike):,} such as `{min(unlike)}`"
            self._recording.gap(Gap(kind.what, subscription, 200, ONLY_READABLE, message, kind.needs[0]))

    def _take(self, kind: Tracked, stub: Body, subscription: str) -> None:
        record = self._recording.arm(stub, kind.what, subscription, stub=True)
        if record is None:
            return
        identity = record.id
        try:
            ArmId.parse(identity)
        except MalformedArmId as malformed:
            self._recording.gap(Gap(kind.what, subscription, 200, MALFORMED, str(malformed)))
            return
        if self._names_only or not kind.api_versions:
            return
        for what in (kind.what, *(child.what for child in kind.children)):
            self._recording.plan(what, identity)
        self._found += 1
        self._progress.started(Stage.PROJECTS, self._found)
        self._workers.add(lambda: self._hydrate(kind, identity))

    async def _hydrate(self, kind: Tracked, identity: str) -> None:
        """Replace the stub by the complete body, and read the children; after a failure, keep the stub and a gap."""
        try:
            body = await self._reader.get(kind.what, identity, kind.api_versions)
        except ReadFailed as failure:
            self._recording.gap(gap_of(kind.what, identity, kind.needs[0], failure))
        else:
            self._recording.replace(body, kind.what, identity)
            held = body.get("properties")
            if isinstance(held, dict) and held:
                self._recording.withdraw(kind.what, identity)
            else:
                message = "what Azure returned of it has no `properties`"
                self._recording.gap(Gap(kind.what, identity, 200, MALFORMED, message))
        for child in kind.children:
            await self._reader.read(child, identity)
        self._progress.advanced(Stage.PROJECTS)


def _compared(body: Body) -> str:
    """Return the id of a listed resource in the form in which lists are compared."""
    return str(body.get("id")).lower().rstrip("/")


def doubt_filtered(
    recording: Recording, subscription: str, filtered: Iterable[Listing | Tracked], refusable: Iterable[Listing]
) -> None:
    """Turn the reads of the `filtered` lists into gaps where the account may not read the subscription.

    Azure filters the list of resources and that of resource groups: it leaves out, without an error, what the account
    may not read. The `refusable` lists that were asked of the subscription are refused instead. If any of them was, and
    none shows an item, an answered filtered list may be incomplete, so that absence from it proves nothing. A refusal
    that no custom role could prevent tells nothing.
    """
    asked = tuple(refusable)
    gaps = {one.what: recording.gap_at(one.what, subscription) for one in asked}
    refused = [one for one in asked if (gap := gaps[one.what]) is not None and gap.status == 403]
    grantable = [one for one in refused if one.needs[0] != BY_READER]
    if not grantable or any(recording.count_at(one.what, subscription) for one in asked):
        return
    message = "Azure lists here only what the account may read, and it was refused a list of the subscription itself"
    for listing in filtered:
        if recording.is_complete(listing.what, subscription):
            recording.gap(Gap(listing.what, subscription, 200, ONLY_READABLE, message, listing.needs[0]))
