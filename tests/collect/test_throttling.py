"""The share of refused requests where an Azure serves small budgets, and what is left of them for others."""

import asyncio
import json
import ssl
from collections import Counter
from pathlib import Path

import aiohttp
import pytest

from auditor.azure.connection import connect
from auditor.azure.throttling.limits import Limit, Limits, Pace
from auditor.collect.collect import collect
from auditor.emulator.options import Endpoints, Options
from auditor.emulator.running import running
from auditor.emulator.throttling.quota_sizes import QuotaSize, QuotaSizes
from auditor.inventory.snapshot.snapshot import Snapshot
from bench.tokens import tokens
from tests.collect.emulated import EVERYTHING, FOREIGN, embedded

SERVED = QuotaSizes(reads=QuotaSize(20, 25), directory=QuotaSize(120, 240))
SELDOM = QuotaSizes(reads=QuotaSize(20, 5), directory=QuotaSize(120, 240))
"""Budgets that come back so slowly that a scan on a busy machine exceeds them too."""
WIDE = Limits(reads=Limit(10_000, 10_000), global_reads=Limit(10_000, 10_000), directory=(Limit(10_000, 10_000),))
"""So wide that nothing waits for them."""
KNOWN = Limits(reads=Limit(20, 25), global_reads=Limit(300, 375), directory=(Limit(120, 240),))


async def scanned(
    log: Path, pace: Pace, beside: asyncio.Event | None = None, served: QuotaSizes = SERVED
) -> tuple[Snapshot, Counter[int], int]:
    """The snapshot of a scan within small budgets, the number of answers by status, and refusals of a neighbour.

    The neighbour asks as the same principal, five times a second.
    """
    with pytest.MonkeyPatch.context() as environment:
        async with running(embedded("contoso"), Options(access_log=log, quotas=served)) as endpoints:
            for name in FOREIGN:
                environment.delenv(name, raising=False)
            for name, value in endpoints.env.items():
                environment.setenv(name, value)
            neighbour = asyncio.create_task(neighbours_refusals(endpoints, beside)) if beside else None
            async with connect(endpoints.arm, "environment", pace=pace) as azure:
                snapshot = await collect(azure, EVERYTHING)
            if beside is not None:
                beside.set()
            refusals = await neighbour if neighbour else 0
    return snapshot, statuses_in(log), refusals


def statuses_in(log: Path) -> Counter[int]:
    return Counter(json.loads(line)["status"] for line in log.read_text().splitlines())


async def neighbours_refusals(endpoints: Endpoints, done: asyncio.Event) -> int:
    trust = ssl.create_default_context(cafile=endpoints.ca_file)
    url = f"{endpoints.arm}/subscriptions/{endpoints.subscription_ids[0]}/resourcegroups?api-version=2021-04-01"
    given = {
        "arm": endpoints.arm,
        "login": endpoints.login,
        "graph": endpoints.graph,
        "tenant_id": endpoints.tenant_id,
        "client_id": endpoints.client_id,
        "client_secret": endpoints.client_secret,
        "ca_file": endpoints.ca_file,
    }
    token = (await asyncio.to_thread(tokens, given))["arm"]
    refused = 0
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=trust)) as http:
        while not done.is_set():
            async with http.get(url, headers={"Authorization": f"Bearer {token}"}) as answer:
                refused += answer.status == 429
            await asyncio.sleep(0.2)
    return refused


async def test_hardly_any_request_is_refused_and_the_result_is_the_same(tmp_path: Path) -> None:
    snapshot, statuses, _ = await scanned(tmp_path / "known.jsonl", Pace(limits=KNOWN))
    assert statuses[429] < 0.01 * statuses.total()
    assert not [gap for gap in snapshot.gaps if gap.status in {0, 429}]


async def test_without_known_limits_and_pace_the_same_scan_is_refused_so_the_other_tests_can_fail(
    tmp_path: Path,
) -> None:
    snapshot, statuses, _ = await scanned(tmp_path / "wide.jsonl", Pace(limits=WIDE), served=SELDOM)
    assert statuses[429] > 0.01 * statuses.total()
    assert not [gap for gap in snapshot.gaps if gap.status in {0, 429}]


async def test_with_fewer_requests_per_second_nobody_is_refused_also_where_no_limit_is_known(tmp_path: Path) -> None:
    _, statuses, refusals = await scanned(
        tmp_path / "paced.jsonl", Pace(per_second=12, limits=WIDE), beside=asyncio.Event()
    )
    assert (refusals, statuses[429]) == (0, 0)
