"""Complete scans of the embedded environments."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

import msgspec
import pytest

from auditor import __version__
from auditor.collect.catalogue import MACHINES, TRACKED, TRACKED_FOR_CANDIDATES
from auditor.collect.collect import collect
from auditor.collect.progress import Stage
from auditor.collect.request import NoScope, Request
from auditor.inventory.inventory import Inventory
from auditor.inventory.reads import Gap
from auditor.inventory.resources.migrate import Solution
from auditor.inventory.snapshot.records import ArmRecord, GraphRecord
from auditor.inventory.snapshot.snapshot import Snapshot
from fixtures.generate import asked_by_a_plain_scan
from tests.collect.emulated import collected, dated, embedded, serving

UNREAD_KINDS = (
    "microsoft.authorization/permissions",
    "microsoft.managedservices/",
)
"""Lists in the fixtures that are read only for a question about access."""
INGESTION = "Microsoft.OperationalInsights/ingestion"
DEEP_KINDS = ("microsoft.insights/diagnosticsettings", "microsoft.operationalinsights/ingestion")
"""Lists that only a deep scan reads."""


@pytest.fixture
def contoso() -> Snapshot:
    return embedded("contoso")


MACHINE_KINDS = frozenset(listing.what.lower() for listing in MACHINES)
"""Lists that are read only where machines are asked for."""


def everyone(snapshot: Snapshot, *, deep: bool = False) -> Request:
    """Return the request of a scan about all users and groups of an environment and its auditor."""
    kinds = ("#microsoft.graph.user", "#microsoft.graph.group")
    named = [record.id for record in snapshot.graph if record.odata_type in kinds]
    return Request(all=True, accounts=(*named, snapshot.header.by.object_id), deep=deep, machines=deep)


def asked_for(records: Iterable[ArmRecord], *, deep: bool = False) -> set[ArmRecord]:
    left_out = UNREAD_KINDS if deep else (*UNREAD_KINDS, *DEEP_KINDS)
    machines = frozenset[str]() if deep else MACHINE_KINDS
    kinds = ((record, record.type.lower()) for record in records)
    return {record for record, kind in kinds if not kind.startswith(left_out) and kind not in machines}


@pytest.mark.parametrize("name", ["contoso", "fabrikam"])
@pytest.mark.parametrize(("page_size", "deep"), [(None, False), (2, False), (None, True), (3, True)])
async def test_everything_that_is_asked_for_comes_back_as_it_is(name: str, page_size: int | None, deep: bool) -> None:
    whole = embedded(name)
    snapshot = whole if deep else asked_by_a_plain_scan(whole)
    found = await collected(whole, everyone(whole, deep=deep), page_size=page_size)
    assert set(found.arm) == asked_for(snapshot.arm, deep=deep)
    assert found.graph == tuple(
        one for one in snapshot.graph if not one.odata_type.endswith("EligibilityScheduleInstance")
    )
    assert found.links == snapshot.links
    assert found.events == snapshot.events
    assert list(found.gaps) == [gap for gap in snapshot.gaps if deep or gap.what != INGESTION]


async def test_a_deep_scan_of_what_a_deep_scan_found_finds_the_same() -> None:
    snapshot = embedded("contoso")
    found = await collected(snapshot, everyone(snapshot, deep=True))
    again = await collected(dated(found, snapshot), everyone(snapshot, deep=True), page_size=2)
    assert replace(again, header=found.header) == found


FOUND_WHERE_PRESENT = {kind.what for kind in (*TRACKED, *TRACKED_FOR_CANDIDATES)}


async def test_what_may_not_be_read_is_a_gap_with_the_permission_that_cures_it() -> None:
    snapshot = embedded("tailspin")
    found = await collected(snapshot)
    assert set(found.arm) == asked_for(snapshot.arm)
    recorded = {_place(gap): gap for gap in snapshot.gaps}
    for gap in found.gaps:
        assert gap.needs
        if gap.what in FOUND_WHERE_PRESENT:  # a list of all resources that may be filtered hides them without an error
            assert gap.status in {200, 403}
            continue
        assert gap.status == 403
        assert gap.needs == recorded[_place(gap)].needs
    assert {"Microsoft.KeyVault/vaults", "graph/applications"} <= {gap.what for gap in found.gaps}


def _place(gap: Gap) -> tuple[str, str]:
    return (gap.what, gap.scope.lower())


async def test_a_refused_resource_stays_as_the_list_showed_it() -> None:
    found = await collected(embedded("tailspin"))
    [gap] = [gap for gap in found.gaps if gap.what.endswith("/HyperVSites") and "/providers/" in gap.scope]
    [site] = [record for record in found.arm if record.id.lower() == gap.scope.lower()]
    assert "properties" not in msgspec.json.decode(site.body)


async def test_the_header_says_who_looked_when_and_at_what(contoso: Snapshot) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    header = (await collected(contoso)).header
    assert (header.tenant_id, header.by) == (contoso.header.tenant_id, contoso.header.by)
    assert header.scope == contoso.header.scope
    assert header.tool == f"migaudit {__version__}"
    assert before <= header.collected_at <= datetime.now(UTC)


async def test_one_subscription_means_its_lists_only(contoso: Snapshot) -> None:
    first, second, *_ = contoso.header.scope.subscriptions
    found = await collected(contoso, Request(subscriptions=(first,)))
    assert found.header.scope.subscriptions == (first,)
    assert not any(second in read.scope for read in found.reads or ())
    assert f"/subscriptions/{second}" in {record.id for record in found.arm}, "the list of subscriptions is one list"
    inside = {record for record in found.arm if f"/{second}/" in record.id}
    assert inside == set()


async def test_without_a_scope_nothing_is_asked(contoso: Snapshot) -> None:
    async with serving(contoso) as served:
        with pytest.raises(NoScope):
            await collect(served.azure, Request())
        assert served.requests() == []


async def test_a_typed_picture_can_be_drawn_from_what_was_read(contoso: Snapshot) -> None:
    found = Inventory.of(await collected(contoso))
    assert {solution.display_name for solution in found.all(Solution)} >= {"Servers-Discovery-ServerDiscovery"}
    subscription = f"/subscriptions/{found.header.scope.subscriptions[0]}"
    assert found.gaps("Microsoft.KeyVault/vaults", subscription) == ()
    assert [gap.code for gap in found.gaps("Microsoft.Insights/diagnosticSettings", subscription)] == ["NotRead"]


async def test_no_secret_is_kept(contoso: Snapshot) -> None:
    found = await collected(contoso)
    everything: list[ArmRecord | GraphRecord] = [*found.arm, *found.graph]
    assert not any(b"MII" in record.body for record in everything)


async def test_progress_counts_every_read_and_ends_each_stage(contoso: Snapshot) -> None:
    class Watcher:
        def __init__(self) -> None:
            self.totals: dict[Stage, int] = {}
            self.done: dict[Stage, int] = {}
            self.ended: list[Stage] = []

        def started(self, stage: Stage, total: int) -> None:
            assert total >= self.totals.get(stage, 0)
            self.totals[stage] = total

        def advanced(self, stage: Stage, by: int = 1) -> None:
            self.done[stage] = self.done.get(stage, 0) + by

        def finished(self, stage: Stage) -> None:
            self.ended.append(stage)

    watcher = Watcher()
    async with serving(contoso) as served:
        await collect(served.azure, Request(all=True, deep=True), watcher)
    assert watcher.done == watcher.totals
    assert watcher.ended == [
        Stage.TENANT,
        Stage.SUBSCRIPTIONS,
        Stage.PROJECTS,
        Stage.WORKSPACES,
        Stage.DIAGNOSTICS,
        Stage.POLICIES,
        Stage.DIRECTORY,
    ]
