"""The locks: they contain pins and hashes only and agree with their inputs."""

import shutil
from pathlib import Path

import pytest

from scripts import pins

TOP = Path(__file__).resolve().parents[2]
ZEROS = f" \\\n    --hash=sha256:{'0' * 64}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a copy of this repository's locks and their inputs, for a test to change."""
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


@pytest.mark.parametrize("name", ["hypothesis", "not-installed-here"])
def test_a_project_that_asks_for_something_new_is_a_fault(name: str, folder: Path) -> None:
    change(folder.parent / "pyproject.toml", '"click>=8.5,<9",', f'"click>=8.5,<9", "{name}",')
    assert f"requirements/runtime.txt: {name} is asked for, pinned is nothing; `make lock`" in pins.faults(folder)


@pytest.mark.parametrize("asked", ["hatchling>=99", "hatch-vcs"])
def test_a_build_system_that_is_not_pinned_so_is_a_fault(asked: str, folder: Path) -> None:
    change(folder.parent / "pyproject.toml", '"hatchling>=1.27"', f'"{asked}"')
    (fault,) = pins.faults(folder)
    assert fault.startswith(f"requirements/build.txt: {asked} is asked for, pinned is ")


def test_a_pin_that_does_not_count_everywhere_is_a_fault(folder: Path) -> None:
    lock = folder / "runtime.txt"
    (pinned,) = (str(pin) for pin in pins.pins(lock) if pin.name == "aiohttp")
    change(lock, f"{pinned} \\", f"{pinned} ; sys_platform == 'win32' \\")
    assert "requirements/runtime.txt: aiohttp<4,>=3.12 is asked for, pinned is nothing; `make lock`" in pins.faults(
        folder
    )


def test_the_pin_of_one_platform_does_not_answer_for_another(folder: Path) -> None:
    change(folder.parent / "pyproject.toml", '"cryptography>=46; ', '"cryptography>=46,<49; ')
    runtime, dev = pins.faults(folder)
    assert runtime.startswith("requirements/runtime.txt: cryptography<49,>=46; ")
    assert dev.startswith("requirements/dev.txt: cryptography<49,>=46; ")


def test_a_pin_without_a_hash_is_a_fault(folder: Path) -> None:
    lock = folder / "build.txt"
    lock.write_text("click==8.0 \\\n" + lock.read_text(encoding="utf-8"), encoding="utf-8")
    assert "requirements/build.txt: no hash: click==8.0 \\" in pins.faults(folder)


def test_a_remark_behind_a_requirement_is_none_of_it(folder: Path) -> None:
    change(folder / "build.in", "editables\n", "editables  # what stands behind is a remark\n")
    assert pins.faults(folder) == []


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
        "requirements/runtime.txt: zstandard is pinned, and nothing asks for it; `make lock`"
    ]


def test_what_only_such_a_one_needed_is_a_fault_too(folder: Path) -> None:
    change(folder / "dev.in", "mkdocs-material\n", "")
    change(folder / "dev.in", "mkdocs\n", "")
    assert "requirements/dev.txt: jinja2 is pinned, and nothing asks for it; `make lock`" not in pins.faults(folder)
    assert "requirements/dev.txt: ghp-import is pinned, and nothing asks for it; `make lock`" in pins.faults(folder)


def test_two_versions_for_one_environment_are_a_fault(folder: Path) -> None:
    with (folder / "dev.txt").open("a", encoding="utf-8") as lock:
        lock.write(f"idna==1.0{ZEROS}")
    (fault,) = pins.faults(folder)
    assert fault.startswith("requirements/dev.txt: idna is pinned at ==1.0 and at ==3.")


def test_a_pin_is_wanted_once_although_it_differs_by_platform(folder: Path) -> None:
    pinned = [pin for pin in pins.pins(folder / "runtime.txt") if pin.name == "cryptography"]
    assert len(pinned) == 2
    change(folder.parent / "pyproject.toml", '"cryptography>=46,<49;', '"cryptography>=1,<2;')
    faults = pins.faults(folder)
    assert len(faults) == 2
    assert all("cryptography<2,>=1" in fault for fault in faults)
