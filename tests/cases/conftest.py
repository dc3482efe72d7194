"""A situation as a snapshot's file, and the command to ask it with."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cases.fabrikam import Environment
from tests.cli.conftest import migaudit

__all__ = ["migaudit"]


@pytest.fixture
def saved(tmp_path: Path) -> Callable[[Callable[[], Environment]], Path]:
    """The path of a situation's snapshot."""

    def save(situation: Callable[[], Environment]) -> Path:
        return situation().save(tmp_path, situation.__name__)

    return save
