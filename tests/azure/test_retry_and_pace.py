"""The waits between retries, and the throttle."""

import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.azure.retry import Retry, retry_after
from auditor.azure.throttle import Throttle, budget_of, scarcity_of
from tests.azure.hostile_azure import Waits

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
SUBSCRIPTION_URL = "https://management.azure.com/subscriptions/AAA/resourcegroups?api-version=1"
READS = "x-ms-ratelimit-remaining-subscription-reads"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "5"}, 5),
        ({"Retry-After": " 0.5 "}, 0.5),
        ({"Retry-After": "Mon, 23 Nov 2026 10:00:30 GMT"}, 30),
        ({"Retry-After": "Mon, 23 Nov 2026 09:00:00 GMT"}, 0),
        ({"Retry-After": "Mon, 23 Nov 2026 11:00:30 +0100"}, 30),
        ({"retry-after-ms": "250"}, 0.25),
        ({"x-ms-retry-after-ms": "1500", "Retry-After": "9"}, 1.5),
        ({"Retry-After": "-5"}, None),
        ({"Retry-After": "nan"}, None),
        ({"Retry-After": "inf"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": ""}, None),
        ({}, None),
    ],
)
def test_what_retry_after_asks_for(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers, NOW) == seconds


@given(st.text(max_size=40))
def test_any_text_is_a_wait_or_none(text: str) -> None:
    asked = retry_after({"Retry-After": text}, NOW)
    assert asked is None or asked >= 0


@given(st.integers(-(10**6), 10**6))
def test_a_date_and_its_distance_mean_the_same(seconds: int) -> None:
    date = format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)
    assert retry_after({"Retry-After": date}, NOW) == max(0, seconds)


@given(st.integers(1, 20), st.none() | st.floats(0, 1000), st.floats(0, 1000))
def test_a_wait_is_never_shorter_than_asked_nor_beyond_the_bound(
    failures: int, asked: float | None, elapsed: float
) -> None:
    retry = Retry(attempts=8, bound=300)
    wait = retry.wait(failures, asked, elapsed)
    if wait is None:
        assert failures >= 8 or (asked if asked is not None else 0) * 1.1 + 60 + elapsed > 300
        return
    assert failures < 8
    assert wait >= (asked or 0)
    assert elapsed + wait <= 300


@pytest.mark.parametrize(
    ("headers", "scarcity"),
    [
        ({}, None),
        ({"x-ms-request-id": "1"}, None),
        ({READS: "11999"}, 0),
        ({READS: "50"}, 0),
        ({READS: "25"}, 0.5),
        ({READS: "0"}, 1),
        ({READS: "many"}, 0),
        ({READS: "11999", "X-MS-RateLimit-Remaining-Tenant-Reads": "5"}, 0.9),
        ({"x-ms-ratelimit-remaining-resource": "Microsoft.Compute/HighCost3Min;159,Microsoft.Compute/Low;10"}, 0.8),
        ({"x-ms-throttle-limit-percentage": "0.9"}, 0.5),
        ({"x-ms-throttle-limit-percentage": "1.5"}, 1),
        ({"x-ms-throttle-limit-percentage": "?"}, 0),
    ],
)
def test_scarcity_by_the_headers(headers: dict[str, str], scarcity: float | None) -> None:
    assert scarcity_of(headers.items()) == (scarcity if scarcity is None else pytest.approx(scarcity))


def test_a_budget_is_a_subscription_or_a_host() -> None:
    assert budget_of(SUBSCRIPTION_URL) == "aaa"
    assert budget_of("https://graph.microsoft.com/v1.0/users?x=/y") == "graph.microsoft.com"


async def test_a_scarce_subscription_is_spread_out_and_others_are_not() -> None:
    waits = Waits()
    pace = Throttle(8, waits)
    other = SUBSCRIPTION_URL.replace("AAA", "BBB")
    pace.heard(SUBSCRIPTION_URL, 200, [(READS, "0")])
    for _ in range(3):
        async with pace.turn(SUBSCRIPTION_URL), pace.turn(other):
            pass
    assert len(waits.seconds) == 2
    assert waits.seconds == sorted(waits.seconds)
    pace.heard(SUBSCRIPTION_URL, 200, [(READS, "200")])
    async with pace.turn(SUBSCRIPTION_URL):
        assert len(waits.seconds) == 2


async def test_after_a_throttled_answer_speed_comes_back_by_itself() -> None:
    waits = Waits()
    pace = Throttle(8, waits)
    pace.heard(SUBSCRIPTION_URL, 429, [])
    for _ in range(12):
        async with pace.turn(SUBSCRIPTION_URL):
            pace.heard(SUBSCRIPTION_URL, 200, [])
    spread = len(waits.seconds)
    assert spread > 0
    async with pace.turn(SUBSCRIPTION_URL):
        assert len(waits.seconds) == spread


async def test_a_cancelled_wait_gives_its_slot_back() -> None:
    async def for_ever(_: float) -> None:
        await asyncio.Event().wait()

    pace = Throttle(1, for_ever)
    pace.heard(SUBSCRIPTION_URL, 429, [])
    async with pace.turn(SUBSCRIPTION_URL):
        pass

    async def waits() -> None:
        async with pace.turn(SUBSCRIPTION_URL):
            raise AssertionError

    waiting = asyncio.create_task(waits())
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    async with pace.turn("https://graph.microsoft.com/v1.0/me"):
        pass
