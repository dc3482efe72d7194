"""A lock does not change what is left behind: it is a step before all that it covers, or an obstacle that is stated."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cases.asking import commands
from tests.cases.fabrikam import (
    CONTRIBUTOR,
    GROUP,
    PROJECT,
    RECOVERY_VAULT,
    SUBSCRIPTION,
    VAULT,
    Environment,
    fabrikam,
    resource,
)
from tests.cases.situations import group_cannot_be_deleted
from tests.cli.running import Run

LOCKS = "Microsoft.Authorization/locks"
STORAGE = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/migratersa1880011"
GONE = "5bfa0098-6c2e-4f18-9d47-fab0b1c00098"
LEFT = (
    "assessment-project-left-behind",
    "master-site-left-behind",
    "recovery-vault-left-behind",
    "role-assignment-left-behind",
    "site-left-behind",
    "storage-account-left-behind",
    "vault-left-behind",
)


def lock(scope: str, name: str = "keep", level: str = "CanNotDelete") -> dict[str, Any]:
    return resource(f"{scope}/providers/{LOCKS}/{name}", LOCKS, {"level": level})


def left_under(*scopes: str, level: str = "CanNotDelete") -> Environment:
    """The left-overs of the deleted project, under locks with a name of their own."""
    changed = group_cannot_be_deleted()
    changed.add(*(lock(scope, level=level) for scope in scopes))
    return changed


def scan(migaudit: Run, tmp_path: Path, environment: Environment, *more: str) -> list[dict[str, Any]]:
    done = migaudit("scan", "--snapshot", environment.save(tmp_path, "locked"), *more, "--format", "json")
    found: list[dict[str, Any]] = json.loads(done.out)["findings"]
    return found


def left(found: list[dict[str, Any]]) -> set[tuple[str, str]]:
    return {(one["rule"], one["subject"]["id"]) for one in found if one["rule"] in LEFT and one["verdict"] == "fail"}


@pytest.mark.parametrize("level", ["CanNotDelete", "ReadOnly"])
@pytest.mark.parametrize(
    "scope", [GROUP, SUBSCRIPTION, VAULT, RECOVERY_VAULT], ids=["group", "subscription", "kv", "rsv"]
)
def test_a_lock_does_not_change_what_is_left_behind(migaudit: Run, tmp_path: Path, scope: str, level: str) -> None:
    unlocked = left(scan(migaudit, tmp_path, group_cannot_be_deleted()))
    assert {rule for rule, _ in unlocked} == set(LEFT)
    assert left(scan(migaudit, tmp_path, left_under(scope, level=level))) == unlocked


@pytest.mark.parametrize(
    ("scope", "step", "covered"),
    [
        (GROUP, "remove the lock `keep` on the resource group `rg-fabrikam-migrate`", "stop every replication"),
        (RECOVERY_VAULT, "remove the lock `keep` on `fabrikam-exit-MigrateVault-1880011`", "stop every replication"),
        (VAULT, "remove the lock `keep` on `fabrikamexit52c8kv`", "look into the key vault"),
    ],
    ids=["group", "recovery vault", "key vault"],
)
@pytest.mark.parametrize("rule", ["project-missing", "appliance-project-gone"])
def test_a_lock_comes_before_all_that_it_covers(
    migaudit: Run, tmp_path: Path, rule: str, scope: str, step: str, covered: str
) -> None:
    plain, locked = (str(scan(migaudit, tmp_path, one, "--rule", rule)) for one in (left_under(), left_under(scope)))
    assert step not in plain
    assert locked.index(step) < locked.index(covered)
    assert locked.count("stop every replication") == plain.count("stop every replication")


def test_a_lock_that_protects_a_project_that_exists_is_an_obstacle_and_no_cure(migaudit: Run, tmp_path: Path) -> None:
    changed = left_under(SUBSCRIPTION)
    other = f"{changed.add_group('rg-fabrikam-next')}/providers/Microsoft.Migrate/MigrateProjects/fabrikam-next"
    changed.add(resource(other, "Microsoft.Migrate/MigrateProjects"))
    found = scan(migaudit, tmp_path, changed)
    failing = [one for one in found if one["rule"] in LEFT and one["verdict"] == "fail"]
    assert {one["rule"] for one in failing} == set(LEFT)
    for one in failing:
        assert not [command for command in commands(one["fixes"]) if command.startswith("az lock")]
        assert "also protects the project `fabrikam-next`" in str(one["fixes"])
    [missing] = [one for one in found if one["rule"] == "project-missing"]
    assert "ask the owner of the lock `keep` on the subscription" in str(missing["fixes"])


@pytest.mark.parametrize("name", ["keep", "fabrikam-exitlock"])
@pytest.mark.parametrize("scope", [STORAGE, PROJECT, GROUP], ids=["storage", "project", "group"])
def test_a_role_of_a_deleted_principal_is_no_reason_to_take_a_lock_off_a_project_that_exists(
    migaudit: Run, tmp_path: Path, scope: str, name: str
) -> None:
    changed = fabrikam()
    tags = {"Migrate Project": "fabrikam-exit"}
    changed.add(resource(STORAGE, "Microsoft.Storage/storageAccounts", tags=tags), lock(scope, name))
    changed.assign(207, CONTRIBUTOR, GONE, scope, "ServicePrincipal")
    [found] = [
        one
        for one in scan(migaudit, tmp_path, changed, "--rule", "role-assignment-left-behind")
        if one["verdict"] == "fail"
    ]
    [command] = commands(found["fixes"])
    assert command.startswith("az role assignment delete")
    assert "also protects" in str(found["fixes"])


def test_unread_locks_change_no_verdict_and_are_named_in_the_order(
    migaudit: Run, saved: Callable[[Callable[[], Environment]], Path]
) -> None:
    def unread() -> Environment:
        changed = group_cannot_be_deleted()
        changed.document.setdefault("gaps", []).append(
            {"what": LOCKS, "scope": SUBSCRIPTION, "status": 403, "code": "AuthorizationFailed", "message": "no"}
        )
        return changed

    document = migaudit("scan", "--snapshot", saved(unread), "--format", "json")
    found = json.loads(document.out)["findings"]
    assert {"site-left-behind", "recovery-vault-left-behind"} <= {rule for rule, _ in left(found)}
    [missing] = [one for one in found if one["rule"] == "project-missing"]
    assert "whether further locks keep any of this was not read" in str(missing["fixes"])
