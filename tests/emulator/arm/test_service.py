import pytest

from auditor.emulator.options import Options
from tests.emulator.contoso_corner import (
    AUDITOR,
    GROUPS,
    GUEST,
    MEGAN,
    OTHER,
    PROJECT,
    RG,
    SUB,
    THERE,
    VAULT,
    WORKSPACE,
    Client,
    S,
    corner,
    signed_in,
)

PROJECTS = "Microsoft.Migrate/migrateProjects"
AUTHORIZATION = "providers/Microsoft.Authorization"
ROLES = f"{AUTHORIZATION}/roleAssignments?api-version=2022-04-01"


async def test_every_type_is_read_by_id_in_any_case(client: Client) -> None:
    versions = {S: "2022-12-01", RG: "2021-04-01", VAULT: "2023-07-01", PROJECT: "2018-09-01-preview"}
    for identity in (*versions, WORKSPACE):
        version = versions.get(identity, "2023-09-01")
        lower = await client.get(f"{identity.lower()}?api-version={version}")
        upper = await client.get(f"{identity.upper()}?api-version={version}")
        assert (lower.status, upper.status) == (200, 200)
        assert lower.raw == upper.raw
        assert lower.json["id"] == identity


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        (f"{S}/resourcegroups", 400, "MissingApiVersionParameter"),
        (f"{S}/resourcegroups?api-version=yesterday", 400, "InvalidApiVersionParameter"),
        (
            "/subscriptions/11111111-0000-4000-8000-00000000ffff/resourcegroups?api-version=2021-04-01",
            404,
            "SubscriptionNotFound",
        ),
        ("/subscriptions/11111111-0000-4000-8000-00000000ffff?api-version=2021-04-01", 404, "SubscriptionNotFound"),
        ("/subscriptions/nonsense/resourcegroups?api-version=2021-04-01", 400, "InvalidSubscriptionId"),
        (f"{S}/resourceGroups/none?api-version=2021-04-01", 404, "ResourceGroupNotFound"),
        (
            f"{S}/resourceGroups/none/providers/Microsoft.KeyVault/vaults?api-version=2023-07-01",
            404,
            "ResourceGroupNotFound",
        ),
        (f"{RG}/providers/Microsoft.KeyVault/vaults/none?api-version=2023-07-01", 404, "ResourceNotFound"),
        (f"{PROJECT}x/solutions?api-version=2018-09-01-preview", 404, "ResourceNotFound"),
        (f"{S}/providers/Microsoft.Nonsense/things?api-version=2023-07-01", 404, "InvalidResourceNamespace"),
        (f"{S}/providers/Microsoft.KeyVault/things?api-version=2023-07-01", 404, "InvalidResourceType"),
        (f"{S}/providers/Microsoft.Migrate/projects?api-version=2019-10-01", 404, "InvalidResourceType"),
        (f"{S}/resourcegroups?api-version=2010-01-01", 400, "InvalidApiVersionParameter"),
        ("/subscriptions?api-version=2010-01-01", 400, "InvalidApiVersionParameter"),
        ("/providers/Microsoft.Authorization/roleAssignments?api-version=2010-01-01", 404, "InvalidResourceType"),
        (f"{PROJECT}?api-version=2018-02-02", 400, "NoRegisteredProviderFound"),
        (f"{S}/providers/Microsoft.Other?api-version=2021-04-01", 404, "InvalidResourceNamespace"),
        (f"{S}/resources?api-version=2021-04-01&$filter=color eq 'red'", 400, "InvalidFilterInQueryString"),
        (
            f"{S}/resources?api-version=2021-04-01&$filter=tagName eq 'a' and resourceType eq 'b'",
            400,
            "InvalidFilterInQueryString",
        ),
        (
            f"{S}/providers/Microsoft.KeyVault/vaults?api-version=2023-07-01&$filter=name eq 'x'",
            400,
            "InvalidFilterInQueryString",
        ),
        (f"{S}/{ROLES}&$filter=roleDefinitionId eq 'x'", 400, "UnsupportedFilter"),
        (f"{S}/{ROLES}&$filter=atScope() and principalId eq 'x'", 400, "UnsupportedFilter"),
        (f"{S}/{ROLES}&$filter=assignedTo()", 400, "UnsupportedFilter"),
        (f"{S}/{ROLES}&$filter=assignedTo eq '{MEGAN}'", 400, "UnsupportedFilter"),
        (f"{S}/{ROLES}&$filter=assignedTo('{MEGAN}') and assignedTo('{GUEST}')", 400, "UnsupportedFilter"),
        (f"{S}/{ROLES}&$filter=atScope() or assignedTo('{MEGAN}')", 400, "UnsupportedFilter"),
        (f"{S}/{ROLES}&$filter=atScope('{S}') and assignedTo('{MEGAN}')", 400, "UnsupportedFilter"),
        (f"{S}/resourcegroups?api-version=2021-04-01&$top=none", 400, "InvalidTopQueryParameter"),
        (f"{S}/resourcegroups?api-version=2021-04-01&$skiptoken=made-up", 400, "InvalidSkipToken"),
        ("/nowhere/at/all?api-version=2021-04-01", 404, "NotFound"),
        (f"{S}/nonsense?api-version=2021-04-01", 404, "NotFound"),
    ],
)
async def test_errors_have_arms_codes(client: Client, path: str, status: int, code: str) -> None:
    answer = await client.get(path)
    assert (answer.status, answer.code) == (status, code)


async def test_answers_carry_arms_headers(client: Client) -> None:
    answer = await client.get(f"{S}/resourcegroups?api-version=2021-04-01")
    assert answer.headers["x-ms-request-id"] == answer.headers["x-ms-correlation-request-id"]
    assert int(answer.headers["x-ms-ratelimit-remaining-subscription-reads"]) > 0
    tenant = await client.get("/subscriptions?api-version=2021-04-01")
    assert int(tenant.headers["x-ms-ratelimit-remaining-tenant-reads"]) > 0


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", {1, 2, 3, 4, 5}),
        ("&$filter=atScope()", {1, 2, 3}),
        (f"&$filter=principalId eq '{MEGAN}'", {2, 4}),
        (f"&$filter=assignedTo('{MEGAN}')", {2, 3, 4}),
        (f"&$filter=atScope() and assignedTo('{MEGAN}')", {2, 3}),
        (f"&$filter=assignedTo('{GUEST}')", {5}),
    ],
)
async def test_a_subscription_lists_assignments_above_at_and_below(client: Client, query: str, names: set[int]) -> None:
    answer = await client.get(f"{S}/{ROLES}{query}")
    assert {int(str(name)[-1]) for name in answer.names} == names


@pytest.mark.parametrize(
    ("scope", "query", "names"),
    [
        (RG, "", {1, 2, 3, 4, 5}),
        (RG, "&$filter=atScope()", {1, 2, 3, 4}),
        (VAULT, "", {1, 2, 3, 4, 5}),
        (f"{RG}/providers/Microsoft.KeyVault/vaults/contosokv1", "", {1, 2, 3, 4}),
        (f"{GROUPS}/landing", "", {1, 2}),
        (f"{GROUPS}/contoso", "", {1, 2}),
        ("", "", {1, 2}),
        ("", "&$filter=atScope()", {2}),
    ],
)
async def test_assignments_at_other_scopes(client: Client, scope: str, query: str, names: set[int]) -> None:
    answer = await client.get(f"{scope}/{ROLES}{query}")
    assert {int(str(name)[-1]) for name in answer.names} == names


async def test_links_if_any_decide_what_is_inherited() -> None:
    from auditor.inventory.snapshot.records import Link
    from tests.emulator.contoso_corner import LINKS

    row = f"{GROUPS}/contoso/{AUTHORIZATION}/roleAssignments/a5510000-0000-4000-8000-000000000001"
    async with signed_in(corner(links=[*LINKS, Link("inheritedBy", row, S)])) as client:
        here, there = await client.get(f"{S}/{ROLES}"), await client.get(f"{THERE}/{ROLES}")
    assert {int(str(name)[-1]) for name in here.names} == {1, 3, 4, 5}
    assert {int(str(name)[-1]) for name in there.names} == {1, 2, 6}


async def test_role_definitions_by_type_name_and_scope(client: Client) -> None:
    path = f"{S}/{AUTHORIZATION}/roleDefinitions?api-version=2022-04-01"

    async def titles(query: str = "", scope: str = path) -> list[object]:
        return sorted(item["properties"]["roleName"] for item in (await client.get(scope + query)).json["value"])  # type: ignore[attr-defined]

    assert await titles() == ["Operator", "Reader"]
    assert await titles("&$filter=type eq 'CustomRole'") == ["Operator"]
    assert await titles("&$filter=type+eq+%27BuiltInRole%27") == ["Reader"]
    assert await titles("&$filter=roleName eq 'reader'") == ["Reader"]
    assert await titles(scope=path.replace(SUB, OTHER)) == ["Reader"]
    assert await titles("&$filter=type eq 'BuiltInRole'", path.removeprefix(S)) == ["Reader"]
    listed = (await client.get(f"{path}&$filter=roleName eq 'Reader'")).json["value"][0]  # type: ignore[index]
    assert listed["id"].startswith(S)  # the id of a built-in definition begins with the subscription that lists it
    assert (await client.get(f"{listed['id']}?api-version=2022-04-01")).json == listed
    assert (await client.get(f"{path}&$filter=color eq 'red'")).code == "UnsupportedFilter"


async def test_own_permissions(client: Client) -> None:
    answer = await client.get(f"{S}/{AUTHORIZATION}/permissions?api-version=2022-04-01")
    assert [item["actions"] for item in answer.json["value"]] == [["*/read"]]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 11),
        ("&$filter=resourceType eq 'microsoft.keyvault/VAULTS'", 7),
        (
            f"&$filter=resourceType eq '{PROJECTS}' or resourceType eq 'Microsoft.OffAzure/VMwareSites'",
            2,
        ),
        ("&$filter=resourceType eq 'Microsoft.KeyVault/vaults' and name eq 'contosokv3'", 1),
        ("&$filter=resourceType ne 'Microsoft.KeyVault/vaults'", 4),
        ("&$filter=tagName eq 'kind' and tagValue eq 'KV'", 7),
        ("&$filter=resourceGroup eq 'RG-migrate' and location eq 'West Europe'", 11),
        ("&$filter=substringof('kv', name)", 7),
        ("&$filter=startswith(tagName, 'ki')", 7),
    ],
)
async def test_generic_lists_filter_as_arm_does(client: Client, query: str, count: int) -> None:
    answer = await client.get(f"{S}/resources?api-version=2021-04-01{query}")
    assert len(answer.json["value"]) == count  # type: ignore[arg-type]
    assert all("properties" not in item for item in answer.json["value"])  # type: ignore[attr-defined]


async def test_lists_at_each_level(client: Client) -> None:
    async def count(path: str) -> int:
        return len((await client.get(path)).json["value"])  # type: ignore[arg-type]

    assert await count("/subscriptions?api-version=2021-04-01") == 2
    assert await count("/tenants?api-version=2020-01-01") == 1
    assert await count(f"{S}/resourcegroups?api-version=2021-04-01") == 2
    assert (
        await count(f"{S}/resourcegroups?api-version=2021-04-01&$filter=tagName eq 'owner' and tagValue eq 'megan'")
        == 1
    )
    assert await count(f"{S}/resourceGroups/rg-empty/resources?api-version=2021-04-01") == 0
    assert await count(f"{RG}/providers/Microsoft.KeyVault/vaults?api-version=2023-07-01") == 7
    assert await count(f"{S}/providers/Microsoft.KeyVault/deletedVaults?api-version=2023-07-01") == 1
    assert await count(f"{PROJECT}/solutions?api-version=2018-09-01-preview") == 1
    assert await count(f"{S}/providers/Microsoft.OperationalInsights/deletedWorkspaces?api-version=2020-08-01") == 1
    assert await count(f"{WORKSPACE}/providers/Microsoft.SecurityInsights/onboardingStates?api-version=2024-03-01") == 1
    assert await count(f"{S}/providers/Microsoft.SecurityInsights/onboardingStates?api-version=2024-03-01") == 0
    assert await count(f"{WORKSPACE}/dataSources?api-version=2023-09-01&$filter=kind eq 'WindowsEvent'") == 1
    assert await count(f"{WORKSPACE}/dataSources?api-version=2023-09-01&$filter=kind eq 'IISLogs'") == 0
    assert await count(f"{S}/locations?api-version=2021-04-01") > 1
    assert (await client.get(f"{WORKSPACE}/dataSources?api-version=2023-09-01")).status == 400
    packs = await client.get(f"{WORKSPACE}/intelligencePacks?api-version=2020-08-01")
    assert packs.raw.startswith(b"[")


async def test_the_sources_of_a_site_are_listed_below_it_alone(client: Client) -> None:
    site = f"{RG}/providers/Microsoft.OffAzure/VMwareSites/cdx01site"
    for version in ("2020-07-07", "2024-12-01-preview"):
        [listed] = await client.every(f"{site}/vcenters?api-version={version}")
        assert str(listed["id"]).endswith("/vCenters/vc01")
        assert (await client.get(f"{site}/vCenters/vc01?api-version={version}")).json == listed
    refused = await client.get(f"{site}/vCenters?api-version=2021-04-01")
    assert (refused.status, refused.code) == (400, "NoRegisteredProviderFound")
    nowhere = await client.get(f"{site}2/vCenters?api-version=2020-07-07")
    assert (nowhere.status, nowhere.code) == (404, "ResourceNotFound")
    everything = await client.every(f"{S}/resources?api-version=2021-04-01")
    assert [one for one in everything if "/vcenters/" in str(one["id"]).lower()] == []


async def test_only_lists_that_azure_pages_are_paged() -> None:
    async with signed_in(corner(), Options(page_size=3)) as client:
        vaults = f"{S}/providers/Microsoft.KeyVault/vaults?api-version=2023-07-01"
        first = await client.get(vaults)
        assert len(first.json["value"]) == 3  # type: ignore[arg-type]
        assert str(first.json["nextLink"]).startswith(client.endpoints.arm)
        assert len({str(item["id"]) for item in await client.every(vaults)}) == 7
        assert len((await client.get(f"{vaults}&$top=2")).json["value"]) == 2  # type: ignore[arg-type]
        filtered = f"{S}/resources?api-version=2021-04-01&$filter=resourceType eq 'Microsoft.KeyVault/vaults'"
        assert len(await client.every(filtered)) == 7
        workspaces = f"{S}/providers/Microsoft.OperationalInsights/workspaces?api-version=2020-08-01"
        assert "nextLink" not in (await client.get(workspaces)).json


async def test_links_go_back_to_the_host_that_was_asked() -> None:
    async with signed_in(corner(), Options(page_size=3)) as client:
        base = client.endpoints.arm.replace("127.0.0.1", "localhost")
        page = await client.get(f"{base}{S}/providers/Microsoft.KeyVault/vaults?api-version=2023-07-01")
        assert str(page.json["nextLink"]).startswith(f"{base}/")
        strange = await client.get(f"{S}/resources?api-version=2021-04-01", Host="evil.example.com")
        assert str(strange.json["nextLink"]).startswith(f"{client.endpoints.arm}/")


async def test_the_tree_of_management_groups(client: Client) -> None:
    below = await client.get(f"{GROUPS}/contoso/descendants?api-version=2020-05-01")
    parents = {item["name"]: item["properties"]["parent"]["id"] for item in below.json["value"]}  # type: ignore[attr-defined]
    assert parents == {"landing": f"{GROUPS}/contoso", SUB: f"{GROUPS}/landing", OTHER: f"{GROUPS}/contoso"}
    one = await client.get(f"{GROUPS}/contoso?api-version=2020-05-01&$expand=children&$recurse=true")
    children = one.json["properties"]["children"]  # type: ignore[index]
    assert {child["name"] for child in children} == {"landing", OTHER}
    landing = next(child for child in children if child["name"] == "landing")
    assert [child["displayName"] for child in landing["children"]] == ["Contoso Exit"]
    assert (await client.get(f"{GROUPS}/none?api-version=2020-05-01")).status == 404


EVENTS = f"{S}/providers/microsoft.insights/eventtypes/management/values?api-version=2015-04-01"


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("eventTimestamp ge '2026-11-01T00:00:00Z'", 2),
        ("eventTimestamp ge '2026-11-21T00:00:00Z' and eventTimestamp le '2026-11-23T00:00:00Z'", 1),
        ("eventTimestamp ge '2026-11-01T00:00:00Z' and resourceGroupName eq 'RG-migrate'", 2),
        ("eventTimestamp ge '2026-11-01T00:00:00Z' and resourceGroupName eq 'other'", 0),
        ("eventTimestamp ge 2026-11-01T00:00:00Z and resourceProvider eq Microsoft.Banana", 0),
    ],
)
async def test_the_activity_log_within_a_span(client: Client, query: str, count: int) -> None:
    answer = await client.get(f"{EVENTS}&$filter={query}&$select=eventTimestamp")
    assert len(answer.json["value"]) == count  # type: ignore[arg-type]
    assert all(list(item) == ["eventTimestamp"] for item in answer.json["value"])  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "query", ["", "&$filter=eventTimestamp ge '2020-01-01T00:00:00Z'", "&$filter=caller eq 'x'", "&$filter=nonsense"]
)
async def test_the_activity_log_refuses_other_filters(client: Client, query: str) -> None:
    answer = await client.get(EVENTS + query)
    assert answer.status == 400
    assert answer.json["Code"] == "BadRequest"


async def test_head_answers_by_status_only(client: Client) -> None:
    there = await client.ask("HEAD", f"{RG}?api-version=2021-04-01")
    absent = await client.ask("HEAD", f"{S}/resourceGroups/none?api-version=2021-04-01")
    assert (there.status, absent.status, absent.raw) == (204, 404, b"")


async def test_writes_are_refused(client: Client) -> None:
    for method, path in (
        ("DELETE", f"{VAULT}?api-version=2023-07-01"),
        ("PUT", f"{VAULT}?api-version=2023-07-01"),
        ("POST", f"{S}/providers/Microsoft.OffAzure/register?api-version=2021-04-01"),
        ("POST", f"{WORKSPACE}/sharedKeys?api-version=2020-08-01"),
    ):
        answer = await client.ask(method, path, {})
        assert (answer.status, answer.code) == (403, "AuthorizationFailed")
        assert AUDITOR in answer.raw.decode()
    assert (await client.ask("DELETE", f"{S}/resourcegroups?api-version=2021-04-01")).status == 405
    registered = await client.ask("POST", f"{S}/providers/Microsoft.Migrate/register?api-version=2021-04-01")
    assert registered.json["registrationState"] == "Registered"
