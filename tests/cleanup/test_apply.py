from pathlib import Path
from typing import Any

import pytest

from auditor.cleanup.journal import JournalEvent
from auditor.cleanup.results import Outcome, RunEnd, end_of
from auditor.inventory.reads import Gap
from auditor.inventory.snapshot.snapshot import Snapshot
from tests.cleanup import leftovers as left
from tests.cleanup.stage import outcomes, planned, staged

BOTH = {"left-1", "left-2"}


async def test_a_plan_from_a_deep_scan_is_the_plan_from_the_snapshot(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        live = await planned(stage.served)
        assert [item.fingerprint for item in live.items] == [item.fingerprint for item in stage.plan.items]


async def test_the_planned_workspaces_are_deleted_so_that_they_can_be_recovered(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        assert {item.name for item in stage.plan.deletions} == BOTH
        results = await stage.apply()
        assert outcomes(results) == dict.fromkeys(BOTH, Outcome.DELETED)
        assert end_of(results) is RunEnd.DONE
        assert await stage.live() == {"busy"}
        assert await stage.deleted() == BOTH
        assert stage.writes() == ["DELETE left-2", "DELETE left-1"]
        told = [(entry.event, entry.item.rpartition("/")[2]) for entry in stage.journal.entries]
        assert told == [
            (event, name)
            for name in ("left-2", "left-1")
            for event in (JournalEvent.DELETING, JournalEvent.ACCEPTED, JournalEvent.DELETED)
        ]


async def test_a_second_run_does_nothing_and_says_so(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await stage.apply()
        before = stage.served.requests()
        results = await stage.apply()
        assert outcomes(results) == dict.fromkeys(BOTH, Outcome.DONE_BEFORE)
        assert end_of(results) is RunEnd.DONE
        assert stage.served.requests() == before


async def test_a_rehearsal_asks_everything_and_changes_nothing(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        results = await stage.apply(dry_run=True)
        assert outcomes(results) == dict.fromkeys(BOTH, Outcome.WOULD_DELETE)
        assert stage.writes() == []
        assert stage.journal.entries == []
        assert await stage.live() == {"busy", *BOTH}


async def test_what_was_not_confirmed_is_not_touched(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        results = await stage.apply(confirmed={str(left.FIRST["id"]).lower()})
        assert outcomes(results) == {"left-1": Outcome.DELETED, "left-2": Outcome.UNCONFIRMED}
        assert end_of(results) is RunEnd.REFUSED
        assert await stage.live() == {"busy", "left-2"}


def _changed(**more: Any) -> Snapshot:
    """Return the tenant with a first workspace that has changed."""
    return left.tenant([left.workspace("left-1", 1, **more)], without=[left.FIRST["id"]], again=True)


ALERT = {
    "id": f"{left.RG}/providers/Microsoft.Insights/scheduledQueryRules/watch",
    "name": "watch",
    "type": "Microsoft.Insights/scheduledQueryRules",
    "properties": {"scopes": [left.FIRST["id"]]},
}
SENTINEL = {
    "id": f"{left.FIRST['id']}/providers/Microsoft.SecurityInsights/onboardingStates/default",
    "name": "default",
    "type": "Microsoft.SecurityInsights/onboardingStates",
    "properties": {},
}
PROJECT = {
    "id": f"{left.RG}/providers/Microsoft.Migrate/migrateProjects/project-1",
    "name": "project-1",
    "type": "Microsoft.Migrate/migrateProjects",
    "location": "westeurope",
    "properties": {},
}
LOCK = {
    "id": f"{left.FIRST['id']}/providers/Microsoft.Authorization/locks/keep",
    "name": "keep",
    "type": "Microsoft.Authorization/locks",
    "properties": {"level": "CanNotDelete"},
}
SOLUTION = left.solution("LogManagement", left.FIRST)


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (left.tenant([ALERT]), "evidenceAgainst"),
        (left.tenant([SENTINEL]), "verdict"),
        (left.tenant([PROJECT]), "verdict"),
        (left.tenant([LOCK]), "evidenceAgainst"),
        (left.tenant([SOLUTION]), "solutionsAndLinks"),
        (_changed(tags={"Migrate Project": "project-1", "owner": "me"}), "tags"),
        (_changed(location="eastus"), "location"),
        (_changed(properties={**left.FIRST["properties"], "customerId": left.customer(9)}), "another workspace"),
        (_changed(properties={**left.FIRST["properties"], "retentionInDays": 90}), "retentionInDays"),
        (_changed(tags={}), "tags"),
    ],
)
async def test_an_item_that_is_not_what_it_was_is_left_alone(tmp_path: Path, now: Snapshot, said: str) -> None:
    async with staged(tmp_path, now, left.plan()) as stage:
        results = await stage.apply()
        assert outcomes(results) == {"left-1": Outcome.CHANGED, "left-2": Outcome.DELETED}
        assert end_of(results) is RunEnd.STALE
        [why] = [" ".join(result.why) for result in results if result.item.name == "left-1"]
        assert said in why
        assert "left-1" in await stage.live()
        assert stage.writes() == ["DELETE left-2"]
        assert any(entry.event is JournalEvent.REFUSED for entry in stage.journal.entries)


@pytest.mark.parametrize(
    "what",
    [
        "Microsoft.Insights/dataCollectionRules",
        "Microsoft.Authorization/locks",
        "Microsoft.Migrate/assessmentProjects",
        "Microsoft.OperationsManagement/solutions",
    ],
)
async def test_a_check_that_cannot_be_read_any_more_keeps_everything(tmp_path: Path, what: str) -> None:
    unread = left.tenant(gaps=[Gap(what, left.S, 403, "AuthorizationFailed", "no", f"{what}/read")])
    async with staged(tmp_path, unread, left.plan()) as stage:
        results = await stage.apply()
        assert outcomes(results) == dict.fromkeys(BOTH, Outcome.REFUSED)
        assert end_of(results) is RunEnd.REFUSED
        assert any(what in why for result in results for why in result.why)
        assert stage.writes() == []


READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"


@pytest.mark.parametrize(
    ("actions", "lacks"),
    [
        (["*/read"], ["workspaces/delete", "workspaces/write"]),
        (["*/read", "Microsoft.OperationalInsights/workspaces/delete"], ["workspaces/write"]),
        (["*/read", "Microsoft.OperationalInsights/workspaces/write"], ["workspaces/delete"]),
    ],
)
async def test_who_could_not_recover_may_not_delete(tmp_path: Path, actions: list[str], lacks: list[str]) -> None:
    weak = left.tenant([left.role_definition("weak", actions, READER)], role=READER)
    async with staged(tmp_path, weak) as stage:
        results = await stage.apply()
        assert outcomes(results) == dict.fromkeys(BOTH, Outcome.REFUSED)
        for result in results:
            assert [lack for lack in ("workspaces/delete", "workspaces/write") if lack in " ".join(result.why)] == lacks
        assert stage.writes() == []


async def test_who_cannot_be_told_to_have_the_rights_may_not_delete(tmp_path: Path) -> None:
    hidden = Gap("Microsoft.Authorization/roleAssignments", left.S, 403, "AuthorizationFailed", "no")
    async with staged(tmp_path, left.tenant(gaps=[hidden], role=None), left.plan()) as stage:
        results = await stage.apply()
        assert outcomes(results) == dict.fromkeys(BOTH, Outcome.REFUSED)
        assert all("cannot be read now: Microsoft.Authorization/roleAssignments" in str(it.why) for it in results)
        assert stage.writes() == []


async def test_deleted_meanwhile_by_somebody_else(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await stage.somebody_deletes("left-1")
        results = await stage.apply()
        assert outcomes(results) == {"left-1": Outcome.GONE, "left-2": Outcome.DELETED}
        assert end_of(results) is RunEnd.DONE
        assert stage.journal.entries[-1].event is JournalEvent.GONE
        assert outcomes(await stage.restore()) == {"left-2": Outcome.RESTORED}
        assert await stage.deleted() == {"left-1"}


async def test_deleted_by_somebody_else_after_everything_was_read_again(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:

        async def strike() -> None:
            stage.meanwhile.clear()
            await stage.somebody_deletes("left-2")

        stage.meanwhile.append(strike)
        results = await stage.apply()
        assert outcomes(results) == {"left-1": Outcome.DELETED, "left-2": Outcome.GONE}


async def test_a_deletion_that_somebody_else_has_under_way_is_left_to_them(tmp_path: Path) -> None:
    ending = {**left.FIRST, "properties": {**left.FIRST["properties"], "provisioningState": "Deleting"}}
    now = left.tenant([ending], without=[left.FIRST["id"]], again=True)
    async with staged(tmp_path, now, left.plan()) as stage:
        assert outcomes(await stage.apply())["left-1"] is Outcome.CHANGED
        assert stage.writes() == ["DELETE left-2"]


async def test_restored_items_are_not_deleted_by_the_same_plan_again(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await stage.apply()
        await stage.restore()
        results = await stage.apply()
        assert outcomes(results) == dict.fromkeys(BOTH, Outcome.REFUSED)
        assert await stage.live() == {"busy", *BOTH}
