"""What a policy asks for, in words: each form of a condition says something."""

from typing import Any

import pytest

from auditor.access.obstacles.policy_expressions import Scope
from auditor.access.obstacles.policy_words import in_words
from auditor.access.obstacles.requested import Requested

VAULT = "Microsoft.KeyVault/vaults"
PUBLIC = f"{VAULT}/publicNetworkAccess"
IS_VAULT = {"field": "type", "equals": VAULT}
CLOSED = {"field": PUBLIC, "equals": "Disabled"}
TAGGED = {"field": "tags.costcenter", "exists": "true"}
MANY = [f"Microsoft.Web/type{number}" for number in range(8)]
COUNT = {"count": {"field": f"{VAULT}/networkAcls.ipRules[*]"}, "greater": 0}
ITEMS = f"{VAULT}/networkAcls.ipRules[*].value"


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ({"allOf": [IS_VAULT, {"field": PUBLIC, "notEquals": "Disabled"}]}, "`publicNetworkAccess` is not `Disabled`"),
        ({"allOf": [IS_VAULT, {"not": CLOSED}]}, "`publicNetworkAccess` is not `Disabled`"),
        ({"not": {"anyOf": [CLOSED, TAGGED]}}, "`publicNetworkAccess` is not `Disabled`, `tags.costcenter` is not set"),
        (
            {"not": {"allOf": [CLOSED, TAGGED]}},
            "`publicNetworkAccess` is not `Disabled` or `tags.costcenter` is not set",
        ),
        ({"not": {"not": CLOSED}}, "`publicNetworkAccess` is `Disabled`"),
        (
            {"not": {"field": "location", "in": ["westeurope", "northeurope"]}},
            "`location` is none of `westeurope`, `northeurope`",
        ),
        ({"field": "name", "notLike": "kv-*"}, "`name` is not like `kv-*`"),
        ({"field": "name", "notMatch": "kv??"}, "`name` does not match `kv??`"),
        ({"value": "[field('name')]", "greaterOrEquals": "m"}, "`[field('name')]` is at least `m`"),
        (IS_VAULT, f"its type is `{VAULT}`"),
        ({"field": "type", "in": [VAULT]}, f"its type is one of `{VAULT}`"),
        ({"not": {"field": "type", "in": ["Microsoft.Web/sites"]}}, "its type is none of `Microsoft.Web/sites`"),
        (
            {"field": "type", "notIn": MANY},
            f"its type is none of {', '.join(f'`{one}`' for one in MANY[:5])} and 3 more",
        ),
        ({"field": "[concat('tags[', 'owner', ']')]", "exists": "false"}, "`tags[owner]` is not set"),
        ({"field": "tags.owner", "notEquals": "me"}, "`tags.owner` is not `me`"),
        ({"not": {"field": "tags.owner", "exists": "[parameters('wanted')]"}}, "not (`tags.owner` is"),
        ({"not": {"field": ITEMS, "equals": "1.2.3.4"}}, "`networkAcls.ipRules[*].value` is not `1.2.3.4`"),
        (COUNT, 'this holds: `{"count": {"field": "Microsoft.KeyVault/vaults/networkAcls.ipRules[*]"}, "greater": 0}`'),
        ({"somethingNew": 1}, 'its rule holds: `{"somethingNew": 1}`'),
    ],
)
def test_a_condition_is_said_in_words(condition: dict[str, Any], words: str) -> None:
    """The owner's tag is known to be absent, the other properties are not known."""
    requested = Requested(VAULT.lower(), {"tags": {}})
    assert words in in_words(condition, Scope(requested, {}))


def test_what_is_known_to_be_false_or_absent_is_left_out_beside_other_parts() -> None:
    requested = Requested(VAULT.lower(), {"properties": {"enableRbacAuthorization": False}}, complete=True)
    absent = {"field": f"{VAULT}/createMode", "notEquals": "recover"}
    roles = {"field": f"{VAULT}/enableRbacAuthorization", "equals": "false"}
    either = {"anyOf": [{"field": f"{VAULT}/enableRbacAuthorization", "exists": "false"}, roles]}
    said = in_words({"allOf": [IS_VAULT, absent, either]}, Scope(requested, {}))
    assert said == "`enableRbacAuthorization` is `false`"


@pytest.mark.parametrize("condition", [None, {}, {"allOf": [IS_VAULT, {}]}])
def test_of_a_rule_that_was_not_read_nothing_is_said(condition: object) -> None:
    assert in_words(condition, Scope(Requested(VAULT.lower()), {})) == ""
