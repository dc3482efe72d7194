"""Interrupted scans: what was read is kept, and the rest are gaps."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from auditor.collect.catalogue import TRACKED
from auditor.collect.collect import collect
from auditor.collect.recording import Recording
from auditor.collect.request import Request
from auditor.collect.workspaces.first_use import USUAL
from auditor.inventory.reads import INTERRUPTED
from auditor.inventory.snapshot.files import load, save
from tests.collect.emulated import EVERYTHING, collected, embedded, serving

EXIT = "0d1e2c3b-4a59-4687-9b10-c0a050000001"


async def stopped(path: str, request: Request = EVERYTHING) -> Recording:
    """Return the recording of a scan of Contoso that was stopped while it waited for `path`."""
    recording = Recording()
    async with serving(embedded("contoso"), faults=[{"path": path, "hang": True}]) as served:
        task = asyncio.create_task(collect(served.azure, request, recording=recording))
        await everything_else()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(task, timeout=60)
    return recording


async def everything_else() -> None:
    """Wait until client and emulator, which share this loop, have nothing to do but to wait for that answer.

    Nothing is ready to run, nothing has come in on a socket, no timer is about to end a pause, and no thread loads a
    library.
    """
    loop: Any = asyncio.get_running_loop()
    idle = 0
    while idle < 3:
        await asyncio.sleep(0)
        soon = any(not timer.cancelled() and timer.when() < loop.time() + 2 for timer in loop._scheduled)
        idle = 0 if loop._ready or soon or loading(loop) or loop._selector.select(0) else idle + 1


def loading(loop: Any) -> bool:
    """Return whether a thread works for the loop."""
    pool = loop._default_executor
    return pool is not None and (pool._work_queue.qsize() > 0 or pool._idle_semaphore._value < len(pool._threads))


async def test_what_was_read_is_kept_and_the_rest_is_named() -> None:
    recording = await stopped(f"{EXIT}.*/vaults[?]")
    snapshot = recording.snapshot()
    whole = await collected(embedded("contoso"))
    assert set(snapshot.arm) < set(whole.arm)
    assert len(snapshot.arm) > len(whole.arm) * 0.8
    interrupted = {(gap.what, gap.scope) for gap in snapshot.gaps}
    assert interrupted == {("Microsoft.KeyVault/vaults", f"/subscriptions/{EXIT}")}
    assert {(gap.status, gap.code) for gap in snapshot.gaps} == {(0, INTERRUPTED)}
    assert set(snapshot.reads or ()) < set(whole.reads or ())


async def test_the_kept_snapshot_is_one(tmp_path: Path) -> None:
    snapshot = (await stopped("/resources[?]")).snapshot()
    path = tmp_path / "kept.jsonl"
    save(snapshot, path)
    assert load(path) == snapshot
    assert {gap.what for gap in snapshot.gaps} == {kind.what for kind in TRACKED}


async def test_a_search_for_uses_that_was_stopped_does_not_look_like_one_that_asked_for_less() -> None:
    snapshot = (await stopped("/rg-migrate-pilot/.*/onboardingStates[?]")).snapshot()
    missing = {(gap.what, gap.scope) for gap in snapshot.gaps if gap.code == INTERRUPTED}
    [workspace, *_] = {scope for what, scope in missing if what.endswith("/onboardingStates")}
    assert {(one.what, workspace) for one in USUAL} <= missing
    assert ("Microsoft.Insights/workbooks", f"/subscriptions/{EXIT}") in missing


async def test_a_project_that_was_found_but_not_read_is_a_gap() -> None:
    snapshot = (await stopped("/migrateProjects/contoso-dc-exit[?]")).snapshot()
    whats = {gap.what for gap in snapshot.gaps if gap.scope.endswith("/contoso-dc-exit")}
    assert whats == {"Microsoft.Migrate/migrateProjects", "Microsoft.Migrate/migrateProjects/solutions"}


async def test_before_the_subscriptions_are_known_only_the_tenant_lists_are_missing() -> None:
    snapshot = (await stopped("^/subscriptions[?]")).snapshot()
    assert snapshot.header.scope.subscriptions == ()
    assert "Microsoft.Resources/subscriptions" in {gap.what for gap in snapshot.gaps}
    assert "Microsoft.Resources/tenants" in {read.what for read in snapshot.reads or ()}


async def test_stopping_before_anybody_signed_in_leaves_nothing() -> None:
    recording = Recording()
    async with serving(embedded("contoso")) as served:
        task = asyncio.create_task(collect(served.azure, EVERYTHING, recording=recording))
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert not recording.begun
