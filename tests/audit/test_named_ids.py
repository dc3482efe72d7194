"""The law: no id of an account, an application, a role or a subscription whose name was read stands alone in prose."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from auditor.audit.findings import Finding
from auditor.cli.options import ConnectionOptions
from auditor.cli.rules.choice import chosen_rules
from auditor.cli.scan.options import ScanOptions
from auditor.cli.scan.run import judged
from auditor.facts.entities.named_ids import NamedIds
from auditor.inventory.inventory import Inventory
from auditor.inventory.resources.directory import User
from auditor.inventory.snapshot.files import load

GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
SUBSCRIPTION = "0d1e2c3b-4a59-4687-9b10-c0a050000001"
OTHER = "0d1e2c3b-4a59-4687-9b10-c0a050000002"
ISAIAH = "a5e70002-6b1c-4d2e-8f30-c0a050000002"
APPLICATION = "ab1d0001-7c3f-4e58-b6a2-c0a050000001"
GROUP = "/providers/Microsoft.Management/managementGroups/contoso"


@pytest.fixture(scope="module")
def names(fixtures: Path) -> NamedIds:
    return NamedIds(Inventory.of(load(fixtures / "contoso.yaml")))


def prose(finding: Finding) -> Iterator[str]:
    yield from (finding.subject.name, finding.message)
    yield from (item.note for item in finding.evidence)
    for fix in finding.fixes:
        yield from (fix.title, *fix.portal, fix.changes)


@pytest.mark.parametrize("world", ["contoso", "contoso-gov", "fabrikam", "tailspin"])
def test_a_name_stands_beside_every_id(fixtures: Path, world: str) -> None:
    inventory = Inventory.of(load(fixtures / f"{world}.yaml"))
    held, names = [one.id for one in inventory.objects(User)][:6], NamedIds(inventory)
    asked = ScanOptions(connection=ConnectionOptions(), snapshot=Path("x"))
    found = judged(chosen_rules(), inventory, asked, tuple(held)).findings
    assert found
    for finding in found:
        for text in prose(finding):
            for identity in GUID.findall(text):
                assert not (named := names.name(identity)) or named in text, f"{finding.rule}: {text}"
        for item in finding.evidence:
            if GUID.fullmatch(item.id):
                assert names.name(item.id) in item.note


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (f"`{ISAIAH}` may not", f"`isaiahl@contoso.com` (`{ISAIAH}`) may not"),
        (f"held by {ISAIAH.upper()}.", f"held by isaiahl@contoso.com ({ISAIAH.upper()})."),
        (f"`{ISAIAH}` and `{ISAIAH}`", f"`isaiahl@contoso.com` (`{ISAIAH}`) and `{ISAIAH}`"),
        (f"isaiahl@contoso.com is {ISAIAH}", f"isaiahl@contoso.com is {ISAIAH}"),
        (
            f"at `/subscriptions/{SUBSCRIPTION}/resourceGroups/a b`",
            f"at `/subscriptions/{SUBSCRIPTION}/resourceGroups/a b` (`Contoso Datacenter Exit`)",
        ),
        (
            "`ab1d0001-7c3f-4e58-b6a2-c0a050000001`",
            "`cdxvcenter014f2aagentauthaadapp` (`ab1d0001-7c3f-4e58-b6a2-c0a050000001`)",
        ),
        ("00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-000000000001"),
        ("nothing to name", "nothing to name"),
    ],
)
def test_the_name_stands_beside_the_id_once(names: NamedIds, text: str, named: str) -> None:
    assert names.text(text) == named


@pytest.mark.parametrize(
    ("scope", "named"),
    [
        (f"/subscriptions/{OTHER}", f"Contoso Shared Platform (/subscriptions/{OTHER})"),
        (
            f"/subscriptions/{OTHER}/resourceGroups/rg",
            f"/subscriptions/{OTHER}/resourceGroups/rg (Contoso Shared Platform)",
        ),
        (ISAIAH, f"isaiahl@contoso.com ({ISAIAH})"),
        ("/", "/"),
        ("/subscriptions/nowhere", "/subscriptions/nowhere"),
        (
            "/providers/Microsoft.Management/managementGroups/contoso",
            "/providers/Microsoft.Management/managementGroups/contoso",
        ),
    ],
)
def test_a_scope_has_the_name_of_its_subscription(names: NamedIds, scope: str, named: str) -> None:
    assert names.scope(scope) == named
