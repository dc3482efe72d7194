"""The client of Azure Resource Graph: it pages to the end, and takes nothing odd for an answer."""

from collections.abc import Mapping
from typing import Any

import pytest

from auditor.azure.errors import ReadFailed
from auditor.azure.resource_graph import VERSIONS, ResourceGraphClient, RowShape
from auditor.collect.resource_graph import queries
from auditor.emulator.resource_graph.wrong_rows import WRONG_ROWS
from fixtures.generate import Size, environment
from tests.collect.emulated import serving

WORLD = environment(Size(subscriptions=4, projects=0.5), 3)
NAMES = tuple(sorted(WORLD.header.scope.subscriptions))
RESOURCE_GRAPH = "^/providers/Microsoft.ResourceGraph/"
QUERY = queries.inventory()
SHAPE = RowShape(frozenset(what.lower() for what in QUERY.types), frozenset(NAMES))
AGREE_WITH_THEMSELVES = {
    "rows without one of the subscriptions",
    "rows from before anything was made",
    "rows of subscriptions below another group",
    "no rows",
}


async def rows(page_size: int | None = None, faults: tuple[Mapping[str, object], ...] = ()) -> list[dict[str, Any]]:
    async with serving(WORLD, page_size=page_size, faults=faults) as served:
        return await every(served.azure.resource_graph)


async def every(client: ResourceGraphClient) -> list[dict[str, Any]]:
    return [row async for page in client.pages(QUERY.text, NAMES, VERSIONS[0], SHAPE) for row in page]


@pytest.mark.parametrize("page_size", [1, 3])
async def test_every_page_size_gives_the_same_rows(page_size: int) -> None:
    whole = await rows()
    assert len(whole) > 10
    assert await rows(page_size) == whole


@pytest.mark.parametrize("wrong", sorted(set(WRONG_ROWS) - AGREE_WITH_THEMSELVES))
async def test_an_odd_answer_is_a_failure_and_never_fewer_rows(wrong: str) -> None:
    with pytest.raises(ReadFailed) as failed:
        await rows(faults=({"path": RESOURCE_GRAPH, "wrong": wrong},))
    assert failed.value.status in {200, 400}


async def test_an_odd_later_page_is_a_failure_too() -> None:
    for wrong in ("rows twice", "fewer rows than in all", "rows truncated without a token"):
        with pytest.raises(ReadFailed):
            await rows(3, ({"path": RESOURCE_GRAPH, "wrong": wrong, "skip": 2},))


async def test_a_page_that_comes_again_is_a_failure() -> None:
    async with serving(WORLD, page_size=3) as served:
        wire = served.azure.resource_graph._wire
        first: list[Any] = []

        class Again:
            base_url = wire.base_url
            remembered = staticmethod(wire.remembered)

            async def read(self, *given: Any, **options: Any) -> Any:
                first.append(await wire.read(*given, **options))
                return {**first[-1], "data": first[0]["data"]}

        with pytest.raises(ReadFailed) as failed:
            await every(ResourceGraphClient(Again()))  # type: ignore[arg-type]
    assert failed.value.code == "RepeatedPage"


@pytest.mark.parametrize(("status", "code"), [(400, "BadRequest"), (403, "AuthorizationFailed"), (500, "Oops")])
async def test_a_refusal_keeps_its_status_and_code(status: int, code: str) -> None:
    with pytest.raises(ReadFailed) as failed:
        await rows(faults=({"path": RESOURCE_GRAPH, "status": status, "code": code},))
    assert (failed.value.status, failed.value.code) == (status, code)


async def test_a_throttled_query_is_asked_again() -> None:
    faults = ({"path": RESOURCE_GRAPH, "status": 429, "code": "RateLimiting", "times": 2},)
    assert await rows(faults=faults) == await rows()


async def test_the_reason_of_a_refusal_is_the_one_in_its_details() -> None:
    async with serving(WORLD) as served:
        with pytest.raises(ReadFailed, match="InvalidQuery: Query is invalid"):
            async for _ in served.azure.resource_graph.pages("resources", NAMES, VERSIONS[0], SHAPE):
                pass


@pytest.mark.parametrize(
    "row",
    [
        {"id": f"/subscriptions/{NAMES[0]}/resourceGroups/x", "type": "microsoft.keyvault/vaults", "properties": []},
        {"id": "/providers/Microsoft.KeyVault/vaults/x", "type": "microsoft.keyvault/vaults"},
        {"id": 5, "type": "microsoft.keyvault/vaults"},
        None,
    ],
)
def test_what_is_no_row_of_the_query_has_a_reason(row: object) -> None:
    assert SHAPE.why_not(row)


def test_rows_above_the_subscriptions_and_shared_ones_are_accepted_where_the_query_gives_them() -> None:
    kind = "microsoft.authorization/roledefinitions"
    shape = RowShape(frozenset({kind}), frozenset(NAMES), above=True)
    above = {"id": "/providers/Microsoft.Authorization/roleDefinitions/x", "type": kind}
    shared = {"id": "/subscriptions/00000000-0000-4000-8000-000000000000/providers/x", "type": kind}
    assert not shape.why_not(above)
    assert shape.why_not(shared)
    assert not RowShape(frozenset({kind}), frozenset(NAMES), shared=frozenset({kind})).why_not(shared)
