import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(TOP)]
    subprocess.run(build, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


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


def test_the_wheel_carries_every_rule_and_every_environment(wheel: Path) -> None:
    carried = set(zipfile.ZipFile(wheel).namelist())
    for kind, pattern in (("rules", "*.yaml"), ("fixtures", "*.yaml")):
        expected = {f"auditor/_data/{path.relative_to(TOP)}" for path in (TOP / kind).rglob(pattern)}
        assert expected, f"no {kind} in the checkout"
        assert expected <= carried


def test_the_wheel_carries_nothing_that_is_not_the_product(wheel: Path) -> None:
    foreign = [name for name in zipfile.ZipFile(wheel).namelist() if not name.startswith(("auditor/", "migaudit-"))]
    code = [name for name in zipfile.ZipFile(wheel).namelist() if "/_data/" in name and name.endswith(".py")]
    assert foreign == code == []
    assert "auditor/py.typed" in zipfile.ZipFile(wheel).namelist()


def test_the_installed_package_finds_its_own_data(installed: Path) -> None:
    found = run(installed, "-c", "from auditor import data; print(data.rules_dir(), data.fixtures_dir(), sep='\\n')")
    data = installed / "auditor" / "_data"
    assert found.splitlines() == [str(data / "rules"), str(data / "fixtures")]


def test_the_demo_runs_from_the_installed_wheel(installed: Path) -> None:
    shown = run(installed, str(installed / "bin" / "migaudit"), "scan", "--demo", "--fail-on", "never")
    assert "60052" in shown
