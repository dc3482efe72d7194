"""Microsoft Graph over real TLS: builders, pages, batches and ids."""

import json
from typing import Any

import pytest
from kiota_abstractions.base_request_configuration import RequestConfiguration
from msgraph.generated.users.item.user_item_request_builder import UserItemRequestBuilder

from auditor.azure.connection import Azure, connect
from auditor.azure.errors import ReadFailed, WriteRefused
from tests.azure.hostile_azure import HostileAzure, Play, Waits, answers, quick, refuses

Item = tuple[int, dict[str, Any], dict[str, str]]


def batches(*rounds: dict[str, list[Item]]) -> Play:
    """Answer each item of a `$batch` by its URL; those of a URL are used in order, and the last one is repeated."""
    left = {url: list(items) for url, items in rounds[0].items()}

    async def play(request: Any) -> Any:
        asked = json.loads(await request.read())["requests"]
        responses = []
        for item in asked:
            assert item["method"] == "GET"
            items = left[item["url"]]
            status, body, headers = items.pop(0) if len(items) > 1 else items[0]
            responses.append({"id": item["id"], "status": status, "headers": headers, "body": body})
        return await answers({"responses": responses[::-1]})(request)

    return play


async def all_of(azure: Azure, request: Any) -> list[dict[str, Any]]:
    return [item async for items in azure.graph.pages(request) for item in items]


async def test_builders_describe_and_our_pipeline_sends(hostile: HostileAzure) -> None:
    hostile.on("/v1.0/me", answers({"id": "u"}))
    hostile.on("/v1.0/users/u", answers({"id": "u"}))
    async with connect(hostile.url, "environment", retry=quick()) as azure:
        builders = azure.graph.builders
        query = UserItemRequestBuilder.UserItemRequestBuilderGetQueryParameters(select=["id", "userType"])
        configuration = RequestConfiguration(query_parameters=query)
        configuration.headers.add("ConsistencyLevel", "eventual")
        assert await azure.graph.get(builders.me.to_get_request_information()) == {"id": "u"}
        named = builders.users.by_user_id("u").to_get_request_information(configuration)
        assert await azure.graph.get(named) == {"id": "u"}
        assert await azure.graph.get("/users/u?$select=id") == {"id": "u"}
        with pytest.raises(TypeError, match=r"Graph\.get"):
            await builders.users.by_user_id("u").get()
        with pytest.raises(WriteRefused):
            await azure.graph.get(builders.users.by_user_id("u").to_delete_request_information())
    assert hostile.asked[1].query["$select"] == "id,userType"
    assert hostile.asked[1].headers["ConsistencyLevel"] == "eventual"
    assert {call.method for call in hostile.asked} == {"GET"}


async def test_pages_follow_the_odata_link(hostile: HostileAzure) -> None:
    hostile.on("/v1.0/groups", answers({"value": [{"id": "1"}], "@odata.nextLink": f"{hostile.url}/v1.0/more?$t=2"}))
    hostile.on("/v1.0/more", answers({"value": [{"id": "2"}]}))
    async with connect(hostile.url, "environment", retry=quick()) as azure:
        assert await all_of(azure, "/groups") == [{"id": "1"}, {"id": "2"}]
    assert len(hostile.asked) == 2


async def test_a_refusal_of_graph_keeps_its_code(hostile: HostileAzure) -> None:
    hostile.on("/v1.0/groups", refuses(403, "Authorization_RequestDenied"))
    async with connect(hostile.url, "environment", retry=quick()) as azure:
        with pytest.raises(ReadFailed) as raised:
            await all_of(azure, "/groups")
    assert (raised.value.status, raised.value.code) == (403, "Authorization_RequestDenied")


async def test_a_batch_keeps_order_and_each_item_its_own_fate(hostile: HostileAzure) -> None:
    found: list[Item] = [(200, {"id": "a"}, {})]
    denied: list[Item] = [(403, {"error": {"code": "Authorization_RequestDenied", "message": "no"}}, {})]
    throttled: list[Item] = [(429, {}, {"retry-after": "11"}), (503, {}, {}), (200, {"id": "c"}, {})]
    hostile.on("/v1.0/$batch", batches({"/users/a": found, "/users/b": denied, "/users/c": throttled}))
    waits = Waits()
    async with connect(hostile.url, "environment", retry=quick(waits)) as azure:
        first, second, third = await azure.graph.batch(["/users/a", "/users/b", "/users/c"])
    assert first == {"id": "a"}
    assert isinstance(second, ReadFailed)
    assert (second.status, second.code) == (403, "Authorization_RequestDenied")
    assert third == {"id": "c"}
    sent = [[item["url"] for item in json.loads(call.body)["requests"]] for call in hostile.asked]
    assert sent == [["/users/a", "/users/b", "/users/c"], ["/users/c"], ["/users/c"]]
    assert any(11 <= wait < 13 for wait in waits.seconds)


async def test_an_item_throttled_for_ever_is_a_failure(hostile: HostileAzure) -> None:
    hostile.on("/v1.0/$batch", batches({"/users/a": [(429, {"error": {"code": "TooManyRequests"}}, {})]}))
    async with connect(hostile.url, "environment", retry=quick(attempts=3)) as azure:
        [answer] = await azure.graph.batch(["/users/a"])
    assert isinstance(answer, ReadFailed)
    assert answer.status == 429
    assert len(hostile.asked) == 3


async def test_a_batched_collection_comes_whole(hostile: HostileAzure) -> None:
    page: Item = (200, {"value": [{"id": "1"}], "@odata.nextLink": f"{hostile.url}/v1.0/more"}, {})
    hostile.on("/v1.0/$batch", batches({"/users/a/memberOf": [page]}))
    hostile.on("/v1.0/more", answers({"value": [{"id": "2"}]}))
    async with connect(hostile.url, "environment", retry=quick()) as azure:
        assert await azure.graph.batch(["/users/a/memberOf"]) == [{"value": [{"id": "1"}, {"id": "2"}]}]


async def test_a_batched_collection_does_not_lead_away(hostile: HostileAzure, stranger: HostileAzure) -> None:
    page: Item = (200, {"value": [], "@odata.nextLink": f"{stranger.url}/v1.0/more"}, {})
    hostile.on("/v1.0/$batch", batches({"/users/a/memberOf": [page]}))
    async with connect(hostile.url, "environment", retry=quick()) as azure:
        [answer] = await azure.graph.batch(["/users/a/memberOf"])
    assert isinstance(answer, ReadFailed)
    assert answer.code == "ForeignNextLink"
    assert stranger.asked == []


async def test_twenty_travel_at_once(hostile: HostileAzure) -> None:
    urls = [f"/users/{number}" for number in range(45)]
    hostile.on("/v1.0/$batch", batches({url: [(200, {"id": url}, {})] for url in urls}))
    async with connect(hostile.url, "environment", retry=quick()) as azure:
        assert await azure.graph.batch(urls) == [{"id": url} for url in urls]
        assert await azure.graph.batch([]) == []
    assert sorted(len(json.loads(call.body)["requests"]) for call in hostile.asked) == [5, 20, 20]


@pytest.mark.parametrize(
    ("play", "code"),
    [
        (refuses(403, "Forbidden"), "Forbidden"),
        (answers({"responses": []}), "NoBatchAnswer"),
        (answers({"responses": "x"}), "NoBatchAnswer"),
        (answers({"responses": [{"id": "0", "status": 200, "body": "dGV4dA=="}]}), "UnexpectedShape"),
        (answers({"responses": [{"id": "0", "body": {}}]}), "Http0"),
    ],
)
async def test_a_batch_that_fails_or_answers_oddly(hostile: HostileAzure, play: Play, code: str) -> None:
    hostile.on("/v1.0/$batch", play)
    async with connect(hostile.url, "environment", retry=quick()) as azure:
        [answer] = await azure.graph.batch(["/users/a"])
    assert isinstance(answer, ReadFailed)
    assert answer.code == code


ODD_ITEMS: dict[str, Any] = {
    "the list under another name": {"body": {"Value": []}},
    "the list twice": {"body": {"value": [], "Value": [{"id": "1"}]}},
    "no list and a further page": {"body": {"id": "a", "@odata.nextLink": "https://graph/more"}},
    "a link in other letters": {"body": {"id": "a", "@OData.NextLink": "https://graph/more"}},
    "an error in other letters": {"body": {"id": "a", "Error": {"code": "x"}}},
    "errors beside the items": {"body": {"value": [], "errors": [{"code": "x"}]}},
    "an error beside the body": {"body": {"id": "a"}, "error": {"code": "x", "message": "y"}},
    "two bodies": {"body": {"value": []}, "Body": {"value": [{"id": "1"}]}},
    "the body under another name": {"Body": {"id": "a"}},
    "a list as the body": {"body": [{"id": "1"}]},
    "a list of texts": {"body": {"value": ["a"]}},
    "no list": {"body": {"value": None}},
    "an object for the list": {"body": {"value": {"id": "1"}}},
    "a count that differs": {"body": {"value": [], "@odata.count": 3}},
    "a list that goes on without a link": {"body": {"value": [], "@odata.nextLink": None, "hasMore": True}},
    "a status in words": {"status": "200", "body": {"id": "a"}},
    "a status that is true": {"status": True, "body": {"id": "a"}},
    "no content": {"status": 204, "body": {}},
    "not modified": {"status": 304, "body": {}},
}


@pytest.mark.parametrize("item", ODD_ITEMS.values(), ids=ODD_ITEMS)
async def test_an_item_of_a_batch_that_is_not_understood_is_no_answer(
    hostile: HostileAzure, item: dict[str, Any]
) -> None:
    hostile.on("/v1.0/$batch", answers({"responses": [{"id": "0", "status": 200, **item}]}))
    async with connect(hostile.url, "environment", retry=quick(attempts=1)) as azure:
        [answer] = await azure.graph.batch(["/users/a"])
    assert isinstance(answer, ReadFailed)
    assert not answer.documented


@pytest.mark.parametrize("more", [{}, {"value": []}, {"id": "a"}])
async def test_that_an_object_is_missing_is_believed_only_in_the_exact_form(
    hostile: HostileAzure, more: dict[str, Any]
) -> None:
    error = {"code": "Request_ResourceNotFound", "message": "no", "innerError": {"date": "2026"}}
    hostile.on("/v1.0/$batch", answers({"responses": [{"id": "0", "status": 404, "body": {"error": error, **more}}]}))
    async with connect(hostile.url, "environment", retry=quick()) as azure:
        [answer] = await azure.graph.batch(["/users/a"])
    assert isinstance(answer, ReadFailed)
    assert answer.documented is not bool(more)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 500])
async def test_the_status_of_a_batch_is_no_status_of_its_items(hostile: HostileAzure, status: int) -> None:
    hostile.on("/v1.0/$batch", refuses(status, "Request_ResourceNotFound"))
    async with connect(hostile.url, "environment", retry=quick(attempts=1)) as azure:
        found = await azure.graph.batch(["/users/a", "/users/b"])
    for answer in found:
        assert isinstance(answer, ReadFailed)
        assert (answer.status, answer.documented) == (0, False)
        assert f"{status} Request_ResourceNotFound" in answer.message


async def test_an_item_that_stands_twice_in_a_batch_is_no_answer(hostile: HostileAzure) -> None:
    twice = [{"id": "0", "status": 200, "body": {"id": name}} for name in "ab"]
    hostile.on("/v1.0/$batch", answers({"responses": twice}))
    async with connect(hostile.url, "environment", retry=quick()) as azure:
        [answer] = await azure.graph.batch(["/users/a"])
    assert isinstance(answer, ReadFailed)
    assert answer.code == "NoBatchAnswer"


async def test_objects_by_id_in_chunks_without_doubles(hostile: HostileAzure) -> None:
    async def play(request: Any) -> Any:
        wanted = json.loads(await request.read())
        return await answers({"value": [{"id": one} for one in wanted["ids"]]})(request)

    hostile.on("/v1.0/directoryObjects/getByIds", play)
    ids = [str(number) for number in range(2100)]
    async with connect(hostile.url, "environment", retry=quick()) as azure:
        found = await azure.graph.by_ids([*ids, *ids], ["user"])
        assert await azure.graph.by_ids([]) == []
    assert [item["id"] for item in found] == ids
    assert sorted(len(json.loads(call.body)["ids"]) for call in hostile.asked) == [100, 1000, 1000]
    assert json.loads(hostile.asked[0].body)["types"] == ["user"]


async def test_reading_posts_are_repeated_after_a_fault(hostile: HostileAzure) -> None:
    hostile.on("/v1.0/directoryObjects/getByIds", refuses(503), answers({"value": [{"id": "1"}]}))
    async with connect(hostile.url, "environment", retry=quick()) as azure:
        assert await azure.graph.by_ids(["1"]) == [{"id": "1"}]
    assert len(hostile.asked) == 2


async def test_a_cloud_without_graph_fails_reads_only(hostile: HostileAzure) -> None:
    hostile.metadata = lambda version: {**hostile.modern_metadata(version), "microsoftGraphResourceId": None}
    async with connect(hostile.url, "environment", retry=quick()) as azure:
        with pytest.raises(ReadFailed, match="NoGraphEndpoint"):
            await azure.graph.get("/me")
