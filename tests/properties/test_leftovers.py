"""Laws of the verdict on leftovers: reading less never changes it except to undecided, and orphaned has no gaps."""

from collections import defaultdict
from functools import cache

import pytest
from hypothesis import Phase, given
from hypothesis import strategies as st

from auditor.access.access import Access
from auditor.data import fixtures_dir
from auditor.facts.estate.environment import Context
from auditor.facts.leftovers.every import leftovers
from auditor.facts.leftovers.leftover import Leftover, LeftoverKind, LeftoverVerdict
from auditor.inventory.inventory import Inventory
from auditor.inventory.snapshot.files import load
from auditor.inventory.snapshot.implied_reads import with_reads
from auditor.inventory.snapshot.snapshot import Snapshot
from fixtures.generate import Size, environment, hide, hideable
from tests.sampling import examples

SIZES = st.builds(
    Size,
    subscriptions=st.integers(1, 3),
    management_groups=st.just(1),
    resource_groups=st.integers(1, 2),
    assignments=st.integers(0, 2),
    inherited=st.just(0),
    users=st.just(2),
    groups=st.just(0),
    sites=st.integers(0, 2),
    vaults=st.integers(0, 1),
    workspaces=st.integers(0, 1),
    projects=st.just(1.0),
    orphans=st.floats(0.3, 1.0),
    deep=st.booleans(),
)
QUICK = examples(40, phases=(Phase.explicit, Phase.reuse, Phase.generate))
EMBEDDED = ("contoso", "contoso-gov", "fabrikam")


def judged(snapshot: Snapshot) -> dict[tuple[LeftoverKind, str], Leftover]:
    inventory = Inventory.of(snapshot)
    found = leftovers(Context(inventory, Access.of(inventory)), tuple(LeftoverKind))
    return {(one.kind, one.id.lower()): one for one in found}


def turned(
    before: Snapshot, after: Snapshot
) -> dict[tuple[LeftoverKind, str], tuple[LeftoverVerdict, LeftoverVerdict]]:
    """Return the verdicts that changed to anything but undecided."""
    known = judged(before)
    return {
        key: (known[key].verdict, one.verdict)
        for key, one in judged(after).items()
        if key in known and one.verdict not in {known[key].verdict, LeftoverVerdict.UNDECIDED}
    }


@cache
def embedded(name: str) -> Snapshot:
    return with_reads(load(fixtures_dir() / f"{name}.yaml"))


@given(size=SIZES, seed=st.integers(0, 10_000), data=st.data())
@QUICK
def test_reading_less_leaves_a_verdict_as_it_is_or_undecided(size: Size, seed: int, data: st.DataObject) -> None:
    snapshot = environment(size, seed)
    hidden = data.draw(st.lists(st.sampled_from(hideable(snapshot)), min_size=1, max_size=4, unique=True))
    assert turned(snapshot, hide(snapshot, hidden)) == {}


@pytest.mark.parametrize("name", EMBEDDED)
@given(data=st.data())
@examples(15)
def test_so_does_reading_less_of_an_embedded_environment(name: str, data: st.DataObject) -> None:
    snapshot = embedded(name)
    hidden = data.draw(st.lists(st.sampled_from(hideable(snapshot)), min_size=1, max_size=4, unique=True))
    assert turned(snapshot, hide(snapshot, hidden)) == {}


@pytest.mark.parametrize("what", sorted({read.what for read in hideable(embedded("contoso"))}))
def test_so_does_hiding_a_whole_kind_of_list(what: str) -> None:
    snapshot = embedded("contoso")
    assert turned(snapshot, hide(snapshot, [read for read in hideable(snapshot) if read.what == what])) == {}


@given(size=SIZES, seed=st.integers(0, 10_000), unread=st.sampled_from([0.0, 0.05, 0.3]))
@QUICK
def test_orphaned_has_no_gaps_and_undecided_has_some(size: Size, seed: int, unread: float) -> None:
    snapshot = environment(size, seed)
    taken = hideable(snapshot)[:: max(1, round(1 / unread))] if unread else ()
    for one in judged(hide(snapshot, taken) if taken else snapshot).values():
        if one.verdict is LeftoverVerdict.ORPHANED:
            assert one.unread == ()
            assert one.evidence_for
            assert one.obstacles or not one.evidence_against
            assert one.projects
        if one.verdict is LeftoverVerdict.UNDECIDED:
            assert one.unread


def test_generated_environments_contain_every_kind_with_more_than_one_verdict() -> None:
    seen: dict[LeftoverKind, set[LeftoverVerdict]] = defaultdict(set)
    size = Size(subscriptions=6, projects=1.0, orphans=0.5)
    for seed in range(6):
        for (kind, _), one in judged(environment(size, seed)).items():
            seen[kind].add(one.verdict)
    rare = {
        LeftoverKind.DELETED_WORKSPACE,
        LeftoverKind.DELETED_KEY_VAULT,
        # Not generated: tests/facts/leftovers/test_further.py judges them.
        LeftoverKind.SERVICE_BUS,
        LeftoverKind.REPLICATION_VAULT,
        LeftoverKind.REPLICATION_FABRIC,
        LeftoverKind.REPLICA_DISK,
        LeftoverKind.DEPENDENCY_MAP,
        LeftoverKind.WORKLOAD_SITE,
        LeftoverKind.PRIVATE_DNS_ZONE,
    }
    assert {kind for kind in LeftoverKind if len(seen[kind]) > 1} >= set(LeftoverKind) - rare, dict(seen)
