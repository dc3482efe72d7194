"""Every action that migaudit prints, asks about or offers is an operation that Azure publishes.

One action that Azure does not have makes it refuse the whole custom role.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from auditor.access.key_vault.permissions import vault_operations
from auditor.access.rbac.roles import missing_role
from auditor.cleanup.admission import TO_APPLY, TO_RESTORE
from auditor.collect.permissions import rights, role
from auditor.facts.rights.steps import steps
from auditor.inventory.lists import LISTS
from auditor.inventory.operations import is_published, providers
from auditor.inventory.reads import BY_READER, Gap

ROOT = Path(__file__).parents[2]
ACTION = re.compile(r"\bMicrosoft\.[A-Za-z]+(?:/[A-Za-z.]+)+/(?:read|write|delete|action)\b")
WRITTEN = {"auditor": (".py", ".yaml", ".html", ".js"), "rules": (".yaml",), "docs": (".md",), "fixtures": (".yaml",)}
"""The folders whose files name actions in full."""

NOT_LISTED = frozenset(
    f"{namespace}/register/action"
    for namespace in ("Microsoft.ApplicationMigration", "Microsoft.DependencyMap", "Microsoft.MySQLDiscovery")
)
"""Rights to register that are asked about only: no published list of these providers is kept."""


def asked() -> Iterator[str]:
    """Yield the control-plane actions that code puts together."""
    for feature in rights():
        yield from feature.actions
    for kind in LISTS.values():
        yield kind.needs
    for step in steps().values():
        yield from (f"{namespace}/register/action" for namespace in step.providers)
        for need in step.needs:
            yield from need.one_of
    yield from (*TO_APPLY, *TO_RESTORE, missing_role("id", "/").cure)


def written() -> Iterator[tuple[str, str]]:
    """Yield each action in a text of the project, and the file."""
    for folder, endings in WRITTEN.items():
        for file in sorted((ROOT / folder).rglob("*")):
            if file.suffix in endings:
                for line in file.read_text(encoding="utf-8").splitlines():
                    if folder != "fixtures" or line.lstrip().startswith("needs:"):
                        yield from ((action, str(file.relative_to(ROOT))) for action in ACTION.findall(line))


def listed(action: str) -> bool:
    return bool(is_published(action) or is_published(action, data=True))


@pytest.mark.parametrize("action", sorted({one for one in asked() if one.startswith("Microsoft.")}))
def test_what_code_asks_for_is_published(action: str) -> None:
    assert is_published(action) is (None if action in NOT_LISTED else True)


@pytest.mark.parametrize("action", sorted({*vault_operations(), *(a for s in steps().values() for a in s.vault)}))
def test_a_data_action_of_vaults_is_published(action: str) -> None:
    assert is_published(action, data=True) is True


def test_every_data_action_of_vaults_but_those_of_one_name_has_a_permission() -> None:
    known = {action.lower() for action in vault_operations()}
    assert {one for one in providers()["microsoft.keyvault"].data_actions if one.lower() not in known} <= {
        "Microsoft.KeyVault/vaults/storageaccounts/sas/read"
    }


def test_what_texts_name_is_published() -> None:
    unknown = sorted({(action, file) for action, file in written() if not listed(action)})
    assert unknown == [("Microsoft.Migrate/projects/read", "docs/sign-in.md")], "which says that it is gone"


def test_the_role_has_no_wildcard() -> None:
    granted = role()["Actions"]
    assert isinstance(granted, list)
    assert not any("*" in action for action in granted)


def test_a_permission_that_older_scans_named_is_not_offered() -> None:
    gap = Gap("Microsoft.Migrate/projects", "/s", 403, "AuthorizationFailed", "no", "Microsoft.Migrate/projects/read")
    assert gap.cure == BY_READER
    assert "Microsoft.Migrate/projects/read" not in gap.words
