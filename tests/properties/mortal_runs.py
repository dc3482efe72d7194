"""Runs of apply and restore that can be killed at any step, in an emulated tenant that others change meanwhile."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from auditor.azure.connection import Azure, connect
from auditor.azure.retry import Retry
from auditor.azure.writes import Started
from auditor.cleanup.apply import PlanApplication
from auditor.cleanup.azure_workspaces import AzureWorkspaces, Patience, deletions, recoveries
from auditor.cleanup.journal import Journal, JournalEvent
from auditor.cleanup.plan import CleanupPlan
from auditor.cleanup.restore import Restoration, deleted_by
from auditor.cleanup.results import ItemResult
from auditor.cleanup.workspace_id import WorkspaceId
from auditor.collect.recheck import WorkspaceReader
from auditor.emulator.faults import faults_of
from auditor.emulator.options import Options
from auditor.emulator.running import running_in_thread
from auditor.facts.estate.environment import Context
from auditor.inventory.snapshot.snapshot import Snapshot
from tests.cleanup import leftovers as left
from tests.cleanup.somebody import Somebody
from tests.collect.emulated import CONCURRENCY

Fault = Mapping[str, object]


class Killed(BaseException):
    """The death of the process: no code catches it and nothing is cleaned up."""


class Life:
    """A process that dies after `steps` steps (None: never), with `meanwhile` run before the reads it numbers."""

    def __init__(self, steps: int | None = None, meanwhile: Mapping[int, Callable[[], object]] | None = None) -> None:
        self.lived = 0
        self._steps = steps
        self._looks = 0
        self._meanwhile = meanwhile or {}

    def step(self) -> None:
        """Count a step, or raise `Killed`."""
        if self.lived == self._steps:
            raise Killed
        self.lived += 1

    def look(self) -> None:
        """Count a step before a read of Azure, after the change by somebody else that the read should see."""
        self._meanwhile.get(self._looks, lambda: None)()
        self._looks += 1
        self.step()


class _Journal(Journal):
    def __init__(self, path: Path, life: Life) -> None:
        super().__init__(path, "sha256:plan")
        self._life = life

    def add(self, event: JournalEvent, item: str, note: str = "") -> None:
        self._life.step()
        super().add(event, item, note)
        self._life.step()


class _Cloud(AzureWorkspaces):
    """The cloud for a process that may die before or after any read and any write."""

    life = Life()

    async def live(self, workspace: WorkspaceId) -> Any:
        self.life.look()
        return await super().live(workspace)

    async def begin_delete(self, workspace: WorkspaceId) -> Started:
        self.life.step()
        started = await super().begin_delete(workspace)
        self.life.step()
        return started

    async def begin_recover(self, workspace: WorkspaceId, location: str, tags: Mapping[str, str]) -> Started:
        self.life.step()
        started = await super().begin_recover(workspace, location, tags)
        self.life.step()
        return started

    async def recreate(self, saved: Any, body: Mapping[str, object]) -> None:
        self.life.step()
        await super().recreate(saved, body)
        self.life.step()


@dataclass(frozen=True)
class World:
    """A plan, the emulated tenant to apply it in, and somebody else who changes that tenant."""

    azure: Azure
    somebody: Somebody
    by: str
    plan: CleanupPlan
    folder: Path
    patience: Patience

    async def apply(self, life: Life | None = None) -> tuple[ItemResult, ...]:
        """Apply the plan with everything confirmed, as a new run of the command would; may raise `Killed`."""
        items, life = self.plan.deletions, life or Life()
        again = WorkspaceReader(self.azure, self.plan.scope.subscriptions)

        async def reread(workspace: WorkspaceId) -> Context:
            life.look()
            return left.context(await again.read(workspace.text))

        run = PlanApplication(
            cloud=self._cloud(life, deletions(WorkspaceId.parse(one.id) for one in items)),
            reread=reread,
            principal_id=self.by,
            journal=_Journal(self.folder / "journal", life),
        )
        return await run.run(items, {one.id.lower() for one in items})

    async def restore(self, life: Life | None = None) -> tuple[ItemResult, ...]:
        """Restore the deletions that the journal contains; may raise `Killed`."""
        life = life or Life()
        journal = _Journal(self.folder / "journal", life)
        items = deleted_by(journal, self.plan.deletions)
        permit = recoveries(
            (WorkspaceId.parse(one.id) for one in items), [one for item in items for one in item.lost_for_good]
        )
        return await Restoration(cloud=self._cloud(life, permit), journal=journal).run(items)

    def state(self) -> tuple[dict[str, str], dict[str, str]]:
        """Return the live and the soft-deleted workspaces, each with its `customerId`."""
        return self.somebody.live(), self.somebody.deleted()

    def _cloud(self, life: Life, permit: Any) -> _Cloud:
        cloud = _Cloud(self.azure.arm, self.patience, permit)
        cloud.life = life
        return cloud


@asynccontextmanager
async def world(
    plan: CleanupPlan, snapshot: Snapshot, faults: Sequence[Fault] = (), patience: Patience | None = None
) -> AsyncIterator[World]:
    """Yield a served `snapshot` in which to apply `plan`; failed requests are retried without waiting."""

    async def no_wait(_seconds: float) -> None:
        return None

    with (
        TemporaryDirectory() as folder,
        pytest.MonkeyPatch.context() as environment,
        running_in_thread(snapshot, Options(faults=faults_of(faults))) as endpoints,
    ):
        for name in ("AZURE_AUTHORITY_HOST", "AZURE_TOKEN_CREDENTIALS", "AZURE_FEDERATED_TOKEN_FILE", "HTTPS_PROXY"):
            environment.delenv(name, raising=False)
        for name, value in endpoints.env.items():
            environment.setenv(name, value)
        retry = Retry(sleep=no_wait)
        async with connect(endpoints.arm, "environment", concurrency=CONCURRENCY, retry=retry) as azure:
            by = snapshot.header.by.object_id
            brief = patience or Patience(poll_every=0.005, bound=5)
            yield World(azure, Somebody(endpoints), by, plan, Path(folder), brief)
