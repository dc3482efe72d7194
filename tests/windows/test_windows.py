"""The branches for Windows, run here with Windows shown to migaudit's modules (`view.py`)."""

import ast
import json
import os
import signal
import ssl
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from urllib.request import urlopen

import pytest

from auditor.files import _is_no_file_name
from auditor.inventory.snapshot.files import save
from tests.cleanup import leftovers as left
from tests.emulator.contoso_corner import corner
from tests.windows.view import BREAK

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the view needs /proc and the locks of Linux")

TOP = Path(__file__).resolve().parents[2]
ON_WINDOWS = {"PYTHONPATH": os.pathsep.join([str(TOP / "tests" / "windows" / "start"), str(TOP)]), "PYTHONUTF8": "0"}
COMMAND = (sys.executable, "-X", "warn_default_encoding", "-m", "auditor.cli.main")
OF_POSIX = (
    "test_a_line_is_on_disk_before_anything_goes_on",  # of folders too, which Windows cannot open
    "test_a_file_of_somebody_else_is_left_alone",  # by the number of its owner
    "test_a_lock_that_somebody_replaced_is_left_to_them",  # while it is open
    "test_only_the_user_can_read_it",  # by the mode of the file
)


def run(*arguments: str | Path, cwd: Path, env: Mapping[str, str] = MappingProxyType({})) -> tuple[int, str, str]:
    """Run migaudit; return its exit code, what it wrote to stdout as UTF-8, and to stderr."""
    command = [*COMMAND, *map(str, arguments)]
    ended = subprocess.run(command, cwd=cwd, env={**os.environ, **ON_WINDOWS, **env}, capture_output=True, check=False)
    return ended.returncode, ended.stdout.decode("utf-8"), ended.stderr.decode("utf-8", "replace")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("world") / "größe.jsonl"
    save(corner(), path)
    return path


@pytest.mark.untraced
def test_the_demo_with_a_result_on_stdout_and_in_files(tmp_path: Path) -> None:
    """What is redirected is UTF-8 with plain line feeds, whatever the code page; no text is read or written in that."""
    forms = ("json", "csv", "sarif", "junit", "markdown")
    files = [word for form in forms for word in ("--format", f"{form}={tmp_path / form}")]
    scan = ("scan", "--demo", "--error", "60052", "--format", "html", *files)
    saved = tmp_path / "s.jsonl.zst"
    code, out, err = run(*scan, "--save-snapshot", saved, cwd=tmp_path, env={"MIGAUDIT_TEST_CODE_PAGE": "cp1252"})
    assert code == 1, err
    assert "60052" in out
    assert not out.isascii()
    assert "\r" not in out
    assert [line for line in err.splitlines() if "EncodingWarning" in line and f"{TOP / 'auditor'}" in line] == []
    assert {path.name for path in tmp_path.iterdir()} == {*forms, "s.jsonl.zst"}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, BREAK])
def test_emulate_serves_and_ends_on_a_signal(number: signal.Signals, world: Path) -> None:
    with subprocess.Popen(
        [*COMMAND, "emulate", str(world), "--access-log", str(world.with_name(f"log-{number}"))],
        env={**os.environ, **ON_WINDOWS},
        stdout=subprocess.PIPE,
        text=True,
    ) as serving:
        assert serving.stdout is not None
        line = json.loads(serving.stdout.readline())
        context = ssl.create_default_context(cafile=line["ca_file"])
        with urlopen(f"{line['arm']}/metadata/endpoints?api-version=2022-09-01", context=context) as answer:  # noqa: S310  our own https
            assert answer.status == 200
        serving.send_signal(number)
        assert serving.wait(60) == 0
    assert not Path(line["ca_file"]).exists()


@pytest.mark.parametrize(
    ("name", "forbidden"),
    [
        *(
            (name, True)
            for name in ("NUL", "con.json", "Lpt9.txt", "aux .csv", "COM¹", "a:b", "what?.json", "dots.", "x ")
        ),
        *((name, False) for name in ("console.json", "com.json", "nul-1.json", ".hidden", "größe.json")),
    ],
)
def test_names_that_windows_forbids(name: str, forbidden: bool) -> None:
    assert _is_no_file_name(name) is forbidden


def test_no_result_goes_to_a_device(world: Path, tmp_path: Path) -> None:
    code, _, err = run("scan", "--snapshot", world, "--output", "nul.json", cwd=tmp_path)
    assert (code, list(tmp_path.iterdir())) == (2, [])
    assert "windows forbids the name" in err


def test_a_path_that_is_too_long_is_refused_before_anything_is_read(world: Path, tmp_path: Path) -> None:
    deep = tmp_path / "/".join(["folder"] * 30)
    deep.mkdir(parents=True)
    code, _, err = run("scan", "--snapshot", world, "--output", deep / ("x" * 100), cwd=tmp_path)
    assert code == 2
    assert "the path is too long" in err


def test_colour_is_switched_on_in_the_console() -> None:
    ask = "import io, sys; from auditor.cli.terminal import Terminal; stream = io.StringIO(); "
    ask += "stream.isatty = lambda: True; print(Terminal().colours(stream), Terminal(no_color=True).colours(stream))"
    env = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "TERM"}}
    said = subprocess.run(
        [sys.executable, "-c", ask], env={**env, **ON_WINDOWS}, capture_output=True, encoding="utf-8", check=True
    ).stdout
    assert said.split() == ["console", "fixed", "True", "False"]


@pytest.mark.untraced
def test_files_that_are_kept_between_runs(tmp_path: Path) -> None:
    """Those of a cleanup and of a scan that goes on: locked, removed while other runs wait, written as they are."""
    files: tuple[str, ...] = ("cleanup/test_lock_file.py", "cleanup/test_journal.py", "test_own_file.py")
    files += (
        "collect/resuming/test_answer_file.py",
        "cli/scan/test_resume.py::test_killed_and_started_again_it_says_the_same_and_removes_the_file",
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "not exhaustive"]
    command += ["-k", " and ".join(f"not {name}" for name in OF_POSIX), "--basetemp", str(tmp_path / "base")]
    ended = subprocess.run(
        [*command, *(f"tests/{file}" for file in files)],
        cwd=TOP,
        env={**os.environ, **ON_WINDOWS},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert ended.returncode == 0, ended.stdout


def test_the_page_says_how_long_the_paths_of_an_installation_are() -> None:
    packages = Path(sysconfig.get_path("purelib"))
    longest = max(len(str(path.relative_to(packages))) for path in (packages / "msgraph").rglob("*.py"))
    assert f"up to {longest} characters" in (TOP / "docs" / "windows.md").read_text(encoding="utf-8")


def test_no_text_is_written_with_the_line_ends_of_windows() -> None:
    """A script for bash, or a file with a checksum, would be another one with them."""
    written = [
        f"{path.name}:{call.lineno}"
        for path in sorted((TOP / "auditor").rglob("*.py"))
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and writes_text(call) and "newline" not in {one.arg for one in call.keywords}
    ]
    assert written == []


def writes_text(call: ast.Call) -> bool:
    """Whether it is `Path.write_text`, or an `open` in a mode that writes text."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    modes = [one.value for one in call.args[:2] if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    in_text = any(set(mode) <= set("wax+t") for mode in modes)
    return (name in {"open", "fdopen"} and in_text) or (
        name == "write_text" and any(one.arg == "encoding" for one in call.keywords)
    )


@pytest.mark.untraced
def test_a_rehearsal_and_an_export(tmp_path: Path) -> None:
    save(left.tenant(), tmp_path / "left.jsonl")
    rehearse = ("cleanup", "rehearse", "--yes", "--snapshot", "left.jsonl", "--folder", "kept", "--shell", "pwsh")
    code, out, err = run(*rehearse, cwd=tmp_path)
    assert code == 0, err
    assert "restored" in out
    kept = {"plan.json", "plan.json.journal.jsonl", "cleanup.ps1", "requests.jsonl"}
    assert {path.name for path in (tmp_path / "kept").iterdir()} == kept
    code, _, err = run("snapshot", "export", "left.jsonl", "--to", "parquet", "--output", "tables", cwd=tmp_path)
    assert code == 0, err
    assert len(list((tmp_path / "tables").glob("*.parquet"))) == 10
