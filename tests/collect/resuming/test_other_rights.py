"""Scans that go on with other rights than they began with: what could not be seen then is not taken for absent."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from auditor.collect.collect import collect
from auditor.emulator.faults import faults_of
from auditor.inventory.coverage import ListCoverage
from auditor.inventory.lists import PROJECTS
from auditor.inventory.snapshot.snapshot import Snapshot
from tests.collect.emulated import EVERYTHING, dated, embedded
from tests.collect.resuming.test_resumed_scan import going_on, tenant
from tests.collect.test_interruption import everything_else

Faults = Sequence[Mapping[str, object]]
WORLD = embedded("fabrikam")
PLACE = f"/subscriptions/{WORLD.header.scope.subscriptions[0]}"
NO_RIGHTS: Faults = (
    {"path": f"^{PLACE}/resources\\?", "status": 200, "body": '{"value": []}'},
    {"path": f"^{PLACE}/resourcegroups\\?", "status": 200, "body": '{"value": []}'},
    {"path": f"^{PLACE}/", "status": 403, "code": "AuthorizationFailed"},
)
"""What an account gets that may not read the subscription: lists without what it may not see, and refusals."""
AFTER_THE_TENANT = {"path": f"^{PLACE}/providers/(?!Microsoft.Authorization)", "hang": True}


async def in_two_runs(folder: Path, first: Faults, second: Faults, *, until_it_hangs: bool) -> Snapshot:
    """Return the snapshot of a scan that begins with some faults and goes on with others."""
    file = folder / "scan.resume"
    async with tenant(folder, WORLD, {"path": "^$"}, None) as served:
        served.faults.change(faults_of(first).rules)
        async with going_on(served.arm, file) as (azure, recording):
            scan = asyncio.create_task(collect(azure, EVERYTHING, recording=recording))
            if until_it_hangs:
                await everything_else()
                scan.cancel()
            await asyncio.wait([scan])
        served.faults.change(faults_of(second).rules)
        async with going_on(served.arm, file) as (azure, recording):
            return await collect(azure, EVERYTHING, recording=recording)


def claims_no_projects(snapshot: Snapshot) -> bool:
    """Return whether a snapshot without the project says that there is none."""
    assert not any(record.type.lower() == PROJECTS.lower() for record in snapshot.arm)
    return not ListCoverage(snapshot.reads, snapshot.gaps).gaps(PROJECTS, PLACE, below=True)


@pytest.mark.parametrize("hanging", [(), (AFTER_THE_TENANT,)], ids=["to the end", "interrupted"])
async def test_rights_that_were_granted_meanwhile_show_what_was_hidden(tmp_path: Path, hanging: Faults) -> None:
    found = await in_two_runs(tmp_path, (*hanging, *NO_RIGHTS), (), until_it_hangs=bool(hanging))
    assert any(record.type.lower() == PROJECTS.lower() for record in found.arm)
    assert dated(found, WORLD).gaps == WORLD.gaps


async def test_rights_that_were_lost_meanwhile_prove_no_absence(tmp_path: Path) -> None:
    hanging = {"path": f"^{PLACE}/resources\\?", "hang": True}
    assert not claims_no_projects(await in_two_runs(tmp_path, (hanging,), NO_RIGHTS, until_it_hangs=True))
