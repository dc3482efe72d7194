import json
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner

from auditor.cli.permissions import permissions
from auditor.collect.catalogue import (
    DEEP,
    FOR_CANDIDATES,
    MACHINES,
    PER_CANDIDATE,
    PER_SUBSCRIPTION,
    PER_TENANT,
    TRACKED,
)
from auditor.collect.directory.questions import QUESTIONS, Question
from auditor.collect.listing import Feature, Listing, Tracked
from auditor.collect.permissions import MEANINGS, graph_permissions, rights, role, uncovered
from auditor.inventory.lists import LISTS, OLD_PROJECTS
from auditor.inventory.reads import BY_READER

SCHEMA = Path(__file__).parents[2] / "docs" / "schemas" / "permissions-1.json"
READERS: list[Listing | Tracked] = [
    *PER_TENANT,
    *PER_SUBSCRIPTION,
    *PER_CANDIDATE,
    *FOR_CANDIDATES,
    *DEEP,
    *MACHINES,
    *TRACKED,
    *(c for kind in TRACKED for c in kind.children),
]


def actions() -> set[str]:
    granted = role()["Actions"]
    assert isinstance(granted, list)
    return set(granted)


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.what)
def test_the_role_grants_what_each_reader_needs(reader: Listing | Tracked) -> None:
    assert set(reader.needs) - {BY_READER} <= actions()


def test_the_output_says_what_no_custom_role_can_cover() -> None:
    assert uncovered() == (OLD_PROJECTS,)
    assert not any(OLD_PROJECTS.lower() in action.lower() for action in actions())
    _, text = run("--format", "json")
    assert json.loads(text)["uncovered"] == [{"list": OLD_PROJECTS, "needs": BY_READER}]
    _, table = run()
    assert f"  {OLD_PROJECTS}" in table.splitlines()


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.what)
def test_the_graph_permissions_hold_what_each_question_needs(question: Question) -> None:
    assert set(question.needs) <= set(graph_permissions())


def test_every_list_is_named_as_in_the_catalogue() -> None:
    named = {reader.what for reader in READERS} | {question.what for question in QUESTIONS}
    assert named - {kind.what for kind in LISTS.values()} == set()


def test_the_role_only_reads() -> None:
    assert all(action.endswith("/read") for action in actions())
    assert len(actions()) == len({action.lower() for action in actions()})
    assert role()["DataActions"] == []


def test_every_feature_says_what_it_reads() -> None:
    assert set(MEANINGS) == set(Feature) == {one.feature for one in rights()}


def test_the_sum_is_the_features_together() -> None:
    assert {action for one in rights() for action in one.actions} == actions()


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(permissions, arguments, standalone_mode=False)
    if result.exception is not None:
        raise result.exception
    return int(result.return_value), result.stdout


def test_json_has_role_graph_and_features() -> None:
    code, text = run("--format", "json")
    document = json.loads(text)
    assert code == 0
    jsonschema.validate(document, json.loads(SCHEMA.read_text(encoding="utf-8")))
    assert document["role"] == role()
    assert document["graph"] == list(graph_permissions())
    assert "Microsoft.KeyVault/vaults/read" in document["features"]["vaults"]["actions"]


def test_the_role_alone_can_be_handed_to_azure() -> None:
    scope = "/subscriptions/11111111-1111-4111-8111-111111111111"
    _, text = run("--format", "role", "--scope", scope)
    assert json.loads(text)["AssignableScopes"] == [scope]


@pytest.mark.parametrize(
    "scope",
    ["contoso", "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg", "/", "/subscriptions"],
)
def test_a_scope_that_cannot_hold_the_role_is_refused(scope: str) -> None:
    with pytest.raises(Exception, match="--scope") as refused:
        run("--scope", scope)
    assert type(refused.value).__name__ == "UsageFailed"


def test_the_table_names_each_right_and_what_it_is_for() -> None:
    _, text = run()
    for one in rights():
        assert MEANINGS[one.feature] in text
        assert all(right in text for right in (*one.actions, *one.graph))
