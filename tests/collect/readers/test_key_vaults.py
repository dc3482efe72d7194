"""Virtual networks: read where the firewall of an appliance's vault names a subnet of one, and only there."""

import json
from typing import Any

from auditor.inventory.reads import Gap
from auditor.inventory.snapshot.records import arm_record
from auditor.inventory.snapshot.snapshot import Snapshot
from tests.collect.emulated import collected, embedded

SUBSCRIPTION = "/subscriptions/5fab0001-91e4-4a7c-b035-fab0b1c00001"
GROUP = f"{SUBSCRIPTION}/resourceGroups/rg-fabrikam-migrate"
VAULT = f"{GROUP}/providers/Microsoft.KeyVault/vaults/fabrikamexit52c8kv"
KIND = "Microsoft.Network/virtualNetworks"
NETWORK = f"{GROUP}/providers/{KIND}/vnet-fabrikam"


def network(name: str) -> dict[str, Any]:
    subnet = {
        "id": f"{GROUP}/providers/{KIND}/{name}/subnets/one",
        "name": "one",
        "properties": {"serviceEndpoints": []},
    }
    return {
        "id": f"{GROUP}/providers/{KIND}/{name}",
        "type": KIND,
        "name": name,
        "location": "westeurope",
        "properties": {"subnets": [subnet]},
    }


def world(*gaps: Gap) -> Snapshot:
    held = embedded("fabrikam")
    rule = {"id": f"{NETWORK}/subnets/one"}
    rules = {"defaultAction": "Deny", "ipRules": [], "virtualNetworkRules": [rule]}
    arm = []
    for record in held.arm:
        body = json.loads(record.body)
        if record.id == VAULT:
            body["properties"]["networkAcls"] = rules
        arm.append(arm_record(body))
    networks = (network("vnet-fabrikam"), network("vnet-other"))
    arm += [arm_record(one) for one in networks if not gaps or one["name"] != "vnet-fabrikam"]
    every = (*held.gaps, *gaps)
    return Snapshot.of(held.header, arm=arm, graph=held.graph, links=held.links, events=held.events, gaps=every)


async def test_only_a_network_that_a_firewall_names_is_read() -> None:
    found = await collected(world())
    assert [record.id for record in found.arm if record.type == KIND] == [NETWORK]


async def test_a_refusal_is_a_gap_of_the_network() -> None:
    refused = Gap(KIND, NETWORK, 403, "AuthorizationFailed", "refused", f"{KIND}/read")
    found = await collected(world(refused))
    assert [(gap.scope, gap.status) for gap in found.gaps if gap.what == KIND] == [(NETWORK, 403)]
