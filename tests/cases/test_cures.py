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
from tests.cases.curable import (
    admits_one_other_address,
    appliance_without_policy,
    application_of_nobody,
    application_of_others,
    disabled_principal_as_mover,
    empty_recovery_vault,
    lock_on_the_vault,
    mover_disabled,
    newcomer,
    newer_leftovers,
    policy_denies_vaults,
    policy_with_few_permissions,
    principal_disabled,
    principal_missing,
    private_project_deleted,
    provider_not_registered,
    site_of_no_project,
    workspace_deleted,
    workspace_deleted_after_its_project,
    workspace_left,
)
from tests.cases.fabrikam import (
    MOVER,
    PROJECT,
    SUBSCRIPTION_ID,
    VAULT,
    Environment,
)
from tests.cases.situations import (
    group_cannot_be_deleted,
    initiative_denies_vaults_of_access_policies,
    leftover_workspace_with_replication,
    owner_on_a_vault_of_roles,
    read_only_lock_on_the_subscription,
    vault_firewall_denies_all,
    vault_soft_deleted,
)
from tests.cli.running import Run
from tests.sampling import sampled

ADDRESS = "203.0.113.9"
ACCEPTING = Options(accept_cures=True)
Saved = Callable[[Callable[[], Environment]], Path]


CURED = (
    (appliance_without_policy, "appliance-lost-vault", 0),
    (vault_firewall_denies_all, "vault-unreachable", 0),
    (policy_denies_vaults, "policy-in-the-way", 0),
    (initiative_denies_vaults_of_access_policies, "policy-in-the-way", 0),
    (private_project_deleted, "private-endpoint-left-behind", 0),
    (empty_recovery_vault, "recovery-vault-left-behind", 0),
    (workspace_left, "workspace-left-behind", 0),
    (leftover_workspace_with_replication, "workspace-left-behind", 0),
    (workspace_deleted_after_its_project, "workspace-recoverable", 0),
    (workspace_deleted, "workspace-name-taken", 0),
    (mover_disabled, "account-disabled", 0),
    (disabled_principal_as_mover, "account-disabled", 0),
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
    "vault-network-closed": "stays while there is a firewall; a preflight with the address is its test below",
}
"""Rules of which no command is carried out here, and why."""

DEEP = {"workspace-left-behind"}
"""Rules that find something only in a deep scan."""

LOCKS = "Microsoft.Authorization/locks"
LOCKABLE = {
    rule.id
    for rule in load_rules(rules_dir())
    if len(az := [fix.az.parts[0] for fix in rule.fixes if fix.az]) > 1 and any("lock delete" in one for one in az)
}
"""Rules that propose to remove a lock before anything else."""

FILLED_IN = {"OBJECT_ID": MOVER, "ADDRESS": ADDRESS}
"""What the reader puts in place of the words in capitals of a command."""


def scanned(migaudit: Run, endpoints: Endpoints, rule: str) -> list[dict[str, Any]]:
    where = ("--cloud", endpoints.arm, "--auth", "environment", "--all", "--at", "2026-11-23T10:00:00Z")
    what = ("--account", MOVER, "--rule", rule, *(("--deep",) if rule in DEEP else ()))
    done = migaudit("scan", *where, *what, "--format", "json", "--fail-on", "never")
    assert done.code == 0, done.err
    return list(json.loads(done.out)["findings"])


def filled_in(command: str) -> str:
    for word, value in FILLED_IN.items():
        command = command.replace(word, value)
    return command


def commands(finding: dict[str, Any]) -> list[str]:
    return [fix["az"] for fix in finding["fixes"] if fix["az"]]


@pytest.fixture
def cure(
    migaudit: Run, saved: Saved, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Callable[[], Environment], str, int], list[str]]:
    """Carry out the commands of a rule until its first finding is gone, and return them; fails if it stays."""

    def carried_out(situation: Callable[[], Environment], rule: str, choice: int) -> list[str]:
        done: list[str] = []
        with running_in_thread(load(saved(lambda: with_mover(situation()))), ACCEPTING) as endpoints:
            for name, value in endpoints.env.items():
                monkeypatch.setenv(name, value)
            azure = AzureCommands(endpoints)
            found = scanned(migaudit, endpoints, rule)
            subject = next(one["subject"]["id"] for one in found if one["verdict"] == "fail")
            for _ in range(4):  # locks come off one by one before what they protect can be changed
                left = [one for one in found if one["subject"]["id"] == subject]
                if not left:
                    break
                done.append(filled_in(commands(left[0])[choice]))
                azure.run(done[-1])
                found = scanned(migaudit, endpoints, rule)
            assert subject not in {one["subject"]["id"] for one in found}
        return done

    return carried_out


def with_mover(changed: Environment) -> Environment:
    if not any(one["id"] == MOVER for one in changed.document["graph"]):
        changed.add_mover()
    return changed


Cure = Callable[[Callable[[], Environment], str, int], list[str]]


@pytest.mark.parametrize(("situation", "rule", "choice"), CURED, ids=[f"{s.__name__} {r} {c}" for s, r, c in CURED])
def test_a_command_cures_what_it_is_proposed_for(
    cure: Cure, situation: Callable[[], Environment], rule: str, choice: int
) -> None:
    assert cure(situation, rule, choice)


LOCKED = [(situation, rule) for situation, rule, choice in CURED if rule in LOCKABLE and choice == 0]


@sampled("situation, rule", LOCKED, one_in=5, ids=[f"{s.__name__} {r}" for s, r in LOCKED])
def test_a_lock_comes_off_first(
    migaudit: Run, saved: Saved, cure: Cure, situation: Callable[[], Environment], rule: str
) -> None:
    scan = ("scan", "--snapshot", saved(lambda: with_mover(situation())), "--account", MOVER, "--rule", rule)
    found = json.loads(migaudit(*scan, "--format", "json").out)["findings"]
    subject = next(one["subject"]["id"] for one in found if one["verdict"] == "fail")
    place = subject if rule.endswith("-left-behind") else VAULT

    def locked() -> Environment:
        changed = with_mover(situation())
        lock = f"{place}/providers/Microsoft.Authorization/locks/frozen"
        changed.add({"id": lock, "type": LOCKS, "name": "frozen", "properties": {"level": "ReadOnly"}})
        return changed

    first, *rest = cure(locked, rule, 0)
    assert first.startswith("az lock delete --ids /subscriptions/")
    assert rest
    assert not rest[-1].startswith("az lock delete")


def test_an_address_in_the_firewall_lets_the_appliance_in(
    migaudit: Run, saved: Saved, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_in_thread(load(saved(lambda: with_mover(admits_one_other_address()))), ACCEPTING) as endpoints:
        for name, value in endpoints.env.items():
            monkeypatch.setenv(name, value)

        def registering() -> str:
            where = ("--cloud", endpoints.arm, "--auth", "environment", "--at", "2026-11-23T10:00:00Z")
            who = (
                "--subscription",
                SUBSCRIPTION_ID,
                "-p",
                "fabrikam-exit",
                "-a",
                "christiec@fabrikam.com",
                "--appliance-address",
                ADDRESS,
            )
            asked = migaudit("preflight", *where, *who, "--step", "register", "--format", "json")
            assert asked.out, asked.err
            [step] = json.loads(asked.out)["steps"]
            return str(step["verdict"])

        assert registering() == "no-go"
        [finding] = scanned(migaudit, endpoints, "vault-network-closed")
        [command] = commands(finding)
        AzureCommands(endpoints).run(filled_in(command))
        assert registering() == "go"


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
