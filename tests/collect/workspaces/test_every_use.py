import pytest

from auditor.cleanup.plan import candidates
from auditor.collect.collect import collect
from auditor.collect.recording import Recording
from auditor.collect.request import Request
from auditor.collect.workspaces.every_use import deepened
from auditor.inventory.inventory import Inventory
from auditor.inventory.resources.loganalytics import Workspace
from tests.cleanup import leftovers as left
from tests.collect.emulated import embedded, serving


@pytest.mark.parametrize("name", ["contoso", "contoso-gov", "fabrikam", "tailspin"])
async def test_a_scan_that_is_deepened_is_a_deep_scan(name: str) -> None:
    async with serving(embedded(name)) as served:
        plain = await collect(served.azure, Request(all=True))
        scanned = served.requests()
        every = [one.id for one in Inventory.of(plain).all(Workspace)]
        made = await deepened(served.azure, plain, every)
        more = served.requests()[len(scanned) :]
        deep = await collect(served.azure, Request(all=True, deep=True))
    assert (made.arm, made.reads, made.gaps) == (deep.arm, deep.reads, deep.gaps)
    assert (made.graph, made.links, made.events) == (deep.graph, deep.links, deep.events)
    # The list of all resources is asked with other filters; watchers are listed for each kind of their children.
    again = ("/resources?", "/networkWatchers?")
    assert [one for one in more if one in scanned and not any(part in one for part in again)] == []


@pytest.mark.parametrize(("name", "asked_about"), [("contoso", 3), ("tailspin", 1)])
async def test_to_read_more_of_what_is_undecided_is_enough_to_judge_as_after_a_deep_scan(
    name: str, asked_about: int
) -> None:
    async with serving(embedded(name)) as served:
        plain = await collect(served.azure, Request(all=True))
        undecided = candidates(left.context(plain))
        asked = len(served.requests())
        made = await deepened(served.azure, plain, undecided)
        more = served.requests()[asked:]
        deep = await collect(served.azure, Request(all=True, deep=True))
    decided = {one.id: (one.verdict, one.action) for one in left.plan(deep).items}
    assert {one.id: (one.verdict, one.action) for one in left.plan(made).items} == decided
    data_sources = {one.partition("/dataSources?")[0].lower() for one in more if "/dataSources?" in one}
    assert len(data_sources) == len(undecided) == asked_about


def test_a_resumed_recording_holds_what_the_snapshot_holds() -> None:
    snapshot = embedded("tailspin")
    assert Recording.resumed(snapshot).snapshot().arm == snapshot.arm
    assert Recording.resumed(snapshot).snapshot().gaps == snapshot.gaps
