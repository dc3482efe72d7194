from datetime import timedelta

import pytest

from auditor.access.access import Access
from auditor.access.verdicts import AccessVerdict, NoteKind, ReasonKind
from auditor.inventory.inventory import Inventory
from auditor.inventory.reads import Gap, Read
from auditor.inventory.snapshot.records import Link
from tests.access.environments import (
    ADELE,
    ALEX,
    NOW,
    OTHER_SUB,
    OWNER,
    READER,
    SUB,
    TEAM,
    Environment,
    Row,
    activation,
    assignment,
    delegation,
    eligibility,
    environment,
    gap,
    member,
    scope,
    thing,
)

ACTION = "Microsoft.Migrate/migrateProjects/write"
ELIGIBILITIES = "Microsoft.Authorization/roleEligibilityScheduleInstances"
ACTIVE = "Microsoft.Authorization/roleAssignmentScheduleInstances"


def at(hours: float) -> str:
    return (NOW + timedelta(hours=hours)).isoformat()


def verdict(world: Environment) -> AccessVerdict:
    return world.access().can(ADELE, ACTION, scope(SUB)).verdict


@pytest.mark.parametrize(
    ("window", "holds"),
    [
        ({}, True),
        ({"startDateTime": at(-1)}, True),
        ({"startDateTime": at(0)}, True),
        ({"startDateTime": at(1)}, False),
        ({"endDateTime": at(1)}, True),
        ({"endDateTime": at(0)}, False),
        ({"endDateTime": at(-1)}, False),
        ({"startDateTime": at(-2), "endDateTime": at(2)}, True),
        ({"startDateTime": None, "endDateTime": None}, True),
        ({"startDateTime": "2026-11-23T09:00:00.1234567Z"}, True),
    ],
)
def test_an_instance_counts_only_inside_its_window(window: Row, holds: bool) -> None:
    eligible = verdict(environment(eligibility(ADELE, OWNER, SUB, **window)))
    active = verdict(environment(activation(ADELE, OWNER, SUB, assignmentType="Activated", **window)))
    assert eligible is (AccessVerdict.ELIGIBLE if holds else AccessVerdict.DENY)
    assert active is (AccessVerdict.ALLOW if holds else AccessVerdict.DENY)


def test_a_group_may_be_eligible() -> None:
    world = environment(eligibility(TEAM, OWNER, SUB, memberType="Group"), member(ADELE, TEAM))
    assert verdict(world) is AccessVerdict.ELIGIBLE


JOINABLE = thing(
    "privilegedAccessGroupEligibilityScheduleInstance",
    "one",
    principalId=ADELE.upper(),
    groupId=TEAM,
    accessId="member",
    endDateTime=at(1),
)


def test_an_eligible_member_of_a_group_that_holds_the_role() -> None:
    world = environment(JOINABLE, assignment(TEAM, OWNER, SUB))
    found = world.access().can(ADELE, ACTION, scope(SUB))
    assert found.verdict is AccessVerdict.ELIGIBLE
    assert ReasonKind.GROUP_ELIGIBILITY in {reason.kind for reason in found.because}
    holders = world.access().who_can(ACTION, scope(SUB)).expanded().holders
    assert {holder.principal for holder in holders} == {ADELE, TEAM}
    for properties in ({"accessId": "owner"}, {"endDateTime": at(-1)}, {"startDateTime": at(1)}):
        assert verdict(environment({**JOINABLE, **properties}, assignment(TEAM, OWNER, SUB))) is AccessVerdict.DENY


def test_a_standing_grant_outweighs_an_eligibility() -> None:
    assert verdict(environment(eligibility(ADELE, OWNER, SUB), assignment(ADELE, OWNER, SUB))) is AccessVerdict.ALLOW


def test_an_activation_shows_its_end() -> None:
    found = environment(activation(ADELE, OWNER, SUB, endDateTime=at(2))).access().can(ADELE, ACTION, scope(SUB))
    assert at(2) in found.because[0].text


def test_an_assignment_from_an_ended_activation_grants_nothing_and_becomes_a_note() -> None:
    held = assignment(ADELE, OWNER, SUB)
    over = activation(ADELE, OWNER, SUB, originRoleAssignmentId=held["id"].upper(), endDateTime=at(-1))
    found = environment(held, over).access().can(ADELE, ACTION, scope(SUB))
    assert found.verdict is AccessVerdict.DENY
    assert [note.id for note in found.notes if note.kind is NoteKind.STALE] == [held["id"]]


def test_an_assignment_that_pim_lists_too_is_shown_once() -> None:
    held = assignment(ADELE, OWNER, SUB)
    joined = activation(ADELE, OWNER, SUB, originRoleAssignmentId=held["id"], assignmentType="Assigned")
    found = environment(held, joined).access().can(ADELE, ACTION, scope(SUB))
    assert [reason.kind for reason in found.because] == [ReasonKind.ROLE_ASSIGNMENT, ReasonKind.ROLE_DEFINITION]


NO_WINDOWS, NO_ELIGIBILITIES = gap(ACTIVE, SUB), gap(ELIGIBILITIES, SUB)
HELD = assignment(ADELE, OWNER, SUB)
LAPSES: dict[str, tuple[list[Row | Link | Gap], AccessVerdict]] = {
    "nobody is eligible": ([HELD], AccessVerdict.ALLOW),
    "eligible for the same role": ([HELD, eligibility(ADELE, OWNER, SUB)], AccessVerdict.ELIGIBLE),
    "eligible above": ([HELD, eligibility(ADELE, OWNER, "/")], AccessVerdict.ELIGIBLE),
    "eligible by a group": ([HELD, member(ADELE, TEAM), eligibility(TEAM, OWNER, SUB)], AccessVerdict.ELIGIBLE),
    "perhaps eligible by a group": (
        [HELD, gap("graph/transitiveMemberOf", ADELE), eligibility(TEAM, OWNER, SUB)],
        AccessVerdict.UNKNOWN,
    ),
    "eligible once, the group that may be joined": (
        [assignment(TEAM, OWNER, SUB), JOINABLE, eligibility(TEAM, OWNER, SUB, endDateTime=at(-1))],
        AccessVerdict.UNKNOWN,
    ),
    "eligible once": ([HELD, eligibility(ADELE, OWNER, SUB, endDateTime=at(-1))], AccessVerdict.UNKNOWN),
    "eligible for another role": ([HELD, eligibility(ADELE, READER, SUB)], AccessVerdict.ALLOW),
    "eligible elsewhere": ([HELD, eligibility(ADELE, OWNER, OTHER_SUB)], AccessVerdict.ALLOW),
    "someone else is eligible": ([HELD, eligibility(ALEX, OWNER, SUB)], AccessVerdict.ALLOW),
    "who is eligible was not read either": ([HELD, NO_ELIGIBILITIES], AccessVerdict.UNKNOWN),
    "no licence for PIM": ([HELD, gap(ELIGIBILITIES, SUB, 400, "AadPremiumLicenseRequired")], AccessVerdict.ALLOW),
    "held by a delegation": ([delegation(SUB, {"principalId": ADELE, "roleDefinitionId": OWNER})], AccessVerdict.ALLOW),
}


@pytest.mark.parametrize(("rows", "expected"), LAPSES.values(), ids=LAPSES)
def test_without_the_windows_a_possible_activation_is_not_a_plain_grant(
    rows: list[Row], expected: AccessVerdict
) -> None:
    found = environment(NO_WINDOWS, *rows).access().can(ADELE, ACTION, scope(SUB))
    assert found.verdict is expected
    assert (NO_WINDOWS in found.gaps) is (expected is not AccessVerdict.ALLOW)


def judged(world: Environment, hours: float) -> AccessVerdict:
    """Return the verdict at another time than the snapshot's."""
    access = Access.of(Inventory.of(world.snapshot(), NOW + timedelta(hours=hours)))
    return access.can(ADELE, ACTION, scope(SUB)).verdict


@pytest.mark.parametrize("kind", ["Activated", "Assigned"])
def test_a_later_verdict_respects_the_end_of_a_window(kind: str) -> None:
    window = activation(ADELE, OWNER, SUB, originRoleAssignmentId=HELD["id"], endDateTime=at(2), assignmentType=kind)
    assert judged(environment(HELD, window), 1) is AccessVerdict.ALLOW
    assert judged(environment(HELD, window), 3) is AccessVerdict.DENY
    assert judged(environment(HELD, NO_WINDOWS), 3) is AccessVerdict.UNKNOWN
    assert judged(environment(HELD), 3) is AccessVerdict.ALLOW


def test_a_time_bound_assignment_that_is_still_listed_counts() -> None:
    over = {"originRoleAssignmentId": HELD["id"], "endDateTime": at(-1)}
    assert (
        verdict(environment(HELD, activation(ADELE, OWNER, SUB, assignmentType="Assigned", **over)))
        is AccessVerdict.ALLOW
    )
    assert (
        verdict(environment(HELD, activation(ADELE, OWNER, SUB, assignmentType="Activated", **over)))
        is AccessVerdict.DENY
    )


def test_without_the_licence_there_is_no_group_to_join() -> None:
    refused = gap("graph/groupEligibilities", ADELE)
    assert verdict(environment(refused)) is AccessVerdict.UNKNOWN
    assert verdict(environment(gap(refused.what, ADELE, 400, "AadPremiumLicenseRequired"))) is AccessVerdict.DENY
    assert verdict(environment(gap(refused.what, TEAM), member(ADELE, TEAM))) is AccessVerdict.UNKNOWN


def test_refused_memberships_of_a_group_to_join_are_a_gap() -> None:
    world = environment(JOINABLE, gap("graph/transitiveMemberOf", TEAM))
    assert verdict(world) is AccessVerdict.UNKNOWN
    assert verdict(environment(JOINABLE)) is AccessVerdict.DENY


@pytest.mark.parametrize("what", [ELIGIBILITIES, ACTIVE])
def test_a_refused_list_leaves_a_negative_open_and_a_positive_standing(what: str) -> None:
    assert verdict(environment(gap(what, SUB))) is AccessVerdict.UNKNOWN
    assert verdict(environment(gap(what, SUB), assignment(ADELE, OWNER, SUB))) is AccessVerdict.ALLOW
    assert verdict(environment(gap(what, OTHER_SUB))) is AccessVerdict.DENY


def test_a_tenant_without_pim_hides_nothing() -> None:
    missing = gap(ELIGIBILITIES, SUB, 400, "AadPremiumLicenseRequired")
    assert verdict(environment(missing)) is AccessVerdict.DENY
    assert not environment(missing).access().who_can(ACTION, scope(SUB)).at_least
    contradicted = environment(missing, eligibility(ALEX, OWNER, OTHER_SUB))
    assert verdict(contradicted) is AccessVerdict.UNKNOWN


def basic_reads(*more: str) -> list[Read]:
    lists = ("Microsoft.Authorization/roleAssignments", "Microsoft.Authorization/denyAssignments", *more)
    return [*(Read(what, SUB) for what in lists), Read("graph/transitiveMemberOf", ADELE)]


def test_without_reads_of_pim_a_denial_means_no_access_now() -> None:
    found = environment(*basic_reads()).access().can(ADELE, ACTION, scope(SUB))
    assert found.verdict is AccessVerdict.DENY
    assert NoteKind.PIM in {note.kind for note in found.notes}


def test_with_reads_of_pim_elsewhere_a_denial_is_open_here() -> None:
    assert verdict(environment(*basic_reads(ELIGIBILITIES))) is AccessVerdict.UNKNOWN
    assert verdict(environment(*basic_reads(ELIGIBILITIES, ACTIVE))) is AccessVerdict.DENY
    assert verdict(environment(*basic_reads(), gap(ACTIVE, OTHER_SUB))) is AccessVerdict.UNKNOWN
