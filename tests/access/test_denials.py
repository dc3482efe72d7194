import pytest

from auditor.access.verdicts import NoteKind, Plane, ReasonKind, Verdict
from tests.access.environments import (
    ADELE,
    ALEX,
    EVERYONE,
    OTHER_SUB,
    OWNER,
    PARENT_TEAM,
    RG,
    SUB,
    TEAM,
    VAULT,
    Row,
    activation,
    assignment,
    delegation,
    denial,
    eligibility,
    environment,
    gap,
    management_group,
    member,
    policy,
    scope,
    thing,
    user,
    vault,
)

ACTION = "Microsoft.Storage/storageAccounts/delete"
DELETES: Row = {"actions": ["*/delete"]}
OWNS = assignment(ADELE, OWNER, SUB)
UNREAD_GROUPS = gap("graph/transitiveMemberOf", ADELE)
OTHERWISE_GUARDED = "((!(ActionMatches{'Microsoft.Storage/storageAccounts/write'})) OR (a StringEquals 'b'))"
GUARDED = "((!(ActionMatches{'Microsoft.Storage/storageAccounts/delete'})) OR (a StringEquals 'b'))"


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (denial(SUB, [ADELE], DELETES), Verdict.DENY),
        (denial(SUB, [ADELE.upper()], DELETES), Verdict.DENY),
        (denial("/", [ADELE], DELETES), Verdict.DENY),
        (denial(RG, [ADELE], DELETES), Verdict.DENY),
        (denial(OTHER_SUB, [ADELE], DELETES), Verdict.ALLOW),
        (denial(SUB, [ALEX], DELETES), Verdict.ALLOW),
        (denial(SUB, [TEAM], DELETES), Verdict.DENY),
        (denial(SUB, [EVERYONE], DELETES), Verdict.DENY),
        (denial(SUB, [], DELETES), Verdict.ALLOW),
        (denial(SUB, [EVERYONE], DELETES, excluded=[ADELE]), Verdict.ALLOW),
        (denial(SUB, [EVERYONE], DELETES, excluded=[TEAM]), Verdict.ALLOW),
        (denial(SUB, [ADELE], DELETES, excluded=[TEAM]), Verdict.ALLOW),
        (denial(SUB, [EVERYONE], DELETES, excluded=[ALEX]), Verdict.DENY),
        (denial(SUB, [EVERYONE], {"actions": ["*"], "notActions": ["*/delete"]}), Verdict.ALLOW),
        (denial(SUB, [EVERYONE], {"actions": ["*"], "notActions": ["*/delete"]}, DELETES), Verdict.DENY),
        (denial(SUB, [EVERYONE], {"dataActions": ["*"]}), Verdict.ALLOW),
        (denial(SUB, [EVERYONE], DELETES, doNotApplyToChildScopes=True), Verdict.ALLOW),
        (denial(RG, [EVERYONE], DELETES, doNotApplyToChildScopes=True), Verdict.DENY),
        (denial(SUB, [EVERYONE], DELETES, denyAssignmentEffect="audit"), Verdict.ALLOW),
        (denial(SUB, [EVERYONE], DELETES, denyAssignmentEffect="Audit"), Verdict.ALLOW),
        (denial(SUB, [EVERYONE], DELETES, denyAssignmentEffect="enforced"), Verdict.DENY),
        (denial(SUB, [EVERYONE], {**DELETES, "condition": "anything"}), Verdict.CONDITIONAL),
        (denial(SUB, [EVERYONE], DELETES, condition=GUARDED), Verdict.CONDITIONAL),
        (denial(SUB, [EVERYONE], DELETES, condition=OTHERWISE_GUARDED), Verdict.CONDITIONAL),
        (denial(SUB, [EVERYONE], {**DELETES, "condition": OTHERWISE_GUARDED}), Verdict.CONDITIONAL),
        (denial(SUB, [EVERYONE], {**DELETES, "condition": GUARDED}, DELETES), Verdict.DENY),
        (denial(SUB, [EVERYONE], DELETES, isSystemProtected=True), Verdict.DENY),
    ],
)
def test_an_owner_under_a_deny_assignment(row: Row, expected: Verdict) -> None:
    found = environment(user(ADELE), OWNS, member(ADELE, TEAM), row).access().can(ADELE, ACTION, scope(RG))
    assert found.verdict is expected
    if expected is not Verdict.ALLOW:
        assert row["id"] in {reason.id for reason in found.because if reason.kind is ReasonKind.DENY_ASSIGNMENT}


STACK = {"actions": ["*"], "notActions": ["*/read", "Microsoft.Authorization/locks/delete"]}
MAKERS: dict[str, tuple[Row, str, Verdict]] = {
    "stack that denies changes, and a change": (STACK, "Microsoft.Web/sites/write", Verdict.DENY),
    "stack that denies changes, and a deletion": (STACK, "Microsoft.Web/sites/delete", Verdict.DENY),
    "stack that denies changes, and a read": (STACK, "Microsoft.Web/sites/read", Verdict.ALLOW),
    "stack that denies changes, and a lock": (STACK, "Microsoft.Authorization/locks/delete", Verdict.ALLOW),
    "stack that denies deletions, and a change": (DELETES, "Microsoft.Web/sites/write", Verdict.ALLOW),
    "stack that denies deletions, and a deletion": (DELETES, "Microsoft.Web/sites/delete", Verdict.DENY),
}


@pytest.mark.parametrize(("permission", "action", "expected"), MAKERS.values(), ids=MAKERS)
def test_what_deployment_stacks_deny(permission: Row, action: str, expected: Verdict) -> None:
    row = denial(RG, [EVERYONE], permission, excluded=[ALEX], isSystemProtected=True)
    found = environment(OWNS, row).access().can(ADELE, action, scope(VAULT))
    assert found.verdict is expected
    assert ("only what made it can lift it" in found.because[0].text) is (expected is Verdict.DENY)


PARTNER = {"principalId": ADELE, "roleDefinitionId": OWNER}
HOLDINGS: dict[str, list[Row]] = {
    "a role": [OWNS],
    "a role at the root": [assignment(ADELE, OWNER, "/")],
    "an activated role": [activation(ADELE, OWNER, SUB)],
    "a role to activate": [eligibility(ADELE, OWNER, SUB)],
    "a delegation": [delegation(SUB, PARTNER)],
    "a role under a condition": [assignment(ADELE, OWNER, SUB, condition="x")],
}


@pytest.mark.parametrize("rows", HOLDINGS.values(), ids=HOLDINGS)
def test_a_denial_beats_whatever_is_held(rows: list[Row]) -> None:
    assert environment(*rows).access().can(ADELE, ACTION, scope(RG)).verdict is not Verdict.DENY
    denied = environment(*rows, denial(SUB, [EVERYONE], DELETES)).access().can(ADELE, ACTION, scope(RG))
    assert denied.verdict is Verdict.DENY


def test_an_exclusion_reaches_through_nested_groups() -> None:
    nested = (member(ADELE, TEAM), member(TEAM, PARENT_TEAM))
    row = denial(SUB, [EVERYONE], DELETES, excluded=[PARENT_TEAM])
    assert environment(OWNS, *nested, row).access().can(ADELE, ACTION, scope(RG)).verdict is Verdict.ALLOW
    assert environment(OWNS, *nested[:1], row).access().can(ADELE, ACTION, scope(RG)).verdict is Verdict.DENY


def test_an_exclusion_grants_nothing() -> None:
    row = denial(SUB, [EVERYONE], DELETES, excluded=[ADELE])
    assert environment(row).access().can(ADELE, ACTION, scope(SUB)).verdict is Verdict.DENY


def test_a_denial_reaches_resources_below_its_resource_group_unless_told_not_to() -> None:
    row = denial(RG, [EVERYONE], DELETES, doNotApplyToChildScopes=True)
    assert environment(OWNS, row).access().can(ADELE, ACTION, scope(VAULT)).verdict is Verdict.ALLOW


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([gap("Microsoft.Authorization/denyAssignments", SUB)], Verdict.UNKNOWN),
        ([gap("Microsoft.Authorization/denyAssignments", "/")], Verdict.UNKNOWN),
        ([gap("Microsoft.Authorization/denyAssignments", management_group("far"))], Verdict.UNKNOWN),
        ([gap("Microsoft.Authorization/denyAssignments", OTHER_SUB)], Verdict.ALLOW),
        ([UNREAD_GROUPS], Verdict.ALLOW),
        ([UNREAD_GROUPS, denial(SUB, [TEAM], DELETES)], Verdict.UNKNOWN),
        ([UNREAD_GROUPS, denial(SUB, [{"id": ALEX, "type": "User"}], DELETES)], Verdict.ALLOW),
        ([UNREAD_GROUPS, user(ALEX), denial(SUB, [ALEX], DELETES)], Verdict.ALLOW),
        ([UNREAD_GROUPS, denial(SUB, [EVERYONE], DELETES, excluded=[TEAM])], Verdict.UNKNOWN),
        ([UNREAD_GROUPS, denial(SUB, [EVERYONE], DELETES)], Verdict.DENY),
        (
            [thing("group", TEAM, securityEnabled=False), member(ADELE, TEAM), denial(SUB, [TEAM], DELETES)],
            Verdict.UNKNOWN,
        ),
        ([denial(management_group("far"), [ADELE], DELETES)], Verdict.UNKNOWN),
    ],
)
def test_what_might_deny_leaves_a_positive_open(rows: list[Row], expected: Verdict) -> None:
    found = environment(OWNS, *rows).access().can(ADELE, ACTION, scope(RG))
    assert found.verdict is expected
    assert bool(found.gaps) is (expected is Verdict.UNKNOWN)


def test_a_conditional_positive_needs_the_deny_list_too() -> None:
    held = assignment(ADELE, OWNER, SUB, condition="something")
    world = environment(held)
    assert world.access().can(ADELE, ACTION, scope(RG)).verdict is Verdict.CONDITIONAL
    world.gaps.append(gap("Microsoft.Authorization/denyAssignments", SUB))
    assert world.access().can(ADELE, ACTION, scope(RG)).verdict is Verdict.UNKNOWN


def test_a_negative_needs_no_deny_list() -> None:
    world = environment(gap("Microsoft.Authorization/denyAssignments", SUB))
    assert world.access().can(ADELE, ACTION, scope(RG)).verdict is Verdict.DENY


def test_a_denied_data_action_is_told_beside_the_policies_of_a_vault() -> None:
    row = denial(SUB, [EVERYONE], {"dataActions": ["*"]})
    world = environment(vault(enableRbacAuthorization=False, accessPolicies=[policy(ADELE, secrets=["get"])]), row)
    action = "Microsoft.KeyVault/vaults/secrets/getSecret/action"
    found = world.access().can(ADELE, action, scope(VAULT), Plane.DATA)
    assert found.verdict is Verdict.ALLOW
    assert [note.id for note in found.notes if note.kind is NoteKind.DATA_DENY] == [row["id"]]
