"""Answers kept as files: those in the shapes that Azure publishes are understood, others are named."""

import json
from pathlib import Path
from typing import Any

import pytest

from scripts.bodies import faults, main

S = "/subscriptions/11111111-1111-4111-8111-111111111111"
RG = f"{S}/resourceGroups/rg-own"
LAW = f"{RG}/providers/Microsoft.OperationalInsights/workspaces/Law"
LOW = LAW.lower()
RSV = f"{RG}/providers/Microsoft.RecoveryServices/vaults/rsv"
OI = "Microsoft.OperationalInsights/workspaces"
CONTAINER = "replicationFabrics/f/replicationProtectionContainers"


def answer(what: str, scope: str, *items: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"what": what, "scope": scope, "how": "list", "body": {"value": list(items)}, **more}


def item(identity: str, kind: str | None = None, **properties: Any) -> dict[str, Any]:
    body = {"id": identity, "name": identity.rpartition("/")[2], "properties": properties}
    return body if kind is None else {**body, "type": kind}


VAULT = item(
    f"{RG}/providers/Microsoft.KeyVault/vaults/kv",
    "Microsoft.KeyVault/vaults",
    tenantId="22222222-2222-4222-8222-222222222222",
    vaultUri="https://kv.vault.azure.net/",
    accessPolicies=[{"tenantId": "t", "objectId": "o", "permissions": {"keys": ["Get", "List"], "secrets": []}}],
)
UNDERSTOOD = {
    "a vault without enableRbacAuthorization": answer("Microsoft.KeyVault/vaults", S, VAULT),
    "a vault whose flag is null": answer(
        "Microsoft.KeyVault/vaults",
        S,
        {**VAULT, "properties": {**VAULT["properties"], "enableRbacAuthorization": None}},
    ),
    "a name of the list in another case": answer("microsoft.keyvault/VAULTS", S, VAULT),
    "a bare array of saved searches, with ids without a slash": {
        **answer(f"{OI}/savedSearches", LAW),
        "body": [{"id": f"{LAW[1:]}/savedSearches/ours", "etag": "x", "properties": {"Category": "Ours"}}],
    },
    "saved searches in an object, with a short type": answer(
        f"{OI}/savedSearches", LAW, item(f"{LAW}/savedSearches/ours", "Microsoft.OperationalInsights/savedSearches")
    ),
    "a bare array of storage insights": {
        **answer(f"{OI}/storageInsightConfigs", LOW),
        "body": [item(f"{LOW}/storageinsightconfigs/one", f"{OI}/storageinsightconfigs".lower(), tables=["a"])],
    },
    "data exports under another name": answer(
        f"{OI}/dataExports", LAW, item(f"{LOW}/export/one", f"{OI}/export", enable=True)
    ),
    "a linked service with a name of two parts": answer(
        f"{OI}/linkedServices",
        LAW,
        {**item(f"{LOW}/linkedservices/automation", f"{OI}/linkedServices"), "name": "Law/Automation"},
    ),
    "tables without a type": answer(f"{OI}/tables", LAW, item(f"{LAW}/tables/Own_CL", schema={"name": "Own_CL"})),
    "intelligence packs without ids": {
        **answer(f"{OI}/intelligencePacks", LAW),
        "body": [{"name": "Security", "enabled": False, "displayName": "Security"}],
    },
    "one name in two containers": answer(
        "Microsoft.RecoveryServices/vaults/replicationMigrationItems",
        RSV,
        *(
            item(
                f"{RSV.replace('/subscriptions', '/Subscriptions')}/{CONTAINER}/{one}/replicationMigrationItems/vm1",
                f"Microsoft.RecoveryServices/vaults/{CONTAINER.replace('/f/', '/')}/replicationMigrationItems",
                migrationState="Replicating",
            )
            for one in ("a", "b")
        ),
    ),
    "one database on two servers": answer(
        "Microsoft.RecoveryServices/vaults/backupProtectedItems",
        RSV,
        *(
            item(
                f"{RSV}/backupFabrics/Azure/protectionContainers/VMAppContainer;Compute;rg;{one}/protectedItems/SQL;a;master",
                "Microsoft.RecoveryServices/vaults/backupFabrics/protectionContainers/protectedItems",
            )
            for one in ("sql1", "sql2")
        ),
    ),
    "an item of a generated example": answer(
        "Microsoft.OffAzure/HyperVSites/hosts",
        f"{RG}/providers/Microsoft.OffAzure/HyperVSites/site",
        {"id": "qwpoe", "name": "zmxn", "type": "alskdj", "properties": {"fqdn": "host", "version": "1"}},
    ),
    "one resource": answer("Microsoft.KeyVault/vaults", S, how="get", body=VAULT),
    "one item": answer("Microsoft.KeyVault/vaults", S, how="item", body=VAULT),
    "a recorded answer as text, with its path": {
        "what": "Microsoft.KeyVault/vaults",
        "path": "/subscriptions/another-one/providers/Microsoft.KeyVault/vaults?api-version=2023-07-01",
        "body": {"string": json.dumps({"value": [VAULT]})},
    },
    "the list of all resources": {
        "what": "Microsoft.Storage/storageAccounts",
        "path": f"{S}/resources",
        "body": {
            "value": [
                {"id": f"{RG}/providers/Microsoft.Compute/disks/d", "type": "Microsoft.Compute/disks", "name": "d"},
                {
                    "id": f"{RG}/providers/Microsoft.Storage/storageAccounts/s",
                    "type": "Microsoft.Storage/storageAccounts",
                },
            ]
        },
    },
    "owners without their kind": answer(
        "graph/owners", "-", {"id": "33333333-3333-4333-8333-333333333333"}, how="graph"
    ),
    "a deleted application without its app id": answer(
        "graph/deletedApplication", "-", {"id": "33333333-3333-4333-8333-333333333334", "displayName": "d"}, how="graph"
    ),
    "an eligibility in the directory": answer(
        "graph/directoryEligibilities", "-", {"id": "e", "principalId": "p", "roleDefinitionId": "r"}, how="graph"
    ),
}
NOT_UNDERSTOOD = {
    "a list nobody reads": (answer("graph/printers", "-"), "refused: there is no list `graph/printers`"),
    "a bare array where none is published": ({**answer("Microsoft.KeyVault/vaults", S), "body": []}, "refused:"),
    "an item of another list": (answer("Microsoft.KeyVault/vaults", S, item(LAW, OI)), "is none of this list"),
    "a value that cannot be decoded": (
        answer("Microsoft.KeyVault/vaults", S, item(VAULT["id"], "Microsoft.KeyVault/vaults", accessPolicies="none")),
        "cannot be understood",
    ),
    "two items of one id": (answer("Microsoft.KeyVault/vaults", S, VAULT, VAULT), "lost: "),
    "a key in another case": (
        answer(
            "Microsoft.KeyVault/vaults", S, item(VAULT["id"], "Microsoft.KeyVault/vaults", VaultUri="u", tenantId="t")
        ),
        "`vaultUri` is null; the body has `VaultUri`",
    ),
    "a value at another place": (
        answer(
            "Microsoft.KeyVault/vaults",
            S,
            item(VAULT["id"], "Microsoft.KeyVault/vaults", tenantId="t", security={"enableRbacAuthorization": True}),
        ),
        "`enableRbacAuthorization` is absent; the body has it at `security.enableRbacAuthorization`: true",
    ),
    "a solution without its workspace": (
        answer(
            "Microsoft.OperationsManagement/solutions",
            S,
            item(
                f"{RG}/providers/Microsoft.OperationsManagement/solutions/x", "Microsoft.OperationsManagement/solutions"
            ),
        ),
        "misread",
    ),
}


def found(folder: Path, held: object) -> list[str]:
    (folder / "answer.json").write_text(json.dumps(held), encoding="utf-8")
    return list(faults(folder))


@pytest.mark.parametrize("held", UNDERSTOOD.values(), ids=UNDERSTOOD)
def test_a_published_shape_is_understood(tmp_path: Path, held: dict[str, Any]) -> None:
    assert found(tmp_path, held) == []


@pytest.mark.parametrize(("held", "said"), NOT_UNDERSTOOD.values(), ids=NOT_UNDERSTOOD)
def test_what_is_not_understood_is_said(tmp_path: Path, held: dict[str, Any], said: str) -> None:
    lines = found(tmp_path, [held])
    assert any(said in line for line in lines), lines
    assert all(line.startswith("answer.json[0]: ") for line in lines)


def test_the_command_says_how_many_there_are_by_its_exit_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "one.json").write_text(json.dumps(list(UNDERSTOOD.values())), encoding="utf-8")
    assert main([str(tmp_path)]) == 0
    assert capsys.readouterr().out == ""
    (tmp_path / "two.json").write_text(json.dumps([one for one, _ in NOT_UNDERSTOOD.values()]), encoding="utf-8")
    assert main([str(tmp_path)]) == 1
    assert capsys.readouterr().out.startswith("two.json[0]: refused")
    assert main([]) == main([str(tmp_path / "none")]) == 2
