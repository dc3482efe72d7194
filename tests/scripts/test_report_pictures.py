"""The pictures of the pages: taken again if a page changed and there is a browser, otherwise kept."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from scripts import report_pictures
from scripts.terminal_picture import PICTURE


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the list of pages that were photographed, in a folder of its own and with a page that is quick to make."""
    taken: list[str] = []

    def take(shown: Mapping[str, str]) -> None:
        taken.append(shown["report"])
        report_pictures.MADE_FROM.write_text(f"{report_pictures.fingerprint(shown)}\n")

    monkeypatch.setattr(report_pictures, "MADE_FROM", tmp_path / "made-from.sha256")
    monkeypatch.setattr(report_pictures, "pages", lambda: {"report": "<p>a report</p>", "readiness": "<p>machines</p>"})
    monkeypatch.setattr(report_pictures, "take", take)
    return taken


def test_they_are_taken_once_for_one_page(kept: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report_pictures, "find_chromium", lambda: "/usr/bin/chromium")
    assert report_pictures.main() == report_pictures.main() == 0
    assert kept == ["<p>a report</p>"]
    monkeypatch.setattr(report_pictures, "pages", lambda: {"report": "<p>another</p>", "readiness": ""})
    assert report_pictures.main() == 0
    assert kept == ["<p>a report</p>", "<p>another</p>"]


def test_without_a_browser_those_that_are_kept_stay(
    kept: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(report_pictures, "find_chromium", lambda: None)
    assert report_pictures.main() == 0
    assert kept == []
    assert "there is no Chromium to take them again" in capsys.readouterr().out


def test_every_picture_of_the_site_is_one_that_is_taken() -> None:
    docs = report_pictures.TOP / "docs"
    pages = [(docs / name).read_text().splitlines() for name in ("reports.md", "readiness.md", "preflight.md")]
    shown = {line.partition("images/")[2].partition(")")[0] for lines in pages for line in lines}
    assert {picture.name for picture in report_pictures.IMAGES.glob("*.png")} == shown - {"", PICTURE.name}
