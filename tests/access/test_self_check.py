from dataclasses import replace

import pytest

from auditor.access.access import Access
from auditor.access.self_check import azure_allows, disagreement
from auditor.access.verdicts import AccessVerdict, NoteKind
from auditor.inventory.inventory import Inventory
from auditor.inventory.resources.authorization import Permission
from auditor.inventory.snapshot.records import By, Header
from tests.access.environments import (
    ADELE,
    ALEX,
    NOW,
    OWNER,
    SUB,
    TENANT,
    Row,
    assignment,
    denial,
    environment,
    gap,
    scope,
)

ACTION = "Microsoft.Migrate/migrateProjects/write"
HELD = assignment(ADELE, OWNER, SUB)
EVERYTHING, NOTHING = (Permission(actions=("*",)),), (Permission(actions=("*/read",)),)


def test_each_permission_object_is_evaluated_by_itself() -> None:
    assert azure_allows((Permission(actions=("*",), not_actions=("*/write",)), Permission(actions=(ACTION,))), ACTION)
    assert not azure_allows((Permission(actions=("*",), not_actions=("*/WRITE ",)),), ACTION)


OWN_LIST = f"{SUB}/providers/Microsoft.Authorization/permissions/0001"


def own(**body: object) -> Row:
    return {"id": OWN_LIST, "type": "Microsoft.Authorization/permissions", **body}


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        ([own(actions=["*"])], "covers"),
        ([own(actions=["*/read"])], "which contradicts this answer (allow): do not rely on either yet"),
        ([own(actions=["*"], notActions=["*/write"]), own(id=OWN_LIST[:-1] + "2", actions=[ACTION])], "covers"),
        ([own(actions="everything")], None),
        ([], None),
    ],
)
def test_azures_own_list_becomes_a_note_on_the_answer(rows: list[Row], text: str | None) -> None:
    world = environment(HELD, *rows)
    header = Header(tenant_id=TENANT, collected_at=NOW, by=By(ADELE.upper(), "adele", "user"))
    access = Access.of(Inventory.of(replace(world.snapshot(), header=header)))
    told = [note.text for note in access.can(ADELE, ACTION, scope(SUB)).notes if note.kind is NoteKind.SELF_CHECK]
    assert len(told) == (text is not None)
    assert text is None or text in told[0]
    assert access.self_check(ALEX, ACTION, scope(SUB)) is None


@pytest.mark.parametrize(
    ("rows", "permissions", "expected"),
    [
        ([HELD], EVERYTHING, False),
        ([HELD], NOTHING, True),
        ([], EVERYTHING, True),
        ([], NOTHING, False),
        ([HELD, denial(SUB, [ADELE], {"actions": ["*"]})], EVERYTHING, False),
        ([assignment(ADELE, OWNER, SUB, condition="x")], NOTHING, False),
        ([gap("graph/transitiveMemberOf", ADELE)], EVERYTHING, False),
    ],
)
def test_only_an_unexplained_difference_is_a_disagreement(
    rows: list[Row], permissions: tuple[Permission, ...], expected: bool
) -> None:
    answer = environment(*rows).access().can(ADELE, ACTION, scope(SUB))
    found = disagreement(answer, permissions, ACTION)
    assert (found is not None) is expected
    if found is not None:
        assert found.azure_allows is (answer.verdict is AccessVerdict.DENY)
