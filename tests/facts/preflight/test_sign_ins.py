"""Steps at an appliance whose sign-ins Conditional Access refuses, and its own application in a vault of roles."""

from pathlib import Path
from typing import Any

import pytest

from auditor.access.access import Access
from auditor.audit.preflight.report import Preflight, StepOutcome, preflight
from auditor.facts.estate.environment import Context
from auditor.facts.estate.registration_modes import Mode
from auditor.facts.preflight.plan import RegistrationPlan
from auditor.facts.rights.steps import ApplianceKind
from auditor.inventory.arm_id import ArmId
from auditor.inventory.inventory import Inventory
from auditor.inventory.snapshot.files import load
from tests.cases.fabrikam import CHRISTIE, PROJECT, Environment, fabrikam

DEBRA = "a5fa0002-8d3f-4e06-b2a9-fab0b1c00002"
OWN = "5bfa0011-6c2e-4f18-9d47-fab0b1c00011"
EVERY = "ServicePrincipalsInMyTenant"


def found(environment: Environment, tmp_path: Path, **plan: Any) -> Preflight:
    inventory = Inventory.of(load(environment.save(tmp_path, "sign-ins")))
    usual = {"project": ArmId.parse(PROJECT), "account": CHRISTIE, "discovery_account": CHRISTIE, "mode": Mode.USER}
    return preflight(Context(inventory, Access.of(inventory)), RegistrationPlan(**{**usual, **plan}), who=False)


def step(outcome: Preflight, name: str) -> StepOutcome:
    [held] = [one for one in outcome.steps if one.id == name]
    return held


def blocked(**conditions: Any) -> Environment:
    changed = fabrikam()
    changed.document["graph"].append(
        {
            "@odata.type": "#microsoft.graph.conditionalAccessPolicy",
            "id": "cad00010-3e6f-4b21-9c57-fab0b1c00010",
            "displayName": "Block",
            "state": "enabled",
            "conditions": {"applications": {"includeApplications": ["All"]}, **conditions},
            "grantControls": {"operator": "OR", "builtInControls": ["block"]},
        }
    )
    return changed


def workloads(*included: str, without: tuple[str, ...] = ()) -> Environment:
    clients = {"includeServicePrincipals": list(included), "excludeServicePrincipals": list(without)}
    return blocked(users={"includeUsers": ["None"]}, clientApplications=clients)


def test_the_account_that_starts_discovery_has_to_sign_in_too(tmp_path: Path) -> None:
    outcome = found(blocked(users={"includeUsers": [DEBRA]}), tmp_path, discovery_account=DEBRA)
    assert step(outcome, "register").verdict.value == "go"
    discovery = step(outcome, "start-discovery")
    assert (discovery.verdict.value, discovery.errors) == ("no-go", ("AADSTS53003",))
    titles = [fix.title for fix in discovery.fixes]
    assert "Exclude the account from the Conditional Access policy while it starts discovery" in titles


@pytest.mark.parametrize(
    ("environment", "verdict", "whose"),
    [
        (fabrikam(), "go", ""),
        (workloads(EVERY), "unknown", "the application that the appliance makes"),
        (workloads(EVERY), "unknown", "the application of the appliance `fabvc01`"),
        (workloads(OWN), "unknown", "the application of the appliance `fabvc01`"),
        (workloads("5bfa0099-6c2e-4f18-9d47-fab0b1c00099"), "go", ""),
        (workloads(EVERY, without=(OWN,)), "unknown", "the application that the appliance makes"),
    ],
)
def test_a_policy_against_the_own_application_of_an_appliance_leaves_its_steps_open(
    environment: Environment, verdict: str, whose: str, tmp_path: Path
) -> None:
    outcome = found(environment, tmp_path)
    for name in ("register", "start-discovery"):
        held = step(outcome, name)
        assert held.verdict.value == verdict
        assert whose in "; ".join(held.reasons)


def test_an_appliance_of_another_kind_does_not_count(tmp_path: Path) -> None:
    assert found(workloads(OWN), tmp_path, kind=ApplianceKind.PHYSICAL).verdict.value == "go"


def of_private_connectivity() -> Environment:
    changed = fabrikam()
    [project] = [one for one in changed.document["arm"] if one["id"].lower() == PROJECT.lower()]
    project["properties"]["publicNetworkAccess"] = "Disabled"
    return changed


@pytest.mark.parametrize(
    ("environment", "mode", "kind", "verdict"),
    [
        (fabrikam(), Mode.ARC, ApplianceKind.VMWARE, True),
        (fabrikam(), Mode.ARC, ApplianceKind.HYPERV, False),
        (of_private_connectivity(), Mode.ARC, ApplianceKind.VMWARE, False),
        (of_private_connectivity(), Mode.ARC, ApplianceKind.PHYSICAL, False),
        (of_private_connectivity(), Mode.USER, ApplianceKind.VMWARE, True),
    ],
)
def test_through_arc_no_appliance_registers_for_hyper_v_or_with_private_connectivity(
    environment: Environment, mode: Mode, kind: ApplianceKind, verdict: bool, tmp_path: Path
) -> None:
    register = step(found(environment, tmp_path, mode=mode, kind=kind), "register")
    refused = [one for one in register.reasons if "through Azure Arc" in one]
    assert (not refused) is verdict
    assert verdict or register.verdict.value == "no-go"


def by_roles(*, assigns: bool) -> Environment:
    """Return Fabrikam with a vault of roles; the account may read it, and assign roles there or not."""
    changed = fabrikam()
    for vault in changed.document["arm"]:
        if vault["id"].lower().count("/microsoft.keyvault/vaults/") and "accessPolicies" in vault.get("properties", {}):
            vault["properties"]["enableRbacAuthorization"] = True
    roles = ["00482a5a-887f-4fb3-b363-3b7fe8e74483", "b24988ac-6180-42a0-ab88-20f7382dd24c"]
    if assigns:
        roles.append("f58310d9-a9f6-439a-9e8d-f62e7b41a168")
    changed.document["arm"] = [
        one
        for one in changed.document["arm"]
        if not (
            one["id"].lower().count("/roleassignments/")
            and one["properties"]["principalId"].lower() == CHRISTIE.lower()
        )
    ]
    subscription = PROJECT.partition("/resourceGroups/")[0]
    for number, role in enumerate(roles):
        name = f"fa59000{number}-7b0d-4c62-8e3f-fab0b1c0000{number}"
        changed.document["arm"].append(
            {
                "id": f"{subscription}/providers/Microsoft.Authorization/roleAssignments/{name}",
                "type": "Microsoft.Authorization/roleAssignments",
                "name": name,
                "properties": {
                    "roleDefinitionId": f"{subscription}/providers/Microsoft.Authorization/roleDefinitions/{role}",
                    "principalId": CHRISTIE,
                    "principalType": "User",
                    "scope": subscription,
                    "condition": None,
                },
            }
        )
    return changed


@pytest.mark.parametrize(("assigns", "verdict"), [(True, "go"), (False, "unknown")])
def test_in_a_vault_of_roles_the_own_application_gets_access_only_by_a_role(
    assigns: bool, verdict: str, tmp_path: Path
) -> None:
    outcome = found(by_roles(assigns=assigns), tmp_path)
    for name in ("register", "start-discovery"):
        held = step(outcome, name)
        assert (held.verdict.value, "by an access policy" in "; ".join(held.reasons)) == (verdict, not assigns)
    assert step(outcome, "generate-key").verdict.value == "go"
