"""A soft-deleted vault is recovered first; before that nothing is said about access to it."""

from collections.abc import Callable
from pathlib import Path

from tests.cases.asking import commands, findings, preflight, verdicts
from tests.cases.fabrikam import Environment
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
