"""The script that `cleanup script` prints, run with the real Azure CLI: it deletes the planned workspaces only."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from auditor.cleanup.script import Shell, script
from auditor.emulator.running import running_in_thread
from tests.cleanup import leftovers as left
from tests.conformance.test_azure_cli import AzureCli, signed_in_cli

pytestmark = pytest.mark.conformance

WORKSPACES = ("monitor", "log-analytics", "workspace")


@pytest.fixture
def az(tmp_path: Path) -> Iterator[AzureCli]:
    with running_in_thread(left.tenant()) as endpoints:
        yield signed_in_cli(endpoints, tmp_path)


def run(text: str, az: AzureCli) -> "subprocess.CompletedProcess[str]":
    """Run a script in bash with the signed-in Azure CLI."""
    return subprocess.run(
        ["bash"], input=text, env=az.environment, capture_output=True, text=True, check=False, timeout=300
    )


def live(az: AzureCli) -> set[str]:
    return {row["name"] for row in az(*WORKSPACES, "list")}


def deleted(az: AzureCli) -> set[str]:
    return {row["name"] for row in az(*WORKSPACES, "list-deleted-workspaces")}


def recoveries(text: str) -> list[str]:
    """Return the recovery commands in the comments of a script."""
    return re.findall(r"^#   recover: (.+)$", text, re.MULTILINE)


def test_the_script_deletes_exactly_what_was_planned_and_its_commands_bring_that_back(az: AzureCli) -> None:
    text = script(left.plan(), Shell.BASH)
    done = run(text, az)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == ["left-2: deleted", "left-1: deleted"]
    assert live(az) == {"busy"}
    assert deleted(az) == {"left-1", "left-2"}

    again = run(text, az)
    assert (again.returncode, again.stdout.splitlines()) == (0, ["left-2: deleted already", "left-1: deleted already"])

    assert len(recoveries(text)) == 2
    back = run("\n".join(["set -e", *recoveries(text)]), az)
    assert back.returncode == 0, back.stderr
    assert live(az) == {"busy", "left-1", "left-2"}
    assert deleted(az) == set()


def test_the_script_stops_at_a_workspace_that_is_not_what_it_was(tmp_path: Path) -> None:
    other = left.workspace("left-2", 99)
    now = left.tenant([other], without=[left.SECOND["id"]], again=True)
    with running_in_thread(now) as endpoints:
        az = signed_in_cli(endpoints, tmp_path)
        done = run(script(left.plan(), Shell.BASH), az)
        assert done.returncode == 1
        assert "left-2 is not what it was" in done.stderr
        assert live(az) == {"busy", "left-1", "left-2"}


def test_the_script_stops_in_another_tenant(az: AzureCli) -> None:
    text = script(left.plan(), Shell.BASH).replace(left.TENANT, left.SUBSCRIPTION)
    done = run(text, az)
    assert done.returncode == 1
    assert "another tenant" in done.stderr
    assert live(az) == {"busy", "left-1", "left-2"}
