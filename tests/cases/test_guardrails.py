"""Policies with the effect Deny, evaluated for what a step creates, or for what the project has already."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cases.asking import commands, findings, preflight, verdicts
from tests.cases.fabrikam import GROUP, ROOT_GROUP, SUBSCRIPTION, VAULT, Body, Environment, fabrikam, resource
from tests.cases.situations import initiative_denies_vaults_of_access_policies
from tests.cli.running import Run

Saved = Callable[[Callable[[], Environment]], Path]
AUTHORIZATION = "Microsoft.Authorization"
OWN = f"{SUBSCRIPTION}/providers/{AUTHORIZATION}/policyDefinitions/own"
ASSIGNMENT = f"{SUBSCRIPTION}/providers/{AUTHORIZATION}/policyAssignments/guard"
IS_VAULT = {"field": "type", "equals": "Microsoft.KeyVault/vaults"}
ANY: Body = {"field": "type", "like": "Microsoft.*"}
COST = "[concat('tags[', parameters('tagName'), ']')]"


def guarded(
    condition: Body, *, mode: str = "Indexed", edit: Callable[[Environment], None] | None = None
) -> Environment:
    """Return Fabrikam with a policy that denies what meets a condition."""
    changed = fabrikam()
    rule = {"if": condition, "then": {"effect": "[parameters('effect')]"}}
    parameters = {"effect": {"defaultValue": "Deny"}, "tagName": {"defaultValue": "costcenter"}}
    changed.add(
        resource(
            OWN,
            f"{AUTHORIZATION}/policyDefinitions",
            {"displayName": "Own rule", "mode": mode, "policyRule": rule, "parameters": parameters},
        ),
        resource(
            ASSIGNMENT,
            f"{AUTHORIZATION}/policyAssignments",
            {"displayName": "Guard", "policyDefinitionId": OWN, "scope": SUBSCRIPTION, "enforcementMode": "Default"},
        ),
    )
    if edit:
        edit(changed)
    return changed


def assigned(**properties: Any) -> Callable[[Environment], None]:
    def edit(changed: Environment) -> None:
        changed.arm(ASSIGNMENT)["properties"].update(properties)

    return edit


def exempted(changed: Environment, **more: Any) -> None:
    kind = f"{AUTHORIZATION}/policyExemptions"
    properties = {"policyAssignmentId": ASSIGNMENT, "exemptionCategory": "Waiver", **more}
    changed.add(resource(f"{GROUP}/providers/{kind}/spared", kind, properties))


def on_the_vault(changed: Environment, **more: Any) -> None:
    """Spare the vault itself, by an exemption that stands on it."""
    kind = f"{AUTHORIZATION}/policyExemptions"
    properties = {"policyAssignmentId": ASSIGNMENT, "exemptionCategory": "Waiver", **more}
    changed.add(resource(f"{VAULT}/providers/{kind}/spared", kind, properties))


def assigned_on(scope: str) -> Callable[[Environment], None]:
    """Move the assignment to another scope."""

    def edit(changed: Environment) -> None:
        changed.arm(ASSIGNMENT)["properties"]["scope"] = scope
        changed.arm(ASSIGNMENT)["id"] = f"{scope}/providers/{AUTHORIZATION}/policyAssignments/guard"

    return edit


def ended(changed: Environment) -> None:
    exempted(changed, expiresOn="2026-11-01T00:00:00Z")


REFUSED, PASSED = "unknown", "go"
NO_TAG = {"field": COST, "exists": "false"}
VAULT_ONLY: Body = {
    "allOf": [IS_VAULT, {"field": "Microsoft.KeyVault/vaults/enablePurgeProtection", "notEquals": True}]
}
OUTSIDE = {"field": "location", "notIn": ["northeurope", "North Europe"]}
RULES: dict[str, tuple[Environment, str]] = {
    "a required tag that Azure Migrate does not set": (guarded(NO_TAG), REFUSED),
    "a required tag that it sets": (
        guarded(NO_TAG, edit=assigned(parameters={"tagName": {"value": "Migrate Project"}})),
        PASSED,
    ),
    "a location outside": (guarded(OUTSIDE), REFUSED),
    "a location inside": (guarded({"field": "location", "notIn": ["West Europe"]}), PASSED),
    "a vault that already complies": (
        guarded({"allOf": [IS_VAULT, {"field": "Microsoft.KeyVault/vaults/enableSoftDelete", "notEquals": True}]}),
        PASSED,
    ),
    "a vault that does not": (
        guarded({"allOf": [IS_VAULT, {"field": "Microsoft.KeyVault/vaults/enablePurgeProtection", "notEquals": True}]}),
        REFUSED,
    ),
    "a count of network rules": (
        guarded(
            {
                "allOf": [
                    IS_VAULT,
                    {"count": {"field": "Microsoft.KeyVault/vaults/networkAcls.ipRules[*]"}, "greater": 0},
                ]
            }
        ),
        PASSED,
    ),
    "an alias that is not known": (
        guarded({"allOf": [IS_VAULT, {"field": "Microsoft.KeyVault/vaults/somethingNew", "equals": "x"}]}),
        REFUSED,
    ),
    "a function that is not known": (guarded({"allOf": [ANY, {"value": "[dayOfWeek()]", "equals": 1}]}), REFUSED),
    "another type": (guarded({"field": "type", "equals": "Microsoft.Compute/virtualMachines"}), PASSED),
    "not enforced": (guarded(NO_TAG, edit=assigned(enforcementMode="DoNotEnforce")), PASSED),
    "the group left out": (guarded(NO_TAG, edit=assigned(notScopes=[GROUP.upper()])), PASSED),
    "another effect": (guarded(NO_TAG, edit=assigned(parameters={"effect": {"value": "Audit"}})), PASSED),
    "overridden": (guarded(NO_TAG, edit=assigned(overrides=[{"kind": "policyEffect", "value": "Audit"}])), PASSED),
    "exempted": (guarded(NO_TAG, edit=exempted), PASSED),
    "exempted until a day in the past": (guarded(NO_TAG, edit=ended), REFUSED),
    "the vault exempted": (guarded(VAULT_ONLY, edit=on_the_vault), PASSED),
    "the vault exempted until a day in the past": (
        guarded(VAULT_ONLY, edit=lambda changed: on_the_vault(changed, expiresOn="2026-11-01T00:00:00Z")),
        REFUSED,
    ),
    "the vault left out": (guarded(VAULT_ONLY, edit=assigned(notScopes=[VAULT.upper()])), PASSED),
    "only the vault exempted from what refuses others too": (guarded(NO_TAG, edit=on_the_vault), REFUSED),
    "assigned on the vault itself": (guarded(VAULT_ONLY, edit=assigned_on(VAULT)), REFUSED),
    "assigned on another vault": (guarded(VAULT_ONLY, edit=assigned_on(f"{VAULT}2")), PASSED),
    "selected elsewhere": (
        guarded(
            NO_TAG,
            edit=assigned(
                resourceSelectors=[{"selectors": [{"kind": "resourceLocation", "in": ["northeurope"]}]}],
            ),
        ),
        PASSED,
    ),
}


@pytest.mark.parametrize(("environment", "verdict"), RULES.values(), ids=RULES)
def test_a_policy_is_evaluated_for_what_the_steps_write(
    migaudit: Run, tmp_path: Path, environment: Environment, verdict: str
) -> None:
    snapshot = environment.save(tmp_path, "guarded")
    document = preflight(migaudit, snapshot)
    assert verdicts(document)["generate-key"] == document["verdict"] == verdict
    assert ("policy-in-the-way" in findings(migaudit, snapshot)) is (verdict == REFUSED)


def test_the_definition_of_the_initiative_and_what_it_demands_are_named(migaudit: Run, saved: Saved) -> None:
    snapshot = saved(initiative_denies_vaults_of_access_policies)
    document = preflight(migaudit, snapshot)
    assert document["verdict"] == verdicts(document)["generate-key"] == "unknown"
    found = findings(migaudit, snapshot)["policy-in-the-way"]
    for text in (document["reasons"][0], found["message"]):
        assert "`Azure Key Vault should use RBAC permission model` (`KvRbac` in the initiative)" in text
        assert "`enableRbacAuthorization` is `false`" in text
    for fixes in (document["step"]["generate-key"]["fixes"], found["fixes"]):
        [command] = commands(fixes)
        assert command.startswith("az policy exemption create ")
        assert " --policy-definition-reference-ids KvRbac " in command
        assert " --expires-on 2026-12-23T00:00:00Z" in command


def test_an_initiative_that_the_vault_satisfies_is_not_in_the_way(migaudit: Run, tmp_path: Path) -> None:
    changed = initiative_denies_vaults_of_access_policies()
    changed.arm(VAULT)["properties"]["enableRbacAuthorization"] = True
    administrator = "00482a5a-887f-4fb3-b363-3b7fe8e74483"
    changed.assign(201, administrator, "a5fa0001-8d3f-4e06-b2a9-fab0b1c00001", VAULT)
    snapshot = changed.save(tmp_path, "complies")
    document = preflight(migaudit, snapshot)
    assert document["verdict"] == "go"
    assert [it for step in document["steps"] for it in step["overlays"]] == []
    assert "policy-in-the-way" not in findings(migaudit, snapshot)


def test_only_the_policy_of_the_initiative_is_exempted_that_is_in_the_way(migaudit: Run, tmp_path: Path) -> None:
    changed = initiative_denies_vaults_of_access_policies()
    initiative = changed.arm(f"{ROOT_GROUP}/providers/{AUTHORIZATION}/policySetDefinitions/Enforce-Guardrails-KeyVault")
    changed.add(resource(OWN, f"{AUTHORIZATION}/policyDefinitions", _denying_other_types()))
    initiative["properties"]["policyDefinitions"].append(
        {"policyDefinitionReferenceId": "Others", "policyDefinitionId": OWN, "parameters": {}}
    )
    document = preflight(migaudit, changed.save(tmp_path, "several"))
    [command] = commands(document["step"]["generate-key"]["fixes"])
    assert " --policy-definition-reference-ids KvRbac --expires-on " in command


def _denying_other_types() -> Body:
    rule = {"if": {"field": "type", "equals": "Microsoft.Compute/disks"}, "then": {"effect": "deny"}}
    return {"displayName": "No disks", "mode": "All", "policyRule": rule, "parameters": {}}
