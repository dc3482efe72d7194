"""Answers to a deletion: the run reports what is known about its outcome, and running it again decides it."""

import asyncio
import json
import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from auditor.cleanup.azure_workspaces import Patience
from auditor.cleanup.journal import JournalEvent
from auditor.cleanup.plan import CleanupPlan
from auditor.cleanup.results import Outcome, RunEnd, end_of
from auditor.emulator.wrong_answers import WRONG
from tests.cleanup import leftovers as left
from tests.cleanup.stage import Fault, outcomes, staged
from tests.sampling import WHOLE, sampled

pytestmark = pytest.mark.untraced

FIRST = "left-2"
"""The first deletion of the plan, which loses nothing permanently."""
DELETE: Fault = {"method": "DELETE", "path": FIRST}
POLL: Fault = {"path": "operationStatuses"}
ODD_BODIES = {
    "null": "null",
    "a list": "[]",
    "a text": '"Succeeded"',
    "a number": "5",
    "an empty object": "{}",
    "no body": "",
    "HTML": "<html>",
    "cut JSON": '{"status": "Succ',
    "a status that is no text": '{"status": 5}',
    "a status that is null": '{"status": null}',
    "a status nobody knows": '{"status": "Perhaps"}',
    "nested deeply": '{"status": ' + "[" * 100_000 + "]" * 100_000 + "}",
}
ODD_TIMES = {
    "a date": format_datetime(datetime.now(UTC) + timedelta(seconds=1), usegmt=True),
    "a date long ago": "Fri, 01 Jan 2021 00:00:00 GMT",
    "a word": "soon",
    "negative": "-5",
    "not a number": "nan",
    "without end": "inf",
    "hours": "0.02",
    "beyond numbers": "9" * 400,
    "with a unit": "5s",
}
SUMMARIES = {"deleted", "accepted", "refused", "skipped", "unknown"}


def faults() -> Iterator[tuple[str, list[Fault]]]:
    """Yield every form of an answer, to the deletion itself and to polling for its end.

    Where two parts of a form are combined, each part is in the everyday sample at least once.
    """
    taken = {**DELETE, "questions": 1}
    for name, text in ODD_TIMES.items():
        yield f"202, asked again {name}", [{**taken, "headers": {"Retry-After": text}}]
        yield f"the end, asked again {name}", [taken, {**POLL, "headers": {"Retry-After": text}}]
    for at, (name, body) in enumerate(ODD_BODIES.items()):
        yield f"the end is {name}", [taken, {**POLL, "status": 200, "body": body, "times": 1}]
        yield f"the end is always {name}", [taken, {**POLL, "status": 200, "body": body}]
        for status in (200, 202) if WHOLE else ((200, 202)[at % 2],):
            answer = {**DELETE, "status": status, "body": body, "times": 1}
            yield f"{status} with {name}", [{**answer, "carried_out": True}]
            yield f"{status} with {name}, and nothing done", [answer]
    bare = {**DELETE, "status": 204, "body": "", "times": 1}
    yield "204", [{**bare, "carried_out": True}]
    yield "204, and nothing done", [bare]
    bodies = ("arm", "html", "empty")
    for at, status in enumerate((400, 401, 403, 404, 408, 409, 412, 423, 500, 502, 503, 504)):
        for body in bodies if WHOLE else (bodies[at % 3],):
            yield f"{status} {body}", [{**DELETE, "wrong": f"{status} {body}", "times": 1}]
            yield f"the end {status} {body}", [taken, {**POLL, "wrong": f"{status} {body}"}]
    yield "reset", [{**DELETE, "reset": True, "times": 1}]
    yield "reset, and done", [{**DELETE, "reset": True, "carried_out": True, "times": 1}]
    yield "reset at the end", [taken, {**POLL, "reset": True}]
    yield "failed at the end", [{**DELETE, "questions": 1, "fails": True, "times": 1}]
    for name, link in {"elsewhere": "https://evil.example/x", "none": "", "no address": "http://[::1"}.items():
        yield f"a link to {name}", [{**taken, "headers": {"Azure-AsyncOperation": link, "Location": link}}]


FORMS = dict(faults())


@sampled("form", list(FORMS), one_in=10)
async def test_the_outcome_is_said_and_another_run_settles_it(form: str, tmp_path: Path) -> None:
    patience = Patience(poll_every=0.01, bound=0.15)
    async with staged(tmp_path, faults=FORMS[form], patience=patience) as stage:
        results = await stage.apply(confirmed={str(left.SECOND["id"]).lower()})
        [first] = [one for one in results if one.item.name == FIRST]
        is_gone = FIRST in await stage.deleted()
        assert first.outcome.summary in SUMMARIES
        assert (first.outcome.summary == "deleted") <= is_gone, "what is said to be deleted is"
        assert (first.outcome is Outcome.REFUSED_BY_AZURE) <= (FIRST in await stage.live())
        assert first.outcome in {
            Outcome.DELETED,
            Outcome.ACCEPTED,
            Outcome.UNKNOWN,
            Outcome.REFUSED_BY_AZURE,
        }
        sent = stage.writes().count(f"DELETE {FIRST}")
        accepted = stage.journal.accepted_at(str(left.SECOND["id"])) is not None
        nothing_done = form.endswith("nothing done")
        stage.patience = Patience(poll_every=0.01, bound=0.05 if nothing_done else 5)
        again = outcomes(await stage.apply(confirmed={str(left.SECOND["id"]).lower()}))[FIRST]
        once_more = stage.writes().count(f"DELETE {FIRST}") - sent
        assert (is_gone or accepted) <= (once_more == 0), "what is gone, or was taken in, is not asked for again"
        assert again in ({Outcome.ACCEPTED} if accepted and nothing_done else {Outcome.DELETED, Outcome.DONE_BEFORE})
        assert stage.journal.last(str(left.SECOND["id"])) is not None


async def test_an_operation_that_says_that_it_failed_is_a_refusal(tmp_path: Path) -> None:
    async with staged(tmp_path, faults=FORMS["failed at the end"]) as stage:
        results = await stage.apply()
        assert outcomes(results) == {FIRST: Outcome.REFUSED_BY_AZURE, "left-1": Outcome.NOT_REACHED}
        assert end_of(results) is RunEnd.STOPPED
        assert stage.journal.entries[-1].event is JournalEvent.FAILED


LIVE: Fault = {"method": "GET", "path": r"workspaces/left-2\?"}
LISTED: Fault = {"path": "deletedWorkspaces.*2025-02-01"}
GROUP: Fault = {"path": r"resourceGroups/rg-left\?"}
WRONG_LOOKS = [kind for kind in WRONG if not kind[0].isdigit()] + [
    f"{status} {body}" for status in (400, 403, 404, 410, 500) for body in ("arm", "html", "empty")
]


LOOKS = (LIVE, LISTED, GROUP)
TRIED = {
    f"{look['path']} {kind}": (look, kind)
    for at, kind in enumerate(WRONG_LOOKS)
    for number, look in enumerate(LOOKS)
    if at % len(LOOKS) == number or WHOLE
}
"""Each kind of answer at one of the checks, or at all of them in the whole matrix."""


@pytest.fixture(scope="module")
def applied(tmp_path_factory: pytest.TempPathFactory) -> tuple[CleanupPlan, Path]:
    """Return a plan that was applied, and the folder of its journal."""
    folder, plan = tmp_path_factory.mktemp("applied"), left.plan()

    async def apply() -> None:
        async with staged(folder, left.tenant(), plan) as stage:
            await stage.apply(confirmed={str(left.SECOND["id"]).lower()})

    asyncio.run(apply())
    return plan, folder


@sampled("look, kind", TRIED, one_in=8)
async def test_restore_never_takes_what_it_cannot_see_for_lost(
    look: Fault, kind: str, applied: tuple[CleanupPlan, Path], tmp_path: Path
) -> None:
    plan, folder = applied
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    gone = left.tenant(without=[left.SECOND["id"]])
    body = json.dumps({"value": [left.SECOND]})
    held = {**LISTED, "status": 200, "body": body}
    faults = [{**look, "wrong": kind}] if look is LISTED else [{**look, "wrong": kind}, held]
    async with staged(tmp_path, gone, plan, faults=faults, patience=Patience(0.01, 0.02)) as stage:
        results = outcomes(await stage.restore(dry_run=True))
        assert results[FIRST] in {Outcome.STOPPED, Outcome.WOULD_RESTORE}
        assert JournalEvent.LOST not in {entry.event for entry in stage.journal.entries}


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="folders are closed by their mode on POSIX alone")
@pytest.mark.parametrize("at", [JournalEvent.ACCEPTED, JournalEvent.DELETED])
async def test_a_journal_that_takes_nothing_more_is_told_on_the_terminal(
    at: JournalEvent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from auditor.cleanup.journal import Journal

    write = Journal._append

    def full(self: Journal, content: bytes) -> None:
        if f'"{at.value}"'.encode() in content:
            raise OSError(28, "No space left on device")
        write(self, content)

    monkeypatch.setattr(Journal, "_append", full)
    async with staged(tmp_path) as stage:
        results = await stage.apply()
        assert outcomes(results) == {FIRST: Outcome.DELETED, "left-1": Outcome.NOT_REACHED}
        [told] = [one for one in results if one.unwritten]
        words = " ".join(told.why)
        for part in (str(left.SECOND["id"]), "no space left", "list-deleted-workspaces", "workspace show"):
            assert part in words
        assert await stage.live() == {"busy", "left-1"}
        monkeypatch.undo()
        assert outcomes(await stage.apply())["left-1"] is Outcome.DELETED


async def test_a_journal_that_takes_nothing_at_all_stops_before_anything_is_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from auditor.cleanup.journal import Journal

    def full(_self: Journal, _content: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Journal, "_append", full)
    async with staged(tmp_path) as stage:
        results = await stage.apply()
        assert set(outcomes(results).values()) == {Outcome.NOT_REACHED}
        assert end_of(results) is RunEnd.STOPPED
        assert stage.writes() == []
