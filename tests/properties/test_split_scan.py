"""The law of scans in parts: joined, they are the scan in one piece."""

import asyncio
import pickle
from dataclasses import replace
from typing import Literal, TypeVar

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from auditor.collect.collect import begin, finish, read_part
from auditor.collect.recording import Recording
from auditor.collect.request import Request
from auditor.inventory.reads import MALFORMED, Gap, Read
from auditor.inventory.snapshot.snapshot import Snapshot
from fixtures.generate import Size, accounts, environment
from tests.collect.emulated import collected, serving
from tests.properties.test_round_trip import EACH_TAKES_A_SECOND, SIZES

T = TypeVar("T")
SUBSCRIPTION = "/subscriptions/0d1e2c3b-4a59-4687-9b10-c0a050000001"
ASSIGNMENT = {
    "id": "/providers/Microsoft.Management/managementGroups/top/providers/Microsoft.Authorization/roleAssignments/1",
    "type": "Microsoft.Authorization/roleAssignments",
}


def travelled(part: T) -> T:
    """Return what arrives of a part on another machine."""
    held: T = pickle.loads(pickle.dumps(part))  # noqa: S301 - its own bytes
    return held


async def in_parts(snapshot: Snapshot, request: Request, batch: int) -> Snapshot:
    """Scan an Azure that serves `snapshot` in parts."""
    async with serving(snapshot) as served:
        begun = travelled(await begin(served.azure, request))
        every = begun.subscriptions
        batches = [every[start : start + batch] for start in range(0, len(every), batch)]
        parts = [travelled(await read_part(served.azure, request, one)) for one in batches]
        return await finish(served.azure, request, begun, parts)


def timeless(snapshot: Snapshot, like: Snapshot) -> Snapshot:
    return replace(snapshot, header=msgspec.structs.replace(snapshot.header, collected_at=like.header.collected_at))


@given(
    size=SIZES,
    seed=st.integers(0, 10_000),
    unread=st.sampled_from([0.0, 0.0, 0.2, 0.6]),
    batch=st.integers(1, 3),
    deep=st.booleans(),
    source=st.sampled_from(["arm", "graph"]),
)
@EACH_TAKES_A_SECOND
def test_parts_joined_are_the_whole(
    size: Size, seed: int, unread: float, batch: int, deep: bool, source: Literal["arm", "graph"]
) -> None:
    world = environment(replace(size, unread=unread), seed)
    request = Request(
        all=True, accounts=accounts(world), deep=deep, machines=deep, access=not deep and source == "arm", source=source
    )
    whole = asyncio.run(collected(world, request))
    assert timeless(asyncio.run(in_parts(world, request, batch)), whole) == whole


def joined(*parts: Recording) -> Snapshot:
    whole = Recording()
    whole.header = environment(Size(), 0).header
    for part in parts:
        travelled(part).add_to(whole)
    return whole.snapshot()


def recorded(**properties: object) -> Recording:
    """Return a part that saw an assignment of a management group, as every subscription below it shows it."""
    part = Recording()
    part.arm({**ASSIGNMENT, "properties": properties}, "Microsoft.Authorization/roleAssignments", SUBSCRIPTION)
    return part


def test_what_several_parts_saw_is_kept_once_and_a_contradiction_is_a_gap() -> None:
    one, other = joined(recorded(x=1), recorded(x=1)), joined(recorded(x=1), recorded(x=2))
    assert (len(one.arm), one.gaps) == (1, ())
    assert len(other.arm) == 1
    assert [(gap.scope, gap.code) for gap in other.gaps] == [(ASSIGNMENT["id"], MALFORMED)]
    assert joined(recorded(x=2), recorded(x=1)) == other


def test_a_list_that_one_part_read_and_another_was_refused_is_unread() -> None:
    read, refused, left = Recording(), Recording(), Recording()
    read.complete("a/b", "/", 3)
    refused.gap(gap := Gap("a/b", "/", 403, "AuthorizationFailed"))
    left.plan("a/b", "/")
    for parts in ((read, refused), (refused, read), (left, read, refused), (read, refused, left)):
        assert (joined(*parts).reads, joined(*parts).gaps) == ((), (gap,))
    assert joined(read, left).reads == joined(left, read).reads == (Read("a/b", "/", count=3),)
    assert [gap.code for gap in joined(left).gaps] == ["Interrupted"]


def test_a_type_that_one_part_saw_contradicts_the_answer_that_there_is_none() -> None:
    denied, seen = Recording(), Recording()
    denied.absent(Gap("a/b", SUBSCRIPTION, 404, "InvalidResourceType"))
    seen.answered("A/b")
    assert joined(denied).reads == (Read("a/b", SUBSCRIPTION),)
    assert joined(denied, seen).reads == joined(seen, denied).reads == ()
