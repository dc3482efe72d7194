"""A role whose actions allow a step that Microsoft's table says it may not do: unknown, with a role that may."""

from collections.abc import Callable
from pathlib import Path

from tests.cases.asking import Document, preflight
from tests.cases.fabrikam import CONTRIBUTOR, MOVER, SUBSCRIPTION, Environment, fabrikam
from tests.cli.running import Run

PLANNER = "7859c0b0-0bb9-4994-bd12-cd529af7d646"
NEW = ("-g", "rg-fabrikam-migrate", "--create", "-a", "mover@fabrikam.com")
Saved = Callable[[Callable[[], Environment]], Path]


def planner() -> Environment:
    """The operator holds Azure Migrate Decide and Plan Expert only."""
    changed = fabrikam()
    changed.add_mover()
    changed.assign(401, PLANNER, MOVER, SUBSCRIPTION)
    return changed


def contributor_too() -> Environment:
    """The operator is also a Contributor, which may create projects."""
    changed = planner()
    changed.assign(402, CONTRIBUTOR, MOVER, SUBSCRIPTION)
    return changed


def create(migaudit: Run, snapshot: Path) -> Document:
    steps: Document = preflight(migaudit, snapshot, *NEW, project="fabrikam-next")["step"]
    return steps


def test_a_planner_is_documented_not_to_create_a_project(migaudit: Run, saved: Saved) -> None:
    step = create(migaudit, saved(planner))["create-project"]
    assert step["verdict"] == "unknown"
    assert "`Azure Migrate Decide and Plan Expert` allows this by its actions, but Microsoft documents" in str(step)
    titles = [fix["title"] for fix in step["fixes"]]
    assert any("`Azure Migrate Owner`" in one or "`Contributor`" in one for one in titles)


def test_a_planner_generates_the_key(migaudit: Run, saved: Saved) -> None:
    assert create(migaudit, saved(planner))["generate-key"]["verdict"] == "go"


def test_another_role_that_may_create_projects_settles_it(migaudit: Run, saved: Saved) -> None:
    assert create(migaudit, saved(contributor_too))["create-project"]["verdict"] == "go"
