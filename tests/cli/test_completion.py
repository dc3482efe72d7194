"""Completion: the scripts, and what they ask the command for."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.running import Run

TOP = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("shell", "has"),
    [
        ("bash", "complete -o nosort -F _migaudit_completion migaudit"),
        ("zsh", "#compdef migaudit"),
        ("fish", "complete --no-files --command migaudit"),
        ("powershell", "Register-ArgumentCompleter -Native -CommandName migaudit"),
    ],
)
def test_each_shell_has_its_script(migaudit: Run, shell: str, has: str) -> None:
    done = migaudit("completion", shell)
    assert done.code == 0
    assert has in done.out
    assert f"{shell}_complete" in done.out


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_that_is_here_takes_its_script(migaudit: Run, tmp_path: Path, shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    script = tmp_path / "completion"
    script.write_text(migaudit("completion", shell).out)
    assert subprocess.run([shell, "-n", str(script)], capture_output=True, check=False, timeout=60).returncode == 0


def test_an_unknown_shell_is_a_usage_error(migaudit: Run) -> None:
    done = migaudit("completion", "tcsh")
    assert done.code == 2
    assert "'tcsh' is not one of 'bash', 'zsh', 'fish', 'powershell'" in done.err


@pytest.mark.parametrize(
    ("instruction", "words", "current", "expected"),
    [
        ("bash_complete", "migaudit sna", "1", ["plain,snapshot"]),
        ("bash_complete", "migaudit scan --fail-on cr", "3", ["plain,critical"]),
        ("bash_complete", "migaudit cleanup pl", "2", ["plain,plan"]),
        (
            "powershell_complete",
            "migaudit",
            "sna",
            ["plain\tsnapshot\tShow, compare, redact, convert or export a saved snapshot"],
        ),
        ("powershell_complete", "migaudit\nscan\n'--fail-on'", '"cr"', ["plain\tcritical\t"]),
        ("powershell_complete", "migaudit\nscan", "--strict", ["plain\t--strict\tExit with 4 when nothing fails"]),
    ],
)
def test_what_a_shell_gets(process: Run, instruction: str, words: str, current: str, expected: list[str]) -> None:
    asked = {"_MIGAUDIT_COMPLETE": instruction, "COMP_WORDS": words, "COMP_CWORD": current}
    done = process(env=asked)
    lines = done.out.splitlines()
    assert len(lines) == len(expected)
    assert all(line.startswith(wanted) for line, wanted in zip(lines, expected, strict=True))


SHELL_PATH = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
"""Where a shell finds the command of this very environment."""


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("migaudit sna", ["snapshot\tShow, compare, redact or convert a saved snapshot."]),
        ("migaudit cleanup re", ["restore\tRestore what a plan deleted."]),
        ("migaudit scan --fail-on ", ["critical", "high", "low", "medium", "never"]),
        ("migaudit scan --format sa", ["sarif"]),
        ("migaudit scan --suppress docs/examples/acc", ["docs/examples/accepted.yaml"]),
    ],
)
def test_fish_completes(line: str, offered: list[str]) -> None:
    if shutil.which("fish") is None:
        pytest.skip("fish is not installed")
    done = subprocess.run(
        ["fish", "--no-config", "--command", f"migaudit completion fish | source; complete -C '{line}'"],
        cwd=TOP,
        env={**os.environ, "PATH": SHELL_PATH},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=True,
    )
    assert done.stdout.splitlines() == offered


INTERACTIVE = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], 'eval "$(migaudit completion bash)"'),
    "zsh": (["zsh", "-f", "-i"], 'autoload -Uz compinit; compinit -D -u; eval "$(migaudit completion zsh)"'),
}


@pytest.mark.skipif(sys.platform == "win32", reason="a pseudo-terminal is Unix's")
@pytest.mark.parametrize("shell", INTERACTIVE)
def test_a_tab_completes_in_a_shell_somebody_types_into(shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    from tests.cli.typing_shell import TypingShell

    argv, setup = INTERACTIVE[shell]
    with TypingShell(argv, {**os.environ, "PATH": SHELL_PATH, "TERM": "dumb"}, cwd=TOP) as typing:
        # What is printed is put together by the shell, so that the echo of the line is no sign that it ran.
        typing.send(f"{setup}; echo rea''dy\n")
        typing.wait_for("ready")
        typing.send("migaudit sna\t")
        typing.wait_for("migaudit snapshot ")
        typing.send("sho\t")
        typing.wait_for("show ")
        typing.send("--ver\t")
        typing.wait_for("--verbose")


def test_powershell_reads_its_script(migaudit: Run) -> None:
    """By an outside grammar of PowerShell: a real one is seldom where these tests run."""
    tree_sitter = pytest.importorskip("tree_sitter")
    grammar = pytest.importorskip("tree_sitter_powershell")
    parser = tree_sitter.Parser(tree_sitter.Language(grammar.language()))
    script = migaudit("completion", "powershell").out.encode()
    assert not parser.parse(script).root_node.has_error
    assert parser.parse(script.replace(b"finally {", b"finally")).root_node.has_error


def test_powershell_completes() -> None:
    if shutil.which("pwsh") is None:
        pytest.skip("PowerShell is not installed")
    asked = "(TabExpansion2 'migaudit sna' 12).CompletionMatches.CompletionText"
    script = f"migaudit completion powershell | Out-String | Invoke-Expression; {asked}"
    done = subprocess.run(
        ["pwsh", "-NoProfile", "-NonInteractive", "-Command", script],
        env={**os.environ, "PATH": SHELL_PATH},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=True,
    )
    assert done.stdout.split() == ["snapshot"]


def test_without_a_shell_the_choices_are_named_on_one_line(migaudit: Run) -> None:
    done = migaudit("completion")
    assert done.code == 2
    assert done.err.splitlines()[0].endswith("Choose from: bash, zsh, fish, powershell")
