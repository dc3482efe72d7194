"""The printed rights for cleaning up: together they are enough, and each of them is needed."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from auditor.azure.writes import WriteRequest
from auditor.cleanup.admission import END_OF_OPERATION, RECREATE, TO_APPLY, TO_RESTORE
from auditor.cleanup.results import Outcome
from auditor.cli.permissions import permissions
from auditor.facts.rights.workspace_rights import DELETE, RECOVER
from auditor.inventory.snapshot.snapshot import Snapshot
from tests.cleanup import leftovers as left
from tests.cleanup.stage import outcomes, staged

ROLE = "5e1f0001-0000-4000-8000-000000000001"
NEEDED = {
    WriteRequest.DELETE_WORKSPACE: DELETE,
    WriteRequest.RECOVER_WORKSPACE: RECOVER,
    WriteRequest.PUT_SOLUTION: RECREATE["solution"],
    WriteRequest.PUT_LINKED_SERVICE: RECREATE["linked service"],
}


def printed() -> dict[str, Any]:
    """Return the actions that `migaudit permissions` prints."""
    done = CliRunner().invoke(permissions, ["--format", "json"], standalone_mode=False)
    return dict(json.loads(done.stdout))


def tenant(actions: list[str], *more: dict[str, Any]) -> Snapshot:
    """Return the small tenant, in which the operator has a role with just these actions."""
    return left.tenant([left.role_definition("least", actions, ROLE), *more], role=ROLE)


def test_every_change_that_can_be_made_is_among_the_rights() -> None:
    assert set(NEEDED) == set(WriteRequest)
    assert {NEEDED[change] for change in WriteRequest} | {END_OF_OPERATION} == set(TO_APPLY)
    assert set(TO_APPLY) - set(TO_RESTORE) == {DELETE}


def test_the_role_that_reads_holds_nothing_of_it_but_what_reads() -> None:
    document = printed()
    assert all(action.endswith("/read") for action in document["role"]["Actions"])
    assert document["cleanup_role"]["Actions"] == list(TO_APPLY)
    assert document["features"]["cleanup-apply"]["actions"] == list(TO_APPLY)
    assert document["features"]["cleanup-restore"]["actions"] == list(TO_RESTORE)


def test_the_role_for_cleaning_up_can_be_handed_to_azure() -> None:
    scope = f"/subscriptions/{left.SUBSCRIPTION}"
    arguments = ["--format", "role", "--for", "cleanup", "--scope", scope]
    role = json.loads(CliRunner().invoke(permissions, arguments, standalone_mode=False).stdout)
    assert (role["Actions"], role["AssignableScopes"]) == (list(TO_APPLY), [scope])


async def test_both_roles_together_are_enough(tmp_path: Path) -> None:
    document = printed()
    async with staged(tmp_path, tenant([*document["role"]["Actions"], *document["cleanup_role"]["Actions"]])) as stage:
        assert outcomes(await stage.apply()) == {"left-2": Outcome.DELETED, "left-1": Outcome.DELETED}
        assert outcomes(await stage.restore()) == {"left-2": Outcome.RESTORED, "left-1": Outcome.RESTORED}


@pytest.mark.parametrize(
    ("without", "refused"),
    [(DELETE, {"left-1", "left-2"}), (RECOVER, {"left-1", "left-2"}), (RECREATE["solution"], {"left-1"})],
)
async def test_without_one_of_them_nothing_is_deleted_that_needs_it(
    tmp_path: Path, without: str, refused: set[str]
) -> None:
    actions = ["*/read", *(action for action in TO_APPLY if action != without)]
    async with staged(tmp_path, tenant(actions)) as stage:
        results = await stage.apply()
        assert {name for name, what in outcomes(results).items() if what is Outcome.REFUSED} == refused
        said = [" ".join(result.why) for result in results if result.item.name in refused]
        assert all(f"you need `{without}` at `{left.S}" in why for why in said)
        assert await stage.live() == {"busy", *refused}


@pytest.mark.parametrize("action", [DELETE, RECOVER, "*"])
async def test_what_a_denial_takes_is_lacking(tmp_path: Path, action: str) -> None:
    denial = {
        "id": f"{left.RG}/providers/Microsoft.Authorization/denyAssignments/de0e0001-0000-4000-8000-000000000001",
        "name": "de0e0001-0000-4000-8000-000000000001",
        "type": "Microsoft.Authorization/denyAssignments",
        "properties": {
            "denyAssignmentName": "hands off",
            "scope": left.RG,
            "permissions": [{"actions": [action], "notActions": ["*/read"], "dataActions": [], "notDataActions": []}],
            "principals": [{"id": "00000000-0000-0000-0000-000000000000", "type": "SystemDefined"}],
            "excludePrincipals": [],
            "doNotApplyToChildScopes": False,
        },
    }
    async with staged(tmp_path, tenant(["*"], denial)) as stage:
        assert set(outcomes(await stage.apply()).values()) == {Outcome.REFUSED}
        assert stage.writes() == []


async def test_a_role_that_has_to_be_activated_first_is_not_enough(tmp_path: Path) -> None:
    instance = {
        "id": f"{left.S}/providers/Microsoft.Authorization/roleEligibilityScheduleInstances/e1190001",
        "name": "e1190001",
        "type": "Microsoft.Authorization/roleEligibilityScheduleInstances",
        "properties": {
            "scope": left.S,
            "principalId": left.OPERATOR,
            "principalType": "ServicePrincipal",
            "roleDefinitionId": f"/providers/Microsoft.Authorization/roleDefinitions/{left.CONTRIBUTOR}",
            "startDateTime": "2026-01-01T00:00:00Z",
            "endDateTime": None,
            "status": "Provisioned",
            "memberType": "Direct",
        },
    }
    async with staged(tmp_path, tenant(["*/read"], instance)) as stage:
        results = await stage.apply()
        assert set(outcomes(results).values()) == {Outcome.REFUSED}
        assert all("eligible" in " ".join(result.why) for result in results)
        assert stage.writes() == []
