"""Scans that end early, whatever ends them, and go on: nothing whole is asked again, and the result is the same."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from auditor.azure.connection import Azure, connect
from auditor.azure.memory import place_of
from auditor.azure.retry import Retry
from auditor.collect.collect import collect
from auditor.collect.recording import Recording
from auditor.collect.request import Request
from auditor.collect.resuming.answer_file import AnswerFile
from auditor.collect.resuming.kept_answers import KeptAnswers
from auditor.emulator.faults import Faults, faults_of
from auditor.emulator.options import Options
from auditor.emulator.running import running
from auditor.inventory.snapshot.snapshot import Snapshot
from tests.collect.emulated import CONCURRENCY, EVERYTHING, FOREIGN, collected, dated, embedded
from tests.collect.test_interruption import everything_else
from tests.sampling import sampled

REQUESTS = 50
"""Fewer than a scan of Fabrikam has."""
OF_THE_SUBSCRIPTION = 35
"""Requests after which the lists of its subscription itself have been answered."""


class Tenant:
    """An emulated Azure whose faults can be ended, and the log of its requests."""

    def __init__(self, arm: str, log: Path, faults: Faults) -> None:
        self.arm = arm
        self.faults = faults
        self._log = log
        self._seen = 0

    def since(self) -> list[tuple[str, int]]:
        """Return method with URL, and status, of each request since the last call."""
        lines = self._log.read_text().splitlines()
        new, self._seen = lines[self._seen :], len(lines)
        asked = [json.loads(line) for line in new]
        return [(f"{one['method']} {one['path']}", one["status"]) for one in asked if "/oauth2/" not in one["path"]]


@asynccontextmanager
async def tenant(
    folder: Path, snapshot: Snapshot, fault: Mapping[str, object], page_size: int | None
) -> AsyncIterator[Tenant]:
    log, faults = folder / "access.jsonl", faults_of([fault])
    options = Options(access_log=log, faults=faults, page_size=page_size)
    with pytest.MonkeyPatch.context() as environment:
        async with running(snapshot, options) as endpoints:
            for name in FOREIGN:
                environment.delenv(name, raising=False)
            for name, value in endpoints.env.items():
                environment.setenv(name, value)
            yield Tenant(endpoints.arm, log, faults)


@asynccontextmanager
async def going_on(arm: str, file: Path) -> AsyncIterator[tuple[Azure, Recording]]:
    """Yield a connection that remembers what is in the file, and the recording of the scan."""

    async def no_wait(_seconds: float) -> None:
        return None

    async with connect(arm, "environment", concurrency=CONCURRENCY, retry=Retry(sleep=no_wait)) as azure:
        kept = KeptAnswers(AnswerFile(file), timedelta(hours=1), time.time)
        recording = Recording(began=kept.open({"endpoint": arm}))
        azure.remember(kept)
        try:
            yield azure, recording
        finally:
            kept.close()


def requests_again(before: list[tuple[str, int]], after: list[tuple[str, int]]) -> set[str]:
    """Return the GET requests that were answered before and were asked again."""
    answered = {url for url, status in before if status == 200 and url.startswith("GET ")}
    return {url for url, _ in after if url in answered and "/metadata/endpoints" not in url}


@sampled("number", range(3, REQUESTS, 2), one_in=6)
@pytest.mark.parametrize("page_size", [None, 2])
async def test_killed_at_any_request_it_goes_on_and_ends_alike(
    tmp_path: Path, number: int, page_size: int | None
) -> None:
    world, file = embedded("fabrikam"), tmp_path / "scan.resume"
    async with tenant(
        tmp_path, world, {"path": "^/(subscr|prov|v1|ten)", "skip": number, "hang": True}, page_size
    ) as served:
        async with going_on(served.arm, file) as (azure, recording):
            scan = asyncio.create_task(collect(azure, EVERYTHING, recording=recording))
            await everything_else()
            scan.cancel()
            await asyncio.wait([scan])
            assert scan.cancelled()
        before = served.since()
        served.faults.rules = ()
        async with going_on(served.arm, file) as (azure, recording):
            resumed = await collect(azure, EVERYTHING, recording=recording)
        again = requests_again(before, served.since())
    plain = await collected(world, page_size=page_size)
    assert dated(resumed, plain) == plain
    elsewhere = {one for one in again if not place_of(one)}  # the lists of the only subscription were under way
    if page_size is None:
        assert elsewhere == set()
        assert not again or len(before) < OF_THE_SUBSCRIPTION
    assert len(elsewhere) <= CONCURRENCY * 3  # the first pages of lists that were under way


@sampled("number", [12, 4, 20], one_in=3)
async def test_through_resource_graph_it_goes_on_alike(tmp_path: Path, number: int) -> None:
    world, file, request = embedded("contoso"), tmp_path / "scan.resume", Request(all=True, source="graph")
    hangs = {"path": "^/(subscr|prov|v1|ten)", "skip": number, "hang": True}
    async with tenant(tmp_path, world, hangs, 2) as served:
        async with going_on(served.arm, file) as (azure, recording):
            scan = asyncio.create_task(collect(azure, request, recording=recording))
            await everything_else()
            scan.cancel()
            await asyncio.wait([scan])
            assert scan.cancelled()
        served.faults.rules = ()
        async with going_on(served.arm, file) as (azure, recording):
            resumed = await collect(azure, request, recording=recording)
    plain = await collected(world, request, page_size=2)
    assert dated(resumed, plain) == plain


@pytest.mark.parametrize(
    "fault",
    [
        {"reset": True},
        {
            "status": 401,
            "code": "ExpiredAuthenticationToken",
            "message": "The access token expiry UTC time is earlier.",
        },
        {"status": 503, "code": "ServiceUnavailable"},
    ],
    ids=["network", "token", "service"],
)
async def test_what_was_lost_is_asked_again_and_nothing_else(tmp_path: Path, fault: Mapping[str, object]) -> None:
    world, file = embedded("fabrikam"), tmp_path / "scan.resume"
    lost = {"path": "^/(subscr|prov|v1|ten)", "skip": 30, **fault}
    async with tenant(tmp_path, world, lost, None) as served:
        async with going_on(served.arm, file) as (azure, recording):
            part = await collect(azure, EVERYTHING, recording=recording)
        assert part.gaps
        before = served.since()
        served.faults.rules = ()
        async with going_on(served.arm, file) as (azure, recording):
            resumed = await collect(azure, EVERYTHING, recording=recording)
        after = served.since()
    plain = await collected(world)
    assert dated(resumed, plain) == plain
    assert requests_again(before, after) == set()


async def test_a_whole_scan_is_repeated_without_a_request_but_for_what_was_refused(tmp_path: Path) -> None:
    world, file = embedded("contoso"), tmp_path / "scan.resume"
    async with tenant(tmp_path, world, {"path": "^$"}, 3) as served:
        async with going_on(served.arm, file) as (azure, recording):
            first = await collect(azure, EVERYTHING, recording=recording)
        served.since()
        async with going_on(served.arm, file) as (azure, recording):
            second = await collect(azure, EVERYTHING, recording=recording)
        statuses = Counter(status for url, status in served.since() if "/metadata/endpoints" not in url)
    assert second == first
    assert set(statuses) <= {403}
    assert dated(first, world).gaps == dated(second, world).gaps


async def test_secrets_of_a_tenant_are_not_in_the_file(tmp_path: Path) -> None:
    world, file = embedded("contoso"), tmp_path / "scan.resume"
    async with (
        tenant(tmp_path, world, {"path": "^$"}, None) as served,
        going_on(served.arm, file) as (azure, recording),
    ):
        await collect(azure, EVERYTHING, recording=recording)
    held = AnswerFile(file)
    text = b"".join(held.second_line(offset, length) or b"" for offset, length, _ in held.records())
    held.close()
    assert b"x_certificate" in text
    assert b"rawCertData" not in text.replace(b'"rawCertData":"<removed>"', b"")
    assert b"eyJ" not in text
