"""A ReadOnly lock: on a subscription, another resource group is no cure; on a group it is."""

from collections.abc import Callable
from pathlib import Path

from tests.cases.asking import commands, findings, preflight
from tests.cases.fabrikam import GROUP, PROJECT, SUBSCRIPTION, VAULT, Environment, fabrikam, resource
from tests.cases.situations import CLOSED, read_only_lock_on_the_subscription
from tests.cli.running import Run

Saved = Callable[[Callable[[], Environment]], Path]
LOCKS = "Microsoft.Authorization/locks"
ELSEWHERE = "Use a project in another resource group"


def locked(*scopes: str) -> Environment:
    changed = fabrikam()
    changed.add(*(resource(f"{scope}/providers/{LOCKS}/freeze", LOCKS, {"level": "ReadOnly"}) for scope in scopes))
    return changed


def test_a_lock_on_the_subscription(migaudit: Run, saved: Saved) -> None:
    snapshot = saved(read_only_lock_on_the_subscription)
    for error in ("60052", "60030"):
        found = findings(migaudit, snapshot, "--error", error)["lock-in-the-way"]
        assert (found["verdict"], found["severity"]) == ("fail", "high")
        assert ELSEWHERE not in [fix["title"] for fix in found["fixes"]]
        assert commands(found["fixes"]) == [f"az lock delete --ids {SUBSCRIPTION}/providers/{LOCKS}/freeze"]
    document = preflight(migaudit, snapshot)
    assert document["verdict"] == "no-go"
    register = document["step"]["register"]
    assert {"60052", "60030"} <= set(register["errors"])
    assert "resource group" not in str([fix["title"] for fix in register["fixes"]])


def test_another_group_cures_locks_on_the_group_and_on_the_project(migaudit: Run, tmp_path: Path) -> None:
    for place in (GROUP, PROJECT):
        found = findings(migaudit, locked(place).save(tmp_path, "group"))["lock-in-the-way"]
        assert ELSEWHERE in [fix["title"] for fix in found["fixes"]]


def test_every_lock_is_named_in_the_command(migaudit: Run, tmp_path: Path) -> None:
    found = findings(migaudit, locked(SUBSCRIPTION, GROUP).save(tmp_path, "both"))["lock-in-the-way"]
    [command] = commands(found["fixes"])
    assert command.count("/locks/freeze") == 2
    assert ELSEWHERE not in [fix["title"] for fix in found["fixes"]]


def test_a_lock_on_the_vault_is_found_by_each_error_and_lifted_before_anything_else(
    migaudit: Run, tmp_path: Path
) -> None:
    changed = locked(VAULT)
    changed.arm(VAULT)["properties"]["networkAcls"] = CLOSED
    changed.arm(VAULT)["properties"]["accessPolicies"] = []
    snapshot = changed.save(tmp_path, "vault")
    unlock = f"az lock delete --ids {VAULT}/providers/{LOCKS}/freeze"
    found = {}
    for error in ("60052", "60030", "60031"):
        found = findings(migaudit, snapshot, "--error", error)
        assert (found["vault-locked"]["verdict"], found["vault-locked"]["severity"]) == ("fail", "high")
    for rule in ("vault-access-missing", "vault-unreachable"):
        assert commands(found[rule]["fixes"])[0] == unlock
    told = commands(preflight(migaudit, snapshot)["step"]["register"]["fixes"])
    assert told[0] == unlock
    assert len(told) > 1
