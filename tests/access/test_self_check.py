import pytest

from auditor.access.self_check import azure_allows, disagreement
from auditor.access.verdicts import Verdict
from auditor.inventory.resources.authorization import Permission
from tests.access.environments import ADELE, OWNER, SUB, Row, assignment, denial, environment, gap, scope

ACTION = "Microsoft.Migrate/migrateProjects/write"
HELD = assignment(ADELE, OWNER, SUB)
EVERYTHING, NOTHING = (Permission(actions=("*",)),), (Permission(actions=("*/read",)),)


def test_each_permission_object_is_evaluated_by_itself() -> None:
    assert azure_allows((Permission(actions=("*",), not_actions=("*/write",)), Permission(actions=(ACTION,))), ACTION)
    assert not azure_allows((Permission(actions=("*",), not_actions=("*/WRITE ",)),), ACTION)


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
def test_only_what_nothing_explains_is_a_disagreement(
    rows: list[Row], permissions: tuple[Permission, ...], expected: bool
) -> None:
    answer = environment(*rows).access().can(ADELE, ACTION, scope(SUB))
    found = disagreement(answer, permissions, ACTION)
    assert (found is not None) is expected
    if found is not None:
        assert found.azure_allows is (answer.verdict is Verdict.DENY)
