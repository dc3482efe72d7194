"""The pictures of the workbook: taken again if the workbook changed and the programs are there, otherwise kept."""

from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest
from openpyxl import Workbook

from scripts import workbook_picture

NOBODY: list[str] = []


class Drawn:
    """A workbook that is quick to make, older each time that it is made, and the pictures that were taken of it."""

    def __init__(self) -> None:
        self.text = "a finding"
        self.taken: list[str] = []
        self._days = count(1)

    def write(self, path: Path) -> None:
        book = Workbook()
        book.properties.created = datetime(2026, 11, next(self._days), tzinfo=UTC)
        book.create_sheet("Findings").append([self.text])
        book.save(path)

    def take(self, _: Path) -> None:
        self.taken.append(self.text)


@pytest.fixture
def drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Drawn:
    made = Drawn()
    monkeypatch.setattr(workbook_picture, "MADE_FROM", tmp_path / "made-from.sha256")
    monkeypatch.setattr(workbook_picture, "write_workbook", made.write)
    monkeypatch.setattr(workbook_picture, "take", made.take)
    monkeypatch.setattr(workbook_picture, "missing_programs", lambda: NOBODY)
    return made


def test_they_are_taken_once_for_what_is_in_the_sheets(drawn: Drawn) -> None:
    assert workbook_picture.main() == workbook_picture.main() == 0
    assert drawn.taken == ["a finding"]
    drawn.text = "another"
    assert workbook_picture.main() == 0
    assert drawn.taken == ["a finding", "another"]


def test_without_the_programs_those_that_are_kept_stay(
    drawn: Drawn, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(workbook_picture, "missing_programs", lambda: ["soffice", "Xvfb"])
    assert workbook_picture.main() == 0
    assert drawn.taken == []
    assert "soffice, Xvfb is missing to take them" in capsys.readouterr().out
    assert not workbook_picture.MADE_FROM.exists()
