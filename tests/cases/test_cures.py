"""A cure cures: whatever command a finding proposes is carried out, and the finding is gone afterwards."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from auditor.audit.rules.book import load_rules
from auditor.data import rules_dir
from auditor.emulator.options import Endpoints, Options
from auditor.emulator.running import running_in_thread
from auditor.inventory.snapshot.files import load
from tests.cases.azure_commands import AzureCommands
from tests.cases.fabrikam import (
    APPLIANCE_APPLICATION,
    APPLIANCE_PRINCIPAL,
    GROUP,
    MOVER,
    PROJECT,
    RECOVERY_VAULT,
    SUBSCRIPTION,
    VAULT,
    WORKSPACE,
    Environment,
    fabrikam,
    resource,
)
from tests.cases.situations import (
    group_cannot_be_deleted,
    initiative_denies_vaults_of_access_policies,
    owner_on_a_vault_of_roles,
    private_project_with_failed_endpoint,
    read_only_lock_on_the_subscription,
    vault_firewall_denies_all,
    vault_soft_deleted,
)
from tests.cli.running import Run

ADDRESS = "203.0.113.9"
Saved = Callable[[Callable[[], Environment]], Path]


def newcomer() -> Environment:
    """The mover has no right at all."""
    changed = fabrikam()
    changed.add_mover()
    return changed


def policy_with_few_permissions() -> Environment:
    """The mover's access policy has the permissions that Microsoft's own script gives."""
    changed = newcomer()
    vault = changed.arm(VAULT)["properties"]
    permissions = {
        "keys": ["get", "list", "create", "update", "delete"],
        "secrets": ["get", "set", "list", "delete"],
        "certificates": ["get", "list"],
    }
    tenant = vault["tenantId"]
    vault["accessPolicies"].append({"tenantId": tenant, "objectId": MOVER, "permissions": permissions})
    return changed


def provider_not_registered() -> Environment:
    """A resource provider that appliances need is not registered."""
    changed = fabrikam()
    changed.arm(f"{SUBSCRIPTION}/providers/Microsoft.OffAzure")["registrationState"] = "NotRegistered"
    return changed


def lock_on_the_vault() -> Environment:
    """A ReadOnly lock stands on the key vault."""
    changed = fabrikam()
    lock = f"{VAULT}/providers/Microsoft.Authorization/locks/frozen"
    changed.add(
        {"id": lock, "type": "Microsoft.Authorization/locks", "name": "frozen", "properties": {"level": "ReadOnly"}}
    )
    return changed


def lock_over_a_newcomer() -> Environment:
    """The mover has no right, and a ReadOnly lock on the key vault refuses to give one."""
    changed = lock_on_the_vault()
    changed.add_mover()
    return changed


def site_of_no_project() -> Environment:
    """A site belongs to no project."""
    changed = fabrikam()
    site = f"{GROUP}/providers/Microsoft.OffAzure/ServerSites/lonelysite"
    changed.add(resource(site, "Microsoft.OffAzure/ServerSites", {"applianceName": "lonely"}))
    return changed


def newer_leftovers() -> Environment:
    """The project was deleted, and left what its newer parts and private connectivity made."""
    changed = group_cannot_be_deleted()
    tags = {"Migrate Project": "fabrikam-exit"}
    for kind, name in (
        ("Microsoft.ServiceBus/namespaces", "migratesbns1880011"),
        ("Microsoft.DataReplication/replicationVaults", "fabrikamreplicationvault"),
        ("Microsoft.DataReplication/replicationFabrics", "fabrikamreplicationfabric"),
        ("Microsoft.DependencyMap/maps", "fabrikammap"),
        ("Microsoft.MySQLDiscovery/MySQLSites", "fabrikammysql"),
        ("Microsoft.Network/privateDnsZones", "privatelink.prod.migration.windowsazure.com"),
    ):
        changed.add(resource(f"{GROUP}/providers/{kind}/{name}", kind, tags=tags))
    return changed


def mover_disabled() -> Environment:
    """The mover's account is disabled."""
    changed = newcomer()
    changed.graph(MOVER)["accountEnabled"] = False
    return changed


def application_of_others() -> Environment:
    """The mover does not own the application of the appliance."""
    changed = newcomer()
    changed.document["links"][:] = [one for one in changed.document["links"] if MOVER not in _owned(one)]
    return changed


def application_of_nobody() -> Environment:
    """Neither the application of the appliance nor its service principal has an owner."""
    changed = newcomer()
    owned = {APPLIANCE_APPLICATION, APPLIANCE_PRINCIPAL}
    changed.document["links"][:] = [one for one in changed.document["links"] if not owned & {*_owned(one)}]
    return changed


def _owned(link: dict[str, str]) -> tuple[str, ...]:
    return (link["from"], link["to"]) if link["rel"] == "owner" else ()


def principal_disabled() -> Environment:
    """The service principal of the appliance's application is disabled."""
    changed = fabrikam()
    changed.graph(APPLIANCE_PRINCIPAL)["accountEnabled"] = False
    return changed


def principal_missing() -> Environment:
    """The appliance's application has no service principal."""
    changed = newcomer()
    graph, links = changed.document["graph"], changed.document["links"]
    graph[:] = [one for one in graph if one["id"] != APPLIANCE_PRINCIPAL]
    links[:] = [one for one in links if APPLIANCE_PRINCIPAL not in {one["from"], one["to"]}]
    return changed


def appliance_without_policy() -> Environment:
    """The application of the appliance lost its access policy."""
    changed = fabrikam()
    vault = changed.arm(VAULT)["properties"]
    vault["accessPolicies"] = [one for one in vault["accessPolicies"] if one["objectId"] != APPLIANCE_PRINCIPAL]
    return changed


def private_project_deleted() -> Environment:
    """The project of private connectivity was deleted, and left its endpoints."""
    changed = private_project_with_failed_endpoint()
    changed.delete_project()
    return changed


def empty_recovery_vault() -> Environment:
    """The project was deleted, and left a Recovery Services vault with nothing in it."""
    changed = group_cannot_be_deleted()
    changed.document["arm"][:] = [
        one for one in changed.document["arm"] if not one["id"].startswith(f"{RECOVERY_VAULT}/")
    ]
    return changed


def workspace_deleted() -> Environment:
    """The workspace of the project was deleted, and can be recovered."""
    changed = fabrikam()
    workspace = changed.arm(WORKSPACE)
    workspace["properties"]["modifiedDate"] = "2026-11-18T09:00:00Z"
    changed.document["deleted"] = [workspace]
    changed.remove(WORKSPACE, below=True)
    return changed


def workspace_deleted_after_its_project() -> Environment:
    """The project was deleted, then its workspace, which can be recovered."""
    changed = workspace_deleted()
    changed.delete_project()
    return changed


def workspace_left() -> Environment:
    """The project was deleted, and left its workspace, into which nothing came."""
    changed = fabrikam(queried=True)
    changed.delete_project()
    return changed


def policy_denies_vaults() -> Environment:
    """A policy refuses every key vault."""
    changed = fabrikam()
    kind = "Microsoft.Authorization"
    definition, assignment = (
        f"{SUBSCRIPTION}/providers/{kind}/{one}/guard" for one in ("policyDefinitions", "policyAssignments")
    )
    rule = {"if": {"field": "type", "equals": "Microsoft.KeyVault/vaults"}, "then": {"effect": "Deny"}}
    changed.add(
        resource(definition, f"{kind}/policyDefinitions", {"mode": "Indexed", "policyRule": rule}),
        resource(
            assignment,
            f"{kind}/policyAssignments",
            {"policyDefinitionId": definition, "scope": SUBSCRIPTION, "enforcementMode": "Default"},
        ),
    )
    return changed


CURED = (
    (appliance_without_policy, "appliance-lost-vault", 0),
    (vault_firewall_denies_all, "vault-unreachable", 0),
    (policy_denies_vaults, "policy-in-the-way", 0),
    (initiative_denies_vaults_of_access_policies, "policy-in-the-way", 0),
    (private_project_deleted, "private-endpoint-left-behind", 0),
    (empty_recovery_vault, "recovery-vault-left-behind", 0),
    (workspace_left, "workspace-left-behind", 0),
    (workspace_deleted_after_its_project, "workspace-recoverable", 0),
    (workspace_deleted, "workspace-name-taken", 0),
    (mover_disabled, "account-disabled", 0),
    (group_cannot_be_deleted, "application-left-behind", 0),
    (application_of_nobody, "application-without-owner", 0),
    (application_of_others, "not-application-owner", 0),
    (principal_disabled, "service-principal-disabled", 0),
    (principal_missing, "service-principal-missing", 0),
    (newcomer, "account-cannot-register", 0),
    (newcomer, "account-cannot-register", 1),
    (newcomer, "vault-access-missing", 0),
    (newcomer, "policy-for-another-account", 0),
    (policy_with_few_permissions, "vault-access-not-complete", 0),
    (owner_on_a_vault_of_roles, "vault-without-data-role", 0),
    (owner_on_a_vault_of_roles, "vault-access-missing", 0),
    (lock_over_a_newcomer, "vault-access-missing", 0),
    (lock_over_a_newcomer, "policy-for-another-account", 0),
    (provider_not_registered, "provider-unregistered", 0),
    (read_only_lock_on_the_subscription, "lock-in-the-way", 0),
    (lock_on_the_vault, "vault-locked", 0),
    (vault_soft_deleted, "vault-missing", 0),
    (vault_soft_deleted, "vault-name-taken", 0),
    (site_of_no_project, "site-without-project", 0),
    (group_cannot_be_deleted, "lock-left-behind", 0),
    (group_cannot_be_deleted, "role-assignment-left-behind", 0),
    (group_cannot_be_deleted, "storage-account-left-behind", 0),
    (group_cannot_be_deleted, "site-left-behind", 0),
    (group_cannot_be_deleted, "master-site-left-behind", 0),
    (group_cannot_be_deleted, "assessment-project-left-behind", 0),
    (group_cannot_be_deleted, "vault-left-behind", 0),
    (newer_leftovers, "service-bus-left-behind", 0),
    (newer_leftovers, "replication-vault-left-behind", 0),
    (newer_leftovers, "replication-fabric-left-behind", 0),
    (newer_leftovers, "dependency-map-left-behind", 0),
    (newer_leftovers, "workload-site-left-behind", 0),
    (newer_leftovers, "private-dns-zone-left-behind", 0),
)
"""Situations, the rule that finds something there, and which of its commands is tried first."""

NOT_CARRIED_OUT = {
    "replica-disk-left-behind": "its only command removes a lock; the disk goes with the replication, stopped by hand",
    "vault-network-closed": "stays as long as there is a firewall, since Azure does not show where an appliance is",
}
"""Rules of which no command is carried out here, and why."""

DEEP = {"workspace-left-behind"}
"""Rules that find something only in a deep scan."""

FILLED_IN = {"OBJECT_ID": MOVER, "ADDRESS": ADDRESS}
"""What the reader puts in place of the words in capitals of a command."""


def scanned(migaudit: Run, endpoints: Endpoints, rule: str) -> list[dict[str, Any]]:
    deep = ("--deep",) if rule in DEEP else ()
    scan = (
        "scan",
        *deep,
        "--cloud",
        endpoints.arm,
        "--auth",
        "environment",
        "--all",
        "--account",
        MOVER,
        "--rule",
        rule,
    )
    done = migaudit(*scan, "--at", "2026-11-23T10:00:00Z", "--format", "json", "--fail-on", "never")
    assert done.code == 0, done.err
    return list(json.loads(done.out)["findings"])


def filled_in(command: str) -> str:
    for word, value in FILLED_IN.items():
        command = command.replace(word, value)
    return command


def commands(finding: dict[str, Any]) -> list[str]:
    return [fix["az"] for fix in finding["fixes"] if fix["az"]]


@pytest.mark.parametrize(("situation", "rule", "choice"), CURED, ids=[f"{s.__name__} {r} {c}" for s, r, c in CURED])
def test_a_command_cures_what_it_is_proposed_for(
    migaudit: Run,
    saved: Saved,
    monkeypatch: pytest.MonkeyPatch,
    situation: Callable[[], Environment],
    rule: str,
    choice: int,
) -> None:
    def with_mover() -> Environment:
        changed = situation()
        if not any(one["id"] == MOVER for one in changed.document["graph"]):
            changed.add_mover()
        return changed

    with running_in_thread(load(saved(with_mover)), Options(accept_cures=True)) as endpoints:
        for name, value in endpoints.env.items():
            monkeypatch.setenv(name, value)
        azure = AzureCommands(endpoints)
        found = scanned(migaudit, endpoints, rule)
        subject = next(one["subject"]["id"] for one in found if one["verdict"] == "fail")
        for _ in range(4):  # locks come off one by one before what they protect can be deleted
            left = [one for one in found if one["subject"]["id"] == subject]
            if not left:
                break
            azure.run(filled_in(commands(left[0])[choice]))
            found = scanned(migaudit, endpoints, rule)
        assert subject not in {one["subject"]["id"] for one in found}


def test_every_rule_with_a_command_is_tried_or_says_why_not() -> None:
    proposing = {rule.id for rule in load_rules(rules_dir()) if any(fix.az for fix in rule.fixes)}
    tried = {rule for _, rule, _ in CURED}
    assert proposing == tried | set(NOT_CARRIED_OUT)
    assert not tried & set(NOT_CARRIED_OUT)


def test_a_locked_storage_account_is_unlocked_first(migaudit: Run, saved: Saved) -> None:
    scan = ("scan", "--snapshot", saved(group_cannot_be_deleted), "--rule", "storage-account-left-behind")
    [finding] = json.loads(migaudit(*scan, "--format", "json").out)["findings"]
    unlock, delete = commands(finding)
    assert unlock.startswith("az lock delete --ids /subscriptions/")
    assert unlock.endswith("/locks/fabrikam-exitlock")
    assert delete.startswith("az storage account delete --ids ")
    assert PROJECT.rsplit("/", 1)[1] in unlock
