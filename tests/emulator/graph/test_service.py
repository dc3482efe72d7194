import pytest

from auditor.emulator.options import Options
from tests.emulator.contoso_corner import (
    APP,
    APP_ADMIN,
    APP_ID,
    AUDITOR,
    AUDITOR_APP,
    GUEST,
    MEGAN,
    OUTER,
    TEAM,
    Client,
    corner,
    signed_in,
)

ADVANCED = {"ConsistencyLevel": "eventual"}
BATCH = "/v1.0/$batch"


def ids(page: dict[str, object]) -> set[object]:
    return {item["id"] for item in page["value"]}  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("path", "found"),
    [
        (f"users/{MEGAN}", MEGAN),
        ("users/meganb@CONTOSO.com", MEGAN),
        ("users/nestor_fabrikam.com%23EXT%23@contoso.com", GUEST),
        (f"users('{MEGAN}')", MEGAN),
        (f"applications(appId='{APP_ID}')", APP),
        (f"applications/{APP}", APP),
        (f"servicePrincipals(appId='{AUDITOR_APP.upper()}')", AUDITOR),
        (f"directoryObjects/{TEAM}", TEAM),
        ("policies/authorizationPolicy", "authorizationPolicy"),
    ],
)
async def test_an_object_is_found_by_any_of_its_keys(client: Client, path: str, found: str) -> None:
    answer = await client.get(f"/v1.0/{path}")
    assert answer.json["id"] == found
    assert ("@odata.type" in answer.json) == path.startswith("directoryObjects")
    assert str(answer.json["@odata.context"]).startswith(client.endpoints.graph)


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("users/nobody@contoso.com", 404, "Request_ResourceNotFound"),
        (f"users/{TEAM}", 404, "Request_ResourceNotFound"),
        ("applications(appId='11111111-0000-4000-8000-00000000ffff')", 404, "Request_ResourceNotFound"),
        ("applications(color='red')", 400, "Request_BadRequest"),
        ("me", 400, "BadRequest"),
        ("nonsense", 400, "BadRequest"),
        (f"users/{MEGAN}/nonsense", 400, "BadRequest"),
        ("users?$skip=3", 400, "Request_BadRequest"),
        ("users?$top=1000", 400, "Request_BadRequest"),
        ("users?$top=0", 400, "Request_BadRequest"),
        ("users?$orderby=displayName", 400, "Request_UnsupportedQuery"),
        ('users?$search="displayName:x"', 400, "Request_BadRequest"),
        ("users?$expand=nonsense", 400, "Request_BadRequest"),
        ("users?$skiptoken=made-up", 400, "Request_BadRequest"),
        ("users?$filter=color eq 'red'", 400, "Request_UnsupportedQuery"),
        ("users?$filter=mail is 'x'", 400, "Request_BadRequest"),
        ("users?$filter=contains(mail,'x')", 400, "Request_BadRequest"),
        ("users?$filter=userType ne 'Guest'", 400, "Request_UnsupportedQuery"),
        ("users?$filter=endsWith(mail,'com')", 400, "Request_UnsupportedQuery"),
        ("users?$filter=not startswith(mail,'m')", 400, "Request_UnsupportedQuery"),
        (f"users/{MEGAN}/transitiveMemberOf/microsoft.graph.group", 400, "Request_UnsupportedQuery"),
        ("directory/deletedItems/microsoft.graph.nonsense", 400, "Request_BadRequest"),
        ("roleManagement/directory/roleAssignments?$filter=color eq 'x'", 400, "Request_UnsupportedQuery"),
    ],
)
async def test_errors_have_graphs_codes(client: Client, path: str, status: int, code: str) -> None:
    answer = await client.get(f"/v1.0/{path}")
    assert (answer.status, answer.code) == (status, code)
    assert answer.json["error"]["innerError"]["request-id"]  # type: ignore[index]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("userPrincipalName eq 'meganb@contoso.com'", {MEGAN}),
        ("userPrincipalName eq 'x' or mail eq 'nestor@fabrikam.com'", {GUEST}),
        ("externalUserState eq 'PendingAcceptance'", {GUEST}),
        ("startswith(displayName,'me')", {MEGAN}),
        (f"id in ('{MEGAN}', '{GUEST}') and userType eq 'Member'", {MEGAN}),
        ("externalUserState eq null", {MEGAN}),
    ],
)
async def test_filters_on_users(client: Client, query: str, found: set[str]) -> None:
    assert ids((await client.get(f"/v1.0/users?$filter={query}")).json) == found


async def test_advanced_queries_with_parameter_and_header(client: Client) -> None:
    page = await client.get("/v1.0/users?$count=true&$filter=userType ne 'Guest'", **ADVANCED)
    assert (ids(page.json), page.json["@odata.count"]) == ({MEGAN}, 1)
    ends = await client.get("/v1.0/users?$count=true&$filter=not endsWith(mail,'fabrikam.com')", **ADVANCED)
    assert ids(ends.json) == {MEGAN}
    cast = await client.get(f"/v1.0/users/{MEGAN}/transitiveMemberOf/graph.group?$count=true", **ADVANCED)
    assert ids(cast.json) == {TEAM, OUTER}
    names = "servicePrincipalNames/any(c:c eq '" + AUDITOR_APP + "')"
    assert ids((await client.get(f"/v1.0/servicePrincipals?$filter={names}")).json) == {AUDITOR}


async def test_properties_are_those_selected_or_the_default_ones(client: Client) -> None:
    plain = (await client.get(f"/v1.0/users/{MEGAN}")).json
    assert "userType" not in plain
    assert plain["mail"] == "megan@contoso.com"
    chosen = (await client.get(f"/v1.0/users/{MEGAN}?$select=id,userType,externalUserState,accountEnabled")).json
    assert {name: value for name, value in chosen.items() if name != "@odata.context"} == {
        "id": MEGAN,
        "userType": "Member",
        "externalUserState": None,
    }


async def test_lists_that_graph_always_returns_are_there_unless_they_are_not_selected(client: Client) -> None:
    application = (await client.get(f"/v1.0/applications/{APP}")).json
    assert (application["requiredResourceAccess"], application["identifierUris"]) == ([], [])
    assert "requiredResourceAccess" not in (await client.get(f"/v1.0/applications/{APP}?$select=id")).json
    named = f"/v1.0/servicePrincipals?$filter=servicePrincipalNames/any(c:c eq '{AUDITOR_APP}')"
    found = (await client.get(named)).json["value"]
    assert [(one["id"], one["servicePrincipalNames"]) for one in found] == [(AUDITOR, [AUDITOR_APP])]  # type: ignore[attr-defined]


async def test_memberships_and_owners(client: Client) -> None:
    async def related(path: str) -> dict[object, object]:
        page = (await client.get(f"/v1.0/{path}")).json
        return {item["id"]: item["@odata.type"] for item in page["value"]}  # type: ignore[attr-defined]

    group, user = "#microsoft.graph.group", "#microsoft.graph.user"
    assert await related(f"users/{MEGAN}/transitiveMemberOf") == {TEAM: group, OUTER: group}
    assert await related(f"users/{MEGAN}/memberOf") == {TEAM: group}
    assert await related(f"groups/{OUTER}/transitiveMembers") == {MEGAN: user, TEAM: group}
    assert await related(f"groups/{OUTER}/members") == {TEAM: group}
    assert await related(f"applications/{APP}/owners") == {MEGAN: user}
    assert await related(f"users/{MEGAN}/ownedObjects") == {APP: "#microsoft.graph.application"}
    expanded = (await client.get(f"/v1.0/applications/{APP}?$expand=owners")).json
    assert [owner["id"] for owner in expanded["owners"]] == [MEGAN]  # type: ignore[attr-defined]


async def test_membership_checks(client: Client) -> None:
    async def ask(action: str, body: dict[str, object]) -> object:
        return (await client.ask("POST", f"/v1.0/users/{MEGAN}/{action}", body)).json["value"]

    assert await ask("checkMemberGroups", {"groupIds": [TEAM, APP]}) == [TEAM]
    assert await ask("checkMemberObjects", {"ids": [OUTER]}) == [OUTER]
    assert await ask("getMemberGroups", {"securityEnabledOnly": True}) == [TEAM]
    assert await ask("getMemberObjects", {"securityEnabledOnly": False}) == [TEAM, OUTER]
    too_many = await client.ask("POST", f"/v1.0/directoryObjects/{MEGAN}/checkMemberGroups", {"groupIds": [TEAM] * 21})
    assert too_many.status == 400


async def test_directory_roles_with_their_scopes(client: Client) -> None:
    path = "/v1.0/roleManagement/directory/roleAssignments"
    mine = (await client.get(f"{path}?$filter=principalId eq '{MEGAN}'")).json["value"]
    theirs = (await client.get(f"{path}?$filter=principalId eq '{GUEST}'")).json["value"]
    assert [(one["roleDefinitionId"], one["directoryScopeId"]) for one in mine] == [(APP_ADMIN, "/")]  # type: ignore[attr-defined]
    assert [one["directoryScopeId"] for one in theirs] == [f"/{APP}"]  # type: ignore[attr-defined]
    assert len((await client.get(path)).json["value"]) == 2  # type: ignore[arg-type]
    role = await client.get(f"/v1.0/roleManagement/directory/roleDefinitions/{APP_ADMIN}")
    assert role.json["templateId"] == APP_ADMIN


async def test_deleted_items_need_a_cast(client: Client) -> None:
    for cast in ("microsoft.graph.application", "graph.application"):
        assert len((await client.get(f"/v1.0/directory/deletedItems/{cast}")).json["value"]) == 1  # type: ignore[arg-type]
    one = await client.get("/v1.0/directory/deletedItems/ab0b0000-0000-4000-8000-000000000009")
    assert one.json["@odata.type"] == "#microsoft.graph.application"
    assert (await client.get("/v1.0/directory/deletedItems")).status == 400


async def test_objects_by_their_ids(client: Client) -> None:
    async def asked(body: dict[str, object]) -> list[object]:
        answer = await client.ask("POST", "/v1.0/directoryObjects/getByIds", body)
        return [item["id"] for item in answer.json["value"]]  # type: ignore[attr-defined]

    unknown = "11111111-0000-4000-8000-00000000ffff"
    assert await asked({"ids": [MEGAN, unknown, TEAM, MEGAN]}) == [MEGAN, TEAM]
    assert await asked({"ids": [MEGAN, TEAM], "types": ["group"]}) == [TEAM]
    assert await asked({"ids": [MEGAN, TEAM], "types": ["directoryObject"]}) == [MEGAN, TEAM]
    bad: list[dict[str, object]] = [{}, {"ids": []}, {"ids": [MEGAN] * 1001}]
    for body in bad:
        assert (await client.ask("POST", "/v1.0/directoryObjects/getByIds", body)).status == 400


async def test_a_batch_answers_each_request_separately(client: Client) -> None:
    requests = [
        {"id": "1", "method": "GET", "url": f"/users/{MEGAN}?$select=id"},
        {"id": "2", "method": "GET", "url": "/users/nobody"},
        {"id": "3", "method": "GET", "url": f"/users/{GUEST}", "dependsOn": ["2"]},
        {"id": "4", "method": "POST", "url": "/directoryObjects/getByIds", "body": {"ids": [TEAM]}},
        {
            "id": "5",
            "method": "GET",
            "url": "/users?$count=true&$filter=userType ne 'Guest'",
            "headers": {"consistencylevel": "eventual"},
        },
    ]
    answer = (await client.ask("POST", BATCH, {"requests": requests})).json
    by_id = {part["id"]: part for part in answer["responses"]}  # type: ignore[attr-defined]
    assert {name: part["status"] for name, part in by_id.items()} == {"1": 200, "2": 404, "3": 424, "4": 200, "5": 200}
    assert by_id["1"]["body"]["id"] == MEGAN
    assert by_id["2"]["body"]["error"]["code"] == "Request_ResourceNotFound"


@pytest.mark.parametrize(
    "requests",
    [
        [{"id": str(n), "method": "GET", "url": "/users"} for n in range(21)],
        [{"id": "1", "method": "GET", "url": "/users"}] * 2,
        [{"method": "GET", "url": "/users"}],
        "nonsense",
    ],
)
async def test_a_bad_batch_is_refused_whole(client: Client, requests: object) -> None:
    assert (await client.ask("POST", BATCH, {"requests": requests})).status == 400


async def test_a_batch_contains_no_batch_and_writes_nothing(client: Client) -> None:
    requests = [
        {"id": "1", "method": "POST", "url": "/$batch", "body": {}},
        {"id": "2", "method": "DELETE", "url": f"/applications/{APP}"},
        {"id": "3", "method": "POST", "url": "/applications", "body": {}},
    ]
    answer = (await client.ask("POST", BATCH, {"requests": requests})).json
    assert [part["status"] for part in answer["responses"]] == [400, 403, 403]  # type: ignore[attr-defined]


async def test_collections_are_paged_to_the_end() -> None:
    async with signed_in(corner(), Options(page_size=1)) as client:
        first = await client.get("/v1.0/users?$select=id&$top=2")
        assert len(first.json["value"]) == 1  # type: ignore[arg-type]
        users = await client.every("/v1.0/users?$select=id&$top=2", "@odata.nextLink")
        assert {str(user["id"]) for user in users} == {MEGAN, GUEST}
        assert all(list(user) == ["id"] for user in users)
