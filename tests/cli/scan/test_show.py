"""`scan` on one screen, and `scan --show`: a part of it with its details."""

import re
import shlex
from pathlib import Path

import pytest

from auditor.cli.exit_codes import ExitCode
from tests.cli.running import Done, Run


@pytest.fixture
def world(fixtures: Path) -> Path:
    return fixtures / "contoso.yaml"


CAST = ("-a", "meganb@contoso.com", "-a", "isaiahl@contoso.com", "-a", "pradeepg@contoso.com", "--fail-on", "never")
CAST_IN_FULL = tuple("--account" if word == "-a" else word for word in CAST[:-2])


def test_the_whole_environment_of_the_demo_fits_on_about_one_screen(
    migaudit: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    lines = migaudit("scan", "--demo").out.splitlines()
    assert len(lines) <= 60
    assert max(map(len, lines)) <= 100
    assert sum(line.startswith("high ") for line in lines) == 16
    assert any(line.startswith("39 problems (16 high, 6 medium, 17 low) · 11 notes · ") for line in lines[-5:])


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("account-cannot-register", {"isaiahl@contoso.com", "pradeepg@contoso.com"}),
        ("ACCOUNT-CANNOT-REGISTER", {"isaiahl@contoso.com", "pradeepg@contoso.com"}),
        ("60052", {"isaiahl@contoso.com", "contoso-trial", "contoso-lab"}),
        ("pilotvm01", {"pilotvm01"}),
        ("isaiahl@contoso.com", {"isaiahl@contoso.com"}),
        ("a5e70002-6b1c-4d2e-8f30-c0a050000002", {"isaiahl@contoso.com"}),
        ("contoso-lab", {"contoso-lab", "pradeepg@contoso.com"}),
        ("rg-migrate-lab", {"contoso-lab"}),
        ("Contoso Shared Platform", {"contoso-lab"}),
        ("contosobranches7c1dkv", {"contosobranches7c1dkv"}),
    ],
)
def test_a_part_is_shown_with_what_to_do(migaudit: Run, world: Path, text: str, named: set[str]) -> None:
    done = migaudit("scan", "--snapshot", world, *CAST, "--show", text)
    assert done.code == ExitCode.CLEAN
    subjects = {line.split()[1] for line in done.out.splitlines() if line.startswith("  where  ")}
    assert named <= subjects
    assert "  why    " in done.out
    assert "  fix" in done.out
    assert "53 problems (16 high" in done.out


def test_what_is_in_order_is_shown_too(migaudit: Run, world: Path) -> None:
    done = migaudit("scan", "--snapshot", world, "--rule", "workspace-left-behind", "--show", "migrate-contoso-classic")
    assert "✓ workspace-left-behind  migrate-contoso-classic" in done.out
    assert "HIGH" not in done.out


def test_a_rule_without_a_subject_says_so(migaudit: Run, fixtures: Path) -> None:
    rule = ("--rule", "assessment-outdated")
    done = migaudit("scan", "--snapshot", fixtures / "fabrikam.yaml", *rule, "--show", rule[1], "--fail-on", "never")
    assert done.code == ExitCode.CLEAN
    assert f"nothing that the rule `{rule[1]}` is about is in what was read" in done.out


@pytest.mark.parametrize(
    ("text", "suggested"),
    [("contoso-brnches", "`contoso-branches`"), ("isaiah@contoso.com", "`isaiahl@contoso.com`"), ("xyzzy", "")],
)
def test_a_name_that_nothing_has_is_said_with_what_is_near(
    migaudit: Run, world: Path, text: str, suggested: str
) -> None:
    done = migaudit("scan", "--snapshot", world, *CAST, "--show", text)
    assert (done.code, done.out) == (ExitCode.USAGE, "")
    assert f"error: `--show {text}`: no finding has this rule, error, name or id" in done.err
    assert ("did you mean" in done.err) is bool(suggested)
    assert suggested in done.err


def test_the_others_are_shown_where_one_name_is_wrong(migaudit: Run, world: Path) -> None:
    done = migaudit("scan", "--snapshot", world, *CAST, "--show", "xyzzy", "--show", "pilotvm01")
    assert done.code == ExitCode.USAGE
    assert "  where  pilotvm01" in done.out


def test_it_is_refused_where_no_table_is_written(migaudit: Run, world: Path) -> None:
    done = migaudit("scan", "--snapshot", world, "--show", "pilotvm01", "--format", "json")
    assert (done.code, done.out) == (ExitCode.USAGE, "")
    assert "`--show` chooses what the table shows" in done.err


@pytest.fixture
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "400")


def printed(done: Done) -> list[str]:
    """Return the words of the command that shows a problem of the result."""
    (command,) = re.findall(r"(?ms)^migaudit scan .*?--show [\w-]+", done.out)
    return shlex.split(command)


def test_the_command_that_shows_more_is_the_one_that_was_given(migaudit: Run, world: Path, wide: None) -> None:
    part = ("--resource-group", "rg-migrate-pilot", "--error", "60039")
    words = printed(migaudit("scan", "--snapshot", world, "--strict", *CAST, *part))
    assert words[:2] == ["migaudit", "scan"]
    assert sorted(words[2:-2]) == sorted(("--snapshot", str(world), *part, *CAST_IN_FULL))
    again = migaudit(*words[1:])
    assert (again.code, words[-1] in again.out) == (ExitCode.FINDINGS, True)


def test_the_command_that_shows_more_of_a_saved_scan_does_not_read_azure_again(
    migaudit: Run, tmp_path: Path, wide: None
) -> None:
    kept = tmp_path / "kept here.yaml"
    account = ("--account", "isaiahl@contoso.com")
    words = printed(migaudit("scan", "--demo", "--save-snapshot", kept, *account, "--source", "arm"))
    assert words[2:-2] == ["--snapshot", str(kept), *account]
    assert migaudit(*words[1:]).code == ExitCode.FINDINGS
