"""Which budgets a request draws on, and what answers say about them."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.azure.throttling.budgets import BudgetKind, draws_of
from auditor.azure.throttling.headers import Heard, heard_in

ARM = "https://management.azure.com"
GRAPH = "https://graph.microsoft.com/v1.0"
AAA = f"{ARM}/subscriptions/AAA"
READS, EVERYONE, PROVIDER = BudgetKind.READS, BudgetKind.GLOBAL_READS, BudgetKind.PROVIDER
PIM = "Privileged Identity Management"


@pytest.mark.parametrize(
    ("method", "url", "budgets"),
    [
        ("GET", f"{AAA}/resourcegroups?api-version=1", [(READS, "aaa"), (EVERYONE, "aaa")]),
        (
            "GET",
            f"{AAA}/providers/Microsoft.KeyVault/vaults?api-version=1",
            [(READS, "aaa"), (EVERYONE, "aaa"), (PROVIDER, "microsoft.keyvault in aaa")],
        ),
        (
            "GET",
            f"{AAA}/resourceGroups/g/providers/Microsoft.Web/sites/s/providers/Microsoft.Insights/diagnosticSettings",
            [(READS, "aaa"), (EVERYONE, "aaa"), (PROVIDER, "microsoft.insights in aaa")],
        ),
        (
            "GET",
            f"{AAA}/providers/Microsoft.Authorization/roleEligibilityScheduleInstances?api-version=1",
            [(READS, "aaa"), (EVERYONE, "aaa"), (PROVIDER, PIM)],
        ),
        (
            "DELETE",
            f"{AAA}/resourceGroups/g",
            [(BudgetKind.DELETES, "aaa"), (BudgetKind.GLOBAL_DELETES, "aaa")],
        ),
        ("PUT", f"{AAA}/resourceGroups/g", [(BudgetKind.WRITES, "aaa"), (BudgetKind.GLOBAL_WRITES, "aaa")]),
        ("GET", f"{ARM}/subscriptions?api-version=1", [(READS, "")]),
        ("GET", f"{ARM}/tenants?api-version=1", [(READS, "")]),
        (
            "GET",
            f"{ARM}/providers/Microsoft.Management/managementGroups/g/descendants",
            [(READS, ""), (PROVIDER, "microsoft.management")],
        ),
        ("POST", f"{ARM}/providers/Microsoft.ResourceGraph/resources?x=/y", [(BudgetKind.RESOURCE_GRAPH, "")]),
        ("GET", f"{GRAPH}/users?x=/y", [(BudgetKind.DIRECTORY, "")]),
        ("POST", "https://api.loganalytics.io/v1/workspaces/w/query", [(BudgetKind.LOGS, "")]),
        ("GET", "https://contoso.example/metadata/endpoints?a=1", [(BudgetKind.HOST, "contoso.example")]),
        ("GET", "https://contoso.example", [(BudgetKind.HOST, "https://contoso.example")]),
    ],
)
def test_what_a_request_draws_on(method: str, url: str, budgets: list[tuple[BudgetKind, str]]) -> None:
    assert [tuple(budget) for budget, _ in draws_of(method, url)] == budgets


@pytest.mark.parametrize(
    ("method", "target", "units"),
    [
        ("GET", "/users", 2),
        ("GET", "/users?$select=id", 1),
        ("GET", "/users?%24select=id&$expand=manager", 2),
        ("GET", "/users?$top=5", 1),
        ("GET", "/users?$top=999", 2),
        ("GET", "/users/1", 1),
        ("GET", "/users/1/transitiveMemberOf", 2),
        ("GET", "/groups/1/members", 3),
        ("GET", "/groups/1/transitiveMembers?$expand=x", 6),
        ("GET", "/applications", 2),
        ("POST", "/users/1/checkMemberGroups", 4),
        ("POST", "/users/1/getMemberObjects", 2),
        ("POST", "/directoryObjects/getByIds", 3),
        ("POST", "/directoryObjects/microsoft.graph.getByIds", 3),
        ("GET", "/policies/authorizationPolicy?$select=id", 1),
    ],
)
def test_the_units_of_a_request_to_the_directory(method: str, target: str, units: float) -> None:
    assert [taken for _, taken in draws_of(method, GRAPH + target)] == [units]


def test_a_batch_costs_what_its_requests_cost() -> None:
    requests = [{"id": "1", "method": "GET", "url": "/users"}, {"id": "2", "url": "/groups/1/members?$select=id"}]
    [(budget, units)] = draws_of("POST", f"{GRAPH}/$batch", json.dumps({"requests": requests}).encode())
    assert (budget.kind, units) == (BudgetKind.DIRECTORY, 4)


@given(st.binary(max_size=60), st.text(max_size=40))
def test_any_request_draws_on_something(body: bytes, text: str) -> None:
    for url in (text, f"{GRAPH}/$batch", f"https://contoso.example/{text}", f"{AAA}/{text}"):
        found = draws_of("POST", url, body)
        assert found
        assert all(units >= 1 for _, units in found)


@pytest.mark.parametrize(
    ("headers", "heard"),
    [
        ({}, Heard({})),
        ({"x-ms-request-id": "1"}, Heard({})),
        ({"X-MS-RateLimit-Remaining-Subscription-Reads": "11999"}, Heard({READS: 11999})),
        ({"x-ms-ratelimit-remaining-tenant-reads": "9"}, Heard({READS: 9})),
        ({"x-ms-ratelimit-remaining-subscription-global-reads": "3"}, Heard({EVERYONE: 3})),
        ({"x-ms-ratelimit-remaining-subscription-reads": "many"}, Heard({})),
        (
            {"x-ms-ratelimit-remaining-resource": "Microsoft.Compute/HighCost3Min;159,Microsoft.Compute/Low;10"},
            Heard({PROVIDER: 10}),
        ),
        ({"x-ms-ratelimit-remaining-tenant-resource-requests": "4"}, Heard({PROVIDER: 4})),
        (
            {"x-ms-user-quota-remaining": "10", "x-ms-user-quota-resets-after": "00:01:03"},
            Heard({BudgetKind.RESOURCE_GRAPH: 10}, resets_after=63),
        ),
        ({"x-ms-user-quota-resets-after": "soon"}, Heard({})),
        ({"x-ms-resource-unit": "5", "x-ms-throttle-limit-percentage": "0.9"}, Heard({}, units=5, share=0.9)),
        ({"x-ms-throttle-limit-percentage": "nan"}, Heard({})),
        ({"x-ms-failure-cause": "service"}, Heard({}, of_provider=True)),
        ({"x-ms-failure-cause": "gateway"}, Heard({}, of_provider=False)),
    ],
)
def test_what_the_headers_of_an_answer_say(headers: dict[str, str], heard: Heard) -> None:
    assert heard_in(headers.items()) == heard
