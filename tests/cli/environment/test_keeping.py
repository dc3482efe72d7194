"""What was read is never lost: a failure of any kind leaves it in the snapshot file, and says where that is."""

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import NoReturn

import pytest

from auditor.cli.environment.keeping import Keeper
from auditor.cli.exit_codes import ExitCode
from auditor.cli.main import main
from auditor.cli.scan import run as scanning
from auditor.cli.terminal import Terminal
from auditor.collect.collect import _Scan
from auditor.collect.readers.tracked import TrackedReader
from auditor.data import fixtures_dir
from auditor.emulator.faults import faults_of
from auditor.emulator.options import Endpoints, Options
from auditor.emulator.running import running_in_thread
from auditor.inventory.snapshot import files
from auditor.inventory.snapshot.files import load
from tests.cli.running import Run, wait_until

NAME = "contoso-secret-project"


def broken(*_: object, **__: object) -> NoReturn:
    raise RuntimeError(NAME)


@pytest.fixture
def scan(contoso: Endpoints, signed_in: Endpoints, tmp_path: Path) -> tuple[str, ...]:
    kept = tmp_path / "part.jsonl"
    return ("scan", "--cloud", contoso.arm, "--auth", "environment", "--all", "--save-snapshot", str(kept))


@pytest.mark.parametrize("options", [(), ("--quiet",), ("--verbose",), ("--format", "json")], ids=" ".join)
def test_a_defect_while_reading_keeps_what_was_read(
    migaudit: Run, scan: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...]
) -> None:
    monkeypatch.setattr(TrackedReader, "find", broken)
    done = migaudit(*scan, *options)
    assert (done.code, done.out) == (ExitCode.INTERNAL, "")
    assert "error: internal error: RuntimeError in test_keeping.py:" in done.err
    assert f"\nkept what was read in `{scan[-1]}`; the rest is in it as gaps\n" in done.err
    assert NAME not in done.err
    assert "Traceback" not in done.err
    held = load(Path(scan[-1]))
    assert "Microsoft.Resources/subscriptions" in {one.what for one in held.reads or ()}
    assert {gap.code for gap in held.gaps} == {"Interrupted"}
    assert {gap.scope for gap in held.gaps if gap.what == "Microsoft.Migrate/migrateProjects"} == {
        f"/subscriptions/{one}" for one in held.header.scope.subscriptions
    }


def test_a_defect_in_the_last_stage_loses_nothing_of_the_stages_before(
    migaudit: Run, scan: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_Scan, "_directory", broken)
    assert migaudit(*scan).code == ExitCode.INTERNAL
    done = migaudit("scan", "--snapshot", scan[-1], "--format", "json")
    assert done.code in {ExitCode.CLEAN, ExitCode.FINDINGS}
    assert json.loads(done.out)["coverage"]["reads"]


@pytest.mark.parametrize(("place", "name"), [(scanning, "judged"), (scanning, "ensure_readable")])
def test_a_defect_after_reading_finds_the_snapshot_saved(
    migaudit: Run, scan: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, place: object, name: str
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(place, name, broken)
        done = migaudit(*scan)
    assert (done.code, done.out) == (ExitCode.INTERNAL, "")
    assert done.err.endswith(f"\nkept what was read in `{scan[-1]}`\n")
    assert migaudit("scan", "--snapshot", scan[-1], "--fail-on", "never").code == ExitCode.CLEAN


def test_a_defect_of_a_report_finds_the_snapshot_saved(
    migaudit: Run, scan: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("auditor.report.formats.json_report.pieces", broken)
    done = migaudit(*scan, "--format", "json")
    assert (done.code, done.out) == (ExitCode.INTERNAL, "")
    assert f"kept what was read in `{scan[-1]}`" in done.err


def full(*_: object) -> NoReturn:
    raise OSError(28, "No space left on device")


def test_a_full_disk_is_said_beside_the_defect(
    migaudit: Run, scan: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "save", full)
    monkeypatch.setattr(_Scan, "_directory", broken)
    done = migaudit(*scan)
    assert done.code == ExitCode.INTERNAL
    assert "error: internal error: RuntimeError in" in done.err
    assert done.err.endswith(f"\ncannot save the snapshot to `{scan[-1]}`: no space left on device\n")


def test_a_full_disk_does_not_cost_the_result(
    migaudit: Run, scan: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "save", full)
    done = migaudit(*scan, "--format", "json")
    assert done.code == ExitCode.USAGE
    assert json.loads(done.out)["findings"]
    assert done.err.splitlines()[-1] == f"error: cannot save the snapshot to `{scan[-1]}`: no space left on device"


@pytest.mark.parametrize("ending", [BrokenPipeError, KeyboardInterrupt])
def test_a_full_disk_is_said_whatever_ends_the_run(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    ending: type[BaseException],
) -> None:
    kept = tmp_path / "part.jsonl"
    keeper = Keeper(kept, Terminal())
    monkeypatch.setattr(files, "save", full)
    keeper.keep(load(fixtures_dir() / "fabrikam.yaml"))
    with pytest.raises(ending), keeper.telling():
        raise ending
    assert capsys.readouterr().err == f"error: cannot save the snapshot to `{kept}`: no space left on device\n"


def test_a_request_that_cannot_be_met_leaves_an_older_snapshot_alone(migaudit: Run, scan: tuple[str, ...]) -> None:
    older = Path(scan[-1])
    older.write_text("older")
    asked = [one for one in scan if one != "--all"]
    assert migaudit(*asked, "--subscription", "no-such-subscription").code == ExitCode.USAGE
    assert older.read_text() == "older"


def test_ctrl_c_says_that_what_was_read_could_not_be_kept(fixtures: Path, tmp_path: Path) -> None:
    folder = tmp_path / "going"
    folder.mkdir()
    faults = faults_of([{"path": r"^/subscriptions/[^/]+/providers/Microsoft\.KeyVault/vaults", "hang": True}])
    with running_in_thread(load(fixtures / "contoso.yaml"), Options(faults=faults)) as endpoints:
        command = ("scan", "--cloud", endpoints.arm, "--auth", "environment", "--all")
        with subprocess.Popen(
            [sys.executable, "-m", "auditor.cli.main", *command, "--save-snapshot", str(folder / "part.jsonl")],
            env={**os.environ, **endpoints.env},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        ) as running:
            wait_until(lambda: faults.struck() == len(endpoints.subscription_ids), running)
            folder.rmdir()
            running.send_signal(signal.SIGINT)
            out, err = running.communicate(timeout=60)
    assert (running.returncode, out) == (ExitCode.INTERRUPTED, "")
    assert f"error: cannot save the snapshot to `{folder / 'part.jsonl'}`: no such file or directory" in err
    assert err.endswith("interrupted\n")


def test_the_demo_keeps_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(_Scan, "_workspaces", broken)
    kept = tmp_path / "demo.jsonl.zst"
    assert main(["scan", "--demo", "--save-snapshot", str(kept)]) == ExitCode.INTERNAL
    assert f"kept what was read in `{kept}`" in capsys.readouterr().err
    assert load(kept).reads


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("place", ["auditor.cli.scan.run.judged", "auditor.cli.scan.command._show"])
def test_a_signal_after_reading_ends_it_with_what_was_read(
    migaudit: Run, scan: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, place: str, number: signal.Signals
) -> None:
    monkeypatch.setattr("auditor.cli.interrupts._interrupted", threading.Event())
    monkeypatch.setattr(place, lambda *_, **__: signal.raise_signal(number))
    done = migaudit(*scan)
    assert (done.code, done.out) == (ExitCode.INTERRUPTED, "")
    assert done.err.endswith(f"kept what was read in `{scan[-1]}`\ninterrupted\n")
    assert "Interrupted" not in {gap.code for gap in load(Path(scan[-1])).gaps}
