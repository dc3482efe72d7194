"""The law of wrong answers for `cleanup apply`: a workspace that is used since, though unreadably, is not deleted."""

import random
from pathlib import Path

import pytest

from auditor.azure import paging
from auditor.cleanup.plan import CleanupPlan
from auditor.cleanup.results import Outcome
from tests.cleanup import leftovers as left
from tests.cleanup.stage import outcomes, planned, staged
from tests.cleanup.test_every_use import BESIDE, EVERY, Row
from tests.collect.emulated import serving
from tests.properties.test_wrong_answers import odd_answers, of_row
from tests.sampling import WHOLE, sampled

NAME = str(left.FIRST["name"])


@pytest.fixture(autouse=True)
def _short_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limit endless lists to a few pages."""
    monkeypatch.setattr(paging, "MOST_PAGES", 12)
    monkeypatch.setattr(paging, "MOST_EMPTY_PAGES", 8)


async def plan_before() -> CleanupPlan:
    """Return the plan from before the workspace was used."""
    async with serving(left.tenant(BESIDE)) as served:
        return await planned(served)


async def test_without_a_use_it_is_deleted(tmp_path: Path) -> None:
    async with staged(tmp_path, left.tenant(BESIDE), await plan_before()) as stage:
        done = await stage.apply(confirmed={str(left.FIRST["id"]).lower()})
        assert outcomes(done)[NAME] is Outcome.DELETED
        assert stage.writes() == [f"DELETE {NAME}"]


@sampled("row", EVERY, one_in=10)
async def test_a_workspace_used_since_is_not_deleted_whatever_the_reader_of_its_only_sign_gets(
    row: Row, tmp_path: Path
) -> None:
    plan = await plan_before()
    for kind in random.Random(row.use).sample(odd_answers(row), 2 if WHOLE else 1):
        faults = [{"path": row.request, "wrong": kind}]
        async with staged(tmp_path, of_row(row), plan, faults=faults) as stage:
            await stage.apply(confirmed={str(left.FIRST["id"]).lower()})
            assert stage.writes() == [], kind
