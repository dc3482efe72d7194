"""What a deleted project left is shown in the order in which it is undone."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cases.fabrikam import PROJECT, Environment
from tests.cases.situations import group_cannot_be_deleted
from tests.cli.running import Run

Save = Callable[[Callable[[], Environment]], Path]

IN_ORDER = (
    "stop every replication into the Recovery Services vault `fabrikam-exit-MigrateVault-1880011`",
    "remove the lock `fabrikam-exitlock`",
    "a role of 5bfa0099-6c2e-4f18-9d47-fab0b1c00099, a deleted principal",
    "delete the storage account `migratersa1880011`",
    "delete the master site",
    "delete the assessment project",
    "delete the workspace",
)


@pytest.mark.parametrize("rule", ["project-missing", "appliance-project-gone"])
def test_a_scan_gives_the_order_before_it_says_to_create_the_project(migaudit: Run, saved: Save, rule: str) -> None:
    text = " ".join(
        migaudit("scan", "--snapshot", saved(group_cannot_be_deleted), "--rule", rule, "--show", rule).out.split()
    )
    places = [text.index(step) for step in IN_ORDER]
    assert places == sorted(places)
    assert places[-1] < text.lower().replace("to create", "").index("create ")


def test_the_plan_lists_what_it_keeps_in_that_order(migaudit: Run, saved: Save) -> None:
    kinds = ("recovery-vault", "lock", "role-assignment", "storage-account", "site", "master-site", "key-vault")
    include = [part for kind in reversed(kinds) for part in ("--include", kind)]
    done = migaudit("cleanup", "plan", "--snapshot", saved(group_cannot_be_deleted), "--format", "json", *include)
    kept = [item["kind"] for item in json.loads(done.out)["items"] if item["verdict"] == "orphaned"]
    assert list(dict.fromkeys(kept)) == ["workspace", *kinds]
    assert PROJECT.rpartition("/")[2] in done.out


@pytest.mark.parametrize(
    "refusal",
    [
        "ScopeLocked",
        "ServiceResourceNotEmptyWithContainerDetails",
        "ServiceResourceNotEmpty",
    ],
)
def test_what_azure_answers_to_the_deletion_of_the_group_is_explained(migaudit: Run, refusal: str) -> None:
    done = migaudit("explain", refusal)
    assert done.code == 0
    assert "lock" in done.out or "vault" in done.out
