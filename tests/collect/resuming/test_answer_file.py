"""The file of answers: what is in it survives, whatever ends a run or damages its tail."""

import os
import stat
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditor.azure.errors import ReadFailed
from auditor.collect.resuming.answer_file import AnswerFile, InUse, NoAnswerFile
from auditor.collect.resuming.kept_answers import KeptAnswers, OtherFormat, OtherScan
from auditor.own_file import NotOurs

OF = {"tenant": "contoso", "subscription": ["a"]}
HOUR = timedelta(hours=1)
KEYS = [bytes([number]) * 16 for number in range(6)]


class Hand:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


def opened(path: Path, clock: Hand | None = None, max_age: timedelta = HOUR, of: dict[str, Any] = OF) -> KeptAnswers:
    kept = KeptAnswers(AnswerFile(path), max_age, clock or Hand())
    kept.open(of)
    return kept


def keep(kept: KeptAnswers, key: bytes, *answers: object, ends: bool = True) -> None:
    read = kept.begin(key)
    for answer in answers:
        read.add({"answer": answer})
    if ends:
        read.end()


def recalled(kept: KeptAnswers, key: bytes) -> list[Any] | None:
    found = kept.recall(key)
    return None if found is None else [one["answer"] for one in found]


@pytest.fixture
def written(tmp_path: Path) -> tuple[Path, list[int]]:
    """A file of six reads, and the size of the file after each record, the first one included."""
    path, sizes = tmp_path / "scan.resume", []
    kept = opened(path)
    sizes.append(path.stat().st_size)
    for number, key in enumerate(KEYS):
        keep(kept, key, {"value": list(range(number * 50))})
        sizes.append(path.stat().st_size)
    kept.close()
    return path, sizes


def test_whole_reads_are_held_page_by_page_and_others_are_not(tmp_path: Path) -> None:
    kept = opened(tmp_path / "f")
    keep(kept, KEYS[0], "one page")
    keep(kept, KEYS[1], "first", "second", "third")
    keep(kept, KEYS[2], "first", "second", "interrupted", ends=False)
    keep(kept, KEYS[3], "interrupted", ends=False)
    keep(kept, KEYS[3], "again", "to the end")
    kept.close()
    again = opened(tmp_path / "f")
    assert [recalled(again, key) for key in KEYS[:5]] == [
        ["one page"],
        ["first", "second", "third"],
        None,
        ["again", "to the end"],
        None,
    ]
    again.close()


def test_only_the_user_can_read_it(tmp_path: Path) -> None:
    path = tmp_path / "f"
    opened(path).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o644)
    opened(path).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_secrets_are_not_written(tmp_path: Path) -> None:
    path = tmp_path / "f"
    kept = opened(path)
    keep(kept, KEYS[0], {"value": [{"properties": {"primarySharedKey": "c2VjcmV0", "name": "kept"}}]})
    kept.close()
    again = opened(path)
    assert recalled(again, KEYS[0]) == [{"value": [{"properties": {"primarySharedKey": "<removed>", "name": "kept"}}]}]
    again.close()


def test_a_cut_tail_costs_the_tail_alone(written: tuple[Path, list[int]], tmp_path: Path) -> None:
    path, sizes = written
    whole = path.read_bytes()
    for length in range(sizes[0], len(whole), 7):
        cut = tmp_path / "cut"
        cut.write_bytes(whole[:length])
        kept = opened(cut)
        held = sum(size <= length for size in sizes[1:])
        assert [recalled(kept, key) is not None for key in KEYS] == [number < held for number in range(len(KEYS))]
        keep(kept, b"\x09" * 16, "after the repair")
        kept.close()
        again = opened(cut)
        assert recalled(again, b"\x09" * 16) == ["after the repair"]
        assert [recalled(again, key) is not None for key in KEYS].count(True) == held
        again.close()


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_byte_costs_what_is_behind_it_and_nothing_is_read_wrongly(
    written: tuple[Path, list[int]], tmp_path: Path, data: st.DataObject
) -> None:
    path, sizes = written
    whole = bytearray(path.read_bytes())
    at = data.draw(st.integers(sizes[0], len(whole) - 1))
    whole[at] ^= data.draw(st.integers(1, 255))
    damaged = tmp_path / "damaged"
    damaged.write_bytes(whole)
    kept = opened(damaged)
    for number, key in enumerate(KEYS):
        found = recalled(kept, key)
        assert found in (None, [{"value": list(range(number * 50))}])
        assert found is not None or sizes[number + 1] > at
    kept.close()


@pytest.mark.parametrize("content", [b"no frame", b"\x28\xb5\x2f\xfd", b'{"snapshot": 1}\n' * 200])
def test_another_file_is_refused_and_not_changed(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "f"
    path.write_bytes(content)
    with pytest.raises(NoAnswerFile):
        AnswerFile(path)
    assert path.read_bytes() == content


def test_a_damaged_first_record_is_refused(written: tuple[Path, list[int]]) -> None:
    path, sizes = written
    path.write_bytes(path.read_bytes()[: sizes[0] - 1])
    with pytest.raises(NoAnswerFile):
        AnswerFile(path)


def test_an_empty_file_is_a_new_one(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.touch()
    assert opened(path).recall(KEYS[0]) is None


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_text("precious")
    (tmp_path / "f").symlink_to(target)
    with pytest.raises(NotOurs):
        AnswerFile(tmp_path / "f")


def test_two_at_once_are_refused(tmp_path: Path) -> None:
    kept = opened(tmp_path / "f")
    with pytest.raises(InUse):
        AnswerFile(tmp_path / "f")
    kept.close()
    opened(tmp_path / "f").close()


@pytest.mark.parametrize("other", [{**OF, "tenant": "fabrikam"}, {**OF, "subscription": []}, {**OF, "deep": True}])
def test_the_file_of_another_scan_is_refused(tmp_path: Path, other: dict[str, Any]) -> None:
    opened(tmp_path / "f").close()
    [name] = [name for name in other if other[name] != OF.get(name)]
    with pytest.raises(OtherScan) as refused:
        opened(tmp_path / "f", of=other)
    assert refused.value.differs == {name: OF.get(name)}


def test_another_version_of_the_format_is_refused(tmp_path: Path) -> None:
    file = AnswerFile(tmp_path / "f")
    file.start({"migaudit/resume": 2, "scan": OF})
    file.close()
    with pytest.raises(OtherFormat):
        opened(tmp_path / "f")


def test_what_is_older_than_asked_for_is_not_recalled(tmp_path: Path) -> None:
    clock = Hand()
    kept = KeptAnswers(AnswerFile(tmp_path / "f"), HOUR, clock)
    begun = kept.open(OF)
    keep(kept, KEYS[0], "early")
    clock.now += 1800
    keep(kept, KEYS[1], "late")
    kept.close()
    clock.now += 1700
    again = KeptAnswers(AnswerFile(tmp_path / "f"), HOUR, clock)
    assert again.open(OF) == begun
    assert (recalled(again, KEYS[0]), recalled(again, KEYS[1])) == (["early"], ["late"])
    again.close()
    clock.now += 200
    later = KeptAnswers(AnswerFile(tmp_path / "f"), HOUR, clock)
    assert later.open(OF) == begun + timedelta(seconds=1800)
    assert (recalled(later, KEYS[0]), recalled(later, KEYS[1])) == (None, ["late"])
    later.close()
    clock.now += 9000
    last = KeptAnswers(AnswerFile(tmp_path / "f"), HOUR, clock)
    assert last.open(OF).timestamp() == clock.now
    last.close()


def test_what_has_a_time_in_the_future_is_not_recalled(tmp_path: Path) -> None:
    clock = Hand()
    kept = opened(tmp_path / "f", clock)
    keep(kept, KEYS[0], "by a clock that was wrong")
    kept.close()
    clock.now -= 86_400
    again = KeptAnswers(AnswerFile(tmp_path / "f"), HOUR, clock)
    assert again.open(OF).timestamp() == clock.now
    assert recalled(again, KEYS[0]) is None
    again.close()


def test_the_scan_is_as_old_as_the_first_page_that_is_used(tmp_path: Path) -> None:
    clock = Hand()
    kept = opened(tmp_path / "f", clock)
    clock.now += 100
    read, paged = kept.begin(KEYS[0]), clock.now
    for page in ("first", "second", "third"):
        read.add({"answer": page})
        clock.now += 100
    read.end()
    kept.close()
    clock.now += 3_250  # the file was begun more than an hour ago, its first page less
    again = KeptAnswers(AnswerFile(tmp_path / "f"), HOUR, clock)
    assert again.open(OF).timestamp() == paged
    assert recalled(again, KEYS[0]) == ["first", "second", "third"]
    again.close()


def test_a_full_disk_does_not_end_the_scan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = opened(tmp_path / "f")
    keep(kept, KEYS[0], "kept")

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(os, "write", full)
        keep(kept, KEYS[1], "lost")
    keep(kept, KEYS[2], "not tried any more")
    assert kept.failure is not None
    kept.close()
    again = opened(tmp_path / "f")
    assert [recalled(again, key) for key in KEYS[:3]] == [["kept"], None, None]
    again.close()


def test_what_is_damaged_meanwhile_is_unread_and_not_empty(written: tuple[Path, list[int]]) -> None:
    path, sizes = written
    kept = opened(path)
    os.truncate(path, sizes[-2] + 3)
    assert recalled(kept, KEYS[0]) is not None
    answers: Iterator[Any] | None = kept.recall(KEYS[-1])
    assert answers is not None
    with pytest.raises(ReadFailed, match="damaged"):
        next(answers)
    kept.close()
