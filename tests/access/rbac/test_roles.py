import pytest

from auditor.access.rbac.roles import Role, RoleBook, Strength, role_key
from auditor.access.verdicts import AccessVerdict, Plane
from auditor.inventory.inventory import Inventory
from auditor.inventory.resources.authorization import Permission
from tests.access.environments import (
    ADELE,
    CONTRIBUTOR,
    OWNER,
    READER,
    RG,
    SUB,
    VAULT,
    Row,
    assignment,
    definition,
    environment,
    guid,
    role_id,
    scope,
)

ASSIGN = "microsoft.authorization/roleassignments/write"


def role(*permissions: Permission) -> Role:
    return Role("id", "role", permissions)


def shipped(key: str) -> Role:
    found = RoleBook({}).role(key)
    assert found is not None
    return found


def test_exclusions_apply_to_their_own_permission_object_only() -> None:
    made = role(
        Permission(actions=("Microsoft.Migrate/*",), not_actions=("*/delete",)),
        Permission(actions=("Microsoft.Migrate/things/delete",)),
    )
    assert made.match("microsoft.migrate/things/delete", Plane.CONTROL).strength is Strength.PLAIN
    assert made.match("microsoft.migrate/things/delete", Plane.CONTROL).index == 1
    assert made.match("microsoft.migrate/others/delete", Plane.CONTROL).strength is Strength.NONE


def test_planes_are_never_mixed() -> None:
    made = role(Permission(actions=("*",), not_data_actions=("*",)), Permission(data_actions=("Vault/keys/read",)))
    assert made.match("vault/keys/read", Plane.CONTROL).strength is Strength.PLAIN
    assert made.match("vault/keys/read", Plane.DATA).strength is Strength.PLAIN
    assert made.match("vault/keys/write", Plane.DATA).strength is Strength.NONE
    assert shipped(OWNER).match("microsoft.keyvault/vaults/keys/read", Plane.DATA).strength is Strength.NONE


def test_a_plain_object_outweighs_a_conditional_one() -> None:
    made = role(Permission(actions=("a/b",), condition="x"), Permission(actions=("a/*",)))
    assert made.match("a/b", Plane.CONTROL).strength is Strength.PLAIN
    assert made.match("a/b", Plane.CONTROL).pattern == "a/*"


def test_an_inferred_reading_is_marked_when_it_alone_decides() -> None:
    assert role(Permission(actions=("a/*/read",))).match("a/read", Plane.CONTROL).inferred
    both = role(Permission(actions=("a/*/read",)), Permission(actions=("a/read",)))
    assert not both.match("a/read", Plane.CONTROL).inferred


def test_an_inferred_exclusion_applies_and_is_marked() -> None:
    custom = definition("narrow", {"actions": ["a/*"], "notActions": ["a/*/delete"]})
    found = environment(custom, assignment(ADELE, "narrow", SUB)).access().can(ADELE, "a/delete", scope(SUB))
    assert found.verdict is AccessVerdict.DENY
    assert any("inferred" in note.text for note in found.notes)


@pytest.mark.parametrize(
    ("name", "key", "strength"),
    [
        ("Owner", OWNER, Strength.PLAIN),
        ("User Access Administrator", "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9", Strength.PLAIN),
        ("Role Based Access Control Administrator", "f58310d9-a9f6-439a-9e8d-f62e7b41a168", Strength.PLAIN),
        ("Contributor", CONTRIBUTOR, Strength.NONE),
        ("Reader", READER, Strength.NONE),
        ("Azure Migrate Owner", "fd8ea4d5-6509-4db0-bada-356ab233b4fa", Strength.CONDITIONAL),
        ("Azure Migrate Execute Expert", "1cfa4eac-9a23-481c-a793-bfb6958e836b", Strength.CONDITIONAL),
        ("Azure Migrate Decide and Plan Expert", "7859c0b0-0bb9-4994-bd12-cd529af7d646", Strength.NONE),
        ("Key Vault Data Access Administrator", "8b54135c-b56d-4d72-a534-26097cfdc8d8", Strength.CONDITIONAL),
    ],
)
def test_who_may_assign_roles_among_the_built_in_roles(name: str, key: str, strength: Strength) -> None:
    assert shipped(key).name == name
    assert shipped(key).match(ASSIGN, Plane.CONTROL).strength is strength


@pytest.mark.parametrize(
    ("action", "holds"),
    [
        ("Microsoft.Migrate/register/action", {OWNER, CONTRIBUTOR, "fd8ea4d5-6509-4db0-bada-356ab233b4fa"}),
        ("Microsoft.KeyVault/locations/deletedVaults/purge/action", {OWNER, CONTRIBUTOR}),
        ("Microsoft.Authorization/locks/delete", {OWNER, "fd8ea4d5-6509-4db0-bada-356ab233b4fa"}),
        ("Microsoft.Authorization/elevateAccess/Action", {OWNER}),
    ],
)
def test_important_actions(action: str, holds: set[str]) -> None:
    keys = {OWNER, CONTRIBUTOR, READER, "fd8ea4d5-6509-4db0-bada-356ab233b4fa", "f25e0fa2-a7c8-4377-a976-54943a77a395"}
    found = {key for key in keys if shipped(key).match(action.lower(), Plane.CONTROL).strength is Strength.PLAIN}
    assert found == holds


@pytest.mark.parametrize(
    "text",
    [
        role_id(READER),
        f"{SUB}{role_id(READER)}",
        role_id(READER.upper()) + "/",
        READER,
    ],
)
def test_a_definition_is_found_by_its_guid(text: str) -> None:
    assert role_key(text) == READER


def test_a_definition_that_was_read_outweighs_the_shipped_one() -> None:
    mine: Row = definition(READER, {"actions": ["only/this"]})
    book = RoleBook.of(Inventory.of(environment(mine).snapshot()))
    found = book.role(role_id(READER))
    assert found is not None
    assert not found.shipped
    assert found.match("other/read", Plane.CONTROL).strength is Strength.NONE


def test_an_unread_role_could_grant_anything() -> None:
    world = environment(assignment(ADELE, "custom", SUB))
    found = world.access().can(ADELE, "a/read", scope(SUB))
    assert found.verdict is AccessVerdict.UNKNOWN
    assert [gap.what for gap in found.gaps] == ["Microsoft.Authorization/roleDefinitions"]
    assert guid("custom") in found.gaps[0].message
    assert (found.gaps[0].scope, found.gaps[0].cure) == (SUB, "Microsoft.Authorization/roleDefinitions/read")


@pytest.mark.parametrize("at", [RG, VAULT, VAULT + "/secrets/one"])
def test_the_gap_of_an_unread_role_is_at_the_resource_group_whose_list_may_hold_it(at: str) -> None:
    world = environment(assignment(ADELE, "custom", at))
    found = world.access().can(ADELE, "a/read", scope(at))
    assert found.verdict is AccessVerdict.UNKNOWN
    assert {(gap.scope, gap.cure) for gap in found.gaps} == {(RG, "Microsoft.Authorization/roleDefinitions/read")}


def test_a_definition_without_its_permissions_counts_as_unread() -> None:
    bare = definition("custom")
    bare["properties"].pop("permissions")
    assert environment(bare, assignment(ADELE, "custom", SUB)).access().can(ADELE, "a/read", scope(SUB)).gaps
    empty = definition("custom")
    world = environment(empty, assignment(ADELE, "custom", SUB))
    assert world.access().can(ADELE, "a/read", scope(SUB)).verdict is AccessVerdict.DENY
