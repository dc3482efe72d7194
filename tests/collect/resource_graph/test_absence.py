"""The proof that subscriptions left to Resource Graph hold nothing of Azure Migrate."""

import asyncio
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest

from auditor.azure.auth.identity import Identity, identity_of
from auditor.collect.collect import collect
from auditor.collect.request import Request
from auditor.collect.resource_graph import absence
from auditor.collect.resource_graph.absence import PROVEN
from auditor.emulator.faults import faults_of
from auditor.inventory.instants import spell
from auditor.inventory.lists import DENY_ASSIGNMENTS, PROJECTS, RESOURCE_GRAPH, ROLE_ASSIGNMENTS, ROLE_DEFINITIONS
from auditor.inventory.snapshot.records import ArmRecord, Link, arm_record, graph_record
from auditor.inventory.snapshot.snapshot import Snapshot
from fixtures.generate import Size, accounts, environment
from tests.collect.emulated import collected
from tests.collect.resuming.test_resumed_scan import going_on, tenant
from tests.collect.test_interruption import everything_else

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


def proven(snapshot: Snapshot, *types: str) -> set[str]:
    """Return the subscriptions left to Resource Graph of which every list that proves absence was read.

    With `types`, of which just these were read.
    """
    kinds = {*types} or {kind.what for kind in PROVEN}
    read: dict[str, set[str]] = {}
    for one in snapshot.reads or ():
        if one.what in {kind.what for kind in PROVEN}:
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


def ago(minutes: float) -> str:
    return spell(datetime.now(UTC) - timedelta(minutes=minutes))


@pytest.mark.parametrize(
    "properties",
    [
        {"createdOn": ago(8), "updatedOn": ago(8)},
        {"condition": "@Resource[Microsoft.Storage/storageAccounts:name] StringEquals 'a'"},
        {"roleDefinitionId": "/providers/Microsoft.Authorization/roleDefinitions/00000000-0000-4000-8000-000000000001"},
        {"roleDefinitionId": None},
    ],
)
async def test_another_role_or_a_recent_one_proves_nothing(properties: dict[str, object]) -> None:
    found = await scanned(with_properties(**properties))
    assert left(found)
    assert proven(found) == set()


async def test_a_role_in_a_single_subscription_proves_nothing() -> None:
    place = f"/subscriptions/{world().header.scope.subscriptions[0]}"

    def moved(body: dict[str, Any]) -> dict[str, Any]:
        identity = f"{place}/providers/{ROLE_ASSIGNMENTS}/{body['name']}"
        return {**body, "id": identity, "properties": {**body["properties"], "scope": place}}

    assert proven(await scanned(with_own_roles(moved))) == set()


def answer(*bodies: object) -> dict[str, Any]:
    return {"status": 200, "body": json.dumps({"value": bodies})}


def own_roles(snapshot: Snapshot) -> Iterable[dict[str, Any]]:
    bodies = (msgspec.json.decode(record.body) for record in snapshot.arm if record.type == ROLE_ASSIGNMENTS)
    return [body for body in bodies if body["properties"]["principalId"] == snapshot.header.by.object_id]


ABOVE = "^/providers/Microsoft.Management/managementGroups/[^/]+/providers/Microsoft.Authorization/"


async def test_a_cloud_that_lists_the_roles_of_others_proves_nothing() -> None:
    [role] = own_roles(world())
    role["properties"]["principalId"] = accounts(world())[0]
    found = await scanned(with_own_roles(lambda _body: None), [{"path": f"{ABOVE}roleAssignments", **answer(role)}])
    assert left(found)
    assert proven(found) == set()


@pytest.mark.parametrize(
    "gone",
    [
        {"path": f"{ABOVE}roleAssignments[?]", **answer()},
        {"path": "/managementGroups/[^/]+/descendants", **answer()},
        {"path": f"{ABOVE}roleAssignmentScheduleInstances", "status": 403, "code": "AuthorizationFailed"},
        {"path": "^/subscriptions/[^/]+/providers/Microsoft.Authorization/denyAssignments", "status": 403},
    ],
    ids=["role", "place", "time", "denials"],
)
async def test_what_is_not_so_any_more_after_the_lists_proves_nothing(gone: Mapping[str, object]) -> None:
    empty = left(await scanned(world()))
    groups = {link.to for link in world().links if link.rel == "parent" and link.from_ in empty}
    skipped = {"roleAssignments[?]": len(groups), "descendants": 1}
    skip = next((number for word, number in skipped.items() if str(gone["path"]).endswith(word)), 0)
    found = await scanned(world(), [{**gone, "skip": skip}])
    assert left(found)
    assert proven(found) == set()


async def test_a_subscription_that_both_place_differently_is_not_proven() -> None:
    fault = {"path": "^/providers/Microsoft.ResourceGraph/", "wrong": "rows of subscriptions below another group"}
    found = await scanned(world(), [fault])
    assert left(found)
    assert proven(found) == set()


async def test_a_role_that_was_lost_between_two_runs_proves_nothing(tmp_path: Path) -> None:
    request, file = Request(all=True, accounts=accounts(world()), source="graph"), tmp_path / "scan.resume"
    hanging = {"path": "^/subscriptions/[^/]+/resources[?]", "skip": 1, "hang": True}
    async with tenant(tmp_path, world(), hanging, None) as served:
        async with going_on(served.arm, file) as (azure, recording):
            scan = asyncio.create_task(collect(azure, request, recording=recording))
            await everything_else()
            scan.cancel()
            await asyncio.wait([scan])
        served.faults.change(faults_of([{"path": f"{ABOVE}roleAssignments", **answer()}]).rules)
        async with going_on(served.arm, file) as (azure, recording):
            found = await collect(azure, request, recording=recording)
    assert left(found)
    assert proven(found) == set()


async def test_without_a_licence_no_role_ends() -> None:
    refusal = {"path": f"{ABOVE}roleAssignmentScheduleInstances", "status": 400, "code": "AadPremiumLicenseRequired"}
    found = await scanned(world(), [refusal])
    assert proven(found) == left(found)


TEAM = "5ea3e000-0000-4000-8000-0000000000aa"


def in_a_team() -> Snapshot:
    """Return the world in which a group of the account that signs in holds its role."""
    own = world().header.by.object_id
    changed = with_properties(principalId=TEAM, principalType="Group")
    team = {"@odata.type": "#microsoft.graph.group", "id": TEAM, "displayName": "Readers", "securityEnabled": True}
    links = {*changed.links, Link("transitiveMemberOf", own, TEAM)}
    return replace(changed, graph=(*changed.graph, graph_record(team)), links=tuple(sorted(links)))


async def test_the_role_of_a_group_counts_where_its_members_are_known() -> None:
    found = await scanned(in_a_team())
    assert left(found)
    assert proven(found) == left(found)
    refused = {"path": "transitiveMemberOf", "status": 403, "code": "Authorization_RequestDenied"}
    assert proven(await scanned(in_a_team(), [{**refused, "path": "batch"}])) == set()


@pytest.mark.parametrize(("groups", "some"), [([TEAM.upper()], True), ([], False)])
async def test_a_token_that_names_groups_says_which_count(
    groups: list[str], some: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def identity(token: str) -> Identity:
        return replace(identity_of(token), groups=frozenset(one.lower() for one in groups))

    monkeypatch.setattr("auditor.azure.connection.identity_of", identity)
    found = await scanned(in_a_team())
    assert left(found)
    assert proven(found) == (left(found) if some else set())


async def test_a_custom_role_proves_what_it_lets_the_account_read() -> None:
    place, name = "/providers/Microsoft.Management/managementGroups", "7c000000-0000-4000-8000-0000000000ab"
    group = next(link.to for link in world().links if link.rel == "parent" and link.to.startswith(place))
    role = {
        "id": f"/providers/{ROLE_DEFINITIONS}/{name}",
        "type": ROLE_DEFINITIONS,
        "name": name,
        "properties": {
            "roleName": "Auditors",
            "type": "CustomRole",
            "assignableScopes": [group],
            "permissions": [{"actions": ["Microsoft.Migrate/*/read", "Microsoft.Resources/*"], "notActions": []}],
            "createdOn": "2024-01-01T00:00:00Z",
            "updatedOn": "2024-01-01T00:00:00Z",
        },
    }
    changed = with_properties(roleDefinitionId=role["id"])
    found = await scanned(replace(changed, arm=(*changed.arm, arm_record(role))))
    assert left(found)
    assert proven(found, PROJECTS) == left(found)


async def test_where_reads_are_denied_only_other_subscriptions_are_proven() -> None:
    place = min(left(await scanned(world())))
    everyone = {"id": "00000000-0000-0000-0000-000000000000", "type": "SystemDefined"}
    scope = f"{place}/resourceGroups/managed"
    body = {
        "id": f"{scope}/providers/{DENY_ASSIGNMENTS}/7d000000-0000-4000-8000-0000000000ab",
        "type": DENY_ASSIGNMENTS,
        "properties": {
            "scope": scope,
            "permissions": [{"actions": ["*"], "notActions": []}],
            "principals": [everyone],
            "excludePrincipals": [],
            "isSystemProtected": True,
        },
    }
    found = await scanned(replace(world(), arm=(*world().arm, arm_record(body))))
    assert proven(found) == left(found) - {place}


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
