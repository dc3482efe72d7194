"""The locks are pins and hashes only, and agree with what they were made from."""

import shutil
from pathlib import Path

import pytest

from scripts import pins

TOP = Path(__file__).resolve().parents[2]
ZEROS = f" \\\n    --hash=sha256:{'0' * 64}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The locks of this repository and what they were made from, for a test to change."""
    shutil.copy(TOP / "pyproject.toml", tmp_path)
    return Path(shutil.copytree(TOP / "requirements", tmp_path / "requirements"))


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_locks_of_this_repository_are_as_they_should_be() -> None:
    assert pins.faults(TOP / "requirements") == []


@pytest.mark.parametrize(
    "line",
    [
        "--index-url https://pypi.example/simple",
        "--find-links /srv/wheels",
        "click @ file:///srv/wheels/click-8.5.1-py3-none-any.whl",
        "click>=8",
        "click==8.5.1",
        f"    --hash=md5:{'0' * 32}",
        "    # via migaudit (/home/ada/migaudit/pyproject.toml)",
    ],
)
def test_what_names_a_place_or_lacks_a_hash_is_a_fault(line: str, folder: Path) -> None:
    lock = folder / "build.txt"
    before = lock.read_text(encoding="utf-8")
    lock.write_text(f"{before}{line}\n", encoding="utf-8")
    (fault,) = pins.faults(folder)
    assert fault.startswith(f"requirements/build.txt:{before.count(chr(10)) + 1}: ")
    assert line in fault


def test_a_project_that_asks_for_another_version_than_is_pinned_is_a_fault(folder: Path) -> None:
    change(folder.parent / "pyproject.toml", '"click>=8.5,<9"', '"click>=9"')
    (runtime, dev) = pins.faults(folder)
    assert runtime.startswith("requirements/runtime.txt: click>=9 is asked for, pinned is click==8.")
    assert dev.startswith("requirements/dev.txt: click>=9 is asked for")


def test_a_project_that_asks_for_something_new_is_a_fault(folder: Path) -> None:
    change(folder.parent / "pyproject.toml", '"click>=8.5,<9",', '"click>=8.5,<9", "hypothesis",')
    assert "requirements/runtime.txt: hypothesis is asked for, pinned is nothing; `make pins`" in pins.faults(folder)


def test_an_extra_that_asks_for_another_version_is_a_fault(folder: Path) -> None:
    change(folder.parent / "pyproject.toml", "py-ocsf-models>=0.10,<0.11", "py-ocsf-models>=99")
    (fault,) = pins.faults(folder)
    assert fault.startswith("requirements/dev.txt: py-ocsf-models>=99 is asked for")


def test_a_list_that_asks_for_another_version_is_a_fault(folder: Path) -> None:
    change(folder / "azure-cli.in", "azure-cli==", "azure-cli==1")
    (fault,) = pins.faults(folder)
    assert fault.startswith("requirements/azure-cli.txt: azure-cli==1")


def test_what_nothing_asks_for_any_more_is_a_fault(folder: Path) -> None:
    change(folder.parent / "pyproject.toml", '    "zstandard>=0.25,<1",\n', "")
    assert pins.faults(folder) == [
        "requirements/runtime.txt: zstandard is pinned, and nothing asks for it; `make pins`"
    ]


def test_what_only_such_a_one_needed_is_a_fault_too(folder: Path) -> None:
    change(folder / "dev.in", "mkdocs-material\n", "")
    change(folder / "dev.in", "mkdocs\n", "")
    assert "requirements/dev.txt: jinja2 is pinned, and nothing asks for it; `make pins`" not in pins.faults(folder)
    assert "requirements/dev.txt: ghp-import is pinned, and nothing asks for it; `make pins`" in pins.faults(folder)


def test_two_versions_for_one_environment_are_a_fault(folder: Path) -> None:
    with (folder / "dev.txt").open("a", encoding="utf-8") as lock:
        lock.write(f"click==1.0{ZEROS}")
    (fault,) = pins.faults(folder)
    assert fault.startswith("requirements/dev.txt: click==1.0 is pinned here, click==8.")


def test_a_pin_is_wanted_once_although_it_differs_by_platform(folder: Path) -> None:
    pinned = [pin for pin in pins.pins(folder / "runtime.txt") if pin.name == "cryptography"]
    assert len(pinned) == 2
    change(folder.parent / "pyproject.toml", '"cryptography>=46,<49;', '"cryptography>=1,<2;')
    faults = pins.faults(folder)
    assert len(faults) == 2
    assert all("cryptography<2,>=1" in fault for fault in faults)
