import pytest

from auditor.collect.collect import collect
from auditor.collect.recording import Recording
from auditor.collect.request import Request
from auditor.collect.workspaces.every_use import deepened
from tests.collect.emulated import embedded, serving


@pytest.mark.parametrize("name", ["contoso", "contoso-gov", "fabrikam", "tailspin"])
async def test_a_scan_that_is_deepened_is_a_deep_scan(name: str) -> None:
    async with serving(embedded(name)) as served:
        plain = await collect(served.azure, Request(all=True))
        scanned = served.requests()
        made = await deepened(served.azure, plain)
        more = served.requests()[len(scanned) :]
        deep = await collect(served.azure, Request(all=True, deep=True))
    assert (made.arm, made.reads, made.gaps) == (deep.arm, deep.reads, deep.gaps)
    assert (made.graph, made.links, made.events) == (deep.graph, deep.links, deep.events)
    # The list of all resources is asked with other filters; watchers are listed for each kind of their children.
    again = ("/resources?", "/networkWatchers?")
    assert [one for one in more if one in scanned and not any(part in one for part in again)] == []


def test_a_resumed_recording_holds_what_the_snapshot_holds() -> None:
    snapshot = embedded("tailspin")
    assert Recording.resumed(snapshot).snapshot().arm == snapshot.arm
    assert Recording.resumed(snapshot).snapshot().gaps == snapshot.gaps
