"""Replication is judged with the group that machines are migrated to, and asks for no more than Microsoft documents."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cases.fabrikam import (
    CONTRIBUTOR,
    DEBRAS_GROUP,
    GROUP,
    GUEST,
    MOVER,
    OWNER,
    PROJECT,
    SUBSCRIPTION,
    USER_ACCESS_ADMINISTRATOR,
    Environment,
    fabrikam,
)
from tests.cases.situations import access_administrator_of_the_group_only
from tests.cli.running import Run

Saved = Callable[[Callable[[], Environment]], Path]
Document = dict[str, Any]
EXECUTE_EXPERT = "1cfa4eac-9a23-481c-a793-bfb6958e836b"
LOGS = f"{SUBSCRIPTION}/resourceGroups/rg-fabrikam-logs"
STORAGE_ACCOUNT_CONTRIBUTOR, BLOB_CONTRIBUTOR = (
    "17d1049b-9a84-46fb-8f53-869881c3d3ab",
    "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
)
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"


def only(roles: str, kind: str = "ServicePrincipal") -> str:
    """Return a condition as the portal writes it, which limits assigning to `roles` and to one kind of principal."""
    request = "@Request[Microsoft.Authorization/roleAssignments"
    return (
        "(\n (\n  !(ActionMatches{'Microsoft.Authorization/roleAssignments/write'})\n )\n OR \n (\n  "
        f"{request}:RoleDefinitionId] {roles}\n  AND\n  {request}:PrincipalType] StringEqualsIgnoreCase '{kind}'\n )\n)"
    )


def mover_with(*roles: tuple[str, str, str | None]) -> Callable[[], Environment]:
    """Return Fabrikam in which the mover has these roles, each with its scope and its condition."""

    def situation() -> Environment:
        changed = fabrikam()
        changed.add_mover()
        for number, (role, scope, condition) in enumerate(roles, 300):
            changed.assign(number, role, MOVER, scope)
            changed.document["arm"][-1]["properties"] |= {"condition": condition, "conditionVersion": "2.0"}
        return changed

    return situation


def replicate(migaudit: Run, snapshot: Path, account: str, *more: str) -> Document:
    asked = ("-p", "fabrikam-exit", "-a", account, "--step", "replicate", "--format", "json", *more)
    [step] = json.loads(migaudit("preflight", "--snapshot", snapshot, *asked).out)["steps"]
    found: Document = step
    return found


def test_an_administrator_of_the_projects_group_is_judged_once_the_target_is_named(migaudit: Run, saved: Saved) -> None:
    snapshot = saved(access_administrator_of_the_group_only)
    asked = ("preflight", "--snapshot", snapshot, "-p", "fabrikam-exit", "-a", "mover@fabrikam.com")
    whole = json.loads(migaudit(*asked, "--format", "json").out)
    assert {step["id"]: step["verdict"] for step in whole["steps"]} | {"headline": whole["verdict"]} == {
        "create-project": "go",
        "generate-key": "go",
        "register": "go",
        "start-discovery": "go",
        "replicate": "unknown",
        "headline": "go",
    }
    assert "the target group was not named" in migaudit(*asked).out
    elsewhere = replicate(migaudit, snapshot, "mover@fabrikam.com", "--target-resource-group", "rg-fabrikam-logs")
    assert elsewhere["verdict"] == "no-go"
    assert [(one["action"], one["scope"]) for one in elsewhere["missing"]] == [
        ("Microsoft.Authorization/roleAssignments/write", LOGS)
    ]
    assert not any("User Access Administrator" in fix["title"] for fix in elsewhere["fixes"])
    same = replicate(migaudit, snapshot, "mover@fabrikam.com", "--target-resource-group", GROUP)
    assert same["verdict"] == "go"


STORAGE = f"ForAnyOfAnyValues:GuidEquals {{{STORAGE_ACCOUNT_CONTRIBUTOR}, {BLOB_CONTRIBUTOR}}}"
PRIVILEGED = f"ForAnyOfAllValues:GuidNotEquals {{{OWNER}, {USER_ACCESS_ADMINISTRATOR}}}"


@pytest.mark.parametrize(
    ("condition", "verdict"),
    [
        (only(STORAGE), "go"),
        (only(PRIVILEGED), "go"),
        (only(f"ForAnyOfAnyValues:GuidEquals {{{BLOB_CONTRIBUTOR}}}"), "no-go"),
        (only(f"ForAnyOfAllValues:GuidNotEquals {{{BLOB_CONTRIBUTOR.upper()}}}"), "no-go"),
        (only(STORAGE, kind="User"), "no-go"),
        (
            only(STORAGE).replace("PrincipalType] StringEqualsIgnoreCase 'ServicePrincipal'", "Id] StringLike 'x'"),
            "unknown",
        ),
        ("something else", "unknown"),
    ],
)
def test_a_condition_on_an_assignment_counts_where_it_allows_the_storage_roles(
    migaudit: Run, saved: Saved, condition: str, verdict: str
) -> None:
    roles = ((CONTRIBUTOR, SUBSCRIPTION, None), (USER_ACCESS_ADMINISTRATOR, SUBSCRIPTION, condition))
    step = replicate(
        migaudit, saved(mover_with(*roles)), "mover@fabrikam.com", "--target-resource-group", "rg-fabrikam-logs"
    )
    assert step["verdict"] in ({"no-go"} if verdict == "no-go" else {verdict})


def test_execute_expert_on_both_groups_and_reading_the_subscription_is_enough(migaudit: Run, saved: Saved) -> None:
    both = ((EXECUTE_EXPERT, GROUP, None), (EXECUTE_EXPERT, LOGS, None))
    target = ("--target-resource-group", LOGS)
    with_reader = saved(mover_with(*both, (READER, SUBSCRIPTION, None)))
    assert replicate(migaudit, with_reader, "mover@fabrikam.com", *target)["verdict"] == "go"
    without = replicate(migaudit, saved(mover_with(*both)), "mover@fabrikam.com", *target)
    assert [(one["action"], one["scope"]) for one in without["missing"]] == [
        ("Microsoft.Resources/subscriptions/resourceGroups/read", SUBSCRIPTION)
    ]
    assert [fix["title"] for fix in without["fixes"] if fix["az"]] == ["Give the account the role `Reader`"]


def test_a_project_that_replicates_needs_no_new_role(migaudit: Run, saved: Saved) -> None:
    def replicating() -> Environment:
        changed = mover_with((CONTRIBUTOR, SUBSCRIPTION, None))()
        changed.arm(PROJECT)["properties"]["summary"]["servers"]["replicatingCount"] = 3
        return changed

    target = ("--target-resource-group", "rg-fabrikam-logs")
    assert replicate(migaudit, saved(replicating), "mover@fabrikam.com", *target)["verdict"] == "go"
    first = replicate(migaudit, saved(mover_with((CONTRIBUTOR, SUBSCRIPTION, None))), "mover@fabrikam.com", *target)
    assert first["verdict"] == "no-go"


def test_data_replication_blocks_nothing_without_agents(migaudit: Run, saved: Saved) -> None:
    def unregistered() -> Environment:
        changed = fabrikam()
        provider = changed.arm(f"{SUBSCRIPTION}/providers/Microsoft.DataReplication")
        provider["registrationState"] = "NotRegistered"
        return changed

    target = ("--target-resource-group", "rg-fabrikam-logs")
    assert replicate(migaudit, saved(unregistered), "christiec@fabrikam.com", *target)["verdict"] == "go"


@pytest.mark.parametrize(
    ("setting", "role", "verdict"),
    [
        ("2af84b1e-32c8-42b7-82bc-daa82404023b", None, "no-go"),
        ("2af84b1e-32c8-42b7-82bc-daa82404023b", "88d8e3e3-8f55-4a1e-953a-9b9898b8876b", "go"),
        ("2af84b1e-32c8-42b7-82bc-daa82404023b", "fe930be7-5e62-47db-91af-98c3a49a38b1", "unknown"),
        ("10dae51f-b6af-4016-8d66-8c2a99b929b3", None, "go"),
        (None, None, "unknown"),
    ],
)
def test_a_guest_who_may_read_nothing_cannot_start_replication(
    migaudit: Run, saved: Saved, setting: str | None, role: str | None, verdict: str
) -> None:
    def restricted() -> Environment:
        changed = fabrikam()
        changed.assign(310, OWNER, DEBRAS_GROUP, SUBSCRIPTION, kind="Group")
        changed.graph("authorizationPolicy")["guestUserRoleId"] = setting
        if role is not None:
            changed.link("directoryRole", GUEST, role)
        return changed

    target = ("--target-resource-group", "rg-fabrikam-logs")
    snapshot = saved(restricted)
    step = replicate(migaudit, snapshot, "leeg@contoso.com", *target)
    assert step["verdict"] == verdict
    if verdict == "no-go":
        assert [one["action"] for one in step["missing"]] == ["microsoft.directory/servicePrincipals/standard/read"]
        assert any("Directory Readers" in fix["title"] for fix in step["fixes"])
    assert replicate(migaudit, snapshot, "debrab@fabrikam.com", *target)["verdict"] == "go"
