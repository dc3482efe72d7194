"""The query API of Log Analytics: one query, with a token of its own, about the workspaces in the snapshot."""

import pytest

from auditor.azure.errors import ReadFailed
from auditor.collect.readers import ingestion
from auditor.inventory.reads import Gap, Read
from auditor.inventory.resources.ingestion import newest_by_type
from tests.collect.emulated import serving
from tests.facts.leftovers.workspaces.test_verdict import came
from tests.facts.small import WORKSPACE, Body, inventory, workspace

CUSTOMER = "4c0ffee3-9b2a-4d37-8e51-c0a050000003"
CONTENT = came(("Usage", "2026-11-23T08:00:00Z"))
WITH_ID = workspace(customerId=CUSTOMER.upper())

QUERY = ingestion.QUERY.format(days=31)


async def answer(
    *bodies: Body,
    customer: str = CUSTOMER,
    query: str = QUERY,
    gaps: tuple[Gap, ...] = (),
    reads: list[Read] | None = None,
) -> object:
    async with serving(inventory(*bodies, gaps=gaps, reads=reads).snapshot) as served:
        return await served.azure.log_analytics.query(customer, query)


@pytest.mark.parametrize("query", [QUERY, QUERY.replace(" ", ""), QUERY.lower()])
async def test_the_tables_are_those_of_the_snapshot(query: str) -> None:
    assert await answer(WITH_ID, CONTENT, query=query) == CONTENT["properties"]


@pytest.mark.parametrize(
    ("bodies", "customer", "query", "status", "code"),
    [
        ([WITH_ID, CONTENT], "4c0ffee3-0000-4d37-8e51-c0a050000003", QUERY, 404, "WorkspaceNotFoundError"),
        ([WITH_ID, CONTENT], CUSTOMER, "Heartbeat | take 1", 400, "BadArgumentError"),
    ],
)
async def test_what_is_not_answered(bodies: list[Body], customer: str, query: str, status: int, code: str) -> None:
    with pytest.raises(ReadFailed) as failure:
        await answer(*bodies, customer=customer, query=query)
    assert (failure.value.status, failure.value.code) == (status, code)


@pytest.mark.parametrize("reads", [None, [Read("Microsoft.OperationalInsights/ingestion", WORKSPACE)]])
async def test_an_empty_read_is_an_empty_table(reads: list[Read] | None) -> None:
    found = await answer(WITH_ID, reads=reads)
    assert newest_by_type(found) == {}


async def test_without_a_read_the_query_is_forbidden() -> None:
    with pytest.raises(ReadFailed) as failure:
        await answer(WITH_ID, reads=[])
    assert (failure.value.status, failure.value.code) == (403, "InsufficientAccessError")


async def test_a_gap_is_served_as_the_refusal_that_it_was() -> None:
    gap = Gap("Microsoft.OperationalInsights/ingestion", WORKSPACE, 504, "GatewayTimeout", "too slow")
    with pytest.raises(ReadFailed) as failure:
        await answer(WITH_ID, CONTENT, gaps=(gap,))
    assert (failure.value.status, failure.value.code) == (504, "GatewayTimeout")


async def test_a_partial_answer_is_no_answer() -> None:
    partial = CONTENT | {"properties": {**CONTENT["properties"], "error": {"code": "PartialError", "message": "x"}}}
    with pytest.raises(ReadFailed, match="in part"):
        await answer(WITH_ID, partial)


async def test_no_path_can_be_smuggled_in_as_a_workspace() -> None:
    with pytest.raises(ReadFailed) as failure:
        await answer(WITH_ID, customer="../../v1.0/users")
    assert failure.value.code == "NoWorkspaceId"
