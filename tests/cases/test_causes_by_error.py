"""A scan for one error finds whatever of its causes holds, and no finding of it forgets the error."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from auditor.audit.catalogue import catalogue
from auditor.cli.exit_codes import ExitCode
from auditor.cli.rules.choice import chosen_rules
from auditor.facts.schema import SubjectKind
from tests.cases.fabrikam import CHRISTIE, GROUP, PROJECT, SUBSCRIPTION, Environment, fabrikam
from tests.cases.situations import (
    guest_never_accepted,
    private_project_with_failed_endpoint,
    read_only_lock_on_the_subscription,
    vault_admits_one_subnet,
)
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
    (vault_admits_one_subnet, "vault-network-closed", ("60030", "60031", "1039", "ForbiddenByFirewall")),
    (
        guest_never_accepted,
        "guest-invitation-pending",
        ("1039", "60025", "60030", "60031", "60039", "60052", "AADSTS50014"),
    ),
    (read_only_lock_on_the_subscription, "lock-in-the-way", ("60052", "60030", "60031")),
    (lock_on_the_group, "lock-in-the-way", ("60052", "60030", "60031")),
    (account_disabled, "account-disabled", ("1039", "60025", "60030", "60031", "60039", "60052", "AADSTS50057")),
    (subscription_disabled, "subscription-not-enabled", ("60052", "60030", "60031", "ReadOnlyDisabledSubscription")),
    (project_of_the_old_experience, "project-old-experience", ("60039",)),
    (project_half_made, "project-not-ready", ("60039", "DeploymentFailed")),
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


ABOUT_ACCOUNTS = tuple(
    entry.asked_as
    for entry in catalogue().entries
    if any(rule.subject in {SubjectKind.REGISTRATION, SubjectKind.ACCOUNT} for rule in chosen_rules(ids=entry.rules))
    and entry.rules
)


@pytest.mark.parametrize("error", ABOUT_ACCOUNTS)
def test_without_an_account_no_error_that_depends_on_one_is_all_clear(migaudit: Run, saved: Saved, error: str) -> None:
    """Only the reader was judged, who registers nothing."""
    scan = ("scan", "--snapshot", saved(fabrikam), "--error", error)
    document = json.loads(migaudit(*scan, "--format", "json").out)
    assert document["outcome"] in {"undecided", "nothing_checked"}
    assert "no account that signs in at an appliance was judged" in document["conclusion"]
    assert "`-a WHO`" in document["conclusion"]
    assert migaudit(*scan, "--strict").code in {ExitCode.UNDECIDED, ExitCode.FINDINGS}
    named = json.loads(migaudit(*scan, "-a", CHRISTIE, "--format", "json").out)
    assert named["outcome"] == "in_order"


@pytest.mark.parametrize("error", ["60030", "60031", "1039"])
def test_a_vault_that_only_private_endpoints_reach_is_no_all_clear(migaudit: Run, saved: Saved, error: str) -> None:
    """A preflight leaves registering unknown for it too."""
    snapshot = saved(private_project_with_failed_endpoint)
    scan = ("scan", "--snapshot", snapshot, "--error", error, "-a", CHRISTIE, "--format", "json")
    document = json.loads(migaudit(*scan).out)
    assert document["outcome"] == "undecided"
    assert "through a private endpoint is not visible" in document["conclusion"]
    plan = ("preflight", "--snapshot", snapshot, "-p", "fabrikam-exit", "-a", CHRISTIE, "--step", "register")
    assert migaudit(*plan).code == ExitCode.UNDECIDED
