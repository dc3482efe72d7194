"""The extras: those of the package, and what is said where one is not installed."""

import tomllib
from pathlib import Path

import pytest

from auditor.extras import PACKAGES, ExtraMissing, ensure_extra


def test_each_extra_of_the_package_is_known_and_installed_here() -> None:
    project = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert set(PACKAGES) == set(project["optional-dependencies"])
    for extra in PACKAGES:
        ensure_extra(extra, "the test")


def test_one_that_is_missing_is_named_with_the_way_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("auditor.extras.find_spec", lambda _name: None)
    for extra, (_, name) in PACKAGES.items():
        with pytest.raises(ExtraMissing) as raised:
            ensure_extra(extra, "`--this`")
        assert str(raised.value).startswith(f"`--this` needs {name}, not installed here")
        assert f"pip install '.[{extra}]'" in str(raised.value)
