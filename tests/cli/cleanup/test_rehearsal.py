"""The rehearsal: what `cleanup rehearse` does, shows and leaves behind."""

import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

from auditor.inventory.snapshot.files import save
from tests.cleanup import leftovers as left
from tests.cli.running import Run

WAVE, PILOT = "Contoso-Wave0-WS", "contoso-pilot-oms"


def sent(out: str) -> list[tuple[str, str]]:
    """The requests that changed something, as the rehearsal lists them: method and name."""
    listed = out.partition("these changed something")[2].partition("\n\n")[0]
    lines = re.sub(r"\n {3,}", "", listed).splitlines()[1:]
    return [(line.split()[0], line.rpartition("/")[2]) for line in lines]


def test_the_whole_way_there_and_back(migaudit: Run, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    before = {name: os.environ.get(name) for name in ("AZURE_CLIENT_SECRET", "NO_PROXY")}
    done = migaudit("cleanup", "rehearse", "--yes", "--folder", folder)
    assert done.code == 0
    places = [
        done.out.index(f"{name}: {what}")
        for what in ("would be deleted", "deleted", "restored")
        for name in (WAVE, PILOT)
    ]
    assert places == sorted(places)
    assert sent(done.out) == [
        ("DELETE", "contoso-wave0-ws"),
        ("DELETE", PILOT),
        ("PUT", "contoso-wave0-ws"),
        ("PUT", PILOT),
        ("PUT", f"ServiceMap({PILOT})"),
    ]
    assert done.err.count("type its name to delete it: ") == 2
    assert {one.name for one in folder.iterdir()} == {
        "plan.json",
        "plan.json.journal.jsonl",
        "cleanup.sh",
        "requests.jsonl",
    }
    subprocess.run(["bash", "-n", folder / "cleanup.sh"], check=True)
    assert json.loads((folder / "plan.json").read_text())["schema"] == "migaudit/cleanup-plan/1"
    assert {name: os.environ.get(name) for name in before} == before


def test_the_script_is_one_for_the_shell_in_use(migaudit: Run, tmp_path: Path) -> None:
    done = migaudit("cleanup", "rehearse", "--yes", "--folder", tmp_path / "kept", "--shell", "pwsh")
    assert done.code == 0
    written = (tmp_path / "kept" / "cleanup.ps1").read_bytes()
    assert b"\r" not in written
    assert done.out.count("\nRemove-LeftBehind ") == written.count(b"\nRemove-LeftBehind ") == 2
    assert not (tmp_path / "kept" / "cleanup.sh").exists()


def test_a_saved_scan_is_rehearsed_with_the_rights_of_who_read_it(migaudit: Run, tmp_path: Path) -> None:
    save(left.tenant(role=None), tmp_path / "no-role.jsonl")
    save(left.tenant([left.role_definition("reader", ["*/read"], READER)], role=READER), tmp_path / "reader.jsonl")
    nothing = migaudit("cleanup", "rehearse", "--snapshot", tmp_path / "no-role.jsonl")
    assert nothing.code != 0 or "The plan deletes nothing" in nothing.out
    refused = migaudit("cleanup", "rehearse", "--snapshot", tmp_path / "reader.jsonl")
    assert refused.code == 22
    assert "you need `Microsoft.OperationalInsights/workspaces/delete`" in refused.out
    assert "type its name" not in refused.err
    assert sent(refused.out) == []


def test_a_folder_with_files_is_refused(migaudit: Run, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("x")
    done = migaudit("cleanup", "rehearse", "--folder", tmp_path)
    assert done.code == 2
    assert "not empty" in done.err
    done = migaudit("cleanup", "rehearse", "--folder", tmp_path / "mine" / "below")
    assert done.code == 2


def started(terminal: int) -> "subprocess.Popen[str]":
    """A rehearsal whose questions are answered from a terminal."""
    run = subprocess.Popen(
        [sys.executable, "-m", "auditor.cli.main", "cleanup", "rehearse"],
        stdin=terminal,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "PYTHONUTF8": "1"},
        encoding="utf-8",
    )
    os.close(terminal)
    return run


def test_in_a_terminal_the_names_are_asked_for() -> None:
    ours, theirs = pty.openpty()
    with os.fdopen(ours, "r+b", buffering=0) as person:
        run = started(theirs)
        person.write(f"{WAVE}\nsomething else\n".encode())
        out, _ = run.communicate(timeout=120)
    assert run.returncode == 22
    assert f"{PILOT}: not confirmed" in out
    assert sent(out) == [("DELETE", "contoso-wave0-ws"), ("PUT", "contoso-wave0-ws")]


READER = "5e1f0002-0000-4000-8000-000000000002"


def test_a_signal_at_the_question_ends_it_at_once() -> None:
    ours, theirs = pty.openpty()
    run = started(theirs)
    assert run.stdout is not None
    told = ""
    while not told.endswith("type its name to delete it: "):
        character = run.stdout.read(1)
        assert character, "it ended before the question"
        told += character
    time.sleep(0.5)  # a signal between the question and the reading of the answer is seen only after the answer
    run.send_signal(signal.SIGINT)
    out, _ = run.communicate(timeout=120)
    os.close(ours)
    assert run.returncode == 21
    assert out.startswith("\nstopped")
    assert sent(out) == []
    assert "cleanup restore" not in out
