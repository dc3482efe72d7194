"""The throttle: who waits for which budget."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from auditor.azure.errors import ReadFailed
from auditor.azure.throttling.limits import Limit, Limits, Pace
from auditor.azure.throttling.throttle import Clock, Throttle
from tests.azure.hostile_azure import Waits

ARM = "https://management.azure.com/subscriptions"
GROUPS, OTHERS = f"{ARM}/AAA/resourcegroups?api-version=1", f"{ARM}/BBB/resourcegroups?api-version=1"
VAULTS = f"{ARM}/AAA/providers/Microsoft.KeyVault/vaults"
PIM, PIM_OF_OTHERS = (
    f"{ARM}/{one}/providers/Microsoft.Authorization/roleEligibilityScheduleInstances" for one in ("AAA", "BBB")
)
USERS = "https://graph.microsoft.com/v1.0/users"
READS = "x-ms-ratelimit-remaining-subscription-reads"


def throttle(waits: Waits, concurrency: int = 8, pace: Pace | None = None) -> Throttle:
    return Throttle(concurrency, Clock(waits), pace or Pace())


async def ask(pace: Throttle, url: str, status: int = 200, headers: dict[str, str] | None = None) -> None:
    async with pace.turn("GET", url) as turn:
        pass
    turn.heard(status, headers or {})


async def test_a_scarce_subscription_waits_and_others_do_not() -> None:
    waits = Waits()
    pace = throttle(waits)
    await ask(pace, GROUPS, headers={READS: "3"})
    assert waits.seconds == []
    await ask(pace, OTHERS)
    assert waits.seconds == []
    await ask(pace, GROUPS)
    assert sum(waits.seconds) == pytest.approx(23 / 25, abs=0.05)


async def test_a_request_that_waits_is_sent_as_soon_as_an_answer_makes_room() -> None:
    waits = Waits()
    pace = throttle(waits, pace=Pace(limits=Limits(resource_graph=Limit(15, 0.01))))
    query = "https://management.azure.com/providers/Microsoft.ResourceGraph/resources"
    quota = {"x-ms-user-quota-remaining": "14", "x-ms-user-quota-resets-after": "00:00:50"}
    async with AsyncExitStack() as sent:
        turns = [await sent.enter_async_context(pace.turn("POST", query)) for _ in range(8)]
        sending = [asyncio.create_task(ask(pace, query)) for _ in range(8)]
        await asyncio.sleep(0)
        assert waits.seconds
        turns[0].heard(200, quota)
    turns[1].heard(200, quota)
    await asyncio.gather(*sending)
    assert sum(waits.seconds) < 5


async def test_a_burst_beyond_the_published_budget_is_spread_before_any_answer() -> None:
    waits = Waits()
    pace = throttle(waits, pace=Pace(limits=Limits(reads=Limit(20, 10))))
    for _ in range(30):
        async with pace.turn("GET", GROUPS):
            pass
    assert sum(waits.seconds) == pytest.approx((30 - 18) / 10, abs=0.1)


@pytest.mark.parametrize(
    ("refused", "cause", "waiting", "free"),
    [
        (GROUPS, {}, [GROUPS, VAULTS, PIM], [OTHERS, USERS]),
        (VAULTS, {"x-ms-failure-cause": "gateway"}, [GROUPS, VAULTS], [OTHERS]),
        (VAULTS, {"x-ms-failure-cause": "service"}, [VAULTS], [GROUPS, OTHERS]),
        (PIM, {"x-ms-failure-cause": "service"}, [PIM, PIM_OF_OTHERS], [GROUPS, OTHERS]),
        (USERS, {}, [USERS], [GROUPS]),
    ],
)
async def test_retry_after_holds_up_all_that_draws_on_the_budget(
    refused: str, cause: dict[str, str], waiting: list[str], free: list[str]
) -> None:
    for url in (*waiting, *free):
        waits = Waits()
        pace = throttle(waits)
        await ask(pace, refused, 429, {"Retry-After": "9", **cause})
        await ask(pace, url)
        assert (sum(waits.seconds) >= 9 - 0.1) is (url in waiting), url


async def test_an_unavailable_service_is_left_alone_as_it_asks() -> None:
    waits = Waits()
    pace = throttle(waits)
    await ask(pace, VAULTS, 503, {"Retry-After": "9"})
    await ask(pace, GROUPS)
    assert waits.seconds == []
    await ask(pace, VAULTS)
    assert sum(waits.seconds) >= 8.9


async def test_a_request_that_waits_for_a_slot_obeys_what_is_refused_meanwhile() -> None:
    waits = Waits()
    pace = throttle(waits, concurrency=1)
    async with pace.turn("GET", GROUPS) as first:
        second = asyncio.create_task(ask(pace, GROUPS))
        await asyncio.sleep(0)
        first.heard(429, {"Retry-After": "9"})
    await second
    assert sum(waits.seconds) >= 8.9


async def test_a_budget_that_is_closed_for_long_fails_its_requests_at_once_and_says_so() -> None:
    waits = Waits()
    pace = throttle(waits)
    await ask(pace, GROUPS, 429, {"Retry-After": "3600"})
    with pytest.raises(ReadFailed, match="Azure asked to wait 3600 more seconds") as failed:
        await ask(pace, VAULTS)
    assert failed.value.code == "GivenUp"
    assert "the budget for reads (aaa)" in failed.value.message
    assert waits.seconds == []
    await ask(pace, OTHERS)


async def test_what_a_batch_was_refused_holds_up_the_next_batch() -> None:
    waits = Waits()
    pace = throttle(waits)
    pace.heard("GET", USERS, 429, {"Retry-After": "5"})
    async with pace.turn("POST", "https://graph.microsoft.com/v1.0/$batch", b'{"requests": []}'):
        pass
    assert sum(waits.seconds) >= 4.9


async def test_the_directory_is_taken_for_a_small_one_until_its_silence_shows_that_it_is_larger() -> None:
    waits = Waits()
    sizes = (Limit(100, 10), Limit(200, 20), Limit(300, 30))
    announced: dict[str, str] = {"x-ms-throttle-limit-percentage": "0.9"}
    silent: dict[str, str] = {}
    for headers, waited in ((announced, True), (silent, False)):
        waits.seconds.clear()
        pace = throttle(waits, pace=Pace(limits=Limits(directory=sizes)))
        for number in range(60):  # 120 units
            await ask(pace, USERS, headers=headers if number > 39 else {})
        assert bool(waits.seconds) is waited


async def test_a_request_waits_for_answers_even_where_no_sleep_waits() -> None:
    async def at_once(_: float) -> None:
        return None

    pace = Throttle(8, Clock(at_once), Pace(limits=Limits(reads=Limit(4, 100))))
    async with AsyncExitStack() as sent:
        for _ in range(3):
            await sent.enter_async_context(pace.turn("GET", GROUPS))
        waiting = asyncio.create_task(ask(pace, GROUPS))
        for _ in range(20):
            await asyncio.sleep(0)
        assert not waiting.done()
    await waiting


async def test_requests_keep_their_distance() -> None:
    waits = Waits()
    pace = throttle(waits, pace=Pace(per_second=4))
    for url in (GROUPS, OTHERS, USERS, VAULTS, GROUPS):
        await ask(pace, url)
    assert sum(waits.seconds) == pytest.approx(1.0, abs=0.05)


async def test_a_cancelled_wait_gives_its_slot_and_its_units_back() -> None:
    async def for_ever(_: float) -> None:
        await asyncio.Event().wait()

    pace = Throttle(1, Clock(for_ever))
    await ask(pace, GROUPS, 429, {"Retry-After": "5"})
    waiting = asyncio.create_task(ask(pace, GROUPS))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await ask(pace, USERS)
    assert all(bucket.under_way == 0 for bucket in pace._buckets.values())
