"""The Log Analytics workspaces of Azure Migrate, and the reads that show every other use of them."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from auditor.collect.diagnostics import DiagnosticsReader
from auditor.collect.listing import Listing, Tracked
from auditor.collect.progress import SILENT, Progress
from auditor.collect.reader import Reader
from auditor.collect.readers.activity_log import ACTIVITY_LOG
from auditor.collect.readers.environment import SUBSCRIPTIONS
from auditor.collect.readers.ingestion import read_ingestion
from auditor.collect.readers.leftovers import log_jobs
from auditor.collect.readers.loganalytics import SOLUTIONS
from auditor.collect.readers.migrate import ASSESSMENT_PROJECTS, OLD_PROJECTS
from auditor.collect.readers.policies import POLICY_ASSIGNMENTS
from auditor.collect.readers.tracked import TrackedReader, doubt_filtered
from auditor.collect.readers.workspace_uses import (
    DATA_SOURCE_KINDS,
    INGESTION,
    PER_SUBSCRIPTION,
    PER_WORKSPACE,
    TRACKED,
    data_sources,
    read_data_sources,
)
from auditor.collect.recording import Recording, typed
from auditor.collect.withheld import doubt_withheld
from auditor.collect.workers import Job, Workers
from auditor.inventory.association import candidates
from auditor.inventory.resources.loganalytics import Workspace
from auditor.inventory.resources.migrate import AssessmentProject, OldProject
from auditor.inventory.snapshot.snapshot import Snapshot

if TYPE_CHECKING:
    from auditor.azure.connection import Azure
    from auditor.azure.log_analytics import LogAnalyticsClient


def candidates_in(recording: Recording) -> tuple[Workspace, ...]:
    """Return the recorded workspaces that are associated with Azure Migrate."""
    projects: list[AssessmentProject | OldProject] = [*typed(recording, AssessmentProject)]
    projects.extend(typed(recording, OldProject))
    return candidates(typed(recording, Workspace), projects)


def jobs(
    reader: Reader, workspaces: Iterable[Workspace], subscriptions: Iterable[str], logs: "LogAnalyticsClient | None"
) -> Iterator[Job]:
    """Yield the reads that `workspaces` need: of each workspace, and of every subscription that may refer to one.

    With `logs` the ingestion of each workspace is read as well. What was read before is not read again.
    """
    for workspace in workspaces:
        yield from unread(reader, PER_WORKSPACE, workspace.id)
        sources = data_sources(DATA_SOURCE_KINDS[0]).what
        if not reader.recording.has_ended(sources, workspace.id):
            reader.recording.plan(sources, workspace.id)
            yield partial(read_data_sources, reader, workspace.id)
        if logs is not None:
            reader.recording.plan(INGESTION.what, workspace.id)
            yield partial(read_ingestion, logs, reader.recording, workspace)
    for subscription in subscriptions:
        yield from unread(reader, (SOLUTIONS, *PER_SUBSCRIPTION, POLICY_ASSIGNMENTS), subscription)
        if not all(reader.recording.has_ended(kind.what, subscription) for kind in TRACKED):
            yield read_tracked(reader, TRACKED, subscription)
        if not reader.recording.has_ended(ACTIVITY_LOG.what, subscription):
            yield from log_jobs(reader, [subscription])


def unread(reader: Reader, listings: Iterable[Listing], scope: str) -> Iterator[Job]:
    """Yield a read of each list of `scope` that was not read before."""
    for listing in listings:
        if not reader.recording.has_ended(listing.what, scope):
            reader.recording.plan(listing.what, scope)
            yield partial(reader.read, listing, scope)


def read_tracked(reader: Reader, types: Sequence[Tracked], subscription: str) -> Job:
    """Return the read of the types that the list of all resources of a subscription shows."""
    workers = Workers()
    tracked = TrackedReader(reader, types, workers, SILENT)
    tracked.plan(subscription)
    return partial(workers.run, [partial(tracked.find, subscription)])


def doubt_uses(recording: Recording, subscriptions: Sequence[str]) -> None:
    """Turn the reads of these uses into gaps where the list of resources may be incomplete without an error.

    That rests on lists that a scan and the recheck of a single workspace both read. Where some of them were answered,
    those that were refused leave the workspaces undecided already.
    """
    refusable = (ASSESSMENT_PROJECTS, OLD_PROJECTS, SOLUTIONS)
    doubt_withheld(recording, subscriptions, TRACKED)
    for subscription in subscriptions:
        asked = [one for one in refusable if recording.has_ended(one.what, subscription)]
        gaps = [recording.gap_at(one.what, subscription) for one in asked]
        if all(gap is not None and gap.status == 403 for gap in gaps):
            doubt_filtered(recording, subscription, TRACKED, asked)


async def deepened(
    azure: "Azure", snapshot: Snapshot, undecided: Collection[str], progress: Progress = SILENT
) -> Snapshot:
    """Return `snapshot`, the result of a scan made just before, extended by what decides on the `undecided` workspaces.

    These are given by id. Every list that shows another use of one is read, what data it received, and the diagnostic
    settings in the subscriptions: what a deep scan reads of all. Nothing is read twice, and nothing at all without a
    workspace of Azure Migrate among them.
    """
    recording = Recording.resumed(snapshot)
    wanted = {identity.lower() for identity in undecided}
    workspaces = [one for one in candidates_in(recording) if one.id.lower() in wanted]
    if not workspaces:
        return snapshot
    reader, subscriptions = Reader(azure.arm, recording), _subscriptions(recording, snapshot)
    await Workers().run(jobs(reader, workspaces, subscriptions, azure.log_analytics))
    doubt_uses(recording, subscriptions)
    await DiagnosticsReader(reader, progress).read(subscriptions)
    return recording.snapshot()


def _subscriptions(recording: Recording, snapshot: Snapshot) -> tuple[str, ...]:
    """Return the ids of the subscriptions in scope, in the letter case of the list of subscriptions."""
    listed = {str(body["id"]).lower(): str(body["id"]) for body in recording.bodies(SUBSCRIPTIONS.what)}
    wanted = (f"/subscriptions/{name}" for name in snapshot.header.scope.subscriptions)
    return tuple(listed.get(one.lower(), one) for one in wanted)
