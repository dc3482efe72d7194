"""Secrecy: no token is sent to a foreign host, no secret is in a log or message, and only reads are sent."""

import logging
from typing import Any

import pytest
from azure.core.rest import HttpRequest
from azure.mgmt.authorization.v2022_04_01.aio import AuthorizationManagementClient
from azure.mgmt.keyvault.aio import KeyVaultManagementClient

from auditor.azure.connection import connect
from auditor.azure.errors import ReadFailed, SignInFailed, WriteRefused
from auditor.azure.pipeline import is_read
from tests.azure.hostile_azure import SECRET, HostileAzure, answers, gather_into, jwt, quick, refuses

SUBSCRIPTION = "5a1c6f0e-0000-4000-8000-000000000001"
VAULTS = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.KeyVault/vaults"
ASSIGNMENTS = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization/roleAssignments"


def foreign_links(hostile: HostileAzure, stranger: HostileAzure) -> list[str]:
    port = hostile.url.rpartition(":")[2]
    return [
        f"{stranger.url}/take?token=x",
        f"//127.0.0.1:{stranger.url.rpartition(':')[2]}/take",
        f"http://127.0.0.1:{port}/take",
        f"https://127.0.0.1:{port}@evil.contoso.com/take",
        f"https://evil.contoso.com\\@127.0.0.1:{port}/take",
        f"https://localhost:{port}/take",
        f"{hostile.url}\t.evil.contoso.com/take",
        "https://[evil/take",
    ]


@pytest.mark.parametrize("index", range(8))
async def test_a_next_link_to_another_origin_is_reported_and_never_followed(
    hostile: HostileAzure, stranger: HostileAzure, caplog: pytest.LogCaptureFixture, index: int
) -> None:
    link = foreign_links(hostile, stranger)[index]
    hostile.on(VAULTS, answers({"value": [{"id": "/a"}], "nextLink": link}))
    seen: list[Any] = []
    async with connect(hostile.url, "environment", retry=quick()) as azure:
        with pytest.raises(ReadFailed) as raised:
            await gather_into(seen, azure.arm.pages(VAULTS, "2022-07-01"))
    assert raised.value.code == "ForeignNextLink"
    assert seen == [{"id": "/a"}]
    assert stranger.asked == []
    assert len(hostile.asked) == 1
    assert "security" in caplog.text
    assert "token=x" not in caplog.text + str(raised.value)


@pytest.mark.parametrize(("client", "path"), [("vaults", VAULTS), ("assignments", ASSIGNMENTS)])
async def test_the_pagers_of_azure_mgmt_stop_at_a_foreign_link_too(
    hostile: HostileAzure, stranger: HostileAzure, client: str, path: str
) -> None:
    hostile.on(path, answers({"value": [], "nextLink": f"{stranger.url}/take"}))
    async with connect(hostile.url, "environment", retry=quick()) as azure:
        pager: Any
        if client == "vaults":
            pager = azure.arm.client(KeyVaultManagementClient, SUBSCRIPTION).vaults.list_by_subscription()
        else:
            pager = azure.arm.client(AuthorizationManagementClient, SUBSCRIPTION).role_assignments
            pager = pager.list_for_subscription()
        with pytest.raises(ReadFailed) as raised:
            [item async for item in pager]
    assert raised.value.code == "ForeignNextLink"
    assert stranger.asked == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", VAULTS),
        ("DELETE", VAULTS),
        ("PATCH", VAULTS),
        ("POST", f"{VAULTS}/kv/listKeys"),
        ("POST", f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Migrate/register"),
        ("POST", "/v1.0/users"),
        ("POST", "/v1.0/users/$batch"),
        ("POST", "/x/v1.0/$batch"),
    ],
)
async def test_a_write_never_leaves(hostile: HostileAzure, method: str, path: str) -> None:
    async with connect(hostile.url, "environment", retry=quick()) as azure:
        client = azure.arm.client(KeyVaultManagementClient, SUBSCRIPTION)
        with pytest.raises(WriteRefused):
            await client.send_request(HttpRequest(method, f"{hostile.url}{path}?api-version=1"))
    assert hostile.asked == []


@pytest.mark.parametrize(
    "path",
    [
        "/v1.0/$batch",
        "/v1.0/directoryObjects/getByIds",
        "/v1.0/directoryObjects/microsoft.graph.getByIds",
        "/providers/Microsoft.ResourceGraph/resources?api-version=1",
        "/subscriptions/s/resourceGroups/r/providers/Microsoft.OperationalInsights/workspaces/w/query?api-version=1",
        "/v1/workspaces/w/query",
    ],
)
def test_reads_that_are_spelt_as_post_are_reads(path: str) -> None:
    assert is_read("POST", f"https://contoso.com{path}")
    assert not is_read("PUT", f"https://contoso.com{path}")


async def test_an_unregistered_provider_is_a_fact_and_is_not_registered(hostile: HostileAzure) -> None:
    hostile.on(VAULTS, refuses(409, "MissingSubscriptionRegistration"))
    async with connect(hostile.url, "environment", retry=quick()) as azure:
        client = azure.arm.client(KeyVaultManagementClient, SUBSCRIPTION)
        with pytest.raises(ReadFailed) as raised:
            [items async for items in azure.arm.sdk_pages(client.vaults.list_by_subscription)]
    assert raised.value.code == "MissingSubscriptionRegistration"
    assert [call.method for call in hostile.asked] == ["GET"]


async def test_neither_logs_nor_messages_hold_token_or_secret(
    hostile: HostileAzure, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    token = jwt(n=1)

    async def echoes(request: Any) -> Any:
        said = f"bad token {request.headers['Authorization']}; client_secret={SECRET}&x"
        return await answers({"Message": said}, 403)(request)

    hostile.on(VAULTS, echoes)
    async with connect(hostile.url, "environment", retry=quick()) as azure:
        with pytest.raises(ReadFailed) as raised:
            await azure.arm.get(VAULTS, "2022-07-01", {"$skiptoken": "continuation"})
        sent = hostile.asked[0].token
    everything = caplog.text + str(raised.value) + repr(raised.value)
    assert sent
    assert token.split(".")[0] == sent.split(".")[0]
    assert sent not in everything
    assert sent.split(".")[1] not in everything
    assert SECRET not in everything
    assert "continuation" not in str(raised.value)


async def test_a_refused_sign_in_does_not_repeat_the_secret(
    hostile: HostileAzure, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    said = f"AADSTS7000215: Invalid client secret provided: client_secret={SECRET}"
    hostile.token_plays = [answers({"error": "invalid_client", "error_description": said}, 401)]
    with pytest.raises(SignInFailed) as raised:
        async with connect(hostile.url, "environment", retry=quick()):
            raise AssertionError
    assert SECRET not in str(raised.value)
    assert "AZURE_CLIENT_SECRET" in raised.value.advice


@pytest.mark.parametrize(
    "text",
    [
        "AccountKey={}==;EndpointSuffix=x",
        "SharedAccessKey={}",
        '{{"accessToken":"{}"}}',
        '{{"clientSecret": "{}"}}',
        r"{{\"storageAccountKey\": \"{}\"}}",
        '{{"primaryKey":"{}',
        "refresh={}",
        "password: {}",
        "Password={};Server=x",
        "?sv=1&sig={}",
        "InstrumentationKey={}",
        "client_secret={}&x",
    ],
)
def test_a_message_of_azure_keeps_no_secret_in_any_form(text: str) -> None:
    failure = ReadFailed(403, "Denied", f"no: {text.format(SECRET)} and so on", "https://x.example/")
    assert SECRET not in failure.message
    assert failure.message.startswith("no: ")


@pytest.mark.parametrize(
    "text", ["code: AuthorizationFailed", "the registration key is invalid", "key: value", "the secret was not found"]
)
def test_what_is_no_secret_stays_in_a_message(text: str) -> None:
    assert ReadFailed(403, "Denied", text, "https://x.example/").message == text
