"""The built-in roles of this package that grant the important actions, plainly or under a condition."""

import pytest

from auditor.access.rbac.patterns import normalized
from auditor.access.rbac.roles import RoleBook, Strength
from auditor.access.verdicts import Plane

OWNER, ACCESS_ADMIN = "Owner", "User Access Administrator"
MIGRATE_OWNER, PLANNER, EXECUTOR = (
    "Azure Migrate Owner",
    "Azure Migrate Decide and Plan Expert",
    "Azure Migrate Execute Expert",
)
WRITES_VAULTS = {OWNER, "Contributor", "Key Vault Contributor", MIGRATE_OWNER, PLANNER}
PLAINLY: dict[str, set[str]] = {
    "Microsoft.Authorization/roleAssignments/write": {
        OWNER,
        ACCESS_ADMIN,
        "Role Based Access Control Administrator",
    },
    "Microsoft.Authorization/roleDefinitions/write": {OWNER, ACCESS_ADMIN},
    "Microsoft.Authorization/denyAssignments/write": {OWNER, ACCESS_ADMIN},
    "Microsoft.Authorization/denyAssignments/delete": {OWNER, ACCESS_ADMIN},
    "Microsoft.Authorization/elevateAccess/Action": {OWNER, ACCESS_ADMIN},
    "Microsoft.Authorization/locks/delete": {
        OWNER,
        ACCESS_ADMIN,
        "Locks Contributor",
        MIGRATE_OWNER,
        PLANNER,
        EXECUTOR,
    },
    "Microsoft.Authorization/policyAssignments/write": {OWNER, ACCESS_ADMIN, "Resource Policy Contributor"},
    "Microsoft.Authorization/policyExemptions/write": {OWNER, ACCESS_ADMIN, "Resource Policy Contributor"},
    "Microsoft.KeyVault/vaults/write": WRITES_VAULTS,
    "Microsoft.KeyVault/vaults/accessPolicies/write": WRITES_VAULTS,
    "Microsoft.KeyVault/vaults/secrets/write": WRITES_VAULTS,
    "Microsoft.KeyVault/vaults/deploy/action": WRITES_VAULTS,
    "Microsoft.KeyVault/locations/deletedVaults/purge/action": {OWNER, "Contributor", "Key Vault Purge Operator"},
    "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action": {
        OWNER,
        "Contributor",
        "Managed Identity Operator",
    },
    "Microsoft.Resources/deploymentStacks/manageDenySetting/action": {OWNER},
    "Microsoft.ManagedServices/registrationAssignments/write": {OWNER, "Contributor"},
    "Microsoft.OperationalInsights/workspaces/sharedKeys/action": {OWNER, "Contributor", "Log Analytics Contributor"},
    "Microsoft.Migrate/register/action": {OWNER, "Contributor", MIGRATE_OWNER, PLANNER},
    "Microsoft.OffAzure/register/action": {OWNER, "Contributor", MIGRATE_OWNER, PLANNER},
}


def holders(action: str, plane: Plane, strength: Strength) -> set[str]:
    return {role.name for role in RoleBook({}).every() if role.match(normalized(action), plane).strength is strength}


@pytest.mark.parametrize(("action", "expected"), PLAINLY.items(), ids=PLAINLY)
def test_the_roles_that_grant_an_action_plainly(action: str, expected: set[str]) -> None:
    assert holders(action, Plane.CONTROL, Strength.PLAIN) == expected


def test_the_roles_that_assign_roles_only_under_a_condition() -> None:
    assign = "Microsoft.Authorization/roleAssignments/write"
    assert holders(assign, Plane.CONTROL, Strength.CONDITIONAL) == {
        MIGRATE_OWNER,
        EXECUTOR,
        "Key Vault Data Access Administrator",
    }


def test_no_role_reads_everything_in_the_data_plane() -> None:
    assert holders("Contoso.Made/up/things/read", Plane.DATA, Strength.PLAIN) == set()


def test_owners_of_everything_read_no_secret() -> None:
    get = "Microsoft.KeyVault/vaults/secrets/getSecret/action"
    assert holders(get, Plane.DATA, Strength.PLAIN) == {
        "Key Vault Administrator",
        "Key Vault Secrets Officer",
        "Key Vault Secrets User",
        "Key Vault Certificate User",
    }
