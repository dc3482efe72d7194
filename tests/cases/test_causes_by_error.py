"""A scan for one error finds whatever of its causes holds, and no finding of it forgets the error."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cases.fabrikam import CHRISTIE, GROUP, PROJECT, SUBSCRIPTION, Environment, fabrikam
from tests.cases.situations import guest_never_accepted, read_only_lock_on_the_subscription, vault_admits_one_subnet
from tests.cli.running import Run

Saved = Callable[[Callable[[], Environment]], Path]


def account_disabled() -> Environment:
    """Christie's account is disabled."""
    changed = fabrikam()
    changed.graph(CHRISTIE)["accountEnabled"] = False
    return changed


def subscription_disabled() -> Environment:
    """The subscription of the project is disabled."""
    changed = fabrikam()
    changed.arm(SUBSCRIPTION)["state"] = "Disabled"
    return changed


def project_of_the_old_experience() -> Environment:
    """A project of the old experience stands beside the new one."""
    changed = fabrikam()
    changed.add(
        {
            "id": f"{GROUP}/providers/Microsoft.Migrate/projects/fabrikam-2018",
            "name": "fabrikam-2018",
            "type": "Microsoft.Migrate/projects",
            "location": "westcentralus",
            "properties": {"provisioningState": "Succeeded", "numberOfMachines": 3},
        }
    )
    return changed


def lock_on_the_group() -> Environment:
    """A ReadOnly lock stands on the project's resource group."""
    changed = fabrikam()
    changed.add(
        {
            "id": f"{GROUP}/providers/Microsoft.Authorization/locks/freeze",
            "type": "Microsoft.Authorization/locks",
            "name": "freeze",
            "properties": {"level": "ReadOnly"},
        }
    )
    return changed


def project_half_made() -> Environment:
    """The deployment of the project failed."""
    changed = fabrikam()
    changed.arm(PROJECT)["properties"]["provisioningState"] = "Failed"
    return changed


CAUSES = (
    (vault_admits_one_subnet, "vault-network-closed", ("60030", "60031", "1039")),
    (guest_never_accepted, "guest-invitation-pending", ("60052",)),
    (read_only_lock_on_the_subscription, "lock-in-the-way", ("60052", "60030", "60031")),
    (lock_on_the_group, "lock-in-the-way", ("60052", "60030", "60031")),
    (account_disabled, "account-disabled", ("60052",)),
    (subscription_disabled, "subscription-not-enabled", ("60052", "60030", "60031")),
    (project_of_the_old_experience, "project-old-experience", ("60039",)),
    (project_half_made, "project-not-ready", ("60039",)),
)
BY_ERROR = [(cause, rule, error) for cause, rule, errors in CAUSES for error in errors]


@pytest.mark.parametrize(("cause", "rule", "error"), BY_ERROR, ids=[f"{one[1]} {one[2]}" for one in BY_ERROR])
def test_a_scan_for_an_error_finds_each_of_its_causes(
    migaudit: Run, saved: Saved, cause: Callable[[], Environment], rule: str, error: str
) -> None:
    scan = ("scan", "--snapshot", saved(cause), "--error", error, "--account", CHRISTIE, "--format", "json")
    findings = json.loads(migaudit(*scan).out)["findings"]
    assert rule in {one["rule"] for one in findings if one["verdict"] == "fail"}
    assert all(error in one["errors"] for one in findings)


def test_a_lock_on_the_subscription_is_severe(migaudit: Run, saved: Saved) -> None:
    snapshot = saved(read_only_lock_on_the_subscription)
    assert migaudit("scan", "--snapshot", snapshot, "--error", "60052").code == 1
