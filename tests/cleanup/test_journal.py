import os
import stat
from pathlib import Path

import pytest

from auditor.cleanup.journal import BadJournal, Journal, JournalEvent, Unwritten

ITEM = "/subscriptions/x/Workspace"


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "plan.journal.jsonl"
    journal = Journal(path, "sha256:1")
    journal.add(JournalEvent.DELETING, ITEM)
    journal.add(JournalEvent.DELETED, ITEM, "in the list")
    again = Journal(path, "sha256:1")
    assert again.entries == journal.entries
    assert [entry.event for entry in again.entries] == [JournalEvent.DELETING, JournalEvent.DELETED]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert again.is_done(ITEM.upper())
    assert not again.attempted(ITEM)


def test_nothing_is_written_before_something_happens(tmp_path: Path) -> None:
    Journal(tmp_path / "j", "sha256:1")
    assert not (tmp_path / "j").exists()


def test_a_line_that_was_cut_off_was_never_written(tmp_path: Path) -> None:
    path = tmp_path / "j"
    journal = Journal(path, "sha256:1")
    journal.add(JournalEvent.DELETING, ITEM)
    whole = path.read_bytes()
    journal.add(JournalEvent.DELETED, ITEM)
    for end in range(len(whole), len(path.read_bytes())):
        cut = tmp_path / f"cut-{end}"
        cut.write_bytes(path.read_bytes()[:end])
        again = Journal(cut, "sha256:1")
        assert [entry.event for entry in again.entries] == [JournalEvent.DELETING]
        again.add(JournalEvent.ACCEPTED, ITEM)
        assert [entry.event for entry in Journal(cut, "sha256:1").entries] == [
            JournalEvent.DELETING,
            JournalEvent.ACCEPTED,
        ]


def test_a_journal_that_was_cut_in_its_first_line_is_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "j"
    path.write_bytes(b'{"journal": "migau')
    journal = Journal(path, "sha256:1")
    journal.add(JournalEvent.DELETING, ITEM)
    assert Journal(path, "sha256:1").attempted(ITEM)


@pytest.mark.parametrize("damage", [b"x", b'{"event": "vanished", "item": "x", "at": "2026-01-01T00:00:00Z"}', b"{}"])
def test_a_damaged_line_stops_everything(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / "j"
    Journal(path, "sha256:1").add(JournalEvent.DELETING, ITEM)
    path.write_bytes(path.read_bytes() + damage + b"\n")
    with pytest.raises(BadJournal):
        Journal(path, "sha256:1")


def test_the_journal_of_another_plan_is_refused(tmp_path: Path) -> None:
    Journal(tmp_path / "j", "sha256:1").add(JournalEvent.DELETING, ITEM)
    with pytest.raises(BadJournal, match="another plan"):
        Journal(tmp_path / "j", "sha256:2")


def test_refusals_do_not_hide_what_happened_before(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j", "sha256:1")
    journal.add(JournalEvent.DELETING, ITEM)
    journal.add(JournalEvent.REFUSED, ITEM)
    assert journal.attempted(ITEM)
    journal.add(JournalEvent.FAILED, ITEM)
    assert not journal.attempted(ITEM)


def test_a_line_is_on_disk_before_anything_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    write, sync = os.write, os.fsync

    def seen_write(descriptor: int, content: bytes) -> int:
        done.append("write")
        return write(descriptor, content)

    def seen_sync(descriptor: int) -> None:
        done.append("folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file")
        sync(descriptor)

    monkeypatch.setattr(os, "write", seen_write)
    monkeypatch.setattr(os, "fsync", seen_sync)
    journal = Journal(tmp_path / "j", "sha256:1")
    journal.add(JournalEvent.DELETING, ITEM)
    assert done == ["write", "file", "folder"]
    journal.add(JournalEvent.DELETED, ITEM)
    assert done == ["write", "file", "folder", "write", "file"]


def test_half_a_line_on_a_full_disk_does_not_spoil_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "j"
    journal = Journal(path, "sha256:1")
    journal.add(JournalEvent.DELETING, ITEM)
    write = os.write

    def full(descriptor: int, content: bytes) -> int:
        write(descriptor, content[:20])
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(os, "write", full)
        with pytest.raises(Unwritten, match="no space left"):
            journal.add(JournalEvent.ACCEPTED, ITEM)
    journal.add(JournalEvent.DELETED, ITEM)
    assert [entry.event for entry in Journal(path, "sha256:1").entries] == [JournalEvent.DELETING, JournalEvent.DELETED]


def test_a_note_is_kept_whatever_letters_it_quotes(tmp_path: Path) -> None:
    path = tmp_path / "j"
    Journal(path, "sha256:1").add(JournalEvent.UNSETTLED, ITEM, "\ud800 " + "x" * 100_000)
    [entry] = Journal(path, "sha256:1").entries
    assert entry.note.startswith("\\ud800 xxx")
    assert len(path.read_bytes()) < 4_000
