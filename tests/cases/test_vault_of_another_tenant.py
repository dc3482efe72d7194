"""A key vault, or one of its access policies, that names another tenant: nobody of this tenant gets its content."""

from pathlib import Path

import pytest

from tests.cases.asking import commands, findings, preflight
from tests.cases.fabrikam import CHRISTIE, VAULT, fabrikam
from tests.cli.running import Run

OTHER = "11111111-3c58-4e92-a7d6-fab0b1c00000"


@pytest.mark.parametrize(("by_roles", "rules"), [(False, set[str]()), (True, {"vault-without-data-role"})])
def test_a_vault_of_another_tenant(migaudit: Run, tmp_path: Path, by_roles: bool, rules: set[str]) -> None:
    changed = fabrikam()
    changed.arm(VAULT)["properties"] |= {"tenantId": OTHER, "enableRbacAuthorization": by_roles}
    snapshot = changed.save(tmp_path, "foreign")
    document = preflight(migaudit, snapshot)
    register = document["step"]["register"]
    assert (document["verdict"], register["errors"]) == ("no-go", ["60030", "60031"])
    assert [fix["title"] for fix in register["fixes"]] == [
        "Make the key vault `fabrikamexit52c8kv` trust the tenant of its subscription"
    ]
    found = findings(migaudit, snapshot, "--error", "60030")
    failing = {rule for rule, finding in found.items() if finding["verdict"] == "fail"}
    assert failing == {"vault-of-another-tenant", "vault-access-missing", *rules}
    for rule in failing:
        assert ["tenant" in fix["title"] for fix in found[rule]["fixes"]] == [True]
        assert commands(found[rule]["fixes"]) == []
    assert f"trusts the tenant `{OTHER}` only" in found["vault-access-missing"]["message"]


def test_an_access_policy_of_another_tenant(migaudit: Run, tmp_path: Path) -> None:
    changed = fabrikam()
    for policy in changed.arm(VAULT)["properties"]["accessPolicies"]:
        if policy["objectId"] == CHRISTIE:
            policy["tenantId"] = OTHER
    snapshot = changed.save(tmp_path, "policy")
    assert preflight(migaudit, snapshot)["step"]["register"]["verdict"] == "no-go"
    assert findings(migaudit, snapshot, "--error", "60030")["vault-access-missing"]["verdict"] == "fail"
