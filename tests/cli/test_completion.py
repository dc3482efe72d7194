"""Completion: the scripts, and what they ask the command for."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli.running import Run


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
            ["plain\tsnapshot\tShow, compare, redact or convert a saved snapshot"],
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
