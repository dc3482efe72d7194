import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest

from auditor.emulator.faults import BadFaults, Faults, faults_of, load_faults
from auditor.emulator.options import Options
from tests.emulator.contoso_corner import MEGAN, Client, S, corner, signed_in

GROUPS = f"{S}/resourcegroups?api-version=2021-04-01"
LOCKS = f"{S}/providers/Microsoft.Authorization/locks?api-version=2020-05-01"
VAULTS = f"{S}/providers/Microsoft.KeyVault/vaults?api-version=2023-07-01"


def with_fault(**rule: object) -> Options:
    return Options(faults=faults_of([rule]))


async def statuses(client: Client, path: str, count: int) -> list[int]:
    return [(await client.get(path)).status for _ in range(count)]


async def test_a_status_for_the_matching_requests() -> None:
    rule = {"path": "RESOURCEGROUPS", "status": 503, "code": "Busy", "headers": {"Retry-After": "7"}, "times": 2}
    async with signed_in(corner(), with_fault(**rule)) as client:
        first = await client.get(GROUPS)
        assert (first.status, first.code, first.headers["Retry-After"]) == (503, "Busy", "7")
        assert (await client.get(VAULTS)).status == 200
        assert await statuses(client, GROUPS, 3) == [503, 200, 200]


async def test_a_body_cut_short_and_a_connection_that_breaks() -> None:
    async with signed_in(corner(), with_fault(path="vaults", cut=0.5, times=1)) as client:
        with pytest.raises(aiohttp.ClientPayloadError):
            await client.get(VAULTS)
        assert (await client.get(VAULTS)).status == 200
    # aiohttp repeats a request if a reused connection breaks
    async with signed_in(corner(), with_fault(path="vaults", reset=True, times=2)) as client:
        with pytest.raises(aiohttp.ClientError):
            await client.get(VAULTS)
        assert (await client.get(VAULTS)).status == 200


class Sleeper:
    """A replacement for `asyncio.sleep` that records the seconds and either returns at once or, with `hangs`, never."""

    def __init__(self, *, hangs: bool = False) -> None:
        self.seconds: list[float] = []
        self.called = asyncio.Event()
        self._hangs = hangs

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)
        self.called.set()
        if self._hangs:
            await asyncio.Event().wait()


async def test_a_delay_comes_before_the_answer_and_adds_to_the_latency() -> None:
    sleeper = Sleeper()
    options = replace(with_fault(path="vaults", delay_ms=50), latency_ms=5, sleep=sleeper)
    async with signed_in(corner(), options) as client:
        sleeper.seconds.clear()
        assert (await client.get(GROUPS)).status == 200
        assert (await client.get(VAULTS)).status == 200
    assert sleeper.seconds == pytest.approx([0.005, 0.055])


async def test_an_answer_that_never_comes() -> None:
    sleeper = Sleeper(hangs=True)
    async with signed_in(corner(), replace(with_fault(path="vaults", hang=True), sleep=sleeper)) as client:
        unanswered = asyncio.create_task(client.get(VAULTS))
        await sleeper.called.wait()
        assert (await client.get(GROUPS)).status == 200
        assert not unanswered.done()
        unanswered.cancel()
    assert sleeper.seconds == [24 * 3600]


async def test_a_true_answer_with_other_headers_and_a_false_body() -> None:
    async with signed_in(
        corner(), with_fault(path="vaults", headers={"x-ms-ratelimit-remaining-subscription-reads": "3"})
    ) as client:
        answer = await client.get(VAULTS)
        assert (answer.status, answer.headers["x-ms-ratelimit-remaining-subscription-reads"]) == (200, "3")
    async with signed_in(corner(), with_fault(path="vaults", status=200, body="<html>")) as client:
        assert (await client.get(VAULTS)).raw == b"<html>"


async def test_requests_in_a_batch_get_faults_too() -> None:
    async with signed_in(
        corner(), with_fault(path=f"users/{MEGAN}", status=429, code="TooManyRequests", times=1)
    ) as client:
        body = {"requests": [{"id": "1", "method": "GET", "url": f"/users/{MEGAN}"}]}
        first, then = [(await client.ask("POST", "/v1.0/$batch", body)).json for _ in range(2)]
    assert [page["responses"][0]["status"] for page in (first, then)] == [429, 200]  # type: ignore[index]


def turns(faults: Faults, requests: list[str]) -> list[bool]:
    return [faults.next("GET", request) is not None for request in requests]


@pytest.mark.parametrize(
    ("rule", "applied"),
    [
        ({}, [True] * 6),
        ({"skip": 2}, [False, False, True, True, True, True]),
        ({"times": 2}, [True, True, False, False, False, False]),
        ({"every": 3}, [False, False, True, False, False, True]),
        ({"skip": 1, "every": 2, "times": 1}, [False, False, True, False, False, False]),
        ({"times": 1, "each_url": True}, [True, True, False, False, False, False]),
        ({"method": "post"}, [False] * 6),
        ({"probability": 0.0}, [False] * 6),
    ],
)
def test_how_often(rule: Mapping[str, object], applied: list[bool]) -> None:
    assert turns(faults_of([{"status": 500, **rule}]), ["/a", "/b"] * 3) == applied


def test_probability_is_repeatable() -> None:
    requests = [f"/{number}" for number in range(200)]
    rule = {"status": 500, "probability": 0.3}
    first = turns(faults_of([rule], seed=7), requests)
    assert first == turns(faults_of([rule], seed=7), requests)
    assert first != turns(faults_of([rule], seed=8), requests)
    assert 20 < sum(first) < 100


@pytest.mark.parametrize(
    "text",
    [
        "faults: [{path: x, status: 500}]\nseed: 3",
        '{"faults": [{"path": "x", "status": 500}]}',
        "- {path: x, status: 500}",
    ],
)
def test_a_fault_file_is_yaml_or_json(tmp_path: Path, text: str) -> None:
    path = tmp_path / "faults.yaml"
    path.write_text(text)
    assert load_faults(path).next("GET", "/X") is not None


@pytest.mark.parametrize(
    "text",
    [
        "faults: [",
        "faults: " + "[" * 100_000,
        "faults: [{color: red}]",
        "faults: [{path: '('}]",
        "3",
        "faults: [{status: often}]",
    ]
    + [f"faults: [{{{rule}}}]" for rule in ("every: 0", "cut: 2", "status: 99", "skip: -1", "probability: 1.5")],
)
def test_a_bad_fault_file_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "faults.yaml"
    path.write_text(text)
    with pytest.raises(BadFaults):
        load_faults(path)


async def test_the_access_log_has_a_line_for_each_request(tmp_path: Path) -> None:
    log = tmp_path / "access.jsonl"
    rules = [{"path": "vaults", "reset": True}, {"path": "locks", "hang": True}, {"path": "tenants", "cut": 0.5}]
    sleeper = Sleeper(hangs=True)
    options = Options(access_log=log, faults=faults_of(rules), sleep=sleeper)
    async with signed_in(corner(), options) as client:
        await client.get(GROUPS)
        with pytest.raises(aiohttp.ClientError):
            await client.get(VAULTS)
        whole = await client.get(GROUPS)
        with pytest.raises(aiohttp.ClientError):
            await client.get("/tenants?api-version=2022-12-01")
        unanswered = asyncio.create_task(client.get(LOCKS))
        await sleeper.called.wait()
        unanswered.cancel()
        lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [(line["method"], line["status"]) for line in lines[:3]] == [("POST", 200), ("GET", 200), ("GET", 0)]
    assert lines[1]["path"] == GROUPS
    assert lines[1]["bytes"] > 0
    assert lines[1]["ms"] >= 0
    last = {line["path"].partition("?")[0].rpartition("/")[2]: line for line in lines}
    assert last["resourcegroups"]["bytes"] == len(whole.raw)
    assert (last["tenants"]["status"], last["locks"]["status"]) == (200, 0)
