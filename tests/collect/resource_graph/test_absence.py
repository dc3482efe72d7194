"""The proof that subscriptions left to Resource Graph hold nothing of Azure Migrate."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import msgspec
import pytest

from auditor.collect.request import Request
from auditor.collect.resource_graph import absence
from auditor.collect.resource_graph.absence import PROVEN
from auditor.inventory.lists import PROJECTS, RESOURCE_GRAPH, ROLE_ASSIGNMENTS
from auditor.inventory.snapshot.records import ArmRecord, arm_record
from auditor.inventory.snapshot.snapshot import Snapshot
from fixtures.generate import Size, accounts, environment
from tests.collect.emulated import collected

SIZE = Size(subscriptions=7, projects=0.3, management_groups=2, resource_groups=1, users=4, inherited=1)
Faults = Sequence[Mapping[str, object]]


@cache
def world() -> Snapshot:
    return environment(SIZE, 3)


async def scanned(snapshot: Snapshot, faults: Faults = ()) -> Snapshot:
    request = Request(all=True, accounts=accounts(snapshot), source="graph")
    return await collected(snapshot, request, faults=faults)


def left(snapshot: Snapshot) -> set[str]:
    return {read.scope for read in snapshot.reads or () if read.what == RESOURCE_GRAPH}


def proven(snapshot: Snapshot) -> set[str]:
    """Return the subscriptions left to Resource Graph of which every list that proves absence was read."""
    kinds = {kind.what for kind in PROVEN}
    read: dict[str, set[str]] = {}
    for one in snapshot.reads or ():
        if one.what in kinds:
            read.setdefault(one.scope, set()).add(one.what)
    return {scope for scope, lists in read.items() if lists == kinds} & left(snapshot)


def with_own_roles(change: Any) -> Snapshot:
    """Return the world with the role assignments of the account that signs in changed; None removes one."""
    own, kept = world().header.by.object_id, list[ArmRecord]()
    for record in world().arm:
        body = msgspec.json.decode(record.body)
        if record.type == ROLE_ASSIGNMENTS and body["properties"]["principalId"] == own:
            body = change(body)
        if body is not None:
            kept.append(arm_record(body, deleted=record.deleted))
    return replace(world(), arm=tuple(kept))


def with_properties(**properties: object) -> Snapshot:
    return with_own_roles(lambda body: {**body, "properties": {**body["properties"], **properties}})


async def test_an_account_that_reads_everything_proves_what_is_absent() -> None:
    found = await scanned(world())
    assert left(found)
    assert proven(found) == left(found)


@pytest.mark.parametrize(
    "properties",
    [
        {"condition": "@Resource[Microsoft.Storage/storageAccounts:name] StringEquals 'a'"},
        {"roleDefinitionId": "/providers/Microsoft.Authorization/roleDefinitions/00000000-0000-4000-8000-000000000001"},
        {"roleDefinitionId": None},
    ],
)
async def test_another_role_proves_nothing(properties: dict[str, object]) -> None:
    found = await scanned(with_properties(**properties))
    assert left(found)
    assert proven(found) == set()


async def test_a_role_in_a_single_subscription_proves_nothing() -> None:
    place = f"/subscriptions/{world().header.scope.subscriptions[0]}"

    def moved(body: dict[str, Any]) -> dict[str, Any]:
        identity = f"{place}/providers/{ROLE_ASSIGNMENTS}/{body['name']}"
        return {**body, "id": identity, "properties": {**body["properties"], "scope": place}}

    assert proven(await scanned(with_own_roles(moved))) == set()


async def test_a_refusal_of_the_roles_proves_nothing_and_is_no_gap() -> None:
    path = "/providers/Microsoft.Management/managementGroups/.*/roleAssignments"
    found = await scanned(world(), [{"path": path, "status": 403, "code": "AuthorizationFailed"}])
    assert left(found)
    assert proven(found) == set()
    assert [gap for gap in found.gaps if gap.what == ROLE_ASSIGNMENTS] == []


async def test_a_refusal_in_a_subscription_below_contradicts_the_role_and_nothing_is_proven() -> None:
    fault = {"path": "^/subscriptions/[^/]+/providers/Microsoft.KeyVault/deletedVaults", "status": 403}
    found = await scanned(world(), [{**fault, "code": "AuthorizationFailed"}])
    assert left(found)
    assert proven(found) == set()


async def test_a_refusal_of_one_list_is_a_gap_there() -> None:
    place = min(left(await scanned(world())))
    found = await scanned(world(), [{"path": f"^{place}/resources", "status": 403, "code": "AuthorizationFailed"}])
    assert proven(found) == left(found) - {place}
    assert {gap.what for gap in found.gaps if gap.scope == place} == {kind.what for kind in PROVEN}


async def test_what_resource_graph_does_not_show_yet_is_found() -> None:
    endpoint = "^/providers/Microsoft.ResourceGraph/"
    late = await scanned(world(), [{"path": endpoint, "wrong": "rows from before anything was made"}])
    assert projects(late) == projects(world())
    assert left(late) == left(await scanned(world()))


def projects(snapshot: Snapshot) -> set[str]:
    return {record.id.lower() for record in snapshot.arm if record.type.lower() == PROJECTS.lower()}


async def test_of_very_many_subscriptions_none_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    count = len(left(await scanned(world())))
    monkeypatch.setattr(absence, "MOST", count - 1)
    found = await scanned(world())
    assert (len(left(found)), proven(found)) == (count, set())


async def test_where_nothing_of_azure_migrate_is_nothing_is_asked() -> None:
    empty = environment(replace(SIZE, projects=0, orphans=0), 5)
    found = await scanned(empty)
    assert (len(left(found)), proven(found)) == (SIZE.subscriptions, set())
