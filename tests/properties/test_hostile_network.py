"""The law of the two sources in a hostile network: what the account may not see is never shown to be absent."""

from hypothesis import Phase, given
from hypothesis import strategies as st

from auditor.collect.resource_graph.absence import PROVEN
from auditor.inventory.snapshot.snapshot import Snapshot
from fixtures.generate import accounts
from tests.properties.hostile_network import REASONS, HostileWorld, hostile
from tests.properties.test_sources_agree import lawful, left, scanned
from tests.sampling import examples, sampled

EACH_TAKES_FIVE_SECONDS = examples(1, 200, phases=(Phase.explicit, Phase.reuse, Phase.generate))


def proven(snapshot: Snapshot) -> set[str]:
    """Return the subscriptions left to Resource Graph of which any list was proven empty."""
    kinds = {kind.what for kind in PROVEN}
    return {read.scope.lower() for read in snapshot.reads or () if read.what in kinds} & left(snapshot)


def shows_nothing_hidden(world: HostileWorld, graph: Snapshot) -> bool:
    return not proven(graph) & world.hidden


@given(seed=st.integers(0, 10_000))
@EACH_TAKES_FIVE_SECONDS
def test_a_verdict_through_resource_graph_is_that_of_resource_manager_or_unknown(seed: int) -> None:
    world = hostile(seed)
    arm, graph = (scanned(world.shown, source, world.faults, world.page_size) for source in ("arm", "graph"))
    lawful(arm, graph, accounts(world.true))
    assert shows_nothing_hidden(world, graph), world.story


@sampled("reason", REASONS, one_in=4)
def test_no_reason_for_which_a_role_does_not_show_everything_is_overlooked(reason: str) -> None:
    world = hostile(4, reason)
    graph = scanned(world.shown, "graph", world.faults)
    assert left(graph) & world.hidden, "so that it can be overlooked"
    assert shows_nothing_hidden(world, graph), world.story
