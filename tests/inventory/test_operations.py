"""The published operations: what they say of an action, and what they leave open."""

import pytest

from auditor.inventory.operations import is_published, providers


@pytest.mark.parametrize(
    ("action", "data", "known"),
    [
        ("Microsoft.Migrate/migrateProjects/read", False, True),
        ("microsoft.MIGRATE/migrateprojects/READ ", False, True),
        ("Microsoft.Migrate/projects/read", False, False),
        ("Microsoft.Migrate/projects/*", False, False),
        ("Microsoft.Migrate/*/read", False, True),
        ("Microsoft.KeyVault/vaults/secrets/getSecret/action", True, True),
        ("Microsoft.KeyVault/vaults/secrets/getSecret/action", False, False),
        ("Microsoft.KeyVault/vaults/read", True, False),
        ("*", False, True),
        ("*/read", False, True),
        ("Microsoft.Network/virtualHubs/read", False, None),
        ("Microsoft.Banana/apples/read", False, None),
    ],
)
def test_an_action_is_published_or_not_or_the_lists_do_not_say(action: str, data: bool, known: bool | None) -> None:
    assert is_published(action, data=data) is known


def test_every_list_states_its_source_and_date_and_holds_operations_of_its_provider() -> None:
    for namespace, row in providers().items():
        every = (*row.actions, *row.data_actions)
        assert every
        assert all(action.lower().startswith(f"{namespace}/") and "*" not in action for action in every)
        assert row.source
        assert len(row.date) == len("2026-02-23")
        assert list(row.actions) == sorted(set(row.actions), key=str.lower)
