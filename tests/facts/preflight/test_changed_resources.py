"""A preflight where policies append to, or modify, the key vault that generating a key and registering write."""

from pathlib import Path
from typing import Any

import pytest

from auditor.access.access import Access
from auditor.audit.preflight.report import preflight
from auditor.facts.estate.environment import Context
from auditor.facts.estate.registration_modes import Mode
from auditor.facts.preflight.plan import RegistrationPlan
from auditor.inventory.arm_id import ArmId
from auditor.inventory.inventory import Inventory
from auditor.inventory.snapshot.files import load
from tests.cases.fabrikam import CHRISTIE, GROUP, SUBSCRIPTION, fabrikam

NEW = f"{GROUP}/providers/Microsoft.Migrate/MigrateProjects/newproj"
VAULTS = "Microsoft.KeyVault/vaults"


def then(effect: str, alias: str, value: object) -> dict[str, Any]:
    one = {"field": f"{VAULTS}/{alias}", "value": value}
    operations = [{"operation": "addOrReplace", **one}]
    return {"effect": effect, "details": [one] if effect == "append" else {"operations": operations}}


@pytest.mark.parametrize(
    ("effect", "kind", "verdict", "reason"),
    [
        (then("append", "enableRbacAuthorization", True), VAULTS, "unknown", "refuses a resource where"),
        (then("append", "publicNetworkAccess", "Disabled"), VAULTS, "unknown", "which is not known beforehand"),
        (then("append", "enableRbacAuthorization", False), VAULTS, "go", ""),
        (then("append", "enableRbacAuthorization", True), "Microsoft.Compute/disks", "go", ""),
        (then("modify", "publicNetworkAccess", "Disabled"), VAULTS, "unknown", "sets `publicNetworkAccess`"),
        (then("modify", "networkAcls.defaultAction", "Deny"), VAULTS, "unknown", "sets `networkAcls.defaultAction`"),
        (then("modify", "enableSoftDelete", True), VAULTS, "go", ""),
        ({"effect": "modify", "details": "?"}, VAULTS, "unknown", "is not understood"),
        ({"effect": "audit"}, VAULTS, "go", ""),
    ],
)
def test_a_policy_that_changes_the_vault_leaves_registering_open(
    effect: dict[str, Any], kind: str, verdict: str, reason: str, tmp_path: Path
) -> None:
    environment = fabrikam()
    for what, properties in (
        ("policyDefinitions", {"mode": "All", "policyRule": {"if": {"field": "type", "equals": kind}, "then": effect}}),
        ("policyAssignments", {"policyDefinitionId": _id("policyDefinitions"), "scope": SUBSCRIPTION}),
    ):
        row = {"id": _id(what), "type": f"Microsoft.Authorization/{what}", "name": "own", "properties": properties}
        environment.document["arm"].append(row)
    inventory = Inventory.of(load(environment.save(tmp_path, "changed")))
    plan = RegistrationPlan(project=ArmId.parse(NEW), account=CHRISTIE, discovery_account=CHRISTIE, mode=Mode.USER)
    found = {step.id: step for step in preflight(Context(inventory, Access.of(inventory)), plan).steps}
    for name in ("generate-key", "register"):
        assert found[name].verdict.value == verdict
        assert reason in "; ".join(found[name].reasons)


def _id(what: str) -> str:
    return f"{SUBSCRIPTION}/providers/Microsoft.Authorization/{what}/own"
