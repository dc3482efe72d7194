import pytest

from auditor.access.verdicts import AccessVerdict, NoteKind, Plane, ReasonKind
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
        (denial(SUB, [ADELE], DELETES), AccessVerdict.DENY),
        (denial(SUB, [ADELE.upper()], DELETES), AccessVerdict.DENY),
        (denial("/", [ADELE], DELETES), AccessVerdict.DENY),
        (denial(RG, [ADELE], DELETES), AccessVerdict.DENY),
        (denial(OTHER_SUB, [ADELE], DELETES), AccessVerdict.ALLOW),
        (denial(SUB, [ALEX], DELETES), AccessVerdict.ALLOW),
        (denial(SUB, [TEAM], DELETES), AccessVerdict.DENY),
        (denial(SUB, [EVERYONE], DELETES), AccessVerdict.DENY),
        (denial(SUB, [], DELETES), AccessVerdict.ALLOW),
        (denial(SUB, [EVERYONE], DELETES, excluded=[ADELE]), AccessVerdict.ALLOW),
        (denial(SUB, [EVERYONE], DELETES, excluded=[TEAM]), AccessVerdict.ALLOW),
        (denial(SUB, [ADELE], DELETES, excluded=[TEAM]), AccessVerdict.ALLOW),
        (denial(SUB, [EVERYONE], DELETES, excluded=[ALEX]), AccessVerdict.DENY),
        (denial(SUB, [EVERYONE], {"actions": ["*"], "notActions": ["*/delete"]}), AccessVerdict.ALLOW),
        (denial(SUB, [EVERYONE], {"actions": ["*"], "notActions": ["*/delete"]}, DELETES), AccessVerdict.DENY),
        (denial(SUB, [EVERYONE], {"dataActions": ["*"]}), AccessVerdict.ALLOW),
        (denial(SUB, [EVERYONE], DELETES, doNotApplyToChildScopes=True), AccessVerdict.ALLOW),
        (denial(RG, [EVERYONE], DELETES, doNotApplyToChildScopes=True), AccessVerdict.DENY),
        (denial(SUB, [EVERYONE], DELETES, denyAssignmentEffect="audit"), AccessVerdict.ALLOW),
        (denial(SUB, [EVERYONE], DELETES, denyAssignmentEffect="Audit"), AccessVerdict.ALLOW),
        (denial(SUB, [EVERYONE], DELETES, denyAssignmentEffect="enforced"), AccessVerdict.DENY),
        (denial(SUB, [EVERYONE], {**DELETES, "condition": "anything"}), AccessVerdict.CONDITIONAL),
        (denial(SUB, [EVERYONE], DELETES, condition=GUARDED), AccessVerdict.CONDITIONAL),
        (denial(SUB, [EVERYONE], DELETES, condition=OTHERWISE_GUARDED), AccessVerdict.CONDITIONAL),
        (denial(SUB, [EVERYONE], {**DELETES, "condition": OTHERWISE_GUARDED}), AccessVerdict.CONDITIONAL),
        (denial(SUB, [EVERYONE], {**DELETES, "condition": GUARDED}, DELETES), AccessVerdict.DENY),
        (denial(SUB, [EVERYONE], DELETES, isSystemProtected=True), AccessVerdict.DENY),
    ],
)
def test_an_owner_under_a_deny_assignment(row: Row, expected: AccessVerdict) -> None:
    found = environment(user(ADELE), OWNS, member(ADELE, TEAM), row).access().can(ADELE, ACTION, scope(RG))
    assert found.verdict is expected
    if expected is not AccessVerdict.ALLOW:
        assert row["id"] in {reason.id for reason in found.because if reason.kind is ReasonKind.DENY_ASSIGNMENT}


STACK = {"actions": ["*"], "notActions": ["*/read", "Microsoft.Authorization/locks/delete"]}
MAKERS: dict[str, tuple[Row, str, AccessVerdict]] = {
    "stack that denies changes, and a change": (STACK, "Microsoft.Web/sites/write", AccessVerdict.DENY),
    "stack that denies changes, and a deletion": (STACK, "Microsoft.Web/sites/delete", AccessVerdict.DENY),
    "stack that denies changes, and a read": (STACK, "Microsoft.Web/sites/read", AccessVerdict.ALLOW),
    "stack that denies changes, and a lock": (STACK, "Microsoft.Authorization/locks/delete", AccessVerdict.ALLOW),
    "stack that denies deletions, and a change": (DELETES, "Microsoft.Web/sites/write", AccessVerdict.ALLOW),
    "stack that denies deletions, and a deletion": (DELETES, "Microsoft.Web/sites/delete", AccessVerdict.DENY),
}


@pytest.mark.parametrize(("permission", "action", "expected"), MAKERS.values(), ids=MAKERS)
def test_deny_assignments_of_deployment_stacks(permission: Row, action: str, expected: AccessVerdict) -> None:
    row = denial(RG, [EVERYONE], permission, excluded=[ALEX], isSystemProtected=True)
    found = environment(OWNS, row).access().can(ADELE, action, scope(VAULT))
    assert found.verdict is expected
    assert ("only the service that created it can remove it" in found.because[0].text) is (
        expected is AccessVerdict.DENY
    )


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
def test_a_denial_outweighs_every_grant(rows: list[Row]) -> None:
    assert environment(*rows).access().can(ADELE, ACTION, scope(RG)).verdict is not AccessVerdict.DENY
    denied = environment(*rows, denial(SUB, [EVERYONE], DELETES)).access().can(ADELE, ACTION, scope(RG))
    assert denied.verdict is AccessVerdict.DENY


def test_an_exclusion_applies_through_nested_groups() -> None:
    nested = (member(ADELE, TEAM), member(TEAM, PARENT_TEAM))
    row = denial(SUB, [EVERYONE], DELETES, excluded=[PARENT_TEAM])
    assert environment(OWNS, *nested, row).access().can(ADELE, ACTION, scope(RG)).verdict is AccessVerdict.ALLOW
    assert environment(OWNS, *nested[:1], row).access().can(ADELE, ACTION, scope(RG)).verdict is AccessVerdict.DENY


def test_an_exclusion_grants_nothing() -> None:
    row = denial(SUB, [EVERYONE], DELETES, excluded=[ADELE])
    assert environment(row).access().can(ADELE, ACTION, scope(SUB)).verdict is AccessVerdict.DENY


def test_a_denial_applies_to_child_scopes_unless_it_says_otherwise() -> None:
    row = denial(RG, [EVERYONE], DELETES, doNotApplyToChildScopes=True)
    assert environment(OWNS, row).access().can(ADELE, ACTION, scope(VAULT)).verdict is AccessVerdict.ALLOW


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([gap("Microsoft.Authorization/denyAssignments", SUB)], AccessVerdict.UNKNOWN),
        ([gap("Microsoft.Authorization/denyAssignments", "/")], AccessVerdict.UNKNOWN),
        ([gap("Microsoft.Authorization/denyAssignments", management_group("far"))], AccessVerdict.UNKNOWN),
        ([gap("Microsoft.Authorization/denyAssignments", OTHER_SUB)], AccessVerdict.ALLOW),
        ([UNREAD_GROUPS], AccessVerdict.ALLOW),
        ([UNREAD_GROUPS, denial(SUB, [TEAM], DELETES)], AccessVerdict.UNKNOWN),
        ([UNREAD_GROUPS, denial(SUB, [{"id": ALEX, "type": "User"}], DELETES)], AccessVerdict.ALLOW),
        ([UNREAD_GROUPS, user(ALEX), denial(SUB, [ALEX], DELETES)], AccessVerdict.ALLOW),
        ([UNREAD_GROUPS, denial(SUB, [EVERYONE], DELETES, excluded=[TEAM])], AccessVerdict.UNKNOWN),
        ([UNREAD_GROUPS, denial(SUB, [EVERYONE], DELETES)], AccessVerdict.DENY),
        (
            [thing("group", TEAM, securityEnabled=False), member(ADELE, TEAM), denial(SUB, [TEAM], DELETES)],
            AccessVerdict.UNKNOWN,
        ),
        ([denial(management_group("far"), [ADELE], DELETES)], AccessVerdict.UNKNOWN),
    ],
)
def test_a_possible_denial_leaves_a_positive_open(rows: list[Row], expected: AccessVerdict) -> None:
    found = environment(OWNS, *rows).access().can(ADELE, ACTION, scope(RG))
    assert found.verdict is expected
    assert bool(found.gaps) is (expected is AccessVerdict.UNKNOWN)


def test_a_conditional_positive_needs_the_deny_list_too() -> None:
    held = assignment(ADELE, OWNER, SUB, condition="something")
    world = environment(held)
    assert world.access().can(ADELE, ACTION, scope(RG)).verdict is AccessVerdict.CONDITIONAL
    world.gaps.append(gap("Microsoft.Authorization/denyAssignments", SUB))
    assert world.access().can(ADELE, ACTION, scope(RG)).verdict is AccessVerdict.UNKNOWN


def test_a_negative_needs_no_deny_list() -> None:
    world = environment(gap("Microsoft.Authorization/denyAssignments", SUB))
    assert world.access().can(ADELE, ACTION, scope(RG)).verdict is AccessVerdict.DENY


def test_a_denied_data_action_is_a_note_where_access_policies_decide() -> None:
    row = denial(SUB, [EVERYONE], {"dataActions": ["*"]})
    world = environment(vault(enableRbacAuthorization=False, accessPolicies=[policy(ADELE, secrets=["get"])]), row)
    action = "Microsoft.KeyVault/vaults/secrets/getSecret/action"
    found = world.access().can(ADELE, action, scope(VAULT), Plane.DATA)
    assert found.verdict is AccessVerdict.ALLOW
    assert [note.id for note in found.notes if note.kind is NoteKind.DATA_DENY] == [row["id"]]
