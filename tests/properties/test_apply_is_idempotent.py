"""The law "apply is idempotent": applied twice, or killed at any point and run again, it ends in the same state."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from auditor.azure.writes import Started
from auditor.cleanup.apply import Application
from auditor.cleanup.cloud_side import CloudSide, Patience, deletions, recoveries
from auditor.cleanup.journal import Event, Journal
from auditor.cleanup.plan import Item, Plan
from auditor.cleanup.restore import Restoration, deleted_by
from auditor.cleanup.results import Outcome, Result
from auditor.cleanup.workspace_id import WorkspaceId
from auditor.facts.context import Context
from auditor.facts.workspace_rights import lacking_rights
from auditor.inventory.arm_id import ArmId
from auditor.inventory.records import arm_record
from auditor.inventory.snapshot import Snapshot
from fixtures.generate import Size, environment
from tests.cleanup import leftovers as left
from tests.collect.emulated import Served, serving

BRIEF = Patience(poll_every=0.005, bound=5)
FAULTS: tuple[tuple[Mapping[str, object], ...], ...] = (
    (),
    ({"method": "DELETE", "questions": 2},),
    ({"method": "DELETE", "status": 503, "every": 2},),
    ({"method": "DELETE", "status": 500, "carried_out": True, "every": 2},),
    ({"method": "DELETE", "status": 409, "code": "Conflict", "times": 1},),
)


class Killed(BaseException):
    """The process ends here: nothing catches it, nothing is tidied up."""


@dataclass
class Life:
    """How many steps are left; None lives for ever."""

    left: int | None = None
    lived: int = 0

    def step(self) -> None:
        self.lived += 1
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                raise Killed


class MortalJournal(Journal):
    def __init__(self, path: Path, life: Life) -> None:
        super().__init__(path, "sha256:plan")
        self._life = life

    def add(self, event: Event, item: str, note: str = "") -> None:
        self._life.step()
        super().add(event, item, note)
        self._life.step()


class MortalCloud(CloudSide):
    """The cloud as a process sees it that dies before or after any question or write."""

    life = Life()

    async def live(self, workspace: WorkspaceId) -> Any:
        self.life.step()
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


@dataclass
class World:
    """An emulated tenant, its plan, and runs that may be killed."""

    served: Served
    snapshot: Snapshot
    plan: Plan
    folder: Path
    outcomes: list[Outcome] = field(default_factory=list)

    def _journal(self, life: Life) -> Journal:
        return MortalJournal(self.folder / "journal", life)

    async def reread(self, _workspace: WorkspaceId) -> Context:
        """What was read of the tenant, less what is gone by now: quicker than reading it all, and the same here."""
        ids = {str(body["id"]).lower() for body in await self.bodies("workspaces")}
        kept = [one for one in self.snapshot.arm if one.deleted or not is_workspace(one.id) or one.id.lower() in ids]
        shown = Snapshot.of(
            self.snapshot.header,
            arm=kept,
            graph=self.snapshot.graph,
            links=self.snapshot.links,
            reads=self.snapshot.reads,
        )
        return left.context(shown)

    async def apply(self, life: Life | None = None) -> tuple[Result, ...]:
        items, life = self.plan.deletions, life or Life()
        cloud = MortalCloud(self.served.azure.arm, BRIEF, deletions(WorkspaceId.parse(one.id) for one in items))
        cloud.life = life
        run = Application(
            cloud=cloud,
            reread=self.reread,
            principal_id=self.snapshot.header.by.object_id,
            journal=self._journal(life),
        )
        return await run.run(items, {one.id.lower() for one in items})

    async def restore(self, life: Life | None = None) -> tuple[Result, ...]:
        life = life or Life()
        journal = self._journal(life)
        items = deleted_by(journal, self.plan.deletions)
        saved = [one for item in items for one in item.lost_for_good]
        cloud = MortalCloud(
            self.served.azure.arm, BRIEF, recoveries((WorkspaceId.parse(one.id) for one in items), saved)
        )
        cloud.life = life
        return await Restoration(cloud=cloud, journal=journal).run(items)

    async def bodies(self, kind: str) -> list[dict[str, Any]]:
        found = []
        for subscription in self.plan.scope.subscriptions:
            path = f"/subscriptions/{subscription}/providers/Microsoft.OperationalInsights/{kind}"
            async for page in self.served.azure.arm.pages(path, "2023-09-01"):
                found.extend(page)
        return found

    async def state(self) -> tuple[set[str], set[str]]:
        """The `customerId`s of the workspaces that are live, and of those that are soft-deleted."""
        live, deleted = await self.bodies("workspaces"), await self.bodies("deletedWorkspaces")
        return customers(live), customers(deleted)

    async def finish(self) -> tuple[Result, ...]:
        """Run it again until nothing is left to do, as a user would; a few times must be enough."""
        results = await self.apply()
        for _ in range(5):
            if {one.outcome for one in results} <= {Outcome.DELETED, Outcome.DONE_BEFORE}:
                return results
            results = await self.apply()
        raise AssertionError([(one.outcome, one.why) for one in results])


def is_workspace(identity: str) -> bool:
    return ArmId.parse(identity).type.lower() == "microsoft.operationalinsights/workspaces"


def customers(bodies: list[dict[str, Any]]) -> set[str]:
    return {str(body["properties"]["customerId"]).lower() for body in bodies}


def planned(items: tuple[Item, ...]) -> set[str]:
    return {str(item.rests_on["customerId"]).lower() for item in items}


@asynccontextmanager
async def world(snapshot: Snapshot, faults: tuple[Mapping[str, object], ...] = ()) -> AsyncIterator[World]:
    with TemporaryDirectory() as folder:
        async with serving(snapshot, faults=faults) as served:
            yield World(served, snapshot, left.plan(snapshot), Path(folder))


def with_rights(snapshot: Snapshot) -> Snapshot:
    """The same with whoever read it as a Contributor everywhere in it."""
    by, subscriptions = snapshot.header.by.object_id, snapshot.header.scope.subscriptions
    granted = [left.assignment(left.CONTRIBUTOR, f"/subscriptions/{one}", by) for one in subscriptions]
    role = left.role_definition("Contributor", ["*"], left.CONTRIBUTOR)
    kept = {one.key: one for one in (*snapshot.arm, *map(arm_record, [role, *granted]))}
    return Snapshot.of(
        snapshot.header, arm=kept.values(), graph=snapshot.graph, links=snapshot.links, reads=snapshot.reads
    )


LEFT_OVERS = Size(subscriptions=2, resource_groups=1, projects=1.0, orphans=1.0, workspaces=1, sites=0, deep=True)


def generated() -> list[Snapshot]:
    """Generated environments in which there is something to delete that nothing forbids."""
    every = (with_rights(environment(LEFT_OVERS, seed)) for seed in range(40))
    return list(islice((one for one in every if left.plan(one).deletions and not forbidden(one)), 4))


def forbidden(snapshot: Snapshot) -> bool:
    """Whether a denial keeps the one who read the environment from deleting what is planned."""
    context, by = left.context(snapshot), snapshot.header.by.object_id
    return any(lacking_rights(context, by, item.id) for item in left.plan(snapshot).deletions)


@pytest.mark.parametrize("faults", FAULTS)
async def test_applying_twice_ends_in_the_same_state(faults: tuple[Mapping[str, object], ...]) -> None:
    snapshots = [left.tenant(), *generated()]
    assert len(snapshots) == 5
    for snapshot in snapshots:
        async with world(snapshot, faults) as here:
            live, deleted = await here.state()
            wanted = planned(here.plan.deletions)
            assert wanted <= live
            await here.finish()
            once = await here.state()
            assert once == (live - wanted, deleted | wanted)
            assert {one.outcome for one in await here.apply()} == {Outcome.DONE_BEFORE}
            assert await here.state() == once


@pytest.mark.parametrize("faults", FAULTS[:2])
async def test_killed_at_any_point_and_run_again_it_ends_in_the_same_state(
    faults: tuple[Mapping[str, object], ...],
) -> None:
    async with world(left.tenant(), faults) as here:
        life = Life()
        await here.apply(life)
        steps, wanted_state = life.lived, await here.state()
    assert steps > 15
    for point in range(steps):
        async with world(left.tenant(), faults) as here:
            with pytest.raises(Killed):
                await here.apply(Life(point))
            live, deleted = await here.state()
            assert live | deleted == wanted_state[0] | wanted_state[1]
            await here.finish()
            assert await here.state() == wanted_state
            assert {one.outcome for one in await here.restore()} == {Outcome.RESTORED}


async def test_killed_at_any_point_of_a_restoration_and_run_again_everything_is_back() -> None:
    async with world(left.tenant()) as here:
        before = await here.state()
        await here.apply()
        life = Life()
        await here.restore(life)
        assert await here.state() == before
    for point in range(life.lived):
        async with world(left.tenant()) as here:
            await here.apply()
            with pytest.raises(Killed):
                await here.restore(Life(point))
            assert {one.outcome for one in await here.restore()} == {Outcome.RESTORED}
            assert await here.state() == before


async def test_killed_again_and_again_it_ends_all_the_same() -> None:
    async with world(left.tenant()) as here:
        for point in (3, 1, 4, 1, 5, 9, 2, 6):
            try:
                await here.apply(Life(point))
            except Killed:
                continue
        await here.finish()
        live, deleted = await here.state()
        assert (live, deleted) == ({left.customer(3)}, {left.customer(1), left.customer(2)})
