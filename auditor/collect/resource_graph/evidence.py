"""The evidence of what the signed-in account may read below management groups, read from ARM for a proof of absence.

It is kept apart from what a scan records: other accounts' lists are not read for it, so it is no list of anything.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from auditor.azure.errors import ReadFailed
from auditor.collect.directory.accounts import keep_groups
from auditor.collect.directory.client import Asker
from auditor.collect.directory.questions import GROUPS_OF
from auditor.collect.listing import Keep, Listing, Rest
from auditor.collect.reader import Reader
from auditor.collect.readers.authorization import ACTIVATION, CUSTOM_ROLES, DENY_ASSIGNMENTS, ROLE_ASSIGNMENTS
from auditor.collect.readers.group_roles import guid_of, role_in
from auditor.collect.readers.management_groups import DESCENDANTS
from auditor.collect.recording import Recording
from auditor.collect.workers import Workers
from auditor.inventory.lists import GROUPS, MEMBERSHIPS, ROLE_DEFINITIONS, SERVICE_PRINCIPAL, USER

if TYPE_CHECKING:
    from auditor.azure.auth.identity import Identity
    from auditor.azure.graph.client import GraphClient

_MEMBER = "transitiveMemberOf"


class RightsEvidence:
    """The evidence about the signed-in account, beside what `scan`, the reader of the scan, has recorded.

    What is about management groups is always read from Azure, never taken from the file of an interrupted scan, since
    the account may have lost its role in between. What is about a subscription counts together with its other lists.
    """

    def __init__(self, scan: Reader, identity: "Identity") -> None:
        self._scan = scan.recording
        self._account = identity.object_id
        self.recording = Recording()
        self.recording.header = scan.recording.header
        self._reader = Reader(scan.arm.without_memory(), self.recording)
        self._lists = Reader(scan.arm, self.recording)

    async def read_roles(self, groups: Iterable[str], memberships: "Memberships") -> None:
        """Read the role assignments of the account at some management groups and above, and the roles they name."""
        places = sorted(groups)
        await memberships.add_to(self.recording)
        assigned = self._own(ROLE_ASSIGNMENTS)
        await Workers().run(partial(self._reader.read, assigned, one) for one in places)
        if self._names_other_roles():
            await Workers().run(partial(self._reader.read, CUSTOM_ROLES, one) for one in places)

    def keep_tree(self) -> None:
        """Take over the parents of subscriptions and management groups that the scan has read."""
        for link in self._scan.links("parent"):
            self.recording.link(link.rel, link.from_, link.to)

    async def read_tree(self) -> None:
        """Read the parents of all groups and subscriptions again, below the uppermost groups that the scan saw."""
        links = [*self._scan.links("parent")]
        below = {link.from_.lower() for link in links}
        tops = {link.to.lower(): link.to for link in links if link.to.lower() not in below}
        await Workers().run(partial(self._reader.read, DESCENDANTS, one) for one in sorted(tops.values()))

    async def read_activations(self, groups: Iterable[str]) -> None:
        """Read which of the account's roles at some management groups and above are active in PIM, and until when."""
        active = self._own(ACTIVATION)
        await Workers().run(partial(self._reader.read, active, one) for one in sorted(groups))

    async def read_denials(self, subscription: str) -> None:
        """Read the deny assignments of a subscription (ARM id), with those above and below it."""
        await self._lists.read(DENY_ASSIGNMENTS, subscription)

    def _own(self, listing: Listing) -> Listing:
        """Return a list of assignments at a management group and above, of those of the account and its groups."""
        filtered = {"$filter": f"atScope() and assignedTo('{self._account}')"}
        source = Rest(f"{{scope}}/providers/{listing.what}", listing.source.versions, filtered)
        return replace(listing, source=source, keep=Keep.LIVE)

    def _names_other_roles(self) -> bool:
        """Take over the built-in roles that assignments name; return whether they name any other."""
        assignments = self.recording.bodies(ROLE_ASSIGNMENTS.what)
        named = {role_in(body) for body in assignments}
        for body in self._scan.bodies(ROLE_DEFINITIONS) if named else ():
            guid, held = guid_of(str(body["id"])), body.get("properties")
            kind = held.get("type") if isinstance(held, dict) else None
            if guid in named and str(kind).lower() == "builtinrole":
                self.recording.arm(body, ROLE_DEFINITIONS, "/")
                named.discard(guid)
        return bool(named)


class Memberships:
    """The groups of the signed-in account: those that its token names, otherwise those that the directory shows."""

    def __init__(self, scan: Recording, graph: "GraphClient", identity: "Identity") -> None:
        self._scan = scan
        self._graph = graph
        self._identity = identity
        self._asked: Recording | None = None

    async def add_to(self, evidence: Recording) -> None:
        """Record the groups as far as they are known; without a read of `MEMBERSHIPS` they are not."""
        own, named = self._identity.object_id, self._identity.groups
        if named is not None:
            _take(evidence, own, named, self._scan)
            return
        shown = self._scan if self._scan.has_ended(MEMBERSHIPS, own) else await self._asking()
        if shown.is_complete(MEMBERSHIPS, own):
            groups = {link.to for link in shown.links(_MEMBER) if link.from_.lower() == own.lower()}
            _take(evidence, own, groups, shown)

    async def _asking(self) -> Recording:
        """Return the answer of the directory, which is asked once."""
        if self._asked is None:
            self._asked, own = Recording(), self._identity.object_id
            asker = Asker(self._graph, self._asked)
            question = GROUPS_OF[USER if self._identity.type == "User" else SERVICE_PRINCIPAL]
            [answer] = await asker.ask([(question, own)])
            if isinstance(answer, ReadFailed):
                asker.refused(question, own, answer)
            else:
                keep_groups(asker, own, answer)
        return self._asked


def _take(evidence: Recording, own: str, groups: Collection[str], shown: Recording) -> None:
    for one in (own, *groups):
        if (body := shown.object(one)) is not None:
            evidence.graph(body, MEMBERSHIPS, own)
    for one in groups:
        evidence.link(_MEMBER, own, one)
        if (gap := shown.gap_at(GROUPS, one)) is not None:
            evidence.gap(gap)
    evidence.complete(MEMBERSHIPS, own, len(groups))
