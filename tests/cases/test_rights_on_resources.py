"""Rights on the resources that exist: denied there, locked there, or missing where a vault lies in another group."""

import json
from pathlib import Path

import pytest

from tests.cases.asking import commands, findings, preflight
from tests.cases.fabrikam import (
    CHRISTIE,
    CONTRIBUTOR,
    GROUP,
    PROJECT,
    VAULT,
    Environment,
    fabrikam,
    resource,
)
from tests.cli.running import Run

MASTER_SITE = f"{GROUP}/providers/Microsoft.OffAzure/MasterSites/fabrikam-exit52c8mastersite"
AUTHORIZATION = "Microsoft.Authorization"
EVERYONE = {"id": "00000000-0000-0000-0000-000000000000", "type": "SystemDefined"}


def denied(scope: str, *actions: str, **more: object) -> Environment:
    changed = fabrikam()
    kind = f"{AUTHORIZATION}/denyAssignments"
    properties = {
        "denyAssignmentName": "keep out",
        "scope": scope,
        "permissions": [{"actions": list(actions), "notActions": [], "dataActions": [], "notDataActions": []}],
        "principals": [EVERYONE],
        "excludePrincipals": [],
        "doNotApplyToChildScopes": False,
        "isSystemProtected": True,
        **more,
    }
    changed.add(resource(f"{scope}/providers/{kind}/de450001-7b0d-4c62-8e3f-fab0b1c00001", kind, properties))
    return changed


@pytest.mark.parametrize(
    ("scope", "action"),
    [
        (VAULT, "Microsoft.KeyVault/vaults/*"),
        (VAULT, "Microsoft.KeyVault/vaults/accessPolicies/write"),
        (MASTER_SITE, "Microsoft.OffAzure/MasterSites/applianceRegistrationInfo/action"),
        (PROJECT, "Microsoft.Migrate/migrateProjects/registrationDetails/action"),
    ],
)
def test_a_deny_assignment_on_the_resource_itself(migaudit: Run, tmp_path: Path, scope: str, action: str) -> None:
    snapshot = denied(scope, action).save(tmp_path, "denied")
    document = preflight(migaudit, snapshot)
    register = document["step"]["register"]
    assert (document["verdict"], register["verdict"]) == ("no-go", "no-go")
    assert [fix["title"] for fix in register["fixes"]] == ["Have the deny assignment changed by its creator"]
    for error in ("60030", "60052"):
        found = findings(migaudit, snapshot, "--error", error)
        for rule in ("account-cannot-register", "deny-assignment-in-the-way"):
            assert found[rule]["verdict"] == "fail"
            assert commands(found[rule]["fixes"]) == []


def test_a_deny_assignment_that_excludes_the_account_or_stands_elsewhere_is_none(migaudit: Run, tmp_path: Path) -> None:
    excluded = denied(VAULT, "Microsoft.KeyVault/vaults/*", excludePrincipals=[{"id": CHRISTIE, "type": "User"}])
    other = denied(f"{GROUP}/providers/Microsoft.KeyVault/vaults/another", "Microsoft.KeyVault/vaults/*")
    for name, changed in (("excluded", excluded), ("other", other)):
        assert preflight(migaudit, changed.save(tmp_path, name))["step"]["register"]["verdict"] == "go"


def test_a_lock_on_the_master_site(migaudit: Run, tmp_path: Path) -> None:
    changed = fabrikam()
    kind = f"{AUTHORIZATION}/locks"
    changed.add(resource(f"{MASTER_SITE}/providers/{kind}/freeze", kind, {"level": "ReadOnly"}))
    snapshot = changed.save(tmp_path, "locked")
    register = preflight(migaudit, snapshot)["step"]["register"]
    unlock = [f"az lock delete --ids {MASTER_SITE}/providers/{kind}/freeze"]
    assert (register["verdict"], commands(register["fixes"])) == ("no-go", unlock)
    assert commands(findings(migaudit, snapshot, "--error", "60052")["lock-in-the-way"]["fixes"]) == unlock


def test_a_vault_in_another_group_needs_rights_there(migaudit: Run, tmp_path: Path) -> None:
    moved = VAULT.replace("rg-fabrikam-migrate", "rg-fabrikam-logs")
    changed = Environment(json.loads(json.dumps(fabrikam().document).replace(VAULT, moved)))
    held = [body for body in changed.document["arm"] if body.get("properties", {}).get("principalId") == CHRISTIE]
    for body in held:
        changed.remove(body["id"])
    changed.assign(106, CONTRIBUTOR, CHRISTIE, GROUP)
    snapshot = changed.save(tmp_path, "moved")
    register = preflight(migaudit, snapshot)["step"]["register"]
    assert register["verdict"] == "no-go"
    assert {one["scope"] for one in register["missing"]} == {moved}
    assert any(command.endswith(f"--scope {moved}") for command in commands(register["fixes"]))
    found = findings(migaudit, snapshot, "--error", "60052")["account-cannot-register"]
    assert [command.rpartition(" ")[2] for command in commands(found["fixes"])] == [moved]
    changed.assign(107, CONTRIBUTOR, CHRISTIE, moved)
    assert preflight(migaudit, changed.save(tmp_path, "cured"))["step"]["register"]["verdict"] == "go"
