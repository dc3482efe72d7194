"""What a preflight asks somebody else to run is enough, and what it says about undoing it undoes it."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from auditor.emulator.options import Endpoints, Options
from auditor.emulator.running import running_in_thread
from auditor.inventory.snapshot.files import load
from tests.cases.azure_commands import AzureCommands
from tests.cli.running import Run

SUBSCRIPTION = "0d1e2c3b-4a59-4687-9b10-c0a050000001"


def preflight(migaudit: Run, endpoints: Endpoints, account: str, form: str) -> str:
    where = ("--cloud", endpoints.arm, "--auth", "environment", "--at", "2026-11-23T10:00:00Z")
    about = ("--subscription", SUBSCRIPTION, "--project", "contoso-dc-exit", "--account", account)
    return migaudit("preflight", *where, *about, "--format", form).out


def verdicts(migaudit: Run, endpoints: Endpoints, account: str) -> dict[str, Any]:
    document = json.loads(preflight(migaudit, endpoints, account, "json"))
    return {step["id"]: step["verdict"] for step in document["steps"]}


def test_the_commands_of_the_request_make_it_go_and_are_undone(
    migaudit: Run, fixtures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = "leeg@contoso.com"
    with running_in_thread(load(fixtures / "contoso.yaml"), Options(accept_cures=True)) as endpoints:
        for name, value in endpoints.env.items():
            monkeypatch.setenv(name, value)
        before = verdicts(migaudit, endpoints, account)
        assert before["register"] == "no-go"
        request = preflight(migaudit, endpoints, account, "markdown")
        assert "## Please run these three commands" in request
        part = request[request.index("## Please run") : request.index("## What is missing")]
        commands = re.findall(r"```sh\n +(az .+)\n", part)
        undoing = re.findall(r"to undo it: .* `(az .+)`", part)
        assert (len(commands), len(undoing)) == (3, 3)
        azure = AzureCommands(endpoints)
        for command in commands:
            azure.run(command)
        after = verdicts(migaudit, endpoints, account)
        assert {step: verdict for step, verdict in after.items() if verdict != "go"} == {"replicate": "unknown"}
        for command in undoing:
            azure.run(command)
        assert verdicts(migaudit, endpoints, account) == before
