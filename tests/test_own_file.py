"""Files next to a plan: those of others are never written to, followed or waited for."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from auditor.cleanup.journal import BadJournal, Journal, JournalEvent, Unwritten
from auditor.cleanup.lock_file import alone
from auditor.own_file import NotOurs, open_own

PRECIOUS = b"somebody's own words\n"


def link_to_a_file(path: Path) -> None:
    target = path.with_name("precious")
    target.write_bytes(PRECIOUS)
    path.symlink_to(target)


def dangling_link(path: Path) -> None:
    path.symlink_to(path.with_name("not-there-yet"))


def link_to_itself(path: Path) -> None:
    path.symlink_to(path)


def second_name(path: Path) -> None:
    target = path.with_name("precious")
    target.write_bytes(PRECIOUS)
    path.hardlink_to(target)


def pipe(path: Path) -> None:
    os.mkfifo(path)


def link_to_a_device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def folder(path: Path) -> None:
    path.mkdir()


def notes(path: Path) -> None:
    path.write_bytes(PRECIOUS)


def notes_without_an_end(path: Path) -> None:
    path.write_bytes(PRECIOUS.strip())


def kept(path: Path) -> bool:
    return path.is_symlink() or not path.is_file() or path.read_bytes().strip() == PRECIOUS.strip()


LAID = (
    notes,
    notes_without_an_end,
    link_to_a_file,
    dangling_link,
    link_to_itself,
    second_name,
    pipe,
    link_to_a_device,
    folder,
)
pytestmark = pytest.mark.skipif(os.name == "nt", reason="links and pipes as POSIX has them")


def untouched(path: Path) -> None:
    precious = path.with_name("precious")
    assert not precious.exists() or precious.read_bytes() == PRECIOUS
    assert not path.with_name("not-there-yet").exists()


@pytest.mark.parametrize("lay", LAID)
def test_a_lock_is_no_way_to_anything_else(lay: Callable[[Path], None], tmp_path: Path) -> None:
    path = tmp_path / "plan.json.lock"
    lay(path)
    with pytest.raises(NotOurs, match=r"plan\.json\.lock"), alone(path):
        raise AssertionError
    untouched(path)
    assert kept(path)


@pytest.mark.parametrize("lay", LAID)
def test_nor_is_a_journal(lay: Callable[[Path], None], tmp_path: Path) -> None:
    path = tmp_path / "plan.json.journal.jsonl"
    lay(path)
    with pytest.raises((NotOurs, BadJournal), match=r"plan\.json\.journal\.jsonl"):
        Journal(path, "sha256:1")
    untouched(path)
    assert kept(path)


@pytest.mark.parametrize("lay", LAID)
def test_nor_one_that_was_laid_after_the_journal_was_read(lay: Callable[[Path], None], tmp_path: Path) -> None:
    path = tmp_path / "plan.json.journal.jsonl"
    journal = Journal(path, "sha256:1")
    lay(path)
    with pytest.raises(Unwritten):
        journal.add(JournalEvent.DELETING, "/x")
    untouched(path)
    assert kept(path)


@pytest.mark.parametrize("lay", LAID)
def test_nor_one_that_took_the_place_of_the_journal(lay: Callable[[Path], None], tmp_path: Path) -> None:
    path = tmp_path / "plan.json.journal.jsonl"
    journal = Journal(path, "sha256:1")
    journal.add(JournalEvent.DELETING, "/x")
    path.unlink()
    lay(path)
    with pytest.raises(Unwritten):
        journal.add(JournalEvent.DELETED, "/x")
    assert not journal.is_done("/x")
    untouched(path)
    assert kept(path)


def test_a_lock_that_somebody_replaced_is_left_to_them(tmp_path: Path) -> None:
    path = tmp_path / "plan.json.lock"
    with alone(path):
        path.unlink()
        path.write_bytes(PRECIOUS)
    assert path.read_bytes() == PRECIOUS


def test_what_is_made_is_for_its_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        os.close(open_own(tmp_path / "new", os.O_WRONLY, create=True))
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o600


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "theirs"
    path.write_bytes(PRECIOUS)
    os.chown(path, 12345, 12345)
    with pytest.raises(NotOurs, match="another user"):
        open_own(path, os.O_RDWR, create=True)
    assert path.read_bytes() == PRECIOUS
