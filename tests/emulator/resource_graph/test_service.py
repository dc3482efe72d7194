"""The endpoint of Azure Resource Graph: which queries it answers, in which form, and what it leaves out."""

from collections.abc import Sequence
from typing import Any

import pytest

from auditor.collect.resource_graph import queries as sent
from auditor.emulator.options import Options
from auditor.emulator.resource_graph import service
from auditor.inventory.reads import Gap
from tests.emulator.contoso_corner import (
    GUEST,
    MEGAN,
    OTHER,
    RG,
    SUB,
    TEAM,
    THERE,
    Answered,
    Client,
    S,
    corner,
    resource,
    signed_in,
)

PATH = "/providers/Microsoft.ResourceGraph/resources"
INVENTORY = sent.inventory().text
ABOVE = "AtScopeAboveAndBelow"


async def ask(
    client: Client,
    query: str = INVENTORY,
    *,
    subscriptions: Sequence[str] | None = (SUB, OTHER),
    version: str = "2022-10-01",
    groups: Sequence[str] | None = None,
    **options: Any,
) -> Answered:
    asked: dict[str, object] = {"query": query, "options": {"resultFormat": "objectArray", **options}}
    asked |= {} if subscriptions is None else {"subscriptions": list(subscriptions)}
    asked |= {} if groups is None else {"managementGroups": list(groups)}
    return await client.ask("POST", f"{PATH}?api-version={version}", asked)


async def rows(client: Client, query: str = INVENTORY, **options: Any) -> list[dict[str, Any]]:
    answer = await ask(client, query, authorizationScopeFilter=ABOVE, **options)
    assert answer.status == 200, answer.raw
    found: list[dict[str, Any]] = body(answer)["data"]
    return found


def body(answer: Answered) -> Any:
    return answer.json


def ids(found: Sequence[dict[str, Any]], kind: str) -> list[str]:
    return [str(row["id"]).rpartition("/")[2] for row in found if row["type"] == kind]


async def test_rows_have_every_column_and_names_in_lower_case(client: Client) -> None:
    found = await rows(client)
    vault = next(row for row in found if row["type"] == "microsoft.keyvault/vaults")
    assert vault == {
        "id": f"{S}/resourceGroups/rg-migrate/providers/Microsoft.KeyVault/vaults/contosokv0",
        "name": "contosokv0",
        "type": "microsoft.keyvault/vaults",
        "tenantId": "72f988bf-0000-4000-8000-000000000001",
        "kind": "",
        "location": "westeurope",
        "resourceGroup": "rg-migrate",
        "subscriptionId": SUB,
        "managedBy": "",
        "sku": None,
        "plan": None,
        "properties": {"enableRbacAuthorization": None},
        "tags": {"Kind": "kv"},
        "identity": None,
        "zones": None,
        "extendedLocation": None,
    }


async def test_a_subscription_comes_with_its_state_and_the_management_groups_above_it(client: Client) -> None:
    found = await rows(client)
    first = next(row for row in found if row["id"] == S)
    assert (first["name"], first["type"]) == ("Contoso Exit", "microsoft.resources/subscriptions")
    assert first["properties"] == {
        "managementGroupAncestorsChain": [
            {"name": "landing", "displayName": "Landing"},
            {"name": "contoso", "displayName": "Contoso"},
        ],
        "managedByTenants": [],
        "state": "Enabled",
    }


async def test_of_types_with_very_many_resources_only_those_with_a_sign_of_azure_migrate_are_rows() -> None:
    storage = f"{RG}/providers/Microsoft.Storage/storageAccounts"
    more = [
        resource(f"{storage}/plain"),
        resource(f"{storage}/migratersa1"),
        resource(f"{storage}/tagged", tags={"Migrate Project": "exit"}),
        resource(f"{storage}/mentioned", properties={"of": f"{RG}/providers/Microsoft.Migrate/MigrateProjects/x"}),
        resource(f"{RG}/providers/Microsoft.Compute/virtualMachines/migrated"),
    ]
    async with signed_in(corner(arm=more)) as client:
        found = await rows(client)
    assert ids(found, "microsoft.storage/storageaccounts") == ["mentioned", "migratersa1", "tagged"]
    assert ids(found, "microsoft.compute/virtualmachines") == []


async def test_resource_groups_are_rows_where_they_are_named(client: Client) -> None:
    kind = "microsoft.resources/subscriptions/resourcegroups"
    assert ids(await rows(client), kind) == []
    assert ids(await rows(client, sent.inventory(["RG-Migrate", "no'; drop"]).text), kind) == ["rg-migrate"]


async def test_role_assignments_are_those_of_the_principals_named_and_custom_roles_all(client: Client) -> None:
    query = sent.access([MEGAN, TEAM]).text
    found = await rows(client, query)
    held = {str(row["properties"]["principalId"]) for row in found if "principalId" in row["properties"]}
    assert held == {MEGAN, TEAM}
    assert GUEST not in held
    assert ids(found, "microsoft.authorization/roledefinitions") == ["c0570000-0000-4000-8000-000000000001"]
    assert ids(await rows(client, sent.access().text), "microsoft.authorization/roleassignments") == []
    roles = {row["properties"]["roleDefinitionId"] for row in found if "roleDefinitionId" in row["properties"]}
    assert all(str(role).startswith("/providers/Microsoft.Authorization/RoleDefinitions/") for role in roles)


async def test_assignments_from_above_come_only_with_the_filter_that_asks_for_them(client: Client) -> None:
    query = sent.access([MEGAN]).text
    usual = body(await ask(client, query))["data"]
    assert "a5510000-0000-4000-8000-000000000002" not in ids(usual, "microsoft.authorization/roleassignments")
    whole = await rows(client, query)
    assert "a5510000-0000-4000-8000-000000000002" in ids(whole, "microsoft.authorization/roleassignments")


@pytest.mark.parametrize(
    ("what", "place", "kind"),
    [
        ("Microsoft.KeyVault/vaults", S, "microsoft.keyvault/vaults"),
        ("Microsoft.OffAzure/VMwareSites", S, "microsoft.offazure/vmwaresites"),
        ("Microsoft.Resources/resources", S, "microsoft.migrate/migrateprojects"),
        ("Microsoft.OperationalInsights/workspaces", THERE, "microsoft.operationalinsights/workspaces"),
    ],
)
async def test_rows_without_a_right_are_absent_without_an_error(what: str, place: str, kind: str) -> None:
    async with signed_in(corner()) as client:
        before = await rows(client)
    async with signed_in(corner(gaps=[Gap(what, place, 403, "AuthorizationFailed", "no", f"{what}/read")])) as client:
        after = await rows(client)
    inside = [row for row in before if row["type"] == kind and str(row["id"]).startswith(place)]
    assert inside
    assert not [row for row in after if row in inside]
    if what != "Microsoft.Resources/resources":
        assert [row for row in before if row not in inside] == after


async def test_a_subscription_that_may_not_be_seen_is_absent_with_all_its_rows() -> None:
    refused = Gap("Microsoft.Resources/subscriptions", S, 403, "AuthorizationFailed", "no", "x/read")
    async with signed_in(corner(gaps=[refused])) as client:
        found = await rows(client)
        alone = await ask(client, subscriptions=[SUB])
    assert {row["subscriptionId"] for row in found} == {OTHER}
    assert (alone.status, alone.code) == (400, "BadRequest")


async def test_pages_follow_by_a_token_and_say_so(client: Client) -> None:
    whole, seen = await rows(client), []
    options: dict[str, Any] = {"$top": 5}
    while True:
        answer = body(await ask(client, **options))
        assert (answer["totalRecords"], answer["count"]) == (len(whole), len(answer["data"]))
        seen += answer["data"]
        token = answer.get("$skipToken")
        assert answer["resultTruncated"] == ("true" if token else "false")
        if token is None:
            break
        options["$skipToken"] = token
    assert seen == whole == sorted(whole, key=lambda row: str(row["id"]).lower())


async def test_the_page_size_of_the_emulator_bounds_the_rows() -> None:
    async with signed_in(corner(), Options(page_size=2)) as client:
        assert (await ask(client)).json["count"] == 2


async def test_an_answer_has_the_headers_of_the_quota(client: Client) -> None:
    headers = (await ask(client)).headers
    assert headers["x-ms-user-quota-remaining"].isdigit()
    assert headers["x-ms-user-quota-resets-after"] == "00:00:05"
    assert headers["x-ms-tenant-subscription-limit-hit"] == "false"


@pytest.mark.parametrize(
    ("more", "detail"),
    [
        ({"query": "resources"}, "InvalidQuery"),
        ({"query": INVENTORY.replace("vaults", "secrets")}, "InvalidQuery"),
        ({"query": f"{INVENTORY}\n| limit 5"}, "InvalidQuery"),
        ({"$top": 1001}, "InvalidTop"),
        ({"$top": 0}, "InvalidTop"),
        ({"$skipToken": "forged"}, "InvalidSkipToken"),
        ({"authorizationScopeFilter": "AtNoScope"}, "InvalidOptions"),
        ({"version": "2021-03-01", "authorizationScopeFilter": ABOVE}, "InvalidOptions"),
        ({"$skip": 5}, "InvalidOptions"),
        ({"groups": ["contoso"]}, "InvalidScope"),
        ({"subscriptions": ["00000000-0000-4000-8000-00000000dead"]}, "NoValidSubscriptionsInQueryRequest"),
    ],
)
async def test_anything_else_is_refused_as_azure_refuses_it(client: Client, more: dict[str, Any], detail: str) -> None:
    answer = await ask(client, **more)
    error = body(answer)["error"]
    assert (answer.status, answer.code) == (400, "BadRequest")
    assert error["details"][0]["code"] == detail


async def test_only_known_versions_are_answered(client: Client) -> None:
    assert (await ask(client, version="2021-06-01-preview", authorizationScopeFilter=ABOVE)).status == 200
    refused = await ask(client, version="2020-01-01")
    assert (refused.status, refused.code) == (404, "InvalidResourceType")
    assert (await client.get(f"{PATH}?api-version=2022-10-01")).status == 405


async def test_management_groups_stand_for_the_subscriptions_below_them(client: Client) -> None:
    found = body(await ask(client, subscriptions=None, groups=["Landing"]))["data"]
    assert {row["subscriptionId"] for row in found} == {SUB}
    everything = body(await ask(client, subscriptions=None))["data"]
    assert {row["subscriptionId"] for row in everything} == {SUB, OTHER}


async def test_a_larger_answer_than_azure_gives_is_refused(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "LARGEST", 500)
    answer = await ask(client)
    assert answer.status == 400
    assert b"ResponsePayloadTooLarge" in answer.raw
