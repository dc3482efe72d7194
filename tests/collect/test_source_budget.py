"""The number of requests of a scan through Resource Graph, which is a documented promise."""

from collections import Counter
from dataclasses import replace

import pytest

from auditor.collect.collect import collect
from auditor.collect.request import Request
from fixtures.generate import Size, accounts, environment, large
from tests.collect.emulated import serving

EMPTY = Size(projects=0, orphans=0, management_groups=1, inherited=1, assignments=3, users=3, resource_groups=1)
QUERIES = 3
"""What is in the subscriptions, who holds roles there, and which policies are assigned: for up to 250 at once."""

FIXED = 11 + QUERIES
"""Tenants, subscriptions, management groups and those below the root, built-in roles, and the directory."""
MOST_WHERE_FOUND = 60
"""The requests of a subscription with a project, with all that belongs to it."""
PER_SUBSCRIPTION = ("locks", "roleassignments", "denyassignments", "roleeligibilityscheduleinstances", "deletedvaults")


async def asked(size: Size) -> Counter[str]:
    """The requests of a scan of all subscriptions of a generated world, by the last part of their path."""
    world = environment(size, 11)
    async with serving(world) as served:
        await collect(served.azure, Request(all=True, accounts=accounts(world), source="graph"))
        requests = served.requests()
    return Counter(one.partition("?")[0].rpartition("/")[2].lower() for one in requests)


async def test_a_hundred_subscriptions_without_azure_migrate_take_no_request_each() -> None:
    few, many = [await asked(replace(EMPTY, subscriptions=number)) for number in (2, 100)]
    assert few["resources"] == many["resources"] == QUERIES
    assert few.total() == many.total() == FIXED
    assert many.total() <= 100, "at most one a subscription, with all that is read once"


async def test_queries_grow_with_pages_of_a_thousand_rows_and_batches_of_250_subscriptions() -> None:
    counts = await asked(replace(EMPTY, subscriptions=251, vaults=0, workspaces=0, assignments=0))
    assert counts["resources"] == 2 * QUERIES


async def test_only_subscriptions_with_azure_migrate_add_requests() -> None:
    counts = await asked(replace(EMPTY, subscriptions=40, projects=0.1, sites=1))
    found = counts["locks"]
    assert 0 < found < 10
    groups = 2
    assert counts["roleassignmentscheduleinstances"] == found + groups, "until when the account may read there"
    counts["roleassignments"] -= 2 * groups  # whether the account may read, before and after the lists
    counts["denyassignments"] -= 40 - found  # whether anything there is denied
    assert {counts[one] for one in PER_SUBSCRIPTION} == {found}
    assert counts["resources"] == QUERIES + 40, "of each, the list of all resources"
    assert counts.total() <= FIXED + MOST_WHERE_FOUND * found + 2 * (40 - found) + 3 * groups


@pytest.mark.exhaustive
async def test_a_thousand_subscriptions_take_at_most_fifteen_hundred_requests() -> None:
    counts = await asked(replace(large(1_000), projects=0.02))
    assert counts.total() <= 1_500
