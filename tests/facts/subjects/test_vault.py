from typing import Any

import pytest

from auditor.facts.fact import Unknown
from tests.facts.small import RG, VAULT, Body, S, found, gap, inventory, project, site, value, vault

LISTED = [{"value": "203.0.113.7/32"}]
CLOSED = {"defaultAction": "Deny", "bypass": "AzureServices"}


def endpoint(status: str) -> Body:
    return {"properties": {"privateLinkServiceConnectionState": {"status": status}}}


def facts(*arm: Body, **more: Any) -> dict[str, Any]:
    return dict(found(inventory(project(), site(), *arm, **more), "vault", accounts=()).facts)


@pytest.mark.parametrize(
    ("properties", "reachable"),
    [
        ({}, True),
        ({"publicNetworkAccess": "Enabled"}, True),
        ({"publicNetworkAccess": None, "networkAcls": {"defaultAction": "Allow"}}, True),
        ({"networkAcls": CLOSED}, False),
        ({"networkAcls": {**CLOSED, "ipRules": [], "virtualNetworkRules": []}}, False),
        ({"networkAcls": {**CLOSED, "ipRules": LISTED}}, True),
        ({"networkAcls": {**CLOSED, "virtualNetworkRules": [{"id": "/x"}]}}, True),
        ({"publicNetworkAccess": "disabled"}, False),
        ({"publicNetworkAccess": "Disabled", "networkAcls": {**CLOSED, "ipRules": LISTED}}, False),
        ({"publicNetworkAccess": "Disabled", "privateEndpointConnections": None}, False),
        ({"publicNetworkAccess": "Disabled", "privateEndpointConnections": [endpoint("Pending")]}, False),
        (
            {
                "publicNetworkAccess": "Disabled",
                "privateEndpointConnections": [endpoint("Rejected"), endpoint("approved")],
            },
            True,
        ),
        ({"publicNetworkAccess": "Disabled", "privateEndpointConnections": ["odd", {"properties": None}]}, None),
        ({"networkAcls": {**CLOSED, "ipRules": [{"value": "everywhere"}]}}, None),
        ({"networkAcls": {"defaultAction": "Audit"}}, None),
        ({"publicNetworkAccess": "SecuredByPerimeter"}, None),
        ({"publicNetworkAccess": "SecuredByPerimeter", "privateEndpointConnections": [endpoint("Approved")]}, True),
    ],
)
def test_a_vault_is_reachable_by_some_network(properties: Body, reachable: bool | None) -> None:
    assert value(facts(vault(**properties))["vault.reachable"]) is reachable


def test_whether_a_vault_that_was_not_read_is_reachable_is_unknown() -> None:
    seen = facts(gaps=[gap("Microsoft.KeyVault/vaults", S)])
    assert isinstance(seen["vault.reachable"], Unknown)


def lock(at: str, level: str) -> Body:
    kind = "Microsoft.Authorization/locks"
    return {"id": f"{at}/providers/{kind}/kept", "type": kind, "name": "kept", "properties": {"level": level}}


@pytest.mark.parametrize(
    ("at", "level", "locked"),
    [
        (VAULT, "ReadOnly", True),
        (VAULT, "CanNotDelete", False),
        (RG, "ReadOnly", False),
        (VAULT + "2", "ReadOnly", False),
    ],
)
def test_a_vault_is_locked_by_a_lock_on_itself(at: str, level: str, locked: bool) -> None:
    held = inventory(project(), site(), vault(), lock(at, level))
    seen = found(held, "vault", accounts=())
    assert value(seen.facts["vault.locked"]) is locked
    assert seen.texts["vault.lock"] == (f"{VAULT}/providers/Microsoft.Authorization/locks/kept" if locked else "")


def test_unread_locks_leave_it_unknown() -> None:
    seen = facts(vault(), gaps=[gap("Microsoft.Authorization/locks", S)])
    assert isinstance(seen["vault.locked"], Unknown)
