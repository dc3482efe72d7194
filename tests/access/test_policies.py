import pytest

from auditor.access.verdicts import NoteKind
from auditor.inventory.records import Link
from tests.access.environments import (
    ADELE,
    OTHER_SUB,
    OWNER,
    RG,
    SUB,
    Row,
    assignment,
    environment,
    management_group,
    parent,
    scope,
)

DEFINITION = "/providers/Microsoft.Authorization/policyDefinitions"
INITIATIVE = f"{SUB}/providers/Microsoft.Authorization/policySetDefinitions/baseline"
PUBLIC_VAULTS = f"{DEFINITION}/405c5871-3e91-4644-8a63-58e19d68ff5b"
OWN = f"{SUB}{DEFINITION}/own"
VAULT_WRITE, PROJECT_WRITE = "Microsoft.KeyVault/vaults/write", "Microsoft.Migrate/migrateProjects/write"
VAULT_DELETE = "Microsoft.KeyVault/vaults/delete"
DENY = {"effect": {"value": "Deny"}}
LANDING = management_group("landing")


def assigned(definition: str, at: str = SUB, **properties: object) -> Row:
    identity = f"{at}/providers/Microsoft.Authorization/policyAssignments/one"
    given = {"displayName": "rule", "scope": at, "policyDefinitionId": definition, **properties}
    return {"id": identity, "type": "Microsoft.Authorization/policyAssignments", "properties": given}


def policy(effect: object, *, types: object = "Microsoft.KeyVault/vaults", default: str | None = None) -> Row:
    rule = {"if": {"allOf": [{"field": "type", "equals": types}, {"field": "tags", "exists": "false"}]}}
    properties = {
        "policyRule": {**rule, "then": {"effect": effect}},
        "parameters": {"effect": {"defaultValue": default}},
    }
    return {"id": OWN, "type": "Microsoft.Authorization/policyDefinitions", "properties": properties}


def initiative(value: object, default: str | None = None) -> Row:
    member = {
        "policyDefinitionId": PUBLIC_VAULTS,
        "policyDefinitionReferenceId": "Vaults",
        "parameters": {"effect": {"value": value}},
    }
    properties = {"policyDefinitions": [member], "parameters": {"vaultEffect": {"defaultValue": default}}}
    return {"id": INITIATIVE, "type": "Microsoft.Authorization/policySetDefinitions", "properties": properties}


def exemption(at: str = RG, **properties: object) -> Row:
    identity = f"{at}/providers/Microsoft.Authorization/policyExemptions/one"
    given = {"policyAssignmentId": assigned("")["id"].upper(), **properties}
    return {"id": identity, "type": "Microsoft.Authorization/policyExemptions", "properties": given}


def told(*rows: Row | Link, action: str = VAULT_WRITE) -> list[str]:
    access = environment(assignment(ADELE, OWNER, SUB), *rows).access()
    return [note.text for note in access.can(ADELE, action, scope(RG)).notes if note.kind is NoteKind.POLICY]


@pytest.mark.parametrize(
    ("rows", "action", "refuses"),
    [
        ([assigned(PUBLIC_VAULTS, parameters=DENY)], VAULT_WRITE, True),
        ([assigned(PUBLIC_VAULTS, parameters=DENY)], VAULT_DELETE, False),
        ([assigned(PUBLIC_VAULTS, parameters=DENY)], PROJECT_WRITE, False),
        ([assigned(PUBLIC_VAULTS, parameters={"effect": {"value": "Audit"}})], VAULT_WRITE, False),
        ([assigned(PUBLIC_VAULTS)], VAULT_WRITE, False),
        ([assigned(f"{DEFINITION}/e56962a6-4747-49cd-b67b-bf8b01975c4c")], PROJECT_WRITE, True),
        ([assigned(PUBLIC_VAULTS, parameters=DENY, enforcementMode="DoNotEnforce")], VAULT_WRITE, False),
        ([assigned(PUBLIC_VAULTS, parameters=DENY, notScopes=[RG.upper()])], VAULT_WRITE, False),
        ([assigned(PUBLIC_VAULTS, OTHER_SUB, parameters=DENY)], VAULT_WRITE, False),
        ([assigned(PUBLIC_VAULTS, LANDING, parameters=DENY), parent(SUB, LANDING)], VAULT_WRITE, True),
        ([assigned(OWN), policy("deny")], VAULT_WRITE, True),
        ([assigned(OWN), policy("deny")], PROJECT_WRITE, False),
        ([assigned(OWN), policy("denyAction")], VAULT_DELETE, True),
        ([assigned(OWN), policy("denyAction")], VAULT_WRITE, False),
        ([assigned(OWN), policy("[parameters('effect')]", default="Deny")], VAULT_WRITE, True),
        ([assigned(OWN), policy("[parameters('effect')]", default="Audit")], VAULT_WRITE, False),
        ([assigned(OWN, parameters=DENY), policy("[parameters('effect')]", default="Audit")], VAULT_WRITE, True),
        ([assigned(INITIATIVE), initiative("Deny")], VAULT_WRITE, True),
        ([assigned(INITIATIVE), initiative("[parameters('vaultEffect')]", "Deny")], VAULT_WRITE, True),
        ([assigned(INITIATIVE), initiative("[parameters('vaultEffect')]", "Disabled")], VAULT_WRITE, False),
        (
            [
                assigned(INITIATIVE, parameters={"vaultEffect": {"value": "Deny"}}),
                initiative("[parameters('vaultEffect')]", "Disabled"),
            ],
            VAULT_WRITE,
            True,
        ),
        ([assigned(PUBLIC_VAULTS, parameters=DENY), exemption()], VAULT_WRITE, False),
        ([assigned(PUBLIC_VAULTS, parameters=DENY), exemption(RG + "2")], VAULT_WRITE, True),
        ([assigned(PUBLIC_VAULTS, parameters=DENY), exemption(expiresOn="2026-01-01T00:00:00Z")], VAULT_WRITE, True),
        ([assigned(PUBLIC_VAULTS, parameters=DENY), exemption(expiresOn="2027-01-01T00:00:00Z")], VAULT_WRITE, False),
        (
            [assigned(INITIATIVE), initiative("Deny"), exemption(policyDefinitionReferenceIds=["vaults"])],
            VAULT_WRITE,
            False,
        ),
        (
            [assigned(INITIATIVE), initiative("Deny"), exemption(policyDefinitionReferenceIds=["others"])],
            VAULT_WRITE,
            True,
        ),
    ],
)
def test_a_policy_is_told_where_it_may_refuse(rows: list[Row], action: str, refuses: bool) -> None:
    assert bool(told(*rows, action=action)) is refuses


@pytest.mark.parametrize("definition", [OWN, INITIATIVE])
def test_a_policy_whose_effect_was_not_read_is_told_as_such(definition: str) -> None:
    assert told(assigned(definition)) == [
        "policy `rule` applies here and may refuse the request (its effect was not read)"
    ]
