"""A small scan result with one of everything, for the renderers."""

import shlex
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from auditor.audit.findings import (
    Coverage,
    Evidence,
    Finding,
    Fix,
    Gap,
    OwningProject,
    Read,
    Severity,
    SubjectRef,
    Verdict,
)
from auditor.audit.rules.rule import RuleText
from auditor.facts.landscape import Landscape, MapPlace, Relation
from auditor.report.result import ScanResult

SUBSCRIPTION = "/subscriptions/0d1e2c3b-4a59-4687-9b10-c0a050000001"
GROUP = f"{SUBSCRIPTION}/resourceGroups/rg-migrate"
PROJECT = f"{GROUP}/providers/Microsoft.Migrate/migrateProjects/contoso-exit"
WORKSPACE = f"{GROUP}/providers/Microsoft.OperationalInsights/workspaces/contoso-pilot-ws"
ADELE = "a5e70001-0000-4000-8000-c0a050000001"
ALEX = "a5e70002-0000-4000-8000-c0a050000002"

UNREAD = Gap(
    "Microsoft.Insights/scheduledQueryRules",
    SUBSCRIPTION,
    403,
    "AuthorizationFailed",
    "the client has no right to read this",
    "Microsoft.Insights/scheduledQueryRules/read",
)
SILENT = Gap("Microsoft.KeyVault/deletedVaults", SUBSCRIPTION, 0, "Timeout", "no answer within 60 seconds")


def grant(object_id: str) -> Fix:
    return Fix(
        "Give the account the Azure Migrate role that covers a registration",
        ("Open the resource group, go to Access control (IAM), and choose Add role assignment.", "Assign it."),
        f"az role assignment create --role 'Azure Migrate Expert' --assignee-object-id {object_id} --scope {GROUP}",
        "The account may do everything in Azure Migrate in this resource group.",
        safe=True,
    )


DELETE = Fix(
    "Delete the resource group as the last resort",
    ("Open the resource group and choose Delete resource group.",),
    None,
    "Everything in the group is gone.",
    safe=False,
)


def registration(object_id: str, name: str, verdict: Verdict = Verdict.FAIL, *fixes: Fix) -> Finding:
    return Finding(
        rule="account-cannot-register",
        title="The account cannot register an appliance",
        verdict=verdict,
        severity=Severity.HIGH,
        errors=("60052",),
        subject=SubjectRef("registration", f"{object_id}@{PROJECT}", f"{name} → contoso-exit", account=name),
        message=f"`{name}` cannot register with `contoso-exit`: it lacks `Microsoft.KeyVault/vaults/write`.",
        evidence=(
            Evidence(PROJECT, "provisioningState: Succeeded"),
            Evidence(f"{GROUP}/providers/x/roleAssignments/1"),
        ),
        fixes=fixes,
    )


def left_behind(verdict: Verdict) -> Finding:
    return Finding(
        rule="workspace-left-behind",
        title="A deleted project left its workspace behind",
        verdict=verdict,
        severity=Severity.MEDIUM,
        errors=(),
        subject=SubjectRef("workspace", WORKSPACE, "contoso-pilot-ws"),
        message="could not be checked" if verdict is Verdict.UNKNOWN else "Nothing uses `contoso-pilot-ws` any more.",
        gaps=(UNREAD,) if verdict is Verdict.UNKNOWN else (),
    )


def result(*findings: Finding, gaps: tuple[Gap, ...] = ()) -> ScanResult:
    ordered = tuple(sorted(findings, key=lambda finding: finding.order))
    reads = (Read("Microsoft.KeyVault/vaults", SUBSCRIPTION, count=4), Read("graph/users", ADELE, count=1))
    return ScanResult(
        tool="migaudit 0.1.0",
        tenant_id="72c0a7b1-5d3e-4f60-9b1a-c0a050000000",
        tenant_name="contoso.com",
        cloud="AzureCloud",
        evaluated_at=datetime(2026, 11, 23, 10, tzinfo=UTC),
        read_by="contoso-migaudit",
        subscriptions=("0d1e2c3b-4a59-4687-9b10-c0a050000001",),
        titles={"0d1e2c3b-4a59-4687-9b10-c0a050000001": "Contoso Datacenter Exit"},
        findings=ordered,
        coverage=Coverage.of(reads, gaps, ordered),
    )


RULES = (
    RuleText(
        "account-cannot-register",
        "The account cannot register an appliance",
        "Azure refuses the first step that the account may not do.",
        Severity.HIGH,
        ("60052",),
        ("https://learn.microsoft.com/azure/migrate/prepare-azure-accounts",),
    ),
)
SITE = f"{GROUP}/providers/Microsoft.OffAzure/VMwareSites/contosovm01site"
VAULT = f"{GROUP}/providers/Microsoft.KeyVault/vaults/contosovm01kv"
APPLICATION = "ab0b0001-3e8c-4a17-95d4-c0a050000001"
LANDSCAPE = Landscape(
    (
        MapPlace("project", PROJECT, "contoso-exit"),
        MapPlace("project", "contoso-pilot", "contoso-pilot", held=False),
        MapPlace("appliance", SITE, "contosovm01"),
        MapPlace("application", APPLICATION, "contosovm01agentauthaadapp"),
        MapPlace("vault", VAULT, "contosovm01kv", held=False),
        MapPlace("workspace", WORKSPACE, "contoso-pilot-ws"),
    ),
    (
        Relation(PROJECT.lower(), SITE.lower()),
        Relation(SITE.lower(), APPLICATION),
        Relation(APPLICATION, VAULT.lower()),
        Relation("contoso-pilot", WORKSPACE.lower()),
    ),
)


@pytest.fixture(scope="session")
def everything() -> ScanResult:
    """One of each verdict, two accounts with one rule, fixes of each kind, gaps with and without a cure."""
    made = result(
        registration(ADELE, "adele@contoso.com", Verdict.FAIL, grant(ADELE), DELETE),
        registration(ALEX, "alex@contoso.com", Verdict.FAIL, grant(ALEX)),
        registration("a5e70003", "megan@contoso.com", Verdict.PASS),
        registration("a5e70004", "lee@contoso.com", Verdict.NOT_APPLICABLE),
        left_behind(Verdict.UNKNOWN),
        gaps=(UNREAD, SILENT),
    )
    return replace(made, rules=RULES, landscape=LANDSCAPE)


@pytest.fixture(scope="session")
def several() -> ScanResult:
    """One problem in each of two projects, in two subscriptions with names."""
    other = "0d1e2c3b-4a59-4687-9b10-c0a050000002"
    theirs = PROJECT.replace(SUBSCRIPTION.rpartition("/")[2], other).replace("contoso", "fabrikam")
    lee = "a5e70009-0000-4000-8000-c0a050000009"
    contoso = registration(ADELE, "adele@contoso.com", Verdict.FAIL, grant(ADELE), DELETE)
    fabrikam = replace(
        registration(lee, "lee@fabrikam.com", Verdict.FAIL, grant(lee)),
        subject=SubjectRef(
            "registration", f"{lee}@{theirs}", "lee@fabrikam.com → fabrikam-exit", account="lee@fabrikam.com"
        ),
    )
    made = result(contoso, fabrikam)
    return replace(made, rules=RULES, titles={**made.titles, other: "Fabrikam"}, landscape=LANDSCAPE)


@pytest.fixture(scope="session")
def spotless() -> ScanResult:
    """Nothing wrong, nothing unread."""
    return result(registration(ADELE, "adele@contoso.com", Verdict.PASS))


@pytest.fixture(scope="session")
def hostile() -> Callable[[str], ScanResult]:
    """A result in which every text that comes from Azure is the one given."""

    def named(text: str) -> ScanResult:
        gap = Gap("Microsoft.KeyVault/vaults", text, 403, text, text, text)
        failing = Finding(
            rule="account-cannot-register",
            title="The account cannot register an appliance",
            verdict=Verdict.FAIL,
            severity=Severity.HIGH,
            errors=("60052",),
            subject=SubjectRef("registration", text, text),
            message=f"`{text}` lacks it.",
            evidence=(Evidence(text, text),),
            gaps=(gap,),
            fixes=(Fix(text, (text,), f"az x --name {shlex.quote(text)}", text, safe=False),),
        )
        part = f"{text.replace('/', '')}."
        path = f"/subscriptions/{part}/resourceGroups/{part}/providers/Microsoft.Migrate/migrateProjects/{part}"
        somewhere = SubjectRef(
            "project", path, text, (OwningProject(text, text), OwningProject("", text)), location=text
        )
        unknown = replace(failing, verdict=Verdict.UNKNOWN, fixes=(), subject=somewhere)
        made = result(failing, unknown, gaps=(gap,))
        places = (MapPlace("project", text, text), MapPlace("appliance", f"{text}/sites/x", text, held=False))
        way = Relation(text.lower(), f"{text}/sites/x".lower())
        return replace(
            made,
            tenant_name=text,
            read_by=text,
            titles={"0d1e2c3b-4a59-4687-9b10-c0a050000001": text, part.lower(): text},
            landscape=Landscape(places, (way,)),
        )

    return named
