"""A key vault, or one of its access policies, that names another tenant: nobody of this tenant gets its content."""

from pathlib import Path

import pytest

from tests.cases.asking import commands, findings, preflight
from tests.cases.fabrikam import CHRISTIE, SUBSCRIPTION, VAULT, fabrikam
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


BY_OWNER = "an account of the tenant that owns the subscription"


@pytest.mark.parametrize("by_roles", [False, True])
@pytest.mark.parametrize(
    ("owner", "title"),
    [
        (OTHER, BY_OWNER),
        (OTHER.upper(), BY_OWNER),
        ("22222222-3c58-4e92-a7d6-fab0b1c00000", "Make the vault trust the tenant of its subscription first"),
    ],
)
def test_a_vault_of_a_subscription_of_another_tenant(
    migaudit: Run, tmp_path: Path, by_roles: bool, owner: str, title: str
) -> None:
    """A vault that trusts the tenant that owns its subscription is in order: an account of that tenant is the cure."""
    changed = fabrikam()
    changed.arm(VAULT)["properties"] |= {"tenantId": OTHER, "enableRbacAuthorization": by_roles}
    changed.arm(SUBSCRIPTION)["tenantId"] = owner
    snapshot = changed.save(tmp_path, "owned")
    found = findings(migaudit, snapshot, "--error", "60030") | findings(migaudit, snapshot, "--error", "1039")
    failing = {rule for rule, finding in found.items() if finding["verdict"] == "fail"}
    of_vault = {"vault-access-missing", "appliance-lost-vault", *({"vault-without-data-role"} if by_roles else set())}
    assert of_vault <= failing
    for rule in of_vault:
        [fix] = found[rule]["fixes"]
        assert title in fix["title"]
        assert title != BY_OWNER or f"`{owner}`" in str(fix)
    assert ("vault-of-another-tenant" in failing) is (title != BY_OWNER)


def test_an_access_policy_of_another_tenant(migaudit: Run, tmp_path: Path) -> None:
    changed = fabrikam()
    for policy in changed.arm(VAULT)["properties"]["accessPolicies"]:
        if policy["objectId"] == CHRISTIE:
            policy["tenantId"] = OTHER
    snapshot = changed.save(tmp_path, "policy")
    assert preflight(migaudit, snapshot)["step"]["register"]["verdict"] == "no-go"
    assert findings(migaudit, snapshot, "--error", "60030")["vault-access-missing"]["verdict"] == "fail"
