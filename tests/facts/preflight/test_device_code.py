"""Registering an appliance where Conditional Access covers its sign-in, by device code or as an application."""

from pathlib import Path
from typing import Any

import pytest

from auditor.access.access import Access
from auditor.audit.preflight.report import preflight
from auditor.collect.request import Request
from auditor.facts.entities.applications import usable_credential
from auditor.facts.estate.environment import Context
from auditor.facts.estate.registration_modes import Mode
from auditor.facts.preflight.plan import RegistrationPlan
from auditor.facts.rights.steps import ApplianceKind
from auditor.inventory.arm_id import ArmId
from auditor.inventory.inventory import Inventory
from auditor.inventory.snapshot.files import load
from auditor.report.preflight_result import PreflightResult
from auditor.report.terminal.preflight import PreflightStyle, render
from tests.cases.fabrikam import CHRISTIE, PROJECT, Environment, fabrikam
from tests.collect.emulated import collected, embedded

POLICY = "cad00009-3e6f-4b21-9c57-fab0b1c00009"


def covered(state: str = "enabled", **conditions: object) -> Environment:
    """Return Fabrikam with a policy that blocks device code for everyone."""
    changed = fabrikam()
    changed.document["graph"].append(
        {
            "@odata.type": "#microsoft.graph.conditionalAccessPolicy",
            "id": POLICY,
            "displayName": "Block device code",
            "state": state,
            "conditions": {
                "users": {"includeUsers": ["All"]},
                "applications": {"includeApplications": ["All"]},
                "authenticationFlows": {"transferMethods": "deviceCodeFlow"},
                **conditions,
            },
            "grantControls": {"operator": "OR", "builtInControls": ["block"]},
        }
    )
    return changed


@pytest.mark.parametrize(
    ("environment", "mode", "verdict", "effect"),
    [
        (fabrikam(), Mode.USER, "go", None),
        (covered(), Mode.USER, "no-go", "blocks"),
        (covered(signInRiskLevels=["high"]), Mode.USER, "unknown", "may-block"),
        (covered("enabledForReportingButNotEnforced"), Mode.USER, "go", "note"),
        (covered("disabled"), Mode.USER, "go", None),
    ],
    ids=["no policy", "blocked", "by risk", "report-only", "disabled"],
)
def test_a_policy_decides_the_registration_of_a_user(
    environment: Environment, mode: Mode, verdict: str, effect: str | None, tmp_path: Path
) -> None:
    inventory = Inventory.of(load(environment.save(tmp_path, "device-code")))
    plan = RegistrationPlan(project=ArmId.parse(PROJECT), account=CHRISTIE, discovery_account=CHRISTIE, mode=mode)
    found = preflight(Context(inventory, Access.of(inventory)), plan, who=False)
    [register] = [step for step in found.steps if step.id == "register"]
    assert register.verdict.value == verdict
    effects = [one.effect.value for one in register.obstacles if one.kind == "conditionalAccess"]
    assert effects == ([effect] if effect else [])
    assert (register.errors == ("AADSTS53003",)) is (verdict == "no-go")
    others = {step.id: step.verdict.value for step in found.steps if step.id in {"create-project", "generate-key"}}
    assert others == {"create-project": "go", "generate-key": "go"}
    titles = [fix.title for fix in register.fixes]
    assert any("Exclude the account" in title for title in titles) is (verdict == "no-go")


def test_the_error_is_that_of_the_policy_that_refuses(tmp_path: Path) -> None:
    """A demanded device gives another error than a block, in the headline as in the text."""
    demanding = covered()
    policy = demanding.graph(POLICY)
    policy["displayName"] = "Against AADSTS53003"
    policy["grantControls"] = {"operator": "OR", "builtInControls": ["compliantDevice"]}
    inventory = Inventory.of(load(demanding.save(tmp_path, "device")))
    plan = RegistrationPlan(project=ArmId.parse(PROJECT), account=CHRISTIE, discovery_account=CHRISTIE, mode=Mode.USER)
    found = preflight(Context(inventory, Access.of(inventory)), plan, who=False)
    [register] = [step for step in found.steps if step.id == "register"]
    assert register.errors == ("AADSTS53000",)
    assert any("AADSTS53000" in text for text in register.because)


@pytest.mark.parametrize(
    "narrowed",
    [
        {"locations": {"includeLocations": ["All"], "excludeLocations": ["AllTrusted"]}},
        {"platforms": {"includePlatforms": ["windows"], "excludePlatforms": []}},
    ],
)
def test_what_depends_on_the_sign_in_is_undecidable_and_not_unread(narrowed: dict[str, Any], tmp_path: Path) -> None:
    inventory = Inventory.of(load(covered(**narrowed).save(tmp_path, "place")))
    plan = RegistrationPlan(project=ArmId.parse(PROJECT), account=CHRISTIE, discovery_account=CHRISTIE, mode=Mode.USER)
    found = preflight(Context(inventory, Access.of(inventory)), plan, who=False)
    [register] = [step for step in found.steps if step.id == "register"]
    assert register.verdict.value == "unknown"
    assert all(gap.is_undecidable and "was not read" not in gap.words for gap in register.gaps)
    result = PreflightResult(
        tool="",
        tenant_id="",
        tenant_name="Fabrikam",
        cloud="",
        evaluated_at=inventory.now,
        read_by="",
        titles={},
        preflight=found,
    )
    text = render(result, PreflightStyle())
    assert "UNDECIDABLE FROM HERE" in text
    assert "UNREAD" not in text
    assert "could be read" not in text


APPLICATION = "5bfa0012-6c2e-4f18-9d47-fab0b1c00012"
EVERY: dict[str, Any] = {
    "users": {"includeUsers": ["None"]},
    "clientApplications": {"includeServicePrincipals": ["ServicePrincipalsInMyTenant"], "excludeServicePrincipals": []},
    "authenticationFlows": None,
}


@pytest.mark.parametrize(
    ("changes", "mode", "verdict", "reason"),
    [
        ({}, Mode.APP, "go", ""),
        ({"keyCredentials": []}, Mode.APP, "no-go", "no valid certificate; its owner adds one"),
        ({"keyCredentials": [{"endDateTime": "2026-09-15T06:30:00Z"}]}, Mode.APP, "no-go", "no valid certificate"),
        ({"keyCredentials": [{"endDateTime": None}]}, Mode.APP, "unknown", ""),
        ({"keyCredentials": None}, Mode.APP, "unknown", ""),
        ({"keyCredentials": [], "passwordCredentials": [{"endDateTime": "2027-09-15T06:30:00Z"}]}, Mode.APP, "go", ""),
        ({}, Mode.USER, "no-go", "a service principal cannot sign in by device code"),
    ],
)
def test_an_application_registers_with_a_valid_credential_and_never_by_device_code(
    changes: dict[str, Any], mode: Mode, verdict: str, reason: str, tmp_path: Path
) -> None:
    environment = fabrikam()
    held = next(one for one in environment.document["graph"] if one["id"] == "a0fa0012-1e5d-4b39-8c60-fab0b1c00012")
    held.update(changes)
    inventory = Inventory.of(load(environment.save(tmp_path, "credential")))
    plan = RegistrationPlan(
        project=ArmId.parse(PROJECT),
        account=APPLICATION,
        discovery_account=APPLICATION,
        mode=mode,
        kind=ApplianceKind.HYPERV,
    )
    found = preflight(Context(inventory, Access.of(inventory)), plan, who=False)
    [register] = [step for step in found.steps if step.id == "register"]
    assert register.verdict.value == verdict
    assert reason in "; ".join(register.reasons)


@pytest.mark.parametrize("was_read", [True, False])
def test_an_application_that_is_not_here_registers_only_if_it_was_looked_for(was_read: bool, tmp_path: Path) -> None:
    environment = fabrikam()
    identity = "a0fa0012-1e5d-4b39-8c60-fab0b1c00012"
    [held] = [one for one in environment.document["graph"] if one["id"] == identity]
    environment.document["graph"].remove(held)
    if not was_read:
        gap = {"what": "graph/applications", "scope": held["appId"], "status": 403, "code": "Denied"}
        environment.document.setdefault("gaps", []).append(gap)
    inventory = Inventory.of(load(environment.save(tmp_path, "application")))
    can_sign_in = usable_credential(Context(inventory, Access.of(inventory)), APPLICATION)
    assert (can_sign_in.is_true, can_sign_in.is_false) == (was_read, False)


async def test_a_scan_reads_the_application_of_a_service_principal_that_is_named() -> None:
    environment = fabrikam()
    [named] = [one for one in environment.document["graph"] if one["id"] == APPLICATION]
    found = await collected(embedded("fabrikam"), Request(all=True, accounts=(APPLICATION,)))
    assert named["appId"] in {read.scope for read in found.reads or () if read.what == "graph/applications"}


def of_unknown_audience(environment: Environment) -> Environment:
    """Return the environment as an older scan returned it, which did not ask who may use the application."""
    held = next(one for one in environment.document["graph"] if one["id"] == APPLICATION)
    del held["signInAudience"]
    return environment


@pytest.mark.parametrize(
    ("environment", "verdict", "effect"),
    [
        (fabrikam(), "go", None),
        (covered(), "go", None),
        (covered(**EVERY), "no-go", "blocks"),
        (of_unknown_audience(covered(**EVERY)), "unknown", "may-block"),
        (covered("enabledForReportingButNotEnforced", **EVERY), "go", "note"),
    ],
    ids=["no policy", "policy for users", "blocked", "audience not known", "report-only"],
)
def test_a_policy_for_workload_identities_decides_the_registration_with_an_application(
    environment: Environment, verdict: str, effect: str | None, tmp_path: Path
) -> None:
    inventory = Inventory.of(load(environment.save(tmp_path, "workload")))
    plan = RegistrationPlan(
        project=ArmId.parse(PROJECT),
        account=APPLICATION,
        discovery_account=APPLICATION,
        mode=Mode.APP,
        kind=ApplianceKind.HYPERV,
    )
    found = preflight(Context(inventory, Access.of(inventory)), plan, who=False)
    [register] = [step for step in found.steps if step.id == "register"]
    assert register.verdict.value == verdict
    effects = [one.effect.value for one in register.obstacles if one.kind == "conditionalAccess"]
    assert effects == ([effect] if effect else [])
    titles = [fix.title for fix in register.fixes]
    assert ("Exclude the application from the Conditional Access policy" in titles) is (verdict == "no-go")
    assert "Register with an application created in advance" not in titles
