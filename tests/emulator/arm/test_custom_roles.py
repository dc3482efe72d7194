"""Creating custom roles: Azure refuses one with an action that it does not have."""

import json

import pytest
from click.testing import CliRunner

from auditor.cli.permissions import permissions
from tests.emulator.contoso_corner import RG, Client, S

ROLE = f"{S}/providers/Microsoft.Authorization/roleDefinitions/5e1f0001-0000-4000-8000-000000000009"
VERSION = "?api-version=2022-04-01"


def definition(name: str = "reader", *, scopes: object = (S,), **permission: list[str]) -> dict[str, object]:
    """Return the body that creates a role."""
    return {"properties": {"roleName": name, "permissions": [permission], "assignableScopes": scopes}}


def printed(purpose: str) -> dict[str, object]:
    """Return the body that creates the role that `migaudit permissions` prints, as the Azure CLI makes it."""
    arguments = ["--format", "role", "--for", purpose, "--scope", S]
    role = json.loads(CliRunner().invoke(permissions, arguments, standalone_mode=False).stdout)
    lists = {name[0].lower() + name[1:]: role[name] for name in ("Actions", "NotActions", "DataActions")}
    return definition(role["Name"], scopes=role["AssignableScopes"], **lists)


@pytest.mark.parametrize("purpose", ["reading", "cleanup"])
async def test_the_printed_role_can_be_created(client: Client, purpose: str) -> None:
    body = printed(purpose)
    made = await client.ask("PUT", ROLE + VERSION, body)
    assert made.status == 201, made.json
    held = (await client.get(ROLE + VERSION)).json["properties"]
    assert held == {**body["properties"], "type": "CustomRole"}  # type: ignore[dict-item]
    listed = await client.get(f"{ROLE.rpartition('/')[0]}{VERSION}&$filter=type eq 'CustomRole'")
    assert ROLE.rpartition("/")[2] in listed.names


@pytest.mark.parametrize(
    ("permission", "code", "said"),
    [
        (
            {"actions": ["Microsoft.Migrate/migrateProjects/read", "Microsoft.Migrate/projects/read"]},
            "InvalidActionOrNotAction",
            "'Microsoft.Migrate/projects/read' does not match any of the actions supported by the providers.",
        ),
        ({"notActions": ["Microsoft.OffAzure/sites/*"]}, "InvalidActionOrNotAction", "'Microsoft.OffAzure/sites/*'"),
        ({"actions": ["Microsoft.KeyVault/*/secrets/*"]}, "InvalidActionOrNotAction", "multiple wildcards"),
        (
            {"dataActions": ["Microsoft.KeyVault/vaults/read"]},
            "InvalidDataActionOrNotDataAction",
            "'Microsoft.KeyVault/vaults/read'",
        ),
    ],
)
async def test_one_unknown_action_refuses_the_whole_role(
    client: Client, permission: dict[str, list[str]], code: str, said: str
) -> None:
    body = {"properties": {"roleName": "r", "permissions": [permission], "assignableScopes": [S]}}
    refused = await client.ask("PUT", ROLE + VERSION, body)
    assert (refused.status, refused.code) == (400, code)
    assert said in str(refused.json["error"]["message"])  # type: ignore[index]
    assert (await client.get(ROLE + VERSION)).status == 404


@pytest.mark.parametrize("action", ["*", "*/read", "Microsoft.Migrate/*/read", "Microsoft.Banana/apples/read"])
async def test_a_wildcard_and_an_unlisted_provider_are_accepted(client: Client, action: str) -> None:
    assert (await client.ask("PUT", ROLE + VERSION, definition(actions=[action]))).status == 201


@pytest.mark.parametrize("body", [{}, definition(scopes=[]), {"properties": {"roleName": "x", "permissions": {}}}])
async def test_an_incomplete_definition_is_refused(client: Client, body: dict[str, object]) -> None:
    assert (await client.ask("PUT", ROLE + VERSION, body)).status == 400


async def test_two_roles_cannot_have_one_name(client: Client) -> None:
    body = definition("twice", actions=["*/read"])
    assert (await client.ask("PUT", ROLE + VERSION, body)).status == 201
    assert (await client.ask("PUT", ROLE + VERSION, body)).status == 201, "the same role again"
    other = await client.ask("PUT", f"{ROLE[:-1]}8{VERSION}", body)
    assert (other.status, other.code) == (409, "RoleDefinitionWithSameNameExists")


async def test_a_role_of_a_resource_group_is_listed_there_and_below_a_subscription_only(client: Client) -> None:
    assert (await client.ask("PUT", ROLE + VERSION, definition(scopes=[RG], actions=["*/read"]))).status == 201
    lists = {
        f"{S}": False,
        f"{RG}": True,
        f"{RG.rpartition('/')[0]}/other": False,
    }
    name = ROLE.rpartition("/")[2]
    for scope, found in lists.items():
        listed = await client.get(f"{scope}/providers/Microsoft.Authorization/roleDefinitions{VERSION}")
        assert (listed.status == 200 and name in listed.names) is found, scope
    below = f"{S}/providers/Microsoft.Authorization/roleDefinitions{VERSION}&$filter=atScopeAndBelow()"
    assert name in (await client.get(below)).names
    assert (await client.get(ROLE + VERSION)).status == 200, "by its id it is found anywhere"
