"""Each rule of the book over the embedded environments: where it fails, where it passes, where it cannot tell."""

from collections.abc import Iterable
from functools import cache

import pytest

from auditor.access.access import Access
from auditor.audit.evaluate import evaluate
from auditor.audit.findings import Finding, Verdict
from auditor.audit.rules.book import Rule, load_rules
from auditor.data import fixtures_dir, rules_dir
from auditor.facts.estate.registration_modes import Mode
from auditor.facts.subjects.every import subjects
from auditor.inventory.inventory import Inventory
from auditor.inventory.resources.directory import DirectoryObject, ServicePrincipal, User
from auditor.inventory.snapshot.files import load
from auditor.inventory.snapshot.implied_reads import with_reads
from auditor.inventory.snapshot.snapshot import Snapshot
from fixtures.generate import hide, hideable

pytestmark = pytest.mark.untraced

GUEST = "nestorw_fabrikam.com#EXT#@contoso.onmicrosoft.com"


@cache
def rules() -> tuple[Rule, ...]:
    return load_rules(rules_dir())


@cache
def snapshot(name: str) -> Snapshot:
    return with_reads(load(fixtures_dir() / f"{name}.yaml"))


def people(inventory: Inventory) -> list[str]:
    held: list[DirectoryObject] = [*inventory.objects(User), *inventory.objects(ServicePrincipal)]
    return [one.id for one in held]


def judged(of: Snapshot, accounts: Iterable[str] | None = None, mode: Mode | None = None) -> tuple[Finding, ...]:
    inventory = Inventory.of(of)
    asked = people(Inventory.of(snapshot("contoso"))) if accounts is None else list(accounts)
    return evaluate(rules(), subjects(inventory, Access.of(inventory), accounts=asked, registration_mode=mode))


@cache
def contoso() -> dict[tuple[str, str], Finding]:
    as_written = load(fixtures_dir() / "contoso.yaml")
    return {(one.rule, one.subject.name): one for one in judged(as_written)}


@cache
def rare() -> dict[tuple[str, str], Finding]:
    world = snapshot("contoso-gov")
    asked = [world.header.by.object_id, *people(Inventory.of(world))]
    return {(one.rule, one.subject.name): one for one in judged(world, asked)}


@cache
def without(what: str) -> dict[tuple[str, str], Finding]:
    """What is found in Contoso when this list is refused everywhere."""
    world = snapshot("contoso")
    hidden = [read for read in hideable(world) if read.what == what]
    assert hidden
    named = {subject.partition(" → ")[0] for _, subject, _ in UNKNOWN}
    asked = [user.id for user in Inventory.of(world).objects(User) if user.label in named]
    return {(one.rule, one.subject.name): one for one in judged(hide(world, hidden), asked)}


FAIL = [
    ("account-cannot-register", "leeg@contoso.com → contoso-dc-exit"),
    ("account-cannot-register", "jonis@contoso.com → contoso-dc-exit"),
    ("account-cannot-register", "henriettam@contoso.com → contoso-dc-exit"),
    ("account-cannot-register", "miriamg@contoso.com → contoso-dc-exit"),
    ("account-cannot-register", "alexw@contoso.com → contoso-branches"),
    ("account-cannot-register", "diegos@contoso.com → contoso-lab"),
    ("project-missing", "contoso-pilot"),
    ("appliance-project-gone", "pilotvm01"),
    ("vault-access-missing", "pradeepg@contoso.com → contoso-dc-exit"),
    ("vault-access-missing", "isaiahl@contoso.com → contoso-branches"),
    ("not-application-owner", "diegos@contoso.com → contoso-dc-exit"),
    ("application-missing", "cdxvcenter02b7e0authandaccessaadapp"),
    ("application-missing", "ab1d0005-7c3f-4e58-b6a2-c0a050000005"),
    ("guest-invitation-pending", GUEST),
    ("project-old-experience", "contoso-classic"),
    ("workspace-left-behind", "contoso-pilot-oms"),
    ("workspace-of-project-gone", "contoso-branches"),
    ("cache-storage-gone", "contoso-branches"),
    ("workspace-left-behind", "Contoso-Wave0-WS"),
    ("appliance-silent", "branchhv02"),
    ("appliance-outdated", "branchhv02"),
    ("appliance-certificate-expired", "branchhv02"),
    ("appliance-certificate-expired", "pilotvm01"),
    ("role-only-eligible", "jonis@contoso.com → contoso-dc-exit"),
    ("role-ends-soon", "johannal@contoso.com → contoso-dc-exit"),
    ("deny-assignment-in-the-way", "henriettam@contoso.com → contoso-dc-exit"),
    ("may-not-create-applications", "adelev_fabrikam.com#EXT#@contoso.onmicrosoft.com → contoso-dc-exit"),
    ("policy-for-another-account", "pradeepg@contoso.com → contoso-dc-exit"),
    ("appliance-lost-vault", "branchhv02"),
    ("vault-without-data-role", "isaiahl@contoso.com → contoso-branches"),
    ("account-disabled", "pattif@contoso.com"),
    ("application-credential-ended", "branchhv021a9cauthandaccessaadapp"),
    ("application-without-owner", "branchphys02d0f3authandaccessaadapp"),
    ("experiences-mixed", "contoso-classic"),
    ("project-not-ready", "contoso-lab"),
    ("project-without-appliance", "contoso-lab"),
    ("policy-in-the-way", "contoso-lab"),
    ("provider-unregistered", "contoso-lab"),
    ("vault-name-taken", "contoso-lab"),
    ("vault-left-behind", "PilotVM018e21kv"),
    ("vault-network-closed", "contosobranches7c1dkv"),
    ("discovery-source-failing", "branchhv01"),
    ("assessment-low-confidence", "berlin-wave2-quick"),
    ("assessment-not-calculated", "berlin-wave2-now"),
    ("assessment-outdated", "berlin-wave1-first"),
    ("machines-not-ready", "berlin-wave1-perf"),
    ("machines-not-ready", "dc-exit-wave7"),
    ("machines-need-checks", "berlin-wave1-perf"),
    ("machines-readiness-unknown", "berlin-wave1-perf"),
    ("counters-missing", "berlin-wave1-perf"),
    ("deleted-machines-shown", "branchhv01site"),
    ("discovery-stale", "branchhv021a9csite"),
]

RARE = [
    ("appliance-certificate-ending", "govvc01", "govphys01"),
    ("appliance-of-another-tenant", "govphys01", "govvc01"),
    ("appliance-sign-in-blocked", "govvc01", "govphys01"),
    ("application-credential-ending", "govvc0111aaauthandaccessaadapp", "govvc0233ccauthandaccessaadapp"),
    ("application-left-behind", "govvc0233ccauthandaccessaadapp", "govvc0111aaauthandaccessaadapp"),
    ("application-shared", "govvc0111aaauthandaccessaadapp", "govvc0233ccauthandaccessaadapp"),
    ("dependencies-unavailable", "gov-exit", "gov-trial"),
    ("deletion-in-the-way", "gov-trial", "gov-exit"),
    ("device-code-blocked", "jonis@contoso.us → gov-exit", "meganb@contoso.us → gov-exit"),
    ("lock-in-the-way", "gov-trial", "gov-exit"),
    ("service-principal-disabled", "govvc0111aaauthandaccessaadapp", "govvc0233ccauthandaccessaadapp"),
    ("service-principal-missing", "govvc0233ccauthandaccessaadapp", "govvc0111aaauthandaccessaadapp"),
    ("site-without-project", "govphys01", "govvc01"),
    ("solution-map-stale", "gov-exit", "gov-trial"),
    ("subscription-not-enabled", "gov-trial", "gov-exit"),
    ("vault-locked", "govclosed33cckv", "govexit11aakv"),
    ("vault-missing", "govphys0122bbkv", "govexit11aakv"),
    ("vault-of-another-tenant", "govclosed33cckv", "govexit11aakv"),
    ("vault-unreachable", "govclosed33cckv", "govexit11aakv"),
    ("workspace-name-taken", "gov-exit", "gov-trial"),
]
"""Rules that only Contoso's tenant in Azure Government fails: of whom, and who stands beside without it."""

PASS = [
    ("appliance-lost-vault", "branchhv01"),
    ("appliance-sign-in-blocked", "branchhv01"),
    ("appliance-sign-in-blocked", "cdxvcenter01"),
    ("account-cannot-register", "meganb@contoso.com → contoso-lab"),
    ("account-cannot-register", "alexw@contoso.com → contoso-dc-exit"),
    ("account-cannot-register", "johannal@contoso.com → contoso-dc-exit"),
    ("account-cannot-register", "gradya@contoso.com → contoso-dc-exit"),
    ("project-missing", "contoso-dc-exit"),
    ("appliance-project-gone", "cdxvcenter01"),
    ("vault-access-missing", "isaiahl@contoso.com → contoso-dc-exit"),
    ("vault-access-missing", "diegos@contoso.com → contoso-dc-exit"),
    ("not-application-owner", "isaiahl@contoso.com → contoso-dc-exit"),
    ("not-application-owner", "meganb@contoso.com → contoso-dc-exit"),
    ("application-missing", "cdxvcenter014f2aagentauthaadapp"),
    ("service-principal-disabled", "cdxvcenter014f2aagentauthaadapp"),
    ("service-principal-missing", "cdxvcenter014f2aagentauthaadapp"),
    ("guest-invitation-pending", "adelev_fabrikam.com#EXT#@contoso.onmicrosoft.com"),
    ("project-old-experience", "contoso-branches"),
    ("workspace-left-behind", "contoso-dc-exit-oms"),
    ("workspace-of-project-gone", "contoso-dc-exit"),
    ("cache-storage-gone", "contoso-dc-exit"),
    ("workspace-left-behind", "migrate-contoso-classic"),
    ("workspace-left-behind", "law-hub-weu"),
    ("workspace-left-behind", "contoso-wave1-ws"),
    ("appliance-silent", "branchphys01"),
    ("appliance-outdated", "branchhv01"),
    ("appliance-certificate-expired", "cdxvcenter01"),
    ("role-only-eligible", "leeg@contoso.com → contoso-dc-exit"),
    ("role-ends-soon", "meganb@contoso.com → contoso-dc-exit"),
    ("deny-assignment-in-the-way", "henriettam@contoso.com → contoso-branches"),
    ("may-not-create-applications", "pradeepg@contoso.com → contoso-dc-exit"),
    ("policy-for-another-account", "isaiahl@contoso.com → contoso-dc-exit"),
    ("vault-without-data-role", "meganb@contoso.com → contoso-branches"),
    ("account-disabled", "leeg@contoso.com"),
    ("application-without-owner", "cdxvcenter014f2aagentauthaadapp"),
    ("project-not-ready", "contoso-branches"),
    ("policy-in-the-way", "contoso-dc-exit"),
    ("provider-unregistered", "contoso-dc-exit"),
    ("vault-left-behind", "contosodcexit4f2akv"),
    ("vault-network-closed", "contosodcexit4f2akv"),
    ("discovery-source-failing", "cdxvcenter01"),
    ("discovery-source-failing", "cdxvcenter02"),
    ("assessment-low-confidence", "berlin-wave1-perf"),
    ("assessment-not-calculated", "berlin-wave1-first"),
    ("assessment-outdated", "berlin-wave1-perf"),
    ("machines-not-ready", "berlin-wave1-first"),
    ("machines-need-checks", "hamburg-imported-first"),
    ("machines-readiness-unknown", "dc-exit-wave7"),
    ("counters-missing", "dc-exit-wave7"),
    ("deleted-machines-shown", "cdxvcenter014f2asite"),
    ("discovery-stale", "cdxvcenter014f2asite"),
]

NOT_APPLICABLE = [
    ("workspace-left-behind", "law-payments"),
    ("appliance-certificate-expired", "branchphys01"),
    ("appliance-sign-in-blocked", "branchphys01"),
    ("vault-access-missing", "leeg@contoso.com → contoso-lab"),
    ("not-application-owner", "leeg@contoso.com → contoso-lab"),
    ("vault-without-data-role", "leeg@contoso.com → contoso-dc-exit"),
    ("policy-for-another-account", "leeg@contoso.com → contoso-branches"),
    ("application-without-owner", "contoso-appliance-branchhv01"),
    ("lock-in-the-way", "contoso-classic"),
    ("discovery-source-failing", "branchphys01"),
    ("assessment-low-confidence", "hamburg-imported-first"),
    ("machines-not-ready", "berlin-wave2-now"),
    ("counters-missing", "berlin-wave1-first"),
]

UNKNOWN = [
    ("account-cannot-register", "leeg@contoso.com → contoso-dc-exit", "Microsoft.Authorization/roleAssignments"),
    ("account-cannot-register", "meganb@contoso.com → contoso-lab", "Microsoft.Authorization/denyAssignments"),
    ("project-missing", "contoso-pilot", "Microsoft.Migrate/migrateProjects"),
    ("appliance-project-gone", "pilotvm01", "Microsoft.Resources/resourceGroups"),
    ("appliance-lost-vault", "branchhv02", "Microsoft.Authorization/roleAssignments"),
    ("appliance-sign-in-blocked", "branchhv01", "graph/conditionalAccessPolicies"),
    ("appliance-sign-in-blocked", "cdxvcenter02", "graph/servicePrincipals"),
    ("vault-access-missing", "pradeepg@contoso.com → contoso-dc-exit", "Microsoft.KeyVault/vaults"),
    ("vault-access-missing", "isaiahl@contoso.com → contoso-dc-exit", "Microsoft.OffAzure/HyperVSites"),
    ("not-application-owner", "diegos@contoso.com → contoso-dc-exit", "graph/owners"),
    ("application-missing", "ab1d0005-7c3f-4e58-b6a2-c0a050000005", "graph/servicePrincipals"),
    ("service-principal-missing", "cdxvcenter02b7e0authandaccessaadapp", "graph/servicePrincipals"),
    ("service-principal-disabled", "cdxvcenter02b7e0authandaccessaadapp", "graph/servicePrincipals"),
    ("workspace-left-behind", "Contoso-Wave0-WS", "Microsoft.Insights/dataCollectionRules"),
    ("workspace-left-behind", "contoso-pilot-oms", "Microsoft.Migrate/assessmentProjects"),
    (
        "role-ends-soon",
        "meganb@contoso.com → contoso-dc-exit",
        "Microsoft.Authorization/roleAssignmentScheduleInstances",
    ),
    ("deny-assignment-in-the-way", "leeg@contoso.com → contoso-dc-exit", "Microsoft.Authorization/denyAssignments"),
    ("may-not-create-applications", "pradeepg@contoso.com → contoso-dc-exit", "graph/authorizationPolicy"),
    ("device-code-blocked", "pradeepg@contoso.com → contoso-dc-exit", "graph/conditionalAccessPolicies"),
    ("application-without-owner", "branchphys02d0f3authandaccessaadapp", "graph/owners"),
    ("lock-in-the-way", "contoso-dc-exit", "Microsoft.Authorization/locks"),
    ("policy-in-the-way", "contoso-dc-exit", "Microsoft.Authorization/policyAssignments"),
    ("policy-in-the-way", "contoso-lab", "Microsoft.Authorization/policyExemptions"),
    ("provider-unregistered", "contoso-lab", "Microsoft.Resources/providers"),
    ("vault-name-taken", "contoso-lab", "Microsoft.KeyVault/deletedVaults"),
    ("workspace-of-project-gone", "contoso-dc-exit", "Microsoft.Migrate/assessmentProjects"),
    ("cache-storage-gone", "contoso-branches", "Microsoft.Storage/storageAccounts"),
    ("cache-storage-gone", "contoso-branches", "Microsoft.Migrate/migrateProjects/solutions"),
    ("workspace-of-project-gone", "contoso-branches", "Microsoft.OperationalInsights/workspaces"),
    ("vault-left-behind", "PilotVM018e21kv", "Microsoft.Migrate/migrateProjects"),
    ("discovery-source-failing", "cdxvcenter01", "Microsoft.OffAzure/VMwareSites/vCenters"),
    ("discovery-source-failing", "branchhv01", "Microsoft.OffAzure/HyperVSites/hosts"),
    ("discovery-source-failing", "branchhv02", "Microsoft.OffAzure/HyperVSites/clusters"),
    *(
        (rule, "hamburg-imported-first", "Microsoft.Migrate/assessmentProjects/groups/assessments/assessedMachines")
        for rule in ("machines-not-ready", "machines-need-checks", "machines-readiness-unknown")
    ),
    ("counters-missing", "dc-exit-wave7", "Microsoft.Migrate/assessmentProjects/assessments/assessedMachines"),
    ("deleted-machines-shown", "branchhv01site", "Microsoft.OffAzure/HyperVSites/machines"),
    ("discovery-stale", "branchhv021a9csite", "Microsoft.OffAzure/HyperVSites/machines"),
]


@pytest.mark.parametrize(("rule", "subject"), FAIL)
def test_where_a_rule_fails(rule: str, subject: str) -> None:
    finding = contoso()[rule, subject]
    assert finding.verdict is Verdict.FAIL
    assert finding.evidence
    assert finding.fixes
    assert "(unknown)" not in finding.message
    assert "{{" not in finding.message


@pytest.mark.parametrize(("rule", "failing", "other"), RARE)
def test_where_a_rarer_rule_fails(rule: str, failing: str, other: str) -> None:
    finding = rare()[rule, failing]
    assert finding.verdict is Verdict.FAIL
    assert finding.evidence
    assert finding.fixes
    assert "(unknown)" not in finding.message
    assert rare()[rule, other].verdict in {Verdict.PASS, Verdict.NOT_APPLICABLE}


@pytest.mark.parametrize(("rule", "subject"), PASS)
def test_where_a_rule_passes(rule: str, subject: str) -> None:
    assert contoso()[rule, subject].verdict is Verdict.PASS


@pytest.mark.parametrize(("rule", "subject"), NOT_APPLICABLE)
def test_where_a_rule_does_not_apply(rule: str, subject: str) -> None:
    assert contoso()[rule, subject].verdict is Verdict.NOT_APPLICABLE


@pytest.mark.parametrize(("rule", "subject", "what"), UNKNOWN)
def test_where_a_rule_cannot_tell_because_a_list_was_refused(rule: str, subject: str, what: str) -> None:
    finding = without(what)[rule, subject]
    assert finding.verdict is Verdict.UNKNOWN
    assert what in {gap.what for gap in finding.gaps}
    assert all(gap.needs for gap in finding.gaps if gap.what == what)


@pytest.mark.parametrize(
    ("rule", "subject", "what"),
    [
        ("workspace-left-behind", "contoso-wave2-ws", "Microsoft.SecurityInsights/onboardingStates"),
        ("appliance-certificate-expired", "branchphys02", "Microsoft.OffAzure/ServerSites"),
    ],
)
def test_what_contoso_itself_cannot_tell(rule: str, subject: str, what: str) -> None:
    finding = contoso()[rule, subject]
    assert finding.verdict is Verdict.UNKNOWN
    assert what in {gap.what for gap in finding.gaps}


def test_fabrikam_has_no_finding_for_the_accounts_that_migrate() -> None:
    world = snapshot("fabrikam")
    inventory = Inventory.of(world)
    asked = [world.header.by.object_id, *(one.id for one in inventory.objects(User) if not one.is_guest)]
    doubtful = [one for one in judged(world, asked) if one.verdict in {Verdict.FAIL, Verdict.UNKNOWN}]
    assert doubtful == []


def test_tailspin_has_doubts_and_no_failure() -> None:
    world = snapshot("tailspin")
    accounts = [world.header.by.object_id, "a57a0001-0000-4000-8000-000000000001"]
    verdicts = {one.verdict for one in judged(world, accounts)}
    assert Verdict.FAIL not in verdicts
    assert Verdict.UNKNOWN in verdicts


@pytest.mark.parametrize("mode", [Mode.APP, Mode.ARC])
def test_where_another_identity_registers_no_user_is_blamed(mode: Mode) -> None:
    inventory = Inventory.of(snapshot("contoso"))
    users = [user.id for user in inventory.objects(User)]
    blamed = {
        one.rule
        for one in judged(snapshot("contoso"), users, mode)
        if one.subject.kind == "registration" and one.verdict is Verdict.FAIL
    }
    assert blamed == set()


def test_pre_made_applications_and_arc_identities_trip_no_application_rule() -> None:
    found = {(one.rule, one.subject.name): one.verdict for one in contoso().values()}
    assert found["application-missing", "contoso-appliance-branchhv01"] is Verdict.PASS
    assert not [name for rule, name in found if rule == "application-missing" and name == "branchphys01"]
    assert "branchhv01" not in found_message("not-application-owner", "leeg@contoso.com → contoso-branches")


def found_message(rule: str, subject: str) -> str:
    return contoso()[rule, subject].message
