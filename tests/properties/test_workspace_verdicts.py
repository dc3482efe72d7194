"""Laws of the verdict on a workspace: reading less never changes it except to undecided, and orphaned has no gaps."""

from dataclasses import replace

from hypothesis import Phase, given
from hypothesis import strategies as st

from auditor.access.access import Access
from auditor.facts.estate.environment import Context
from auditor.facts.leftovers.leftover import Leftover, LeftoverVerdict
from auditor.facts.leftovers.workspaces.verdict import judgements
from auditor.inventory.inventory import Inventory
from auditor.inventory.snapshot.snapshot import Snapshot
from fixtures.generate import Size, asked_by_a_plain_scan, environment, hide, hideable
from tests.sampling import examples

SIZES = st.builds(
    Size,
    subscriptions=st.integers(1, 3),
    management_groups=st.just(1),
    resource_groups=st.integers(1, 2),
    assignments=st.just(0),
    inherited=st.just(0),
    users=st.just(1),
    groups=st.just(0),
    sites=st.just(0),
    vaults=st.just(0),
    workspaces=st.integers(0, 2),
    projects=st.just(1.0),
    orphans=st.floats(0.3, 1.0),
    deep=st.booleans(),
)
QUICK = examples(60, phases=(Phase.explicit, Phase.reuse, Phase.generate))


def judged(snapshot: Snapshot) -> dict[str, Leftover]:
    inventory = Inventory.of(snapshot)
    return {one.id: one for one in judgements(Context(inventory, Access.of(inventory)))}


@given(size=SIZES, seed=st.integers(0, 10_000), data=st.data())
@QUICK
def test_reading_less_leaves_a_verdict_as_it_is_or_undecided(size: Size, seed: int, data: st.DataObject) -> None:
    snapshot = environment(size, seed)
    every = hideable(snapshot)
    hidden = data.draw(st.lists(st.sampled_from(every), min_size=1, max_size=4, unique=True))
    before, after = judged(snapshot), judged(hide(snapshot, hidden))
    for identity, judgement in after.items():
        assert judgement.verdict in {before[identity].verdict, LeftoverVerdict.UNDECIDED}


@given(size=SIZES, seed=st.integers(0, 10_000), unread=st.sampled_from([0.0, 0.05, 0.3]))
@QUICK
def test_orphaned_has_no_gaps_and_undecided_has_some(size: Size, seed: int, unread: float) -> None:
    snapshot = environment(size, seed)
    every = hideable(snapshot)
    taken = every[:: max(1, round(1 / unread))] if unread else ()
    for judgement in judged(hide(snapshot, taken) if taken else snapshot).values():
        if judgement.verdict is LeftoverVerdict.ORPHANED:
            assert judgement.unread == ()
            assert judgement.obstacles or judgement.evidence_against == ()
            assert judgement.evidence_for
        if judgement.verdict is LeftoverVerdict.UNDECIDED:
            assert judgement.unread


@given(size=SIZES, seed=st.integers(0, 10_000))
@QUICK
def test_what_a_plain_scan_leaves_out_changes_no_verdict(size: Size, seed: int) -> None:
    snapshot = environment(replace(size, deep=False), seed)
    before, after = judged(snapshot), judged(asked_by_a_plain_scan(snapshot))
    assert {name: one.verdict for name, one in after.items()} == {name: one.verdict for name, one in before.items()}
    for one in after.values():
        assert one.verdict is not LeftoverVerdict.ORPHANED
        if one.verdict is LeftoverVerdict.IN_USE:
            assert one.why.endswith("; further uses were not read")
