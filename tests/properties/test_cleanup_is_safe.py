"""The law "cleanup is safe": no plan deletes a workspace with evidence of another use, or with any unread use check."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.inventory.arm_id import ArmId
from auditor.inventory.reads import Read
from auditor.inventory.snapshot.records import arm_record
from auditor.inventory.snapshot.snapshot import Snapshot
from fixtures.generate import hide
from tests.cleanup import leftovers as left
from tests.properties.tampered_tenants import (
    OF_EVERY_SUBSCRIPTION,
    OF_ITS_SUBSCRIPTION,
    OF_THE_WORKSPACE,
    ON_ITSELF,
    USES,
    WORKSPACES,
    Body,
    forgotten,
    live,
    mentions,
    shouted,
    spelt,
    tampered,
    telling,
    told_by_itself,
    unread_checks,
    whispered,
    with_records,
    world,
)
from tests.sampling import examples

SEEDS = [seed for seed in range(31) if left.plan(world(seed)).deletions]
"""The generated tenants with something to delete."""


@given(tampered())
def test_a_planned_deletion_has_no_other_use_and_every_check_was_read(snapshot: Snapshot) -> None:
    for item in left.plan(snapshot).deletions:
        workspace = ArmId.parse(item.id)
        assert list(mentions(snapshot, workspace)) == []
        assert list(unread_checks(snapshot, workspace)) == []
        assert told_by_itself(snapshot, workspace) == []


@given(st.sampled_from(SEEDS), st.sampled_from(USES), st.sampled_from((spelt, shouted, whispered)), st.data())
def test_one_sign_of_another_use_takes_a_workspace_out_of_the_plan(
    seed: int, use: Callable[[ArmId, str], Body], spelling: Callable[[Body], Body], data: st.DataObject
) -> None:
    snapshot = world(seed)
    chosen = ArmId.parse(data.draw(st.sampled_from([item.id for item in left.plan(snapshot).deletions])))
    group = data.draw(st.sampled_from([one.id for one in live(snapshot, "microsoft.resources/resourcegroups")]))
    again = left.plan(with_records(snapshot, [arm_record(spelling(use(chosen, group)))]))
    assert chosen.key not in {item.id.lower() for item in again.deletions}


@given(st.sampled_from(SEEDS), st.sampled_from(ON_ITSELF), st.data())
def test_so_does_a_sign_in_its_own_properties(seed: int, properties: Body, data: st.DataObject) -> None:
    snapshot = world(seed)
    chosen = data.draw(st.sampled_from([item.id.lower() for item in left.plan(snapshot).deletions]))
    [record] = [one for one in live(snapshot, WORKSPACES) if one.id.lower() == chosen]
    again = left.plan(with_records(snapshot, [telling(record, properties)]))
    assert chosen not in {item.id.lower() for item in again.deletions}


@pytest.mark.parametrize("way", [hide, forgotten])
@pytest.mark.parametrize("what", [*OF_THE_WORKSPACE, *OF_ITS_SUBSCRIPTION, *OF_EVERY_SUBSCRIPTION])
@examples(4, 100)
@given(st.sampled_from(SEEDS), st.data())
def test_so_does_a_single_check_that_was_not_read(
    what: str, way: Callable[[Snapshot, list[Read]], Snapshot], seed: int, data: st.DataObject
) -> None:
    snapshot = world(seed)
    chosen = ArmId.parse(data.draw(st.sampled_from([item.id for item in left.plan(snapshot).deletions])))
    scopes = [chosen.key, str(chosen.subscription_id).lower()]
    kinds = {what.lower(), *({"microsoft.operationalinsights/ingestion"} if "diagnostic" in what else ())}
    unread = [read for read in snapshot.reads or () if read.what.lower() in kinds and read.scope.lower() in scopes]
    assert unread
    again = left.plan(way(snapshot, unread))
    assert chosen.key not in {item.id.lower() for item in again.deletions}


def test_enough_tenants_have_something_to_delete() -> None:
    assert len(SEEDS) > 5
