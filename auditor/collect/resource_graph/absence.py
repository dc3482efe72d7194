"""The proof that nothing of Azure Migrate is in subscriptions left to Resource Graph: one list of each, from ARM.

Resource Manager leaves out of its list of resources, without an error, what the account may not read. So the list
proves something only where a management group above the subscription gives the account a role that reads everything;
Resource Manager is asked for that too, once for each management group. A refusal below such a group contradicts it, as
where a role was given just now or reads are denied: then nothing is proven.
"""

from collections.abc import Sequence
from functools import partial

from auditor.azure.errors import ReadFailed
from auditor.azure.paging import Body
from auditor.collect.catalogue import PER_SUBSCRIPTION, TRACKED
from auditor.collect.listing import Rest
from auditor.collect.progress import SILENT
from auditor.collect.reader import Reader
from auditor.collect.readers.tracked import TrackedReader
from auditor.collect.resource_graph.rows import is_of_migrate
from auditor.collect.workers import Workers
from auditor.inventory.lists import ROLE_ASSIGNMENTS

MOST = 500
"""The most subscriptions that are asked; of more, what is absent in them stays unknown, so that requests stay few."""

PROVEN = tuple(kind for kind in TRACKED if kind.whole is None and is_of_migrate(kind.what))
"""The types of which a subscription is shown to have nothing: projects, sites, and what else Azure Migrate makes."""

_READING_EVERYTHING = frozenset(
    {
        "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",  # Owner
        "b24988ac-6180-42a0-ab88-20f7382dd24c",  # Contributor
        "acdd72a7-3385-48ef-bd42-f606fba81ae7",  # Reader
        "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",  # User Access Administrator
    }
)
"""Built-in roles with the action `*/read` and nothing that takes a part of it away.

Source: https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/privileged
"""


class AbsenceProof:
    """The proof for some subscriptions (ARM ids), read with the account whose object id is `account`."""

    def __init__(self, reader: Reader, account: str) -> None:
        self._reader = reader
        self._account = account
        self._reads_everything: set[str] = set()

    async def read(self, subscriptions: Sequence[str]) -> tuple[str, ...]:
        """Record that the subscriptions have nothing of these types; return those that do have something.

        Of subscriptions that are more than `MOST`, or below no management group that lets the account read everything,
        nothing is asked and nothing recorded.
        """
        if len(subscriptions) > MOST:
            return ()
        parents = {link.from_.lower(): link.to for link in self._reader.recording.links("parent")}
        below = {one: parents[one.lower()] for one in subscriptions if one.lower() in parents}
        rights = {one: self._reader.arm.rights_shown(one) for one in below}
        await Workers().run(partial(self._look_up, group) for group in sorted(set(below.values())))
        if any(parents[one] in self._reads_everything and self._is_refused(one) for one in parents):
            return ()
        asked = [one for one, group in below.items() if group in self._reads_everything]
        listed = TrackedReader(self._reader, PROVEN, Workers(), SILENT, names_only=True)
        for one in asked:
            listed.plan(one)
        await Workers().run(partial(listed.find, one) for one in asked)
        found = tuple(one for one in asked if any(self._count(kind.what, one) for kind in PROVEN))
        for one in set(asked) - {*found}:
            if all(self._reader.recording.is_complete(kind.what, one) for kind in PROVEN):
                rights[one].keep()
        return found

    def _count(self, what: str, subscription: str) -> int:
        return self._reader.recording.count_at(what, subscription)

    def _is_refused(self, subscription: str) -> bool:
        """Return whether any list of a subscription was refused that these roles let an account read."""
        gaps = (self._reader.recording.gap_at(listing.what, subscription) for listing in PER_SUBSCRIPTION)
        return any(gap is not None and (gap.status, gap.code) == (403, "AuthorizationFailed") for gap in gaps)

    async def _look_up(self, group: str) -> None:
        """Note a management group if the account holds a role there, or above, with which it reads everything below."""
        filtered = {"$filter": f"atScope() and assignedTo('{self._account}')"}
        source = Rest(f"{{scope}}/providers/{ROLE_ASSIGNMENTS}", ("2022-04-01",), filtered)
        try:
            async for page in self._reader.pages(ROLE_ASSIGNMENTS, source, group):
                if any(map(_reads_everything, page)):
                    self._reads_everything.add(group)
        except ReadFailed:
            self._reads_everything.discard(group)  # the subscriptions below stay unread, which is said of them anyway


def _reads_everything(assignment: Body) -> bool:
    """Return whether a role assignment grants every read, on no condition."""
    held = assignment.get("properties")
    if not isinstance(held, dict) or held.get("condition"):
        return False
    return str(held.get("roleDefinitionId")).rpartition("/")[2].lower() in _READING_EVERYTHING
