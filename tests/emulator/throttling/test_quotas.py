"""The budgets that an emulator serves."""

import json
from pathlib import Path

import pytest

from auditor.azure.throttling.budgets import draws_of
from auditor.emulator.entra.tokens import Caller
from auditor.emulator.exchange import HttpRequest, HttpResponse, Refusal, split_target
from auditor.emulator.faults import BadFaults, load_faults
from auditor.emulator.options import Options
from auditor.emulator.throttling.quota_sizes import QuotaSize, QuotaSizes, WindowSize, directory_size
from auditor.emulator.throttling.quotas import Quotas
from auditor.emulator.throttling.resource_units import resource_units
from tests.emulator.contoso_corner import MEGAN, TENANT, S, corner, signed_in

AUDITOR, OTHER = Caller("auditor", "audit-app", False), Caller("other", "other-app", False)
GROUPS = f"{S}/resourcegroups"
READS = "x-ms-ratelimit-remaining-subscription-reads"


class Hand:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


PUBLISHED = QuotaSizes()


def quotas(sizes: QuotaSizes = PUBLISHED, clock: Hand | None = None) -> Quotas:
    return Quotas(sizes, directory_size(10), TENANT, clock or Hand())


def request(path: str, method: str = "GET") -> HttpRequest:
    target, query = split_target(path)
    return HttpRequest(method, target, query, {}, "https://127.0.0.1")


def refused(ask: Quotas, path: str, caller: Caller = AUDITOR, method: str = "GET") -> HttpResponse:
    with pytest.raises(Refusal) as refusal:
        ask.of_arm(request(path, method), caller)
    assert refusal.value.response.status == 429
    return refusal.value.response


def test_a_principal_reads_250_times_in_a_subscription_and_then_25_times_a_second() -> None:
    clock = Hand()
    ask = quotas(clock=clock)
    left = [int(ask.of_arm(request(GROUPS), AUDITOR)[READS]) for _ in range(250)]
    assert left == list(range(249, -1, -1))
    answer = refused(ask, GROUPS)
    error = json.loads(answer.body)["error"]
    assert error["code"] == "SubscriptionRequestsThrottled"
    assert "Please try again after '1' seconds" in error["message"]
    assert answer.headers == {"Retry-After": "1", READS: "0", "x-ms-failure-cause": "gateway"}
    clock.now += 1
    assert [int(ask.of_arm(request(GROUPS), AUDITOR)[READS]) for _ in range(25)] == list(range(24, -1, -1))
    refused(ask, GROUPS)


def test_each_subscription_principal_kind_and_the_tenant_have_their_own() -> None:
    ask = quotas(QuotaSizes(reads=QuotaSize(1, 0.1), writes=QuotaSize(1, 0.1), deletes=QuotaSize(1, 0.1)))
    headers = ask.of_arm(request(GROUPS), AUDITOR)
    assert headers == {READS: "0", "x-ms-ratelimit-remaining-subscription-global-reads": "14"}
    assert refused(ask, GROUPS.upper()).headers["Retry-After"] == "10"
    for path, method, caller, header in (
        (GROUPS, "GET", OTHER, READS),
        ("/subscriptions/2/resourcegroups", "GET", AUDITOR, READS),
        (GROUPS, "DELETE", AUDITOR, "x-ms-ratelimit-remaining-subscription-deletes"),
        (GROUPS, "PUT", AUDITOR, "x-ms-ratelimit-remaining-subscription-writes"),
        ("/subscriptions", "GET", AUDITOR, "x-ms-ratelimit-remaining-tenant-reads"),
    ):
        assert ask.of_arm(request(path, method), caller)[header] == "0"
        assert header in refused(ask, path, caller, method).headers
    assert json.loads(refused(ask, "/tenants").body)["error"]["code"] == "TenantRequestsThrottled"


def test_all_principals_of_a_subscription_have_fifteen_times_as_many() -> None:
    ask = quotas(QuotaSizes(reads=QuotaSize(2, 1), principals=2))
    for name in ("a", "b"):
        for _ in range(2):
            ask.of_arm(request(GROUPS), Caller(name, "app", False))
    refused(ask, GROUPS, Caller("c", "app", False))


def test_a_user_has_fifteen_queries_of_resource_graph_in_five_seconds() -> None:
    clock = Hand()
    ask = quotas(clock=clock)
    path = "/providers/Microsoft.ResourceGraph/resources"
    left = []
    for _ in range(15):
        headers = ask.of_arm(request(path, "POST"), AUDITOR)
        left.append(headers["x-ms-user-quota-remaining"])
        assert headers["x-ms-user-quota-resets-after"] == "00:00:05"
    assert left == [str(number) for number in range(14, -1, -1)]
    clock.now += 2.5
    answer = refused(ask, path, method="POST")
    assert json.loads(answer.body)["error"]["code"] == "RateLimiting"
    assert (answer.headers["Retry-After"], answer.headers["x-ms-user-quota-resets-after"]) == ("3", "00:00:03")
    clock.now += 2.5
    assert ask.of_arm(request(path, "POST"), AUDITOR)["x-ms-user-quota-remaining"] == "14"


def test_an_application_has_the_units_of_the_directorys_size_and_is_warned_from_four_fifths() -> None:
    assert [directory_size(users).burst for users in (49, 50, 500, 501)] == [3500, 5000, 5000, 8000]
    ask = quotas(QuotaSizes(directory=QuotaSize(20, 1)))
    warned = [ask.of_directory(request("/v1.0/users"), AUDITOR) for _ in range(10)]
    shares = [headers.get("x-ms-throttle-limit-percentage") for headers in warned]
    assert shares == [None] * 7 + ["0.80", "0.90", "1.00"]
    assert {headers["x-ms-resource-unit"] for headers in warned} == {"2"}
    with pytest.raises(Refusal) as refusal:
        ask.of_directory(request("/v1.0/users"), AUDITOR)
    assert refusal.value.response.headers["Retry-After"] == "2"
    ask.of_directory(request("/v1.0/users"), OTHER)


def test_the_lists_of_pim_have_a_budget_only_where_one_is_given() -> None:
    path = f"{S}/providers/Microsoft.Authorization/roleEligibilityScheduleInstances"
    ask = quotas(QuotaSizes(pim=QuotaSize(1, 0.1)))
    ask.of_arm(request(path), AUDITOR)
    answer = refused(ask, path.replace(S, "/subscriptions/2"))
    assert answer.headers["x-ms-failure-cause"] == "service"
    assert READS in answer.headers
    without = quotas()
    for _ in range(100):
        without.of_arm(request(path), AUDITOR)


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("query", ["", "?$select=id", "?$expand=a&$top=5", "?$top=999"])
@pytest.mark.parametrize(
    "path",
    [
        "/users",
        "/users/1",
        "/me",
        "/groups/1/members",
        "/groups/1/transitiveMembers",
        "/users/1/transitiveMemberOf",
        "/users/1/transitiveMemberOf/microsoft.graph.group",
        "/applications/1/owners",
        "/applications(appId='1')",
        "/servicePrincipals",
        "/directoryObjects/getByIds",
        "/directoryObjects/microsoft.graph.getByIds",
        "/users/1/checkMemberGroups",
        "/users/1/getMemberObjects",
        "/directory/deletedItems/microsoft.graph.application",
        "/roleManagement/directory/roleAssignments",
        "/policies/authorizationPolicy",
    ],
)
def test_client_and_emulator_count_the_same_units(path: str, query: str, method: str) -> None:
    [(_, units)] = draws_of(method, f"https://graph.microsoft.com/v1.0{path}{query}")
    assert resource_units(request(f"/v1.0{path}{query}", method)) == units


async def test_requests_of_a_batch_are_refused_one_by_one() -> None:
    sizes = QuotaSizes(directory=QuotaSize(5, 0.01))
    batch = {"requests": [{"id": str(n), "method": "GET", "url": f"/users/{MEGAN}"} for n in range(7)]}
    async with signed_in(corner(), Options(quotas=sizes)) as client:
        client.token = str((await client.sign_in(scope=f"{client.endpoints.graph}/.default"))["access_token"])
        answer = await client.ask("POST", "/v1.0/$batch", batch)
    assert answer.status == 200
    items = json.loads(answer.raw)["responses"]
    assert [item["status"] for item in items] == [200] * 5 + [429] * 2
    assert "Retry-After" in items[-1]["headers"]
    assert answer.headers["x-ms-throttle-limit-percentage"] == "1.00"


async def test_every_answer_says_what_is_left_also_a_refusal_for_another_reason() -> None:
    async with signed_in(corner(), Options(quotas=QuotaSizes())) as client:
        for left in ("249", "248"):
            assert (await client.get(f"{S}/nothing?api-version=2021-04-01")).headers[READS] == left


def test_the_fault_file_sets_the_sizes_that_differ(tmp_path: Path) -> None:
    path = tmp_path / "faults.yaml"
    path.write_text("limits: {reads: {burst: 5, per_second: 1}, resource_graph: {queries: 2, seconds: 1}}")
    assert load_faults(path).limits == QuotaSizes(reads=QuotaSize(5, 1), resource_graph=WindowSize(2, 1))
    path.write_text("limits: {}")
    assert load_faults(path).limits == QuotaSizes()
    path.write_text("faults: []")
    assert load_faults(path).limits is None


@pytest.mark.parametrize("limits", ["{reads: 5}", "{reads: {burst: 0, per_second: 1}}", "{readings: {}}"])
def test_sizes_that_make_no_sense_are_refused(tmp_path: Path, limits: str) -> None:
    path = tmp_path / "faults.yaml"
    path.write_text(f"limits: {limits}")
    with pytest.raises(BadFaults, match=r"faults\.yaml:1: "):
        load_faults(path)
