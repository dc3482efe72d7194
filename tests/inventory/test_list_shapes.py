"""The shapes of lists: the scope and the type of their items."""

import pytest

from auditor.azure.paging import items_of
from auditor.inventory.list_shapes import WrongShape, by_its_id
from auditor.inventory.lists import shape_of
from auditor.inventory.resources.resource import check_reference
from tests.inventory.spellings import spelt_otherwise

S = "/subscriptions/11111111-1111-4111-8111-111111111111"
OTHER = "/subscriptions/22222222-2222-4222-8222-222222222222"
VAULTS = "Microsoft.KeyVault/vaults"
PROJECT = f"{S}/resourceGroups/rg/providers/Microsoft.Migrate/migrateProjects/p"


def items(identity: str, kind: str) -> list[dict[str, object]]:
    return [{"id": identity, "type": kind}]


ELSEWHERE = {
    "a vault of another subscription": (VAULTS, S, f"{OTHER}/resourceGroups/rg/providers/{VAULTS}/kv"),
    "the same without a slash": (VAULTS, S, f"{OTHER[1:]}/resourceGroups/rg/providers/{VAULTS}/kv"),
    "one whose subscription begins alike": (VAULTS, S, f"{S}0/resourceGroups/rg/providers/{VAULTS}/kv"),
    "an assignment of another subscription": (
        "Microsoft.Authorization/roleAssignments",
        S,
        f"{OTHER}/providers/Microsoft.Authorization/roleAssignments/one",
    ),
    "a solution of another project": (
        "Microsoft.Migrate/migrateProjects/solutions",
        PROJECT,
        f"{PROJECT}2/solutions/one",
    ),
}
INSIDE = {
    "a vault": (VAULTS, S, f"{S.upper()}/resourceGroups/rg/providers/{VAULTS}/kv"),
    "an assignment above": (
        "Microsoft.Authorization/roleAssignments",
        S,
        "/providers/Microsoft.Management/managementGroups/m/providers/Microsoft.Authorization/roleAssignments/one",
    ),
    "a role that several subscriptions list": (
        "Microsoft.Authorization/roleDefinitions",
        S,
        f"{OTHER}/providers/Microsoft.Authorization/roleDefinitions/one",
    ),
    "a solution": ("Microsoft.Migrate/migrateProjects/solutions", PROJECT, f"{PROJECT.lower()}/Solutions/one"),
    "a subscription of a management group": (
        "Microsoft.Management/managementGroups/descendants",
        "/providers/Microsoft.Management/managementGroups/m",
        OTHER,
    ),
}


@pytest.mark.parametrize(("what", "scope", "identity"), ELSEWHERE.values(), ids=ELSEWHERE)
def test_the_items_of_another_list_are_no_answer(what: str, scope: str, identity: str) -> None:
    with pytest.raises(WrongShape, match="another list"):
        shape_of(what).at(scope).accepted(items(identity, what))


@pytest.mark.parametrize(("what", "scope", "identity"), INSIDE.values(), ids=INSIDE)
def test_what_the_list_of_a_scope_can_hold_is_one(what: str, scope: str, identity: str) -> None:
    kind = "/subscriptions" if identity == OTHER else what
    assert len(shape_of(what).at(scope).accepted(items(identity, kind))) == 1


def test_a_type_that_denies_what_the_id_spells_is_kept_beside_it() -> None:
    item = {"id": PROJECT, "type": "Microsoft.Migrate/migrateProjects "}
    assert by_its_id(item) == {
        "id": PROJECT,
        "type": "Microsoft.Migrate/migrateProjects",
        "x_type": "Microsoft.Migrate/migrateProjects ",
    }
    assert by_its_id({"id": PROJECT}) == {"id": PROJECT}


ONES = (
    "",
    "a name",
    PROJECT,
    f"{PROJECT}/",
    f"{S}/resourceGroups/an rg/providers/A.B/c/d",
    "https://kv.vault.azure.net",
)
NONES = (*spelt_otherwise(PROJECT), f"{PROJECT}?api-version=1")


@pytest.mark.parametrize("text", ONES)
def test_what_is_an_id_or_looks_like_none_is_a_reference(text: str) -> None:
    check_reference(text)


@pytest.mark.parametrize("text", NONES)
def test_what_only_looks_like_an_id_is_no_reference(text: str) -> None:
    with pytest.raises(ValueError, match="no id"):
        check_reference(text)


WORKSPACE = f"{S}/resourceGroups/rg/providers/Microsoft.OperationalInsights/workspaces/law"


@pytest.mark.parametrize("child", ["savedSearches", "storageInsightConfigs"])
@pytest.mark.parametrize("slash", ["/", ""])
def test_lists_that_azure_publishes_as_bare_arrays_are_read_in_either_form(child: str, slash: str) -> None:
    shape = shape_of(f"Microsoft.OperationalInsights/workspaces/{child}").at(WORKSPACE)
    item = {"id": f"{slash}{WORKSPACE[1:]}/{child}/ours", "etag": "x", "properties": {}}
    assert items_of([item], shape) == items_of({"value": [item]}, shape) == [item]
    assert items_of([], shape) == []
    odd: list[object] = [{"id": "/"}, {}, {"value": None}, ["a"], [{"properties": {}}]]
    for wrong in odd:
        with pytest.raises(ValueError, match=r"item|page"):
            items_of(wrong, shape)


@pytest.mark.parametrize(
    "child", ["linkedServices", "linkedStorageAccounts", "dataExports", "managementGroups", "tables", "dataSources"]
)
def test_a_bare_array_where_none_is_published_is_no_answer(child: str) -> None:
    with pytest.raises(ValueError, match="not an object"):
        items_of([], shape_of(f"Microsoft.OperationalInsights/workspaces/{child}").at(WORKSPACE))
