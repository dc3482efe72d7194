"""The recheck of a workspace: reads again only what its verdict depends on, right before it is changed."""

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from auditor.collect.catalogue import FILTERED, TRACKED
from auditor.collect.comparison import Shown, doubt_unlike, note_shown
from auditor.collect.diagnostics import DiagnosticsReader
from auditor.collect.directory.accounts import AccountFinder, read_reach
from auditor.collect.directory.client import Asker
from auditor.collect.listing import Listing
from auditor.collect.progress import SILENT, Progress, Stage, run_stage
from auditor.collect.reader import Reader
from auditor.collect.readers import authorization, environment, key_vaults, loganalytics, management_groups, migrate
from auditor.collect.readers.group_roles import group_role_jobs
from auditor.collect.readers.tracked import TrackedReader, doubt_filtered
from auditor.collect.readers.workspace_uses import DIAGNOSTIC_SETTINGS
from auditor.collect.recording import Recording, header_of
from auditor.collect.request import Request
from auditor.collect.scope import Chosen, ScopeFinder
from auditor.collect.withheld import doubt_withheld
from auditor.collect.workers import Job, Workers
from auditor.collect.workspaces.every_use import candidates_in, doubt_uses, jobs
from auditor.inventory.snapshot.snapshot import Snapshot

if TYPE_CHECKING:
    from auditor.azure.connection import Azure

SETTINGS_HOLD = timedelta(minutes=15)
"""The time for which diagnostic settings that were read are used for further workspaces."""

_FILTERED_OR_OPEN = (environment.RESOURCE_GROUPS, environment.PROVIDERS)
ANYWHERE: tuple[Listing, ...] = (
    *_FILTERED_OR_OPEN,
    migrate.ASSESSMENT_PROJECTS,
    migrate.OLD_PROJECTS,
    loganalytics.SOLUTIONS,
)
"""Read in every subscription beside the lists of `jobs`: providers, associations, projects and solutions."""

RIGHTS: tuple[Listing, ...] = (
    authorization.ROLE_ASSIGNMENTS,
    authorization.CUSTOM_ROLES,
    authorization.DENY_ASSIGNMENTS,
    authorization.ELIGIBILITY,
    authorization.ACTIVATION,
)
"""Read in the workspace's own subscription for the account's permissions."""

OWN: tuple[Listing, ...] = (loganalytics.WORKSPACES, authorization.LOCKS, *RIGHTS)
"""Read in the workspace's own subscription: the workspace, its locks, and the account's permissions."""

_BESIDE_SETTINGS = (loganalytics.WORKSPACES, key_vaults.VAULTS)
"""Lists that show whether the list of all resources is complete."""


class WorkspaceReader:
    """The reader of single workspaces: a deep scan of `subscriptions`, limited to what the verdict on one depends on.

    All lists are read again for each workspace, except the diagnostic settings: they take one request per resource
    and are the same for every workspace, so they are read before the first one and again after `SETTINGS_HOLD`.
    The list of all resources that was read with them is compared with the lists of each workspace.
    """

    def __init__(self, azure: "Azure", subscriptions: tuple[str, ...], clock: Callable[[], float] = time.time) -> None:
        self._azure = azure
        self._request = Request(subscriptions=subscriptions, deep=True)
        self._clock = clock  # the time of day, since other clocks stop while the machine sleeps
        self._settings: Snapshot | None = None
        self._shown: Mapping[str, Shown] = {}
        self._settings_of = 0.0

    async def read(self, workspace: str, progress: Progress = SILENT) -> Snapshot:
        """Return a snapshot of what the verdict on `workspace` (an ARM id) depends on.

        Raises `BadRequest` where a subscription no longer exists, and `SignInFailed`; any other failure is a gap.
        """
        settings = await self._diagnostic_settings(progress)
        recording, reader, chosen = await self._begun()
        own = _own(chosen, workspace)
        workers = Workers()
        steps = [*self._about_access(reader), *self._lists(reader, chosen, own, workers, progress)]
        await run_stage(Stage.SUBSCRIPTIONS, steps, len(steps), progress, workers)
        for subscription in chosen.subscriptions:
            doubt_filtered(recording, subscription, FILTERED, _refusable(subscription == own))
        doubt_withheld(recording, chosen.subscriptions, FILTERED)
        await workers.run(group_role_jobs(reader, [workspace]))
        meant = [one for one in candidates_in(recording) if one.id.lower() == workspace.lower()]
        steps = list(jobs(reader, meant, chosen.subscriptions, self._azure.log_analytics)) if meant else []
        await run_stage(Stage.WORKSPACES, steps, len(steps), progress)
        if meant:
            doubt_uses(recording, chosen.subscriptions)
        note_shown(recording, self._shown)
        doubt_unlike(recording, self._shown)
        return _with_settings(recording.snapshot(), settings) if meant else recording.snapshot()

    async def read_rights(self, workspaces: Collection[str], progress: Progress = SILENT) -> Snapshot:
        """Return a snapshot of what the account's rights on `workspaces` (ARM ids) depend on, and of nothing else.

        Raises as `read` does.
        """
        recording, reader, chosen = await self._begun()
        steps = list(self._about_access(reader))
        for subscription in sorted({_own(chosen, workspace) for workspace in workspaces}):
            steps += [partial(reader.read, listing, subscription) for listing in RIGHTS]
        workers = Workers()
        await run_stage(Stage.SUBSCRIPTIONS, steps, len(steps), progress, workers)
        await workers.run(group_role_jobs(reader, workspaces))
        return recording.snapshot()

    async def _begun(self) -> tuple[Recording, Reader, Chosen]:
        recording = Recording()
        reader = Reader(self._azure.arm, recording)
        header = header_of(self._azure.cloud.environment, await self._azure.identity())
        recording.header = header
        await reader.read(environment.SUBSCRIPTIONS, "/")
        chosen = await ScopeFinder(reader).choose(self._request)
        recording.header = msgspec.structs.replace(header, scope=chosen.scope)
        return recording, reader, chosen

    def _about_access(self, reader: Reader) -> Iterator[Job]:
        yield partial(reader.read, authorization.BUILT_IN_ROLES, "/")
        yield partial(self._tree, reader)
        yield partial(self._account, Asker(self._azure.graph, reader.recording))

    async def _tree(self, reader: Reader) -> None:
        identity = await self._azure.identity()
        await management_groups.read_tree(reader, identity.tenant_id)

    async def _account(self, asker: Asker) -> None:
        """Read the signed-in account and its groups, through which it may have permissions."""
        own = await AccountFinder(asker).signed_in(await self._azure.identity())
        await read_reach([] if own is None else [own], asker)

    def _lists(self, reader: Reader, chosen: Chosen, own: str, workers: Workers, progress: Progress) -> Iterator[Job]:
        tracked = TrackedReader(reader, TRACKED, workers, progress, names_only=True)
        for subscription in chosen.subscriptions:
            tracked.plan(subscription)
            yield partial(tracked.find, subscription)
            for listing in (*ANYWHERE, *(OWN if subscription == own else ())):
                yield partial(reader.read, listing, subscription)

    async def _diagnostic_settings(self, progress: Progress) -> Snapshot:
        """Return the settings in all subscriptions, read at most `SETTINGS_HOLD` ago."""
        now = self._clock()
        if self._settings is None or not 0 <= now - self._settings_of <= SETTINGS_HOLD.total_seconds():
            self._settings = await self._read_settings(progress)
            self._settings_of = now
        return self._settings

    async def _read_settings(self, progress: Progress) -> Snapshot:
        recording, reader, chosen = await self._begun()
        workers = Workers()
        tracked = TrackedReader(reader, TRACKED, workers, progress, names_only=True)
        steps: list[Job] = [partial(tracked.find, subscription) for subscription in chosen.subscriptions]
        steps += [
            partial(reader.read, one, subscription) for subscription in chosen.subscriptions for one in _BESIDE_SETTINGS
        ]
        await workers.run(steps)
        for subscription in chosen.subscriptions:
            doubt_filtered(recording, subscription, FILTERED, _BESIDE_SETTINGS)
        diagnostics = DiagnosticsReader(reader, progress)
        await diagnostics.read(chosen.subscriptions)
        self._shown = diagnostics.shown
        return recording.snapshot()


def _own(chosen: Chosen, workspace: str) -> str:
    """Return the id of the workspace's subscription, in the letter case of the list of subscriptions."""
    wanted = "/".join(workspace.lower().split("/", 3)[:3])
    return next((one for one in chosen.subscriptions if one.lower() == wanted), wanted)


def _refusable(is_own: bool) -> tuple[Listing, ...]:
    """Return the lists that are refused, and not filtered, where the account may not read the subscription."""
    lists = (*ANYWHERE, *OWN) if is_own else ANYWHERE
    return tuple(one for one in lists if one not in _FILTERED_OR_OPEN)


def _with_settings(snapshot: Snapshot, settings: Snapshot) -> Snapshot:
    """Return the snapshot of a workspace together with the diagnostic settings that were read before."""
    what = DIAGNOSTIC_SETTINGS.what.lower()
    return Snapshot.of(
        snapshot.header,
        arm=[*snapshot.arm, *(one for one in settings.arm if one.type.lower() == what)],
        graph=snapshot.graph,
        links=snapshot.links,
        events=snapshot.events,
        reads=[*(snapshot.reads or ()), *(one for one in settings.reads or () if one.what.lower() == what)],
        gaps=[*snapshot.gaps, *(one for one in settings.gaps if one.what.lower() == what)],
    )
