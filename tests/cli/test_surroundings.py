"""The command where its surroundings are poor: no stdout, a full disk, no home, no folder, an odd terminal."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from auditor.cli.exit_codes import ExitCode
from tests.cli.running import Done

FULL = Path("/dev/full")
PLAIN = '"$@"'
EXPLAIN = ("explain", "60052")


def run(line: str, *arguments: str, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> Done:
    """Run the command by the shell `line`, in which `"$@"` stands for the command and its arguments."""
    command = ["/bin/sh", "-c", line, "sh", sys.executable, "-m", "auditor.cli.main", *arguments]
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **(env or {})},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


@pytest.mark.skipif(not FULL.exists(), reason="this system has no device that is always full")
@pytest.mark.parametrize(
    "arguments", [EXPLAIN, ("--version",), ("scan", "--help"), ("rules", "list", "--format", "json")]
)
def test_a_full_disk_is_said_and_no_defect(arguments: tuple[str, ...]) -> None:
    done = run('"$@" > /dev/full', *arguments)
    assert done.code == ExitCode.USAGE
    assert done.err == "error: cannot write the output: no space left on device\n"


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ('"$@" >&-', ExitCode.USAGE, "error: cannot write the output: the stream is closed\n"),
        ('"$@" >&- 2>&-', ExitCode.USAGE, ""),
        ('"$@" 2>&- >/dev/null', ExitCode.CLEAN, ""),
        ('"$@" <&- >/dev/null', ExitCode.CLEAN, ""),
    ],
)
def test_closed_streams(line: str, code: ExitCode, said: str) -> None:
    done = run(line, *EXPLAIN)
    assert (done.code, done.err) == (code, said)


def test_a_folder_that_is_gone_holds_no_configuration(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    done = run(f'rmdir "{gone}" && "$@"', *EXPLAIN, cwd=gone, env={"PYTHONPATH": str(Path.cwd())})
    assert (done.code, done.err) == (ExitCode.CLEAN, "")


@pytest.mark.parametrize(
    "env",
    [
        {"LC_ALL": "C", "PYTHONUTF8": "0"},
        {"PYTHONIOENCODING": "ascii"},
        {"COLUMNS": "1"},
        {"COLUMNS": "wide"},
        {"HOME": "/nonexistent"},
        {"TERM": ""},
    ],
)
def test_odd_environments(env: dict[str, str]) -> None:
    done = run(PLAIN, *EXPLAIN, env=env)
    assert (done.code, done.err) == (ExitCode.CLEAN, "")
    assert "60052" in done.out
