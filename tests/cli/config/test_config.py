"""`migaudit.toml`, the variables, and what `migaudit config show` says of them."""

import json
import os
from pathlib import Path

import click
import pytest
from jsonschema import Draft202012Validator

from auditor.cli.config.option_names import key_of, presettable
from auditor.cli.main import cli
from tests.cli.running import Run

SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "schemas" / "config-1.json").read_text())


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own to stand in, and no variables of ours."""
    for name in list(os.environ):
        if name.startswith("MIGAUDIT_"):
            monkeypatch.delenv(name)
    (tmp_path / "deep" / "er").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "deep" / "er")
    return tmp_path


def options(migaudit: Run, *words: str) -> dict[tuple[str, str], tuple[object, str, str | None]]:
    done = migaudit("config", "show", *words, "--format", "json")
    assert done.code == 0, done.err
    document = json.loads(done.out)
    Draft202012Validator(SCHEMA).validate(document)
    return {(one["command"], one["option"]): (one["value"], one["source"], one["where"]) for one in document["options"]}


def test_the_nearest_file_above_sets_defaults(migaudit: Run, folder: Path) -> None:
    (folder / "migaudit.toml").write_text('fail-on = "low"\n')
    near = folder / "deep" / "migaudit.toml"
    near.write_text('fail-on = "never"\n[scan]\naccount = ["a", "b"]\nstrict = true\nconcurrency = 3\n')
    found = options(migaudit, "scan")
    assert found["scan", "fail-on"] == ("never", "file", str(near))
    assert found["scan", "account"] == (["a", "b"], "file", str(near))
    assert found["scan", "strict"] == (True, "file", str(near))
    assert found["scan", "concurrency"][1:] == ("file", str(near))
    assert found["scan", "auth"] == ("default", "default", None)


def test_a_command_line_beats_a_variable_beats_the_file(
    migaudit: Run, folder: Path, fixtures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = fixtures / "contoso.yaml"
    scan = ("scan", "--snapshot", world, "--rule", "appliance-certificate-expired", "-q")
    assert migaudit(*scan).code == 1
    (folder / "migaudit.toml").write_text('[scan]\nfail-on = "never"\n')
    assert migaudit(*scan).code == 0
    monkeypatch.setenv("MIGAUDIT_FAIL_ON", "low")
    assert migaudit(*scan).code == 1
    monkeypatch.setenv("MIGAUDIT_SCAN_FAIL_ON", "never")
    assert migaudit(*scan).code == 0
    assert migaudit(*scan, "--fail-on", "low").code == 1
    assert options(migaudit)["scan", "fail-on"] == ("never", "environment", "MIGAUDIT_SCAN_FAIL_ON")
    assert options(migaudit)["diff", "fail-on"] == ("low", "environment", "MIGAUDIT_FAIL_ON")


def test_flags_may_be_set_by_variables(migaudit: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIGAUDIT_SCAN_STRICT", "1")
    monkeypatch.setenv("MIGAUDIT_QUIET", "true")
    found = options(migaudit)
    assert found["scan", "strict"] == (True, "environment", "MIGAUDIT_SCAN_STRICT")
    assert found["cleanup plan", "quiet"] == (True, "environment", "MIGAUDIT_QUIET")


def test_every_option_has_a_variable_and_a_key_except_confirmations() -> None:
    context = click.Context(cli)

    def walk(command: click.Command) -> None:
        if isinstance(command, click.Group):
            for name in command.list_commands(context):
                below = command.get_command(context, name)
                assert below is not None
                walk(below)
            return
        for option in command.params:
            if isinstance(option, click.Option):
                settable = key_of(option) in dict(presettable(command))
                assert settable is (key_of(option) not in {"yes", "config", "help", "version"})
                assert settable is bool(option.envvar)

    walk(cli)


def test_a_file_may_be_named(migaudit: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "migaudit.toml").write_text("strict = true\n")
    named = folder / "other.toml"
    named.write_text('cloud = "https://arm.contoso.local"\n[cleanup.plan]\nall = true\n')
    done = migaudit("--config", named, "config", "show")
    assert "https://arm.contoso.local" in done.out
    assert f"file: {named}" in " ".join(done.out.split())
    assert "migaudit cleanup plan" in done.out
    monkeypatch.setenv("MIGAUDIT_CONFIG", str(named))
    assert options(migaudit)["cleanup plan", "all"] == (True, "file", str(named))
    assert migaudit("--config", folder / "none.toml", "config", "show").code == 2


def test_paths_are_relative_to_the_file(migaudit: Run, folder: Path) -> None:
    (folder / "accepted.yaml").write_text("suppressions: []\n")
    (folder / "migaudit.toml").write_text('[scan]\nsuppress = "accepted.yaml"\noutput = "out.json"\n')
    assert options(migaudit, "scan")["scan", "suppress"][0] == str(folder / "accepted.yaml")


def test_without_a_file_every_option_has_its_default(migaudit: Run) -> None:
    done = migaudit("config", "show")
    assert (done.code, done.out) == (0, "file: none found\nevery option has its default\n")
    shown = migaudit("config", "show", "scan").out
    assert "--fail-on" in shown
    assert "environment" not in shown


def test_a_top_level_value_is_for_the_commands_that_take_it(migaudit: Run, folder: Path) -> None:
    (folder / "migaudit.toml").write_text('format = "sarif"\n')
    found = options(migaudit)
    assert found["scan", "format"][0] == ["sarif"]
    assert ("can", "format") not in found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("scan = 3", ":1: `scan` is a command: write its options below `[scan]`"),
        ("fail-onn = 1", ":1: no such option or command: `fail-onn`; did you mean `fail-on`"),
        ("\n[scan]\nacount = 'x'", ":3: no such option of `scan`: `acount`; did you mean `account`"),
        ("[scn]\nall = true", ":1: no such option or command: `scn`; did you mean `scan`"),
        ("[cleanup.plon]\nall = true", ":1: no such option of `cleanup`: `plon`; did you mean `plan`"),
        ("[scan]\nfail-on = 'hihg'", ":2: `fail-on`: 'hihg' is not one of"),
        ("fail-on = 'hihg'", ":1: `fail-on`: 'hihg' is not one of"),
        ("[scan]\nstrict = 'yes'", ":2: `strict` is true or false"),
        ("[scan]\nproject = true", ":2: `project` is not true or false"),
        ("[scan]\nproject = ['a']", ":2: `project` takes one value"),
        ("[scan]\naccount = [['a']]", ":2: `account` must be text"),
        ("[scan.account]\nx = 1", ":1: `account` takes one value"),
        ("[scan]\nconcurrency = 9000", ":2: `concurrency`: 9000 is not in the range"),
        ("[scan]\nsnapshot = 'none.yaml'", ":2: `snapshot`: "),
        ("[cleanup.apply]\nyes = true", ":2: no such option of `cleanup apply`: `yes`"),
        (
            "cloud = 'https://evil.example'",
            ":1: the address of a cloud is accepted only in a file named with `--config`",
        ),
        (
            "[fleet.run]\nscheduler = 'tcp://evil.example:8786'",
            ":2: a scheduler is accepted only in a file named with `--config`",
        ),
        ("[fleet.run]\nsave = '/tmp/x'", "is outside this folder"),
        ("[scan]\nresume = '/tmp/x'", "is outside this folder"),
        ("[scan]\noutput = '../../x'", "is outside this folder"),
        ("[scan]\nformat = ['html=/tmp/x.html']", "is outside this folder"),
        ("[scan", "not TOML: "),
        ("x = " + "[" * 50_000, "not TOML: "),
        ("x = '\x00'", "not TOML: "),
    ],
)
def test_a_slip_is_a_usage_error_with_its_place(migaudit: Run, folder: Path, text: str, said: str) -> None:
    path = folder / "migaudit.toml"
    path.write_text(text)
    done = migaudit("config", "show")
    assert done.code == 2
    assert str(path) in done.err
    assert said in done.err
    assert done.out == ""


@pytest.mark.parametrize(("content", "said"), [(b"\xff = 1", "is not UTF-8"), (b"#" * 300_000, "larger than 256 KiB")])
def test_what_is_no_text_is_refused(migaudit: Run, folder: Path, content: bytes, said: str) -> None:
    (folder / "migaudit.toml").write_bytes(content)
    done = migaudit("rules", "list")
    assert done.code == 2
    assert said in done.err


def test_an_unknown_command_gets_the_nearest(migaudit: Run) -> None:
    done = migaudit("config", "show", "cleanup", "plon")
    assert done.code == 2
    assert "no such command: `cleanup plon`; did you mean `cleanup plan`" in done.err


def test_verbose_says_which_file_was_used(migaudit: Run, folder: Path) -> None:
    (folder / "migaudit.toml").write_text("")
    done = migaudit("-v", "config", "show")
    assert f"defaults from `{folder / 'migaudit.toml'}`" in done.err


def test_the_demo_is_of_no_environment_that_is_preset(
    migaudit: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "migaudit.toml").write_text(
        'subscription = ["x"]\naccount = ["ada@contoso.com"]\nproject = "y"\nauth = "cli"\ntenant = "contoso.com"\n'
    )
    monkeypatch.setenv("MIGAUDIT_CLOUD", "https://127.0.0.1:9")
    done = migaudit("preflight", "--demo", "--step", "register", "--format", "json")
    assert json.loads(done.out)["account"]["name"] == "pradeepg@contoso.com"
    refused = migaudit("preflight", "--demo", "--cloud", "AzureUSGovernment")
    assert (refused.code, refused.out) == (2, "")
    assert "leave out `--cloud`" in refused.err


@pytest.mark.parametrize(
    ("preset", "given"), [("all = true", ("--subscription", "x")), ('subscription = ["x"]', ("--all",))]
)
def test_a_scope_on_the_command_line_replaces_the_one_that_is_preset(
    migaudit: Run, folder: Path, preset: str, given: tuple[str, ...]
) -> None:
    (folder / "migaudit.toml").write_text(f"{preset}\n")
    done = migaudit("scan", *given, "--auth", "environment")
    assert done.code == 3, done.err
    assert "could not sign in" in done.err
