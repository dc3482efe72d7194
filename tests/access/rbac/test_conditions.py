import pytest

from auditor.access.rbac.conditions import targets

WRITE = "microsoft.authorization/roleassignments/write"
DELETE = "microsoft.authorization/roleassignments/delete"
BLOBS = "microsoft.storage/storageaccounts/blobservices/containers/blobs/read"
EXPRESSION = (
    "(@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals{a-b, c-d})"
)


def clause(action: str, *, more: str = "") -> str:
    return f"((!(ActionMatches{{'{action}'}}{more})) OR {EXPRESSION})"


@pytest.mark.parametrize(
    ("condition", "operation", "bears"),
    [
        (None, WRITE, False),
        ("", WRITE, False),
        ("   ", WRITE, False),
        (clause(WRITE), WRITE, True),
        (clause(WRITE), BLOBS, False),
        (clause(WRITE.upper()), WRITE, True),
        (clause("Microsoft.Authorization/roleAssignments/*"), DELETE, True),
        (clause("Microsoft.Authorization/roleAssignments/*"), BLOBS, False),
        (f"{clause(WRITE)} AND {clause(DELETE)}", DELETE, True),
        (f"{clause(WRITE)} AND {clause(DELETE)}", BLOBS, False),
        (f"{clause(WRITE)}\n && {clause(DELETE)}", BLOBS, False),
        (f"({clause(WRITE)} AND {clause(DELETE)})", BLOBS, False),
        (clause(BLOBS, more=" AND SubOperationMatches{'Blob.List'}"), BLOBS, True),
        (clause(BLOBS, more=" AND NOT SubOperationMatches{'Blob.List'}"), WRITE, False),
        (f"(!(ActionMatches{{'{WRITE}'}}) AND !(ActionMatches{{'{DELETE}'}})) OR {EXPRESSION}", BLOBS, False),
        (f"(!(ActionMatches{{'{WRITE}'}}) AND !(ActionMatches{{'{DELETE}'}})) || {EXPRESSION}", DELETE, True),
        (f"(NOT (ActionMatches{{'{WRITE}'}})) or {EXPRESSION}", BLOBS, False),
        (
            "(!(ActionMatches{'a'})) OR (@Resource[x:path] StringLike 'it OR (that' AND Exists @Resource[x:y])",
            BLOBS,
            False,
        ),
    ],
)
def test_the_guarded_form_applies_to_the_actions_it_names(condition: str | None, operation: str, bears: bool) -> None:
    assert targets(condition, operation) is bears


@pytest.mark.parametrize(
    "condition",
    [
        EXPRESSION,
        f"{clause(WRITE)} AND {EXPRESSION}",
        f"{clause(WRITE)} OR {clause(DELETE)} AND {EXPRESSION}",
        f"!(ActionMatches{{'{WRITE}'}}) AND {EXPRESSION}",
        f"ActionMatches{{'{WRITE}'}} OR {EXPRESSION}",
        f"!!(ActionMatches{{'{WRITE}'}}) OR {EXPRESSION}",
        f"!(ActionMatches{{'{WRITE}'}} OR ActionMatches{{'{DELETE}'}}) OR {EXPRESSION}",
        f"{EXPRESSION} OR !(ActionMatches{{'{WRITE}'}})",
        f"!(ActionMatches{{'{WRITE}'}})",
        clause(WRITE)[:-1],
        clause(WRITE) + ")",
        "!(ActionMatches{write}) OR (a)",
        "(((",
        "() OR ()",
        "'open",
        "AND",
        "%$& |",
        "(" * 5000 + ")" * 5000,
    ],
)
def test_any_other_form_applies_to_every_action(condition: str) -> None:
    assert targets(condition, BLOBS)
