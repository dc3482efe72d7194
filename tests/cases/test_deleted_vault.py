"""A soft-deleted vault is recovered first; before that nothing is said about access to it."""

import json
from collections.abc import Callable
from pathlib import Path

from tests.cases.asking import commands, findings, preflight, verdicts
from tests.cases.fabrikam import GROUP, SUBSCRIPTION, VAULT, Environment, fabrikam
from tests.cases.situations import vault_soft_deleted
from tests.cli.running import Run

Saved = Callable[[Callable[[], Environment]], Path]


def test_the_vault_is_recovered_first(migaudit: Run, saved: Saved) -> None:
    snapshot = saved(vault_soft_deleted)
    found = findings(migaudit, snapshot, "--error", "60030")
    assert next(iter(found)) == "vault-missing"
    assert "az keyvault recover" in commands(found["vault-missing"]["fixes"])[0]
    about_access = {"vault-access-missing", "vault-access-not-complete", "policy-for-another-account"}
    everything = findings(migaudit, snapshot)
    assert not (about_access | {"vault-without-data-role"}) & set(everything)
    assert "access policies" not in str([one["gaps"] for one in everything.values()])


def test_a_preflight_offers_to_recover_it(migaudit: Run, saved: Saved) -> None:
    document = preflight(migaudit, saved(vault_soft_deleted))
    assert document["verdict"] == verdicts(document)["register"] == "no-go"
    register = document["step"]["register"]
    assert register["missing"] == []
    assert register["errors"] == ["60030", "60031"]
    [command] = commands(register["fixes"])
    assert command.startswith("az keyvault recover --name fabrikamexit52c8kv --location westeurope --subscription ")
    assert "protected against purging" in str(register["fixes"][0]["portal"])


def deleted_from_another_group(*, remains: bool) -> Environment:
    """The appliances' vault stood in another group than the project's, which remains or was deleted too."""
    changed = vault_soft_deleted()
    group = f"{SUBSCRIPTION}/resourceGroups/rg-fabrikam-old"
    document = json.dumps(changed.document).replace(VAULT, VAULT.replace(GROUP, group))
    moved = Environment(json.loads(document))
    if remains:
        moved.add_group("rg-fabrikam-old")
    return moved


def purged() -> Environment:
    """The vault of the appliances is neither there nor among the deleted ones."""
    changed = fabrikam()
    changed.remove(VAULT)
    return changed


def purge_was_due(day: str) -> Environment:
    """The vault is still listed among the deleted ones, to be purged on this day."""
    changed = vault_soft_deleted()
    [deleted] = [one for one in changed.document["arm"] if "/deletedVaults/" in one["id"]]
    deleted["properties"]["scheduledPurgeDate"] = f"{day}T09:00:00Z"
    return changed


def test_a_vault_comes_back_to_its_own_group_which_must_exist(migaudit: Run, tmp_path: Path) -> None:
    for remains in (True, False):
        snapshot = deleted_from_another_group(remains=remains).save(tmp_path, "elsewhere")
        found = findings(migaudit, snapshot, "--rule", "vault-missing")["vault-missing"]
        offered = preflight(migaudit, snapshot)["step"]["register"]["fixes"]
        for fixes in (found["fixes"], offered):
            text = str(fixes)
            assert "back into the resource group `rg-fabrikam-old`" in text
            again = text.lower().find("create the resource group `rg-fabrikam-old`")
            assert (again == -1) is remains
            assert again < text.index("Manage deleted vaults")


def test_a_new_key_is_the_cure_where_the_vault_is_gone_for_good(migaudit: Run, tmp_path: Path) -> None:
    for environment in (purged(), purge_was_due("2026-11-20")):
        snapshot = environment.save(tmp_path, "purged")
        assert not [rule for rule in findings(migaudit, snapshot) if rule == "vault-name-taken"]
        found = findings(migaudit, snapshot, "--rule", "vault-missing")["vault-missing"]
        register = preflight(migaudit, snapshot)["step"]["register"]
        for fixes in (found["fixes"], register["fixes"]):
            assert [fix["title"].startswith("Generate a new project key") for fix in fixes] == [True]
            assert commands(fixes) == []
        assert "recovered until" not in str(register)


def test_a_day_that_lies_ahead_is_told(migaudit: Run, tmp_path: Path) -> None:
    snapshot = purge_was_due("2026-11-24").save(tmp_path, "due")
    assert "until 24 November 2026" in findings(migaudit, snapshot)["vault-name-taken"]["message"]
    assert "can be recovered until 2026-11-24" in str(preflight(migaudit, snapshot))


def test_unread_deleted_vaults_leave_both_ways_open(migaudit: Run, tmp_path: Path) -> None:
    changed = purged()
    unread = {"what": "Microsoft.KeyVault/deletedVaults", "scope": SUBSCRIPTION, "status": 403}
    changed.document["gaps"] = [{**unread, "code": "AuthorizationFailed", "message": "no"}]
    snapshot = changed.save(tmp_path, "unread")
    [fix] = preflight(migaudit, snapshot)["step"]["register"]["fixes"]
    assert fix["title"].endswith("unless `fabrikamexit52c8kv` can be recovered")
