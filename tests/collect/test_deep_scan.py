import pytest

from auditor.collect.collect import collect
from auditor.collect.recording import Recording
from auditor.collect.request import Request
from auditor.collect.workspaces import deepened
from tests.collect.emulated import embedded, serving


@pytest.mark.parametrize("name", ["contoso", "contoso-gov", "fabrikam", "tailspin"])
async def test_a_scan_that_is_deepened_is_a_deep_scan(name: str) -> None:
    async with serving(embedded(name)) as served:
        deep = await collect(served.azure, Request(all=True, deep=True))
        plain = await collect(served.azure, Request(all=True))
        before = len(served.requests())
        made = await deepened(served.azure, plain)
        asked = served.requests()[before:]
    assert (made.arm, made.reads, made.gaps) == (deep.arm, deep.reads, deep.gaps)
    assert (made.graph, made.links, made.events) == (deep.graph, deep.links, deep.events)
    assert all("diagnosticSettings" in one or "/query" in one or "/resources?" in one for one in asked)


def test_a_resumed_recording_holds_what_the_snapshot_holds() -> None:
    snapshot = embedded("tailspin")
    assert Recording.resumed(snapshot).snapshot().arm == snapshot.arm
    assert Recording.resumed(snapshot).snapshot().gaps == snapshot.gaps
