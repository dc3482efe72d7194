"""`fleet diff`: folders and files, its screen, its JSON, and its exit code."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from auditor.cli.exit_codes import ExitCode
from tests.audit.compare.test_fleet_comparison import FAILED, done, run
from tests.cli.running import Run
from tests.report.hostile_names import NAMES
from tests.report.steering import STEERING

SCHEMAS = Path(__file__).parents[3] / "docs" / "schemas"


@pytest.fixture
def runs(tmp_path: Path) -> tuple[Path, Path]:
    """Two runs: one saved in a folder, one as a file."""
    folder = tmp_path / "monday"
    folder.mkdir()
    run(tmp_path, "x", calm=done("a"), gone=done("b"), failing=done("c"), back=FAILED)
    (tmp_path / "x.json").rename(folder / "fleet.json")
    return folder, run(tmp_path, "friday", calm=done("a"), failing=FAILED, back=done("d"), fresh=done())


def test_the_screen_says_what_is_new_and_what_is_no_longer_known(
    migaudit: Run, runs: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    told = migaudit("fleet", "diff", *runs)
    assert told.code == ExitCode.FINDINGS
    assert told.out.count("TENANT ─") == 4
    rows = told.out.partition("FLEET · 5 tenants")[2].splitlines()[2:]
    assert [(row.split()[:6], row.split()[6]) for row in rows] == [
        (["0", "0", "0", "1", "0", "0"], "calm"),
        (["0", "0", "1", "0", "0", "0"], "failing"),
        (["1", "0", "0", "0", "0", "0"], "back"),
        (["0", "0", "0", "0", "0", "0"], "fresh"),
        (["0", "0", "1", "0", "0", "0"], "gone"),
    ]
    assert "could not sign in" in told.out
    assert "error: by the new run 2 of 5 tenants were not read: `failing`, `gone`; what was found" in told.err


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (done("a"), done("a"), ExitCode.CLEAN),
        (done("a"), done(), ExitCode.CLEAN),
        (done("a"), FAILED, ExitCode.UNDECIDED),
        (done(), FAILED, ExitCode.UNDECIDED),
        (FAILED, FAILED, ExitCode.UNDECIDED),
        (done("a"), None, ExitCode.UNDECIDED),
        (FAILED, done(), ExitCode.CLEAN),
        (None, done(), ExitCode.CLEAN),
    ],
)
@pytest.mark.parametrize("fail_on", ["high", "never"])
def test_a_tenant_that_was_not_read_is_never_fine(
    migaudit: Run,
    tmp_path: Path,
    old: dict[str, Any] | None,
    new: dict[str, Any] | None,
    code: ExitCode,
    fail_on: str,
) -> None:
    first, second = (
        run(tmp_path, name, calm=done("b"), **({} if one is None else {"other": one}))
        for name, one in (("old", old), ("new", new))
    )
    told = migaudit("fleet", "diff", first, second, "--fail-on", fail_on)
    assert told.code == code
    assert ("`other`" in told.err) is (code is ExitCode.UNDECIDED)


def test_the_json_keeps_to_its_schema(migaudit: Run, runs: tuple[Path, Path]) -> None:
    document = json.loads(migaudit("fleet", "diff", *runs, "--format", "json").out)
    schemas = [json.loads(file.read_text()) for file in SCHEMAS.glob("*.json")]
    known: Registry[Any] = Registry().with_resources((one["$id"], Resource.from_contents(one)) for one in schemas)
    [schema] = [one for one in schemas if one["$id"] == "migaudit/fleet-diff/1"]
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema, registry=known).validate(document)
    assert [(one["name"], one["fate"]) for one in document["tenants"]] == [
        ("calm", "compared"),
        ("failing", "failed"),
        ("back", "failed_before"),
        ("fresh", "added"),
        ("gone", "lost"),
    ]


def test_no_name_steers(migaudit: Run, tmp_path: Path) -> None:
    named: Callable[[str], Path] = lambda name: run(  # noqa: E731 - one expression
        tmp_path, name, **{text: done(text) | ({} if name == "old" else FAILED) for text in NAMES}
    )
    told = migaudit("fleet", "diff", named("old"), named("new"), "--verbose")
    assert not STEERING.search(told.out)


def test_a_folder_without_a_result_is_refused(migaudit: Run, runs: tuple[Path, Path], tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    told = migaudit("fleet", "diff", empty, runs[1])
    assert (told.code, told.out) == (ExitCode.USAGE, "")
    assert f"`{empty}` holds no `fleet.json`" in told.err
