from typing import Any

import pytest

from auditor.access.verdicts import NoteKind
from auditor.inventory.reads import Gap
from auditor.inventory.snapshot.records import Link
from tests.access.environments import (
    ADELE,
    OTHER_SUB,
    OWNER,
    RG,
    SUB,
    Row,
    assignment,
    environment,
    gap,
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
VAULT_PURGE = "Microsoft.KeyVault/vaults/deploy/action"
DENY, AUDIT = {"effect": {"value": "Deny"}}, {"effect": {"value": "Audit"}}
LANDING = management_group("landing")
IS_VAULT = {"field": "type", "equals": "Microsoft.KeyVault/vaults"}
IS_UNTAGGED_VAULT = {"allOf": [IS_VAULT, {"field": "tags", "exists": "false"}]}


def assigned(definition: str, at: str = SUB, **properties: object) -> Row:
    identity = f"{at}/providers/Microsoft.Authorization/policyAssignments/one"
    given = {"displayName": "rule", "scope": at, "policyDefinitionId": definition, **properties}
    return {"id": identity, "type": "Microsoft.Authorization/policyAssignments", "properties": given}


def policy(
    effect: object, rule: object = IS_UNTAGGED_VAULT, *, default: str | None = None, mode: str = "All", **more: object
) -> Row:
    parameters = {
        "effect": {"defaultValue": default},
        **{name: {"defaultValue": value} for name, value in more.items()},
    }
    properties = {"mode": mode, "policyRule": {"if": rule, "then": {"effect": effect}}, "parameters": parameters}
    return {"id": OWN, "type": "Microsoft.Authorization/policyDefinitions", "properties": properties}


def initiative(value: object, default: str | None = None, definition: str = PUBLIC_VAULTS) -> Row:
    member = {
        "policyDefinitionId": definition,
        "policyDefinitionReferenceId": "Vaults",
        "parameters": {"effect": {"value": value}},
    }
    properties = {"policyDefinitions": [member], "parameters": {"vaultEffect": {"defaultValue": default}}}
    return {"id": INITIATIVE, "type": "Microsoft.Authorization/policySetDefinitions", "properties": properties}


def exemption(at: str = RG, **properties: object) -> Row:
    identity = f"{at}/providers/Microsoft.Authorization/policyExemptions/one"
    given = {"policyAssignmentId": assigned("")["id"].upper(), **properties}
    return {"id": identity, "type": "Microsoft.Authorization/policyExemptions", "properties": given}


PASSED, THROUGH = "[parameters('effect')]", "[parameters('vaultEffect')]"
DENIES = assigned(OWN)


def only(kind: str, **names: list[str]) -> Row:
    """Return a selector of an assignment, an exemption or an override."""
    return {"selectors": [{"kind": kind, **names}]}


def override(value: str, *selectors: Row) -> Row:
    return {
        "kind": "policyEffect",
        "value": value,
        "selectors": [one for item in selectors for one in item["selectors"]],
    }


def told(*rows: Row | Link | Gap, action: str = VAULT_WRITE) -> list[str]:
    access = environment(assignment(ADELE, OWNER, SUB), *rows).access()
    return [note.text for note in access.can(ADELE, action, scope(RG)).notes if note.kind is NoteKind.POLICY]


REFUSED, NOT_REFUSED = True, False
TURNED_OFF = {"kind": "policyEffect", "value": "Disabled"}
ODD_VALUES: tuple[Any, ...] = ("", {}, 0, False)
TYPE = "resourceType"
ODD_SELECTORS: tuple[Any, ...] = (
    {"kind": TYPE, "in": ["Microsoft.KeyVault/vaults"]},
    "Microsoft.KeyVault/vaults",
    0,
    [None],
    [{"kind": TYPE, "in": "Microsoft.KeyVault/vaults"}],
    [{"kind": TYPE, "in": [None]}],
    [{"kind": TYPE}],
    [{"kind": TYPE, "in": ["Microsoft.KeyVault/vaults"], "notIn": ["a/b"]}],
    [{"kind": TYPE, "in": ["Microsoft.KeyVault/vaults"], "like": ["a/b"]}],
    [{"kind": "userPrincipalId", "in": ["x"]}],
)
"""Selectors that nobody documents, so that what they select is not known."""
ON_VAULTS = only("resourceType", **{"in": ["Microsoft.KeyVault/vaults"]})
IN_EUROPE = only("resourceLocation", **{"in": ["westeurope"]})
MEMBER = only("policyDefinitionReferenceId", **{"in": ["VAULTS"]})

EFFECTS: dict[str, tuple[list[Row], str, bool]] = {
    "deny refuses what makes or changes": ([assigned(PUBLIC_VAULTS, parameters=DENY)], VAULT_WRITE, REFUSED),
    "deny lets deletions pass": ([assigned(PUBLIC_VAULTS, parameters=DENY)], VAULT_DELETE, NOT_REFUSED),
    "deny lets other types pass": ([assigned(PUBLIC_VAULTS, parameters=DENY)], PROJECT_WRITE, NOT_REFUSED),
    "deny lets posts pass": ([assigned(PUBLIC_VAULTS, parameters=DENY)], VAULT_PURGE, NOT_REFUSED),
    "audit refuses nothing": ([assigned(PUBLIC_VAULTS, parameters=AUDIT)], VAULT_WRITE, NOT_REFUSED),
    "disabled refuses nothing": ([assigned(OWN), policy("Disabled")], VAULT_WRITE, NOT_REFUSED),
    "an append that was not read may refuse": ([assigned(OWN), policy("Append")], VAULT_WRITE, REFUSED),
    "append refuses no deletion": ([assigned(OWN), policy("Append")], VAULT_DELETE, NOT_REFUSED),
    "append on another type": ([assigned(OWN), policy("Append")], PROJECT_WRITE, NOT_REFUSED),
    "modify refuses nothing": ([assigned(OWN), policy("Modify")], VAULT_WRITE, NOT_REFUSED),
    "built-in default is known": ([assigned(PUBLIC_VAULTS)], VAULT_WRITE, NOT_REFUSED),
    "built-in on any type": ([assigned(f"{DEFINITION}/e56962a6-4747-49cd-b67b-bf8b01975c4c")], PROJECT_WRITE, REFUSED),
    "own policy": ([assigned(OWN), policy("deny")], VAULT_WRITE, REFUSED),
    "own policy on another type": ([assigned(OWN), policy("deny")], PROJECT_WRITE, NOT_REFUSED),
    "an effect that nobody documents may refuse": ([assigned(OWN), policy("refuse")], VAULT_WRITE, REFUSED),
    "denyAction refuses deletions": ([assigned(OWN), policy("denyAction")], VAULT_DELETE, REFUSED),
    "denyAction refuses nothing else": ([assigned(OWN), policy("denyAction")], VAULT_WRITE, NOT_REFUSED),
    "version of a definition": ([assigned(f"{OWN}/versions/1.2.0"), policy("deny")], VAULT_WRITE, REFUSED),
    "data-plane mode": ([assigned(OWN), policy("deny", mode="Microsoft.KeyVault.Data")], VAULT_WRITE, NOT_REFUSED),
    **{
        f"mode {mode!r} looks at all requests": ([assigned(OWN), policy("deny", mode=mode)], VAULT_WRITE, REFUSED)
        for mode in ("NotSpecified", "", "Foo", " all ", "Indexed ", "Microsoft.KeyVault.Data2", "KeyVault.Data")
    },
    **{
        f"mode {mode!r} is of a data plane": ([assigned(OWN), policy("deny", mode=mode)], VAULT_WRITE, NOT_REFUSED)
        for mode in ("Microsoft.Kubernetes.Data", "microsoft.network.data ", "Microsoft.ManagedHSM.Data")
    },
    "indexed mode passes over resource groups": (
        [assigned(OWN), policy("deny", {}, mode="Indexed")],
        "Microsoft.Resources/subscriptions/resourceGroups/write",
        NOT_REFUSED,
    ),
    "all mode looks at resource groups": (
        [assigned(OWN), policy("deny", {})],
        "Microsoft.Resources/subscriptions/resourceGroups/write",
        REFUSED,
    ),
}
PARAMETERS: dict[str, tuple[list[Row], str, bool]] = {
    "default of a parameter": ([assigned(OWN), policy(PASSED, default="Deny")], VAULT_WRITE, REFUSED),
    "default that only audits": ([assigned(OWN), policy(PASSED, default="Audit")], VAULT_WRITE, NOT_REFUSED),
    "value outweighs default": (
        [assigned(OWN, parameters=DENY), policy(PASSED, default="Audit")],
        VAULT_WRITE,
        REFUSED,
    ),
    "value that only audits": ([assigned(OWN, parameters=AUDIT), policy(PASSED, default="Deny")], VAULT_WRITE, False),
    "names of parameters have no case": (
        [assigned(OWN, parameters={"EFFECT": {"value": "Deny"}}), policy("[Parameters( 'effect' )]")],
        VAULT_WRITE,
        REFUSED,
    ),
    "expression that is more than a parameter": (
        [assigned(OWN), policy("[if(equals(parameters('strict'),'yes'),'deny','audit')]")],
        VAULT_WRITE,
        REFUSED,
    ),
    "parameter without any value": ([assigned(OWN), policy(PASSED)], VAULT_WRITE, REFUSED),
    "types in a parameter": (
        [
            assigned(OWN),
            policy("deny", {"field": "type", "in": "[parameters('types')]"}, types=["microsoft.keyvault/VAULTS"]),
        ],
        VAULT_WRITE,
        REFUSED,
    ),
    "other types in a parameter": (
        [
            assigned(OWN),
            policy("deny", {"field": "type", "in": "[parameters('types')]"}, types=["Microsoft.Web/sites"]),
        ],
        VAULT_WRITE,
        NOT_REFUSED,
    ),
}
INITIATIVES: dict[str, tuple[list[Row], str, bool]] = {
    "initiative sets the effect": ([assigned(INITIATIVE), initiative("Deny")], VAULT_WRITE, REFUSED),
    "initiative passes its default": ([assigned(INITIATIVE), initiative(THROUGH, "Deny")], VAULT_WRITE, REFUSED),
    "initiative passes a default that is off": (
        [assigned(INITIATIVE), initiative(THROUGH, "Disabled")],
        VAULT_WRITE,
        NOT_REFUSED,
    ),
    "assignment sets the initiative's parameter": (
        [assigned(INITIATIVE, parameters={"vaultEffect": {"value": "Deny"}}), initiative(THROUGH, "Disabled")],
        VAULT_WRITE,
        REFUSED,
    ),
    "passed through both": (
        [assigned(INITIATIVE), initiative(THROUGH, "Deny", OWN), policy(PASSED, default="Audit")],
        VAULT_WRITE,
        REFUSED,
    ),
    "turned off through both": (
        [assigned(INITIATIVE), initiative(THROUGH, "Disabled", OWN), policy(PASSED, default="Deny")],
        VAULT_WRITE,
        NOT_REFUSED,
    ),
    "expression passed by an initiative": (
        [assigned(INITIATIVE), initiative("[if(true(),'deny','audit')]", None, OWN), policy(PASSED, default="Audit")],
        VAULT_WRITE,
        REFUSED,
    ),
}
REACH: dict[str, tuple[list[Row | Link], str, bool]] = {
    "not enforced": ([assigned(OWN, enforcementMode="DoNotEnforce"), policy("deny")], VAULT_WRITE, NOT_REFUSED),
    "enforced by name": ([assigned(OWN, enforcementMode="Default"), policy("deny")], VAULT_WRITE, REFUSED),
    "enforced for who enrolled": ([assigned(OWN, enforcementMode="Enroll"), policy("deny")], VAULT_WRITE, REFUSED),
    "excluded scope": ([assigned(OWN, notScopes=[RG.upper()]), policy("deny")], VAULT_WRITE, NOT_REFUSED),
    "excluded scope above": ([assigned(OWN, notScopes=[SUB]), policy("deny")], VAULT_WRITE, NOT_REFUSED),
    "excluded scope aside": ([assigned(OWN, notScopes=[RG + "2"]), policy("deny")], VAULT_WRITE, REFUSED),
    "excluded management group": (
        [assigned(OWN, "/", notScopes=[LANDING]), policy("deny"), parent(SUB, LANDING)],
        VAULT_WRITE,
        NOT_REFUSED,
    ),
    "another subscription": ([assigned(OWN, OTHER_SUB), policy("deny")], VAULT_WRITE, NOT_REFUSED),
    "another group": ([assigned(OWN, RG + "2"), policy("deny")], VAULT_WRITE, NOT_REFUSED),
    "management group above": ([assigned(OWN, LANDING), policy("deny"), parent(SUB, LANDING)], VAULT_WRITE, REFUSED),
    "management group aside": (
        [assigned(OWN, management_group("other")), policy("deny"), parent(SUB, LANDING)],
        VAULT_WRITE,
        NOT_REFUSED,
    ),
    "no scope but in the id": (
        [{**assigned(OWN), "properties": {"policyDefinitionId": OWN}}, policy("deny")],
        VAULT_WRITE,
        True,
    ),
}
SELECTORS: dict[str, tuple[list[Row], str, bool]] = {
    "type is taken": ([assigned(OWN, resourceSelectors=[ON_VAULTS]), policy("deny", {})], VAULT_WRITE, REFUSED),
    "type is not taken": (
        [assigned(OWN, resourceSelectors=[ON_VAULTS]), policy("deny", {})],
        PROJECT_WRITE,
        NOT_REFUSED,
    ),
    "type is left out": (
        [assigned(OWN, resourceSelectors=[only("resourceType", notIn=["microsoft.keyvault/vaults"])]), policy("deny")],
        VAULT_WRITE,
        NOT_REFUSED,
    ),
    "one of two selectors takes it": (
        [assigned(OWN, resourceSelectors=[only("resourceType", **{"in": ["a/b"]}), ON_VAULTS]), policy("deny")],
        VAULT_WRITE,
        REFUSED,
    ),
    "both parts of a selector must take it": (
        [
            assigned(
                OWN,
                resourceSelectors=[
                    {"selectors": [*ON_VAULTS["selectors"], *only("resourceType", **{"in": []})["selectors"]]}
                ],
            ),
            policy("deny"),
        ],
        VAULT_WRITE,
        NOT_REFUSED,
    ),
    "location decides": ([assigned(OWN, resourceSelectors=[IN_EUROPE]), policy("deny")], VAULT_WRITE, REFUSED),
    "override turns it off": (
        [assigned(OWN, overrides=[override("Disabled")]), policy("deny")],
        VAULT_WRITE,
        NOT_REFUSED,
    ),
    "override turns it on": ([assigned(OWN, overrides=[override("Deny")]), policy("audit")], VAULT_WRITE, REFUSED),
    "override for this member": (
        [assigned(INITIATIVE, overrides=[override("Audit", MEMBER)]), initiative("Deny")],
        VAULT_WRITE,
        NOT_REFUSED,
    ),
    "override for another member": (
        [
            assigned(
                INITIATIVE, overrides=[override("Audit", only("policyDefinitionReferenceId", **{"in": ["other"]}))]
            ),
            initiative("Deny"),
        ],
        VAULT_WRITE,
        REFUSED,
    ),
    "override somewhere": (
        [assigned(OWN, overrides=[override("Audit", IN_EUROPE)]), policy("deny")],
        VAULT_WRITE,
        REFUSED,
    ),
    **{
        f"override that is not understood: {override}": (
            [assigned(OWN, overrides=override), policy("deny")],
            VAULT_WRITE,
            REFUSED,
        )
        for override in (
            *([{**TURNED_OFF, "selectors": selectors}] for selectors in ODD_SELECTORS),
            [None],
            "Disabled",
            TURNED_OFF,
            [{**TURNED_OFF, "kind": "policyEffects"}],
            [{**TURNED_OFF, "value": "Nothing"}],
        )
    },
    **{
        f"override that is not understood may turn it on: {override}": (
            [assigned(OWN, overrides=override), policy("audit")],
            VAULT_WRITE,
            REFUSED,
        )
        for override in (
            [None],
            "Deny",
            {"kind": "policyEffect", "value": "Deny"},
            [{"kind": "other", "value": "Deny"}],
        )
    },
    **{
        f"selectors that are not understood: {selectors}": (
            [assigned(OWN, resourceSelectors=selectors), policy("deny")],
            VAULT_WRITE,
            REFUSED,
        )
        for selectors in (*ODD_SELECTORS, *([{"selectors": odd}] for odd in ODD_SELECTORS))
    },
    "override of something else": (
        [assigned(OWN, overrides=[{"kind": "definitionVersion", "value": "2.*.*"}]), policy("deny")],
        VAULT_WRITE,
        REFUSED,
    ),
}
EXEMPTIONS: dict[str, tuple[list[Row | Link], str, bool]] = {
    "exempted": ([DENIES, policy("deny"), exemption()], VAULT_WRITE, NOT_REFUSED),
    "exempted above": ([DENIES, policy("deny"), exemption(SUB)], VAULT_WRITE, NOT_REFUSED),
    "exempted by the management group": (
        [DENIES, policy("deny"), exemption(LANDING), parent(SUB, LANDING)],
        VAULT_WRITE,
        NOT_REFUSED,
    ),
    "exempted elsewhere": ([DENIES, policy("deny"), exemption(RG + "2")], VAULT_WRITE, REFUSED),
    "exempted from another assignment": (
        [
            DENIES,
            policy("deny"),
            exemption(policyAssignmentId=f"{SUB}/providers/Microsoft.Authorization/policyAssignments/x"),
        ],
        VAULT_WRITE,
        REFUSED,
    ),
    "exemption is over": ([DENIES, policy("deny"), exemption(expiresOn="2026-11-23T10:00:00Z")], VAULT_WRITE, REFUSED),
    "exemption still holds": (
        [DENIES, policy("deny"), exemption(expiresOn="2026-11-23T10:00:01Z")],
        VAULT_WRITE,
        NOT_REFUSED,
    ),
    "exemption ends at no moment": ([DENIES, policy("deny"), exemption(expiresOn="soon")], VAULT_WRITE, REFUSED),
    "member of the initiative is exempted": (
        [assigned(INITIATIVE), initiative("Deny"), exemption(policyDefinitionReferenceIds=["vaults"])],
        VAULT_WRITE,
        NOT_REFUSED,
    ),
    "another member is exempted": (
        [assigned(INITIATIVE), initiative("Deny"), exemption(policyDefinitionReferenceIds=["others"])],
        VAULT_WRITE,
        REFUSED,
    ),
    "exemption of members that are no list": (
        [assigned(INITIATIVE), initiative("Deny"), exemption(policyDefinitionReferenceIds="vaults")],
        VAULT_WRITE,
        REFUSED,
    ),
    "exemption of members that are no texts": (
        [assigned(INITIATIVE), initiative("Deny"), exemption(policyDefinitionReferenceIds=[None])],
        VAULT_WRITE,
        REFUSED,
    ),
    **{
        f"exemption that is not understood: {odd}": ([DENIES, policy("deny"), exemption(**odd)], VAULT_WRITE, REFUSED)
        for odd in (
            *({"policyDefinitionReferenceIds": value} for value in (*ODD_VALUES, [""], [{}])),
            *({"expiresOn": value} for value in (*ODD_VALUES, [], "yesterday")),
            *({"resourceSelectors": value} for value in ODD_SELECTORS),
            *({"resourceSelectors": [{"selectors": value}]} for value in (*ODD_SELECTORS, None, [])),
        )
    },
    "exemption without limits": (
        [DENIES, policy("deny"), exemption(policyDefinitionReferenceIds=None, expiresOn=None, resourceSelectors=None)],
        VAULT_WRITE,
        NOT_REFUSED,
    ),
    "exempted for this type": (
        [DENIES, policy("deny"), exemption(resourceSelectors=[ON_VAULTS])],
        VAULT_WRITE,
        NOT_REFUSED,
    ),
    "exempted in some place only": (
        [DENIES, policy("deny"), exemption(resourceSelectors=[IN_EUROPE])],
        VAULT_WRITE,
        REFUSED,
    ),
}
CASES = {**EFFECTS, **PARAMETERS, **INITIATIVES, **REACH, **SELECTORS, **EXEMPTIONS}


@pytest.mark.parametrize(("rows", "action", "refuses"), CASES.values(), ids=CASES)
def test_a_policy_becomes_a_note_where_it_may_refuse(rows: list[Row], action: str, refuses: bool) -> None:
    assert bool(told(*rows, action=action)) is refuses


@pytest.mark.parametrize("definition", [OWN, INITIATIVE])
def test_the_note_on_a_policy_says_that_its_effect_was_not_read(definition: str) -> None:
    assert told(assigned(definition)) == [
        "policy `rule` applies here and may refuse the request (its effect was not read)"
    ]


def test_the_note_on_a_policy_says_that_its_reach_was_not_read() -> None:
    assert told(assigned(OWN, LANDING), policy("deny")) == [
        "policy `rule` applies here and may refuse the request (whether its scope covers this one was not read)"
    ]
    held = assigned(OWN, LANDING)
    elsewhere = Link("inheritedBy", held["id"], OTHER_SUB)
    assert told(held, policy("deny"), elsewhere) == []
    unread = gap("Microsoft.Authorization/policyAssignments", SUB)
    assert len(told(held, policy("deny"), elsewhere, unread)) == 1
    assert told(held, policy("deny"), Link("inheritedBy", held["id"], SUB)) == [
        "policy `rule` applies here and may refuse the request"
    ]
