"""What only a deep scan asks, added to a scan that was made just before: nothing else is read again."""

from functools import partial
from typing import TYPE_CHECKING

from auditor.collect.candidates import candidates_in
from auditor.collect.diagnostics import DiagnosticsReader
from auditor.collect.progress import SILENT, Progress
from auditor.collect.reader import Reader
from auditor.collect.readers.environment import SUBSCRIPTIONS
from auditor.collect.readers.ingestion import read_ingestion
from auditor.collect.recording import Recording
from auditor.collect.workers import Workers
from auditor.inventory.snapshot.snapshot import Snapshot

if TYPE_CHECKING:
    from auditor.azure.connection import Azure


async def deepened(azure: "Azure", snapshot: Snapshot, progress: Progress = SILENT) -> Snapshot:
    """Return `snapshot` as a deep scan in its place would have been.

    It adds the diagnostic settings in its subscriptions, and what came into the workspaces of Azure Migrate; where
    there is no such workspace, nothing is asked.
    """
    recording = Recording.resumed(snapshot)
    workspaces = candidates_in(recording)
    if not workspaces:
        return snapshot
    await Workers().run(partial(read_ingestion, azure.log_analytics, recording, one) for one in workspaces)
    await DiagnosticsReader(Reader(azure.arm, recording), progress).read(_subscriptions(recording, snapshot))
    return recording.snapshot()


def _subscriptions(recording: Recording, snapshot: Snapshot) -> tuple[str, ...]:
    """The ids of the subscriptions in scope, spelt as they are listed."""
    listed = {str(body["id"]).lower(): str(body["id"]) for body in recording.bodies(SUBSCRIPTIONS.what)}
    wanted = (f"/subscriptions/{name}" for name in snapshot.header.scope.subscriptions)
    return tuple(listed.get(one.lower(), one) for one in wanted)
