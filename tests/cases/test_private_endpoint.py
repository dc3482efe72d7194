"""A project of private connectivity: an endpoint that failed is found, and nothing is asked of the one that works."""

import copy
import json
from collections.abc import Callable
from pathlib import Path

from tests.cases.asking import commands, findings
from tests.cases.fabrikam import VAULT, Environment
from tests.cases.situations import CLOSED, private_project_with_failed_endpoint
from tests.cli.running import Run


def test_the_failed_endpoint_is_found_and_the_vault_is_left_alone(
    migaudit: Run, saved: Callable[[Callable[[], Environment]], Path]
) -> None:
    kept = saved(private_project_with_failed_endpoint)
    done = migaudit("scan", "--snapshot", kept, "--account", "christiec@fabrikam.com", "--format", "json")
    findings = json.loads(done.out)["findings"]
    assert [finding["rule"] for finding in findings] == ["private-endpoint-not-working"]
    assert "`fabrikamexit1880011rsvpe` to `fabrikam-exit-MigrateVault-1880011` was not made" in findings[0]["message"]
    assert VAULT not in json.dumps(findings)


APPROVE, AGAIN = "Approve a connection that waits for it", "Make an endpoint that failed"


def private_project(endpoint: str, state: str, connection: str) -> Environment:
    """A private project in which one endpoint has this state, and its connection that one."""
    changed = private_project_with_failed_endpoint()
    for body in changed.document["arm"]:
        if body["id"].endswith(f"/privateEndpoints/{endpoint}"):
            body["properties"]["provisioningState"] = state
            [link] = body["properties"]["privateLinkServiceConnections"]
            link["properties"]["privateLinkServiceConnectionState"]["status"] = connection
    return changed


def test_only_the_cure_that_fits_the_fault_is_proposed(migaudit: Run, tmp_path: Path) -> None:
    for state, connection, cure in (
        ("Failed", "Pending", AGAIN),
        ("Succeeded", "Pending", APPROVE),
        ("Succeeded", "Rejected", AGAIN),
        ("Succeeded", "Disconnected", AGAIN),
    ):
        changed = private_project("fabrikamexit1880011rsvpe", state, connection)
        found = findings(migaudit, changed.save(tmp_path, "private"))["private-endpoint-not-working"]
        assert [fix["title"].startswith(cure) for fix in found["fixes"]] == [True]
        assert "fabrikamexit1880011rsvpe" in str(found["fixes"])


def test_a_vault_whose_endpoint_waits_gets_it_approved_and_one_without_gets_one(migaudit: Run, tmp_path: Path) -> None:
    for connections, cure in (
        (("Pending",), "Approve the private endpoint"),
        (("Rejected",), "Create a private"),
        ((), "Create"),
    ):
        changed = private_project_with_failed_endpoint()
        vault = changed.arm(VAULT)["properties"]
        [listed] = vault["privateEndpointConnections"]
        vault["privateEndpointConnections"] = []
        for status in connections:
            one = copy.deepcopy(listed)
            one["properties"]["privateLinkServiceConnectionState"]["status"] = status
            vault["privateEndpointConnections"].append(one)
        found = findings(migaudit, changed.save(tmp_path, "vault"))["vault-unreachable"]
        assert [fix["title"].startswith(cure) for fix in found["fixes"]] == [True]
        assert commands(found["fixes"]) == []


def test_an_approved_endpoint_is_used_and_no_address_is_added_where_none_is_listed(
    migaudit: Run, tmp_path: Path
) -> None:
    for rules, titles in (([], ["Check"]), ([{"value": "203.0.113.7"}], ["Check", "Add"])):
        changed = private_project_with_failed_endpoint()
        changed.arm(VAULT)["properties"] |= {
            "publicNetworkAccess": "Enabled",
            "networkAcls": {**CLOSED, "ipRules": rules},
        }
        found = findings(migaudit, changed.save(tmp_path, "both"))["vault-network-closed"]
        assert [fix["title"].split()[0] for fix in found["fixes"]] == titles
