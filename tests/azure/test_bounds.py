"""The bounds of a connection: the size and time of an answer, the time of a sign-in, and outages."""

import asyncio
import base64
import gzip
import resource
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web

from auditor.azure.bounds import Bounds
from auditor.azure.connection import Azure, connect
from auditor.azure.errors import ReadFailed, SignInFailed
from auditor.azure.retry import FEWEST, Outage
from tests.azure.hostile_azure import CLIENT, HostileAzure, answers, jwt, quick, refuses, resets, sends

GROUPS = "/subscriptions/5a1c6f0e-0000-4000-8000-000000000001/resourcegroups"
VERSION = "2021-04-01"
MIB = 1024 * 1024


async def failure_of(read: Callable[[], Awaitable[Any]]) -> ReadFailed:
    with pytest.raises(ReadFailed) as raised:
        await read()
    return raised.value


async def listed(azure: Azure) -> list[Any]:
    return [item async for page in azure.arm.pages(GROUPS, VERSION) for item in page]


async def test_a_body_that_grows_when_it_is_decompressed_is_given_up_and_not_asked_for_again(
    hostile: HostileAzure,
) -> None:
    packed = gzip.compress(b'{"value": ["' + b"x" * 256 * MIB + b'"]}')

    async def bomb(_: web.Request) -> web.StreamResponse:
        return web.Response(body=packed, content_type="application/json", headers={"Content-Encoding": "gzip"})

    hostile.on(GROUPS, bomb)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    async with connect(hostile.url, "environment", retry=quick(), bounds=Bounds(answer=4 * MIB)) as azure:
        failure = await failure_of(lambda: listed(azure))
    assert (failure.status, failure.code) == (200, "AnswerTooLarge")
    assert "4 MiB" in failure.message
    assert len(hostile.calls(GROUPS)) == 1
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
    assert grown < 128, f"it took {grown} MiB of memory"


@pytest.mark.parametrize("value", ["{}", "[]", "1"])
async def test_an_answer_of_more_values_than_any_list_has_is_not_decoded(hostile: HostileAzure, value: str) -> None:
    bounds = Bounds(answer=1 * MIB)
    many = bounds.values + 1

    async def values(_: web.Request) -> web.StreamResponse:
        return web.Response(text=f'{{"value": [{",".join([value] * many)}]}}', content_type="application/json")

    hostile.on(GROUPS, values)
    async with connect(hostile.url, "environment", retry=quick(), bounds=bounds) as azure:
        failure = await failure_of(lambda: listed(azure))
    assert (failure.status, failure.code) == (200, "AnswerTooLarge")
    assert f"{bounds.values:,} values" in failure.message


async def test_a_large_answer_within_the_bound_is_read(hostile: HostileAzure) -> None:
    hostile.on(GROUPS, answers({"value": [{"id": "/x", "more": "y" * 2 * MIB}]}))
    async with connect(hostile.url, "environment", retry=quick(), bounds=Bounds(answer=4 * MIB)) as azure:
        assert len(await listed(azure)) == 1


async def test_an_answer_that_drips_costs_one_budget_with_all_its_repetitions(hostile: HostileAzure) -> None:
    async def drips(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        while True:
            await response.write(b" ")
            await asyncio.sleep(0.02)

    hostile.on(GROUPS, drips)
    async with connect(
        hostile.url, "environment", retry=quick(attempts=50, bound=1.0), bounds=Bounds(attempt=0.4)
    ) as azure:
        failure = await failure_of(lambda: listed(azure))
    assert failure.code == "Timeout"
    assert len(hostile.calls(GROUPS)) <= 4


async def test_a_time_to_wait_beyond_the_budget_ends_the_request_at_once(hostile: HostileAzure) -> None:
    hostile.on(GROUPS, refuses(429, Retry_After="3600"))
    async with connect(hostile.url, "environment", retry=quick(bound=100)) as azure:
        assert (await failure_of(lambda: listed(azure))).status == 429
    assert len(hostile.calls(GROUPS)) == 1


async def test_signing_in_has_a_budget_of_its_own(hostile: HostileAzure) -> None:
    hostile.token_plays = [refuses(429, Retry_After="3600")]
    with pytest.raises(SignInFailed) as raised:
        async with connect(hostile.url, "environment", retry=quick(), bounds=Bounds(sign_in=0.5)):
            raise AssertionError
    assert "no answer within 0.5 seconds" in str(raised.value)


@pytest.mark.parametrize(("play", "kind"), [(refuses(503), "status 503"), (resets, "ConnectionBroken")])
async def test_an_endpoint_that_fails_in_one_way_for_long_is_asked_no_more(
    hostile: HostileAzure, play: Any, kind: str
) -> None:
    hostile.on(GROUPS, play)
    async with connect(
        hostile.url, "environment", retry=quick(attempts=FEWEST + 2), bounds=Bounds(outage=0.0)
    ) as azure:
        first = await failure_of(lambda: listed(azure))
        asked = len(hostile.calls(GROUPS))
        second = await failure_of(lambda: listed(azure))
    assert asked == FEWEST
    assert len(hostile.calls(GROUPS)) == asked
    assert first.code != "GivenUp"
    assert (second.status, second.code) == (0, "GivenUp")
    assert kind in second.message


async def test_any_other_answer_ends_an_outage() -> None:
    outage = Outage(patience=0.0)
    for _ in range(FEWEST):
        outage.failed("status 503")
    with pytest.raises(ReadFailed, match="status 503"):
        outage.refuse("https://arm.example/")
    outage.failed("status 500")
    outage.refuse("https://arm.example/")
    for _ in range(FEWEST):
        outage.failed("status 500")
    outage.answered()
    outage.refuse("https://arm.example/")


async def test_a_short_run_of_failures_is_no_outage() -> None:
    outage = Outage(patience=30.0)
    for _ in range(1_000):
        outage.failed("status 503")
    outage.refuse("https://arm.example/")


def nested(depth: int) -> str:
    """Return a token with a deeply nested payload."""
    payload = base64.urlsafe_b64encode(b'{"tid": ' + b"[" * depth + b"]" * depth + b"}").decode().rstrip("=")
    return f"e30.{payload}.x"


@pytest.mark.parametrize(
    "token", [nested(100_000), "", "x", "a.b.c", "e30.W10.x", "e30.bnVsbA.x", 5, None, [], {"a": 1}, jwt(tid=5)]
)
async def test_a_token_that_cannot_be_read_is_a_failed_sign_in(hostile: HostileAzure, token: object) -> None:
    hostile.token_plays = [answers({"token_type": "Bearer", "expires_in": 3600, "access_token": token})]
    with pytest.raises(SignInFailed):
        async with connect(hostile.url, "environment", retry=quick(), bounds=Bounds(sign_in=10)) as azure:
            await azure.identity()


@pytest.mark.parametrize(
    "answer",
    [
        answers({"access_token": jwt(), "expires_in": "soon", "token_type": "Bearer"}),
        answers([]),
        answers(None),
        sends("<html>", "text/html"),
        sends("{cut", "application/json"),
        sends("[" * 100_000, "application/json"),
        refuses(400),
        answers({"error": "invalid_client", "error_description": f"AADSTS700016: no application {CLIENT}"}, 401),
    ],
)
async def test_whatever_a_token_endpoint_answers_is_a_token_or_a_failed_sign_in(
    hostile: HostileAzure, answer: Any
) -> None:
    hostile.token_plays = [answer]
    with pytest.raises(SignInFailed):
        async with connect(hostile.url, "environment", retry=quick(), bounds=Bounds(sign_in=10)):
            raise AssertionError
