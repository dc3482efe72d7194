"""Policy rules are evaluated as far as the resource type decides; the body of the request decides the rest."""

import pytest

from auditor.access.obstacles.policy_rules import may_hold
from auditor.inventory.policy_values import resolved

VAULT = {"field": "type", "equals": "Microsoft.KeyVault/vaults"}
SITE = {"field": "type", "equals": "Microsoft.OffAzure/VMwareSites"}
NAMED = {"field": "name", "like": "kv-*"}
RULES: dict[str, tuple[object, bool | None]] = {
    "type equals": (VAULT, True),
    "type equals another": (SITE, False),
    "type differs": ({"Field": "Type", "notEquals": "Microsoft.KeyVault/vaults"}, False),
    "type differs from another": ({"field": "type", "NotEquals": "Microsoft.OffAzure/VMwareSites"}, True),
    "type among": ({"field": "type", "in": ["a/b", "MICROSOFT.KEYVAULT/VAULTS"]}, True),
    "type not among": ({"field": "type", "notIn": ["a/b", "MICROSOFT.KEYVAULT/VAULTS"]}, False),
    "type among what is no list": ({"field": "type", "in": "a/b"}, None),
    "type like": ({"field": "type", "like": "Microsoft.KeyVault/*"}, True),
    "type not like": ({"field": "type", "notLike": "Microsoft.KeyVault/*"}, False),
    "type like a part of it": ({"field": "type", "like": "Microsoft.KeyVault"}, False),
    "type contains": ({"field": "type", "contains": "Vault"}, True),
    "type does not contain": ({"field": "type", "notContains": "vault"}, False),
    "type as a value": ({"value": "[field('type')]", "equals": "Microsoft.Web/sites"}, False),
    "type exists": ({"field": "type", "exists": "true"}, True),
    "type does not exist": ({"field": "type", "exists": False}, False),
    "type in a parameter": ({"field": "type", "in": "[parameters('Types')]"}, True),
    "type in a parameter without value": ({"field": "type", "in": "[parameters('other')]"}, None),
    "unknown operator": ({"field": "type", "resembles": "Microsoft.##"}, None),
    "another field": (NAMED, None),
    "all of them, one fails": ({"allOf": [NAMED, SITE]}, False),
    "all of them, the body decides": ({"allOf": [NAMED, VAULT]}, None),
    "all of them hold": ({"allOf": [VAULT, VAULT]}, True),
    "any of them holds": ({"anyOf": [NAMED, SITE, VAULT]}, True),
    "any of them, the body decides": ({"anyOf": [SITE, NAMED]}, None),
    "none of them": ({"anyOf": [SITE, SITE]}, False),
    "not": ({"not": VAULT}, False),
    "not another": ({"not": SITE}, True),
    "not, and the body decides": ({"not": NAMED}, None),
    "any of none": ({"anyOf": []}, None),
    "all of none": ({"allOf": []}, None),
    "not any of none": ({"not": {"anyOf": []}}, None),
    "two operators that combine": ({"anyOf": [VAULT], "allOf": [SITE]}, None),
    "a comparison beside one that combines": ({"allOf": [SITE], **VAULT}, None),
    "two comparisons": ({"field": "type", "equals": "Microsoft.Web/sites", "like": "Microsoft.*"}, None),
    "two sources": ({"field": "type", "value": "x", "equals": "x"}, None),
    "one name twice": ({"field": "type", "equals": "x", "Equals": "y"}, None),
    "counted things": ({"count": {"field": "x[*]"}, "greater": 1}, None),
    "no rule at all": ("anything", None),
}


@pytest.mark.parametrize(("rule", "expected"), RULES.values(), ids=RULES)
def test_a_rule_is_evaluated_as_far_as_the_type_decides(rule: object, expected: bool | None) -> None:
    parameters = {"types": ["Microsoft.KeyVault/vaults"]}
    assert may_hold(rule, "microsoft.keyvault/vaults", parameters) is expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("[parameters('effect')]", "Deny"),
        ("[ Parameters( 'EFFECT' ) ]", "Deny"),
        ("[parameters('other')]", None),
        ("[concat('de', 'ny')]", None),
        ("[[not an expression]", "[not an expression]"),
        ("audit", "audit"),
        (["a"], ["a"]),
        (None, None),
    ],
)
def test_only_references_to_parameters_are_resolved(value: object, expected: object) -> None:
    assert resolved(value, {"effect": "Deny"}) == expected
