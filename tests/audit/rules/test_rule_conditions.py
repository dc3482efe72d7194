"""Each rule of the book over the facts it mentions: what makes it fail, and which change of which fact ends that.

The environments show where a rule fails; this table shows that every part of its conditions is needed.
"""

from typing import Any

import pytest

from auditor.audit.evaluate import evaluate
from auditor.audit.findings import Verdict
from auditor.audit.rules.book import Rule, load_rules
from auditor.data import rules_dir
from auditor.facts.fact import Known
from auditor.facts.subject import subject

FAIL, PASS, NOT = Verdict.FAIL, Verdict.PASS, Verdict.NOT_APPLICABLE
RULES = {rule.id: rule for rule in load_rules(rules_dir())}

Facts = dict[str, Any]
Change = tuple[Facts, Verdict]
NEW: Facts = {"exists": True, "experience": "new"}
OF_NEW: list[Change] = [({"exists": False}, NOT), ({"experience": "old"}, NOT)]
USERS: Facts = {"account_type": "User", "mode": "user"}
OF_USERS: list[Change] = [
    ({"account_type": "ServicePrincipal"}, NOT),
    ({"mode": "app"}, NOT),
    ({"mode": "arc"}, NOT),
]
VAULT: Facts = {"has_vault": True, "vaults_exist": True, "by_this_account": True, "vault_access": False}
CREDENTIAL: Facts = {"exists": True, "foreign": False, "has_credential": True}
OF_CREDENTIAL: list[Change] = [({"exists": False}, NOT), ({"foreign": True}, NOT), ({"has_credential": False}, NOT)]


def left(kind: str) -> tuple[Facts, list[Change]]:
    """A thing of a kind that is left behind; another verdict or another kind is none."""
    changes: list[Change] = [({"verdict": verdict}, PASS) for verdict in ("attached", "in_use", "not_migrate")]
    return {"kind": kind, "verdict": "orphaned"}, [*changes, ({"kind": "something-else"}, NOT)]


def of_new(facts: Facts, *changes: Change) -> tuple[Facts, list[Change]]:
    """A rule about projects of the new experience that exist."""
    return {**NEW, **facts}, [*changes, *OF_NEW]


def of_calculated(fact: str) -> tuple[Facts, list[Change]]:
    """A rule about assessments with numbers that fails by one fact."""
    return {"calculated": True, fact: True}, [({fact: False}, PASS), ({"calculated": False}, NOT)]


CASES: dict[str, tuple[Facts, list[Change]]] = {
    "account-cannot-register": (
        {"by_this_account": True, "can_register": False},
        [
            ({"can_register": True}, PASS),
            ({"by_this_account": False}, NOT),
            ({"by_this_account": False, "can_register": True}, PASS),
        ],
    ),
    "account-disabled": (
        {"type": "User", "enabled": False},
        [({"enabled": True}, PASS), ({"type": "ServicePrincipal"}, FAIL), ({"type": "Group"}, NOT)],
    ),
    "appliance-certificate-ending": (
        {"has_certificate": True, "certificate_days_left": 29},
        [({"certificate_days_left": days}, PASS) for days in (30, -1)]
        + [({"certificate_days_left": 0}, FAIL), ({"has_certificate": False}, NOT)],
    ),
    "appliance-certificate-expired": (
        {"has_certificate": True, "certificate_days_left": -1},
        [({"certificate_days_left": 0}, PASS), ({"has_certificate": False}, NOT)],
    ),
    "appliance-lost-vault": (
        {"registered": True, "vault_exists": True, "application_uses_vault": True, "application_reads_vault": False},
        [
            ({"application_reads_vault": True}, PASS),
            ({"registered": False}, NOT),
            ({"vault_exists": False}, NOT),
            ({"application_uses_vault": False}, NOT),
        ],
    ),
    "appliance-sign-in-blocked": (
        {"registered": True, "has_principal": True, "application_admitted": False},
        [({"application_admitted": True}, PASS), ({"registered": False}, NOT), ({"has_principal": False}, NOT)],
    ),
    "appliance-of-another-tenant": (
        {"registered": True, "foreign": True},
        [({"foreign": False}, PASS), ({"registered": False}, NOT)],
    ),
    "appliance-outdated": (
        {"registered": True, "comparable": True, "outdated": True},
        [({"outdated": False}, PASS), ({"registered": False}, NOT), ({"comparable": False, "outdated": False}, NOT)],
    ),
    "appliance-project-gone": (
        {"has_project": True, "project_exists": False},
        [({"project_exists": True}, PASS), ({"has_project": False}, NOT)],
    ),
    "appliance-silent": (
        {"has_heartbeat": True, "days_silent": 30},
        [({"days_silent": 29}, PASS), ({"has_heartbeat": False}, NOT)],
    ),
    "application-credential-ended": (
        {**CREDENTIAL, "credential_days_left": -1},
        [({"credential_days_left": 0}, PASS), *OF_CREDENTIAL],
    ),
    "application-credential-ending": (
        {**CREDENTIAL, "credential_days_left": 29},
        [({"credential_days_left": days}, PASS) for days in (30, -1)]
        + [({"credential_days_left": 0}, FAIL), *OF_CREDENTIAL],
    ),
    "application-missing": ({"exists": False}, [({"exists": True}, PASS)]),
    "application-shared": ({"shared": True}, [({"shared": False}, PASS)]),
    "application-without-owner": (
        {"mode": "user", "exists": True, "foreign": False, "owners": []},
        [({"owners": ["a"]}, PASS), ({"mode": "app"}, NOT), ({"exists": False}, NOT), ({"foreign": True}, NOT)],
    ),
    "assessment-low-confidence": (
        {"calculated": True, "performance_based": True, "rated": True, "stars": 2},
        [
            ({"stars": 3}, PASS),
            ({"calculated": False}, NOT),
            ({"performance_based": False}, NOT),
            ({"rated": False}, NOT),
        ],
    ),
    "assessment-not-calculated": ({"calculated": False}, [({"calculated": True}, PASS)]),
    "assessment-outdated": (
        {"calculated": True, "up_to_date": False},
        [({"up_to_date": True}, PASS), ({"calculated": False}, NOT)],
    ),
    "counters-missing": (
        {"calculated": True, "performance_based": True, "has_missing_counters": True},
        [({"has_missing_counters": False}, PASS), ({"calculated": False}, NOT), ({"performance_based": False}, NOT)],
    ),
    "deleted-machines-shown": ({"has_deleted": True}, [({"has_deleted": False}, PASS)]),
    "deny-assignment-in-the-way": (
        {"by_this_account": True, "denied": True},
        [({"denied": False}, PASS), ({"by_this_account": False}, NOT)],
    ),
    "cache-storage-gone": of_new({"missing_storage": ["a"]}, ({"missing_storage": []}, PASS)),
    "dependencies-unavailable": (
        {"exists": True, "cloud": "AzureUSGovernment", "has_workspace": True},
        [({"has_workspace": False}, PASS), ({"exists": False}, NOT), ({"cloud": "AzureCloud"}, NOT)],
    ),
    "deletion-in-the-way": of_new({"being_deleted": True}, ({"being_deleted": False}, PASS)),
    "device-code-blocked": (
        {"mode": "user", "by_this_account": True, "device_code_allowed": False},
        [
            ({"device_code_allowed": True}, PASS),
            ({"by_this_account": False}, NOT),
            ({"mode": "app"}, NOT),
            ({"mode": "arc"}, NOT),
        ],
    ),
    "discovery-source-failing": (
        {"kind": "HyperV", "source_failing": True},
        [({"source_failing": False}, PASS), ({"kind": "VMware"}, FAIL), ({"kind": "Server"}, NOT)],
    ),
    "discovery-stale": (
        {"has_data": True, "stale": True},
        [({"stale": False}, PASS), ({"has_data": False}, NOT)],
    ),
    "experiences-mixed": (
        {"exists": True, "experience": "old", "both_experiences": True},
        [({"exists": False}, PASS), ({"experience": "new"}, PASS), ({"both_experiences": False}, PASS)],
    ),
    "guest-invitation-pending": ({"invitation_pending": True}, [({"invitation_pending": False}, PASS)]),
    "lock-in-the-way": of_new({"locked": True}, ({"locked": False}, PASS)),
    "machines-need-checks": of_calculated("has_conditional"),
    "machines-not-ready": of_calculated("has_not_ready"),
    "machines-readiness-unknown": of_calculated("has_unknown"),
    "may-not-create-applications": (
        {**USERS, "by_this_account": True, "may_create_applications": False},
        [({"may_create_applications": True}, PASS), ({"by_this_account": False}, NOT), *OF_USERS],
    ),
    "not-application-owner": (
        {**USERS, "has_user_application": True, "controls_applications": False},
        [({"controls_applications": True}, PASS), ({"has_user_application": False}, NOT), *OF_USERS],
    ),
    "private-endpoint-not-working": of_new({"failing_endpoints": ["a"]}, ({"failing_endpoints": []}, PASS)),
    "policy-for-another-account": (
        {**VAULT, "vaults_by_policies": True, "policy_for_another": True},
        [
            ({"vault_access": True}, PASS),
            ({"policy_for_another": False}, PASS),
            ({"has_vault": False}, NOT),
            ({"vaults_exist": False}, NOT),
            ({"vaults_by_policies": False}, NOT),
            ({"by_this_account": False}, NOT),
        ],
    ),
    "policy-in-the-way": of_new({"policy_may_refuse": True}, ({"policy_may_refuse": False}, PASS)),
    "project-missing": (
        {"wanted": True, "exists": False},
        [({"exists": True}, PASS), ({"wanted": False}, NOT), ({"wanted": False, "exists": True}, PASS)],
    ),
    "project-not-ready": of_new({"ready": False}, ({"ready": True}, PASS)),
    "project-old-experience": (
        {"exists": True, "experience": "old"},
        [({"exists": False}, PASS), ({"experience": "new"}, PASS)],
    ),
    "project-without-appliance": of_new({"appliances": []}, ({"appliances": ["a"]}, PASS)),
    "provider-unregistered": of_new({"unregistered_providers": ["a"]}, ({"unregistered_providers": []}, PASS)),
    "role-ends-soon": (
        {"by_this_account": True, "can_register": True, "role_ending": True},
        [({"role_ending": False}, PASS), ({"by_this_account": False}, NOT), ({"can_register": False}, NOT)],
    ),
    "role-only-eligible": (
        {"by_this_account": True, "only_eligible": True},
        [({"only_eligible": False}, PASS), ({"by_this_account": False}, NOT)],
    ),
    "service-principal-disabled": (
        {"has_principal": True, "foreign": False, "enabled": False},
        [({"enabled": True}, PASS), ({"has_principal": False}, NOT), ({"foreign": True}, NOT)],
    ),
    "service-principal-missing": (
        {"exists": True, "foreign": False, "has_principal": False},
        [({"has_principal": True}, PASS), ({"exists": False}, NOT), ({"foreign": True}, NOT)],
    ),
    "site-without-project": ({"has_project": False}, [({"has_project": True}, PASS)]),
    "solution-map-stale": of_new({"missing_sites": ["a"]}, ({"missing_sites": []}, PASS)),
    "subscription-not-enabled": of_new({"subscription_works": False}, ({"subscription_works": True}, PASS)),
    "vault-access-not-complete": (
        {**VAULT, "vault_access": True, "vault_access_documented": False},
        [
            ({"vault_access_documented": True}, PASS),
            ({"vault_access": False}, NOT),
            ({"has_vault": False}, NOT),
            ({"vaults_exist": False}, NOT),
            ({"by_this_account": False}, NOT),
            ({"by_this_account": False, "vault_access_documented": True}, PASS),
        ],
    ),
    "vault-access-missing": (
        VAULT,
        [
            ({"vault_access": True}, PASS),
            ({"has_vault": False}, NOT),
            ({"vaults_exist": False}, NOT),
            ({"by_this_account": False}, NOT),
            ({"by_this_account": False, "vault_access": True}, PASS),
        ],
    ),
    "vault-locked": ({"exists": True, "locked": True}, [({"locked": False}, PASS), ({"exists": False}, NOT)]),
    "vault-missing": (
        {"exists": False, "being_deleted": False},
        [({"exists": True}, PASS), ({"exists": True, "being_deleted": True}, FAIL)],
    ),
    "vault-name-taken": of_new({"taken_vault_names": ["a"]}, ({"taken_vault_names": []}, PASS)),
    "vault-network-closed": (
        {"exists": True, "reachable": True, "public_access": True, "public": False},
        [
            ({"public": True}, PASS),
            ({"exists": False}, NOT),
            ({"reachable": False}, NOT),
            ({"public_access": False}, NOT),
        ],
    ),
    "vault-of-another-tenant": (
        {"exists": True, "foreign": True},
        [({"foreign": False}, PASS), ({"exists": False}, NOT)],
    ),
    "vault-unreachable": (
        {"exists": True, "reachable": False},
        [({"reachable": True}, PASS), ({"exists": False}, NOT)],
    ),
    "vault-without-data-role": (
        {**VAULT, "vaults_by_roles": True},
        [
            ({"vault_access": True}, PASS),
            ({"has_vault": False}, NOT),
            ({"vaults_exist": False}, NOT),
            ({"vaults_by_roles": False}, NOT),
            ({"by_this_account": False}, NOT),
        ],
    ),
    "workspace-left-behind": (
        {"associated": True, "projects_gone": True, "attached": False, "used_otherwise": False},
        [
            ({"projects_gone": False}, PASS),
            ({"attached": True}, PASS),
            ({"used_otherwise": True}, PASS),
            ({"associated": False}, NOT),
        ],
    ),
    "workspace-still-used": (
        {"associated": True, "projects_gone": True, "attached": False, "used_otherwise": True},
        [
            ({"projects_gone": False}, PASS),
            ({"attached": True}, PASS),
            ({"used_otherwise": False}, PASS),
            ({"associated": False}, NOT),
        ],
    ),
    "workspace-recoverable": left("deleted-workspace"),
    "service-bus-left-behind": left("service-bus"),
    "replication-vault-left-behind": left("replication-vault"),
    "replication-fabric-left-behind": left("replication-fabric"),
    "replica-disk-left-behind": left("replica-disk"),
    "dependency-map-left-behind": left("dependency-map"),
    "workload-site-left-behind": left("workload-site"),
    "private-dns-zone-left-behind": left("private-dns-zone"),
    "workspace-of-project-gone": (
        {"exists": True, "has_workspace": True, "missing_workspaces": ["a"]},
        [({"missing_workspaces": []}, PASS), ({"exists": False}, NOT), ({"has_workspace": False}, NOT)],
    ),
    "workspace-name-taken": of_new({"taken_workspace_names": ["a"]}, ({"taken_workspace_names": []}, PASS)),
    "application-left-behind": left("application"),
    "assessment-project-left-behind": left("assessment-project"),
    "lock-left-behind": left("lock"),
    "master-site-left-behind": left("master-site"),
    "private-endpoint-left-behind": left("private-endpoint"),
    "recovery-vault-left-behind": left("recovery-vault"),
    "role-assignment-left-behind": left("role-assignment"),
    "site-left-behind": left("site"),
    "storage-account-left-behind": left("storage-account"),
    "vault-left-behind": left("key-vault"),
}
"""By rule: facts with which it fails, and changes of them with the verdict that each brings about."""

ROWS = [(rule, facts, FAIL) for rule, (facts, _) in CASES.items()]
ROWS += [
    (rule, {**facts, **change}, verdict) for rule, (facts, changes) in CASES.items() for change, verdict in changes
]


def verdict_of(rule: Rule, facts: Facts) -> Verdict:
    known = {name: Known(value) for name, value in facts.items()}
    (finding,) = evaluate([rule], [subject(rule.subject, "/it", "it", known)])
    return finding.verdict


@pytest.mark.parametrize(("rule", "facts", "verdict"), ROWS)
def test_a_rule_over_its_facts(rule: str, facts: Facts, verdict: Verdict) -> None:
    assert verdict_of(RULES[rule], facts) is verdict


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_every_fact_of_a_rule_is_changed_by_some_row(rule: Rule) -> None:
    assert rule.id in CASES, "say with which facts it fails, and what ends that"
    facts, changes = CASES[rule.id]
    mentioned = {name.partition(".")[2] for name in rule.mentions}
    assert set(facts) == mentioned
    assert {name for change, _ in changes for name in change} == mentioned


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_rule_says_nothing_where_nothing_is_known(rule: Rule) -> None:
    assert verdict_of(rule, {}) is Verdict.UNKNOWN
