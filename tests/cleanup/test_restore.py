import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from auditor.cleanup.journal import JournalEvent
from auditor.cleanup.results import Outcome, RunEnd, end_of
from auditor.cleanup.saved import Saved
from tests.cleanup import leftovers as left
from tests.cleanup.stage import outcomes, staged

BOTH = {"left-1", "left-2"}


async def test_everything_comes_back_with_its_solutions(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        before = await stage.solutions()
        await stage.apply()
        assert await stage.solutions() == set()
        results = await stage.restore()
        assert outcomes(results) == dict.fromkeys(BOTH, Outcome.RESTORED)
        assert end_of(results) is RunEnd.DONE
        assert await stage.live() == {"busy", *BOTH}
        assert await stage.deleted() == set()
        assert await stage.solutions() == before == {"ServiceMap(left-1)"}


async def test_a_restored_workspace_has_the_tags_it_had(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await stage.apply()
        await stage.restore()
        body = await stage.served.azure.arm.get(str(left.FIRST["id"]), "2023-09-01")
        assert body["tags"] == left.FIRST["tags"]
        assert body["properties"]["customerId"] == left.customer(1)


async def test_a_second_restore_changes_nothing(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await stage.apply()
        await stage.restore()
        written = stage.writes()
        assert outcomes(await stage.restore()) == dict.fromkeys(BOTH, Outcome.RESTORED)
        assert stage.writes() == written


async def test_what_was_never_deleted_is_not_brought_back(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        assert await stage.restore() == []
        await stage.apply(confirmed={str(left.FIRST["id"]).lower()})
        assert outcomes(await stage.restore()) == {"left-1": Outcome.RESTORED}


async def test_a_rehearsal_brings_nothing_back(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await stage.apply()
        written = stage.writes()
        assert outcomes(await stage.restore(dry_run=True)) == dict.fromkeys(BOTH, Outcome.WOULD_RESTORE)
        assert stage.writes() == written
        assert await stage.deleted() == BOTH


async def test_a_resource_group_that_is_gone_is_named(tmp_path: Path) -> None:
    gone = {"path": r"resourceGroups/rg-left\?", "status": 404, "code": "ResourceGroupNotFound", "message": "gone"}
    async with staged(tmp_path, faults=[gone]) as stage:
        await stage.apply()
        results = await stage.restore()
        assert outcomes(results) == dict.fromkeys(BOTH, Outcome.LOST)
        assert end_of(results) is RunEnd.REFUSED
        assert all("create `rg-left`" in " ".join(result.why) for result in results)


async def test_what_is_not_listed_as_deleted_is_not_lost_before_its_time_is_over(tmp_path: Path) -> None:
    empty = {"path": "deletedWorkspaces.*2025-02-01", "status": 200, "body": '{"value": []}', "skip": 2}
    async with staged(tmp_path, faults=[empty]) as stage:
        await stage.apply()
        results = await stage.restore()
        assert outcomes(results) == dict.fromkeys(BOTH, Outcome.STOPPED)
        assert end_of(results) is RunEnd.STOPPED
        assert all("run the same command again" in " ".join(result.why) for result in results)
        assert JournalEvent.LOST not in {entry.event for entry in stage.journal.entries}


async def test_a_name_that_another_workspace_took_is_not_touched(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await stage.apply()
    other = left.tenant([left.workspace("left-1", 99)], without=[left.FIRST["id"]], again=True)
    async with staged(tmp_path, other, stage.plan) as again:
        results = await again.restore()
        assert outcomes(results)["left-1"] is Outcome.LOST
        assert "PUT left-1" not in again.writes()


async def test_a_solution_that_cannot_be_put_back_is_named_and_tried_again(tmp_path: Path) -> None:
    refused = {
        "method": "PUT",
        "path": "ServiceMap",
        "status": 403,
        "code": "AuthorizationFailed",
        "message": "no",
        "times": 1,
    }
    async with staged(tmp_path, faults=[refused]) as stage:
        await stage.apply()
        results = await stage.restore()
        assert outcomes(results) == {"left-1": Outcome.PARTLY_RESTORED, "left-2": Outcome.RESTORED}
        assert end_of(results) is RunEnd.STOPPED
        assert "ServiceMap(left-1)" in " ".join(next(r.why[0] for r in results if r.item.name == "left-1").split())
        assert outcomes(await stage.restore()) == dict.fromkeys(BOTH, Outcome.RESTORED)
        assert await stage.solutions() == {"ServiceMap(left-1)"}


async def test_a_recovery_that_takes_its_time_and_one_whose_answer_is_lost(tmp_path: Path) -> None:
    faults = [
        {"method": "PUT", "path": "workspaces/left-1", "questions": 2},
        {"method": "PUT", "path": "workspaces/left-2", "reset": True, "carried_out": True},
    ]
    async with staged(tmp_path, faults=faults) as stage:
        await stage.apply()
        assert outcomes(await stage.restore()) == dict.fromkeys(BOTH, Outcome.RESTORED)
        assert await stage.live() == {"busy", *BOTH}


async def test_a_recovery_that_is_refused_can_be_asked_for_again(tmp_path: Path) -> None:
    refused = {"method": "PUT", "path": "workspaces/", "status": 409, "code": "Conflict", "message": "no", "times": 1}
    async with staged(tmp_path, faults=[refused]) as stage:
        await stage.apply()
        assert sorted(outcomes(await stage.restore()).values(), key=str) == [Outcome.RESTORED, Outcome.STOPPED]
        assert outcomes(await stage.restore()) == dict.fromkeys(BOTH, Outcome.RESTORED)
        assert {entry.event for entry in stage.journal.entries} >= {
            JournalEvent.RECOVERING,
            JournalEvent.RECOVERED,
            JournalEvent.RESTORED,
        }


async def test_a_saved_thing_of_a_strange_id_is_named_and_nothing_is_written_there(tmp_path: Path) -> None:
    strange = Saved("solution", f"{left.S}/providers/Microsoft.Compute/virtualMachines/vm", {"properties": {}})
    plan = left.plan()
    items = tuple(replace(item, lost_for_good=(strange,)) if item.name == "left-2" else item for item in plan.items)
    async with staged(tmp_path, plan=replace(plan, items=items)) as stage:
        # Saved resources are part of the fingerprint that apply compares, so somebody else has to delete it here.
        stage.journal.add(JournalEvent.DELETING, str(left.SECOND["id"]))
        await stage.somebody_deletes("left-2")
        results = await stage.restore()
        assert outcomes(results) == {"left-2": Outcome.PARTLY_RESTORED}
        assert not any("vm" in one for one in stage.writes())


async def test_a_linked_service_is_put_back_too(tmp_path: Path) -> None:
    first = str(left.FIRST["id"])
    account = f"{left.RG}/providers/Microsoft.Automation/automationAccounts/runbooks"
    linked: dict[str, Any] = {
        "id": f"{first}/linkedServices/Automation",
        "name": "left-1/Automation",
        "type": "Microsoft.OperationalInsights/workspaces/linkedServices",
        "properties": {"resourceId": account, "provisioningState": "Succeeded"},
    }
    plan = left.plan()
    saved = Saved("linked service", linked["id"], linked)
    items = tuple(
        replace(item, lost_for_good=(*item.lost_for_good, saved)) if item.id == first else item for item in plan.items
    )
    async with staged(tmp_path, left.tenant([linked]), replace(plan, items=items)) as stage:
        path = f"{first}/linkedServices"
        assert [body["id"] async for page in stage.served.azure.arm.pages(path, "2020-08-01") for body in page]
        # A linked service is another use, so apply does not delete such a workspace: somebody else has to do it here.
        stage.journal.add(JournalEvent.DELETING, first)
        await stage.somebody_deletes("left-1")
        results = await stage.restore()
        assert outcomes(results) == {"left-1": Outcome.RESTORED}
        assert "with the linked service `Automation`" in results[0].why
        held = [body async for page in stage.served.azure.arm.pages(path, "2020-08-01") for body in page]
        assert [body["properties"]["resourceId"] for body in held] == [account]
        assert await stage.solutions() == {"ServiceMap(left-1)"}


async def test_after_the_14_days_it_is_said_since_when_it_is_too_late(tmp_path: Path) -> None:
    second = str(left.SECOND["id"])
    async with staged(tmp_path) as stage:
        await stage.apply(confirmed={second.lower()})
        path = stage.journal.path
        days = [datetime.now(UTC) - timedelta(days=count) for count in (0, 15, 1)]
        today, then, since = (f"{day:%Y-%m-%d}" for day in days)
        path.write_text(path.read_text().replace(today, then))
    async with staged(tmp_path, left.tenant(without=[second]), stage.plan) as later:
        results = await later.restore()
        assert outcomes(results) == {"left-2": Outcome.LOST}
        assert results[0].why == (f"the 14 days in which it could be recovered ended on {since}",)
        assert later.journal.entries[-1].event is JournalEvent.LOST


@pytest.mark.parametrize("spelt", [lambda text: text[1:], lambda text: text.replace("-", "%2D", 1)])
async def test_a_deleted_one_under_an_id_that_is_odd_is_not_taken_for_gone(
    spelt: Callable[[str], str], tmp_path: Path
) -> None:
    odd = {**left.SECOND, "id": spelt(str(left.SECOND["id"]))}
    listed = {"path": "deletedWorkspaces.*2025-02-01", "status": 200, "body": json.dumps({"value": [odd]})}
    without, plan = left.tenant(without=[left.SECOND["id"]]), left.plan()
    async with staged(tmp_path, without, plan, faults=[listed]) as stage:
        stage.journal.add(JournalEvent.DELETING, str(left.SECOND["id"]))
        assert outcomes(await stage.apply(confirmed={str(left.SECOND["id"]).lower()}))["left-2"] is Outcome.UNKNOWN
        assert outcomes(await stage.restore(dry_run=True)) == {"left-2": Outcome.STOPPED}


async def test_a_deleted_one_of_the_same_id_and_another_customer_is_not_taken_for_it(tmp_path: Path) -> None:
    other = left.workspace("left-2", 99)
    listed = {"path": "deletedWorkspaces.*2025-02-01", "status": 200}
    without, plan = left.tenant(without=[left.SECOND["id"]]), left.plan()
    both = json.dumps({"value": [other, left.SECOND]})
    async with staged(tmp_path, without, plan, faults=[{**listed, "body": both}]) as stage:
        stage.journal.add(JournalEvent.DELETING, str(left.SECOND["id"]))
        assert outcomes(await stage.restore(dry_run=True)) == {"left-2": Outcome.WOULD_RESTORE}
    alone = json.dumps({"value": [other]})
    async with staged(tmp_path, without, plan, faults=[{**listed, "body": alone}]) as stage:
        assert outcomes(await stage.restore(dry_run=True)) == {"left-2": Outcome.STOPPED}
