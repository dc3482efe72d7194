import pytest

from auditor.access.verdicts import AccessVerdict, NoteKind, ReasonKind
from auditor.inventory.snapshot.records import Link
from tests.access.environments import (
    ADELE,
    ALEX,
    APP,
    EVERYONE,
    OWNER,
    PARENT_TEAM,
    SUB,
    TEAM,
    Environment,
    Row,
    assignment,
    environment,
    gap,
    guid,
    member,
    scope,
    thing,
    user,
)

ACTION = "Microsoft.Migrate/migrateProjects/write"


def verdict(world: Environment, principal: str = ADELE) -> AccessVerdict:
    return world.access().can(principal, ACTION, scope(SUB)).verdict


@pytest.mark.parametrize(
    ("holder", "links", "expected"),
    [
        (ADELE, [], AccessVerdict.ALLOW),
        (ADELE.upper(), [], AccessVerdict.ALLOW),
        (ALEX, [], AccessVerdict.DENY),
        (TEAM, [member(ADELE, TEAM)], AccessVerdict.ALLOW),
        (TEAM, [member(ALEX, TEAM)], AccessVerdict.DENY),
        (PARENT_TEAM, [member(ADELE, TEAM), member(TEAM, PARENT_TEAM)], AccessVerdict.ALLOW),
        (TEAM, [member(TEAM, ADELE)], AccessVerdict.DENY),
        (EVERYONE, [], AccessVerdict.DENY),
    ],
)
def test_assignments_name_object_ids_and_reach_members(
    holder: str, links: list[object], expected: AccessVerdict
) -> None:
    assert verdict(environment(user(ADELE), assignment(holder, OWNER, SUB), *links)) is expected  # type: ignore[arg-type]


def test_an_account_missing_from_the_directory_can_still_have_access() -> None:
    assert verdict(environment(assignment(ADELE, OWNER, SUB))) is AccessVerdict.ALLOW


def test_the_path_through_groups_is_a_reason() -> None:
    links = (member(ADELE, TEAM), member(TEAM, PARENT_TEAM))
    teams = (thing("group", TEAM, displayName="team"), thing("group", PARENT_TEAM, displayName="platform"))
    found = environment(assignment(PARENT_TEAM, OWNER, SUB), *links, *teams).access().can(ADELE, ACTION, scope(SUB))
    told = [reason.text for reason in found.because if reason.kind is ReasonKind.GROUP]
    assert told == ["the account is a member of `team` in `platform`"]


def test_unread_groups_leave_a_negative_open_and_a_positive_standing() -> None:
    hidden = gap("graph/transitiveMemberOf", ADELE)
    assert verdict(environment(hidden)) is AccessVerdict.UNKNOWN
    assert verdict(environment(hidden, assignment(ADELE, OWNER, SUB))) is AccessVerdict.ALLOW


def test_a_group_without_security_may_or_may_not_count() -> None:
    open_team = thing("group", TEAM, securityEnabled=False)
    world = environment(open_team, member(ADELE, TEAM), assignment(TEAM, OWNER, SUB))
    found = world.access().can(ADELE, ACTION, scope(SUB))
    assert (found.verdict, found.gaps[0].scope) == (AccessVerdict.UNKNOWN, TEAM)
    assert verdict(environment(open_team, member(ALEX, TEAM), assignment(TEAM, OWNER, SUB))) is AccessVerdict.DENY
    world.links.append(member(TEAM, PARENT_TEAM))
    world.arm.append(assignment(PARENT_TEAM, OWNER, SUB))
    assert verdict(world) is AccessVerdict.UNKNOWN


def test_a_group_that_could_not_be_read_may_be_one_without_security() -> None:
    held: list[Row | Link] = [member(ADELE, TEAM), assignment(TEAM, OWNER, SUB)]
    refused = gap("graph/groups", TEAM)
    found = environment(*held, refused).access().can(ADELE, ACTION, scope(SUB))
    assert (found.verdict, found.gaps) == (AccessVerdict.UNKNOWN, (refused,))
    assert verdict(environment(*held, thing("group", TEAM, securityEnabled=True), refused)) is AccessVerdict.ALLOW
    assert verdict(environment(*held, gap("graph/directoryObjects", "/"))) is AccessVerdict.UNKNOWN
    assert verdict(environment(*held)) is AccessVerdict.ALLOW


def test_an_id_that_may_be_an_app_id_is_no_denial() -> None:
    refused = gap("graph/servicePrincipals", guid("client"))
    assert verdict(environment(refused, assignment(APP, OWNER, SUB)), guid("client")) is AccessVerdict.UNKNOWN


def test_a_group_can_be_the_account() -> None:
    world = environment(thing("group", TEAM, securityEnabled=True), assignment(TEAM, OWNER, SUB))
    assert verdict(world, TEAM) is AccessVerdict.ALLOW


@pytest.mark.parametrize("asked", [APP, guid("client"), guid("registration"), guid("client").upper()])
def test_ids_of_an_application_mean_its_service_principal(asked: str) -> None:
    world = environment(
        thing("servicePrincipal", APP, appId=guid("client")),
        thing("application", guid("registration"), appId=guid("client")),
        assignment(APP, OWNER, SUB, principalType="ServicePrincipal"),
    )
    assert verdict(world, asked) is AccessVerdict.ALLOW


def test_a_group_of_another_tenant_leaves_strangers_unknown() -> None:
    foreign = assignment(guid("partner"), OWNER, SUB, principalType="ForeignGroup")
    assert verdict(environment(foreign)) is AccessVerdict.UNKNOWN
    assert verdict(environment(foreign, user(ADELE))) is AccessVerdict.DENY
    assert verdict(environment(foreign), guid("partner")) is AccessVerdict.ALLOW


@pytest.mark.parametrize(
    ("properties", "text"),
    [
        ({"accountEnabled": False}, "disabled"),
        ({"userType": "Guest", "externalUserState": "PendingAcceptance"}, "invitation"),
        ({"accountEnabled": True, "externalUserState": "Accepted"}, None),
        ({"externalUserState": None}, None),
    ],
)
def test_an_account_that_cannot_sign_in_becomes_a_note(properties: dict[str, object], text: str | None) -> None:
    found = (
        environment(user(ADELE, **properties), assignment(ADELE, OWNER, SUB)).access().can(ADELE, ACTION, scope(SUB))
    )
    told = [note.text for note in found.notes if note.kind is NoteKind.ACCOUNT]
    assert found.verdict is AccessVerdict.ALLOW
    assert [item for item in told if text is None or text not in item] == []
    assert len(told) == (0 if text is None else 1)


def test_a_disabled_service_principal_becomes_a_note() -> None:
    held = (thing("servicePrincipal", APP, accountEnabled=False), assignment(APP, OWNER, SUB))
    found = environment(*held).access().can(APP, ACTION, scope(SUB))
    assert found.verdict is AccessVerdict.ALLOW
    assert "disabled" in found.notes[0].text


def test_a_deleted_account_keeps_its_grants_and_becomes_a_note() -> None:
    world = environment(assignment(ADELE, OWNER, SUB))
    world.deleted.append(user(ADELE))
    found = world.access().can(ADELE, ACTION, scope(SUB))
    assert found.verdict is AccessVerdict.ALLOW
    assert "deleted" in found.notes[0].text


def test_an_absent_account_becomes_a_note_only_where_the_directory_was_read() -> None:
    world = environment(assignment(ADELE, OWNER, SUB))
    assert "no object" in world.access().can(ADELE, ACTION, scope(SUB)).notes[0].text
    world.gaps.append(gap("graph/directoryObjects", "/"))
    assert world.access().can(ADELE, ACTION, scope(SUB)).notes == ()
