from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from auditor.inventory.assignments import well_formed
from auditor.inventory.inventory import Inventory
from auditor.inventory.resources.authorization import RoleAssignment
from auditor.inventory.snapshot.records import Header, arm_record, canonical
from auditor.inventory.snapshot.snapshot import Snapshot

HEADER = Header(tenant_id="t", collected_at=datetime(2026, 11, 23, 10, tzinfo=UTC))
SUBSCRIPTION = "/subscriptions/0a000000-0000-0000-0000-000000000001"
KIND = "Microsoft.Authorization/roleAssignments"


def assignment(name: str, **properties: object) -> dict[str, object]:
    return {"id": f"{SUBSCRIPTION}/providers/{KIND}/{name}", "type": KIND, "properties": properties}


def picture(*bodies: dict[str, object]) -> Inventory:
    return Inventory.of(Snapshot.of(HEADER, arm=map(arm_record, bodies)))


def names(assignments: tuple[RoleAssignment, ...]) -> list[str]:
    return [one.arm_id.name for one in assignments]


def test_assignments_are_found_by_principal_in_any_spelling() -> None:
    held = picture(
        assignment("a", principalId="ADELE"),
        assignment("b", principalId=" adele "),
        assignment("c", principalId="alex"),
    ).assignments
    assert names(held.of("adele")) == ["a", "b"]
    assert held.of("nobody") == ()
    assert sorted(held.principals) == ["adele", "alex"]


def test_assignments_are_found_by_the_scope_that_they_state_and_by_that_of_their_id() -> None:
    group = f"{SUBSCRIPTION}/resourcegroups/g"
    held = picture(
        assignment("a", principalId="x", scope=f"{SUBSCRIPTION.upper()}/"),
        assignment("b", principalId="x", scope=f"{SUBSCRIPTION}/resourceGroups/G"),
        assignment("c", principalId="x"),
    ).assignments
    assert set(held.scopes) == {SUBSCRIPTION, group}
    assert names(tuple(held.at_scope(SUBSCRIPTION))) == ["a", "c"]
    assert names(tuple(held.at_scope(group))) == ["b"]
    assert sorted(names(tuple(held.with_id_at(SUBSCRIPTION.__eq__)))) == ["a", "b", "c"]
    assert not tuple(held.with_id_at(group.__eq__))


def test_those_of_groups_of_other_tenants_are_known_apart() -> None:
    held = picture(
        assignment("a", principalId="x", principalType="foreignGroup"), assignment("b", principalType="User")
    )
    assert names(held.assignments.foreign) == ["a"]


def test_what_cannot_be_understood_is_left_out_and_a_gap_once() -> None:
    held = picture(assignment("a", principalId="x"), assignment("b", principalId={"not": "a text"}))
    assert [one.arm_id.name for one in held.assignments] == ["a"]
    assert len(held.all(RoleAssignment)) == 1
    [gap] = held.gaps(KIND, SUBSCRIPTION)
    assert (gap.code, gap.scope) == ("Malformed", f"{SUBSCRIPTION}/providers/{KIND}/b")


def test_asking_for_gaps_finds_what_cannot_be_understood() -> None:
    held = picture(assignment("b", principalId={"not": "a text"}))
    assert [gap.code for gap in held.gaps(KIND.upper(), "/")] == ["Malformed"]


_SCOPES = (
    *("/subscriptions/s", "/subscriptions/s/", "/subscriptions", "/subscriptions/a b", "/subscriptions/s/../t"),
    *("", "/", "//", "/x", "/subscriptions/s/resourceGroups/g ", "/providers/Microsoft.Management/managementGroups/m"),
)
_NAMES = ("a", "", "a-b", "a/b", "..", "a ", "a?b", "-", "\u00e4", "\x00")
_VALUES: st.SearchStrategy[object] = st.none() | st.sampled_from(("", "/", "x", 1))


@given(
    st.sampled_from(_SCOPES),
    st.sampled_from(_NAMES),
    st.dictionaries(st.sampled_from(("principalId", "scope", "condition")), _VALUES),
)
def test_what_is_certainly_well_formed_is_understood(scope: str, name: str, properties: dict[str, object]) -> None:
    body: dict[str, object] = {"id": f"{scope}/providers/{KIND}/{name}", "type": KIND, "properties": properties}
    certain = well_formed(canonical(body))
    found = picture(body).all(RoleAssignment)
    assert certain is None or found == (certain,)
