"""The search for another use of each workspace of a deleted project, which ends at the first proof of one.

A scan reads about a workspace only what can still change the verdict on it. That of a workspace which an existing
project uses stands, and so does *in use* after one proof. That nothing else uses a workspace is never shown by a scan
that is not deep, so a rare use, and one that takes many requests to look for, are left to a deep scan and to a plan.
What was not asked for has neither a read nor a gap, and counts as not read.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import partial

from auditor.collect.arm_ids import placed
from auditor.collect.listing import Body, Listing
from auditor.collect.reader import Reader
from auditor.collect.readers.loganalytics import SOLUTIONS
from auditor.collect.readers.policies import POLICY_ASSIGNMENTS
from auditor.collect.readers.workspace_uses import IN_LIST_OF_ALL, PER_WORKSPACE, TRACKED, UNLISTED
from auditor.collect.recording import Recording, typed
from auditor.collect.workers import Job, Workers
from auditor.collect.workspaces.every_use import doubt_uses, read_tracked
from auditor.inventory.arm_id import ArmId
from auditor.inventory.association import unattached
from auditor.inventory.lists import LINKED_SERVICES, ROLE_ASSIGNMENTS, SENTINEL, WORKSPACES
from auditor.inventory.resources.loganalytics import Workspace
from auditor.inventory.resources.migrate import AssessmentProject, MigrateProject, OldProject
from auditor.inventory.uses.by_default import NotUnderstood
from auditor.inventory.uses.uses import Use, uses

_USUAL = (
    SENTINEL,
    LINKED_SERVICES,
    f"{WORKSPACES}/dataExports",
    f"{WORKSPACES}/intelligencePacks",
    f"{WORKSPACES}/savedSearches",
)
"""The lists of a workspace that a scan asks for, those with the shortest answers first.

The list of tables has megabytes, as it holds the columns of every table.
"""

USUAL: tuple[Listing, ...] = tuple(one for what in _USUAL for one in PER_WORKSPACE if one.what == what)

_FOUND = (*TRACKED, *IN_LIST_OF_ALL)
_EVERYWHERE = (*UNLISTED, POLICY_ASSIGNMENTS)
"""The lists that are read in every subscription, and the types (above) that its list of all resources shows."""
_ANYWHERE = tuple(one.what for one in _FOUND) + tuple(one.what for one in _EVERYWHERE)


def of_deleted_projects(recording: Recording) -> tuple[Workspace, ...]:
    """Return the recorded workspaces that belonged to projects of which none is recorded."""
    old = list(typed(recording, OldProject))
    references: list[AssessmentProject | OldProject] = [*typed(recording, AssessmentProject), *old]
    projects: list[MigrateProject | OldProject] = [*typed(recording, MigrateProject), *old]
    return unattached(typed(recording, Workspace), references, projects)


class UseSearch:
    """The search in some subscriptions; `open` are the workspaces without a proof so far, by id in lower case."""

    def __init__(self, reader: Reader, subscriptions: Iterable[str]) -> None:
        self._reader = reader
        self._subscriptions = tuple(subscriptions)
        self.open = {one.id.lower(): one for one in of_deleted_projects(reader.recording)}
        self._checks: dict[str, list[Use]] = defaultdict(list)
        self._meant: dict[tuple[Use, str], list[str]] = defaultdict(list)
        for use in uses() if self.open else ():
            if not use.obstacle:
                self._checks[use.what.lower()].append(use)
                for identity, workspace in self.open.items():
                    for key in use.keys_of(ArmId.parse(workspace.id), workspace.properties.customer_id):
                        self._meant[use, key].append(identity)

        self._planned = [*self._asked()]
        for what, scope in self._planned:
            reader.recording.plan(what, scope)

    def _asked(self) -> Iterator[tuple[str, str]]:
        """Yield the lists, each with its scope, that are read unless a proof comes first."""
        for workspace in self.open.values():
            yield from ((listing.what, workspace.id) for listing in USUAL)
        for subscription in self._subscriptions if self.open else ():
            yield from ((what, subscription) for what in _ANYWHERE)
        yield from ((SOLUTIONS.what, subscription) for subscription in self._containing())

    def _containing(self) -> list[str]:
        """Return the subscriptions that contain the open workspaces."""
        inside = {"/".join(identity.split("/", 3)[:3]) for identity in self.open}
        return [one for one in self._subscriptions if one.lower() in inside]

    async def run(self) -> None:
        """Read list after list, cheapest first, as long as a workspace is without a proof."""
        recording = self._reader.recording
        for record in recording.records(WORKSPACES.lower(), ROLE_ASSIGNMENTS.lower()) if self.open else ():
            for use in self._checks[record.type.lower()]:
                self._close(partial(use.shown_by, record.id, record.body), use)
        await Workers().run([partial(self._read, SOLUTIONS, one) for one in self._containing()])
        await Workers().run([partial(self._read_own, one) for one in self.open.values()])
        if self.open:
            await Workers().run(self._everywhere())
            doubt_uses(recording, self._subscriptions)
        for what, scope in self._planned:
            recording.withdraw(what, scope)

    async def _read_own(self, workspace: Workspace) -> None:
        """Read the lists of one workspace, one after another, until one of them proves a use."""
        for listing in USUAL:
            if workspace.id.lower() in self.open:
                await self._read(listing, workspace.id)

    def _everywhere(self) -> Iterator[Job]:
        """Yield the reads of what may refer to a workspace from any subscription."""
        for subscription in self._subscriptions:
            yield read_tracked(self._reader, _FOUND, subscription)
            yield from (partial(self._read, listing, subscription) for listing in _EVERYWHERE)

    async def _read(self, listing: Listing, scope: str) -> None:
        await self._reader.read(listing, scope, partial(self._look_at, listing, scope))

    def _look_at(self, listing: Listing, scope: str, body: Body) -> None:
        """Close the workspaces that an item of a list shows to be in use."""
        item = placed(body, listing.what, scope) if listing.below else body
        for use in self._checks[listing.what.lower()]:
            self._close(partial(use.about, str(item.get("id")).lower().rstrip("/"), item), use)

    def _close(self, targets: Callable[[], Iterable[str]], use: Use) -> None:
        """Close the workspaces that a check names; an item that it does not understand proves nothing."""
        with suppress(NotUnderstood):
            for key in targets():
                for identity in self._meant.get((use, key), ()):
                    self.open.pop(identity, None)
