import pytest

from auditor.access.verdicts import AccessVerdict
from auditor.inventory.reads import Read
from auditor.inventory.snapshot.records import Link
from tests.access.environments import (
    ADELE,
    OTHER_SUB,
    OWNER,
    RG,
    SUB,
    TENANT,
    VAULT,
    Row,
    assignment,
    environment,
    gap,
    management_group,
    parent,
    scope,
)

LANDING, PLATFORM, SANDBOX = (management_group(name) for name in ("landing", "platform", "sandbox"))
TENANT_ROOT = management_group(TENANT)
TREE = [parent(SUB, LANDING), parent(LANDING, TENANT_ROOT), parent(OTHER_SUB, SANDBOX), parent(SANDBOX, TENANT_ROOT)]
NO_TREE = gap("Microsoft.Management/managementGroups", "/")
ACTION = "Microsoft.Resources/deployments/write"


def owner(at: str, **properties: str) -> Row:
    return assignment(ADELE, OWNER, at, **properties)


@pytest.mark.parametrize(
    ("made_at", "asked_at", "verdict"),
    [
        ("/", SUB, AccessVerdict.ALLOW),
        ("/", "/", AccessVerdict.ALLOW),
        (SUB, SUB, AccessVerdict.ALLOW),
        (SUB, VAULT + "/secrets/one", AccessVerdict.ALLOW),
        (SUB.upper(), RG, AccessVerdict.ALLOW),
        (RG, VAULT, AccessVerdict.ALLOW),
        (RG, RG + "2", AccessVerdict.DENY),
        (VAULT, VAULT + "-prod", AccessVerdict.DENY),
        (VAULT, f"{VAULT}/providers/Microsoft.Authorization/locks/keep", AccessVerdict.ALLOW),
        (RG, SUB, AccessVerdict.DENY),
        (SUB, OTHER_SUB, AccessVerdict.DENY),
        (SUB, LANDING, AccessVerdict.DENY),
        (TENANT_ROOT, SUB, AccessVerdict.ALLOW),
        (TENANT_ROOT, "/", AccessVerdict.DENY),
        (TENANT_ROOT, PLATFORM, AccessVerdict.ALLOW),
        (LANDING, RG, AccessVerdict.ALLOW),
        (LANDING, LANDING, AccessVerdict.ALLOW),
        (LANDING, OTHER_SUB, AccessVerdict.DENY),
        (LANDING, SANDBOX, AccessVerdict.DENY),
        (SANDBOX, SUB, AccessVerdict.DENY),
    ],
)
def test_a_grant_applies_below_its_scope_by_segments_and_by_the_tree(
    made_at: str, asked_at: str, verdict: AccessVerdict
) -> None:
    assert environment(owner(made_at), *TREE).access().can(ADELE, ACTION, scope(asked_at)).verdict is verdict


def test_an_assignment_without_scope_has_the_scope_of_its_id() -> None:
    row = owner(RG)
    row["properties"].pop("scope")
    access = environment(row).access()
    assert access.can(ADELE, ACTION, scope(VAULT)).verdict is AccessVerdict.ALLOW
    assert access.can(ADELE, ACTION, scope(SUB)).verdict is AccessVerdict.DENY


def test_assignable_scopes_grant_nothing() -> None:
    row: Row = {
        "id": "/providers/Microsoft.Authorization/roleDefinitions/x",
        "type": "Microsoft.Authorization/roleDefinitions",
    }
    row["properties"] = {"permissions": [{"actions": ["*"]}], "assignableScopes": [SUB]}
    assert environment(row).access().can(ADELE, ACTION, scope(SUB)).verdict is AccessVerdict.DENY


def test_a_management_group_of_unknown_place_leaves_the_answer_open() -> None:
    found = environment(owner(PLATFORM), parent(SUB, LANDING), NO_TREE).access().can(ADELE, ACTION, scope(SUB))
    assert found.verdict is AccessVerdict.UNKNOWN
    assert "Microsoft.Management/managementGroups" in {item.what for item in found.gaps}


def test_the_place_of_a_subscription_without_a_parent_is_unknown() -> None:
    found = environment(owner(PLATFORM)).access().can(ADELE, ACTION, scope(SUB))
    assert (found.verdict, found.gaps[0].code) == (AccessVerdict.UNKNOWN, "PlaceUnknown")


def test_a_management_group_on_another_branch_is_not_above() -> None:
    links = [parent(SUB, LANDING), parent(PLATFORM, LANDING)]
    assert (
        environment(owner(PLATFORM), *links, NO_TREE).access().can(ADELE, ACTION, scope(SUB)).verdict
        is AccessVerdict.DENY
    )


def test_a_chain_up_to_the_root_is_complete() -> None:
    found = environment(owner(PLATFORM), parent(SUB, LANDING)).access().can(ADELE, ACTION, scope(SUB))
    assert found.verdict is AccessVerdict.DENY


def test_the_tenants_root_group_covers_without_any_tree() -> None:
    assert (
        environment(owner(TENANT_ROOT), NO_TREE).access().can(ADELE, ACTION, scope(SUB)).verdict is AccessVerdict.ALLOW
    )


def test_an_inherited_assignment_proves_its_reach() -> None:
    row = owner(PLATFORM)
    world = environment(row, Link("inheritedBy", row["id"], SUB.upper()), NO_TREE)
    assert world.access().can(ADELE, ACTION, scope(RG)).verdict is AccessVerdict.ALLOW


def test_absence_from_a_list_that_was_read_proves_the_contrary() -> None:
    row = owner(PLATFORM)
    world = environment(row, Link("inheritedBy", row["id"], SUB), NO_TREE)
    assert world.access().can(ADELE, ACTION, scope(OTHER_SUB)).verdict is AccessVerdict.DENY
    world.gaps.append(gap("Microsoft.Authorization/roleAssignments", OTHER_SUB))
    assert world.access().can(ADELE, ACTION, scope(OTHER_SUB)).verdict is AccessVerdict.UNKNOWN


def test_bare_names_in_links_are_understood() -> None:
    names = [parent(SUB.rpartition("/")[2], "landing"), parent("landing", TENANT)]
    world = environment(owner(LANDING), *names, NO_TREE)
    assert world.access().can(ADELE, ACTION, scope(SUB)).verdict is AccessVerdict.ALLOW


def test_a_cycle_in_the_tree_does_no_harm() -> None:
    links = [parent(SUB, LANDING), parent(LANDING, PLATFORM), parent(PLATFORM, LANDING)]
    assert environment(owner(PLATFORM), *links).access().can(ADELE, ACTION, scope(SUB)).verdict is AccessVerdict.ALLOW


def test_a_read_of_another_subscription_proves_nothing_here() -> None:
    world = environment(Read("Microsoft.Authorization/roleAssignments", OTHER_SUB))
    found = world.access().can(ADELE, ACTION, scope(SUB))
    assert found.verdict is AccessVerdict.UNKNOWN
    assert {item.code for item in found.gaps} == {"NotRead"}
