"""A vault was switched to roles, and the owner of the subscription has no role on its content."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from auditor.access.access import Access
from auditor.access.verdicts import AccessVerdict, Plane
from auditor.collect.request import Request
from auditor.facts.rights.own_vault_access import READS_SECRETS
from auditor.inventory.arm_id import ArmId
from auditor.inventory.inventory import Inventory
from auditor.inventory.snapshot.files import load
from tests.cases.fabrikam import (
    APPLIANCE_PRINCIPAL,
    DEBRAS_GROUP,
    MOVER,
    OWNER,
    SUBSCRIPTION,
    VAULT,
    Environment,
    fabrikam,
)
from tests.cli.running import Run
from tests.collect.emulated import collected

KEY_VAULT_ADMINISTRATOR = "00482a5a-887f-4fb3-b363-3b7fe8e74483"
Saved = Callable[[Callable[[], Environment]], Path]


def vault_of_roles() -> Environment:
    """The mover owns the subscription; the vault uses roles, and nobody has one."""
    changed = fabrikam()
    changed.add_mover()
    changed.assign(205, OWNER, MOVER, SUBSCRIPTION)
    changed.arm(VAULT)["properties"] |= {"enableRbacAuthorization": True, "accessPolicies": []}
    return changed


def test_a_role_on_the_vault_is_offered_and_no_account_that_has_none(migaudit: Run, saved: Saved) -> None:
    snapshot = saved(vault_of_roles)
    asked = ("--snapshot", snapshot, "--account", "mover@fabrikam.com", "--format", "json")
    scanned = json.loads(migaudit("scan", "--error", "60030", *asked).out)
    [finding] = [one for one in scanned["findings"] if one["rule"] == "vault-access-missing"]
    assert [fix["title"] for fix in finding["fixes"]] == ["Give the account a role on the vault"]
    assert "Key Vault Administrator" in finding["fixes"][0]["az"]
    preflight = ("-p", "fabrikam-exit", "--step", "register")
    [step] = json.loads(migaudit("preflight", *preflight, *asked).out)["steps"]
    assert step["verdict"] == "no-go"
    [role] = [fix["az"] for fix in step["fixes"] if fix["az"]]
    assert "--role 'Key Vault Administrator'" in role
    assert role.endswith(VAULT)
    assert not any("sign in as" in text for fix in step["fixes"] for text in fix["portal"])


def test_the_appliances_lost_their_vault_too(migaudit: Run, saved: Saved) -> None:
    asked = ("scan", "--snapshot", saved(vault_of_roles), "--error", "1039", "--account", "mover@fabrikam.com")
    found = json.loads(migaudit(*asked, "--format", "json").out)["findings"]
    lost = {one["subject"]["name"]: one for one in found if one["rule"] == "appliance-lost-vault"}
    assert set(lost) == {"fabvc01", "fabhv01"}
    assert all("Key Vault Administrator" in one["fixes"][0]["az"] for one in lost.values())


@pytest.mark.parametrize("is_member", [False, True])
async def test_a_scan_reads_whether_a_group_gives_an_appliance_its_vault(tmp_path: Path, is_member: bool) -> None:
    changed = vault_of_roles()
    changed.assign(206, KEY_VAULT_ADMINISTRATOR, DEBRAS_GROUP, VAULT, kind="Group")
    if is_member:
        changed.link("transitiveMemberOf", APPLIANCE_PRINCIPAL, DEBRAS_GROUP)
    found = await collected(load(changed.save(tmp_path, "group")), Request(all=True))
    inventory = Inventory.of(found)
    decided = Access.of(inventory).decide(APPLIANCE_PRINCIPAL, READS_SECRETS, ArmId.parse(VAULT), Plane.DATA)
    assert decided.verdict is (AccessVerdict.ALLOW if is_member else AccessVerdict.DENY)
