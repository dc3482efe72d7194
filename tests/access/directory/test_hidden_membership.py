"""Groups with hidden membership: without Member.Read.Hidden nobody is shown as a member, which proves nothing."""

import pytest

from auditor.access.verdicts import AccessVerdict, Plane
from auditor.inventory.lists import HIDDEN_MEMBERS
from tests.access.environments import (
    ADELE,
    ALEX,
    CONTRIBUTOR,
    EVERYONE,
    OTHER_SUB,
    OWNER,
    READER,
    SUB,
    TEAM,
    VAULT,
    Row,
    assignment,
    denial,
    environment,
    guid,
    member,
    policy,
    scope,
    thing,
    user,
    vault,
)

WRITE = "Microsoft.Migrate/migrateProjects/write"
GET = "Microsoft.KeyVault/vaults/secrets/getSecret/action"
SECRET = guid("secret-group")
PEOPLE = (user(ADELE), user(ALEX))


def hiding(visibility: str = "HiddenMembership") -> Row:
    return thing("group", SECRET, displayName="Quiet", securityEnabled=True, visibility=visibility)


def test_a_role_of_a_group_that_hides_its_members_may_be_anybodys() -> None:
    found = environment(hiding(), *PEOPLE, assignment(SECRET, CONTRIBUTOR, SUB)).access().can(ADELE, WRITE, scope(SUB))
    assert found.verdict is AccessVerdict.UNKNOWN
    assert {(gap.what, gap.scope, gap.cure) for gap in found.gaps} == {
        ("graph/transitiveMembers", SECRET, HIDDEN_MEMBERS)
    }
    assert any("may be a hidden member of `Quiet`" in reason.text for reason in found.because)


@pytest.mark.parametrize("visibility", ["Private", "Public"])
def test_other_groups_show_their_members(visibility: str) -> None:
    world = environment(hiding(visibility), *PEOPLE, assignment(SECRET, CONTRIBUTOR, SUB))
    assert world.access().can(ADELE, WRITE, scope(SUB)).verdict is AccessVerdict.DENY


def test_who_is_shown_one_member_is_shown_all() -> None:
    rows = (hiding(), *PEOPLE, assignment(SECRET, CONTRIBUTOR, SUB), member(ALEX, SECRET))
    access = environment(*rows).access()
    assert access.can(ALEX, WRITE, scope(SUB)).verdict is AccessVerdict.ALLOW
    assert access.can(ADELE, WRITE, scope(SUB)).verdict is AccessVerdict.DENY


@pytest.mark.parametrize("row", [assignment(SECRET, READER, SUB), assignment(SECRET, CONTRIBUTOR, OTHER_SUB)])
def test_a_group_that_grants_nothing_there_leaves_nothing_open(row: Row) -> None:
    assert environment(hiding(), *PEOPLE, row).access().can(ADELE, WRITE, scope(SUB)).verdict is AccessVerdict.DENY


def test_what_the_account_holds_by_itself_stays() -> None:
    rows = (hiding(), *PEOPLE, assignment(SECRET, CONTRIBUTOR, SUB), assignment(ADELE, OWNER, SUB))
    assert environment(*rows).access().can(ADELE, WRITE, scope(SUB)).verdict is AccessVerdict.ALLOW


def test_a_group_above_a_hidden_one_may_be_anybodys_too() -> None:
    above = thing("group", TEAM, displayName="Team", securityEnabled=True)
    rows = (hiding(), above, *PEOPLE, member(SECRET, TEAM), assignment(TEAM, CONTRIBUTOR, SUB))
    found = environment(*rows).access().can(ADELE, WRITE, scope(SUB))
    assert (found.verdict, found.gaps[0].scope) == (AccessVerdict.UNKNOWN, SECRET)


def test_an_access_policy_and_a_denial_for_such_a_group_leave_it_open() -> None:
    by_policy = vault(enableRbacAuthorization=False, accessPolicies=[policy(SECRET, secrets=["get"])])
    found = environment(hiding(), *PEOPLE, by_policy).access().can(ADELE, GET, scope(VAULT), Plane.DATA)
    assert (found.verdict, found.gaps[0].cure) == (AccessVerdict.UNKNOWN, HIDDEN_MEMBERS)
    denied = denial(SUB, [EVERYONE], {"actions": ["*"]}, excluded=[SECRET])
    rows = (hiding(), *PEOPLE, denied, assignment(ADELE, OWNER, SUB))
    assert environment(*rows).access().can(ADELE, WRITE, scope(SUB)).verdict is AccessVerdict.UNKNOWN


def test_who_can_names_the_group_and_what_hides_its_members() -> None:
    found = environment(hiding(), *PEOPLE, assignment(SECRET, CONTRIBUTOR, SUB)).access().who_can(WRITE, scope(SUB))
    assert [holder.name for holder in found.holders] == ["Quiet"]
    assert found.at_least
    assert (SECRET, HIDDEN_MEMBERS) in {(gap.scope, gap.cure) for gap in found.gaps}
