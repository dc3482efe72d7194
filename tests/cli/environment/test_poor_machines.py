"""The command where its surroundings are poor: no stdout, a full disk, no home, no folder, an odd terminal."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import pytest

from auditor.cli.exit_codes import ExitCode
from auditor.emulator.options import Endpoints
from auditor.inventory.snapshot.files import load
from tests.cli.running import Done
from tests.sampling import sampled

FULL = Path("/dev/full")
PLAIN = '"$@"'
EXPLAIN = ("explain", "60052")
DEMO = ("scan", "--demo", "--fail-on", "never")


def run(line: str, *arguments: str, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> Done:
    """Run the command by the shell `line`, in which `"$@"` stands for the command and its arguments."""
    command = ["/bin/sh", "-c", line, "sh", sys.executable, "-m", "auditor.cli.main", *arguments]
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **(env or {})},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


@pytest.mark.skipif(not FULL.exists(), reason="this system has no device that is always full")
@sampled("arguments", [EXPLAIN, ("--version",), ("scan", "--help"), ("rules", "list", "--format", "json")], one_in=4)
def test_a_full_disk_is_said_and_no_defect(arguments: tuple[str, ...]) -> None:
    done = run('"$@" > /dev/full', *arguments)
    assert done.code == ExitCode.USAGE
    assert done.err == "error: cannot write the output: no space left on device\n"


@sampled(
    "line, code, said",
    [
        ('"$@" >&-', ExitCode.USAGE, "error: cannot write the output: the stream is closed\n"),
        ('"$@" >&- 2>&-', ExitCode.USAGE, ""),
        ('"$@" 2>&- >/dev/null', ExitCode.CLEAN, ""),
        ('"$@" <&- >/dev/null', ExitCode.CLEAN, ""),
    ],
    one_in=4,
)
def test_closed_streams(line: str, code: ExitCode, said: str) -> None:
    done = run(line, *EXPLAIN)
    assert (done.code, done.err) == (code, said)


def test_a_folder_that_is_gone_holds_no_configuration(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    done = run(f'rmdir "{gone}" && "$@"', *EXPLAIN, cwd=gone, env={"PYTHONPATH": str(Path.cwd())})
    assert (done.code, done.err) == (ExitCode.CLEAN, "")


@sampled(
    "env",
    [
        {"LC_ALL": "C", "PYTHONUTF8": "0"},
        {"PYTHONIOENCODING": "ascii"},
        {"COLUMNS": "1"},
        {"COLUMNS": "wide"},
        {"HOME": "/nonexistent"},
        {"TERM": ""},
    ],
    one_in=6,
)
def test_odd_environments(env: dict[str, str]) -> None:
    done = run(PLAIN, *EXPLAIN, env=env)
    assert (done.code, done.err) == (ExitCode.CLEAN, "")
    assert "60052" in done.out


@sampled(
    "env",
    [
        {"PYTHONWARNINGS": "error", "PYTHONDEVMODE": "1"},
        {"PYTHONOPTIMIZE": "2"},
        {"LC_ALL": "C", "PYTHONUTF8": "0"},
        {"HOME": "/nonexistent"},
        {"HOME": "/proc", "COLUMNS": "10"},
    ],
    one_in=5,
    ids=str,
)
def test_a_scan_in_an_odd_environment_is_the_usual_one(env: dict[str, str]) -> None:
    done = run(PLAIN, *DEMO, env=env)
    assert done.code == ExitCode.CLEAN
    assert [line for line in done.err.splitlines() if line and "embedded environment" not in line] == []
    assert "high  " in done.out
    assert "read completely" in done.out


@pytest.mark.exhaustive
def test_the_mode_for_developers_shows_warnings_beside_the_usual_result() -> None:
    done = run(PLAIN, *DEMO, "--format", "json", env={"PYTHONDEVMODE": "1"})
    assert done.code == ExitCode.CLEAN
    assert json.loads(done.out)["findings"]
    assert "Traceback" not in done.err


@sampled("switch", ["-Werror", "-OO", "-bb"], one_in=3)
def test_switches_of_python_do_not_break_a_live_scan(contoso: Endpoints, switch: str) -> None:
    azure = ("--cloud", contoso.arm, "--auth", "environment", "--all", "--source", "arm")
    command = [
        sys.executable,
        switch,
        "-m",
        "auditor.cli.main",
        "scan",
        *azure,
        "--fail-on",
        "never",
        "--format",
        "json",
    ]
    env = {**os.environ, **contoso.env}
    done = subprocess.run(command, env=env, capture_output=True, encoding="utf-8", timeout=120, check=False)
    assert done.returncode == ExitCode.CLEAN, done.stderr
    assert json.loads(done.stdout)["findings"]
    assert done.stderr == ""


@sampled(
    "line, code",
    [
        ('"$@" <&-', ExitCode.CLEAN),
        ('"$@" >&-', ExitCode.USAGE),
        ('"$@" <&- 2>&-', ExitCode.CLEAN),
    ],
    one_in=3,
)
def test_a_scan_with_closed_streams_writes_into_nothing_else(tmp_path: Path, line: str, code: ExitCode) -> None:
    """The numbers of closed streams would go to the next files that are opened: the snapshot, or a connection."""
    kept = tmp_path / "kept.jsonl"
    done = run(line, *DEMO, "--format", "json", "--save-snapshot", str(kept))
    assert done.code == code
    assert "Traceback" not in done.err
    assert load(kept).reads


@pytest.mark.skipif(sys.platform == "win32", reason="nothing limits open files there")
@sampled("limit", [5, 20], one_in=2)
def test_too_few_open_files_end_a_scan_before_it_reads(limit: int) -> None:
    done = run(f'ulimit -n {limit} && "$@"', *DEMO)
    assert (done.code, done.out) == (ExitCode.UNREADABLE, "")
    assert done.err.startswith("error: too many open files: raise the limit (`ulimit -n`) or lower `--concurrency`")
    assert "Traceback" not in done.err


@pytest.mark.skipif(sys.platform == "win32", reason="nothing limits open files there")
@sampled("line", ['ulimit -n 60 && "$@"', 'ulimit -S -n 20 && "$@"'], one_in=2)
def test_where_a_few_more_can_be_open_the_scan_asks_less_at_once(line: str) -> None:
    done = run(line, *DEMO, "--format", "json", "--verbose")
    assert done.code == ExitCode.CLEAN
    assert ("the limit on open files (`ulimit -n`) is 60: " in done.err) is ("60" in line)
    assert not [gap for gap in json.loads(done.out)["coverage"]["gaps"] if "Connection" in gap["code"]]


@sampled(
    "arguments",
    [
        (*DEMO, "--save-snapshot", "x.jsonl"),
        (*DEMO, "--output", "x.txt"),
        ("cleanup", "plan", "--demo", "--output", "x.json"),
    ],
    one_in=3,
    ids=str,
)
def test_a_folder_that_is_gone_is_said_where_a_file_was_to_be_written(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    done = run(f'rmdir "{gone}" && "$@"', *arguments, cwd=gone, env={"PYTHONPATH": str(Path.cwd())})
    assert (done.code, done.out) == (ExitCode.USAGE, "")
    assert "internal error" not in done.err


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such terminals there")
def test_a_terminal_of_ten_columns() -> None:
    code, shown = on_a_terminal(10, *DEMO)
    assert code == ExitCode.CLEAN
    assert "Traceback" not in shown
    assert "completely" in shown


def on_a_terminal(columns: int, *arguments: str) -> tuple[int, str]:
    """Run the command on a terminal so many columns wide; return its exit code and all that it showed."""
    import fcntl
    import pty
    import struct
    import termios

    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 5, columns, 0, 0))
    env = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "LINES"}}
    command = [sys.executable, "-m", "auditor.cli.main", *arguments]
    with subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, env={**env, "TERM": "xterm"}) as process:
        os.close(slave)
        shown = b""
        with suppress(OSError):  # Linux answers so where the other end is closed
            while piece := os.read(master, 65_536):
                shown += piece
        os.close(master)
    return process.returncode, shown.decode("utf-8", "replace")
