"""Generating the key fails where a listed resource provider is not registered and the account may not register it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cases.fabrikam import CONTRIBUTOR, GROUP, MOVER, SUBSCRIPTION, Environment, fabrikam
from tests.cli.running import Run

Saved = Callable[[Callable[[], Environment]], Path]
LISTED = (
    *("OffAzure", "Migrate", "MySQLDiscovery", "DependencyMap", "ApplicationMigration", "Insights", "KeyVault"),
    *("HybridCompute", "Storage", "Network", "GuestConfiguration", "Compute", "HybridConnectivity", "RecoveryServices"),
    *("DataReplication", "AzureArcData"),
)


def mover_at(scope: str, unregistered: tuple[str, ...]) -> Callable[[], Environment]:
    """Return Fabrikam with the mover as Contributor at `scope`, and without these providers."""

    def situation() -> Environment:
        changed = fabrikam()
        changed.add_mover()
        changed.assign(320, CONTRIBUTOR, MOVER, scope)
        for name in unregistered:
            changed.arm(f"{SUBSCRIPTION}/providers/Microsoft.{name}")["registrationState"] = "NotRegistered"
        return changed

    return situation


@pytest.mark.parametrize("name", LISTED)
@pytest.mark.parametrize(("scope", "verdict"), [(GROUP, "no-go"), (SUBSCRIPTION, "go")])
def test_registering_takes_a_right_at_the_subscription(
    migaudit: Run, saved: Saved, name: str, scope: str, verdict: str
) -> None:
    snapshot = saved(mover_at(scope, (name,)))
    asked = ("-p", "fabrikam-exit", "-a", "mover@fabrikam.com", "--step", "generate-key", "--format", "json")
    [step] = json.loads(migaudit("preflight", "--snapshot", snapshot, *asked).out)["steps"]
    assert step["verdict"] == verdict
    if verdict == "no-go":
        assert [one["action"] for one in step["missing"]] == [f"Microsoft.{name}/register/action"]
        assert f"az provider register --subscription {SUBSCRIPTION[15:]} --namespace Microsoft.{name}" in [
            fix["az"] for fix in step["fixes"]
        ]


def test_several_providers_take_one_command(migaudit: Run, saved: Saved) -> None:
    snapshot = saved(mover_at(GROUP, ("Insights", "Compute")))
    asked = ("-p", "fabrikam-exit", "-a", "mover@fabrikam.com", "--step", "generate-key", "--format", "json")
    [step] = json.loads(migaudit("preflight", "--snapshot", snapshot, *asked).out)["steps"]
    [command] = [fix["az"] for fix in step["fixes"] if "registered by someone" in fix["title"]]
    assert command.count("az provider register") == 2
