import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.access.least_role import LeastRoles, Wanted
from auditor.access.roles import Role, RoleBook
from auditor.access.verdicts import Plane
from auditor.inventory.resources.authorization import Permission

READ, WRITE, OTHER = "A.B/things/read", "A.B/things/write", "A.C/others/write"


def role(name: str, *actions: str, data: tuple[str, ...] = (), condition: str | None = None) -> Role:
    return Role(name, name, [Permission(actions=actions, data_actions=data, condition=condition)])


def least(*roles: Role) -> LeastRoles:
    book = RoleBook({})
    book.built_in = lambda: roles  # type: ignore[method-assign]
    return LeastRoles(book)


def names(roles: tuple[Role, ...]) -> list[str]:
    return [one.name for one in roles]


def wanted(*actions: str, plane: Plane = Plane.CONTROL) -> list[Wanted]:
    return [Wanted((action,), plane) for action in actions]


def test_the_smallest_role_that_covers_everything_is_taken() -> None:
    roles = least(role("All", "*"), role("Things", "A.B/*"), role("Writer", WRITE), role("Reader", "*/read"))
    assert names(roles.covering(wanted(WRITE))) == ["Writer"]
    assert names(roles.covering(wanted(WRITE, READ))) == ["Things"]
    assert names(roles.covering(wanted(WRITE, OTHER))) == ["All"]


def test_of_equal_sizes_the_one_with_fewer_writes_is_taken() -> None:
    reads = role("Z reads more", WRITE, "A.B/a/read", "A.B/b/read")
    writes = role("A writes more", WRITE, "A.B/a/write", "A.B/b/write")
    assert names(least(writes, reads).covering(wanted(WRITE))) == ["Z reads more"]


def test_what_is_granted_under_a_condition_does_not_cover() -> None:
    limited = role("Limited", WRITE, condition="!(ActionMatches{'A.B/things/write'}) OR (@Request[x] StringEquals 'y')")
    assert names(least(limited, role("All", "*")).covering(wanted(WRITE))) == ["All"]
    assert least(limited).covering(wanted(WRITE)) == ()


def test_the_planes_are_kept_apart() -> None:
    roles = least(role("Control", WRITE), role("Data", data=(WRITE,)))
    assert names(roles.covering(wanted(WRITE, plane=Plane.DATA))) == ["Data"]


def test_where_no_role_covers_everything_few_do_so_together() -> None:
    roles = least(role("Writer", WRITE), role("Reader", READ), role("Other", OTHER))
    assert set(names(roles.covering(wanted(WRITE, OTHER)))) == {"Writer", "Other"}
    assert roles.covering(wanted(WRITE, "A.D/nobody/write")) == ()


def test_one_of_several_actions_will_do() -> None:
    assert names(least(role("Other", OTHER)).covering([Wanted((WRITE, OTHER))])) == ["Other"]


ACTIONS = st.lists(
    st.sampled_from(["*", "*/read", "A.B/*", "A.C/*", READ, WRITE, OTHER, "A.B/*/read"]), min_size=1, unique=True
)


@given(small=ACTIONS, more=ACTIONS)
def test_a_role_that_grants_all_that_another_grants_is_never_smaller(small: list[str], more: list[str]) -> None:
    roles = role("Small", *small), role("Large", *small, *more)
    asked = least(*roles)
    assert asked.size(roles[0]) <= asked.size(roles[1])


MIGRATE, VAULT = "Microsoft.Migrate/migrateProjects/write", "Microsoft.KeyVault/vaults/write"
GROUP, SITE = "Microsoft.Resources/subscriptions/resourceGroups/write", "Microsoft.OffAzure/VMwareSites/write"


@pytest.mark.parametrize(
    ("actions", "name"),
    [
        ([MIGRATE, VAULT], "Azure Migrate Decide and Plan Expert"),
        ([VAULT], "Key Vault Contributor"),
        (["Microsoft.Authorization/roleAssignments/write"], "Role Based Access Control Administrator"),
        (["Microsoft.Authorization/locks/delete"], "Locks Contributor"),
        ([GROUP, SITE], "Azure Migrate Owner"),
    ],
)
def test_of_the_roles_that_azure_has(actions: list[str], name: str) -> None:
    assert names(LeastRoles(RoleBook({})).covering(wanted(*actions))) == [name]


def test_of_the_vault_roles_that_azure_has() -> None:
    content = ["Microsoft.KeyVault/vaults/secrets/getSecret/action", "Microsoft.KeyVault/vaults/keys/create/action"]
    assert names(LeastRoles(RoleBook({})).covering(wanted(*content, plane=Plane.DATA))) == ["Key Vault Administrator"]
    assert names(LeastRoles(RoleBook({})).covering(wanted(content[0], plane=Plane.DATA))) == ["Key Vault Secrets User"]
