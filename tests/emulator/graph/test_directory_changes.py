"""Cures in the emulated directory: what they change is read back, and every other write is refused as Graph does."""

from collections.abc import AsyncIterator, Mapping

import pytest

from auditor.emulator.options import Options
from tests.emulator.contoso_corner import (
    APP,
    APP_ID,
    AUDITOR,
    AUDITOR_APP,
    MEGAN,
    Client,
    corner,
    signed_in,
)

OWNERS = f"applications/{APP}/owners"
PRINCIPALS = "servicePrincipals"
NOBODY = "11111111-0000-4000-8000-00000000ffff"


@pytest.fixture
async def cured() -> AsyncIterator[Client]:
    async with signed_in(corner(), Options(accept_cures=True)) as client:
        yield client


def reference(client: Client, identity: str) -> dict[str, object]:
    return {"@odata.id": f"{client.endpoints.graph}/v1.0/directoryObjects/{identity}"}


async def ids(client: Client, path: str) -> set[str]:
    return {str(one["id"]) for one in await client.every(f"/v1.0/{path}", "@odata.nextLink")}


async def test_an_owner_is_added_once(cured: Client) -> None:
    before = await ids(cured, OWNERS)
    assert AUDITOR not in before
    added = await cured.ask("POST", f"/v1.0/{OWNERS}/$ref", reference(cured, AUDITOR))
    assert (added.status, await ids(cured, OWNERS)) == (204, before | {AUDITOR})
    assert APP in await ids(cured, f"{PRINCIPALS}/{AUDITOR}/ownedObjects")
    again = await cured.ask("POST", f"/v1.0/{OWNERS}/$ref", reference(cured, AUDITOR))
    assert (again.status, again.code) == (400, "Request_BadRequest")


async def test_an_owner_is_removed_once(cured: Client) -> None:
    before = await ids(cured, OWNERS)
    await cured.ask("POST", f"/v1.0/{OWNERS}/$ref", reference(cured, AUDITOR))
    removed = await cured.ask("DELETE", f"/v1.0/{OWNERS}/{AUDITOR}/$ref")
    assert (removed.status, await ids(cured, OWNERS)) == (204, before)
    assert APP not in await ids(cured, f"{PRINCIPALS}/{AUDITOR}/ownedObjects")
    again = await cured.ask("DELETE", f"/v1.0/{OWNERS}/{AUDITOR}/$ref")
    assert (again.status, again.code) == (404, "Request_ResourceNotFound")


async def test_an_account_is_enabled_and_disabled(cured: Client) -> None:
    for path in (f"users/{MEGAN}", f"{PRINCIPALS}/{AUDITOR}"):
        for enabled in (False, True):
            answer = await cured.ask("PATCH", f"/v1.0/{path}", {"accountEnabled": enabled})
            assert answer.status == 204
            shown = (await cured.get(f"/v1.0/{path}?$select=accountEnabled")).json
            assert shown["accountEnabled"] is enabled


async def test_a_deleted_application_is_a_deleted_item(cured: Client) -> None:
    assert APP in await ids(cured, f"users/{MEGAN}/ownedObjects")
    assert (await cured.ask("DELETE", f"/v1.0/applications/{APP}")).status == 204
    assert (await cured.get(f"/v1.0/applications/{APP}")).status == 404
    assert (await cured.get(f"/v1.0/applications(appId='{APP_ID}')")).status == 404
    assert APP not in await ids(cured, "applications")
    assert APP not in await ids(cured, f"users/{MEGAN}/ownedObjects")
    [deleted] = [
        one
        for one in await cured.every("/v1.0/directory/deletedItems/microsoft.graph.application", "@odata.nextLink")
        if one["id"] == APP
    ]
    assert deleted["deletedDateTime"]
    assert (await cured.ask("DELETE", f"/v1.0/applications/{APP}")).status == 404


async def test_a_service_principal_is_created_once_for_an_application(cured: Client) -> None:
    made = await cured.ask("POST", f"/v1.0/{PRINCIPALS}", {"appId": APP_ID, "accountEnabled": True})
    assert (made.status, made.json["appId"]) == (201, APP_ID)
    found = await cured.get(f"/v1.0/{PRINCIPALS}(appId='{APP_ID}')")
    assert found.json["id"] == made.json["id"]
    again = await cured.ask("POST", f"/v1.0/{PRINCIPALS}", {"appId": APP_ID})
    assert (again.status, again.code) == (409, "Request_MultipleObjectsWithSameKeyValue")
    assert (await cured.ask("DELETE", f"/v1.0/applications/{APP}")).status == 204
    assert (await cured.get(f"/v1.0/{PRINCIPALS}/{made.json['id']}")).status == 404


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("DELETE", f"users/{MEGAN}", None, 405, "Request_BadRequest"),
        ("DELETE", f"{PRINCIPALS}/{AUDITOR}", None, 405, "Request_BadRequest"),
        ("PUT", f"{OWNERS}/{MEGAN}/$ref", {}, 405, "Request_BadRequest"),
        ("POST", "applications", {"displayName": "new"}, 405, "Request_BadRequest"),
        ("PUT", f"users/{MEGAN}", {"accountEnabled": True}, 405, "Request_BadRequest"),
        ("PATCH", f"applications/{APP}", {"accountEnabled": True}, 405, "Request_BadRequest"),
        ("DELETE", "nonsense", None, 400, "BadRequest"),
        ("PATCH", f"users/{MEGAN}", {"accountEnabled": "true"}, 400, "Request_BadRequest"),
        ("PATCH", f"users/{MEGAN}", {"accountEnabled": True, "mail": "x"}, 400, "Request_BadRequest"),
        ("PATCH", f"users/{MEGAN}", None, 400, "BadRequest"),
        ("PATCH", f"users/{NOBODY}", {"accountEnabled": True}, 404, "Request_ResourceNotFound"),
        ("POST", f"{OWNERS}/$ref", {"@odata.id": MEGAN}, 400, "Request_BadRequest"),
        (
            "POST",
            f"{OWNERS}/$ref",
            {"@odata.id": f"https://x/directoryObjects/{NOBODY}"},
            404,
            "Request_ResourceNotFound",
        ),
        ("POST", f"applications/{NOBODY}/owners/$ref", {}, 404, "Request_ResourceNotFound"),
        ("POST", PRINCIPALS, {"appId": NOBODY}, 400, "Request_BadRequest"),
        ("POST", PRINCIPALS, {"appId": AUDITOR_APP, "displayName": "x"}, 400, "Request_BadRequest"),
    ],
)
async def test_other_writes_are_refused(
    cured: Client, method: str, path: str, body: Mapping[str, object] | None, status: int, code: str
) -> None:
    answer = await cured.ask(method, f"/v1.0/{path}", body)
    assert (answer.status, answer.code) == (status, code)


async def test_nothing_is_written_unless_cures_are_accepted(client: Client) -> None:
    for method, path, body in (
        ("POST", f"{OWNERS}/$ref", reference(client, MEGAN)),
        ("POST", PRINCIPALS, {"appId": APP_ID}),
        ("PATCH", f"users/{MEGAN}", {"accountEnabled": False}),
        ("DELETE", f"applications/{APP}", None),
    ):
        answer = await client.ask(method, f"/v1.0/{path}", body)
        assert (answer.status, answer.code) == (403, "Authorization_RequestDenied")
