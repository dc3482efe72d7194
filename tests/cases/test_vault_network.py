"""The network of the project's key vault: what lets an appliance in, what refuses it, and which cure fits."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cases.asking import commands, findings, preflight, verdicts
from tests.cases.fabrikam import GROUP, VAULT, Environment, fabrikam
from tests.cases.situations import vault_admits_one_subnet, vault_firewall_denies_all
from tests.cli.running import Run

Saved = Callable[[Callable[[], Environment]], Path]
ADDRESS, INSIDE, OUTSIDE, PRIVATE = "203.0.113.0/24", "203.0.113.9", "198.51.100.7", "10.20.1.4"
DENY: dict[str, Any] = {"defaultAction": "Deny", "bypass": "AzureServices"}
ENDPOINT = {
    "properties": {
        "privateEndpoint": {
            "id": f"{VAULT.partition('/providers/')[0]}/providers/Microsoft.Network/privateEndpoints/pe-kv"
        },
        "privateLinkServiceConnectionState": {"status": "Approved"},
    }
}


def with_vault(**properties: Any) -> Environment:
    changed = fabrikam()
    changed.arm(VAULT)["properties"].update(copy.deepcopy(properties))
    return changed


def addresses_only() -> Environment:
    """The firewall lists a range of addresses."""
    return with_vault(networkAcls={**DENY, "ipRules": [{"value": ADDRESS}], "virtualNetworkRules": []})


def no_public_access() -> Environment:
    """Public access is off, and there is no private endpoint."""
    return with_vault(publicNetworkAccess="Disabled", networkAcls={**DENY, "ipRules": [{"value": ADDRESS}]})


def private_endpoint_only() -> Environment:
    """Public access is off, and a private endpoint is approved."""
    return with_vault(publicNetworkAccess="Disabled", privateEndpointConnections=[ENDPOINT])


def rules_not_understood() -> Environment:
    """The firewall lists something that is no address."""
    return with_vault(networkAcls={**DENY, "ipRules": [{"value": "headquarters"}]})


def perimeter() -> Environment:
    """A network security perimeter decides."""
    return with_vault(publicNetworkAccess="SecuredByPerimeter")


CASES = [
    (vault_firewall_denies_all, (), "no-go"),
    (vault_firewall_denies_all, (INSIDE,), "no-go"),
    (vault_admits_one_subnet, (), "unknown"),
    (vault_admits_one_subnet, (OUTSIDE,), "unknown"),
    (addresses_only, (), "unknown"),
    (addresses_only, (INSIDE,), "go"),
    (addresses_only, ("203.0.113.16/28",), "go"),
    (addresses_only, ("203.0.113.16/28", OUTSIDE), "no-go"),
    (addresses_only, (OUTSIDE,), "no-go"),
    (addresses_only, ("203.0.112.0/23",), "unknown"),
    (addresses_only, (PRIVATE,), "unknown"),
    (no_public_access, (), "no-go"),
    (no_public_access, (INSIDE,), "no-go"),
    (private_endpoint_only, (), "unknown"),
    (private_endpoint_only, (PRIVATE,), "go"),
    (private_endpoint_only, (OUTSIDE,), "unknown"),
    (rules_not_understood, (OUTSIDE,), "unknown"),
    (perimeter, (INSIDE,), "unknown"),
]


@pytest.mark.parametrize(("situation", "shown", "verdict"), CASES)
def test_the_firewall_decides_for_the_addresses_of_the_appliance(
    migaudit: Run, saved: Saved, situation: Callable[[], Environment], shown: tuple[str, ...], verdict: str
) -> None:
    options = [word for address in shown for word in ("--appliance-address", address)]
    document = preflight(migaudit, saved(situation), *options)
    assert verdicts(document)["register"] == document["verdict"] == verdict
    assert document["code"] == {"go": 0, "no-go": 1, "unknown": 4}[verdict]
    if verdict == "go":
        assert document["reasons"] == []
        return
    assert "the key vault `fabrikamexit52c8kv`" in document["reasons"][0]
    assert document["step"]["register"]["errors"] == (["60030", "60031"] if verdict == "no-go" else [])


def test_a_closed_firewall_is_found_and_opened_for_an_address(migaudit: Run, saved: Saved) -> None:
    snapshot = saved(vault_firewall_denies_all)
    found = findings(migaudit, snapshot, "--error", "60030")
    assert found["vault-unreachable"]["verdict"] == "fail"
    assert ["az keyvault network-rule add" in one for one in commands(found["vault-unreachable"]["fixes"])] == [True]
    register = preflight(migaudit, snapshot)["step"]["register"]
    assert [one.split(" --")[0] for one in commands(register["fixes"])] == ["az keyvault network-rule add"]
    named = preflight(migaudit, snapshot, "--appliance-address", OUTSIDE)["step"]["register"]
    assert commands(named["fixes"])[0].endswith(f"--ip-address {OUTSIDE}")


def test_a_subnet_without_service_endpoint_is_named_and_gets_one(migaudit: Run, saved: Saved) -> None:
    snapshot = saved(vault_admits_one_subnet)
    found = findings(migaudit, snapshot, "--error", "60030")["vault-network-closed"]
    assert "subnets/snet-appliance" in found["message"]
    register = preflight(migaudit, snapshot)["step"]["register"]
    for fixes in (found["fixes"], register["fixes"]):
        [command] = commands(fixes)
        assert command.startswith("az network vnet subnet update --ids ")
        assert command.endswith("--service-endpoints Microsoft.KeyVault")


def test_without_public_access_no_address_rule_is_offered(migaudit: Run, saved: Saved) -> None:
    snapshot = saved(no_public_access)
    found = findings(migaudit, snapshot)["vault-unreachable"]
    register = preflight(migaudit, snapshot)["step"]["register"]
    assert "network-rule" not in str([found["fixes"], register["fixes"]])
    assert "Private endpoint connections" in str(found["fixes"])


def test_an_approved_private_endpoint_leaves_nothing_to_do_at_the_firewall(migaudit: Run, saved: Saved) -> None:
    snapshot = saved(private_endpoint_only)
    assert not {"vault-unreachable", "vault-network-closed"} & set(findings(migaudit, snapshot))
    fixes = preflight(migaudit, snapshot)["step"]["register"]["fixes"]
    assert [fix["title"] for fix in fixes] == [
        "Check that the appliance reaches the vault through its private endpoint"
    ]


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("here", "is no address"),
        ("203.0.113.256", "is no address"),
        ("0.0.0.0/0", "contains addresses that no appliance shows"),
        ("0.0.0.0/32", "contains addresses that no appliance shows"),
        ("127.0.0.1", "contains addresses that no appliance shows"),
        ("169.254.10.0/24", "contains addresses that no appliance shows"),
        ("224.0.0.9", "contains addresses that no appliance shows"),
        ("255.255.255.255", "contains addresses that no appliance shows"),
        ("172.0.0.0/8", "contains private and public addresses"),
        ("2001:db8::1", "is of IP version 6"),
        ("::/0", "is of IP version 6"),
        ("fe80::1", "is of IP version 6"),
    ],
)
def test_an_address_must_be_one_that_an_appliance_shows(migaudit: Run, saved: Saved, address: str, told: str) -> None:
    shown = ("--appliance-address", address)
    done = migaudit("preflight", "--snapshot", saved(fabrikam), "-p", "fabrikam-exit", *shown)
    assert (done.code, done.out) == (2, "")
    assert f"`--appliance-address {address}` {told}" in done.err


@pytest.mark.parametrize("address", ["10.1.0.4", "192.168.0.0/24", "100.64.1.1"])
def test_a_private_address_is_never_added_to_a_firewall(migaudit: Run, saved: Saved, address: str) -> None:
    snapshot = saved(vault_admits_one_subnet)
    register = preflight(migaudit, snapshot, "--appliance-address", address)["step"]["register"]
    assert not [fix["az"] for fix in register["fixes"] if fix["az"] and address in fix["az"]]


def before_the_first_appliance() -> Environment:
    """The key was generated, no appliance has registered, and the vault's firewall refuses everything."""
    changed = vault_firewall_denies_all()
    for kind, name in (("VMwareSites", "fabvc0152c8site"), ("HyperVSites", "fabhv01site")):
        changed.remove(f"{GROUP}/providers/Microsoft.OffAzure/{kind}/{name}", below=True)
    return changed


def test_the_vault_counts_before_the_first_appliance_registers(migaudit: Run, saved: Saved) -> None:
    snapshot = saved(before_the_first_appliance)
    assert preflight(migaudit, snapshot, "--mode", "user")["step"]["register"]["verdict"] == "no-go"
    assert "an appliance of the project" in findings(migaudit, snapshot)["vault-unreachable"]["message"]
