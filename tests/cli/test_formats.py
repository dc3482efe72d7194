"""`--format FORMAT[=FILE]`, several at once: what cannot be written is found out before anything is read."""

import errno
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import click
import pytest

from auditor.cli.exit_codes import ExitCode
from auditor.cli.failures import CommandFailed, UsageFailed
from auditor.cli.formats import FORMATS, RENDERERS, Output, OutputParameter, outputs, show_each
from auditor.cli.scan.run import judged
from auditor.extras import ExtraMissing
from tests.cli.running import Run


@pytest.fixture
def world(fixtures: Path) -> Path:
    return fixtures / "contoso.yaml"


def test_several_at_once(migaudit: Run, world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    files = [part for form in FORMATS[1:] for part in ("--format", f"{form}=out.{form}")]
    done = migaudit("scan", "--snapshot", world, "--format", "table", *files, "--fail-on", "never")
    assert done.code == ExitCode.CLEAN, done.err
    assert "read completely" in done.out
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted(f"out.{form}" for form in FORMATS[1:])
    assert json.loads((tmp_path / "out.sarif").read_text())["version"] == "2.1.0"
    assert (tmp_path / "out.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert (tmp_path / "out.csv").read_bytes().count(b"\r\n") > 1
    assert (tmp_path / "out.html").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("form", RENDERERS)
def test_each_goes_to_stdout_alone(migaudit: Run, world: Path, form: str) -> None:
    done = migaudit("scan", "--snapshot", world, "--format", form, "--fail-on", "never")
    assert done.code == ExitCode.CLEAN
    assert done.out.startswith(
        {"csv": "rule,", "markdown": "# ", "html": "<!", "junit": "<?xml", "ocsf": "["}.get(form, "{")
    )


def test_output_is_the_file_of_the_one_that_names_none(migaudit: Run, world: Path, tmp_path: Path) -> None:
    one, other = tmp_path / "one.md", tmp_path / "other.json"
    done = migaudit("scan", "--snapshot", world, "--format", "markdown", "--format", f"json={other}", "--output", one)
    assert done.out == ""
    assert one.read_text(encoding="utf-8").startswith("# ")
    assert json.loads(other.read_text())["schema"] == "migaudit/scan/1"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--format", "jsn"], "did you mean `json`"),
        (["--format", "nothing"], "the formats are table, json, jsonl"),
        (["--format", "xlsx"], "write `--format xlsx=FILE.xlsx`"),
        (["--format", "json="], "write `json=FILE`"),
        (["--format", "json", "--format", "csv"], "both go to stdout"),
        (["--format", "json=a", "--format", "csv=./a"], "`--format json` and `--format csv` name the same file"),
        (["--format", "json=a", "--format", "json=a"], "`--format json` and `--format json` name the same file"),
        (
            ["--format", "json", "--format", "csv=a", "--output", "a"],
            "`--output` and `--format csv` name the same file",
        ),
        (["--format", "json=a", "--output", "b"], "leave out `--output`"),
        (["--format", "html=nowhere/r.html"], "cannot write `--format html=nowhere/r.html`: no such file or directory"),
        (["--format", "html=."], "is a folder"),
        (["--format", "json=WORLD"], "name the same file"),
    ],
)
def test_what_cannot_be_written(
    migaudit: Run, world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    given = [argument.replace("WORLD", str(world)) for argument in arguments]
    done = migaudit("scan", "--snapshot", world, *given)
    assert (done.code, done.out) == (ExitCode.USAGE, "")
    assert said in done.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("first", ["csv", "table", "html"])
def test_an_output_that_fails_costs_no_other(
    first: str, migaudit: Run, world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost, last = tmp_path / "gone" / "r.csv", tmp_path / "last.json"
    lost.parent.mkdir()

    def judge(*given: Any, **named: Any) -> Any:
        shutil.rmtree(lost.parent)
        return judged(*given, **named)

    def broken(*_: object, **__: object) -> str:
        raise ValueError("s3cret of the environment")

    def full(_pieces: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("auditor.cli.scan.run.judged", judge)
    monkeypatch.setattr("auditor.report.html.page.render", broken)
    if first == "table":
        monkeypatch.setattr("auditor.cli.outputs.to_stdout", full)
    wanted = {"csv": f"csv={lost}", "table": "table", "html": f"html={tmp_path / 'r.html'}"}[first]
    done = migaudit("scan", "--snapshot", world, "--format", wanted, "--format", f"json={last}")
    said = {
        "csv": f"error: cannot write `{lost}`: no such file or directory",
        "table": "error: cannot write the output: no space left on device",
        "html": "the result is missing as `--format html`",
    }[first]
    assert said in done.err
    assert done.code == (ExitCode.INTERNAL if first == "html" else ExitCode.USAGE)
    assert json.loads(last.read_text())["schema"] == "migaudit/scan/1"
    assert "s3cret" not in done.err


def test_all_outputs_that_fail_are_named() -> None:
    def show(one: Output) -> None:
        if one.form == "table":
            raise BrokenPipeError
        if one.form != "sarif":
            raise UsageFailed(f"cannot write `{one.form}`")
        shown.append(one.form)

    shown: list[str] = []
    with pytest.raises(CommandFailed) as failed:
        show_each(map(Output, ("table", "json", "sarif", "csv")), show)
    assert (failed.value.code, failed.value.text) == (ExitCode.USAGE, "cannot write `json`\ncannot write `csv`")
    assert shown == ["sarif"]
    with pytest.raises(BrokenPipeError):
        show_each(map(Output, ("table", "sarif")), show)
    assert shown == ["sarif", "sarif"]


def test_completion_offers_the_formats(migaudit: Run) -> None:
    assert migaudit("scan", "--help").out.count("FORMAT[=FILE]") == 1
    offered = OutputParameter().shell_complete(click.Context(click.Command("scan")), click.Option(["--format"]), "js")
    assert [item.value for item in offered] == ["json", "jsonl"]


def test_without_the_models_ocsf_is_refused_before_the_scan(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.delitem(sys.modules, "py_ocsf_models", raising=False)
    with pytest.raises(ExtraMissing, match=r"pip install '\.\[ocsf\]'"):
        outputs([Output("ocsf")], None, {})
