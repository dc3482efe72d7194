"""The data file of the steps: the needs of each step, and that every one exists in Azure."""

import pytest

from auditor.access.operations import is_operation
from auditor.access.rbac.roles import RoleBook
from auditor.access.verdicts import Plane
from auditor.facts.rights.steps import PRIVATE, ApplianceKind, At, EntraNeed, Part, When, steps

REPLICATION = "Microsoft.RecoveryServices/vaults/replicationFabrics/replicationProtectionContainers"
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


NETWORK = "Microsoft.Network"


def asked(step: str, kind: ApplianceKind, *, at: At | None = None, private: bool = False) -> set[str]:
    """Return every action that a step needs for one kind of appliance, or that only private connectivity needs."""
    needs = [need for need in steps()[step].needs if at is None or need.at is at]
    needs = [need for need in needs if (need.when in PRIVATE) is private]
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
    agentless = {
        "Microsoft.Authorization/locks/write",
        "Microsoft.Authorization/roleAssignments/write",
        f"{REPLICATION}/replicationMigrationItems/write",
    }
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
        "Microsoft.Resources/subscriptions/resourceGroups/read",
        "Microsoft.Compute/disks/write",
        "Microsoft.Compute/virtualMachines/write",
        "Microsoft.Network/networkInterfaces/write",
        *(agentless if kind is ApplianceKind.VMWARE else ()),
    }


def test_a_group_is_made_on_the_subscription_and_a_project_in_its_group() -> None:
    group = "Microsoft.Resources/subscriptions/resourceGroups/write"
    assert asked("create-project", ApplianceKind.VMWARE, at=At.SUBSCRIPTION) == {group}
    assert [need.one_of for need in steps()["create-project"].needs if need.when is When.NEW_RESOURCE_GROUP] == [
        (group,)
    ]


@pytest.mark.parametrize("kind", ApplianceKind)
def test_private_connectivity_takes_endpoints_names_and_the_network(kind: ApplianceKind) -> None:
    in_group = {
        f"{NETWORK}/privateEndpoints/read",
        f"{NETWORK}/privateEndpoints/write",
        f"{NETWORK}/privateEndpoints/privateDnsZoneGroups/write",
        f"{NETWORK}/privateDnsZones/write",
        f"{NETWORK}/privateDnsZones/A/write",
        f"{NETWORK}/privateDnsZones/join/action",
        f"{NETWORK}/privateDnsZones/virtualNetworkLinks/write",
    }
    subnet = {f"{NETWORK}/virtualNetworks/subnets/read", f"{NETWORK}/virtualNetworks/subnets/join/action"}
    key = {"Microsoft.Storage/storageAccounts/write", "Microsoft.Authorization/roleAssignments/write"}
    agentless = {"Microsoft.RecoveryServices/vaults/write"} if kind is ApplianceKind.VMWARE else set()
    for step, more in (("create-project", set()), ("generate-key", key | agentless)):
        assert asked(step, kind, at=At.RESOURCE_GROUP, private=True) == in_group | more
        assert asked(step, kind, at=At.SUBNET, private=True) == subnet
        assert asked(step, kind, at=At.VIRTUAL_NETWORK, private=True) == {f"{NETWORK}/virtualNetworks/join/action"}
    assert [one.id for one in steps().values() if one.has_private_needs] == ["create-project", "generate-key"]


def test_the_endpoints_that_a_step_uses_are_those_of_what_it_talks_to() -> None:
    project, vault = "microsoft.migrate/migrateprojects", "microsoft.keyvault/vaults"
    discovering = {project, vault, "microsoft.migrate/assessmentprojects"}
    assert {one.id: set(one.endpoints) for one in steps().values() if one.endpoints} == {
        "register": {project, vault},
        "start-discovery": discovering,
        "replicate": {*discovering, "microsoft.recoveryservices/vaults", "microsoft.storage/storageaccounts"},
    }


def test_the_first_replication_takes_two_storage_roles_to_assign_in_both_groups() -> None:
    """Only these are given up once a machine replicates; the target takes what creating machines takes."""
    needs = steps()["replicate"].needs
    assigning = [need for need in needs if need.assigns]
    assert [(need.at, need.when) for need in assigning] == [
        (At.RESOURCE_GROUP, When.FIRST_REPLICATION),
        (At.TARGET_GROUP, When.FIRST_REPLICATION),
    ]
    assert {need.assigns for need in assigning} == {
        ("17d1049b-9a84-46fb-8f53-869881c3d3ab", "ba92f5b4-2d11-453d-a403-e96b0029c9fe")
    }
    lasting = {need.one_of[0] for need in needs if need.when is None and need.at is At.TARGET_GROUP}
    assert {action.rpartition("/")[0] for action in lasting} == {
        "Microsoft.Resources/subscriptions/resourceGroups",
        "Microsoft.Compute/disks",
        "Microsoft.Compute/virtualMachines",
        "Microsoft.Network/networkInterfaces",
    }


def test_no_step_has_a_role_that_the_table_of_roles_refuses() -> None:
    owner, planner, executor = (
        "fd8ea4d5-6509-4db0-bada-356ab233b4fa",
        "7859c0b0-0bb9-4994-bd12-cd529af7d646",
        "1cfa4eac-9a23-481c-a793-bfb6958e836b",
    )
    migrate = {one.id: set(one.roles) & {owner, planner, executor} for one in steps().values()}
    assert migrate == {
        "create-project": {owner},
        "generate-key": {owner, planner},
        "register": {owner, planner},
        "start-discovery": {owner, planner},
        "replicate": {owner, executor},
    }


def test_providers_and_rights_in_the_directory() -> None:
    registering = {OFF_AZURE, MIGRATE, "Microsoft.KeyVault"}
    listed = {
        *("MySQLDiscovery", "DependencyMap", "ApplicationMigration", "Insights", "HybridCompute", "Storage", "Network"),
        *("GuestConfiguration", "Compute", "HybridConnectivity", "RecoveryServices", "DataReplication", "AzureArcData"),
    }
    assert {one.id: set(one.providers) for one in steps().values()} == {
        "create-project": {MIGRATE},
        "generate-key": registering | {f"Microsoft.{name}" for name in listed},
        "register": registering,
        "start-discovery": set(),
        "replicate": {"Microsoft.Storage", "Microsoft.RecoveryServices"},
    }
    assert {one.id: one.entra for one in steps().values() if one.entra} == {
        "register": EntraNeed.CREATE_APPLICATION,
        "start-discovery": EntraNeed.CONTROL_APPLICATION,
        "replicate": EntraNeed.READ_SERVICE_PRINCIPALS,
    }
    assert [steps()["start-discovery"].entra_of(kind) for kind in ApplianceKind] == [
        EntraNeed.CONTROL_APPLICATION,
        None,
        None,
    ]
    silent = {Part.ACCOUNT, Part.MODE, Part.TARGET, Part.ENDPOINTS, Part.APPLIANCE}
    assert set(steps()["register"].errors) == set(Part) - silent


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
