import aiohttp
import pytest

from auditor.emulator.options import Options
from auditor.inventory.reads import Gap, Read
from tests.emulator.contoso_corner import (
    APP_ID,
    GROUPS,
    MEGAN,
    PROJECT,
    RG,
    SUB,
    TENANT,
    THERE,
    VAULT,
    WORKSPACE,
    S,
    corner,
    resource,
    signed_in,
)

VAULTS = "Microsoft.KeyVault/vaults"
LIST_OF_VAULTS = "providers/Microsoft.KeyVault/vaults?api-version=2023-07-01"
EVENTS = f"{S}/providers/microsoft.insights/eventtypes/management/values?api-version=2015-04-01"


def gap(what: str, scope: str, status: int = 403, code: str = "AuthorizationFailed") -> Gap:
    return Gap(what, scope, status, code, f"no {what} for you", f"{what}/read")


@pytest.mark.parametrize(
    ("status", "code"),
    [(403, "AuthorizationFailed"), (409, "MissingSubscriptionRegistration"), (429, "TooManyRequests"), (503, "Busy")],
)
async def test_a_gap_is_served_as_the_refusal_that_it_records(status: int, code: str) -> None:
    async with signed_in(corner(gaps=[gap(VAULTS, THERE, status, code)])) as client:
        refused = await client.get(f"{THERE}/{LIST_OF_VAULTS}")
        below = await client.get(f"{THERE}/resourceGroups/rg-locked/{LIST_OF_VAULTS}")
        fine = await client.get(f"{S}/{LIST_OF_VAULTS}")
        generic = await client.get(f"{THERE}/resources?api-version=2021-04-01&$filter=resourceType eq '{VAULTS}'")
        unknown = await client.get(f"{THERE}/resourceGroups/rg-locked/providers/{VAULTS}/any?api-version=2023-07-01")
    for answer in (refused, below, generic, unknown):
        assert (answer.status, answer.code) == (status, code)
    assert refused.json["error"]["message"] == f"no {VAULTS} for you"  # type: ignore[index]
    assert ("Retry-After" in refused.headers) == (status == 429)
    assert fine.status == 200


async def test_a_gap_without_status_closes_the_connection() -> None:
    async with signed_in(corner(gaps=[gap(VAULTS, S, 0, "Timeout")], arm=[])) as client:
        with pytest.raises(aiohttp.ClientError):
            await client.get(f"{THERE}/{LIST_OF_VAULTS}".replace(THERE, f"{S}/resourceGroups/rg-empty"))
        assert (await client.get(f"{S}/resourcegroups?api-version=2021-04-01")).status == 200


@pytest.mark.parametrize("page_size", [None, 3])
async def test_a_partly_read_list_fails_after_its_items(page_size: int | None) -> None:
    async with signed_in(corner(gaps=[gap(VAULTS, S)]), Options(page_size=page_size)) as client:
        url, held = f"{S}/{LIST_OF_VAULTS}", 0
        while True:
            page = await client.get(url)
            if page.status != 200:
                break
            held += len(page.json["value"])  # type: ignore[arg-type]
            url = str(page.json["nextLink"])
    assert (held, page.status, page.code) == (7, 403, "AuthorizationFailed")


async def test_a_gap_at_a_resource_refuses_it_but_lists_still_show_its_stub() -> None:
    stub = resource(f"{RG}/providers/Microsoft.OffAzure/HyperVSites/hv01site", tags={})
    async with signed_in(corner(arm=[stub], gaps=[gap("Microsoft.OffAzure/HyperVSites", stub.id)])) as client:
        refused = await client.get(f"{stub.id}?api-version=2020-07-07")
        listed = await client.get(
            f"{S}/resources?api-version=2021-04-01&$filter=resourceType eq 'Microsoft.OffAzure/HyperVSites'"
        )
    assert refused.status == 403
    assert listed.names == ["hv01site"]


async def test_a_gap_of_the_tenant_does_not_cover_subscriptions() -> None:
    roles = "Microsoft.Authorization/roleDefinitions"
    async with signed_in(corner(gaps=[gap(roles, "/")])) as client:
        path = f"/providers/{roles}?api-version=2022-04-01&$filter=type eq 'CustomRole'"
        assert (await client.get(f"{S}{path}")).status == 200
        assert (await client.get(f"/providers/{roles}?api-version=2022-04-01&$filter=atScopeAndBelow()")).status == 200
        roots = await client.every(f"{S}{path}")
    assert len(roots) == 1


async def test_inherited_rows_are_not_guessed_for_a_list_that_was_refused() -> None:
    what = "Microsoft.Authorization/roleAssignments"
    async with signed_in(corner(gaps=[gap(what, S)])) as client:
        page = await client.get(f"{S}/providers/{what}?api-version=2022-04-01")
    assert {item["properties"]["scope"] for item in page.json["value"]} == {S, RG, VAULT}  # type: ignore[attr-defined]


async def test_if_groups_were_not_read_any_may_exist() -> None:
    reads = [Read("Microsoft.Resources/subscriptions", "/", count=2)]
    async with signed_in(corner(reads=reads)) as client:
        unread = await client.get(f"{THERE}/resourceGroups/any/{LIST_OF_VAULTS}")
    read = [Read("Microsoft.Resources/resourceGroups", THERE, count=0)]
    async with signed_in(corner(reads=read)) as client:
        absent = await client.get(f"{THERE}/resourceGroups/any/{LIST_OF_VAULTS}")
    assert (unread.status, absent.status) == (200, 404)


async def test_a_gap_with_status_200_is_served_as_a_broken_body() -> None:
    async with signed_in(corner(gaps=[gap("Microsoft.Migrate/projects", S, 200, "Malformed")])) as client:
        answer = await client.get(f"{S}/providers/Microsoft.Migrate/projects?api-version=2018-02-02")
    assert answer.status == 200
    with pytest.raises(ValueError, match="Expecting"):
        _ = answer.json


async def test_lists_of_the_tenant_and_of_a_resource() -> None:
    gaps = [
        gap("Microsoft.Management/managementGroups", "/"),
        gap("Microsoft.Resources/subscriptions", f"/subscriptions/{SUB}".replace("1111", "2222", 1)),
        gap("Microsoft.Migrate/migrateProjects/solutions", PROJECT.lower()),
        gap("Microsoft.SecurityInsights/onboardingStates", WORKSPACE),
        gap("activityLog", S),
        gap("Microsoft.Resources/providers", THERE),
    ]
    async with signed_in(corner(gaps=gaps)) as client:
        for path in (
            f"{GROUPS}/none?api-version=2020-05-01",
            f"{GROUPS}/contoso/descendants?api-version=2020-05-01&$top=100",
            f"/subscriptions/{SUB.replace('1111', '2222', 1)}?api-version=2021-04-01",
            f"{THERE}/providers/Microsoft.Migrate?api-version=2021-04-01",
        ):
            page = await client.get(path)
            while page.status == 200:
                page = await client.get(str(page.json["nextLink"]))
            assert page.code == "AuthorizationFailed", path
        for path in (
            f"{PROJECT}/solutions?api-version=2018-09-01-preview",
            f"{WORKSPACE}/providers/Microsoft.SecurityInsights/onboardingStates?api-version=2024-03-01",
            f"{EVENTS}&$filter=eventTimestamp ge '2026-11-01T00:00:00Z'",
        ):
            page = await client.get(path)
            while page.status == 200:
                page = await client.get(str(page.json["nextLink"]))
            assert page.code == "AuthorizationFailed", path


@pytest.mark.parametrize(
    ("what", "scope", "path"),
    [
        ("graph/users", MEGAN, f"/v1.0/users/{MEGAN}"),
        ("graph/users", MEGAN, "/v1.0/users/meganb@contoso.com"),
        ("graph/users", "nobody@contoso.com", "/v1.0/users?$filter=userPrincipalName eq 'Nobody@contoso.com'"),
        ("graph/users", "/", "/v1.0/users/96e00000-0000-4000-8000-00000000ffff"),
        ("graph/applications", APP_ID, f"/v1.0/applications(appId='{APP_ID}')"),
        ("graph/transitiveMemberOf", MEGAN, f"/v1.0/users/{MEGAN}/transitiveMemberOf?$top=1"),
        (
            "graph/owners",
            "ab0b0000-0000-4000-8000-000000000002",
            "/v1.0/applications/ab0b0000-0000-4000-8000-000000000002/owners",
        ),
        (
            "graph/directoryRoles",
            TENANT,
            f"/v1.0/roleManagement/directory/roleAssignments?$filter=principalId eq '{TENANT}'",
        ),
        ("graph/authorizationPolicy", "/", "/v1.0/policies/authorizationPolicy"),
        ("graph/deletedApplications", "/", "/v1.0/directory/deletedItems/microsoft.graph.application"),
    ],
)
async def test_gaps_of_the_directory(what: str, scope: str, path: str) -> None:
    denied = gap(what, scope, 403, "Authorization_RequestDenied")
    async with signed_in(corner(gaps=[denied])) as client:
        page = await client.get(path)
        while page.status == 200:
            page = await client.get(str(page.json["@odata.nextLink"]))
        assert page.code == "Authorization_RequestDenied"
        assert page.json["error"]["message"] == denied.message  # type: ignore[index]
        assert (await client.get("/v1.0/groups")).status == 200


async def test_a_gap_of_getbyids_and_one_without_an_answer_inside_a_batch() -> None:
    gaps = [gap("graph/directoryObjects", "/"), gap("graph/users", MEGAN, 0, "Timeout")]
    async with signed_in(corner(gaps=gaps)) as client:
        asked = await client.ask("POST", "/v1.0/directoryObjects/getByIds", {"ids": [MEGAN]})
        batch = await client.ask(
            "POST", "/v1.0/$batch", {"requests": [{"id": "1", "method": "GET", "url": f"/users/{MEGAN}"}]}
        )
    assert asked.status == 403
    assert batch.json["responses"][0]["status"] == 504  # type: ignore[index]
