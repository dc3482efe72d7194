"""Each situation is a snapshot that can be read, and differs from the environment in which all is in order."""

from collections.abc import Callable
from pathlib import Path

import pytest

from auditor.inventory.snapshot.files import load
from tests.cases.fabrikam import Environment, fabrikam
from tests.cases.situations import SITUATIONS


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda situation: situation.__name__)
def test_a_situation_is_a_snapshot(situation: Callable[[], Environment], tmp_path: Path) -> None:
    whole = load(fabrikam().save(tmp_path, "whole"))
    changed = load(situation().save(tmp_path, "changed"))
    assert changed.header.tenant_id == whole.header.tenant_id
    assert (changed.arm, changed.graph) != (whole.arm, whole.graph)
