from pathlib import Path

import pytest

from auditor import data


def test_a_checkout_finds_its_own_data() -> None:
    top = Path(__file__).resolve().parent.parent
    assert data.rules_dir() == top / "rules"
    assert data.fixtures_dir() == top / "fixtures"
    assert data.schemas_dir() == top / "docs" / "schemas"


def test_an_installed_wheel_prefers_the_data_it_carries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    carried = tmp_path / "auditor" / "_data" / "rules"
    carried.mkdir(parents=True)
    (tmp_path / "rules").mkdir()
    monkeypatch.setattr(data, "_PACKAGE", tmp_path / "auditor")
    assert data.rules_dir() == carried


def test_missing_data_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data, "_PACKAGE", tmp_path / "auditor")
    with pytest.raises(FileNotFoundError, match="lacks its `fixtures` folder"):
        data.fixtures_dir()
