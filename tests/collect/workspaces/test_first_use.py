"""A scan asks about a workspace of a deleted project until a use is proven, and about others nothing."""

from typing import Any

import pytest

from auditor.access.access import Access
from auditor.collect.readers.workspace_uses import IN_LIST_OF_ALL
from auditor.collect.recording import Recording
from auditor.collect.request import Request
from auditor.collect.workspaces.first_use import USUAL, of_deleted_projects
from auditor.facts.estate.environment import Context
from auditor.facts.leftovers.workspaces.verdict import judgements
from auditor.inventory.inventory import Inventory
from tests.collect.emulated import collected
from tests.collect.readers.test_workspace_uses import (
    ORPHAN,
    SUB,
    USUAL_OF_ONE,
    asked,
    served_of,
    verdicts,
)
from tests.facts.small import RG, WORKSPACE, Body, S, assessment, workspace

PROJECT = {
    "id": f"{RG}/providers/Microsoft.Migrate/migrateProjects/contoso-exit",
    "type": "Microsoft.Migrate/migrateProjects",
    "name": "contoso-exit",
    "properties": {"provisioningState": "Succeeded"},
}
LIVE: Body = {"tags": {"Migrate Project": "Contoso-Exit"}}


@pytest.mark.parametrize(
    "bodies",
    [
        [{**workspace(), **LIVE}, PROJECT],
        [workspace(), assessment(), PROJECT],
        [{**workspace(), **LIVE}, assessment("/not-an-id"), PROJECT],
        [workspace(f"{RG}/providers/Microsoft.OperationalInsights/workspaces/Migrate-contoso1234")],
    ],
)
async def test_what_no_use_decides_is_not_asked_about(bodies: list[Body]) -> None:
    paths = [one.partition("?")[0].rpartition("/")[2] for one in await asked(served_of(*bodies))]
    assert set(paths) <= {"policyAssignments", "values"}


def item(child: str, name: str = "one", **properties: Any) -> Body:
    return {"id": f"{WORKSPACE}/{child}/{name}", "type": f"{SUB}/{child}", "name": name, "properties": properties}


@pytest.mark.parametrize(
    ("shown", "count"),
    [
        (item("linkedServices"), 2),
        (item("dataExports"), 3),
        (item("savedSearches"), 5),
        (item("intelligencePacks", "ServiceMap") | {"enabled": True}, USUAL_OF_ONE - 1),  # a project has it itself
    ],
)
async def test_a_scan_asks_until_a_use_is_proven(shown: Body, count: int) -> None:
    snapshot = served_of(ORPHAN, shown)
    requests = await asked(snapshot)
    assert len([one for one in requests if "/eventtypes/" not in one]) == count
    assert verdicts(await collected(snapshot)) == {
        "contoso-exit-ws": "in_use" if count < len(USUAL) + 1 else "undecided"
    }


@pytest.mark.parametrize("request_", [Request(all=True, access=True), Request(all=True, machines=True)])
async def test_a_question_about_something_else_does_not_ask_for_uses(request_: Request) -> None:
    requests = await asked(served_of(ORPHAN), request_)
    assert {one.partition("?")[0].rpartition("/")[2] for one in requests} <= {"policyAssignments", "values"}


async def test_a_use_that_is_known_already_takes_no_request() -> None:
    solution = {
        "id": f"{RG}/providers/Microsoft.OperationsManagement/solutions/Security(contoso-exit-ws)",
        "type": "Microsoft.OperationsManagement/solutions",
        "name": "Security(contoso-exit-ws)",
        "plan": {"publisher": "Microsoft", "product": "OMSGallery/Security"},
        "properties": {"workspaceResourceId": WORKSPACE},
    }
    snapshot = served_of(ORPHAN, solution)
    assert [one.partition("?")[0].rpartition("/")[2] for one in await asked(snapshot)] == ["values"]
    of = Inventory.of(await collected(snapshot))
    [judgement] = judgements(Context(of, Access.of(of)))
    assert judgement.why == "it is used by a solution; further uses were not read"
    assert {one.code for one in judgement.unread} == {"NotRead"}


async def test_a_list_is_asked_for_only_where_the_list_of_all_resources_shows_one_of_its_items() -> None:
    alerts = "Microsoft.Insights/scheduledQueryRules"
    alert = {"id": f"{RG}/providers/{alerts}/one", "type": alerts, "name": "one", "properties": {"scopes": [WORKSPACE]}}
    found = await collected(served_of(ORPHAN, alert))
    assert verdicts(found) == {"contoso-exit-ws": "in_use"}
    assert {one.what for one in found.reads or ()} & {one.what for one in IN_LIST_OF_ALL} == {alerts}


async def test_a_refused_list_of_all_resources_does_not_hide_a_use_that_another_list_shows() -> None:
    alerts = "Microsoft.Insights/scheduledQueryRules"
    alert = {"id": f"{RG}/providers/{alerts}/one", "type": alerts, "name": "one", "properties": {"scopes": [WORKSPACE]}}
    fault = {"path": f"^{S}/resources[?].*{alerts}", "status": 403, "code": "AuthorizationFailed"}
    found = await collected(served_of(ORPHAN, alert), faults=[fault])
    assert verdicts(found) == {"contoso-exit-ws": "in_use"}
    assert found.gaps == ()


CUSTOMER = "4c0ffee3-9b2a-4d37-8e51-c0a050000003"
OLD: Body = {
    "id": f"{RG}/providers/Microsoft.Migrate/projects/contoso-classic",
    "type": "Microsoft.Migrate/projects",
    "name": "contoso-classic",
    "properties": {"customerWorkspaceId": WORKSPACE.upper()},
}
GONE = f"{RG}/providers/Microsoft.Migrate/migrateProjects/contoso-gone"


@pytest.mark.parametrize(
    ("bodies", "is_left"),
    [
        ([workspace()], False),
        ([workspace(), assessment(GONE)], True),
        ([workspace(customerId=CUSTOMER), assessment(GONE, CUSTOMER.upper())], True),
        ([workspace(customerId=CUSTOMER), assessment(GONE, CUSTOMER), PROJECT, assessment()], False),
        ([workspace(), assessment(), PROJECT], False),
        ([workspace(tags={"Migrate Project": "contoso-gone"}), assessment(), PROJECT], False),
        ([workspace(tags={"Migrate Project": "contoso-gone"}), PROJECT], True),
        ([workspace(tags={"Migrate Project": " CONTOSO-EXIT "}), PROJECT], False),
        ([workspace(tags={"Migrate Project": "contoso-classic"}), {**OLD, "properties": {"x": 1}}], False),
        ([workspace(), OLD], False),
        ([workspace(), {**assessment(), "properties": {"customerWorkspaceId": WORKSPACE}}], False),
    ],
)
def test_the_workspaces_of_deleted_projects_are_those_on_which_a_use_decides(bodies: list[Body], is_left: bool) -> None:
    snapshot = served_of(*bodies)
    left = of_deleted_projects(Recording.resumed(snapshot))
    assert [one.id for one in left] == ([WORKSPACE] if is_left else [])
    of = Inventory.of(snapshot)
    [judgement] = judgements(Context(of, Access.of(of)))
    assert (judgement.verdict.value not in {"attached", "not_migrate"}) is is_left
