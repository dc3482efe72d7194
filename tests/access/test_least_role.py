from fnmatch import fnmatchcase
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.access.least_role import LeastRoles, WantedRole
from auditor.access.rbac.roles import Role, RoleBook
from auditor.access.verdicts import Plane
from auditor.inventory.resources.authorization import Permission
from tests.sampling import examples

READ, WRITE, OTHER = "A.B/things/read", "A.B/things/write", "A.C/others/write"


def role(name: str, *actions: str, data: tuple[str, ...] = (), condition: str | None = None) -> Role:
    return Role(name, name, [Permission(actions=actions, data_actions=data, condition=condition)])


def least(*roles: Role) -> LeastRoles:
    book = RoleBook({})
    book.built_in = lambda: roles  # type: ignore[method-assign]
    return LeastRoles(book)


def names(roles: tuple[Role, ...]) -> list[str]:
    return [one.name for one in roles]


def wanted(*actions: str, plane: Plane = Plane.CONTROL) -> list[WantedRole]:
    return [WantedRole((action,), plane) for action in actions]


def test_the_smallest_role_that_covers_everything_is_taken() -> None:
    roles = least(role("All", "*"), role("Things", "A.B/*"), role("Writer", WRITE), role("Reader", "*/read"))
    assert names(roles.covering(wanted(WRITE))) == ["Writer"]
    assert names(roles.covering(wanted(WRITE, READ))) == ["Things"]
    assert names(roles.covering(wanted(WRITE, OTHER))) == ["All"]


def test_between_equal_sizes_the_role_with_fewer_writes_is_taken() -> None:
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


def test_where_no_role_covers_everything_the_fewest_are_combined() -> None:
    roles = least(role("Writer", WRITE), role("Reader", READ), role("Other", OTHER))
    assert set(names(roles.covering(wanted(WRITE, OTHER)))) == {"Writer", "Other"}
    assert roles.covering(wanted(WRITE, "A.D/nobody/write")) == ()


def test_one_of_several_actions_suffices() -> None:
    assert names(least(role("Other", OTHER)).covering([WantedRole((WRITE, OTHER))])) == ["Other"]


ACTIONS = st.lists(
    st.sampled_from(["*", "*/read", "A.B/*", "A.C/*", READ, WRITE, OTHER, "A.B/*/read"]), min_size=1, unique=True
)


@given(small=ACTIONS, more=ACTIONS)
def test_a_role_that_grants_all_that_another_grants_is_never_smaller(small: list[str], more: list[str]) -> None:
    roles = role("Small", *small), role("Large", *small, *more)
    asked = least(*roles)
    assert asked.size(roles[0]) <= asked.size(roles[1])


PATTERNS = ("*", "*/read", "*/write", "A.B/*", "A.C/*", "A.B/*/read", READ, WRITE, OTHER, "A.C/others/read")
GRANTS = st.builds(
    lambda actions, spared, data: (tuple(actions), tuple(spared), tuple(data)),
    st.lists(st.sampled_from(PATTERNS), max_size=3, unique=True),
    st.lists(st.sampled_from(PATTERNS[1:]), max_size=1),
    st.lists(st.sampled_from(PATTERNS[5:]), max_size=1),
)
RIGHTS = st.builds(
    lambda actions, plane: WantedRole(tuple(actions), plane),
    st.lists(
        st.sampled_from([READ, WRITE, OTHER, "A.C/others/read", "A.D/x/write"]), min_size=1, max_size=2, unique=True
    ),
    st.sampled_from(Plane),
)
Lists = tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]


def matches(patterns: tuple[str, ...], action: str) -> bool:
    return any(fnmatchcase(action.lower(), pattern.lower()) for pattern in patterns)


def grants(lists: Lists, action: str, plane: Plane) -> bool:
    actions, spared, data = lists
    return matches(data, action) if plane is Plane.DATA else matches(actions, action) and not matches(spared, action)


def cost(chosen: tuple[Lists, ...], every: list[Lists]) -> tuple[int, int, int]:
    """Return the cost by the specification: number of roles, of known operations granted, and of writes among them."""
    known = {
        (pattern.replace("*", "any"), plane)
        for actions, _, data in every
        for plane, patterns in ((Plane.CONTROL, actions), (Plane.DATA, data))
        for pattern in patterns
    }
    granted = [operation for one in chosen for operation, plane in known if grants(one, operation, plane)]
    return len(chosen), len(granted), sum(not one.lower().endswith("/read") for one in granted)


@examples(300)
@given(lists=st.lists(GRANTS, min_size=1, max_size=6, unique=True), asked=st.lists(RIGHTS, min_size=1, max_size=3))
def test_no_other_choice_of_roles_is_smaller(lists: list[Lists], asked: list[WantedRole]) -> None:
    """Compares with every choice of up to three roles, evaluated with shell patterns only."""
    roles = [
        Role(f"r{number}", f"r{number}", [Permission(actions=one[0], not_actions=one[1], data_actions=one[2])])
        for number, one in enumerate(lists)
    ]
    fitting = [
        cost(chosen, lists)
        for count in (1, 2, 3)
        for chosen in combinations(lists, count)
        if all(any(grants(one, action, it.plane) for one in chosen for action in it.one_of) for it in asked)
    ]
    found = [lists[int(one.id[1:])] for one in least(*roles).covering(asked)]
    assert bool(found) == bool(fitting)
    if found:
        assert cost(tuple(found), lists) == min(fitting)


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
def test_with_the_built_in_roles(actions: list[str], name: str) -> None:
    assert names(LeastRoles(RoleBook({})).covering(wanted(*actions))) == [name]


def test_with_the_built_in_vault_roles() -> None:
    content = ["Microsoft.KeyVault/vaults/secrets/getSecret/action", "Microsoft.KeyVault/vaults/keys/create/action"]
    assert names(LeastRoles(RoleBook({})).covering(wanted(*content, plane=Plane.DATA))) == ["Key Vault Administrator"]
    assert names(LeastRoles(RoleBook({})).covering(wanted(content[0], plane=Plane.DATA))) == ["Key Vault Secrets User"]
