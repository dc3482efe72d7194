"""The azure-mgmt clients on our connection: unchanged bodies, our retries and our failures."""

from typing import Any

import pytest
from azure.mgmt.authorization.v2022_04_01.aio import AuthorizationManagementClient
from azure.mgmt.keyvault.aio import KeyVaultManagementClient
from azure.mgmt.loganalytics.aio import LogAnalyticsManagementClient
from azure.mgmt.resource.resources.aio import ResourceManagementClient

from auditor.azure.connection import Azure, connect
from auditor.azure.errors import ReadFailed
from tests.azure.hostile_azure import HostileAzure, Play, Waits, answers, cuts, quick, refuses, resets, sends

SUBSCRIPTION = "5a1c6f0e-0000-4000-8000-000000000001"
ROOT = f"/subscriptions/{SUBSCRIPTION}"
OPERATIONS: list[tuple[type, str, str]] = [
    (KeyVaultManagementClient, "vaults.list_by_subscription", f"{ROOT}/providers/Microsoft.KeyVault/vaults"),
    (KeyVaultManagementClient, "vaults.list_deleted", f"{ROOT}/providers/Microsoft.KeyVault/deletedVaults"),
    (
        AuthorizationManagementClient,
        "role_assignments.list_for_subscription",
        f"{ROOT}/providers/Microsoft.Authorization/roleAssignments",
    ),
    (
        LogAnalyticsManagementClient,
        "workspaces.list",
        f"{ROOT}/providers/Microsoft.OperationalInsights/workspaces",
    ),
]
VAULTS = OPERATIONS[0]


async def items_of(azure: Azure, client_class: type, operation: str) -> list[dict[str, Any]]:
    target: Any = azure.arm.client(client_class, SUBSCRIPTION)
    for name in operation.split("."):
        target = getattr(target, name)
    return [item async for items in azure.arm.sdk_pages(target) for item in items]


@pytest.mark.parametrize(("client_class", "operation", "path"), OPERATIONS, ids=[row[1] for row in OPERATIONS])
async def test_bodies_come_verbatim_page_by_page(
    hostile: HostileAzure, client_class: type, operation: str, path: str
) -> None:
    first = {"id": f"{path}/one", "properties": {"unheardOf": {"deep": [1]}}, "x-extra": None}
    hostile.on(
        path,
        answers({"value": [first], "nextLink": f"{hostile.url}{path}?api-version=9&$skiptoken=1"}),
        answers({"value": [{"id": f"{path}/two"}], "nextLink": ""}),
    )
    async with connect(hostile.url, "environment", retry=quick()) as azure:
        assert await items_of(azure, client_class, operation) == [first, {"id": f"{path}/two"}]
    assert len(hostile.calls(path)) == 2
    assert {call.method for call in hostile.asked} == {"GET"}
    assert len(hostile.token_requests) == 1


async def test_a_plain_call_yields_its_object(hostile: HostileAzure) -> None:
    path = f"{ROOT}/providers/Microsoft.Migrate"
    body = {"id": path, "namespace": "Microsoft.Migrate", "registrationState": "NotRegistered", "more": {"a": 1}}
    hostile.on(path, answers(body))
    async with connect(hostile.url, "environment", retry=quick()) as azure:
        client = azure.arm.client(ResourceManagementClient, SUBSCRIPTION)
        pages = [items async for items in azure.arm.sdk_pages(client.providers.get, "Microsoft.Migrate")]
    assert pages == [[body]]


@pytest.mark.parametrize("fault", [refuses(429, Retry_After="1"), refuses(503), resets, cuts])
async def test_faults_are_repeated_by_our_policy_and_seen_once(hostile: HostileAzure, fault: Play) -> None:
    client_class, operation, path = VAULTS
    hostile.on(path, fault, answers({"value": [{"id": "/a"}]}))
    waits = Waits()
    async with connect(hostile.url, "environment", retry=quick(waits)) as azure:
        assert await items_of(azure, client_class, operation) == [{"id": "/a"}]
    assert len(hostile.calls(path)) == 2


@pytest.mark.parametrize(
    ("play", "status", "code"),
    [
        (refuses(403, "AuthorizationFailed"), 403, "AuthorizationFailed"),
        (refuses(404, "NotFound"), 404, "NotFound"),
        (sends("<html>", "text/html", 503), 503, "ServiceUnavailable"),
        (sends("{cut", "application/json"), 200, "NotJson"),
        (cuts, 0, "IncompleteBody"),
    ],
)
@pytest.mark.parametrize("row", [OPERATIONS[0], OPERATIONS[2]], ids=["new", "old"])
async def test_what_finally_fails_reads_the_same(
    hostile: HostileAzure, row: tuple[type, str, str], play: Play, status: int, code: str
) -> None:
    client_class, operation, path = row
    hostile.on(path, play)
    async with connect(hostile.url, "environment", retry=quick()) as azure:
        with pytest.raises(ReadFailed) as raised:
            await items_of(azure, client_class, operation)
    assert (raised.value.status, raised.value.code) == (status, code)
    assert SUBSCRIPTION in raised.value.url


async def test_a_loop_of_links_ends_for_pagers_too(hostile: HostileAzure) -> None:
    client_class, operation, path = VAULTS
    link = f"{hostile.url}{path}?api-version=9&$skiptoken=1"
    hostile.on(path, answers({"value": [], "nextLink": link}))
    async with connect(hostile.url, "environment", retry=quick()) as azure:
        with pytest.raises(ReadFailed) as raised:
            await items_of(azure, client_class, operation)
    assert raised.value.code == "NextLinkLoop"
    assert len(hostile.calls(path)) == 2
