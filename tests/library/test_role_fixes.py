"""The fixes of rules that assign a role say who can do it, and how it is undone; no other fix does."""

import shlex
from dataclasses import replace
from pathlib import Path

import pytest

from auditor.access.access import Access
from auditor.audit.findings import Finding, Fix
from auditor.inventory.inventory import Inventory
from auditor.inventory.snapshot.files import load
from auditor.library.role_fixes import RoleFixes
from tests.report.conftest import ADELE, registration

GROUP = "/subscriptions/0d1e2c3b-4a59-4687-9b10-c0a050000001/resourceGroups/rg-migrate-prod"
GRANT = f"az role assignment create --role 'Azure Migrate Owner' --assignee-object-id {ADELE} --scope '{GROUP}'"


@pytest.fixture(scope="module")
def access(fixtures: Path) -> Access:
    return Access.of(Inventory.of(load(fixtures / "contoso.yaml")))


def told(access: Access, *commands: str | None) -> list[Fix]:
    fixes = tuple(Fix("Do it", (), command, "something", safe=True) for command in commands)
    finding: Finding = replace(registration(ADELE, "adele@contoso.com"), fixes=fixes)
    [one] = RoleFixes(access).told([finding])
    return list(one.fixes)


def test_an_assignment_says_who_can_do_it_and_is_undone_where_it_was_made(access: Access) -> None:
    [fix] = told(access, GRANT)
    assert "`Microsoft.Authorization/roleAssignments/write`; of those that were read: " in fix.by
    assert "`lynner@contoso.com`" in fix.by
    assert fix.undo is not None
    words = shlex.split(fix.undo.az or "")
    assert words[:4] == ["az", "role", "assignment", "delete"]
    assert dict(zip(words[4::2], words[5::2], strict=True)) == {
        "--assignee": ADELE,
        "--role": "Azure Migrate Owner",
        "--scope": GROUP,
    }


def test_what_was_not_read_is_said(fixtures: Path) -> None:
    little = Access.of(Inventory.of(load(fixtures / "tailspin.yaml")))
    scope = "/subscriptions/57a10001-2c9d-4b6e-8f13-7a1159190001"
    [fix] = told(little, GRANT.replace(GROUP, scope))
    assert fix.by.endswith("; not everything that tells who has it could be read")


@pytest.mark.parametrize(
    "command",
    [
        None,
        "az lock delete --ids /subscriptions/s",
        f"{GRANT} && az group delete --name x",
        GRANT.replace(GROUP, "<scope>"),
        "az role assignment create --role Reader",
    ],
)
def test_no_other_fix_says_it(access: Access, command: str | None) -> None:
    [fix] = told(access, command)
    assert (fix.by, fix.undo) == ("", None)
    assert fix.as_dict().keys() == {"title", "portal", "az", "changes", "safe"}
