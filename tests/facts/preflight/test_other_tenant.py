"""Registering in a subscription of another tenant, as Azure Lighthouse lets this one manage it."""

from pathlib import Path

import pytest

from auditor.access.access import Access
from auditor.audit.preflight.report import preflight
from auditor.facts.estate.environment import Context
from auditor.facts.estate.registration_modes import Mode
from auditor.facts.preflight.plan import RegistrationPlan
from auditor.inventory.arm_id import ArmId
from auditor.inventory.inventory import Inventory
from auditor.inventory.snapshot.files import load
from tests.cases.fabrikam import CHRISTIE, GROUP, PROJECT, SUBSCRIPTION, TENANT, VAULT, fabrikam

CUSTOMER = "11111111-2222-4333-8444-555555555555"
NEW = f"{GROUP}/providers/Microsoft.Migrate/MigrateProjects/newproj"
MOVED, ANOTHER_ACCOUNT = "Make the key vault `fabrikamexit52c8kv` trust", f"Use an account of the tenant `{CUSTOMER}`"


@pytest.mark.parametrize(
    ("project", "owner", "trusted", "verdict", "cure"),
    [
        (PROJECT, TENANT, TENANT, "go", ""),
        (PROJECT, TENANT, CUSTOMER, "no-go", MOVED),
        (PROJECT, CUSTOMER, CUSTOMER, "no-go", ANOTHER_ACCOUNT),
        (PROJECT, CUSTOMER.upper(), CUSTOMER, "no-go", "Use an account of the tenant"),
        (NEW, TENANT, TENANT, "go", ""),
        (NEW, CUSTOMER, CUSTOMER, "unknown", ANOTHER_ACCOUNT),
    ],
)
def test_the_tenant_of_the_subscription_decides_whose_accounts_reach_its_vaults(
    project: str, owner: str, trusted: str, verdict: str, cure: str, tmp_path: Path
) -> None:
    environment = fabrikam()
    for row in environment.document["arm"]:
        if row["id"].lower() == SUBSCRIPTION.lower():
            row["tenantId"] = owner
        elif row["id"].lower() == VAULT.lower():
            row["properties"]["tenantId"] = trusted
    inventory = Inventory.of(load(environment.save(tmp_path, "tenants")))
    plan = RegistrationPlan(project=ArmId.parse(project), account=CHRISTIE, discovery_account=CHRISTIE, mode=Mode.USER)
    found = {step.id: step for step in preflight(Context(inventory, Access.of(inventory)), plan).steps}
    register = found["register"]
    assert register.verdict.value == verdict
    titles = [fix.title for fix in register.fixes]
    assert [title for title in titles if title.startswith(("Make the key vault", "Use an account of the tenant"))] == [
        title for title in titles if cure and title.startswith(cure)
    ]
    assert not cure or any(title.startswith(cure) for title in titles)
    assert found["generate-key"].verdict.value == "go"
