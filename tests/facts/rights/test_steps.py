"""The data file of the steps: the needs of each step, and that every one exists in Azure."""

import pytest

from auditor.access.operations import is_operation
from auditor.access.rbac.roles import RoleBook
from auditor.access.verdicts import Plane
from auditor.facts.rights.steps import ApplianceKind, At, EntraNeed, Part, steps

MIGRATE, OFF_AZURE, VAULTS = "Microsoft.Migrate", "Microsoft.OffAzure", "Microsoft.KeyVault/vaults"
PROJECT = (
    f"{MIGRATE}/migrateProjects/read",
    f"{MIGRATE}/migrateProjects/write",
    f"{MIGRATE}/migrateProjects/registerTool/action",
    f"{MIGRATE}/migrateProjects/solutions/read",
    f"{MIGRATE}/migrateProjects/solutions/write",
    "Microsoft.Resources/deployments/write",
    "Microsoft.Resources/subscriptions/resourceGroups/read",
)
SITE = {ApplianceKind.VMWARE: "VMwareSites", ApplianceKind.HYPERV: "HyperVSites", ApplianceKind.PHYSICAL: "ServerSites"}
COLLECTOR = {ApplianceKind.VMWARE: "vmware", ApplianceKind.HYPERV: "hyperv", ApplianceKind.PHYSICAL: "server"}
GIVES_ACCESS = (f"{VAULTS}/write", f"{VAULTS}/accessPolicies/write")


def asked(step: str, kind: ApplianceKind, *, at: At | None = None) -> set[str]:
    """Return every action that a step needs for one kind of appliance."""
    needs = [need for need in steps()[step].needs if at is None or need.at is at]
    return {action for need in needs for action in need.of(kind)}


def test_the_steps_come_in_the_order_of_the_work() -> None:
    assert list(steps()) == ["create-project", "generate-key", "register", "start-discovery", "replicate"]


@pytest.mark.parametrize("kind", ApplianceKind)
def test_every_action_of_the_reference_is_asked_for_and_no_other(kind: ApplianceKind) -> None:
    site = f"{OFF_AZURE}/{SITE[kind]}"
    below = {
        ApplianceKind.VMWARE: {f"{site}/vcenters/write", f"{VAULTS}/accessPolicies/write"},
        ApplianceKind.HYPERV: {f"{site}/hosts/write", f"{site}/clusters/write"},
        ApplianceKind.PHYSICAL: {f"{site}/machines/write"},
    }
    agentless = {"Microsoft.Authorization/locks/write", "Microsoft.Authorization/roleAssignments/write"}
    assert asked("create-project", kind) == {*PROJECT, "Microsoft.Resources/subscriptions/resourceGroups/write"}
    assert asked("generate-key", kind) == {
        *PROJECT,
        *GIVES_ACCESS,
        f"{VAULTS}/read",
        f"{OFF_AZURE}/MasterSites/write",
        f"{site}/write",
        f"{MIGRATE}/assessmentProjects/write",
        f"{MIGRATE}/assessmentProjects/{COLLECTOR[kind]}collectors/write",
    }
    assert asked("register", kind) == {
        *GIVES_ACCESS,
        f"{OFF_AZURE}/MasterSites/applianceRegistrationInfo/action",
        f"{MIGRATE}/migrateProjects/read",
        f"{MIGRATE}/migrateProjects/registrationDetails/action",
        f"{MIGRATE}/migrateProjects/solutions/write",
        f"{site}/write",
    }
    assert asked("start-discovery", kind) == {f"{site}/write", *below[kind]}
    assert asked("replicate", kind) == {
        "Microsoft.Storage/storageAccounts/write",
        "Microsoft.RecoveryServices/vaults/write",
        *(agentless if kind is ApplianceKind.VMWARE else ()),
    }


def test_a_group_is_made_on_the_subscription_and_a_project_in_its_group() -> None:
    group = "Microsoft.Resources/subscriptions/resourceGroups/write"
    assert asked("create-project", ApplianceKind.VMWARE, at=At.SUBSCRIPTION) == {group}
    assert [need.one_of for need in steps()["create-project"].needs if need.new_resource_group] == [(group,)]


def test_providers_and_rights_in_the_directory() -> None:
    registering = {OFF_AZURE, MIGRATE, "Microsoft.KeyVault"}
    assert {one.id: set(one.providers) for one in steps().values()} == {
        "create-project": {MIGRATE},
        "generate-key": registering,
        "register": registering,
        "start-discovery": set(),
        "replicate": {"Microsoft.Storage", "Microsoft.RecoveryServices", "Microsoft.DataReplication"},
    }
    assert {one.id: one.entra for one in steps().values() if one.entra} == {
        "register": EntraNeed.CREATE_APPLICATION,
        "start-discovery": EntraNeed.CONTROL_APPLICATION,
    }
    assert set(steps()["register"].errors) == set(Part) - {Part.ACCOUNT}


def test_registering_asks_for_every_permission_on_keys_secrets_and_certificates() -> None:
    """Return the data actions in the reference's mapping to access policies, except those on storage accounts."""
    same = ("create/action", "import/action", "update/action", "backup/action", "restore/action", "recover/action")
    below = {
        "secrets": ("getSecret/action", "readMetadata/action", "setSecret/action", "delete", "purge/action", *same[2:]),
        "keys": (
            *("read", "delete", "purge/action", *same, "encrypt/action", "decrypt/action", "sign/action"),
            *("verify/action", "release/action", "rotate/action", "wrap/action", "unwrap/action"),
        ),
        "keyrotationpolicies": ("read", "write"),
        "certificates": ("read", "delete", "purge/action", *same),
        "certificatecas": ("read", "write", "delete"),
        "certificatecontacts": ("write",),
    }
    expected = {f"{VAULTS}/{kind}/{action}" for kind, actions in below.items() for action in actions}
    assert set(steps()["register"].vault_documented) == expected
    assert set(steps()["register"].vault) < expected
    assert [one.id for one in steps().values() if one.vault] == ["register"]


def test_every_right_is_an_operation_that_some_built_in_role_gives() -> None:
    roles = RoleBook({}).built_in()
    control = {action for step in steps().values() for need in step.needs for action in need.one_of}
    data = {action for step in steps().values() for action in step.vault}
    for plane, actions in ((Plane.CONTROL, control), (Plane.DATA, data)):
        assert [one for one in actions if not is_operation(one)] == []
        assert [one for one in actions if not any(role.covers(one.lower(), plane) for role in roles)] == []
