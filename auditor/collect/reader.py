"""The reader of ARM lists: records the items of a list, and then the list as a read or as a gap."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Any

from auditor.azure.arm import ArmClient
from auditor.azure.errors import ReadFailed
from auditor.azure.paging import PageShape
from auditor.collect.arm_ids import placed
from auditor.collect.listing import Body, CutShape, Keep, Listing, Refusals, Rest, Sdk
from auditor.collect.recording import Recording
from auditor.collect.versions import Attempts, AttemptsAtOne, NoSuchType, says_unknown, says_unregistered
from auditor.inventory.arm_id import ArmId, MalformedArmId
from auditor.inventory.list_shapes import ListShape, by_its_id
from auditor.inventory.lists import PROVIDERS, shape_of
from auditor.inventory.reads import MALFORMED, Gap
from auditor.inventory.versions import older_version_gap


def gap_of(what: str, scope: str, needs: str | None, failure: ReadFailed) -> Gap:
    """Return the gap of a list whose read failed; `needs` is the missing permission, named only after a 403."""
    return Gap(what, scope, failure.status, failure.code, failure.message, needs if failure.status == 403 else None)


class Reader:
    """The reader of lists through one ARM client into one recording."""

    def __init__(self, arm: ArmClient, recording: Recording) -> None:
        self.arm = arm
        self.recording = recording
        # The lists of one subscription share a client, since making one takes as long as a request.
        self._client = lru_cache(maxsize=64)(self._new_client)
        self._parents: dict[tuple[str, str], asyncio.Task[list[str]]] = {}

    def _new_client(self, load: Callable[[], type[Any]], subscription: str | None, version: str) -> Any:
        return self.arm.client(load(), subscription, version)

    async def read(
        self,
        listing: Listing,
        scope: str,
        each: Callable[[Body], object] | None = None,
        failed: Callable[[ReadFailed], object] | None = None,
    ) -> bool:
        """Record the list of `scope` and return whether it was read to its end; otherwise record the gap.

        A list of a type that the cloud does not have, or of a provider that is not registered in the subscription, is
        empty, unless another answer contradicts that. `each` is called with each item, `failed` with the
        reason of a gap, and with the answer that denies the type.
        """
        self.recording.plan(listing.what, scope)
        count, needs, places, may_be_empty = 0, listing.needs[0], [scope], True
        try:
            if listing.parents is not None:
                needs = listing.parents.needs[0]
                places = await self._ids(listing.parents, scope)
                # A parent that is there contradicts whoever says that there is no such provider.
                needs, may_be_empty = listing.needs[0], False
            for place in places:
                async for page in self.pages(listing.what, listing.source, place, listing.shape):
                    may_be_empty = False  # a refusal of a later page contradicts the pages before it
                    self._note_registered(listing, scope, page)
                    wanted = listing.wanted(page)
                    count += len(wanted)
                    for body in wanted:
                        self._keep(listing, scope, body)
                        if each is not None:
                            each(body)
        except ReadFailed as failure:
            note = self._meaning(listing, scope, failure, may_be_empty=may_be_empty, count=count)
            if note is not None:
                note(gap_of(listing.what, scope, needs, failure))
                if failed is not None and note != self.recording.unregistered:
                    failed(failure)
                return note != self.recording.gap
        self.recording.complete(listing.what, scope, count)
        return True

    def _meaning(
        self, listing: Listing, scope: str, failure: ReadFailed, *, may_be_empty: bool, count: int
    ) -> Callable[[Gap], None] | None:
        """Return how a failure after `count` items is recorded, or None where it proves the list empty."""
        if isinstance(failure, NoSuchType) and not count:
            return self.recording.absent
        if may_be_empty and says_unregistered(failure, listing.what, scope):
            return self.recording.unregistered
        return None if may_be_empty and _is_empty(listing, scope, failure) else self.recording.gap

    def _note_registered(self, listing: Listing, subscription: str, page: list[Body]) -> None:
        """Record the providers that a page of the list of providers does not show as unregistered."""
        for body in page if listing.what == PROVIDERS else ():
            namespace = str(body.get("id")).rpartition("/")[2]
            if str(body.get("registrationState")).lower() not in _WITHOUT_RESOURCES:
                self.recording.registered(subscription, namespace)

    async def _ids(self, listing: Listing, scope: str) -> list[str]:
        """Return the ids in a list of parents, which is read once for all kinds of children; raises `ReadFailed`."""
        key = (listing.what, scope)
        if key not in self._parents:
            self._parents[key] = asyncio.ensure_future(self._read_ids(listing, scope))
        return await self._parents[key]

    async def _read_ids(self, listing: Listing, scope: str) -> list[str]:
        pages = self.pages(listing.what, listing.source, scope)
        return [str(body["id"]) async for page in pages for body in page]

    async def read_one(self, listing: Listing, identity: str) -> None:
        """Record the resource with this id as the only one of a list at itself; otherwise record the gap."""
        try:
            body = await self.get(listing.what, identity, listing.source.versions)
        except ReadFailed as failure:
            self.recording.gap(gap_of(listing.what, identity, listing.needs[0], failure))
            return
        if self.recording.arm(body, listing.what, identity) is not None:
            self.recording.complete(listing.what, identity, 1)

    async def get(self, what: str, identity: str, versions: Sequence[str]) -> Body:
        """Return the resource with this id, with the type that its id contains; raises `ReadFailed`.

        It is read in the first of `versions` that the cloud has; an older one that lacks properties leaves a gap.
        """
        attempts = AttemptsAtOne(what, versions)
        while True:
            try:
                body = await self.arm.get(identity, attempts.version)
            except ReadFailed as failure:
                attempts.refused(failure)
            else:
                self._note(attempts, identity)
                return by_its_id(body)

    async def pages(
        self, what: str, source: Rest | Sdk, scope: str, shape: ListShape | CutShape | None = None
    ) -> AsyncIterator[list[Body]]:
        """Yield the pages of a list of `scope`, read by path or by SDK operation, of the shape that its name has.

        It is read in the first api-version that the cloud has; an older one that lacks properties leaves a gap. Raises
        `ReadFailed` for a page that cannot be read or does not have the shape, and `NoSuchType` where the cloud does
        not have the type.
        """
        shape = (shape_of(what) if shape is None else shape).at(scope)
        attempts = Attempts(what, source.versions)
        wish = source.wish if isinstance(source, Rest) else {}
        answered = False
        while not answered:
            try:
                async for page in self._pages(what, source, attempts.version, scope, shape, wish):
                    if not answered:
                        answered = True
                        self._note(attempts, scope)
                    yield page
            except ReadFailed as failure:
                if answered:
                    raise
                if wish and failure.status == 400 and not says_unknown(failure):
                    wish = {}  # what is wished for is not what was asked for
                else:
                    attempts.refused(failure)
            else:
                return

    def _note(self, attempts: Attempts, scope: str) -> None:
        """Record that a list or resource was answered: its type exists, and an older api-version lacks properties."""
        self.recording.answered(attempts.what)
        gap = None if attempts.is_newest else older_version_gap(attempts.what, scope, attempts.version)
        if gap is not None:
            self.recording.older(gap)

    def _pages(
        self, what: str, source: Rest | Sdk, version: str, scope: str, shape: PageShape, wish: Mapping[str, str]
    ) -> AsyncIterator[list[Body]]:
        """Return the pages of a list in one api-version."""
        if isinstance(source, Rest):
            return self.arm.pages(source.at(scope), version, {**source.query, **wish}, shape)
        try:
            subscription = ArmId.parse(scope).subscription
        except MalformedArmId as malformed:  # the scope may come from a body
            raise ReadFailed(0, MALFORMED, str(malformed), "") from malformed
        operation = attrgetter(source.operation)(self._client(source.client, subscription, version))
        name = f"{what} {source.operation} {version} {subscription}"
        place = "" if subscription is None else f"/subscriptions/{subscription}"
        return self.arm.sdk_pages(operation, name=name, place=place, shape=shape, **source.arguments)

    def _keep(self, listing: Listing, scope: str, body: Body) -> None:
        recording = self.recording
        if listing.below:
            body = placed(body, listing.what, scope)
        match listing.keep:
            case Keep.LIVE | Keep.DELETED:
                recording.arm(body, listing.what, scope, deleted=listing.keep is Keep.DELETED)
            case Keep.PLACE:
                child, parent = body.get("id"), _parent(body)
                if isinstance(child, str) and parent is not None:
                    recording.link("parent", child, parent)
            case Keep.INHERITED if _stands_above(body, scope):
                identity = str(body["id"])
                if recording.holds(identity) or recording.arm(body, listing.what, scope) is not None:
                    recording.link("inheritedBy", identity, scope)
            case Keep.INHERITED:
                recording.arm(body, listing.what, scope)


_WITHOUT_RESOURCES = frozenset({"notregistered", "unregistered", "unregistering"})
"""States (lower case) of a provider in which a subscription has none of its resources."""


def says(refusals: Refusals, failure: ReadFailed) -> bool:
    """Return whether a failure is one of these refusals: it is documented and has the code with its status."""
    return failure.documented and refusals.get(failure.code.lower()) == failure.status


def _is_empty(listing: Listing, scope: str, failure: ReadFailed) -> bool:
    """Return whether a refusal proves that the list of `scope` is empty, by its code or by its message."""
    return says(listing.empty_on, failure) or _says_empty(listing.empty_said, scope, failure)


def _says_empty(words: str, scope: str, failure: ReadFailed) -> bool:
    """Return whether a refusal with the code `BadRequest` proves by its message that the list of `scope` is empty."""
    said = words.replace("{name}", scope.rpartition("/")[2].lower())
    bare = failure.documented and (failure.status, failure.code.lower()) == (400, "badrequest")
    return bool(words) and bare and failure.message.lower().startswith(said)


def _stands_above(body: Body, subscription: str) -> bool:
    """Return whether an item of a subscription's list has an id outside the subscription.

    PIM also writes a subscription as `/providers/Microsoft.Subscription/subscriptions/<id>/…`, so the subscription's
    segments may be anywhere in the id.
    """
    identity = body.get("id")
    return isinstance(identity, str) and f"{subscription.lower()}/" not in identity.lower()


def _parent(body: Body) -> str | None:
    properties = body.get("properties")
    parent = properties.get("parent") if isinstance(properties, dict) else None
    identity = parent.get("id") if isinstance(parent, dict) else None
    return identity if isinstance(identity, str) else None
