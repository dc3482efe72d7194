"""A project that is not found is not taken for a new one, and where nothing was read that is said."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cases.asking import preflight, verdicts
from tests.cases.fabrikam import GROUP as FABRIKAM_GROUP
from tests.cases.fabrikam import PROJECT, Environment, fabrikam
from tests.cases.situations import only_the_default_subscription_read
from tests.cli.running import Run

Saved = Callable[[Callable[[], Environment]], Path]
GROUP = ("-g", "rg-fabrikam-migrate")
DEFAULT = ("-s", "Fabrikam Default")


@pytest.mark.parametrize("where", [(), GROUP, ("-s", "Fabrikam Migration")])
def test_a_slip_in_the_name_is_no_new_project(migaudit: Run, saved: Saved, where: tuple[str, ...]) -> None:
    document = preflight(migaudit, saved(fabrikam), *where, project="fabrikam-exti")
    assert (document["verdict"], document["code"]) == ("no-go", 1)
    assert set(verdicts(document).values()) == {"no-go"}
    assert {error for step in document["steps"] for error in step["errors"]} == {"60039"}
    assert "the nearest names are `fabrikam-exit`" in document["reasons"][0]
    assert document["project"]["exists"] is False
    assert document["step"]["register"]["missing"] == []


def test_a_new_project_is_named_as_such(migaudit: Run, saved: Saved) -> None:
    document = preflight(migaudit, saved(fabrikam), *GROUP, "--create", project="fabrikam-next")
    assert (document["verdict"], document["code"]) == ("go", 0)


@pytest.mark.parametrize("where", [(), GROUP, ("-s", "Fabrikam Migration", *GROUP), ("-s", "Fabrikam Migration")])
def test_a_project_that_may_be_where_nothing_was_read_is_unknown(
    migaudit: Run, saved: Saved, where: tuple[str, ...]
) -> None:
    document = preflight(migaudit, saved(only_the_default_subscription_read), *where)
    assert (document["verdict"], document["code"]) == ("unknown", 4)
    assert "the subscription `Fabrikam Migration` can be seen and was not read" in document["reasons"][0]


def test_in_a_named_subscription_that_was_read_it_is_not_found(migaudit: Run, saved: Saved) -> None:
    document = preflight(migaudit, saved(only_the_default_subscription_read), *DEFAULT, *GROUP)
    assert (document["verdict"], document["code"]) == ("no-go", 1)
    assert "`Fabrikam Migration` can be seen and was not read" in document["reasons"][0]


def deleted_with_its_group() -> Environment:
    """The project was deleted, and then its resource group."""
    changed = fabrikam()
    changed.delete_project()
    changed.remove(FABRIKAM_GROUP, below=True)
    return changed


@pytest.mark.parametrize("where", [(), GROUP, ("-s", "Fabrikam Migration")])
def test_a_project_that_was_deleted_is_said_to_be(migaudit: Run, saved: Saved, where: tuple[str, ...]) -> None:
    document = preflight(migaudit, saved(deleted_with_its_group), *where)
    assert (document["verdict"], document["code"]) == ("no-go", 1)
    assert {error for step in document["steps"] for error in step["errors"]} == {"60039"}
    assert " was deleted on " in document["reasons"][0]
    assert " by christiec@fabrikam.com" in document["reasons"][0]
    assert "rg-fabrikam-migrate" in document["reasons"][0]


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("Succeeded", "a project of this name is at `{id}`"),
        ("Failed", "`{id}` (`Fabrikam Migration`) exists, but was not deployed: its provisioning state is `Failed`"),
    ],
)
def test_of_a_namesake_elsewhere_it_is_said_whether_an_appliance_can_register_with_it(
    migaudit: Run, saved: Saved, state: str, words: str
) -> None:
    def made() -> Environment:
        changed = fabrikam()
        changed.arm(PROJECT)["properties"]["provisioningState"] = state
        return changed

    document = preflight(migaudit, saved(made), "-g", "rg-another")
    assert words.format(id=PROJECT) in document["reasons"][0]
