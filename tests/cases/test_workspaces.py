"""What becomes of a workspace whose project was deleted: the plan's verdict on it, and what a scan says of it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cases.fabrikam import GROUP, WORKSPACE, Environment
from tests.cases.situations import (
    leftover_workspace_of_traffic_analytics,
    leftover_workspace_with_replication,
    leftover_workspace_with_vm_insights,
    soft_deleted_workspace_of_a_deleted_group,
)
from tests.cli.running import Run

Save = Callable[[Callable[[], Environment]], Path]
NAME, GROUP_NAME = (identity.rpartition("/")[2] for identity in (WORKSPACE, GROUP))


@pytest.fixture
def planned(migaudit: Run, saved: Save) -> Callable[[Callable[[], Environment]], dict[str, Any]]:
    """The plan's item for the workspace of the deleted project."""

    def item(situation: Callable[[], Environment]) -> dict[str, Any]:
        plan = json.loads(migaudit("cleanup", "plan", "--snapshot", saved(situation), "--format", "json").out)
        assert not any(one["action"] == "delete" for one in plan["items"])
        assert {"title", "why", "shown"} == set(plan["not_looked_at"][0])
        [found] = [one for one in (*plan["items"], *plan["recoverable"]) if one["name"] == NAME]
        return dict(found)

    return item


@pytest.fixture
def scanned(migaudit: Run, saved: Save) -> Callable[[Callable[[], Environment], str], str]:
    """The text of a scan with one rule, without line breaks."""

    def text(situation: Callable[[], Environment], rule: str) -> str:
        return " ".join(migaudit("scan", "--snapshot", saved(situation), "--rule", rule, "--show", rule).out.split())

    return text


Plan = Callable[[Callable[[], Environment]], dict[str, Any]]
Scan = Callable[[Callable[[], Environment], str], str]


def test_solutions_that_others_may_use_keep_it_and_the_scan_says_so(planned: Plan, scanned: Scan) -> None:
    item = planned(leftover_workspace_with_vm_insights)
    assert (item["verdict"], item["reason"]) == ("in_use", "it is used by a solution")
    assert item["to_end"] == ["a solution: remove the solution once nobody needs what it shows"]
    text = scanned(leftover_workspace_with_vm_insights, "workspace-still-used")
    assert f"kept: in use by a solution (`VMInsights({NAME})`)" in text
    assert "in this order: a solution" in text


def test_replication_is_turned_off_first_and_is_no_use(planned: Plan, scanned: Scan) -> None:
    item = planned(leftover_workspace_with_replication)
    assert item["verdict"] == "orphaned"
    assert "used by" not in item["reason"]
    assert "replication to another region is on" in item["reason"]
    assert "--set properties.replication.enabled=false" in item["reason"]
    text = scanned(leftover_workspace_with_replication, "workspace-left-behind")
    assert text.index("Turn off its replication first") < text.index("workspace delete")
    assert "Nothing else uses it" not in text
    assert "Not looked at: diagnostic settings of Entra ID" in text


def test_a_flow_log_that_sent_nothing_yet_is_a_use(planned: Plan, scanned: Scan) -> None:
    item = planned(leftover_workspace_of_traffic_analytics)
    assert (item["verdict"], item["reason"]) == ("in_use", "it is used by traffic analytics of a flow log")
    assert "in use by traffic analytics" in scanned(leftover_workspace_of_traffic_analytics, "workspace-still-used")


def test_a_soft_deleted_one_comes_back_only_into_its_group(
    planned: Plan, scanned: Scan, migaudit: Run, saved: Save
) -> None:
    item = planned(soft_deleted_workspace_of_a_deleted_group)
    assert (item["kind"], item["action"]) == ("deleted-workspace", "keep")
    assert any(
        f"once its resource group `{GROUP_NAME}`, which is gone, is created again" in one for one in item["holds"]
    )
    text = scanned(soft_deleted_workspace_of_a_deleted_group, "workspace-recoverable")
    assert text.index("create its resource group again first") < text.index("workspace recover")
    whole = migaudit("scan", "--snapshot", saved(soft_deleted_workspace_of_a_deleted_group)).out
    assert "nothing that was asked for left unread" in whole
    assert "graph/applications" not in whole
