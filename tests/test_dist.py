"""The archives of a release: the same bytes each time, complete, and running away from the checkout."""

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from scripts.dist import NotTheSame, build, check_committed
from tests.ci.container import may_mount

TOP = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return build(TOP, tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="module")
def wheel(archives: tuple[Path, Path]) -> Path:
    return archives[1]


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel unpacked as pip does it, away from the checkout; its dependencies are those of this environment."""
    target = tmp_path_factory.mktemp("installed")
    options = ["--quiet", "--no-deps", "--no-index", "--no-compile", "--target", str(target)]
    install = [sys.executable, "-m", "pip", "install", *options, str(wheel)]
    subprocess.run(install, check=True, capture_output=True)
    return target


def run(installed: Path, *command: str) -> str:
    elsewhere = {**os.environ, "PYTHONPATH": str(installed)}
    return subprocess.run(
        [sys.executable, *command], cwd=installed, env=elsewhere, check=True, capture_output=True, encoding="utf-8"
    ).stdout


def test_the_same_tree_gives_the_same_bytes(
    archives: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In another folder, which is no clone, with another mask, at another time, in another place."""
    tree = tmp_path / "tree"
    left_out = shutil.ignore_patterns(".git", ".venv*", "dist", "site", ".*_cache", ".hypothesis", "__pycache__")
    shutil.copytree(TOP, tree, ignore=left_out, symlinks=True, copy_function=shutil.copy)
    for name, value in {"SOURCE_DATE_EPOCH": "1", "TZ": "Asia/Tokyo", "PYTHONHASHSEED": "7"}.items():
        monkeypatch.setenv(name, value)
    before = os.umask(0o077)
    try:
        again = build(tree, tmp_path / "dist")
    finally:
        os.umask(before)
    assert [path.read_bytes() for path in again] == [path.read_bytes() for path in archives]


def test_a_file_that_is_not_committed_is_told(archives: tuple[Path, Path], tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    with tarfile.open(archives[0]) as archive:
        archive.extractall(tmp_path, filter="data")
    (unpacked,) = tmp_path.glob("migaudit-*")
    for path in unpacked.iterdir():
        path.rename(tmp_path / path.name)
    subprocess.run(["git", "-C", tmp_path, "add", "."], check=True)
    check_committed(tmp_path, archives[0])
    subprocess.run(["git", "-C", tmp_path, "rm", "-q", "--cached", "auditor/data.py"], check=True)
    with pytest.raises(NotTheSame, match=r"not committed, but in the source archive: auditor/data\.py$"):
        check_committed(tmp_path, archives[0])


def test_the_source_archive_holds_what_the_checks_and_the_documentation_need(archives: tuple[Path, Path]) -> None:
    with tarfile.open(archives[0]) as archive:
        held = {name.partition("/")[2].partition("/")[0] for name in archive.getnames()}
    tracked = subprocess.run(["git", "-C", TOP, "ls-files"], capture_output=True, encoding="utf-8", check=True).stdout
    assert {name.partition("/")[0] for name in tracked.splitlines()} - held == {".ci"}


def test_the_wheel_carries_all_data(wheel: Path) -> None:
    carried = set(zipfile.ZipFile(wheel).namelist())
    for kind, pattern in (("rules", "*.yaml"), ("fixtures", "*.yaml"), ("docs/schemas", "*.json")):
        expected = {
            f"auditor/_data/{Path(kind).name}/{path.relative_to(TOP / kind)}" for path in (TOP / kind).rglob(pattern)
        }
        assert expected, f"no {kind} in the checkout"
        assert expected <= carried
    beside = {str(path.relative_to(TOP)) for path in (TOP / "auditor").rglob("*") if path.is_file()}
    assert {name for name in beside if "__pycache__" not in name} <= carried
    assert [name for name in carried if name.endswith("/licenses/LICENSE")]


def test_the_wheel_carries_nothing_that_is_not_the_product(wheel: Path) -> None:
    foreign = [name for name in zipfile.ZipFile(wheel).namelist() if not name.startswith(("auditor/", "migaudit-"))]
    code = [name for name in zipfile.ZipFile(wheel).namelist() if "/_data/" in name and name.endswith(".py")]
    assert foreign == code == []
    assert "auditor/py.typed" in zipfile.ZipFile(wheel).namelist()


def test_the_installed_package_finds_its_own_data(installed: Path) -> None:
    ask = "from auditor import data; print(data.rules_dir(), data.fixtures_dir(), data.schemas_dir(), sep='\\n')"
    data = installed / "auditor" / "_data"
    assert run(installed, "-c", ask).splitlines() == [str(data / name) for name in ("rules", "fixtures", "schemas")]


def test_the_demo_runs_from_the_installed_wheel(installed: Path) -> None:
    shown = run(installed, str(installed / "bin" / "migaudit"), "scan", "--demo", "--fail-on", "never")
    assert "60052" in shown


@pytest.mark.conformance
@pytest.mark.skipif(may_mount(), reason="the steps of the container show the same")
def test_it_runs_in_a_fresh_environment_from_an_empty_folder(wheel: Path, tmp_path: Path) -> None:
    """Needs a network for the package index; the pinned packages are installed by their hashes, then the wheel."""
    fresh, home, here = (tmp_path / name for name in ("fresh", "home", "here"))
    home.mkdir()
    here.mkdir()
    into = ("pip", "install", "--python", str(fresh / "bin" / "python"), "--no-deps")
    pins = (*into, "--require-hashes", "-r", str(TOP / "requirements" / "runtime.txt"))
    for command in (("venv", "--python", sys.executable, str(fresh)), pins, (*into, str(wheel))):
        subprocess.run([sys.executable, "-m", "uv", *command], cwd=here, check=True, capture_output=True)

    def migaudit(*arguments: str) -> str:
        env = {"HOME": str(home), "PATH": f"{fresh / 'bin'}:/usr/bin:/bin"}
        command = ["migaudit", *arguments]
        return subprocess.run(command, cwd=here, env=env, check=True, capture_output=True, encoding="utf-8").stdout

    assert "60052" in migaudit("scan", "--demo", "--fail-on", "never", "--format", "table", "--format", "html=r.html")
    assert (here / "r.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert "_migaudit_completion" in migaudit("completion", "bash")
    (world,) = fresh.glob("lib/*/site-packages/auditor/_data/fixtures/fabrikam.yaml")
    with subprocess.Popen([fresh / "bin" / "migaudit", "emulate", str(world)], cwd=here, stdout=subprocess.PIPE) as one:
        assert one.stdout is not None
        assert b'"arm"' in one.stdout.readline()
        one.terminate()
    assert [path.name for path in (*here.iterdir(), *home.iterdir())] == ["r.html"]
