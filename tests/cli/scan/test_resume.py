"""`scan --resume`: killed, interrupted, refused, finished."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from auditor.cli.exit_codes import ExitCode
from auditor.data import fixtures_dir
from auditor.emulator.faults import Faults, faults_of
from auditor.emulator.options import Endpoints, Options
from auditor.emulator.running import running_in_thread
from auditor.inventory.snapshot.files import load
from tests.cli.running import Run, wait_until

AT = ("--at", "2026-11-23T10:00:00Z", "--format", "json")
HANGS = {"path": "^/(subscr|prov|v1|ten)", "skip": 40, "hang": True}


class Fabrikam:
    """An emulated Fabrikam whose fault can be ended."""

    def __init__(self, endpoints: Endpoints, faults: Faults, log: Path) -> None:
        self.endpoints = endpoints
        self.faults = faults
        self._log = log

    @property
    def scan(self) -> tuple[str, ...]:
        return ("scan", "--cloud", self.endpoints.arm, "--auth", "environment", "--all", "--source", "arm", *AT)

    def statuses(self) -> list[int]:
        lines = [json.loads(line) for line in self._log.read_text().splitlines()]
        return [line["status"] for line in lines if "/oauth2/" not in line["path"] and "/metadata" not in line["path"]]


@pytest.fixture
def fabrikam(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Fabrikam]:
    faults, log = faults_of([HANGS]), tmp_path / "access.jsonl"
    world = load(fixtures_dir() / "fabrikam.yaml")
    with running_in_thread(world, Options(faults=faults, access_log=log)) as endpoints:
        for name, value in endpoints.env.items():
            monkeypatch.setenv(name, value)
        yield Fabrikam(endpoints, faults, log)


def started(fabrikam: Fabrikam, *options: str | Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "auditor.cli.main", *fabrikam.scan, *map(str, options)]
    run = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wait_until(lambda: 0 in fabrikam.statuses(), run)
    return run


def without_times(text: str) -> object:
    document = json.loads(text)
    return {name: value for name, value in document.items() if name not in {"collected_at", "evaluated_at"}}


def test_killed_and_started_again_it_says_the_same_and_removes_the_file(
    migaudit: Run, fabrikam: Fabrikam, tmp_path: Path
) -> None:
    file = tmp_path / "scan.resume"
    run = started(fabrikam, "--resume", file)
    second = migaudit(*fabrikam.scan, "--resume", file)
    assert second.code == ExitCode.USAGE
    assert second.err == f"error: another run is working with `{file}`: wait until it ends\n"
    run.send_signal(signal.SIGKILL)
    run.communicate()
    assert file.stat().st_mode & 0o777 == 0o600
    fabrikam.faults.rules = ()
    asked = len(fabrikam.statuses())
    resumed = migaudit(*fabrikam.scan, "--resume", file)
    assert (resumed.code, resumed.err) == (ExitCode.CLEAN, "")
    assert not file.exists()
    asked_again = len(fabrikam.statuses()) - asked
    plain = migaudit(*fabrikam.scan)
    assert without_times(resumed.out) == without_times(plain.out)
    assert asked_again < len(fabrikam.statuses()) - asked - asked_again - 30


def test_ctrl_c_says_where_it_goes_on(fabrikam: Fabrikam, migaudit: Run, tmp_path: Path) -> None:
    file = tmp_path / "scan.resume"
    run = started(fabrikam, "--resume", file)
    run.send_signal(signal.SIGINT)
    _, err = run.communicate(timeout=60)
    assert run.returncode == ExitCode.INTERRUPTED
    assert f"what was read is in `{file}`: the same command goes on from there\n" in err
    other = migaudit(*fabrikam.scan, "--resume", file, "--deep")
    assert other.code == ExitCode.USAGE
    assert other.err == (
        f"error: `{file}` is of another scan: deep no, not yes; name another file for `--resume`, or remove it\n"
    )
    fabrikam.faults.rules = ()
    assert migaudit(*fabrikam.scan, "--resume", file).code == ExitCode.CLEAN


@pytest.mark.parametrize(
    "unanswered",
    [{"status": 401, "code": "ExpiredAuthenticationToken"}, {"status": 200, "body": "<html>Sign in to the network"}],
    ids=["token", "sign-in page"],
)
def test_lists_without_an_answer_keep_the_file(
    migaudit: Run, fabrikam: Fabrikam, tmp_path: Path, unanswered: dict[str, object]
) -> None:
    file = tmp_path / "scan.resume"
    fabrikam.faults.rules = faults_of([{"path": "/locks", "status": 403, "code": "AuthorizationFailed"}]).rules
    fabrikam.faults.__post_init__()
    assert migaudit(*fabrikam.scan, "--resume", file).err == ""
    assert not file.exists()
    fabrikam.faults.rules = faults_of([{"path": "/locks", **unanswered}]).rules
    fabrikam.faults.__post_init__()
    done = migaudit(*fabrikam.scan, "--resume", file)
    assert done.err == f"1 list was not answered: the same command asks for them again (`{file}`)\n"
    fabrikam.faults.rules = ()
    assert migaudit(*fabrikam.scan, "--resume", file).err == ""
    assert not file.exists()


def test_the_file_of_another_account_is_refused(migaudit: Run, fabrikam: Fabrikam, tmp_path: Path) -> None:
    from auditor.collect.resuming.answer_file import AnswerFile

    file = tmp_path / "scan.resume"
    run = started(fabrikam, "--resume", file)
    run.send_signal(signal.SIGKILL)
    run.communicate()
    held = AnswerFile(file)
    first = held.first
    held.close()
    file.unlink()
    forged = AnswerFile(file)
    forged.start({**first, "scan": {**first["scan"], "signed-in account": "\x1b[31msomebody", "tenant": "elsewhere"}})
    forged.close()
    fabrikam.faults.rules = ()
    done = migaudit(*fabrikam.scan, "--resume", file)
    assert done.code == ExitCode.USAGE
    assert "is of another scan: tenant `elsewhere`, not " in done.err
    assert "\x1b" not in done.err
    assert file.exists()


@pytest.mark.parametrize("more", [("--snapshot", "FIXTURE"), ("--demo",)])
def test_it_is_for_reading_azure(migaudit: Run, tmp_path: Path, more: tuple[str, ...]) -> None:
    given = [str(fixtures_dir() / "fabrikam.yaml") if word == "FIXTURE" else word for word in more]
    done = migaudit("scan", *given, "--resume", tmp_path / "f")
    assert done.code == ExitCode.USAGE
    assert "`--resume` goes on with reading Azure" in done.err
    assert not (tmp_path / "f").exists()


@pytest.mark.parametrize("text", ["12", "soon", "1w", "-1h"])
def test_an_age_has_a_unit(migaudit: Run, tmp_path: Path, text: str) -> None:
    done = migaudit("scan", "--all", "--resume", tmp_path / "f", f"--max-age={text}")
    assert done.code == ExitCode.USAGE
    assert "is not a duration; write it as 30m, 24h or 2d" in done.err


def test_a_file_of_somebodys_is_left_alone(migaudit: Run, tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("precious")
    done = migaudit("scan", "--all", "--resume", file)
    assert done.code == ExitCode.USAGE
    assert "is not a file that `--resume` of this version of migaudit wrote" in done.err
    assert file.read_text() == "precious"
    missing = migaudit("scan", "--all", "--resume", tmp_path / "no" / "f")
    assert missing.err.startswith("error: `--resume`: cannot use `")
    assert [one.name for one in tmp_path.iterdir()] == ["notes.txt"]
