"""ARM reads over real TLS: paging, faults, retries and final failures."""

import asyncio
import math
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import pytest

from auditor.azure.bounds import Bounds
from auditor.azure.connection import Azure, connect
from auditor.azure.errors import ReadFailed, Unreachable
from auditor.azure.paging import MOST_PAGES, PageTrail
from tests.azure.hostile_azure import (
    HostileAzure,
    Play,
    Waits,
    answers,
    cuts,
    cuts_without_length,
    gather_into,
    never_answers,
    quick,
    redirects,
    refuses,
    resets,
    sends,
)

GROUPS = "/subscriptions/5a1c6f0e-0000-4000-8000-000000000001/resourcegroups"
VERSION = "2021-04-01"


def page(*names: str, **links: Any) -> dict[str, Any]:
    return {"value": [{"id": f"{GROUPS}/{name}"} for name in names], **links}


async def names_of(azure: Azure, path: str = GROUPS) -> list[str]:
    return [item["id"].rpartition("/")[2] async for items in azure.arm.pages(path, VERSION) for item in items]


async def failure_of(azure: Azure, path: str = GROUPS) -> ReadFailed:
    with pytest.raises(ReadFailed) as raised:
        await names_of(azure, path)
    return raised.value


async def test_pages_are_followed_to_the_end_with_one_call_each(hostile: HostileAzure) -> None:
    hostile.on(
        GROUPS,
        answers(page("a", "b", nextLink=f"{hostile.url}{GROUPS}?api-version={VERSION}&$skiptoken=1")),
        answers(page(nextLink=f"{GROUPS}?api-version={VERSION}&$skiptoken=2")),
        answers(page("c")),
    )
    async with connect(hostile.url, "environment", retry=quick()) as azure:
        assert await names_of(azure) == ["a", "b", "c"]
    calls = hostile.calls(GROUPS)
    assert [call.query.get("$skiptoken") for call in calls] == [None, "1", "2"]
    assert calls[0].query["api-version"] == VERSION
    assert len(hostile.token_requests) == 1


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (page("a", nextLink=""), ["a"]),
        (page("a", nextLink=None), ["a"]),
        (page("a", count={"type": "Total", "value": 7}), ["a"]),
        (page("a", count=1, skipToken=None, isTruncated=False), ["a"]),
        (page("a", **{"@odata.context": "x", "@odata.count": 1}), ["a"]),
        (page("a", isDefault=True, accountId="x", nextMarker="", warnings=[], paging={"next": None}), ["a"]),
        (page("a", __metadata={"resultType": "y", "total": 7, "top": 2147483647, "coreSummaries": [{"x": 1}]}), ["a"]),
    ],
)
async def test_ends_of_a_list(hostile: HostileAzure, body: Any, expected: list[str]) -> None:
    hostile.on(GROUPS, answers(body))
    async with connect(hostile.url, "environment", retry=quick()) as azure:
        assert await names_of(azure) == expected
    assert len(hostile.calls(GROUPS)) == 1


ODD = (201, 202, 203, 206, 207, 226)
"""Statuses of success that do not mean that an answer is complete."""
INCOMPLETE: tuple[dict[str, Any], ...] = (
    {"code": "AuthorizationFailed", "message": "no"},
    {"Message": "Upstream failed"},
    {"statusCode": 500},
    {"count": 1},
    {"Count": "1"},
    {"@odata.count": 1},
    {"totalCount": 7},
    {"isTruncated": True},
    {"resultTruncated": "true"},
    {"$skipToken": "x"},
    {"continuationToken": "x"},
    {"next": "https://management.azure.com/x"},
    {"Value": [{"id": f"{GROUPS}/a"}]},
    *({name: "https://management.azure.com/x"} for name in ("next_link", "@nextLink", "next-link", "nextLinkUrl")),
    {"_links": {"next": {"href": "https://management.azure.com/x"}}},
    {"links": [{"rel": "next", "href": "https://management.azure.com/x"}]},
    {"properties": {"nextLink": "https://management.azure.com/x"}},
    {"endCursor": "x"},
    {"totalRecords": 7},
    {"itemCount": "7"},
    {"isPartial": True},
    {"Warning": "a region did not answer"},
    {"innerError": {"code": "Timeout"}},
    {"items": [{"id": f"{GROUPS}/a"}]},
    {"data": [{"id": f"{GROUPS}/a"}]},
)
"""What says beside the items of a single page that these are not all."""
FINAL: list[tuple[str, Play, int, str, int]] = [
    # what, play, status, code, calls
    ("refused", refuses(403, "AuthorizationFailed"), 403, "AuthorizationFailed", 1),
    ("gone", refuses(404, "SubscriptionNotFound"), 404, "SubscriptionNotFound", 1),
    ("not registered", refuses(409, "MissingSubscriptionRegistration"), 409, "MissingSubscriptionRegistration", 1),
    ("throttled for ever", refuses(429, "TooManyRequests"), 429, "TooManyRequests", 4),
    ("broken for ever", refuses(503, "ServiceUnavailable"), 503, "ServiceUnavailable", 4),
    ("a gateway's page", sends("<html>Bad gateway</html>", "text/html", 502), 502, "BadGateway", 4),
    ("sign-in page of a proxy", sends("<html>Sign in</html>", "text/html"), 200, "NotJson", 1),
    ("empty body", sends("", "application/json"), 200, "NotJson", 1),
    ("reset for ever", resets, 0, "ConnectionBroken", 4),
    ("cut for ever", cuts, 0, "IncompleteBody", 4),
    ("cut, no length, for ever", cuts_without_length, 200, "NotJson", 4),
    ("no list", answers({"id": "/"}), 200, "UnexpectedShape", 1),
    ("a list that is null", answers({"value": None}), 200, "UnexpectedShape", 1),
    ("a bare array where none is documented", answers([]), 200, "UnexpectedShape", 1),
    ("list of texts", answers({"value": ["a"]}), 200, "UnexpectedShape", 1),
    ("next link is a number", answers({"value": [], "nextLink": 7}), 200, "UnexpectedShape", 1),
    ("next link is zero", answers({"value": [], "nextLink": 0}), 200, "UnexpectedShape", 1),
    ("next link is false", answers({"value": [], "nextLink": False}), 200, "UnexpectedShape", 1),
    ("next link is an empty object", answers({"value": [], "nextLink": {}}), 200, "UnexpectedShape", 1),
    ("another spelling of it", answers({"value": [], "NextLink": "https://x.example/"}), 200, "ForeignNextLink", 1),
    ("an error beside no items", answers({"value": [], "error": {"code": "Partial"}}), 200, "UnexpectedShape", 1),
    ("errors beside no items", answers({"value": [], "Errors": [{"code": "Partial"}]}), 200, "UnexpectedShape", 1),
    *((f"{beside} beside no items", answers(page(**beside)), 200, "UnexpectedShape", 1) for beside in INCOMPLETE),
    *((f"{status} and no items", answers({"value": []}, status), status, "UnexpectedStatus", 1) for status in ODD),
]


@pytest.mark.parametrize(("play", "status", "code", "calls"), [row[1:] for row in FINAL], ids=[row[0] for row in FINAL])
async def test_what_finally_fails(hostile: HostileAzure, play: Play, status: int, code: str, calls: int) -> None:
    hostile.on(GROUPS, play)
    async with connect(hostile.url, "environment", retry=quick()) as azure:
        failure = await failure_of(azure)
    assert (failure.status, failure.code) == (status, code)
    assert failure.url.endswith(f"{GROUPS}?api-version={VERSION}")
    # aiohttp itself asks once more when a kept connection breaks, which is not counted as an attempt.
    assert len(hostile.calls(GROUPS)) in ({calls, 2 * calls} if play is resets else {calls})


@pytest.mark.parametrize("fault", [refuses(429), refuses(500), refuses(504), resets, cuts, cuts_without_length])
async def test_a_passing_fault_leaves_no_trace(hostile: HostileAzure, fault: Play) -> None:
    hostile.on(GROUPS, fault, fault, answers(page("a")))
    async with connect(hostile.url, "environment", retry=quick()) as azure:
        assert await names_of(azure) == ["a"]
    assert len(hostile.calls(GROUPS)) == 3


async def test_retry_after_in_seconds_and_as_a_date_is_kept(hostile: HostileAzure) -> None:
    date = format_datetime(datetime(2300, 1, 1, tzinfo=UTC), usegmt=True)
    hostile.on(GROUPS, refuses(429, Retry_After="17"), refuses(503, Retry_After=date), answers(page("a")))
    waits = Waits()
    async with connect(hostile.url, "environment", retry=quick(waits, bound=math.inf)) as azure:
        assert await names_of(azure) == ["a"]
    asked_to_sleep = [round(wait) for wait in waits.seconds if wait > 1]
    assert len(asked_to_sleep) == 2
    assert asked_to_sleep[0] == 17


async def test_a_wait_beyond_the_bound_is_not_begun(hostile: HostileAzure) -> None:
    hostile.on(GROUPS, refuses(429, "TooManyRequests", Retry_After="3600"))
    waits = Waits()
    async with connect(hostile.url, "environment", retry=quick(waits, bound=60)) as azure:
        assert (await failure_of(azure)).status == 429
    assert len(hostile.calls(GROUPS)) == 1
    assert not [wait for wait in waits.seconds if wait > 1]


async def test_an_answer_that_does_not_come_in_time_is_a_timeout_after_every_attempt(hostile: HostileAzure) -> None:
    waits, no_time = Waits(), Bounds(attempt=0)
    with pytest.raises(Unreachable) as raised:
        async with connect(hostile.url, "environment", retry=quick(waits, attempts=2), bounds=no_time):
            raise AssertionError
    assert raised.value.code == "Timeout"
    assert len(waits.seconds) == 1


async def test_a_fault_on_a_later_page_keeps_the_pages_before(hostile: HostileAzure) -> None:
    hostile.on(GROUPS, answers(page("a", nextLink=f"{hostile.url}/later?$skiptoken=secretish")))
    hostile.on("/later", refuses(403, "AuthorizationFailed"))
    seen: list[Any] = []
    async with connect(hostile.url, "environment", retry=quick()) as azure:
        with pytest.raises(ReadFailed) as raised:
            await gather_into(seen, azure.arm.pages(GROUPS, VERSION))
    assert seen == [{"id": f"{GROUPS}/a"}]
    assert "secretish" not in str(raised.value)


async def test_a_link_seen_twice_ends_the_list_as_a_failure(hostile: HostileAzure) -> None:
    hostile.on(GROUPS, answers(page("a", nextLink=f"{hostile.url}/two")))
    hostile.on("/two", answers(page("b", nextLink=f"{hostile.url}/two")))
    async with connect(hostile.url, "environment", retry=quick()) as azure:
        assert (await failure_of(azure)).code == "NextLinkLoop"
    assert len(hostile.asked) == 2


def follow(pages: Iterable[dict[str, Any]]) -> int:
    """Read the pages of a list and return their number."""
    trail, count = PageTrail("https://arm.example/list"), 0
    for count, page in enumerate(pages, start=1):  # noqa: B007 - the last count is what is asked for
        trail.items(page)
        trail.after(page)
    return count


def endless(item: Callable[[int], list[dict[str, Any]]], count: int) -> Iterable[dict[str, Any]]:
    for number in range(count):
        yield {"value": item(number), "nextLink": f"https://arm.example/list?$skiptoken={number}"}


def test_pages_that_hold_nothing_do_not_go_on_for_ever() -> None:
    with pytest.raises(ReadFailed) as raised:
        follow(endless(lambda _: [], 1_000))
    assert raised.value.code == "EndlessPages"


def test_nor_do_pages_that_always_hold_something_new() -> None:
    with pytest.raises(ReadFailed) as raised:
        follow(endless(lambda number: [{"id": f"/{number}"}], MOST_PAGES + 1))
    assert raised.value.code == "EndlessPages"
    assert f"{MOST_PAGES:,} pages" in raised.value.message


def test_a_page_that_comes_again_stands_where_another_one_belongs() -> None:
    with pytest.raises(ReadFailed) as raised:
        follow(endless(lambda number: [{"id": "/A" if number else "/a"}], 2))
    assert raised.value.code == "RepeatedPage"


def test_pages_may_overlap() -> None:
    assert follow(endless(lambda number: [{"id": f"/{number}"}, {"id": f"/{number + 1}"}], 50)) == 50


@pytest.mark.parametrize("far", [False, True])
def test_an_item_that_is_listed_twice_with_different_contents_is_a_contradiction(far: bool) -> None:
    one, other = {"id": "/a", "properties": {"is": 1}}, {"id": "/A", "properties": {"is": 2}}
    pages: list[dict[str, Any]] = (
        [{"value": [one]}, {"value": [{"id": "/b"}, other]}] if far else [{"value": [one, other]}]
    )
    with pytest.raises(ReadFailed) as raised:
        follow({**page, "nextLink": f"https://arm.example/list?$skiptoken={at}"} for at, page in enumerate(pages))
    assert raised.value.code == "Contradiction"
    assert "/a" in raised.value.message.lower()


def test_the_same_contents_twice_are_no_contradiction() -> None:
    one, other = {"id": "/a", "properties": {"is": "A"}}, {"properties": {"is": "a"}, "id": "/A"}
    assert follow(endless(lambda number: [one, other, {"id": f"/{number}"}], 3)) == 3


@pytest.mark.parametrize(
    "body", ['{"value": [{"id": "/a"}], "value": []}', '{"value": [{"id": "/a", "properties": {"is": 1, "is": 2}}]}']
)
async def test_an_object_that_holds_a_name_twice_is_not_understood(hostile: HostileAzure, body: str) -> None:
    hostile.on(GROUPS, sends(body, "application/json"))
    async with connect(hostile.url, "environment", retry=quick()) as azure:
        failure = await failure_of(azure)
    assert (failure.code, failure.status) == ("UnexpectedShape", 200)
    assert "twice" in failure.message


async def test_quotation_marks_in_texts_are_no_names(hostile: HostileAzure) -> None:
    text = r'{"value": [{"id": "/a", "text": "\"\\u0022 \u0022 \\\"", "more": {"text": "\\"}}]}'
    hostile.on(GROUPS, sends(text, "application/json"))
    async with connect(hostile.url, "environment", retry=quick()) as azure:
        assert await names_of(azure) == ["a"]


def test_empty_pages_between_others_are_no_end() -> None:
    assert follow(endless(lambda number: [{"id": f"/{number}"}] if number % 200 == 0 else [], 3_000)) == 3_000


async def test_redirects_are_not_followed(hostile: HostileAzure, stranger: HostileAzure) -> None:
    hostile.on(GROUPS, redirects(f"{stranger.url}/take"))
    async with connect(hostile.url, "environment", retry=quick()) as azure:
        failure = await failure_of(azure)
    assert (failure.status, failure.code) == (302, "Redirected")
    assert stranger.asked == []


async def test_cancelling_ends_a_hanging_read_at_once(hostile: HostileAzure) -> None:
    hostile.on(GROUPS, never_answers)
    async with connect(hostile.url, "environment", retry=quick()) as azure:
        reading = asyncio.create_task(names_of(azure))
        await hostile.first_call()
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
    assert len(hostile.calls(GROUPS)) == 1


async def test_get_returns_the_object(hostile: HostileAzure) -> None:
    path = f"{GROUPS}/rg (1)/providers/Microsoft.KeyVault/vaults/kv%x"
    hostile.on(path, answers({"id": path}))
    async with connect(hostile.url, "environment", retry=quick()) as azure:
        assert await azure.arm.get(path, VERSION, {"$filter": "type eq 'X/Y' & more"}) == {"id": path}
    assert hostile.asked[0].query["$filter"] == "type eq 'X/Y' & more"


async def test_get_wants_an_object(hostile: HostileAzure) -> None:
    hostile.on(GROUPS, answers([]))
    async with connect(hostile.url, "environment", retry=quick()) as azure:
        with pytest.raises(ReadFailed, match="UnexpectedShape"):
            await azure.arm.get(GROUPS, VERSION)


@pytest.mark.parametrize("path", ["subscriptions", "/subscriptions/../tenants", "/./x"])
async def test_a_path_that_is_none_is_refused(hostile: HostileAzure, path: str) -> None:
    async with connect(hostile.url, "environment", retry=quick()) as azure:
        with pytest.raises(ReadFailed, match="ARM path"):
            await azure.arm.get(path, VERSION)
    assert hostile.asked == []


async def test_at_most_so_many_requests_are_under_way(hostile: HostileAzure) -> None:
    under_way, most = 0, 0
    all_busy = asyncio.Event()

    async def counts(_: Any) -> Any:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        if under_way == 3:
            all_busy.set()
        await all_busy.wait()
        await turns_of_the_loop(100)
        under_way -= 1
        return await answers(page("a"))(_)

    hostile.on(GROUPS, counts)
    async with connect(hostile.url, "environment", retry=quick(), concurrency=3) as azure:
        await asyncio.gather(*(names_of(azure) for _ in range(12)))
    assert most == 3
    assert len(hostile.calls(GROUPS)) == 12


async def turns_of_the_loop(count: int) -> None:
    """Let all other tasks that are ready run, `count` times."""
    for _ in range(count):
        await asyncio.sleep(0)


async def test_requests_are_spread_out_when_the_budget_runs_low(hostile: HostileAzure) -> None:
    low: dict[str, str] = {"x-ms-ratelimit-remaining-subscription-reads": "5"}
    hostile.on(GROUPS, answers(page("a"), 200, **low))
    waits = Waits()
    async with connect(hostile.url, "environment", retry=quick(waits)) as azure:
        for _ in range(3):
            await names_of(azure)
    assert len(waits.seconds) >= 1
    assert all(0 < wait < 1 for wait in waits.seconds)
