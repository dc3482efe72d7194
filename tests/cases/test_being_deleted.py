"""What Azure is deleting: nothing is built in it, and the cure is to wait until it is gone and make it again."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cases.asking import findings, preflight
from tests.cases.fabrikam import GROUP, PROJECT, VAULT, Environment, fabrikam
from tests.cli.running import Run

Saved = Callable[[Callable[[], Environment]], Path]
RULE = "deletion-in-the-way"
INSIDE = ("generate-key", "register", "start-discovery")


def in_state(place: str, state: str) -> Environment:
    changed = fabrikam()
    changed.arm(place).setdefault("properties", {})["provisioningState"] = state
    return changed


def group_being_deleted() -> Environment:
    return in_state(GROUP, "Deleting")


def project_being_deleted() -> Environment:
    return in_state(PROJECT, "Deleting")


def vault_being_deleted() -> Environment:
    return in_state(VAULT, "Deleting")


def group_being_deleted_without_the_project() -> Environment:
    changed = group_being_deleted()
    changed.remove(PROJECT, below=True)
    return changed


@pytest.mark.parametrize("made", [group_being_deleted, project_being_deleted])
def test_nothing_is_built_in_what_is_being_deleted(
    migaudit: Run, saved: Saved, made: Callable[[], Environment]
) -> None:
    snapshot, name = saved(made), "rg-fabrikam-migrate" if made is group_being_deleted else "fabrikam-exit"
    document = preflight(migaudit, snapshot)
    assert document["verdict"] == "no-go"
    for step in INSIDE:
        outcome = document["step"][step]
        assert outcome["verdict"] == "no-go"
        assert f"`{name}` is being deleted" in str(outcome["because"])
        assert f"Wait until `{name}` is gone, then make it again" in [fix["title"] for fix in outcome["fixes"]]
        assert "deployment has not ended" not in str(outcome)
    for error in ("60039", "60052", "60030", "60031"):
        found = findings(migaudit, snapshot, "--error", error)[RULE]
        assert (found["verdict"], found["severity"]) == ("fail", "high")
        assert found["fixes"][0]["title"].startswith("Wait until")
        assert name in found["message"]


def test_no_project_is_made_in_a_group_that_is_being_deleted(migaudit: Run, saved: Saved) -> None:
    document = preflight(
        migaudit, saved(group_being_deleted_without_the_project), "--create", "-g", "rg-fabrikam-migrate"
    )
    assert document["step"]["create-project"]["verdict"] == "no-go"


def test_a_project_that_is_being_deleted_is_not_made_before_it_is_gone(migaudit: Run, saved: Saved) -> None:
    assert preflight(migaudit, saved(project_being_deleted))["step"]["create-project"]["verdict"] == "no-go"


def test_an_appliance_registers_with_no_vault_that_is_being_deleted(migaudit: Run, saved: Saved) -> None:
    snapshot = saved(vault_being_deleted)
    register = preflight(migaudit, snapshot)["step"]["register"]
    assert register["verdict"] == "no-go"
    assert "is gone, then recover it" in str([fix["title"] for fix in register["fixes"]])
    found = findings(migaudit, snapshot, "--error", "60030")
    assert found["vault-missing"]["verdict"] == "fail"
    assert "is being deleted" in found["vault-missing"]["message"]
    assert RULE not in found or found[RULE]["verdict"] == "pass"


def test_nothing_is_migrated_to_a_group_that_is_being_deleted(migaudit: Run, tmp_path: Path) -> None:
    changed = fabrikam()
    target = changed.add_group("rg-landing")
    changed.arm(target)["properties"]["provisioningState"] = "Deleting"
    document = preflight(migaudit, changed.save(tmp_path, "target"), "--target-resource-group", "rg-landing")
    assert document["step"]["replicate"]["verdict"] == "no-go"
    assert {document["step"][step]["verdict"] for step in INSIDE} == {"go"}


@pytest.mark.parametrize("place", [GROUP, VAULT])
@pytest.mark.parametrize("state", ["Succeeded", "succeeded", "Accepted", "Updating", "Failed", "Rehydrating"])
def test_other_states_keep_nothing_from_going(migaudit: Run, tmp_path: Path, place: str, state: str) -> None:
    snapshot = in_state(place, state).save(tmp_path, "state")
    assert preflight(migaudit, snapshot)["verdict"] == "go"
    assert RULE not in findings(migaudit, snapshot, "--rule", RULE, "--rule", "vault-missing")


def test_a_word_that_may_mean_a_deletion_leaves_it_open(migaudit: Run, tmp_path: Path) -> None:
    snapshot = in_state(GROUP, "SoftDeletePending").save(tmp_path, "state")
    document = preflight(migaudit, snapshot)
    assert document["verdict"] == "unknown"
    assert "`SoftDeletePending`" in str(document["step"]["register"])
