"""An emulated Azure with a plan to apply to it, through the shipped code over HTTP."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from auditor.azure.errors import ReadFailed
from auditor.cleanup.apply import PlanApplication
from auditor.cleanup.azure_workspaces import AzureWorkspaces, Patience, deletions, recoveries
from auditor.cleanup.journal import Journal
from auditor.cleanup.plan import CleanupPlan
from auditor.cleanup.plan_file import as_document
from auditor.cleanup.restore import Restoration, deleted_by
from auditor.cleanup.results import ItemResult, Outcome
from auditor.cleanup.workspace_id import WorkspaceId
from auditor.collect.collect import collect
from auditor.collect.recheck import WorkspaceReader
from auditor.collect.request import Request
from auditor.facts.estate.environment import Context
from auditor.inventory.snapshot.snapshot import Snapshot
from tests.cleanup import leftovers as left
from tests.collect.emulated import Served, serving

BRIEF = Patience(poll_every=0.01, bound=0.3)
"""Long enough for a loopback, short enough for a test of operations that never end."""

Fault = Mapping[str, object]


@dataclass
class Stage:
    """A served tenant, and runs over a plan in it; `before_rereading` happens right before an item is read again."""

    served: Served
    folder: Path
    plan: CleanupPlan
    patience: Patience = BRIEF
    meanwhile: list[Any] = field(default_factory=list)
    principal: str = left.OPERATOR

    @property
    def journal(self) -> Journal:
        """The journal as it is on disk now."""
        return Journal(self.folder / "plan.json.journal.jsonl", as_document(self.plan)["checksum"])

    async def apply(self, *, confirmed: Collection[str] | None = None, dry_run: bool = False) -> list[ItemResult]:
        """Apply the plan as a new run of the command would; what happens `meanwhile` does once the reads are done."""
        items = self.plan.deletions
        again = WorkspaceReader(self.served.azure, self.plan.scope.subscriptions)
        named = {item.id.lower() for item in items} if confirmed is None else confirmed

        async def reread(workspace: WorkspaceId) -> Context:
            context = left.context(await again.read(workspace.text))
            for happening in self.meanwhile:
                await happening()
            return context

        run = PlanApplication(
            cloud=AzureWorkspaces(
                self.served.azure.arm, self.patience, deletions(WorkspaceId.parse(one.id) for one in items)
            ),
            reread=reread,
            principal_id=self.principal,
            journal=self.journal,
            dry_run=dry_run,
        )
        return list(await run.run(items, named))

    async def restore(self, *, dry_run: bool = False) -> list[ItemResult]:
        """Restore the deletions in the journal, as a new run of the command would."""
        journal = self.journal
        items = deleted_by(journal, self.plan.deletions)
        permit = recoveries(
            (WorkspaceId.parse(item.id) for item in items), [saved for item in items for saved in item.lost_for_good]
        )
        run = Restoration(
            cloud=AzureWorkspaces(self.served.azure.arm, self.patience, permit), journal=journal, dry_run=dry_run
        )
        return list(await run.run(items))

    async def live(self) -> set[str]:
        """Return the names of the live workspaces."""
        return await self._names("workspaces")

    async def deleted(self) -> set[str]:
        """Return the names of the workspaces that are soft-deleted."""
        return await self._names("deletedWorkspaces")

    async def solutions(self) -> set[str]:
        """Return the names of the existing solutions."""
        return await self._names("solutions", "Microsoft.OperationsManagement", "2015-11-01-preview")

    async def _names(
        self, kind: str, space: str = "Microsoft.OperationalInsights", version: str = "2023-09-01"
    ) -> set[str]:
        pages = self.served.azure.arm.pages(f"{left.S}/providers/{space}/{kind}", version)
        return {str(body["name"]) async for page in pages for body in page}

    async def somebody_deletes(self, name: str) -> None:
        """Soft-delete a workspace as another administrator."""
        await self._by_hand(name, "begin_delete")

    async def somebody_recovers(self, name: str) -> None:
        """Recover a workspace as another administrator."""
        await self._by_hand(name, "begin_recover", "westeurope", {})

    async def _by_hand(self, name: str, operation: str, *more: Any) -> None:
        workspace = WorkspaceId.parse(f"{left.RG}/{left.OI}/{name}")
        permit = deletions([workspace]) if operation == "begin_delete" else recoveries([workspace], [])
        side = AzureWorkspaces(self.served.azure.arm, BRIEF, permit)
        await (await getattr(side, operation)(workspace, *more)).end(5)

    def writes(self) -> list[str]:
        """Return the method and the resource name of every write that reached Azure."""
        asked = (one.partition("?")[0] for one in self.served.requests())
        return [
            f"{one.split()[0]} {one.rpartition('/')[2]}"
            for one in asked
            if one.split()[0] not in {"GET", "HEAD"} and not one.endswith(("/query", "$batch", "getByIds"))
        ]


@asynccontextmanager
async def staged(
    folder: Path,
    snapshot: Snapshot | None = None,
    plan: CleanupPlan | None = None,
    *,
    faults: Sequence[Fault] = (),
    patience: Patience = BRIEF,
) -> AsyncIterator[Stage]:
    """Serve `snapshot`, which may differ from the one that the plan was made from."""
    async with serving(snapshot or left.tenant(), faults=faults) as served:
        yield Stage(served, folder, plan or left.plan(snapshot), patience)


async def planned(served: Served) -> CleanupPlan:
    """Return the plan of a deep scan of what is served."""
    snapshot = await collect(served.azure, Request(all=True, deep=True))
    return left.plan(snapshot)


def outcomes(results: Sequence[ItemResult]) -> dict[str, Outcome]:
    return {result.item.name: result.outcome for result in results}


__all__ = ["BRIEF", "Fault", "ReadFailed", "Stage", "outcomes", "planned", "staged"]
