"""Faults at the worst moment: nothing is deleted that should not be, and a second run finishes."""

import json
from pathlib import Path

import pytest

from auditor.cleanup.azure_workspaces import Patience
from auditor.cleanup.journal import JournalEvent
from auditor.cleanup.results import Outcome, RunEnd, end_of
from tests.cleanup import leftovers as left
from tests.cleanup.stage import Fault, outcomes, staged
from tests.sampling import sampled

BOTH = {"left-1", "left-2"}


def on(name: str, **what: object) -> Fault:
    """Return a fault in the deletion of one workspace."""
    return {"method": "DELETE", "path": f"workspaces/{name}", **what}


@pytest.mark.parametrize("questions", [0, 1, 3])
async def test_an_operation_is_waited_for(tmp_path: Path, questions: int) -> None:
    async with staged(tmp_path, faults=[{"method": "DELETE", "questions": questions}]) as stage:
        assert outcomes(await stage.apply()) == dict.fromkeys(BOTH, Outcome.DELETED)
        assert await stage.deleted() == BOTH


async def test_an_operation_that_never_ends_is_waited_for_as_long_as_was_said(tmp_path: Path) -> None:
    async with staged(tmp_path, faults=[on("left-2", questions=-1)]) as stage:
        results = await stage.apply()
        assert outcomes(results) == {"left-2": Outcome.ACCEPTED, "left-1": Outcome.NOT_REACHED}
        assert end_of(results) is RunEnd.STOPPED
        assert await stage.live() == {"busy", *BOTH}
        again = await stage.apply()
        assert outcomes(again)["left-2"] is Outcome.ACCEPTED
        assert stage.writes() == ["DELETE left-2"]


async def test_an_operation_that_ends_after_we_left_is_ours_all_the_same(tmp_path: Path) -> None:
    impatient = Patience(poll_every=0.01, bound=0.05)
    async with staged(tmp_path, faults=[on("left-2", questions=12)], patience=impatient) as stage:
        assert outcomes(await stage.apply())["left-2"] is Outcome.ACCEPTED
        stage.patience = Patience(poll_every=0.01, bound=5)
        assert outcomes(await stage.apply()) == dict.fromkeys(BOTH, Outcome.DELETED)
        assert stage.writes() == ["DELETE left-2", "DELETE left-1"]
        assert outcomes(await stage.restore()) == dict.fromkeys(BOTH, Outcome.RESTORED)


@sampled(
    "fault",
    [
        {"status": 409, "code": "Conflict", "message": "another operation is in progress"},
        {"status": 403, "code": "AuthorizationFailed", "message": "no"},
        {"status": 401, "code": "ExpiredAuthenticationToken", "message": "expired"},
        {"status": 400, "code": "BadRequest", "message": "no"},
        {"status": 404, "code": "NotFound", "message": "a lie"},
        {"status": 500, "code": "InternalServerError", "message": "perhaps"},
        {"status": 503, "code": "ServiceUnavailable", "message": "perhaps"},
        {"reset": True},
    ],
    one_in=4,
)
async def test_a_refusal_stops_everything_and_a_second_run_finishes(tmp_path: Path, fault: Fault) -> None:
    async with staged(tmp_path, faults=[on("left-1", **{"times": 1, **fault})]) as stage:
        results = await stage.apply()
        own = 400 <= int(str(fault.get("status", 0))) < 500
        open_ = Outcome.REFUSED_BY_AZURE if own else Outcome.UNKNOWN
        assert outcomes(results) == {"left-2": Outcome.DELETED, "left-1": open_}
        assert end_of(results) is RunEnd.STOPPED
        assert await stage.live() == {"busy", "left-1"}
        assert stage.journal.entries[-1].event in {JournalEvent.FAILED, JournalEvent.UNSETTLED}
        again = await stage.apply()
        assert outcomes(again) == {"left-2": Outcome.DONE_BEFORE, "left-1": Outcome.DELETED}
        assert await stage.live() == {"busy"}


async def test_nothing_after_a_refused_item_is_touched(tmp_path: Path) -> None:
    async with staged(tmp_path, faults=[on("left-2", status=409, code="ScopeLocked", message="locked")]) as stage:
        results = await stage.apply()
        assert outcomes(results) == {"left-2": Outcome.REFUSED_BY_AZURE, "left-1": Outcome.NOT_REACHED}
        assert "never removes locks" in " ".join(results[0].why)
        assert await stage.live() == {"busy", *BOTH}


async def test_too_many_requests_never_happened_and_are_sent_again(tmp_path: Path) -> None:
    said = {"code": "TooManyRequests", "message": "slower"}
    faults = [on("left-1", status=429, **said, headers={"Retry-After": "1"}, times=2)]
    async with staged(tmp_path, faults=faults) as stage:
        assert outcomes(await stage.apply()) == dict.fromkeys(BOTH, Outcome.DELETED)


async def test_too_many_requests_in_words_that_are_not_azures_are_not_sent_again(tmp_path: Path) -> None:
    fault = on("left-2", status=429, body="<html>", headers={"Retry-After": "1"}, carried_out=True)
    async with staged(tmp_path, faults=[fault]) as stage:
        assert outcomes(await stage.apply()) == dict.fromkeys(BOTH, Outcome.DELETED)
        assert stage.writes() == ["DELETE left-2", "DELETE left-1"]


async def test_an_answer_of_success_that_no_api_documents_is_one_that_was_taken_in(tmp_path: Path) -> None:
    brief = Patience(poll_every=0.01, bound=0.05)
    async with staged(tmp_path, faults=[on("left-2", status=201, body="{}")], patience=brief) as stage:
        for _ in range(2):
            assert outcomes(await stage.apply())["left-2"] is Outcome.ACCEPTED
        assert stage.writes() == ["DELETE left-2"]


async def test_a_refusal_of_what_was_carried_out_is_found_and_can_be_restored(tmp_path: Path) -> None:
    fault = on("left-2", status=409, code="Conflict", message="another operation", carried_out=True)
    async with staged(tmp_path, faults=[fault]) as stage:
        assert outcomes(await stage.apply()) == dict.fromkeys(BOTH, Outcome.DELETED)
        assert stage.writes() == ["DELETE left-2", "DELETE left-1"]
        assert outcomes(await stage.restore()) == dict.fromkeys(BOTH, Outcome.RESTORED)


async def test_what_was_refused_and_is_gone_at_the_next_run_counts_as_ours(tmp_path: Path) -> None:
    plan = left.plan()
    async with staged(tmp_path, left.tenant(), plan) as stage:
        stage.journal.add(JournalEvent.DELETING, str(left.SECOND["id"]))
        stage.journal.add(JournalEvent.FAILED, str(left.SECOND["id"]), "409")
    gone = left.tenant(without=[left.SECOND["id"]])
    held = {"path": "deletedWorkspaces.*2025-02-01", "status": 200, "body": json.dumps({"value": [left.SECOND]})}
    async with staged(tmp_path, gone, plan, faults=[held]) as stage:
        assert outcomes(await stage.apply(confirmed={str(left.SECOND["id"]).lower()}))["left-2"] is Outcome.DELETED
        assert stage.writes() == []


@sampled(
    "fault",
    [
        {"reset": True},
        {"status": 500},
        {"status": 504},
        {"status": 502, "body": "<html>"},
        {"status": 200, "body": "{"},
    ],
    one_in=3,
)
async def test_a_deletion_whose_answer_was_lost_is_found(tmp_path: Path, fault: Fault) -> None:
    async with staged(tmp_path, faults=[on("left-2", **fault, carried_out=True)]) as stage:
        assert outcomes(await stage.apply()) == dict.fromkeys(BOTH, Outcome.DELETED)
        assert set(stage.writes()) == {"DELETE left-2", "DELETE left-1"}
        assert stage.journal.entries[-1].event is JournalEvent.DELETED
        assert outcomes(await stage.restore()) == dict.fromkeys(BOTH, Outcome.RESTORED)


async def test_a_deletion_whose_answer_was_lost_is_not_sent_again(tmp_path: Path) -> None:
    lost = on("left-2", reset=True, carried_out=True, times=1)
    again = on("left-2", status=409, code="Conflict", message="it is being deleted")
    async with staged(tmp_path, faults=[lost, again]) as stage:
        assert outcomes(await stage.apply()) == dict.fromkeys(BOTH, Outcome.DELETED)
        assert stage.writes().count("DELETE left-2") == 1


@sampled("status", [403, 500, 404], one_in=3)
async def test_a_question_about_the_end_that_is_not_answered(tmp_path: Path, status: int) -> None:
    lost = {"path": "operationStatuses", "status": status, "code": "Lost", "message": "lost"}
    async with staged(tmp_path, faults=[on("left-2", questions=40), lost]) as stage:
        assert outcomes(await stage.apply())["left-2"] is Outcome.ACCEPTED
        stage.patience = Patience(poll_every=0.01, bound=5)
        assert outcomes(await stage.apply())["left-2"] is Outcome.DELETED
        assert stage.writes()[0] == "DELETE left-2"
        assert stage.writes().count("DELETE left-2") == 1


async def test_a_link_to_somewhere_else_is_not_asked_about_the_end(tmp_path: Path) -> None:
    link = {"Azure-AsyncOperation": "https://evil.example/status", "Location": "https://evil.example/status"}
    async with staged(tmp_path, faults=[on("left-2", questions=-1, headers=link)]) as stage:
        results = await stage.apply()
        assert outcomes(results)["left-2"] is Outcome.ACCEPTED
        assert "evil.example" not in " ".join(stage.served.requests())


async def test_a_deleted_list_that_cannot_be_read_leaves_the_end_open(tmp_path: Path) -> None:
    unread = {"path": "deletedWorkspaces.*2025-02-01", "status": 403, "code": "AuthorizationFailed", "message": "no"}
    async with staged(tmp_path, faults=[{**unread, "times": 1}]) as stage:
        results = await stage.apply()
        assert outcomes(results) == {"left-2": Outcome.ACCEPTED, "left-1": Outcome.NOT_REACHED}
        assert outcomes(await stage.apply()) == dict.fromkeys(BOTH, Outcome.DELETED)
        assert stage.writes() == ["DELETE left-2", "DELETE left-1"]


async def test_a_workspace_that_cannot_be_seen_is_not_touched(tmp_path: Path) -> None:
    closed = {
        "method": "GET",
        "path": r"workspaces/left-2\?",
        "status": 403,
        "code": "AuthorizationFailed",
        "message": "",
    }
    async with staged(tmp_path, faults=[closed]) as stage:
        results = await stage.apply()
        assert outcomes(results) == {"left-2": Outcome.REFUSED, "left-1": Outcome.DELETED}
        assert stage.writes() == ["DELETE left-1"]


async def test_made_again_under_the_same_name_after_everything_was_read_again(tmp_path: Path) -> None:
    other = {"properties": {**left.SECOND["properties"], "customerId": left.customer(77)}, "id": left.SECOND["id"]}
    import json

    # The identity check right before the deletion already sees the other workspace.
    swapped = {"method": "GET", "path": r"workspaces/left-2\?", "status": 200, "body": json.dumps(other), "skip": 1}
    async with staged(tmp_path, faults=[swapped]) as stage:
        results = await stage.apply()
        assert outcomes(results) == {"left-2": Outcome.CHANGED, "left-1": Outcome.DELETED}
        assert stage.writes() == ["DELETE left-1"]
