"""ARM actions (POST), and requests that clients send in addition to the lists of a scan."""

import pytest

from tests.emulator.arm.test_gaps import gap
from tests.emulator.contoso_corner import GROUPS, OTHER, RG, SUB, VAULT, WORKSPACE, Client, S, corner, signed_in

ENTITIES = "/providers/Microsoft.Management/getEntities?api-version=2020-05-01"
NAME = f"{S}/providers/Microsoft.KeyVault/checkNameAvailability?api-version=2023-07-01"


async def test_entities_are_all_groups_and_subscriptions(client: Client) -> None:
    found = await client.ask("POST", ENTITIES)
    assert found.status == 200
    entities = {row["name"]: row["properties"] for row in found.json["value"]}  # type: ignore[attr-defined]
    assert entities["contoso"]["numberOfDescendants"] > entities["landing"]["numberOfDescendants"]
    assert entities["landing"]["parentNameChain"] == ["contoso"]
    assert {SUB, OTHER} & entities.keys()


async def test_entities_are_refused_if_the_groups_are() -> None:
    async with signed_in(corner(gaps=[gap("Microsoft.Management/managementGroups", "/")])) as client:
        assert (await client.ask("POST", ENTITIES)).status == 403


async def test_subscriptions_of_a_group_are_those_directly_below(client: Client) -> None:
    path = f"{GROUPS}/{{}}/subscriptions?api-version=2020-05-01"
    below = {name: (await client.get(path.format(name))).names for name in ("contoso", "landing")}
    assert SUB in below["landing"] + below["contoso"]
    assert not set(below["landing"]) & set(below["contoso"])


@pytest.mark.parametrize(("name", "free"), [(VAULT.rpartition("/")[2].upper(), False), ("nobody-has-it", True)])
async def test_the_name_of_a_vault_is_free_or_taken(client: Client, name: str, free: bool) -> None:
    answer = await client.ask("POST", NAME, {"name": name, "type": "Microsoft.KeyVault/vaults"})
    assert answer.json["nameAvailable"] is free
    other = await client.ask("POST", NAME.replace("checkName", "checkMhsmName"), {"name": name})
    assert other.json["nameAvailable"] is True, "the names of managed HSMs are names apart"


@pytest.mark.parametrize(
    ("path", "action", "scope"),
    [
        (f"{WORKSPACE}/sharedKeys", "Microsoft.OperationalInsights/workspaces/sharedKeys/action", WORKSPACE),
        (f"{S}/providers/Microsoft.OffAzure/register", "Microsoft.OffAzure/register/action", S),
        (f"{RG}/exportTemplate", "Microsoft.Resources/exportTemplate/action", RG),
    ],
)  # fmt: skip
async def test_an_action_is_refused_by_its_name_and_scope(client: Client, path: str, action: str, scope: str) -> None:
    refused = await client.ask("POST", f"{path}?api-version=2020-08-01")
    assert (refused.status, refused.code) == (403, "AuthorizationFailed")
    message = str(refused.json["error"]["message"])  # type: ignore[index]
    assert f"'{action}'" in message
    assert f"'{scope}'" in message


async def test_a_provider_with_resources_is_registered(client: Client) -> None:
    asked = await client.get(f"{S}/providers/Microsoft.OperationalInsights?api-version=2022-09-01")
    assert asked.json["registrationState"] == "Registered"
    types = {row["resourceType"]: row["apiVersions"] for row in asked.json["resourceTypes"]}  # type: ignore[attr-defined]
    assert types["workspaces"]


@pytest.mark.parametrize("namespace", ["Microsoft.KeyVault", "Microsoft.OffAzure"])
async def test_audited_registrations_come_from_the_snapshot_only(client: Client, namespace: str) -> None:
    assert (await client.get(f"{S}/providers/{namespace}?api-version=2022-09-01")).status == 404


async def test_a_provider_has_its_types_with_versions_newest_first(client: Client) -> None:
    asked = await client.get(f"{S}/providers/Microsoft.Migrate?api-version=2022-09-01")
    assert asked.json["registrationState"] == "Registered"
    types = {row["resourceType"]: row["apiVersions"] for row in asked.json["resourceTypes"]}  # type: ignore[attr-defined]
    assert types["migrateProjects"] == ["2023-01-01", "2020-06-01-preview", "2020-05-01", "2018-09-01-preview"]
    listed = await client.get(f"{S}/providers?api-version=2022-09-01")
    assert "resourceTypes" not in listed.json["value"][0]  # type: ignore[index]


async def test_unknown_names_are_returned_in_the_case_of_the_request(client: Client) -> None:
    for path in (f"{S}/providers/Microsoft.Banana", f"{S}/providers/Microsoft.Banana/apples"):
        refused = await client.get(f"{path}?api-version=2022-09-01")
        assert (refused.status, refused.code) == (404, "InvalidResourceNamespace")
        assert "'Microsoft.Banana'" in str(refused.json["error"]["message"])  # type: ignore[index]
