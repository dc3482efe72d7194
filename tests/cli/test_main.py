"""The command as a whole: what it imports, how it answers to nonsense, how it ends."""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from auditor import __version__
from auditor.cli.exit_codes import ExitCode
from auditor.cli.failures import _ADVISED, _SCOPE, _UNREADABLE, _USAGE
from auditor.cli.formats import RENDERERS
from auditor.cli.main import COMMANDS, cli, main

HEAVY = {"azure", "msgraph", "aiohttp", "rich", "cel_expr_python", "cryptography", "msgspec", "yaml", "asyncio"}
ROOT = Path(__file__).parents[2]
QUOTED = re.compile(r'"(auditor(?:\.\w+)+(?::\w+)?)[".* ]|-> (auditor(?:\.\w+)+)"')
"""A module of ours that is named in a string, alone or with something in it."""


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "auditor.cli.main", *arguments], capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize("asked", ["--help", "--version"])
def test_help_imports_nothing_heavy(asked: str) -> None:
    code = f"import sys; from auditor.cli.main import main; main([{asked!r}]); print('|'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    loaded = set(done.stdout.splitlines()[-1].split("|"))
    assert "auditor.cli.main" in loaded
    assert not {name.partition(".")[0] for name in loaded} & HEAVY


def test_version() -> None:
    done = run("--version")
    assert (done.returncode, done.stdout) == (0, f"migaudit {__version__}\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["scn"], "no such command: `scn`; did you mean `scan`?"),
        (["--frobnicate"], "no such option"),
        (["scan", "--formt", "json"], "--format"),
        (["scan", "--format", "yaml"], "no such format: `yaml`"),
    ],
)
def test_nonsense_is_a_usage_error(arguments: list[str], said: str) -> None:
    done = run(*arguments)
    assert done.returncode == ExitCode.USAGE
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_without_a_command_the_help_is_shown() -> None:
    done = run()
    assert done.returncode == ExitCode.USAGE
    assert "Commands:" in done.stderr


def commands_below(name: str) -> Iterator[str]:
    command = cli.get_command(click.Context(cli), name)
    yield name
    below = getattr(command, "commands", {})
    yield from (f"{name} {one}" for one in below if not below[one].hidden)


@pytest.mark.parametrize("name", [below for name in COMMANDS for below in commands_below(name)])
def test_every_command_shows_an_example_that_can_be_copied(name: str) -> None:
    shown = CliRunner().invoke(cli, [*name.split(), "--help"], env={"COLUMNS": "80"}, prog_name="migaudit").output
    _, _, example = shown.partition("Example:\n")
    lines = example.rstrip("\n").splitlines()
    assert max(map(len, lines)) <= 80
    assert all(line.endswith(" \\") for line in lines[:-1])
    words = shlex.split(example)
    assert " ".join(words).startswith(f"migaudit {'diff' if name == 'snapshot diff' else name}")
    assert not [line for line in shown.splitlines() if re.search(r"\w-$", line)]


def test_a_command_without_a_name_of_its_own_is_called_by_that_of_its_group() -> None:
    shown = CliRunner().invoke(cli, ["har", "--help"], prog_name="migaudit").output
    assert shown.startswith("Usage: migaudit har [OPTIONS] FILE\n")
    assert "Example:\n    migaudit har portal.har" in shown


def test_an_example_is_for_the_shell_in_use() -> None:
    shown = CliRunner().invoke(cli, ["can", "--shell", "pwsh", "--help"]).output
    assert "--account 'adele@contoso.com' `\n" in shown


@pytest.mark.parametrize("name", list(COMMANDS))
def test_every_command_shows_the_common_options(name: str) -> None:
    shown = CliRunner().invoke(cli, [name, "--help"])
    assert shown.exit_code == 0
    for option in ("--quiet", "--verbose", "--no-color"):
        assert option in shown.output


def test_a_reader_that_leaves_is_no_error(tmp_path: object) -> None:
    code = "import sys; from auditor.cli.main import main; sys.exit(main(['--help']))"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        said = process.stderr.read()
    assert process.returncode == ExitCode.BROKEN_PIPE
    assert said == b""


def test_main_returns_a_code_for_the_caller(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == ExitCode.CLEAN
    assert capsys.readouterr().out == f"migaudit {__version__}\n"


def test_every_module_that_a_string_names_exists() -> None:
    """Commands, renderers, exceptions, data folders and import contracts name modules as text, which nothing checks."""
    sources = (*ROOT.glob("auditor/**/*.py"), *ROOT.glob("scripts/*.py"), ROOT / "pyproject.toml")
    found = {one or other for path in sources for one, other in QUOTED.findall(path.read_text(encoding="utf-8"))}
    known = {*(place for place, _ in COMMANDS.values()), *RENDERERS.values()}
    assert known | {*_USAGE, *_UNREADABLE, *_ADVISED, *_SCOPE} <= found
    for name in sorted(found):
        module, _, attribute = name.partition(":")
        held = import_module(module)
        assert not attribute or hasattr(held, attribute), name


def texts(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield every option that takes a text, after the command that it belongs to."""
    for parameter in command.params:
        if isinstance(parameter, click.Option) and isinstance(parameter.type, click.types.StringParamType):
            yield (*path, parameter.opts[0])
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from texts(below, (*path, name))


@pytest.mark.parametrize("empty", ["", "  "])
def test_no_option_takes_an_empty_text(empty: str) -> None:
    every = list(texts(cli))
    assert {("preflight", "--project"), ("can", "--account"), ("cleanup", "plan", "--subscription")} <= set(every)
    for words in every:
        done = CliRunner().invoke(cli, [*words, empty])
        assert done.exit_code == ExitCode.USAGE, words
        assert f"'{words[-1]}" in done.output
        assert "it is empty" in done.output
