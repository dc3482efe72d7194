"""A list from which the rights of the signed-in account leave something out proves no absence."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import msgspec
import pytest

from auditor.access.access import Access
from auditor.cleanup.plan import Action, items_of
from auditor.collect.request import Request
from auditor.facts.estate.environment import Context
from auditor.inventory.inventory import Inventory
from auditor.inventory.lists import DENY_ASSIGNMENTS, ROLE_ASSIGNMENTS, ROLE_DEFINITIONS
from auditor.inventory.reads import ONLY_READABLE
from auditor.inventory.snapshot.records import arm_record
from auditor.inventory.snapshot.snapshot import Snapshot
from tests.collect.emulated import EVERYTHING, collected, dated, embedded

PROJECTS, SITES = "Microsoft.Migrate/migrateProjects", "Microsoft.OffAzure/VMwareSites"
CUSTOM = "7c000000-0000-4000-8000-0000000000ac"
EVERYONE = {"id": "00000000-0000-0000-0000-000000000000", "type": "SystemDefined"}
Body = dict[str, Any]


@cache
def fabrikam() -> Snapshot:
    return embedded("fabrikam")


def doubted(world: Snapshot) -> list[tuple[str, str]]:
    """Return the lists of a scan of `world` that are in doubt, each with its scope."""
    snapshot = asyncio.run(collected(world, EVERYTHING))
    return [(gap.what, gap.scope) for gap in snapshot.gaps if gap.code == ONLY_READABLE]


def with_role(world: Snapshot, permissions: Sequence[Body], without: tuple[str, ...] = ()) -> Snapshot:
    """Return a world in which the account holds one role of its own; resources of the types `without` are not shown."""
    rows = []
    for record in world.arm:
        body: Body = msgspec.json.decode(record.body)
        if record.type == ROLE_ASSIGNMENTS and body["properties"]["principalId"] == world.header.by.object_id:
            body["properties"]["roleDefinitionId"] = f"/providers/{ROLE_DEFINITIONS}/{CUSTOM}"
        if not record.type.lower().startswith(without or ("-",)):
            rows.append(arm_record(body, deleted=record.deleted))
    role = {
        "id": f"/providers/{ROLE_DEFINITIONS}/{CUSTOM}",
        "type": ROLE_DEFINITIONS,
        "name": CUSTOM,
        "properties": {"roleName": "Own", "type": "CustomRole", "assignableScopes": ["/"], "permissions": permissions},
    }
    return replace(world, arm=(*rows, arm_record(role)))


def with_denial(world: Snapshot, scope: str, permission: Body, **more: object) -> Snapshot:
    denial = {
        "id": f"{scope}/providers/{DENY_ASSIGNMENTS}/7d000000-0000-4000-8000-0000000000ac",
        "type": DENY_ASSIGNMENTS,
        "properties": {"scope": scope, "permissions": [permission], "principals": [EVERYONE], **more},
    }
    return replace(world, arm=(*world.arm, arm_record(denial)))


def subscriptions(world: Snapshot) -> list[str]:
    return [f"/subscriptions/{one}" for one in world.header.scope.subscriptions]


def test_a_role_without_a_type_proves_nothing_about_it() -> None:
    role = {"actions": ["*/read"], "notActions": ["Microsoft.Migrate/*"]}
    assert doubted(with_role(fabrikam(), [role])) == [(PROJECTS, one) for one in subscriptions(fabrikam())]


@pytest.mark.parametrize(
    "permissions",
    [
        [{"actions": ["*/read"]}],
        [{"actions": ["*"], "notActions": ["Microsoft.Authorization/*/write"]}],
        [
            {"actions": ["*/read"], "notActions": ["Microsoft.Migrate/*"]},
            {"actions": ["Microsoft.Migrate/migrateProjects/read"]},
        ],
    ],
)
def test_a_role_that_reads_everything_leaves_no_doubt(permissions: list[Body]) -> None:
    assert doubted(with_role(fabrikam(), permissions)) == []


@pytest.mark.parametrize("below", ["", "/resourceGroups/managed"])
def test_what_a_deny_assignment_takes_away_is_not_absent(below: str) -> None:
    one = subscriptions(fabrikam())[0]
    permission = {"actions": [f"{SITES}/*"], "notActions": []}
    assert doubted(with_denial(fabrikam(), one + below, permission)) == [(SITES, one)]


def test_a_deny_assignment_of_writing_or_of_others_takes_nothing_away() -> None:
    one, own = subscriptions(fabrikam())[0], fabrikam().header.by
    writing = {"actions": ["*"], "notActions": ["*/read"]}
    assert doubted(with_denial(fabrikam(), one, writing)) == []
    excluded = [{"id": own.object_id, "type": own.type}]
    assert doubted(with_denial(fabrikam(), one, {"actions": ["*"]}, excludePrincipals=excluded)) == []


def test_the_workspace_of_a_project_that_a_role_hides_is_not_left_behind() -> None:
    world = embedded("contoso")
    role = {"actions": ["*/read"], "notActions": ["Microsoft.Migrate/*"]}
    hidden = with_role(world, [role], ("microsoft.migrate/",))
    inventory = Inventory.of(dated(asyncio.run(collected(hidden, Request(all=True, deep=True))), world))
    assert [one.id for one in items_of(Context(inventory, Access.of(inventory))) if one.action is Action.DELETE] == []
