import pytest

from tests.emulator.contoso_corner import RG, THERE, WORKSPACE, Client, S, corner, signed_in

VERSION = "api-version=2023-09-01"
LIVE = f"{S}/providers/Microsoft.OperationalInsights/workspaces?{VERSION}"
DELETED = f"{S}/providers/Microsoft.OperationalInsights/deletedWorkspaces?{VERSION}"
SOLUTION = f"{RG}/providers/Microsoft.OperationsManagement/solutions/ServiceMap(contoso-ws)"
SOLUTIONS = f"{S}/providers/Microsoft.OperationsManagement/solutions?api-version=2015-11-01-preview"
LINKED = f"{WORKSPACE}/linkedServices?{VERSION}"


async def test_a_deleted_workspace_can_be_recovered_without_its_solutions(client: Client) -> None:
    before = (await client.get(f"{WORKSPACE}?{VERSION}")).json
    assert (await client.ask("DELETE", f"{WORKSPACE}?{VERSION}")).status == 200
    assert (await client.get(f"{WORKSPACE}?{VERSION}")).code == "ResourceNotFound"
    assert (await client.get(LIVE)).names == []
    assert (await client.get(DELETED)).names == ["contoso-ws", "old-ws"]
    assert (await client.get(f"{WORKSPACE}/savedSearches?{VERSION}")).status == 404
    assert (await client.get(f"{WORKSPACE}/savedSearches/mine?{VERSION}")).status == 404
    assert (await client.get(SOLUTIONS)).names == []
    assert (await client.ask("DELETE", f"{WORKSPACE}?{VERSION}")).status == 204
    back = await client.ask("PUT", f"{WORKSPACE}?{VERSION}", {"location": "West Europe"})
    assert back.status == 200
    assert back.json["properties"]["customerId"] == before["properties"]["customerId"]  # type: ignore[index]
    assert (await client.get(LIVE)).names == ["contoso-ws"]
    assert (await client.get(DELETED)).names == ["old-ws"]
    assert (await client.get(f"{WORKSPACE}/savedSearches?{VERSION}")).names == ["mine"]
    assert (await client.get(LINKED)).names == []
    assert (await client.get(SOLUTIONS)).names == []


async def test_solutions_can_be_put_back(client: Client) -> None:
    body = {
        "location": "westeurope",
        "plan": {"product": "OMSGallery/ServiceMap"},
        "properties": {"workspaceResourceId": WORKSPACE},
    }
    path = f"{SOLUTION}?api-version=2015-11-01-preview"
    await client.ask("DELETE", f"{WORKSPACE}?{VERSION}")
    assert (await client.ask("PUT", path, body)).status == 404
    await client.ask("PUT", f"{WORKSPACE}?{VERSION}", {"location": "westeurope"})
    assert (await client.ask("PUT", path, body)).status == 201
    assert (await client.ask("PUT", path, body)).status == 200
    assert (await client.get(path)).json["plan"] == body["plan"]
    assert (await client.ask("PUT", path, {})).status == 400


async def test_force_deletes_permanently(client: Client) -> None:
    assert (await client.ask("DELETE", f"{WORKSPACE}?{VERSION}&force=true")).status == 200
    assert (await client.get(DELETED)).names == ["old-ws"]


async def test_a_workspace_created_again_has_another_customer_id(client: Client) -> None:
    before = (await client.get(f"{WORKSPACE}?{VERSION}")).json["properties"]["customerId"]  # type: ignore[index]
    await client.ask("DELETE", f"{WORKSPACE}?{VERSION}&force=true")
    put = await client.ask("PUT", f"{WORKSPACE}?{VERSION}", {"location": "westeurope"})
    assert put.status == 201
    assert (await client.get(LIVE)).names == ["contoso-ws"]
    assert put.json["properties"]["customerId"] != before  # type: ignore[index]


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        (
            "DELETE",
            f"{THERE}/resourceGroups/rg-locked/providers/Microsoft.OperationalInsights/workspaces/locked-ws",
            None,
            409,
            "ScopeLocked",
        ),
        (
            "PUT",
            f"{RG}/providers/Microsoft.OperationalInsights/workspaces/old-ws",
            {"location": "eastus"},
            409,
            "Conflict",
        ),
        ("PUT", f"{RG}/providers/Microsoft.OperationalInsights/workspaces/old-ws", {}, 400, "LocationRequired"),
        (
            "PUT",
            f"{S}/resourceGroups/none/providers/Microsoft.OperationalInsights/workspaces/x",
            {"location": "eastus"},
            404,
            "ResourceGroupNotFound",
        ),
        ("PATCH", WORKSPACE, {}, 403, "AuthorizationFailed"),
        ("PUT", f"{WORKSPACE}/linkedServices/x", {}, 400, "InvalidRequestContent"),
        ("PUT", f"{WORKSPACE}/savedSearches/x", {}, 403, "AuthorizationFailed"),
    ],
)
async def test_writes_that_azure_would_refuse(
    client: Client, method: str, path: str, body: object, status: int, code: str
) -> None:
    answer = await client.ask(method, f"{path}?{VERSION}", body)
    assert (answer.status, answer.code) == (status, code)


async def test_a_live_workspace_takes_tags(client: Client) -> None:
    put = await client.ask("PUT", f"{WORKSPACE}?{VERSION}", {"location": "westeurope", "tags": {"a": "b"}})
    assert put.json["tags"] == {"a": "b"}
    assert (await client.get(f"{WORKSPACE}?{VERSION}")).json["tags"] == {"a": "b"}
    assert (await client.get(LIVE)).names == ["contoso-ws"]


async def test_writes_never_reach_the_snapshot() -> None:
    snapshot = corner()
    async with signed_in(snapshot) as client:
        await client.ask("DELETE", f"{WORKSPACE}?{VERSION}")
    async with signed_in(snapshot) as client:
        assert (await client.get(LIVE)).names == ["contoso-ws"]
