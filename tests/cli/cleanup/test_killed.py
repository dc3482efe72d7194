"""A run that is killed or crossed by another one: at each step, between a request and its answer."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from auditor.cleanup.journal import JournalEvent
from auditor.cli.exit_codes import ExitCode
from tests.cleanup import leftovers as left
from tests.cli.cleanup.stage import (
    BOTH,
    EVERYTHING,
    FIRST,
    SECOND,
    journal_of,
    outcomes,
    scene,
    start,
    written,
)
from tests.cli.running import Run, first_ended, wait_until
from tests.sampling import sampled

QUICK = ("--wait", "12s")
"""Asks for the end of an operation five times a second."""

SECOND_ITSELF = r"workspaces/left-2\?"
STEPS: dict[str, tuple[list[dict[str, object]], JournalEvent | None]] = {
    "looking where it is": ([{"method": "GET", "path": SECOND_ITSELF}], None),
    "reading again what may use it": ([{"path": "dataCollectionRules"}], None),
    "reading again who may do what": ([{"path": "roleAssignments"}], None),
    "the last look at who it is": ([{"method": "GET", "path": SECOND_ITSELF, "skip": 1}], None),
    "deleting, before it is done": ([{"method": "DELETE"}], JournalEvent.DELETING),
    "deleting, after it is done": ([{"method": "DELETE", "carried_out": True}], JournalEvent.DELETING),
    "asking for its end": (
        [{"path": "operationStatuses"}, {"method": "DELETE", "questions": 3}],
        JournalEvent.ACCEPTED,
    ),
    "looking whether it is gone": ([{"method": "GET", "path": SECOND_ITSELF, "skip": 2}], JournalEvent.ACCEPTED),
    "looking among the deleted": ([{"path": "deletedWorkspaces.*2025-02-01"}], JournalEvent.ACCEPTED),
}
"""Each request of an item whose answer never comes, and what the journal says last by then."""


@sampled("step", list(STEPS), one_in=5)
def test_apply_killed_between_request_and_answer(
    migaudit: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, step: str
) -> None:
    (first, *others), said = STEPS[step]
    path = written(tmp_path)
    with scene(monkeypatch, [{**first, "hang": True, "times": 1}, *others]) as here:
        run = start("apply", path, *here.azure, *BOTH, *QUICK)
        wait_until(here.faults.struck, run)
        crossing = migaudit("cleanup", "apply", path, *here.azure, *BOTH)
        assert crossing.code == 22
        assert "another run" in crossing.err
        run.send_signal(signal.SIGKILL)
        run.communicate()
        last = journal_of(path).splitlines()
        assert (said.value if said else "") in (last[-1] if last else "")
        finished = migaudit("cleanup", "apply", path, *here.azure, *BOTH, *QUICK, "--format", "json")
        assert (finished.code, outcomes(finished)) == (0, {"left-1": "deleted", "left-2": "deleted"})
        assert here.live == {one: EVERYTHING[one] for one in EVERYTHING if one.endswith("busy")}
        back = migaudit("cleanup", "restore", path, *here.azure, "--format", "json")
        assert (back.code, set(outcomes(back).values())) == (0, {"restored"})
        assert here.live == EVERYTHING


RESTORING: list[dict[str, object]] = [
    {"method": "GET", "path": r"workspaces/left-1\?", "skip": 3},
    {"path": r"resourceGroups/rg-left\?", "skip": 1},
    {"method": "PUT", "path": "workspaces/left-1"},
    {"method": "PUT", "path": "workspaces/left-1", "carried_out": True},
    {"method": "PUT", "path": "ServiceMap"},
    {"method": "PUT", "path": "ServiceMap", "carried_out": True},
]


@sampled("step", RESTORING, one_in=6)
def test_restore_killed_between_request_and_answer(
    migaudit: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, step: dict[str, object]
) -> None:
    path = written(tmp_path)
    with scene(monkeypatch, [{**step, "hang": True, "times": 1}]) as here:
        solutions = here.somebody.solutions()
        assert migaudit("cleanup", "apply", path, *here.azure, *BOTH).code == 0
        run = start("restore", path, *here.azure, *QUICK)
        wait_until(here.faults.struck, run)
        crossing = migaudit("cleanup", "apply", path, *here.azure, *BOTH)
        assert (crossing.code, "another run" in crossing.err) == (22, True)
        run.send_signal(signal.SIGKILL)
        run.communicate()
        back = migaudit("cleanup", "restore", path, *here.azure, *QUICK, "--format", "json")
        assert (back.code, outcomes(back)) == (0, {"left-2": "restored", "left-1": "restored"})
        assert here.live == EVERYTHING
        assert here.somebody.solutions().keys() == solutions.keys()


def test_ctrl_c_stops_part_way_and_the_same_command_goes_on(
    migaudit: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = written(tmp_path)
    with scene(monkeypatch, [{"method": "DELETE", "hang": True, "times": 1}]) as here:
        run = start("apply", path, *here.azure, *BOTH)
        wait_until(here.faults.struck, run)
        run.send_signal(signal.SIGINT)
        _, told = run.communicate(timeout=60)
        assert run.returncode == 21
        assert "continues from there" in told
        assert migaudit("cleanup", "apply", path, *here.azure, *BOTH).code == 0
        assert {FIRST.lower(), SECOND.lower()} & here.live.keys() == set()


def test_two_at_once_from_the_start(migaudit: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = written(tmp_path)
    with scene(monkeypatch, [{"method": "DELETE", "hang": True, "times": 1}]) as here:
        refused, going = first_ended([start("apply", path, *here.azure, *BOTH) for _ in range(2)])
        _, told = refused.communicate()
        assert (refused.returncode, "another run" in told) == (22, True), told
        wait_until(here.faults.struck, going)
        going.kill()
        going.communicate()
        assert here.live == EVERYTHING
        assert migaudit("cleanup", "apply", path, *here.azure, *BOTH).code == 0
        assert here.somebody.deleted() == {FIRST.lower(): left.customer(1), SECOND.lower(): left.customer(2)}


@sampled("form", ["json", "table"], one_in=2)
def test_what_was_deleted_is_said_on_stderr_where_stdout_takes_nothing(
    migaudit: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, form: str
) -> None:
    path = written(tmp_path)
    with scene(monkeypatch) as here:
        command = [sys.executable, "-m", "auditor.cli.main", "cleanup", "apply", str(path), *here.azure, *BOTH]
        line = ["/bin/sh", "-c", '"$@" >&-', "sh", *command, "--format", form]
        done = subprocess.run(line, capture_output=True, encoding="utf-8", timeout=120, check=False)
        assert done.returncode == ExitCode.APPLY_STOPPED
        assert "cannot write the output: the stream is closed" in done.stderr
        gone = {one for one in (FIRST, SECOND) if one.lower() not in here.live}
        assert gone
        assert all(f"left-{1 + (one == SECOND)}: " in done.stderr for one in gone) or form == "table"
        again = migaudit("cleanup", "apply", path, *here.azure, *BOTH, *QUICK, "--format", "json")
        assert (again.code, set(outcomes(again).values())) == (
            0,
            {"deleted", "done_before"} if form == "table" else {"done_before"},
        )


def test_a_folder_that_takes_no_file_keeps_everything_from_being_done(
    migaudit: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = written(tmp_path)

    def full(_descriptor: int, _length: int) -> None:
        raise OSError(28, "No space left on device")

    with scene(monkeypatch) as here:
        monkeypatch.setattr("auditor.cleanup.lock_file.os.ftruncate", full)
        done = migaudit("cleanup", "apply", path, *here.azure, *BOTH)
        assert (done.code, done.out) == (ExitCode.REFUSED, "")
        assert f"cannot write beside the plan, in `{tmp_path}`: no space left on device; nothing was done" in done.err
        assert here.live == EVERYTHING
