"""Names of soft-deleted vaults that a project may need, and deny assignments at the group where it needs them."""

import pytest

from auditor.audit.preflight.fixes import Fixes
from auditor.facts.preflight.check import check_step
from auditor.facts.preflight.obstacles import ObstacleEffect
from auditor.facts.preflight.plan import RegistrationPlan
from auditor.facts.preflight.recoveries import recoveries_of, taken_of
from auditor.facts.rights.steps import steps
from auditor.inventory.arm_id import ArmId
from auditor.inventory.lists import DELETED_KEY_VAULTS
from auditor.inventory.reads import Gap
from tests.facts.preflight.test_check import PEOPLE, checked, value, world
from tests.facts.small import PROJECT, RG, USER, Body, S, assignment, context, inventory, project, site, vault

NEW = ArmId.parse(f"{RG}/providers/Microsoft.Migrate/migrateProjects/newproj")


def deleted(name: str, group: str) -> Body:
    return {
        "id": f"{S}/providers/Microsoft.KeyVault/locations/westeurope/deletedVaults/{name}",
        "type": "Microsoft.KeyVault/deletedVaults",
        "name": name,
        "properties": {
            "vaultId": f"{S}/resourceGroups/{group}/providers/Microsoft.KeyVault/vaults/{name}",
            "location": "westeurope",
            "scheduledPurgeDate": "2027-02-18T00:00:00Z",
        },
    }


@pytest.mark.parametrize(
    ("name", "group", "goes", "recovered"),
    [
        ("newprojkv", "rg-migrate", None, 1),
        ("newprojkv", "rg-old", None, 0),
        ("newproj12abkv", "rg-old", None, 0),
        ("otherkv", "rg-old", True, 0),
    ],
)
def test_the_name_of_a_deleted_vault_is_taken_wherever_it_was(
    name: str, group: str, goes: bool | None, recovered: int
) -> None:
    of = inventory(assignment(S), deleted(name, group), graph=PEOPLE)
    check = checked(of, "generate-key", project=NEW, new=True)
    assert value(check.goes) is goes
    assert [it.effect for it in check.obstacles] == ([] if goes else [ObstacleEffect.MAY_BLOCK])
    assert len(recoveries_of(context(of), check)) == recovered
    assert len(taken_of(context(of), check)) == (0 if goes else 1 - recovered)


@pytest.mark.parametrize("protected", [True, False])
def test_a_name_taken_in_another_group_is_cured_by_another_name_or_by_purging(protected: bool) -> None:
    held = deleted("newprojkv", "rg-old")
    held["properties"]["purgeProtectionEnabled"] = protected
    around = context(inventory(assignment(S), held, graph=PEOPLE))
    plan = RegistrationPlan(project=NEW, account=USER, discovery_account=USER, new=True)
    [fix] = Fixes(around, plan).of(check_step(around, plan, steps()["generate-key"]))
    freed = "wait for the end of the deleted key vault `newprojkv`"
    purged = "have the deleted key vault `newprojkv` purged"
    assert fix.title == f"Choose another name for the project, or {freed if protected else purged}"
    assert fix.safe is protected
    assert ("protected against purging" in "\n".join(fix.portal)) is protected


@pytest.mark.parametrize(
    ("step", "gap", "made", "goes"),
    [
        ("generate-key", S, False, None),
        ("generate-key", f"{S}/providers/Microsoft.KeyVault/locations/westeurope/deletedVaults/odd", False, None),
        ("generate-key", "/subscriptions/00000000-0000-4000-8000-00000000000f", False, True),
        ("generate-key", S, True, True),
        ("create-project", S, False, True),
    ],
)
def test_unread_deleted_vaults_may_hold_the_name_of_a_vault_that_is_yet_to_be_made(
    step: str, gap: str, made: bool, goes: bool | None
) -> None:
    place, more = (ArmId.parse(PROJECT), (project(), vault(), site())) if made else (NEW, ())
    unread = Gap(DELETED_KEY_VAULTS, gap, 403, "AuthorizationFailed")
    of = inventory(assignment(S), *more, graph=PEOPLE, gaps=(unread,))
    check = checked(of, step, project=place, new=not made)
    assert value(check.goes) is goes
    assert (unread in check.goes.gaps) is (goes is None)


@pytest.mark.parametrize(("not_below", "goes"), [(True, True), (False, False)])
@pytest.mark.parametrize("step", ["generate-key", "register", "start-discovery"])
def test_a_deny_assignment_of_the_group_alone_keeps_nobody_from_its_resources(
    step: str, not_below: bool, goes: bool
) -> None:
    identity = f"{RG}/providers/Microsoft.Authorization/denyAssignments/de000001-0000-4000-8000-000000000001"
    denial = {
        "id": identity,
        "type": "Microsoft.Authorization/denyAssignments",
        "name": identity.rpartition("/")[2],
        "properties": {
            "denyAssignmentName": "stack",
            "permissions": [{"actions": ["*/write", "*/action"]}],
            "principals": [{"id": "00000000-0000-0000-0000-000000000000", "type": "SystemDefined"}],
            "scope": RG,
            "doNotApplyToChildScopes": not_below,
        },
    }
    assert value(checked(world(denial), step).goes) is goes
