"""The unmodified Azure CLI against the emulator: it signs in, reads, deletes and recovers a workspace, and reads Graph.

`make conformance` puts the CLI of `.venv-az` on the path; the settings here are those that any user would need.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from auditor.emulator.options import Endpoints
from auditor.emulator.running import running_in_thread
from auditor.inventory.snapshot.files import load
from auditor.inventory.snapshot.records import By
from auditor.inventory.snapshot.snapshot import Snapshot

pytestmark = pytest.mark.conformance

MEGAN = "a5e70001-6b1c-4d2e-8f30-c0a050000001"
ISAIAH = "isaiahl@contoso.com"
AGENT = "ab1d0001-7c3f-4e58-b6a2-c0a050000001"
WORKSPACE = "contoso-dc-exit-oms"


@dataclass(frozen=True)
class AzureCli:
    """The command `az` with its own environment variables."""

    command: str
    endpoints: Endpoints
    environment: dict[str, str]

    def __call__(self, *arguments: str, **more: str) -> Any:
        """Run `az` and return its decoded JSON output; fail with what it printed on stderr."""
        done = subprocess.run(
            [self.command, *arguments, "--output", "json"],
            env={**self.environment, **more},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, f"az {' '.join(arguments)}\n{done.stderr}"
        return json.loads(done.stdout) if done.stdout.strip() else None

    def sign_in(self) -> Any:
        """Sign in as the service principal that collected the snapshot."""
        point = self.endpoints
        secret = ("--username", point.client_id, "--password", point.client_secret, "--tenant", point.tenant_id)
        return self("login", "--service-principal", *secret)


def _cli(endpoints: Endpoints, folder: Path) -> AzureCli:
    command = shutil.which("az")
    assert command, "the Azure CLI is not on the path; run `make conformance`"
    passed_on = {name: value for name, value in os.environ.items() if not name.startswith(("AZURE_", "ARM_", "PYTHON"))}
    environment = {
        **passed_on,
        "AZURE_CONFIG_DIR": str(folder),
        "AZURE_CORE_COLLECT_TELEMETRY": "no",
        "AZURE_CORE_INSTANCE_DISCOVERY": "false",
        "AZURE_CORE_LOGIN_EXPERIENCE_V2": "off",
        "AZURE_CORE_NO_COLOR": "1",
        "REQUESTS_CA_BUNDLE": endpoints.ca_file,
        "SSL_CERT_FILE": endpoints.ca_file,
    }
    cli = AzureCli(command, endpoints, environment)
    cli("cloud", "register", "--name", "Emulated", "--endpoint-resource-manager", endpoints.arm)
    cli("cloud", "set", "--name", "Emulated")
    return cli


def signed_in_cli(endpoints: Endpoints, folder: Path) -> AzureCli:
    """Return the Azure CLI, with its settings in `folder`, signed in to an emulator."""
    cli = _cli(endpoints, folder)
    cli.sign_in()
    return cli


@pytest.fixture(scope="module")
def snapshot(fixtures: Path) -> Snapshot:
    return load(fixtures / "contoso.yaml")


@pytest.fixture(scope="module")
def az(snapshot: Snapshot, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AzureCli]:
    with running_in_thread(snapshot) as endpoints:
        yield signed_in_cli(endpoints, tmp_path_factory.mktemp("azure"))


@pytest.fixture(scope="module")
def subscription(az: AzureCli) -> str:
    """Return the id of the current subscription of the CLI."""
    return str(az("account", "show")["id"])


def held(snapshot: Snapshot, kind: str, subscription: str) -> set[str]:
    """Return the lower-case ids of the resources of a type that the snapshot contains in a subscription."""
    return {
        record.id.lower()
        for record in snapshot.arm
        if record.type.lower() == kind.lower() and subscription in record.id and not record.deleted
    }


def ids(rows: list[dict[str, Any]]) -> set[str]:
    return {row["id"].lower() for row in rows}


def test_the_subscriptions_are_those_of_the_snapshot(az: AzureCli) -> None:
    every = az("account", "list", "--all")
    assert {row["id"] for row in every} == set(az.endpoints.subscription_ids)
    usable = {row["id"] for row in every if row["state"] == "Enabled"}
    assert {row["id"] for row in az("account", "list")} == usable < set(az.endpoints.subscription_ids)
    assert az("account", "get-access-token")["tokenType"] == "Bearer"


@pytest.mark.parametrize(
    ("command", "kind"),
    [
        ("group list", "Microsoft.Resources/resourceGroups"),
        ("keyvault list", "Microsoft.KeyVault/vaults"),
        ("monitor log-analytics workspace list", "Microsoft.OperationalInsights/workspaces"),
        ("lock list", "Microsoft.Authorization/locks"),
        ("resource list --resource-type Microsoft.Migrate/migrateProjects", "Microsoft.Migrate/migrateProjects"),
        ("policy assignment list --disable-scope-strict-match", "Microsoft.Authorization/policyAssignments"),
    ],
)
def test_a_list_holds_what_the_snapshot_holds(
    az: AzureCli, snapshot: Snapshot, command: str, kind: str, subscription: str
) -> None:
    assert ids(az(*command.split())) >= held(snapshot, kind, subscription)


def test_role_assignments_have_principals_and_role_names(az: AzureCli, snapshot: Snapshot, subscription: str) -> None:
    rows = az("role", "assignment", "list", "--all")
    inherited = {link.from_.lower() for link in snapshot.links if link.rel == "inheritedBy" and subscription in link.to}
    assert ids(rows) == held(snapshot, "Microsoft.Authorization/roleAssignments", subscription) | inherited
    assert all(row["roleDefinitionName"] for row in rows if row["scope"].startswith("/subscriptions/"))
    assert "meganb@contoso.com" in {row["principalName"] for row in rows}
    mine = az("role", "assignment", "list", "--all", "--assignee", "meganb@contoso.com")
    assert {row["principalId"] for row in mine} == {MEGAN}


def test_resources_are_shown_in_an_api_version_that_their_provider_names(
    az: AzureCli, snapshot: Snapshot, subscription: str
) -> None:
    group = f"/subscriptions/{subscription}/resourceGroups/rg-migrate-prod"
    project = f"{group}/providers/Microsoft.Migrate/MigrateProjects/contoso-dc-exit"
    asked = (
        project,
        f"{project}/Solutions/Servers-Discovery-ServerDiscovery",
        f"{group}/providers/Microsoft.OperationalInsights/workspaces/{WORKSPACE}",
        f"{group}/providers/Microsoft.Storage/storageAccounts/migratersa1867481726",
    )
    assert ids(az("resource", "show", "--ids", *asked)) == {one.lower() for one in asked}
    assert project.lower() in ids(az("resource", "list", "--tag", "Migrate Project"))
    types = {
        row["resourceType"]: row["apiVersions"]
        for row in az("provider", "show", "-n", "Microsoft.Migrate")["resourceTypes"]
    }
    assert types["migrateProjects"] == sorted(types["migrateProjects"], reverse=True)
    held = {record.body for record in snapshot.arm if record.type == "Microsoft.Resources/providers"}
    assert len(az("provider", "list")) * len(az.endpoints.subscription_ids) == len(held)


def test_a_vault_is_found_by_its_name_alone(az: AzureCli, subscription: str) -> None:
    assert az("keyvault", "show", "--name", "contosodcexit4f2akv")["resourceGroup"] == "rg-migrate-prod"
    lab = ("--subscription", az.endpoints.subscription_ids[1])
    assert az("keyvault", "show-deleted", "--name", "contosolab3d9kv", *lab)["name"] == "contosolab3d9kv"


def test_who_changed_what(az: AzureCli) -> None:
    """The changelog command sends a filter in which the provider has no quotation marks."""
    assert az("role", "assignment", "list-changelogs") == []
    assert {row["caller"] for row in az("monitor", "activity-log", "list", "--offset", "60d")} == {ISAIAH}


def test_deny_assignments(az: AzureCli, snapshot: Snapshot, subscription: str) -> None:
    rows = az("role", "deny-assignment", "list")
    assert ids(rows) == held(snapshot, "Microsoft.Authorization/denyAssignments", subscription)


def test_role_definitions_of_both_kinds(az: AzureCli) -> None:
    titles = {row["roleName"] for row in az("role", "definition", "list")}
    assert titles >= {"Owner", "Contributor", "Reader"}
    custom = az("role", "definition", "list", "--custom-role-only", "true")
    assert custom
    assert all(row["roleType"] == "CustomRole" for row in custom)


def test_deleted_vaults(az: AzureCli, snapshot: Snapshot) -> None:
    for subscription in az.endpoints.subscription_ids:
        rows = az("keyvault", "list-deleted", "--resource-type", "vault", "--subscription", subscription)
        assert ids(rows) == held(snapshot, "Microsoft.KeyVault/deletedVaults", subscription)


def test_management_groups(az: AzureCli) -> None:
    assert "contoso" in {row["name"] for row in az("account", "management-group", "list")}
    tree = az("account", "management-group", "show", "--name", "contoso", "--expand", "--recurse", "--no-register")
    assert {child["name"] for child in tree["children"]} == {"contoso-landingzones", "contoso-platform"}


def test_a_workspace_is_deleted_and_recovered(az: AzureCli) -> None:
    workspaces = ("monitor", "log-analytics", "workspace")

    def names(*command: str) -> set[str]:
        return {row["name"] for row in az(*workspaces, *command)}

    one = next(row for row in az(*workspaces, "list") if row["name"] == WORKSPACE)
    where = ("--resource-group", one["resourceGroup"], "--workspace-name", WORKSPACE)
    az(*workspaces, "delete", *where, "--yes")
    assert WORKSPACE not in names("list")
    assert WORKSPACE in names("list-deleted-workspaces")
    back = az(*workspaces, "recover", *where)
    assert back["customerId"] == one["customerId"]
    assert WORKSPACE in names("list")
    assert WORKSPACE not in names("list-deleted-workspaces")


def test_graph(az: AzureCli, snapshot: Snapshot) -> None:
    graph = az.endpoints.graph
    page = az("rest", "--url", f"{graph}/v1.0/servicePrincipals?$top=2&$select=id,displayName")
    assert len(page["value"]) == 2
    principals = {r.id for r in snapshot.graph if r.odata_type.endswith("servicePrincipal") and not r.deleted}
    assert {row["id"] for row in az("ad", "sp", "list", "--all")} == principals
    applications = {r.id for r in snapshot.graph if r.odata_type.endswith(".application") and not r.deleted}
    assert {row["id"] for row in az("ad", "app", "list", "--all")} == applications
    assert az("ad", "user", "show", "--id", "meganb@contoso.com")["id"] == MEGAN
    groups = az("ad", "group", "list")
    assert az("ad", "group", "member", "list", "--group", groups[0]["id"]) is not None


def test_applications_and_their_service_principals_by_app_id(az: AzureCli) -> None:
    assert az("ad", "app", "show", "--id", AGENT)["appId"] == AGENT
    assert [row["userPrincipalName"] for row in az("ad", "app", "owner", "list", "--id", AGENT)] == [ISAIAH]
    assert az("ad", "app", "permission", "list", "--id", AGENT) == []
    assert az("ad", "app", "credential", "list", "--id", AGENT, "--cert")
    assert az("ad", "sp", "show", "--id", az.endpoints.client_id)["appId"] == az.endpoints.client_id


def test_arm_by_rest(az: AzureCli) -> None:
    tenants = az("rest", "--url", f"{az.endpoints.arm}/tenants?api-version=2022-12-01")
    assert [row["tenantId"] for row in tenants["value"]] == [az.endpoints.tenant_id]


def test_other_ways_to_sign_in(snapshot: Snapshot, tmp_path: Path) -> None:
    from dataclasses import replace

    from msgspec.structs import replace as with_fields

    by_megan = replace(snapshot, header=with_fields(snapshot.header, by=By(MEGAN, "Megan Bowen", "User")))
    with running_in_thread(by_megan) as endpoints:
        cli = _cli(endpoints, tmp_path)
        assert {row["id"] for row in cli("login", "--use-device-code")} == set(endpoints.subscription_ids)
        assert cli("ad", "signed-in-user", "show")["id"] == MEGAN
        owned = {link.from_ for link in snapshot.links if link.rel == "owner" and link.to == MEGAN}
        assert {row["id"] for row in cli("ad", "signed-in-user", "list-owned-objects")} == owned != set()
        cli("logout")
        host = {"AZURE_POD_IDENTITY_AUTHORITY_HOST": endpoints.arm}
        assert {row["id"] for row in cli("login", "--identity", **host)} == set(endpoints.subscription_ids)
        assert cli("group", "list", **host)


def test_the_cloud_by_environment_alone(az: AzureCli, tmp_path: Path) -> None:
    address = f"{az.endpoints.arm}/metadata/endpoints?api-version=2019-05-01"
    own = {
        **az.environment,
        "AZURE_CONFIG_DIR": str(tmp_path),
        "ARM_CLOUD_METADATA_URL": address,
        "AZURE_CLOUD_NAME": "MigauditEmulator",
    }
    cli = AzureCli(az.command, az.endpoints, own)
    assert {row["id"] for row in cli.sign_in()} == set(az.endpoints.subscription_ids)
    assert cli("group", "list")
