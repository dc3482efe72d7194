"""`--quiet`: on stdout the result, on stderr nothing, whatever the command."""

from pathlib import Path

import pytest

from tests.cli.running import Run

TOP = Path(__file__).parents[2]
EXAMPLES = TOP / "docs" / "examples"
WORLD = ("--snapshot", TOP / "fixtures" / "fabrikam.yaml")
SUBSCRIPTION = "/subscriptions/5fab0001-91e4-4a7c-b035-fab0b1c00001"


@pytest.mark.parametrize(
    "command",
    [
        ("scan", *WORLD),
        ("scan", *WORLD, "--severity", "high"),
        ("scan", "--snapshot", TOP / "fixtures" / "tailspin.yaml", "--suppress", EXAMPLES / "accepted.yaml"),
        ("scan", "--demo", "--rule", "account-cannot-register"),
        ("preflight", *WORLD, "--project", "fabrikam-exit"),
        ("who-can", *WORLD, "--action", "Microsoft.Migrate/migrateProjects/write", "--scope", SUBSCRIPTION),
        ("why", *WORLD, "60052"),
        ("explain", "60052"),
        ("har", EXAMPLES / "portal.har"),
        ("readiness", *WORLD),
        ("rules", "list"),
        ("snapshot", "show", WORLD[1]),
        ("permissions",),
        ("diff", EXAMPLES / "monday.json", EXAMPLES / "friday.json"),
        ("cleanup", "plan", *WORLD),
        ("--config", EXAMPLES / "migaudit.toml", "config", "show"),
    ],
    ids=lambda command: " ".join(str(word) for word in command[:2]),
)
def test_nothing_but_the_result_is_said(migaudit: Run, command: tuple[str | Path, ...]) -> None:
    done, loud = migaudit(*command, "--quiet"), migaudit(*command)
    assert done.err == ""
    assert done.code == loud.code
    assert done.out
    assert done.out in loud.out or set(done.out.splitlines()) <= set(loud.out.splitlines())


@pytest.mark.parametrize("form", ["table", "json"])
def test_a_file_is_written_without_a_word(migaudit: Run, tmp_path: Path, form: str) -> None:
    done = migaudit("scan", *WORLD, "--format", f"{form}={tmp_path / 'out'}", "--quiet")
    assert (done.out, done.err) == ("", "")
    assert (tmp_path / "out").read_text()


def test_no_further_command_is_named(migaudit: Run) -> None:
    text = migaudit("scan", *WORLD, "--quiet").out
    assert "migaudit scan" not in text
    assert "migaudit scan" in migaudit("scan", *WORLD).out
    assert sum("in order" in line for line in text.splitlines()) == 1
