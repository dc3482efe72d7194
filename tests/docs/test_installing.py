"""The installation commands in the documentation: they work as printed and take no foreign package from an index."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path

import pytest

from scripts.dist import build
from tests.docs.install_commands import taken
from tests.scripts.package_index import Index

TOP = Path(__file__).resolve().parents[2]
TEXTS = [
    path
    for pattern in (
        "*.md",
        "docs/**/*.md",
        "auditor/**/*.py",
        "rules/**/*.yaml",
        "ci/**/*",
        "*.yml",
        "Containerfile",
        ".github/**/*",
    )
    for path in sorted(TOP.glob(pattern))
    if path.is_file()
]
IN_ITS_OWN = {
    "~/.migaudit/bin/python -m pip",
    r"$HOME\.migaudit\Scripts\python -m pip",
    "$RUNNER_TEMP/publish/bin/python -m pip",
    "/opt/migaudit/bin/python -I -m pip",
    "docker",
    "python -m pip",
    "pipx",
    "uv tool",
    "uvx",
}
"""Ways to install that leave the system's Python alone; `python -m pip` is for the environment that a text names."""


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: str(path.relative_to(TOP)))
def test_nothing_is_installed_into_the_system_or_by_a_name_that_is_not_ours(path: Path) -> None:
    for one in taken(path.read_text(encoding="utf-8")):
        assert one.tool in IN_ITS_OWN
        assert one.foreign == ()


def test_there_is_something_to_look_at() -> None:
    found = [one for path in TEXTS for one in taken(path.read_text(encoding="utf-8"))]
    assert {one.tool for one in found} == IN_ITS_OWN


@pytest.mark.parametrize(
    ("command", "foreign"),
    [
        ("pip install 'migaudit[ocsf]'", ("'migaudit[ocsf]'",)),
        ("run `pip install migaudit`, then", ("migaudit",)),
        ("python3 -m pip download --dest x migaudit==1", ("migaudit==1",)),
        ("pipx run migaudit scan", ("migaudit",)),
        ("uvx migaudit@latest scan --demo", ("migaudit@latest",)),
        ("uvx --from migaudit audit", ("migaudit",)),
        ("uv tool install --reinstall \\\n    migaudit", ("migaudit",)),
        ("uv add . migaudit", ("migaudit",)),
        ("npx migaudit", ("migaudit",)),
        ("docker run --rm contoso/migaudit scan", ("contoso/migaudit",)),
        ("az extension add migaudit", ("migaudit",)),
        ("uv tool install --index $INDEX migaudit", ()),
        ("pipx install 'dist/migaudit-0.1.0-py3-none-any.whl[xlsx]'", ()),
        ('uvx --from "git+$REPOSITORY" migaudit', ()),
        ("pipx install .", ()),
        ("podman run --rm --tmpfs /tmp localhost/migaudit scan --demo", ()),
        ("with `pipx`, `uv tool` and `uvx`", ()),
    ],
)
def test_what_a_stranger_could_register_is_found(command: str, foreign: tuple[str, ...]) -> None:
    assert tuple(name for one in taken(command) for name in one.foreign) == foreign


def blocks(page: str, section: str) -> list[list[str]]:
    """Return the commands of each shell block in a section."""
    text = (TOP / page).read_text(encoding="utf-8").partition(f"## {section}\n")[2].partition("\n## ")[0]
    return [block.splitlines() for block in re.findall(r"```console\n(.*?)```", text, re.DOTALL)]


PLAIN, (EXACT, EXTRA, WHEEL, GIT, INDEX) = (
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


@pytest.mark.conformance
def test_it_runs_from_a_wheel_a_git_address_and_an_own_index(tmp_path: Path) -> None:
    """Needs a network for the package index; the other commands of these blocks are those above with another name."""
    clone, home = tmp_path / "clone", tmp_path / "home"
    shutil.copytree(TOP, clone, ignore=shutil.ignore_patterns(".*", "site", "tests", "dist"))
    home.mkdir()
    _, wheel = build(TOP, clone / "dist")
    index = Index(tmp_path / "index")
    index.add("migaudit", wheel)
    as_own = [line.replace("https://packages.contoso.com/simple", index.url) for line in INDEX]
    script = [
        "set -e",
        f"git init -q; git remote add origin {clone.as_uri()}; git add .",
        "git -c user.name=x -c user.email=x@contoso.com commit -qm x",
        *(GIT[0], GIT[1].replace("scan --demo --fail-on never", "--version"), as_own[0], as_own[1]),
        as_own[2].replace("scan --demo --fail-on never", "rules list"),
        WHEEL[3].replace("uvx ", "uvx --offline "),
    ]
    tools = tmp_path / "tools"
    tools.mkdir()
    for tool in ("uv", "uvx"):
        (tools / tool).symlink_to(Path(sys.prefix) / "bin" / tool)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("UV_", "XDG_", "PYTHON"))}
    env = kept | {"HOME": str(home), "PATH": f"{tools}:/usr/bin:/bin", "UV_PYTHON": sys.executable}
    env["UV_CACHE_DIR"] = os.environ.get("UV_CACHE_DIR") or str(Path.home() / ".cache" / "uv")
    ended = subprocess.run(
        ["bash", "-c", "\n".join(script)], cwd=clone, env=env, capture_output=True, encoding="utf-8", check=False
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.startswith("migaudit ")
    assert ended.stdout.count("lists read completely") == 1
    assert (home / ".local" / "bin" / "migaudit").exists()


def version_from_own_index(tmp_path: Path, settings: Mapping[str, str], command: str) -> str:
    """Return the version that pipx takes where a file of settings names an index with a higher version of somebody."""
    own, foreign = Index(tmp_path / "own"), Index(tmp_path / "foreign")
    for index, version in ((own, "0.1.0"), (foreign, "9.0.0")):
        index.publish("migaudit", version, text=f"def main():\n    print('{version}')\n")
    fetched = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(tmp_path), "pip>=26.1"]
    subprocess.run(fetched, check=True, capture_output=True)
    own.add("pip", next(tmp_path.glob("pip-*.whl")))  # which pipx renews from the same index
    conf = tmp_path / ".config" / "pip" / "pip.conf"
    conf.parent.mkdir(parents=True)
    conf.write_text(f"[global]\nextra-index-url = {foreign.url}\n", encoding="utf-8")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PIP", "UV_", "XDG_", "PYTHON"))}
    tools = f"{Path(sys.prefix) / 'bin'}{os.pathsep}/usr/bin:/bin"
    env = {**kept, "PATH": tools, "HOME": str(tmp_path), **settings}
    subprocess.run(["bash", "-ec", command.replace("$INDEX", own.url)], env=env, check=True, capture_output=True)
    installed = str(tmp_path / ".local" / "bin" / "migaudit")
    return subprocess.run([installed], env=env, check=True, capture_output=True, encoding="utf-8").stdout.strip()


@pytest.mark.conformance
@pytest.mark.parametrize("backend", ["pip", "uv"])
def test_pipx_takes_it_from_an_own_index_alone(backend: str, tmp_path: Path) -> None:
    """Needs a network for pip, which pipx renews."""
    command = INDEX[3]
    assert "pipx install" in command
    assert version_from_own_index(tmp_path, {"PIPX_DEFAULT_BACKEND": backend}, command) == "0.1.0"


@pytest.mark.conformance
def test_without_its_setting_pipx_would_take_the_package_of_somebody(tmp_path: Path) -> None:
    command = INDEX[3].replace("PIP_CONFIG_FILE=/dev/null ", "")
    assert version_from_own_index(tmp_path, {"PIPX_DEFAULT_BACKEND": "pip"}, command) == "9.0.0"
