"""The commands that the rules propose, each parsed by the real Azure CLI."""

import json
import shlex
import shutil
import subprocess
from datetime import datetime
from pathlib import Path

import pytest

from auditor.audit.rules.book import load_rules
from auditor.data import rules_dir

pytestmark = pytest.mark.conformance

PARSER = Path(__file__).with_name("az_parse.py")
GUID = "a5e70002-6b1c-4d2e-8f30-c0a050000002"
GROUP = f"/subscriptions/{GUID}/resourceGroups/rg-migrate-lab"
VALUES: dict[str, bool | int | str | list[str] | datetime] = {
    "account.id": GUID,
    "appliance.id": f"{GROUP}/providers/Microsoft.OffAzure/VMwareSites/labsite",
    "appliance.principal": GUID,
    "appliance.vault": "contosolabkv",
    "appliance.vault_id": f"{GROUP}/providers/Microsoft.KeyVault/vaults/contosolabkv",
    "appliance.vault_subscription": GUID,
    "application.id": GUID,
    "application.principal": GUID,
    "project.exempt_until": "2026-12-23T10:00:00Z",
    "project.lock_ids": [f"{GROUP}/providers/Microsoft.Authorization/locks/frozen"],
    "project.policy_references": ["KvRbac", "KvFirewall"],
    "vault.subnet": f"{GROUP}/providers/Microsoft.Network/virtualNetworks/vnet/subnets/appliances",
    "vault.subnet_services": ["Microsoft.Storage", "Microsoft.KeyVault"],
    "project.lock": f"{GROUP}/providers/Microsoft.Authorization/locks/frozen",
    "project.policy": f"{GROUP}/providers/Microsoft.Authorization/policyAssignments/deny-public-vaults",
    "project.resource_group_id": GROUP,
    "project.provider": "Microsoft.OffAzure",
    "project.resource_group": "rg-migrate-lab",
    "project.subscription": GUID,
    "project.taken_vault": "contosolabkv",
    "project.taken_workspace": "contoso-lab-ws",
    "remain.id": f"{GROUP}/providers/Microsoft.Storage/storageAccounts/migratersa1867481726",
    "registration.vault_lock": f"{GROUP}/providers/Microsoft.Authorization/locks/frozen",
    "appliance.vault_lock": f"{GROUP}/providers/Microsoft.Authorization/locks/frozen",
    "remain.lock": f"{GROUP}/providers/Microsoft.Authorization/locks/contoso-lablock",
    "workspace.lock": f"{GROUP}/providers/Microsoft.Authorization/locks/contoso-lablock",
    "remain.name": "contosolabkv",
    "remain.resource_group": "rg-migrate-lab",
    "remain.subscription": GUID,
    "registration.account_id": GUID,
    "registration.application": GUID,
    "registration.elsewhere_id": f"{GROUP}/providers/Microsoft.KeyVault/vaults/contosolabkv",
    "registration.principal_type": "User",
    "registration.provider": "Microsoft.OffAzure",
    "registration.resource_group_id": GROUP,
    "registration.subscription": GUID,
    "registration.vault_by_policies": "contosolabkv",
    "registration.vault_by_roles": f"{GROUP}/providers/Microsoft.KeyVault/vaults/contosolabkv",
    "registration.vault_subscription": GUID,
    "vault.lock": f"{GROUP}/providers/Microsoft.KeyVault/vaults/contosolabkv/providers/Microsoft.Authorization/locks/a",
    "vault.name": "contosolabkv",
    "vault.subscription": GUID,
    "workspace.id": f"{GROUP}/providers/Microsoft.OperationalInsights/workspaces/contoso-lab-ws",
}
"""A value for each fact that appears in a command."""


def commands() -> dict[str, list[str]]:
    """Return the arguments of every command of the rule book, with values filled in, by rule and fix."""
    templates = {
        f"{rule.id} {number}": fix.az
        for rule in load_rules(rules_dir())
        for number, fix in enumerate(rule.fixes, 1)
        if fix.az is not None
    }
    return {place: shlex.split(template.command(VALUES) or "") for place, template in templates.items()}


def refused(python: str, every: list[list[str]]) -> list[str]:
    done = subprocess.run(
        [python, str(PARSER)], input=json.dumps(every), capture_output=True, text=True, check=True, timeout=300
    )
    return list(json.loads(done.stdout))


@pytest.fixture(scope="module")
def python() -> str:
    """Return the path of the Azure CLI's own Python."""
    command = shutil.which("az")
    assert command, "the Azure CLI is not on the path; run `make conformance`"
    return str(Path(command).with_name("python"))


def test_every_command_has_its_values() -> None:
    assert [place for place, arguments in commands().items() if arguments[:1] != ["az"]] == []


def test_the_azure_cli_understands_every_command(python: str) -> None:
    asked = commands()
    said = refused(python, [arguments[1:] for arguments in asked.values()])
    assert {place: why for place, why in zip(asked, said, strict=True) if why} == {}


def test_what_the_azure_cli_does_not_know_is_noticed(python: str) -> None:
    assert all(
        refused(python, [["keyvault", "recover", "--nme", "x"], ["keyvolt", "list"], ["lock", "delete", "--id"]])
    )
