"""The laws of the two sources of a scan: Resource Graph says nothing else than Resource Manager, and proves no absence.

What both read is the same once the ways in which Resource Graph writes it are undone; subscriptions with anything of
Azure Migrate are read alike by both; and a verdict of the one is that of the other, or unknown.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, Literal

import msgspec
import pytest
from hypothesis import Phase, given
from hypothesis import strategies as st

from auditor.access.access import Access
from auditor.access.verdicts import AccessVerdict
from auditor.collect.request import Request
from auditor.collect.resource_graph.absence import PROVEN
from auditor.emulator.resource_graph.wrong_rows import WRONG_ROWS
from auditor.inventory.arm_id import ArmId
from auditor.inventory.inventory import Inventory
from auditor.inventory.lists import RESOURCE_GRAPH
from auditor.inventory.snapshot.records import ArmRecord
from auditor.inventory.snapshot.snapshot import Snapshot
from fixtures.generate import Size, accounts, environment
from tests.collect.emulated import collected, dated, embedded
from tests.properties.test_monotone_ignorance import changed, silent, verdicts
from tests.sampling import examples, sampled

MANY = Size(subscriptions=7, projects=0.3, management_groups=2, resource_groups=1, users=4, inherited=1)
EACH_TAKES_TWO_SECONDS = examples(2, 60, phases=(Phase.explicit, Phase.reuse, Phase.generate))
ENDPOINT = "^/providers/Microsoft.ResourceGraph/"
EMBEDDED = ("contoso", "fabrikam", "tailspin")
Faults = Sequence[Mapping[str, object]]
Source = Literal["arm", "graph"]


def scanned(world: Snapshot, source: Source, faults: Faults = (), page_size: int | None = None) -> Snapshot:
    request = Request(all=True, accounts=accounts(world), source=source)
    return dated(asyncio.run(collected(world, request, faults=faults, page_size=page_size)), world)


@cache
def generated(seed: int, unread: float = 0.0) -> tuple[Snapshot, Snapshot]:
    """A generated world and its scan through Resource Manager."""
    world = environment(replace(MANY, unread=unread), seed)
    return world, scanned(world, "arm")


def left(snapshot: Snapshot) -> set[str]:
    """Return the ids (lower case) of the subscriptions of which only Resource Graph was read."""
    return {read.scope.lower() for read in snapshot.reads or () if read.what == RESOURCE_GRAPH}


def place(identity: str) -> str:
    return "/".join(identity.lower().split("/")[:3])


def is_read(identity: str, light: set[str]) -> bool:
    """Return whether an id is in a subscription whose lists were read by both."""
    return place(identity).startswith("/subscriptions/") and place(identity) not in light


def normalised(record: ArmRecord) -> tuple[str, bool, bytes]:
    """Return a record without what Resource Graph writes differently: letter case, empty columns, ids of roles."""
    body: dict[str, Any] = msgspec.json.decode(record.body)
    body = {name: value for name, value in body.items() if value not in (None, "")}
    body["name"], body["type"] = body["id"].rpartition("/")[2], record.type
    properties = body.get("properties")
    if isinstance(properties, dict) and "roleDefinitionId" in properties:
        role = str(properties["roleDefinitionId"]).rpartition("/")[2]
        body["properties"] = {**properties, "roleDefinitionId": role}
    return record.id.lower(), record.deleted, msgspec.json.encode(body, order="sorted").lower()


def agree(arm: Snapshot, graph: Snapshot) -> None:
    """Assert that what both read is the same, and all of it in the subscriptions that both read wholly."""
    light = left(graph)
    assert {normalised(record) for record in graph.arm} <= {normalised(record) for record in arm.arm}
    assert [record for record in graph.arm if is_read(record.id, light)] == [
        record for record in arm.arm if is_read(record.id, light)
    ]
    assert {*graph.links} <= {*arm.links}
    assert {*graph.graph} <= {*arm.graph}
    for one, other in ((graph.reads or (), arm.reads or ()), (graph.gaps, arm.gaps)):
        inside = [held for held in one if held.what.lower().startswith("microsoft.") and place(held.scope) not in light]
        assert inside == [
            held for held in other if held.what.lower().startswith("microsoft.") and place(held.scope) not in light
        ]
    shown = {read.what: read.count for read in graph.reads or () if place(read.scope) in light}
    assert all(count == 0 for what, count in shown.items() if what != RESOURCE_GRAPH), "only absence is proven there"
    assert shown.keys() <= {RESOURCE_GRAPH, *(kind.what for kind in PROVEN)}


def lawful(arm: Snapshot, graph: Snapshot, asked: Sequence[str]) -> None:
    """Assert that each verdict of the scan through Resource Graph is that of the other, or unknown."""
    before, after = verdicts(arm, asked), verdicts(graph, asked)
    assert (changed(before, after), silent(before, after)) == ({}, set())


@given(seed=st.integers(0, 400), page_size=st.sampled_from([None, 1, 3]))
@EACH_TAKES_TWO_SECONDS
def test_both_sources_read_the_same_and_judge_alike(seed: int, page_size: int | None) -> None:
    world, arm = generated(seed)
    graph = scanned(world, "graph", page_size=page_size)
    agree(arm, graph)
    lawful(arm, graph, accounts(world))


@given(seed=st.integers(0, 400), unread=st.sampled_from([0.1, 0.5]))
@EACH_TAKES_TWO_SECONDS
def test_what_may_not_be_read_is_never_absent(seed: int, unread: float) -> None:
    world, arm = generated(seed, unread)
    lawful(arm, scanned(world, "graph"), accounts(world))


@pytest.mark.parametrize("name", EMBEDDED)
def test_both_sources_agree_on_an_embedded_environment(name: str) -> None:
    arm, graph = (scanned(embedded(name), source) for source in ("arm", "graph"))
    agree(arm, graph)
    lawful(arm, graph, (arm.header.by.object_id,))


def test_some_subscriptions_are_left_to_resource_graph_and_some_are_not() -> None:
    world, arm = generated(3)
    graph = scanned(world, "graph")
    assert 0 < len(left(graph)) < len(world.header.scope.subscriptions)
    assert graph.header.asked is not None
    assert (graph.header.asked.source, graph.header.scope) == ("graph", arm.header.scope)
    kinds = {record.type.lower() for record in graph.arm if place(record.id) in left(graph)}
    assert {"microsoft.keyvault/vaults", "microsoft.operationalinsights/workspaces"} <= kinds


def test_who_may_do_what_is_unknown_where_only_resource_graph_was_read() -> None:
    world, arm = generated(3)
    graph = scanned(world, "graph")
    whole, part = (Access.of(Inventory.of(snapshot)) for snapshot in (arm, graph))
    answers = set()
    for account in accounts(world):
        for name in world.header.scope.subscriptions:
            scope = ArmId.parse(f"/subscriptions/{name}")
            for action in ("Microsoft.Migrate/migrateProjects/write", "Microsoft.Resources/subscriptions/read"):
                true, said = (each.can(account, action, scope).verdict for each in (whole, part))
                assert said in ({AccessVerdict.UNKNOWN} if str(scope) in left(graph) else {true})
                answers.add(said)
    assert len(answers) > 1


def test_a_scan_of_a_scan_through_resource_graph_changes_nothing() -> None:
    world, _ = generated(3)
    found = scanned(world, "graph")
    request = Request(all=True, accounts=accounts(world), source="graph")
    again = dated(asyncio.run(collected(found, request)), found)
    assert again == found


@sampled("wrong", sorted(WRONG_ROWS), one_in=5)
def test_a_wrong_answer_of_resource_graph_changes_no_verdict(wrong: str) -> None:
    world, arm = generated(3)
    graph = scanned(world, "graph", ({"path": ENDPOINT, "wrong": wrong},), 5)
    lawful(arm, graph, accounts(world))
    if wrong != "rows from before anything was made":
        agree(arm, without_gaps(graph))


@pytest.mark.parametrize("status", [403, 500])
def test_where_resource_graph_refuses_everything_is_read_by_lists(status: int) -> None:
    world, arm = generated(3)
    graph = scanned(world, "graph", ({"path": ENDPOINT, "status": status, "code": "Refused"},))
    assert {gap.status for gap in graph.gaps if gap.what == RESOURCE_GRAPH} == {status}
    assert graph.header.asked is not None
    assert graph.header.asked.source == "arm"
    assert without_gaps(graph) == arm


def without_gaps(snapshot: Snapshot) -> Snapshot:
    """Return a snapshot without the gaps of Resource Graph itself, whose place every list has taken."""
    return replace(snapshot, gaps=tuple(gap for gap in snapshot.gaps if gap.what != RESOURCE_GRAPH))
