"""What `append` and `modify` policies do to a requested key vault: refuse it, change it, or neither."""

from typing import Any

import pytest

from auditor.access.obstacles.policy_changes import changes_in_words, conflicting
from auditor.access.obstacles.policy_expressions import Scope
from auditor.access.obstacles.requested import ABSENT, Requested

VAULTS = "Microsoft.KeyVault/vaults"
NEW = Requested(
    VAULTS.lower(),
    {
        "tags": {"Migrate Project": "exit"},
        "properties": {"enableRbacAuthorization": False, "createMode": ABSENT},
    },
)
HELD = Requested(
    VAULTS.lower(), {"properties": {"publicNetworkAccess": "Enabled", "networkAcls": {"ipRules": []}}}, complete=True
)


def scope(requested: Requested = NEW) -> Scope:
    return Scope(requested, {"wanted": "Disabled", "tag": "costs"})


def field(name: str, value: object = None) -> dict[str, object]:
    return {"field": name if name.startswith(("tags", "[")) else f"{VAULTS}/{name}", "value": value}


@pytest.mark.parametrize(
    ("details", "requested", "refuses", "words"),
    [
        ([field("enableRbacAuthorization", True)], NEW, True, "`enableRbacAuthorization` is not `true`"),
        ([field("enableRbacAuthorization", "False")], NEW, False, ""),
        ([field("publicNetworkAccess", "Disabled")], NEW, None, "`publicNetworkAccess` is not `Disabled`"),
        (
            [field("publicNetworkAccess", "[parameters('wanted')]")],
            HELD,
            True,
            "`publicNetworkAccess` is not `Disabled`",
        ),
        ([field("publicNetworkAccess", "[nobody('knows')]")], HELD, None, "a value that is not known"),
        ([field("createMode", "default")], HELD, False, ""),
        ([field("enablePurgeProtection", True)], HELD, False, ""),
        ([field("networkAcls.ipRules[*]", {"value": "1.2.3.4"})], HELD, False, ""),
        ([field("networkAcls.ipRules", [{"value": "1.2.3.4"}])], HELD, None, "ipRules"),
        ([field("tags['costs']", "1")], NEW, False, ""),
        ([field("tags['Migrate Project']", "other")], NEW, True, "tags['Migrate Project']"),
        ([field("[concat('tags[', parameters('tag'), ']')]", "1")], NEW, False, ""),
        ([field("createMode", "x"), field("enableRbacAuthorization", True)], NEW, True, "enableRbacAuthorization"),
        ([{"value": "x"}], NEW, None, "something"),
        (["x"], NEW, None, ""),
        ({}, NEW, None, ""),
        (None, NEW, None, ""),
    ],
)
def test_an_append_refuses_where_it_would_replace_a_value(
    details: Any, requested: Requested, refuses: bool | None, words: str
) -> None:
    met, said = conflicting(details, scope(requested))
    assert met is refuses
    assert words in said


def operation(name: str, alias: str, value: object = None, **more: object) -> dict[str, object]:
    return {"operation": name, **field(alias, value), **more}


def modify(*operations: object) -> dict[str, object]:
    return {"roleDefinitionIds": [], "operations": list(operations)}


NOTHING = ""
NOT_UNDERSTOOD = "changes it in a way that was not read or is not understood"


@pytest.mark.parametrize(
    ("details", "requested", "words"),
    [
        (
            modify(operation("addOrReplace", "publicNetworkAccess", "Disabled")),
            NEW,
            "sets `publicNetworkAccess` to `Disabled`",
        ),
        (modify(operation("addOrReplace", "publicNetworkAccess", "[parameters('wanted')]")), HELD, "to `Disabled`"),
        (
            modify(operation("AddOrReplace", "networkAcls.defaultAction", "Deny")),
            NEW,
            "sets `networkAcls.defaultAction`",
        ),
        (modify(operation("addOrReplace", "publicNetworkAccess", "enabled")), HELD, NOTHING),
        (modify(operation("addOrReplace", "publicNetworkAccess", "Enabled")), NEW, NOTHING),
        (
            modify(operation("addOrReplace", "enableRbacAuthorization", True)),
            NEW,
            "`enableRbacAuthorization` to `true`",
        ),
        (modify(operation("addOrReplace", "enableRbacAuthorization", False)), NEW, NOTHING),
        (modify(operation("addOrReplace", "enablePurgeProtection", True)), NEW, NOTHING),
        (modify(operation("addOrReplace", "tags['costs']", "1")), NEW, NOTHING),
        (modify(operation("add", "tags.costs", "1"), operation("remove", "tags['a']")), NEW, NOTHING),
        (modify(operation("add", "publicNetworkAccess", "Disabled")), HELD, NOTHING),
        (modify(operation("add", "publicNetworkAccess", "Disabled")), NEW, "sets `publicNetworkAccess`"),
        (modify(operation("remove", "publicNetworkAccess")), HELD, "removes `publicNetworkAccess`"),
        (modify(operation("remove", "enablePurgeProtection")), HELD, NOTHING),
        (
            modify(operation("addOrReplace", "publicNetworkAccess", "Disabled", condition="[equals(1, 2)]")),
            NEW,
            NOTHING,
        ),
        (modify(operation("addOrReplace", "publicNetworkAccess", "Disabled", condition="[equals(1, 1)]")), NEW, "sets"),
        (modify(operation("addOrReplace", "publicNetworkAccess", "Disabled", condition="[nobody()]")), NEW, "sets"),
        (modify(operation("replaceSometimes", "publicNetworkAccess", "Enabled")), NEW, NOT_UNDERSTOOD),
        (modify({"operation": "add"}), NEW, NOT_UNDERSTOOD),
        (modify("x"), NEW, NOT_UNDERSTOOD),
        ({"operations": "x"}, NEW, NOT_UNDERSTOOD),
        (None, NEW, NOT_UNDERSTOOD),
    ],
)
def test_a_modify_counts_where_it_changes_what_an_appliance_may_need(
    details: Any, requested: Requested, words: str
) -> None:
    said = changes_in_words("modify", details, scope(requested))
    assert words in said
    assert bool(said) is bool(words)


def test_an_append_that_replaces_nothing_may_still_change_what_is_made() -> None:
    details = [field("networkAcls.ipRules[*]", "1.2.3.4"), field("tags['costs']", "1")]
    assert changes_in_words("append", details, scope(HELD)) == "sets `networkAcls.ipRules[*]` to `1.2.3.4`"
