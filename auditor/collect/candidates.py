"""The workspaces that have had to do with Azure Migrate, and what is asked because of them."""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from auditor.collect.reader import Reader
from auditor.collect.readers.data_sources import read_data_sources
from auditor.collect.readers.ingestion import read_ingestion
from auditor.collect.readers.leftovers import log_jobs
from auditor.collect.readers.workspace_uses import (
    DATA_SOURCE_KINDS,
    INGESTION,
    PER_SUBSCRIPTION,
    PER_WORKSPACE,
    data_sources,
)
from auditor.collect.recording import Recording, typed
from auditor.collect.workers import Job
from auditor.inventory.association import candidates
from auditor.inventory.resources.loganalytics import Workspace
from auditor.inventory.resources.migrate import AssessmentProject, OldProject

if TYPE_CHECKING:
    from auditor.azure.log_analytics import LogAnalyticsClient


def candidates_in(recording: Recording) -> tuple[Workspace, ...]:
    """Return the workspaces that something of what was read ties to Azure Migrate."""
    projects: list[AssessmentProject | OldProject] = [*typed(recording, AssessmentProject)]
    projects.extend(typed(recording, OldProject))
    return candidates(typed(recording, Workspace), projects)


def jobs(
    reader: Reader, workspaces: Iterable[Workspace], subscriptions: Iterable[str], logs: "LogAnalyticsClient | None"
) -> Iterator[Job]:
    """Yield the reads that `workspaces` need: of each of them, and of every subscription that may point at one.

    With `logs` each is also asked what came in.
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
        for listing in PER_SUBSCRIPTION:
            reader.recording.plan(listing.what, subscription)
            yield partial(reader.read, listing, subscription)
        yield from log_jobs(reader, [subscription])
