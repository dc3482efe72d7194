"""The cases of the decision procedure in their order, and the contents of an answer."""

import pytest

from auditor.access.verdicts import AccessAnswer, AccessVerdict, Plane, ReasonKind
from auditor.inventory.reads import Gap, Read
from auditor.inventory.snapshot.records import Link
from tests.access.environments import (
    ADELE,
    CONTRIBUTOR,
    EVERYONE,
    OWNER,
    READER,
    RG,
    SUB,
    Row,
    assignment,
    definition,
    denial,
    eligibility,
    environment,
    gap,
    role_id,
    scope,
)

WRITE = "Microsoft.Migrate/migrateProjects/write"
PLAIN = assignment(ADELE, CONTRIBUTOR, SUB)
CONDITIONAL = assignment(ADELE, OWNER, SUB, condition="@Resource[a:b] StringEquals 'c'")
ELIGIBLE = eligibility(ADELE, OWNER, SUB)
DENIED = denial(SUB, [EVERYONE], {"actions": ["*/write"]})
DENIED_CONDITIONALLY = denial(RG, [EVERYONE], {"actions": ["*/write"], "condition": "x"})
UNREAD_GROUPS = gap("graph/transitiveMemberOf", ADELE)
UNREAD_GRANTS = gap("Microsoft.Authorization/roleAssignments", SUB)
UNREAD_DENIALS = gap("Microsoft.Authorization/denyAssignments", SUB)


def asked(*rows: Row | Link | Gap | Read) -> AccessAnswer:
    return environment(*rows).access().can(ADELE, WRITE, scope(RG))


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([DENIED, PLAIN, CONDITIONAL, ELIGIBLE], AccessVerdict.DENY),
        ([DENIED, UNREAD_GRANTS, UNREAD_GROUPS], AccessVerdict.DENY),
        ([PLAIN, CONDITIONAL, ELIGIBLE], AccessVerdict.ALLOW),
        ([PLAIN, UNREAD_GRANTS, UNREAD_GROUPS], AccessVerdict.ALLOW),
        ([PLAIN, UNREAD_DENIALS], AccessVerdict.UNKNOWN),
        ([PLAIN, DENIED_CONDITIONALLY], AccessVerdict.CONDITIONAL),
        ([CONDITIONAL, ELIGIBLE], AccessVerdict.CONDITIONAL),
        ([CONDITIONAL, UNREAD_GROUPS], AccessVerdict.CONDITIONAL),
        ([CONDITIONAL, UNREAD_DENIALS], AccessVerdict.UNKNOWN),
        ([ELIGIBLE], AccessVerdict.ELIGIBLE),
        ([ELIGIBLE, UNREAD_GRANTS], AccessVerdict.ELIGIBLE),
        ([ELIGIBLE, UNREAD_DENIALS], AccessVerdict.UNKNOWN),
        ([ELIGIBLE, assignment(ADELE, "never read", SUB)], AccessVerdict.ELIGIBLE),
        ([UNREAD_GROUPS], AccessVerdict.UNKNOWN),
        ([UNREAD_GRANTS], AccessVerdict.UNKNOWN),
        ([assignment(ADELE, "never read", SUB)], AccessVerdict.UNKNOWN),
        ([assignment(ADELE, READER, SUB)], AccessVerdict.DENY),
        ([], AccessVerdict.DENY),
    ],
)
def test_the_first_case_that_applies_decides(rows: list[Row], expected: AccessVerdict) -> None:
    assert asked(*rows).verdict is expected


@pytest.mark.parametrize("rows", [[CONDITIONAL, UNREAD_GROUPS], [ELIGIBLE, UNREAD_GROUPS]])
def test_a_weaker_positive_has_gaps(rows: list[Row]) -> None:
    found = asked(*rows)
    assert [item.what for item in found.gaps] == ["graph/transitiveMemberOf"]
    assert not found.settled


def test_a_positive_names_assignment_definition_object_and_pattern() -> None:
    custom = definition("operator", {"actions": ["other/*"]}, {"actions": ["Microsoft.Migrate/*"]})
    held = assignment(ADELE, "operator", SUB)
    found = asked(custom, held)
    assert [(reason.kind, reason.id) for reason in found.because] == [
        (ReasonKind.ROLE_ASSIGNMENT, held["id"]),
        (ReasonKind.ROLE_DEFINITION, role_id("operator")),
    ]
    assert found.because[1].text == "role `operator` allows `Microsoft.Migrate/*` (permission object 1)"
    assert found.because[0].text == f"the account holds role `operator` at `{SUB}`"


def test_a_shipped_definition_is_marked() -> None:
    assert "shipped" in asked(PLAIN).because[1].text


def test_a_condition_is_shown_word_for_word() -> None:
    texts = [reason.text for reason in asked(CONDITIONAL).because if reason.kind is ReasonKind.CONDITION]
    assert texts == ["@Resource[a:b] StringEquals 'c'"]


def test_a_condition_on_another_action_leaves_the_grant_unconditional() -> None:
    guarded = "((!(ActionMatches{'Microsoft.Authorization/roleAssignments/write'})) OR (a StringEquals 'b'))"
    assert asked(assignment(ADELE, OWNER, SUB, condition=guarded)).verdict is AccessVerdict.ALLOW


def test_a_condition_inside_a_definition_counts() -> None:
    role = definition("guarded", {"actions": ["*"], "condition": "@Request[a:b] StringEquals 'c'"})
    assert asked(role, assignment(ADELE, "guarded", SUB)).verdict is AccessVerdict.CONDITIONAL


def test_roles_add_up_and_exclusions_are_no_denials() -> None:
    one = definition("one", {"actions": ["*"], "notActions": ["*/write"]})
    other = definition("other", {"actions": ["Microsoft.Migrate/migrateProjects/write"]})
    assert asked(one, assignment(ADELE, "one", SUB)).verdict is AccessVerdict.DENY
    assert (
        asked(one, assignment(ADELE, "one", SUB), other, assignment(ADELE, "other", SUB)).verdict is AccessVerdict.ALLOW
    )


def test_properties_that_azure_ignores_change_nothing() -> None:
    held = assignment(ADELE, CONTRIBUTOR, SUB, canDelegate=True, delegatedManagedIdentityResourceId=f"{RG}/x/y")
    assert asked(held).verdict is AccessVerdict.ALLOW


def test_a_condition_does_not_apply_to_actions_it_does_not_name() -> None:
    add = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/add/action"
    guard = "((!(ActionMatches{'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write'})) OR (a b 'c'))"
    role = definition("blobs", {"dataActions": ["Microsoft.Storage/*"]})
    access = environment(role, assignment(ADELE, "blobs", SUB, condition=guard, conditionVersion="1.0")).access()
    assert access.can(ADELE, add, scope(SUB), Plane.DATA).verdict is AccessVerdict.ALLOW
    assert (
        access.can(ADELE, add.replace("add/action", "write"), scope(SUB), Plane.DATA).verdict
        is AccessVerdict.CONDITIONAL
    )


def test_an_inferred_reading_is_marked() -> None:
    role = definition("narrow", {"actions": ["Microsoft.Migrate/migrateProjects/*/write"]})
    found = asked(role, assignment(ADELE, "narrow", SUB))
    assert found.verdict is AccessVerdict.ALLOW
    assert "inferred" in found.because[1].text


def test_the_action_is_compared_without_case_and_blanks() -> None:
    access = environment(PLAIN).access()
    assert (
        access.can(ADELE, " MICROSOFT.migrate/migrateprojects/WRITE ", scope(RG.upper())).verdict is AccessVerdict.ALLOW
    )


def test_without_reads_nothing_is_known() -> None:
    found = asked(Read("Microsoft.KeyVault/vaults", SUB))
    assert found.verdict is AccessVerdict.UNKNOWN
    assert {item.what for item in found.gaps} == {"Microsoft.Authorization/roleAssignments", "graph/transitiveMemberOf"}
    assert {item.code for item in found.gaps} == {"NotRead"}
    assert asked(Read("Microsoft.KeyVault/vaults", SUB), PLAIN).verdict is AccessVerdict.UNKNOWN


def test_a_record_that_cannot_be_parsed_leaves_the_answer_open() -> None:
    broken = assignment(ADELE, OWNER, SUB)
    broken["properties"] = "not an object"
    found = asked(broken)
    assert (found.verdict, found.gaps[0].code) == (AccessVerdict.UNKNOWN, "Malformed")
    assert asked({**broken, "id": broken["id"].replace(SUB, RG + "2")}).verdict is AccessVerdict.DENY


def test_lists_of_management_groups_count_where_they_may_apply() -> None:
    above = Link("parent", SUB, "/providers/Microsoft.Management/managementGroups/landing")
    refused = gap("Microsoft.Authorization/roleAssignments", "/providers/Microsoft.Management/managementGroups/landing")
    aside = gap("Microsoft.Authorization/roleAssignments", "/providers/Microsoft.Management/managementGroups/sandbox")
    assert asked(above, refused).verdict is AccessVerdict.UNKNOWN
    assert asked(above, aside).verdict is AccessVerdict.DENY
