"""The installation commands in the documentation: they work as printed and take no foreign package from an index."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
TEXTS = [TOP / "README.md", TOP / "CONTRIBUTING.md", *(TOP / "docs").rglob("*.md"), *(TOP / "auditor").rglob("*.py")]
INSTALLS = re.compile(r"(?P<tool>\S+(?: -m pip)?|pipx|uv tool) install (?P<what>[^`\n]*)")
IN_ITS_OWN = {
    "~/.migaudit/bin/python -m pip",
    r"$HOME\.migaudit\Scripts\python -m pip",
    "python -m pip",
    "pipx",
    "uv tool",
}
"""Ways to install that leave the system's Python alone; the third is for the environment that a text names."""


def installs(text: str) -> Iterator[tuple[str, str]]:
    """Yield the tool and the arguments of each command in a text that installs a Python package."""
    for found in INSTALLS.finditer(text):
        tool = found["tool"].strip("`'\"")
        if tool.endswith(("pip", "pip3", "pipx", "tool")):
            yield ("uv tool" if tool == "tool" else tool), found["what"].partition("  #")[0].strip()


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: str(path.relative_to(TOP)))
def test_nothing_is_installed_into_the_system_or_by_a_name_that_is_not_ours(path: Path) -> None:
    for tool, what in installs(path.read_text(encoding="utf-8")):
        assert tool in IN_ITS_OWN
        words = what.split()
        named = [
            word
            for before, word in zip(["", *words], words, strict=False)
            if not word.startswith("-") and before != "-r"
        ]
        assert named in ([], ["."], ["'.[fleet]'"], ["'.[ocsf]'"], ["'.[xlsx]'"])


def test_there_is_something_to_look_at() -> None:
    found = [one for path in TEXTS for one in installs(path.read_text(encoding="utf-8"))]
    assert {tool for tool, _ in found} == IN_ITS_OWN
    assert list(installs("`pip install 'migaudit[ocsf]'`")) == [("pip", "'migaudit[ocsf]'")]


def blocks(page: str, section: str) -> list[list[str]]:
    """Return the commands of each shell block in a section."""
    text = (TOP / page).read_text(encoding="utf-8").partition(f"## {section}\n")[2].partition("\n## ")[0]
    return [block.splitlines() for block in re.findall(r"```console\n(.*?)```", text, re.DOTALL)]


PLAIN, (EXACT, EXTRA) = (
    blocks("README.md", "Your own environment")[0],
    blocks("docs/getting-started.md", "Install it")[1:],
)
WAYS = {
    "pip": ([PLAIN[0], EXTRA[0]], True),
    "pipx": ([PLAIN[1], EXTRA[1]], True),
    "uv": ([PLAIN[2], EXTRA[2]], True),
    "pip, the exact versions": (EXACT, False),
}
"""The commands of each way to install, and whether they include the extra."""


def system_python() -> str:
    """Return an externally managed Python, as on Debian, if there is one; otherwise the one that runs the tests."""
    ask = "import sysconfig; print(sysconfig.get_path('stdlib'))"
    for python in ("/usr/bin/python3", "/usr/bin/python3.11", "/usr/bin/python3.13"):
        if Path(python).exists():
            said = subprocess.run([python, "-I", "-c", ask], capture_output=True, encoding="utf-8", check=True).stdout
            if Path(said.strip(), "EXTERNALLY-MANAGED").exists():
                return python
    return str(Path(sysconfig.get_config_var("BINDIR"), f"python{sys.version_info.major}.{sys.version_info.minor}"))


@pytest.mark.conformance
@pytest.mark.parametrize(("commands", "with_extra"), WAYS.values(), ids=WAYS)
def test_it_installs_as_printed_and_the_command_runs(commands: list[str], with_extra: bool, tmp_path: Path) -> None:
    """Needs a network for the package index; the clone is a copy and the home folder is empty."""
    clone, home, tools = tmp_path / "clone", tmp_path / "home", tmp_path / "tools"
    shutil.copytree(TOP, clone, ignore=shutil.ignore_patterns(".*", "site", "tests"))
    home.mkdir()
    tools.mkdir()
    (tools / "python3").symlink_to(system_python())
    for tool in ("pipx", "uv"):
        (tools / tool).symlink_to(Path(sys.prefix) / "bin" / tool)
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("PIPX_", "UV_", "XDG_", "PYTHON"))
    }
    settings = {"HOME": str(home), "PATH": f"{tools}:/usr/bin:/bin", "PIP_NO_COMPILE": "1"}
    script = "\n".join(["set -e", *commands])
    ended = subprocess.run(
        ["bash", "-c", script], cwd=clone, env=kept | settings, capture_output=True, encoding="utf-8", check=False
    )
    assert ended.returncode == 0, ended.stderr
    (command,) = {*home.glob(".migaudit/bin/migaudit"), *home.glob(".local/bin/migaudit")}
    form = ("--format", "ocsf" if with_extra else "json")
    scan = [str(command), "scan", "--demo", "--error", "60052", "--fail-on", "never", *form]
    shown = subprocess.run(
        scan, cwd=home, env=kept | settings, capture_output=True, encoding="utf-8", check=True
    ).stdout
    assert "60052" in shown
