"""`--severity` and `--show`, in every command that prints findings in a terminal, with the same words."""

import json
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from jsonschema import Draft202012Validator

from auditor.cli.exit_codes import ExitCode
from auditor.cli.main import cli
from auditor.cli.shown_part import severity_option, show_option
from tests.cli.running import Run

ROOT = Path(__file__).parents[2]
CAPTURE = ROOT / "docs" / "examples" / "portal.har"


def commands(group: click.Command, name: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    """Every command below a group, by its words."""
    if isinstance(group, click.Group):
        context = click.Context(group)
        for word in group.list_commands(context):
            if (below := group.get_command(context, word)) is not None:
                yield from commands(below, (*name, word))
    else:
        yield " ".join(name), group


def test_every_command_whose_findings_fail_a_build_shows_a_part_of_them() -> None:
    @severity_option
    @show_option
    def words(**_: object) -> None:
        """A command with both options."""

    meant = {one.name: (one.help, one.metavar) for one in words.__click_params__}  # type: ignore[attr-defined]  # click's
    failing = {name: one for name, one in commands(cli) if any(it.name == "fail_on" for it in one.params)}
    assert {"scan", "readiness", "diff", "snapshot diff", "fleet run", "fleet diff"} <= failing.keys()
    assert any(name.startswith("har") for name in failing)
    for name, command in failing.items():
        offered = {it.name: (it.help, it.metavar) for it in command.params if isinstance(it, click.Option)}
        assert {key: offered.get(key) for key in meant} == meant, name


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory, fixtures: Path) -> tuple[Path, Path]:
    """The JSON results of two scans of one tenant, the second with another account."""
    from click.testing import CliRunner

    folder = tmp_path_factory.mktemp("results")
    for name, account in (("old", "meganb@contoso.com"), ("new", "isaiahl@contoso.com")):
        words = ["scan", "--snapshot", str(fixtures / "contoso.yaml"), "-a", account, "--all-verdicts", "-q"]
        done = CliRunner().invoke(cli, [*words, "--format", f"json={folder / name}.json", "--fail-on", "never"])
        assert done.exit_code == 0, done.output
    return folder / "old.json", folder / "new.json"


def asked(command: str, fixtures: Path, results: tuple[Path, Path]) -> tuple[object, ...]:
    return {
        "har": ("har", CAPTURE),
        "readiness": ("readiness", "--snapshot", fixtures / "contoso.yaml"),
        "diff": ("diff", *results),
    }[command]


@pytest.mark.parametrize(
    ("command", "text", "has", "lacks"),
    [
        ("har", "call-access-refused", "AuthorizationFailed: the account may not do this here", "call-throttled"),
        ("har", "toomanyrequests", "call-throttled, low", "call-access-refused"),
        ("readiness", "discovery-stale", "  where  pilotvm018e21site", "machines-not-ready"),
        ("readiness", "contoso-dc-exit", "  where  dc-exit-wave7", "pilotvm018e21site"),
        ("diff", "isaiahl@contoso.com", "  where  isaiahl@contoso.com", "meganb@contoso.com"),
        ("diff", "contoso-lab", "  where  isaiahl@contoso.com → contoso-lab", "branchhv02"),
    ],
)
def test_a_part_is_shown_with_what_there_is_to_say(
    migaudit: Run, fixtures: Path, results: tuple[Path, Path], command: str, text: str, has: str, lacks: str
) -> None:
    whole = migaudit(*asked(command, fixtures, results))
    done = migaudit(*asked(command, fixtures, results), "--show", text)
    assert done.code == whole.code
    assert has in done.out
    assert lacks not in done.out


@pytest.mark.parametrize("command", ["har", "readiness", "diff"])
def test_a_name_that_nothing_has_is_an_error_after_the_rest(
    migaudit: Run, fixtures: Path, results: tuple[Path, Path], command: str
) -> None:
    done = migaudit(*asked(command, fixtures, results), "--show", "xyzzy")
    assert (done.code, done.out) == (ExitCode.USAGE, "")
    assert "error: `--show xyzzy`: no finding has this rule, error, name or id" in done.err


@pytest.mark.parametrize("command", ["har", "readiness", "diff"])
def test_it_is_refused_where_nothing_for_a_terminal_is_written(
    migaudit: Run, fixtures: Path, results: tuple[Path, Path], command: str
) -> None:
    done = migaudit(*asked(command, fixtures, results), "--show", "x", "--format", "json")
    assert (done.code, done.out) == (ExitCode.USAGE, "")
    assert "`--show` chooses what the table shows" in done.err


@pytest.mark.parametrize(("command", "schema"), [("har", "scan-1"), ("readiness", "readiness-1"), ("diff", "diff-1")])
def test_what_is_less_severe_is_left_out_and_counted_in_every_format_and_the_exit_code_is_the_same(
    migaudit: Run, fixtures: Path, results: tuple[Path, Path], command: str, schema: str
) -> None:
    words = (*asked(command, fixtures, results), "--fail-on", "low")
    whole, text = migaudit(*words), migaudit(*words, "--severity", "critical")
    assert whole.code == text.code == ExitCode.FINDINGS
    assert "left out as less severe than critical: " in " ".join(text.out.split())
    document = json.loads(migaudit(*words, "--severity", "critical", "--format", "json").out)
    Draft202012Validator(json.loads((ROOT / "docs" / "schemas" / f"{schema}.json").read_text())).validate(document)
    assert document["left_out"]["below"] == "critical"
    assert document["changes" if command == "diff" else "findings"] == []
    everything = json.loads(migaudit(*words, "--severity", "info", "--format", "json").out)
    assert sum(number for number in everything["left_out"].values() if isinstance(number, int)) == 0
