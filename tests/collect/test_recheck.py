"""The recheck of a workspace: as strict as a deep scan of everything, with a fraction of its requests."""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from auditor.cleanup.admission import to_delete_and_restore
from auditor.cleanup.plan import Action, Item, items_of
from auditor.collect.catalogue import DEEP, FOR_CANDIDATES, PER_CANDIDATE, TRACKED_FOR_CANDIDATES
from auditor.collect.collect import collect
from auditor.collect.recheck import ANYWHERE, OWN, SETTINGS_HOLD, WorkspaceReader
from auditor.collect.request import Request
from auditor.facts.estate.environment import Context
from auditor.facts.rights.workspace_rights import LackingRights, lacking_rights
from auditor.inventory.association import candidates
from auditor.inventory.resources.loganalytics import Workspace
from auditor.inventory.resources.migrate import AssessmentProject, OldProject
from auditor.inventory.uses.uses import Where, uses
from fixtures.generate import Size, environment, hide, hideable
from tests.cleanup import leftovers as left
from tests.collect.emulated import Served, embedded, serving
from tests.sampling import examples

pytestmark = pytest.mark.untraced

LEFT_OVERS = Size(subscriptions=2, resource_groups=1, projects=1.0, orphans=0.9, workspaces=1, sites=1, deep=True)
WHEN = datetime(2026, 11, 23, tzinfo=UTC)

Decided = tuple[Item, tuple[LackingRights, ...]]


def decided(context: Context) -> Mapping[str, Decided]:
    """Return the decision on each workspace and the missing permissions, without the time of reading."""
    by = context.inventory.header.by.object_id
    return {
        item.id.lower(): (_timeless(item), lacking_rights(context, by, to_delete_and_restore(item)))
        for item in items_of(context)
    }


def _timeless(item: Item) -> Item:
    proofs = {
        name: tuple(replace(one, read_at=WHEN) for one in getattr(item, name))
        for name in ("evidence_for", "evidence_against")
    }
    return replace(item, **proofs)


def _untied(one: Decided) -> Decided:
    item, lacking = one
    return replace(item, evidence_against=(), unread=(), fingerprint="", rests_on={}), lacking


async def both(served: Served) -> list[tuple[Decided, Decided]]:
    """Return, for each workspace that may belong to Azure Migrate, the decisions after a deep scan and after a recheck.

    A scan may have read more about a workspace without an association than the recheck; neither counts that.
    """
    whole = left.context(await collect(served.azure, Request(all=True, deep=True)))
    inventory, expected = whole.inventory, decided(whole)
    projects: list[AssessmentProject | OldProject] = list(inventory.all(AssessmentProject))
    projects.extend(inventory.all(OldProject))
    tied = {one.id.lower() for one in candidates(inventory.all(Workspace), projects)}
    reader = WorkspaceReader(served.azure, inventory.header.scope.subscriptions)
    pairs = []
    for identity, there in expected.items():
        if there[0].verdict != "not_migrate":
            alone = decided(left.context(await reader.read(identity)))[identity]
            pairs.append((there, alone) if identity in tied else (_untied(there), _untied(alone)))
    return pairs


@pytest.mark.parametrize("name", ["contoso", "contoso-gov", "fabrikam", "tailspin"])
async def test_a_workspace_read_alone_is_judged_as_in_a_deep_scan_of_everything(name: str) -> None:
    async with serving(embedded(name)) as served:
        pairs = await both(served)
    assert pairs or name == "tailspin"
    for expected, alone in pairs:
        assert alone == expected


@pytest.mark.exhaustive
@examples(12)
@given(st.integers(0, 40), st.data())
async def test_that_holds_whatever_is_there_and_whatever_is_hidden(seed: int, data: st.DataObject) -> None:
    snapshot = environment(LEFT_OVERS, seed)
    hidden = data.draw(st.lists(st.sampled_from(hideable(snapshot)), max_size=data.draw(st.sampled_from((0, 1, 3)))))
    async with serving(hide(snapshot, hidden) if hidden else snapshot) as served:
        for expected, alone in await both(served):
            assert alone == expected


def per_subscription(*, own: bool) -> int:
    """Return the lists of a subscription, including that of its projects.

    Solutions are in two of these. The children of network watchers share the list of these; one more list of resources
    shows which types exist.
    """
    return len(ANYWHERE) + len(FOR_CANDIDATES) + (len(OWN) if own else 0)


async def test_the_diagnostic_settings_are_asked_for_once_and_again_when_they_are_old() -> None:
    now = 0.0
    first, second = (str(one["id"]) for one in left.LEFT)
    async with serving(left.tenant()) as served:
        reader = WorkspaceReader(served.azure, (left.SUBSCRIPTION,), lambda: now)

        async def asked(identity: str) -> Counter[str]:
            before = len(served.requests())
            await reader.read(identity)
            return Counter(one.partition("?")[0].rpartition("/")[2] for one in served.requests()[before:])

        assert (await asked(first))["diagnosticSettings"] > 1
        again = await asked(second)
        assert again["diagnosticSettings"] == 0
        now = SETTINGS_HOLD.total_seconds() + 1
        assert (await asked(second))["diagnosticSettings"] > 1


async def test_the_requests_for_a_workspace_are_counted_exactly() -> None:
    async with serving(embedded("contoso")) as served:
        whole = await collect(served.azure, Request(all=True, deep=True))
        wanted = [item.id for item in left.plan(whole).deletions]
        reader = WorkspaceReader(served.azure, whole.header.scope.subscriptions)
        await reader.read(wanted[0])
        before = len(served.requests())
        await reader.read(wanted[1])
        requests = served.requests()[before:]
    graph = [one for one in requests if "/v1.0/" in one]
    subscriptions = len(whole.header.scope.subscriptions)
    tenant = 4  # subscriptions, management groups, descendants of the root, built-in roles
    lists = per_subscription(own=True) + (subscriptions - 1) * per_subscription(own=False)
    ingestion = len(DEEP) - 1
    watchers = 2  # the one that the fixture has is asked for its flow logs and for its connection monitors
    present = 6  # types in the fixture that are read only where there are any, each with one resource
    assert len(requests) - len(graph) == tenant + lists + len(PER_CANDIDATE) + ingestion + watchers + present
    assert len(graph) <= 3


def test_every_check_of_another_use_is_among_the_lists_that_are_read() -> None:
    read: dict[Where, set[str]] = {
        Where.WORKSPACE: {one.what for one in (*PER_CANDIDATE, *OWN)},
        Where.SUBSCRIPTION: {one.what for one in (*OWN, *ANYWHERE)},
        Where.EVERYWHERE: {one.what for one in (*ANYWHERE, *FOR_CANDIDATES, *DEEP)}
        | {one.what for one in TRACKED_FOR_CANDIDATES},
    }
    assert [use.what for use in uses() if use.what not in read[use.where]] == []


def test_a_plan_of_the_generated_environments_does_delete_something() -> None:
    plans = [left.plan(environment(LEFT_OVERS, seed)) for seed in range(41)]
    assert sum(any(item.action is Action.DELETE for item in plan.items) for plan in plans) > 5


@pytest.mark.parametrize("what", ["Microsoft.Migrate/migrateProjects", "Microsoft.ContainerService/managedClusters"])
async def test_a_search_that_lacks_what_the_list_of_all_resources_shows_is_a_gap_here_too(what: str) -> None:
    there = {"id": f"{left.RG}/providers/{what}/one", "type": what, "name": "one", "location": "westeurope"}
    fault = {"path": rf"/resources\?.*filter=.*{what}", "status": 200, "body": '{"value": []}'}
    async with serving(left.tenant([there]), faults=[fault]) as served:
        found = await WorkspaceReader(served.azure, (left.SUBSCRIPTION,)).read(str(left.FIRST["id"]))
    assert [(gap.code, gap.scope) for gap in found.gaps if gap.what == what] == [("OnlyReadableListed", left.S)]
