"""The access log is readable by its owner only, and is an ordinary file at the given path."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from auditor.emulator.access_log import AccessLog


async def test_a_new_log_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        async with AccessLog(tmp_path / "log") as log:
            log.write("GET", "/", 200, 0, 1)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "log").stat().st_mode) == 0o600


async def test_an_existing_log_is_emptied_and_made_private(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text("old\n" * 99)
    path.chmod(0o644)
    async with AccessLog(path) as log:
        log.write("GET", "/new", 200, 0, 1)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text().count("\n") == 1
    assert "/new" in path.read_text()


def _link(path: Path) -> None:
    path.symlink_to(path.with_name("kept"))


def _second_name(path: Path) -> None:
    path.hardlink_to(path.with_name("kept"))


def _device(path: Path) -> None:
    path.symlink_to("/dev/null")


@pytest.mark.parametrize("made", [_link, _second_name, _device, os.mkfifo, Path.mkdir])
async def test_links_and_special_files_are_refused_and_left_unchanged(
    made: Callable[[Path], object], tmp_path: Path
) -> None:
    (tmp_path / "kept").write_text("kept")
    made(tmp_path / "log")
    with pytest.raises(OSError, match="log"):
        async with AccessLog(tmp_path / "log"):
            pass
    assert (tmp_path / "kept").read_text() == "kept"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a file somebody else's")
async def test_another_users_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text("theirs")
    os.chown(path, 12345, 12345)
    with pytest.raises(OSError, match="of yours"):
        async with AccessLog(path):
            pass
    assert path.read_text() == "theirs"


async def test_a_device_is_refused() -> None:
    with pytest.raises(OSError, match="/dev/null"):
        async with AccessLog(Path("/dev/null")):
            pass
