"""The proof that nothing of Azure Migrate is in subscriptions left to Resource Graph: one list of each, from ARM.

Resource Manager leaves out of its list of resources, without an error, what the account may not read. So the list
proves something only where a management group above the subscription gives the account a role that reads these types,
and no deny assignment takes them away. The list is read between two readings of the roles, so that they were in effect
while it was read; the deny assignments of the subscription are read after it. A refusal below such a group contradicts
the role: then nothing is proven.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from auditor.access.certain_reads import CertainReads
from auditor.collect.catalogue import PER_SUBSCRIPTION, TRACKED
from auditor.collect.listing import Tracked
from auditor.collect.progress import SILENT
from auditor.collect.reader import Reader
from auditor.collect.readers.tracked import TrackedReader
from auditor.collect.recording import Recording
from auditor.collect.resource_graph.evidence import Memberships, RightsEvidence
from auditor.collect.resource_graph.rows import is_of_migrate
from auditor.collect.workers import Workers

if TYPE_CHECKING:
    from auditor.azure.auth.identity import Identity
    from auditor.azure.graph.client import GraphClient

MOST = 500
"""The most subscriptions that are asked; of more, what is absent in them stays unknown, so that requests stay few."""

PROVEN = tuple(kind for kind in TRACKED if kind.whole is None and is_of_migrate(kind.what))
"""The types of which a subscription is shown to have nothing: projects, sites, and what else Azure Migrate makes."""

_LISTING = "Microsoft.Resources/subscriptions/resources/read"
_CLOCKS_DIFFER = timedelta(minutes=5)
"""The time for which a role must still be held after everything was read, as clocks differ."""


class AbsenceProof:
    """The proof for some subscriptions, read with the signed-in account."""

    def __init__(self, reader: Reader, graph: "GraphClient", identity: "Identity") -> None:
        self._reader = reader
        self._identity = identity
        self._memberships = Memberships(reader.recording, graph, identity)
        self._listed = Recording()
        self._parents: dict[str, str] = {}

    async def read(self, left: Mapping[str, frozenset[str]]) -> tuple[str, ...]:
        """Record of which types subscriptions certainly have nothing; return those that do have something.

        `left` are their ARM ids, each with the names of the management groups that Resource Graph shows above it. Where
        they are more than `MOST`, or below no management group that lets the account read, nothing is asked.
        """
        if len(left) > MOST:
            return ()
        self._parents = {link.from_.lower(): link.to for link in self._reader.recording.links("parent")}
        asked = await self._readable([one for one in left if one.lower() in self._parents])
        if not asked:
            return ()
        rights = {one: self._reader.arm.rights_shown(one) for one in asked}
        began = datetime.now(UTC)
        after = await self._list(asked)
        found = [one for one in asked if any(self._listed.count_at(kind.what, one) for kind in PROVEN)]
        empty = [one for one in asked if one not in found]
        reads = await self._certain(after, began, empty)
        for one in empty:
            if self._conclude(one, left[one], reads):
                rights[one].keep()
        return tuple(found)

    async def _readable(self, placed: Sequence[str]) -> tuple[str, ...]:
        """Return those of the subscriptions of which the account may read something by a role above them."""
        groups = {self._parents[one.lower()] for one in placed}
        before = RightsEvidence(self._reader, self._identity)
        before.keep_tree()
        await before.read_roles(groups, self._memberships)
        now = datetime.now(UTC)
        reads = self._judged(before, now, now)
        readable = {group for group in groups if _readable_types(reads, group)}
        if any(group in readable and self._is_refused(one) for one, group in self._parents.items()):
            return ()
        return tuple(one for one in placed if self._parents[one.lower()] in readable)

    async def _list(self, asked: Sequence[str]) -> RightsEvidence:
        """List the resources of the subscriptions, and then the deny assignments of those that show none."""
        after = RightsEvidence(self._reader, self._identity)
        reader = Reader(self._reader.arm, self._listed)
        listed = TrackedReader(reader, PROVEN, Workers(), SILENT, names_only=True)

        async def read(subscription: str) -> None:
            await listed.find(subscription)
            if not any(self._listed.count_at(kind.what, subscription) for kind in PROVEN):
                await after.read_denials(subscription)

        await Workers().run(partial(read, one) for one in asked)
        return after

    async def _certain(self, after: RightsEvidence, began: datetime, asked: Collection[str]) -> CertainReads:
        """Return what the account could read all the time since the lists were asked for."""
        groups = {self._parents[one.lower()] for one in asked}
        await after.read_tree()
        await after.read_roles(groups, self._memberships)
        await after.read_activations(groups)
        return self._judged(after, began, datetime.now(UTC) + _CLOCKS_DIFFER)

    def _judged(self, evidence: RightsEvidence, began: datetime, ended: datetime) -> CertainReads:
        return CertainReads(evidence.recording.snapshot(), self._identity.object_id, began, ended)

    def _conclude(self, subscription: str, shown_above: frozenset[str], reads: CertainReads) -> bool:
        """Record the types of which a subscription certainly has nothing; return whether it is all of them."""
        group, recording = self._parents[subscription.lower()], self._reader.recording
        for kind in PROVEN:
            if (gap := self._listed.gap_at(kind.what, subscription)) is not None:
                recording.gap(gap)
        above = reads.above(subscription)
        if group.rpartition("/")[2].lower() not in above or not above <= shown_above:
            return False  # it was moved
        if not reads.is_undenied(_LISTING, subscription):
            return False
        proven = [
            kind
            for kind in _readable_types(reads, group)
            if self._listed.is_complete(kind.what, subscription) and reads.is_undenied(_read_of(kind), subscription)
        ]
        for kind in proven:
            recording.complete(kind.what, subscription, 0)
        return len(proven) == len(PROVEN)

    def _is_refused(self, subscription: str) -> bool:
        """Return whether any list of a subscription was refused that these roles let an account read."""
        gaps = (self._reader.recording.gap_at(listing.what, subscription) for listing in PER_SUBSCRIPTION)
        return any(gap is not None and (gap.status, gap.code) == (403, "AuthorizationFailed") for gap in gaps)


def _readable_types(reads: CertainReads, group: str) -> list[Tracked]:
    """Return the types of which a list of all resources shows everything below a management group (ARM id)."""
    if not reads.may(_LISTING, group):
        return []
    return [kind for kind in PROVEN if reads.may(_read_of(kind), group)]


def _read_of(kind: Tracked) -> str:
    return f"{kind.what}/read"
