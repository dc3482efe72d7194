"""The round-trip law of readers and emulator: collecting a served snapshot gives the same snapshot.

A generated environment holds every use of a workspace. A scan that is not deep leaves out what changes no verdict on
it, so the law compares without that; `fixtures/worlds/asked.py` says which lists these are, independently of the scan.
"""

import asyncio
from dataclasses import replace

import msgspec
from hypothesis import Phase, given
from hypothesis import strategies as st

from auditor.collect.request import Request
from auditor.inventory.lists import LISTS, Found, ListKind, Purpose, ScopeKind
from auditor.inventory.snapshot.records import ArmRecord, Header, arm_record
from auditor.inventory.snapshot.snapshot import Snapshot
from fixtures.generate import SMALL, Size, accounts, asked_by_a_plain_scan, environment
from tests.collect.emulated import collected, embedded
from tests.sampling import examples

SIZES = st.builds(
    Size,
    subscriptions=st.integers(1, 4),
    management_groups=st.integers(0, 3),
    resource_groups=st.integers(1, 3),
    assignments=st.integers(0, 8),
    inherited=st.integers(0, 2),
    vaults=st.integers(0, 2),
    workspaces=st.integers(0, 2),
    sites=st.integers(0, 3),
    users=st.integers(1, 6),
    groups=st.integers(0, 3),
    accounts=st.integers(0, 3),
    hostile=st.booleans(),
)
EACH_TAKES_A_SECOND = examples(8, 100, phases=(Phase.explicit, Phase.reuse, Phase.generate))
PAGES = st.one_of(st.none(), st.integers(1, 5))


def again(snapshot: Snapshot, page_size: int | None) -> Snapshot:
    """Return the snapshot collected from an emulator that serves `snapshot`, with the same accounts.

    The time of collection, the version and what the scan was about are copied from `snapshot`, since an emulator
    cannot reproduce them.
    """
    request = Request(all=True, accounts=accounts(snapshot))
    found = asyncio.run(collected(snapshot, request, page_size=page_size))
    return replace(found, header=_timeless(found.header, snapshot.header))


def _timeless(found: Header, original: Header) -> Header:
    """Return the header with the time, the version and what the scan was about of the original."""
    return msgspec.structs.replace(found, collected_at=original.collected_at, tool=original.tool, asked=original.asked)


@given(size=SIZES, seed=st.integers(0, 10_000), page_size=PAGES)
@EACH_TAKES_A_SECOND
def test_collecting_a_served_snapshot_gives_the_same_snapshot(size: Size, seed: int, page_size: int | None) -> None:
    snapshot = environment(size, seed)
    assert again(snapshot, page_size) == asked_by_a_plain_scan(snapshot)


@given(size=SIZES, seed=st.integers(0, 10_000), unread=st.sampled_from([0.05, 0.2, 0.5, 0.9]), page_size=PAGES)
@EACH_TAKES_A_SECOND
def test_refusals_come_back_as_the_same_gaps(size: Size, seed: int, unread: float, page_size: int | None) -> None:
    # A random set of hidden lists may be one that no scan produces, so the law starts from the result of a scan.
    found = again(environment(replace(size, unread=unread), seed), None)
    assert again(found, page_size) == found


TRIED = {Purpose.DISCOVERY, Purpose.REMAINS}
ROWS = [kind for kind in LISTS.values() if kind.shows in TRIED and kind.scope is ScopeKind.SUBSCRIPTION]


def one_of(kind: ListKind, group: str) -> ArmRecord:
    """Return a resource of the type of a list, as much of it as the list is read for."""
    name = "one-more"
    stub = {"id": f"{group}/providers/{kind.what}/{name}", "name": name, "type": kind.what, "location": "westeurope"}
    return arm_record(stub if kind.found is Found.AMONG_ALL else {**stub, "properties": {"provisioningState": "OK"}})


def test_a_row_in_the_catalogue_of_lists_is_enough_to_read_what_it_lists() -> None:
    world = environment(SMALL, 1)
    group = next(record.id for record in world.arm if record.type == "Microsoft.Resources/resourceGroups")
    more = {one_of(kind, group) for kind in ROWS}
    found = again(replace(world, arm=(*world.arm, *more)), None)
    assert {kind.found for kind in ROWS} >= {Found.AMONG_ALL, Found.WHERE_PRESENT, Found.ONE_BY_ONE}
    assert more <= set(found.arm)
    assert set(found.arm) - more == set(asked_by_a_plain_scan(world).arm)
    read = {one.what for one in found.reads or () if one.count and group.startswith(f"{one.scope}/")}
    assert {kind.what for kind in ROWS} <= read


def test_a_scan_of_a_scan_of_an_embedded_environment_changes_nothing() -> None:
    for name in ("contoso", "fabrikam", "tailspin"):
        found = again(embedded(name), None)
        assert again(found, 3) == found
