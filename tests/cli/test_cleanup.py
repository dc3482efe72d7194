import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from auditor.cleanup.journal import Event
from auditor.cleanup.plan_file import as_document
from auditor.emulator.faults import faults_of
from auditor.emulator.options import Endpoints, Options
from auditor.emulator.running import running_in_thread
from auditor.inventory.files import save
from auditor.inventory.reads import INTERRUPTED, Gap
from auditor.report.json_text import json_text
from tests.cleanup import leftovers as left
from tests.cli.running import Done, Run

FIRST, SECOND = str(left.FIRST["id"]), str(left.SECOND["id"])
BOTH = ("--only", FIRST, "--only", SECOND, "--yes")


@contextmanager
def served(
    monkeypatch: pytest.MonkeyPatch, faults: Sequence[dict[str, object]] = (), snapshot: Any = None
) -> Iterator[Endpoints]:
    """The small tenant as Azure, and this process signed in to it."""
    with running_in_thread(snapshot or left.tenant(), Options(faults=faults_of(faults))) as endpoints:
        for name, value in endpoints.env.items():
            monkeypatch.setenv(name, value)
        yield endpoints


@pytest.fixture
def azure(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, ...]]:
    """The options that lead to the small tenant."""
    with served(monkeypatch) as endpoints:
        yield ("--cloud", endpoints.arm, "--auth", "environment")


@pytest.fixture
def plan_file(migaudit: Run, azure: tuple[str, ...], tmp_path: Path) -> Path:
    """A plan for the small tenant."""
    path = tmp_path / "plan.json"
    assert migaudit("cleanup", "plan", "--all", *azure, "--output", path).code == 0
    return path


@pytest.fixture
def offline_plan(tmp_path: Path) -> Path:
    """The same plan, drawn without Azure."""
    path = tmp_path / "plan.json"
    path.write_text(json_text(as_document(left.plan())))
    return path


def items(path: Path) -> dict[str, str]:
    return {item["name"]: item["action"] for item in json.loads(path.read_text())["items"]}


def result(done: Done) -> dict[str, str]:
    return {item["name"]: item["outcome"] for item in json.loads(done.out)["items"]}


def test_a_plan_is_made_from_azure(plan_file: Path) -> None:
    assert items(plan_file) == {"left-1": "delete", "left-2": "delete", "busy": "keep"}
    assert json.loads(plan_file.read_text())["source"] == "live"
    assert plan_file.stat().st_mode & 0o777 == 0o600


def test_the_way_from_a_plan_and_back(migaudit: Run, azure: tuple[str, ...], plan_file: Path) -> None:
    assert "left-1" in migaudit("cleanup", "show", plan_file).out
    rehearsed = migaudit("cleanup", "apply", plan_file, *azure, "--dry-run", "--format", "json")
    assert (rehearsed.code, result(rehearsed)) == (0, dict.fromkeys(("left-1", "left-2"), "would_be_deleted"))
    assert not plan_file.with_name("plan.json.journal.jsonl").exists()
    applied = migaudit("cleanup", "apply", plan_file, *azure, *BOTH, "--format", "json")
    assert (applied.code, result(applied)) == (0, dict.fromkeys(("left-1", "left-2"), "deleted"))
    again = migaudit("cleanup", "apply", plan_file, *azure, *BOTH, "--format", "json")
    assert (again.code, result(again)) == (0, dict.fromkeys(("left-1", "left-2"), "done_before"))
    back = migaudit("cleanup", "restore", plan_file, *azure)
    assert back.code == 0
    assert back.out.count("restored") == 2
    assert "with the solution `ServiceMap(left-1)`" in back.out
    assert not plan_file.with_name("plan.json.lock").exists()


def test_offline_plans_say_that_everything_is_read_again(migaudit: Run, azure: tuple[str, ...], tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    save(left.tenant(), tmp_path / "tenant.jsonl")
    done = migaudit("cleanup", "plan", "--snapshot", tmp_path / "tenant.jsonl", "--output", path)
    assert done.code == 0
    assert "reads everything again" in done.err
    assert migaudit("cleanup", "apply", path, *azure, *BOTH, "--quiet").code == 0


def test_typing_the_name_confirms(
    migaudit: Run, azure: tuple[str, ...], plan_file: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    answers = tmp_path / "answers"
    answers.write_text("left-2\nleft-2\n")
    with answers.open() as typed:
        monkeypatch.setattr("sys.stdin", typed)
        done = migaudit("cleanup", "apply", plan_file, *azure, "--format", "json")
    assert result(done) == {"left-2": "deleted", "left-1": "refused"}
    assert done.code == 22


def test_without_anybody_to_ask_nothing_is_done(process: Run, azure: tuple[str, ...], plan_file: Path) -> None:
    done = process("cleanup", "apply", plan_file, *azure, env={"PYTHONUTF8": "1"})
    assert done.code == 22
    assert "not confirmed" in done.out


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--yes"], "--only"),
        (["--only", "left-1", "--yes"], "deletes no such item"),
        (["--only", str(left.BUSY["id"]), "--yes"], "deletes no such item"),
        (["--max-age", "soon"], "no span of time"),
        (["--force"], "no such option"),
    ],
)
def test_usage(migaudit: Run, offline_plan: Path, options: list[str], says: str) -> None:
    done = migaudit("cleanup", "apply", offline_plan, *options)
    assert done.code == 2
    assert says in done.err.lower()


def test_an_old_plan_is_stale(migaudit: Run, offline_plan: Path) -> None:
    done = migaudit("cleanup", "apply", offline_plan, "--max-age", "0s", *BOTH)
    assert done.code == 20
    assert "make it again" in done.err


@pytest.mark.parametrize("command", ["show", "script", "apply", "restore"])
@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text[: len(text) // 2],
        lambda text: text.replace("cleanup-plan/1", "cleanup-plan/2"),
        lambda text: text.replace("left-1", "busy"),
        lambda text: text.replace('"action": "keep"', '"action": "delete"'),
        lambda _text: "",
    ],
)
def test_a_spoilt_plan_is_refused_by_every_command(migaudit: Run, offline_plan: Path, command: str, spoil: Any) -> None:
    offline_plan.write_text(spoil(offline_plan.read_text()))
    done = migaudit("cleanup", command, offline_plan)
    assert done.code == 22
    assert done.out == ""
    assert "refused" in done.err


def test_a_partial_scan_cannot_be_applied(migaudit: Run, tmp_path: Path) -> None:
    stopped = Gap("Microsoft.KeyVault/vaults", left.S, 0, INTERRUPTED, "stopped")
    save(left.tenant(gaps=[stopped]), tmp_path / "part.jsonl")
    path = tmp_path / "plan.json"
    shown = migaudit("cleanup", "plan", "--snapshot", tmp_path / "part.jsonl", "-o", path)
    assert "PARTIAL" in shown.out
    assert migaudit("cleanup", "apply", path, "--dry-run").code == 22
    assert migaudit("cleanup", "script", path).code == 22


def test_another_tenant_is_refused(migaudit: Run, contoso: Endpoints, signed_in: Endpoints, tmp_path: Path) -> None:
    save(left.tenant(), tmp_path / "tenant.jsonl")
    path = tmp_path / "plan.json"
    migaudit("cleanup", "plan", "--snapshot", tmp_path / "tenant.jsonl", "-o", path)
    done = migaudit("cleanup", "apply", path, "--cloud", contoso.arm, "--auth", "environment", "--dry-run")
    assert done.code == 22
    assert left.TENANT in done.err


def test_a_journal_is_never_left_without_its_plan(migaudit: Run, azure: tuple[str, ...], plan_file: Path) -> None:
    migaudit("cleanup", "apply", plan_file, *azure, *BOTH)
    done = migaudit("cleanup", "plan", "--all", *azure, "-o", plan_file)
    assert done.code == 2
    assert "needed to restore" in done.err


def test_the_demo_has_a_plan(migaudit: Run) -> None:
    done = migaudit("cleanup", "plan", "--demo", "--format", "json")
    assert done.code == 0
    verdicts = {item["name"]: item["verdict"] for item in json.loads(done.out)["items"]}
    assert verdicts["law-hub-weu"] == "in_use"
    assert verdicts["contoso-dc-exit-oms"] == "attached"
    assert verdicts["contoso-wave2-ws"] == "undecided"
    assert verdicts["law-payments"] == "not_migrate"
    assert verdicts["Contoso-Wave0-WS"] == verdicts["contoso-pilot-oms"] == "orphaned"


def start(path: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "auditor.cli.main", "cleanup", *arguments[:1], str(path), *arguments[1:]],
        env=os.environ.copy(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for(path: Path, text: str, run: "subprocess.Popen[str]") -> None:
    """Wait until a file holds a text."""
    until = time.monotonic() + 60
    while not (path.exists() and text in path.read_text()):
        assert run.poll() is None, run.communicate()
        assert time.monotonic() < until
        time.sleep(0.02)


HANGS: list[tuple[str, dict[str, object], Event]] = [
    ("before the deletion", {"method": "DELETE", "hang": True}, Event.DELETING),
    ("after the deletion", {"method": "DELETE", "hang": True, "carried_out": True}, Event.DELETING),
    ("before its end", {"method": "DELETE", "questions": 8}, Event.ACCEPTED),
    ("while looking", {"path": "deletedWorkspaces.*2023-09-01", "hang": True}, Event.ACCEPTED),
]


@pytest.mark.parametrize(("when", "fault", "seen"), HANGS, ids=[when for when, *_ in HANGS])
def test_killed_between_request_and_answer(
    migaudit: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, when: str, fault: dict[str, object], seen: Event
) -> None:
    path = tmp_path / "plan.json"
    with served(monkeypatch, [{**fault, "times": 1}]) as endpoints:
        azure = ("--cloud", endpoints.arm, "--auth", "environment")
        migaudit("cleanup", "plan", "--all", *azure, "-o", path)
        run = start(path, "apply", *azure, *BOTH, "--wait", "2m")  # asks every two seconds
        journal = path.with_name("plan.json.journal.jsonl")
        wait_for(journal, f'"{seen.value}"', run)
        second = migaudit("cleanup", "apply", path, *azure, *BOTH)
        assert second.code == 22
        assert "another run" in second.err
        time.sleep(0.2)  # the request is on its way by now; earlier would only kill at an easier moment
        run.send_signal(signal.SIGKILL)
        run.communicate()
        finished = migaudit("cleanup", "apply", path, *azure, *BOTH, "--wait", "12s", "--format", "json")
        assert finished.code == 0
        assert set(result(finished).values()) <= {"deleted", "done_before"}
        left_over = migaudit("cleanup", "plan", "--all", *azure, "--format", "json")
        assert {item["name"] for item in json.loads(left_over.out)["items"]} == {"busy"}
        back = migaudit("cleanup", "restore", path, *azure, "--format", "json")
        assert (back.code, set(result(back).values())) == (0, {"restored"})


RESTORE_HANGS: list[dict[str, object]] = [
    {"method": "PUT", "path": "workspaces/", "hang": True},
    {"method": "PUT", "path": "workspaces/", "hang": True, "carried_out": True},
    {"method": "PUT", "path": "ServiceMap", "hang": True},
    {"method": "PUT", "path": "ServiceMap", "hang": True, "carried_out": True},
]


@pytest.mark.parametrize("fault", RESTORE_HANGS)
def test_killed_while_restoring(
    migaudit: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, fault: dict[str, object]
) -> None:
    path = tmp_path / "plan.json"
    with served(monkeypatch, [{**fault, "times": 1}]) as endpoints:
        azure = ("--cloud", endpoints.arm, "--auth", "environment")
        migaudit("cleanup", "plan", "--all", *azure, "-o", path)
        migaudit("cleanup", "apply", path, *azure, *BOTH)
        run = start(path, "restore", *azure)
        wait_for(path.with_name("plan.json.journal.jsonl"), '"recovering"', run)
        time.sleep(0.3)
        run.send_signal(signal.SIGKILL)
        run.communicate()
        back = migaudit("cleanup", "restore", path, *azure, "--format", "json")
        assert (back.code, set(result(back).values())) == (0, {"restored"})
        again = migaudit("cleanup", "plan", "--all", *azure, "--format", "json")
        names = {item["name"]: len(item["lost_for_good"]) for item in json.loads(again.out)["items"]}
        assert names == {"busy": 0, "left-1": 1, "left-2": 0}


def test_ctrl_c_stops_part_way(migaudit: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    with served(monkeypatch, [{"method": "DELETE", "hang": True, "times": 1}]) as endpoints:
        azure = ("--cloud", endpoints.arm, "--auth", "environment")
        migaudit("cleanup", "plan", "--all", *azure, "-o", path)
        run = start(path, "apply", *azure, *BOTH)
        wait_for(path.with_name("plan.json.journal.jsonl"), '"deleting"', run)
        run.send_signal(signal.SIGINT)
        _, told = run.communicate(timeout=30)
        assert run.returncode == 21
        assert "goes on from there" in told
