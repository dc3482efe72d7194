"""Names of soft-deleted vaults that a project may need, and deny assignments at the group where it needs them."""

import pytest

from auditor.facts.preflight.obstacles import ObstacleEffect
from auditor.facts.preflight.recoveries import recoveries_of
from auditor.inventory.arm_id import ArmId
from tests.facts.preflight.test_check import PEOPLE, checked, value, world
from tests.facts.small import RG, Body, S, assignment, context, inventory

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
