"""`har FILE` and `har scrub FILE`: one word, two commands."""

import json
from pathlib import Path
from typing import Any

import pytest

from auditor.cli.har import command
from tests.cli.running import Run


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("portal.har", "scrub", "calls"):
        (tmp_path / name).write_text(json.dumps({"log": {"entries": []}}))
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "called", "file"),
    [
        (("portal.har",), "calls", "portal.har"),
        (("-q", "portal.har"), "calls", "portal.har"),
        (("calls",), "calls", "calls"),
        (("./scrub",), "calls", "scrub"),
        (("scrub", "portal.har", "--output", "x"), "scrub", "portal.har"),
        (("--quiet", "scrub", "portal.har", "--output", "x"), "scrub", "portal.har"),
    ],
)
def test_the_first_word_is_a_file_unless_it_is_scrub(
    arguments: tuple[str, ...], called: str, file: str, folder: Path, migaudit: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[tuple[str, Path]] = []
    for one in command.har.commands.values():

        def note(name: str = str(one.name), **options: Any) -> None:
            given.append((name, options["file"]))

        monkeypatch.setattr(one, "callback", note)
    assert migaudit("har", *arguments).code == 0
    assert given == [(called, Path(file))]


def test_errors_of_usage_name_the_command_as_it_is_called(migaudit: Run, folder: Path) -> None:
    done = migaudit("har", "portal.har", "--nothing")
    assert done.code == 2
    assert "see `migaudit har --help`" in done.err
    assert "missing argument 'FILE'" in migaudit("har").err


def test_files_and_scrub_are_completed() -> None:
    har = command.har
    with har.make_context("har", [], resilient_parsing=True) as context:
        found = har.shell_complete(context, "sc")
    assert [(one.value, one.type) for one in found] == [("scrub", "plain"), ("sc", "file")]
