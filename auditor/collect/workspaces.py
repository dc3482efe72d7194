"""The Log Analytics workspaces of Azure Migrate: which they are, which reads they need, and the deep scan of them."""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from auditor.collect.diagnostics import DiagnosticsReader
from auditor.collect.progress import SILENT, Progress
from auditor.collect.reader import Reader
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

    With `logs` the ingestion of each workspace is read as well.
    """
    for workspace in workspaces:
        for listing in PER_WORKSPACE:
            reader.recording.plan(listing.what, workspace.id)
            yield partial(reader.read, listing, workspace.id)
        reader.recording.plan(data_sources(DATA_SOURCE_KINDS[0]).what, workspace.id)
        yield partial(read_data_sources, reader, workspace.id)
        if logs is not None:
            reader.recording.plan(INGESTION.what, workspace.id)
            yield partial(read_ingestion, logs, reader.recording, workspace)
    for subscription in subscriptions:
        for listing in (*PER_SUBSCRIPTION, POLICY_ASSIGNMENTS):
            reader.recording.plan(listing.what, subscription)
            yield partial(reader.read, listing, subscription)
        yield partial(_read_tracked, reader, subscription)
        yield from log_jobs(reader, [subscription])


async def _read_tracked(reader: Reader, subscription: str) -> None:
    """Read the uses that the list of all resources of a subscription shows."""
    workers = Workers()
    tracked = TrackedReader(reader, TRACKED, workers, SILENT)
    tracked.plan(subscription)
    await workers.run([partial(tracked.find, subscription)])


def doubt_uses(recording: Recording, subscriptions: Iterable[str]) -> None:
    """Turn the reads of these uses into gaps where the list of resources may be incomplete without an error.

    That rests on lists that a scan and the recheck of a single workspace both read. Where some of them were answered,
    those that were refused leave the workspaces undecided already.
    """
    refusable = (ASSESSMENT_PROJECTS, OLD_PROJECTS, SOLUTIONS)
    for subscription in subscriptions:
        gaps = [recording.gap_at(listing.what, subscription) for listing in refusable]
        if all(gap is not None and gap.status == 403 for gap in gaps):
            doubt_filtered(recording, subscription, TRACKED, refusable)


async def deepened(azure: "Azure", snapshot: Snapshot, progress: Progress = SILENT) -> Snapshot:
    """Return `snapshot`, the result of a scan made just before, extended by what only a deep scan reads.

    That is the diagnostic settings in its subscriptions and the ingestion of the workspaces of Azure Migrate. Nothing
    is read twice, and nothing at all where there is no such workspace.
    """
    recording = Recording.resumed(snapshot)
    workspaces = candidates_in(recording)
    if not workspaces:
        return snapshot
    await Workers().run(partial(read_ingestion, azure.log_analytics, recording, one) for one in workspaces)
    await DiagnosticsReader(Reader(azure.arm, recording), progress).read(_subscriptions(recording, snapshot))
    return recording.snapshot()


def _subscriptions(recording: Recording, snapshot: Snapshot) -> tuple[str, ...]:
    """Return the ids of the subscriptions in scope, in the letter case of the list of subscriptions."""
    listed = {str(body["id"]).lower(): str(body["id"]) for body in recording.bodies(SUBSCRIPTIONS.what)}
    wanted = (f"/subscriptions/{name}" for name in snapshot.header.scope.subscriptions)
    return tuple(listed.get(one.lower(), one) for one in wanted)
