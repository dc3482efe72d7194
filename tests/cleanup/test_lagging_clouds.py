"""Clouds that lack types and api-versions: what they cannot have is empty, what they cannot say stays unread."""

import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from auditor.azure.errors import ReadFailed
from auditor.cleanup.azure_workspaces import AzureWorkspaces, WorkspaceState, deletions, recoveries
from auditor.cleanup.plan import Action, Item
from auditor.cleanup.workspace_id import WorkspaceId
from auditor.collect.catalogue import FOR_CANDIDATES, PER_CANDIDATE
from auditor.collect.collect import collect
from auditor.collect.request import Request
from auditor.collect.workspaces.every_use import deepened
from auditor.inventory.inventory import Inventory
from auditor.inventory.lists import (
    ACTIVITY_LOG,
    DELETED_WORKSPACES,
    KEY_VAULTS,
    POLICY_ASSIGNMENTS,
    PROJECTS,
    WORKSPACE_SOLUTIONS,
    WORKSPACES,
)
from auditor.inventory.reads import OLDER_VERSION, Gap, absent_lists
from auditor.inventory.redaction.pseudonyms import Pseudonyms
from auditor.inventory.redaction.redact import redacted
from auditor.inventory.resources.loganalytics import Workspace
from auditor.inventory.snapshot.files import load, save
from auditor.inventory.snapshot.snapshot import Snapshot
from tests.cleanup import leftovers as left
from tests.cleanup.stage import BRIEF
from tests.cleanup.test_every_use import BESIDE, OTHER, came
from tests.collect.emulated import collected, dated, serving
from tests.properties.tampered_tenants import telling, with_records

DEEPLY = Request(all=True, deep=True)
NO_LAG: Mapping[str, str] = MappingProxyType({})
SENTINEL = "Microsoft.SecurityInsights/onboardingStates"
CLUSTERS = "Microsoft.OperationalInsights/clusters"
FLOW_LOGS = "Microsoft.Network/networkWatchers/flowLogs"
WATCHERS = "Microsoft.Network/networkWatchers"
SETTINGS = "Microsoft.Insights/diagnosticSettings"
DATA_SOURCES = f"{WORKSPACES}/dataSources"
OLD_PROJECTS = "Microsoft.Migrate/projects"
LOCKS = "Microsoft.Authorization/locks"
FIRST = str(left.FIRST["id"])
OTHERWISE = {ACTIVITY_LOG, POLICY_ASSIGNMENTS, WORKSPACE_SOLUTIONS}
USES = sorted({one.what for one in (*PER_CANDIDATE, *FOR_CANDIDATES)} - OTHERWISE)
"""The types that can show another use of a workspace, except those that each cloud has; this tenant has solutions."""


WATCHER = {"id": f"{OTHER}/resourceGroups/rg-other/providers/{WATCHERS}/one", "name": "one", "type": WATCHERS}


def tenant(*more: Mapping[str, Any]) -> Snapshot:
    beside = [body for body in BESIDE if "flowLogs" not in str(body["type"])]
    return left.tenant([*beside, *more], without=[left.BUSY["id"], left.SECOND["id"]])


def judged(snapshot: Snapshot) -> Item:
    [item] = [one for one in left.plan(snapshot).items if one.id.lower() == FIRST.lower()]
    return item


async def scanned(lag: Mapping[str, str] = NO_LAG, faults: Any = (), *more: Mapping[str, Any]) -> Snapshot:
    return dated(await collected(tenant(*more), DEEPLY, lag=lag, faults=faults), tenant())


def of_arm(snapshot: Snapshot) -> list[Gap]:
    """Return the gaps of Resource Manager; the directory of this tenant has no policy."""
    return [gap for gap in snapshot.gaps if not gap.what.startswith("graph/")]


def saved_again(snapshot: Snapshot, folder: Path, suffix: str) -> Snapshot:
    path = folder / f"scan{suffix}"
    save(snapshot, path)
    return load(path)


async def test_without_any_lag_the_workspace_is_left_behind() -> None:
    found = await scanned()
    assert of_arm(found) == []
    assert judged(found).action is Action.DELETE


@pytest.mark.parametrize("what", [*USES, SETTINGS, OLD_PROJECTS, "Microsoft.Migrate/assessmentProjects"])
async def test_a_type_that_the_cloud_lacks_is_an_empty_list(what: str, tmp_path: Path) -> None:
    found = await scanned({what: ""}, (), WATCHER)
    absent = absent_lists(found.reads, found.gaps)
    assert {gap.what.lower() for gap in absent} == {what.lower()} == {gap.what.lower() for gap in of_arm(found)}
    item = judged(found)
    assert item.action is Action.DELETE
    for suffix in (".yaml", ".jsonl.zst"):
        assert judged(saved_again(found, tmp_path, suffix)) == item
    replayed = dated(await collected(found, DEEPLY), found)
    assert (replayed.reads, replayed.gaps, replayed.arm) == (found.reads, found.gaps, found.arm)


async def test_the_parents_of_a_list_may_be_the_type_that_is_lacking() -> None:
    found = await scanned({WATCHERS: ""})
    monitors = "Microsoft.Network/networkWatchers/connectionMonitors"
    assert {gap.what for gap in absent_lists(found.reads, found.gaps)} == {FLOW_LOGS, monitors}
    replayed = dated(await collected(found, DEEPLY), found)
    assert (replayed.reads, replayed.gaps) == (found.reads, found.gaps)


@pytest.mark.parametrize("status", [400, 404])
async def test_no_registered_provider_means_the_same(status: int) -> None:
    refusal = {
        "status": status,
        "code": "NoRegisteredProviderFound",
        "message": "No registered resource provider found for location 'chinanorth' and API version '2023-09-01' for "
        "type 'clusters'. The supported api-versions are ''. The supported locations are ''.",
    }
    found = await scanned(faults=[{"path": f"{CLUSTERS}[?]", **refusal}])
    assert judged(found).action is Action.DELETE
    assert {gap.what for gap in of_arm(found)} == {CLUSTERS}


IN_WORDS = "The resource type could not be found in the namespace 'Microsoft.OperationalInsights' for api version 'x'."
LISTING = "The resource type 'clusters' could not be found. The supported api-versions are '2015-01-01,2019-01-01'."
ARM = {"error": {"code": "InvalidResourceType", "message": IN_WORDS}}


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, ARM),  # the code belongs to 404
        (403, ARM),
        (410, ARM),
        (500, ARM),
        (404, {**ARM, "value": []}),
        (404, {"code": "InvalidResourceType", "message": IN_WORDS}),
        (404, {"Error": ARM["error"]}),
        (404, {"error": {**ARM["error"], "code": "invalidresourcetype"}}),
        (404, {"error": {**ARM["error"], "code": "InvalidResourceType "}}),
        (404, {"error": {**ARM["error"], "code": "InvalidResourceType\u0000"}}),
        (404, {"error": {**ARM["error"], "code": ["InvalidResourceType"]}}),
        (404, {"error": {"code": "InvalidResourceType"}}),
        (404, {"error": {**ARM["error"], "message": ""}}),
        (404, {"error": {**ARM["error"], "message": {"value": IN_WORDS}}}),
        (404, {"error": [ARM["error"]]}),
        (404, {"error": {**ARM["error"], "innererror": {"code": "AuthorizationFailed"}}}),
        (404, {"error": {**ARM["error"], "details": []}}),
        (404, [ARM]),
        (404, {"error": {"code": "NotFound", "message": IN_WORDS, "innererror": ARM["error"]}}),
        (404, {"error": {"code": "ResourceNotFound", "message": IN_WORDS}}),
        (404, {"error": {"code": "InvalidResourceTypes", "message": IN_WORDS}}),
        (404, {"error": {**ARM["error"], "message": LISTING}}),
        (404, {"error": {**ARM["error"], "message": "Use one of the versions 2015-01-01 and 2016-01-01."}}),
        (404, '{"error":{"code":"AuthorizationFailed","code":"InvalidResourceType","message":"no"}}'),
        (404, '{"error":{"code":"InvalidResourceType","message":"cut'),
        (404, "<html>InvalidResourceType</html>"),
        (404, ""),
    ],
)
async def test_only_resource_managers_own_words_prove_a_type_absent(status: int, body: Any) -> None:
    text = body if isinstance(body, str) else json.dumps(body)
    found = await scanned(faults=[{"path": f"{CLUSTERS}[?]", "status": status, "body": text}])
    assert absent_lists(found.reads, found.gaps) == frozenset()
    assert {gap.what for gap in of_arm(found)} == {CLUSTERS}
    item = judged(found)
    assert (item.verdict, item.action) == ("undecided", Action.KEEP)


@pytest.mark.parametrize("what", ["Microsoft.Resources/resourceGroups", LOCKS])
async def test_what_every_cloud_has_is_never_absent(what: str) -> None:
    found = await scanned({what: ""})
    assert what in {gap.what for gap in of_arm(found)}
    assert absent_lists(found.reads, found.gaps) == frozenset()
    assert judged(found).action is Action.KEEP


async def test_a_cloud_that_denies_key_vaults_is_not_believed() -> None:
    found = await scanned({KEY_VAULTS: ""})
    assert KEY_VAULTS in {gap.what for gap in of_arm(found)}
    assert absent_lists(found.reads, found.gaps) == frozenset()


async def test_a_type_that_is_answered_elsewhere_is_not_absent(tmp_path: Path) -> None:
    denied = {"path": f"{left.SUBSCRIPTION}/providers/{CLUSTERS}[?]", "status": 404, "body": json.dumps(ARM)}
    found = await scanned(faults=[denied])
    assert {gap.scope for gap in of_arm(found)} == {left.S}
    assert {read.scope for read in found.reads or () if read.what == CLUSTERS} == {OTHER}
    assert judged(found).verdict == judged(saved_again(found, tmp_path, ".jsonl")).verdict == "undecided"


async def test_a_page_after_the_first_cannot_deny_its_type() -> None:
    more = [
        {"id": f"{left.RG}/providers/{CLUSTERS}/c{one}", "name": f"c{one}", "type": CLUSTERS, "properties": {}}
        for one in range(2)
    ]
    denied = {"path": f"{CLUSTERS}[?].*skiptoken", "status": 404, "body": json.dumps(ARM)}
    found = dated(await collected(tenant(*more), DEEPLY, page_size=1, faults=[denied]), tenant())
    assert {(gap.what, gap.scope) for gap in of_arm(found)} == {(CLUSTERS, left.S)}
    assert judged(found).action is Action.KEEP


@pytest.mark.parametrize(
    ("what", "newest", "denied"),
    [
        (CLUSTERS, "2022-10-01", "2023-09-01"),
        (f"{WORKSPACES}/tables", "2022-10-01", "2023-09-01"),
        (SENTINEL, "2023-02-01", "2024-03-01"),
        (FLOW_LOGS, "2022-01-01", "2023-11-01"),
        (WATCHERS, "2022-01-01", "2023-11-01"),
        ("Microsoft.Insights/dataCollectionRules", "2021-04-01", "2022-06-01"),
    ],
)
async def test_an_older_version_that_has_what_is_needed_is_asked_for(what: str, newest: str, denied: str) -> None:
    snapshot = tenant(WATCHER)
    async with serving(snapshot, lag={what: newest}) as served:
        found = dated(await collect(served.azure, DEEPLY), snapshot)
        kind = what.rpartition("/")[2]
        requests = [one for one in served.requests() if f"/{kind}?".lower() in one.lower()]
    assert of_arm(found) == []
    assert judged(found).action is Action.DELETE
    assert any(f"api-version={denied}" in one for one in requests)
    assert any(f"api-version={newest}" in one for one in requests)


async def test_a_type_of_which_azure_names_other_versions_exists() -> None:
    alerts = "Microsoft.Insights/scheduledQueryRules"
    found = await scanned({alerts: "2018-04-16"})
    assert {gap.what for gap in of_arm(found)} == {alerts}
    assert all("2018-04-16" in gap.message for gap in of_arm(found))
    assert judged(found).verdict == "undecided"


async def test_the_replication_of_a_workspace_that_an_older_version_returned_is_unread(tmp_path: Path) -> None:
    found = await scanned({WORKSPACES: "2023-09-01"})
    assert {(gap.what, gap.scope, gap.code) for gap in of_arm(found)} == {
        (WORKSPACES, scope, OLDER_VERSION) for scope in (left.S, OTHER)
    }
    item = judged(found)
    assert (item.verdict, item.action) == ("undecided", Action.KEEP)
    assert "properties.replication" in item.reason
    assert "2023-09-01" in item.reason
    for suffix in (".yaml", ".jsonl"):
        assert judged(saved_again(found, tmp_path, suffix)) == item
    hidden = redacted(found, Pseudonyms(b"k" * 32)).snapshot
    assert {gap.message for gap in of_arm(hidden)} == {gap.message for gap in of_arm(found)}
    replayed = dated(await collected(found, DEEPLY), found)
    assert (replayed.reads, replayed.gaps, replayed.arm) == (found.reads, found.gaps, found.arm)


async def test_replication_that_is_on_keeps_a_workspace_whatever_the_cloud_can_say() -> None:
    on = {**left.FIRST, "properties": {**left.FIRST["properties"], "replication": {"enabled": True}}}
    replicated = left.tenant([came("Usage"), on], without=[left.BUSY["id"], FIRST, left.SECOND["id"]], again=True)
    for newest in ("2025-07-01", "2025-02-01", "2023-09-01", "2022-10-01"):
        found = dated(await collected(replicated, DEEPLY, lag={WORKSPACES: newest}), replicated)
        assert judged(found).action is Action.KEEP
        assert (judged(found).verdict == "undecided") is (newest < "2025")


async def test_a_property_that_an_older_version_returns_nevertheless_is_known() -> None:
    found = await scanned({WORKSPACES: "2023-09-01"})
    told = [telling(one, {"replication": {"enabled": False}}) for one in found.arm if one.id.lower() == FIRST.lower()]
    assert judged(with_records(found, told)).action is Action.DELETE


async def test_what_an_older_version_returned_is_listed_and_only_its_later_properties_are_unread() -> None:
    inventory = Inventory.of(await scanned({WORKSPACES: "2023-09-01"}))
    assert [one.display_name for one in inventory.all(Workspace)] == [left.FIRST["name"]]
    assert inventory.gaps(WORKSPACES, left.S, below=False) == ()
    assert inventory.gaps(WORKSPACES, left.S, rests_on=("properties.customerId", "tags")) == ()
    [gap] = inventory.gaps(WORKSPACES, left.S, rests_on=("properties.replication.enabled",))
    assert inventory.gaps(WORKSPACES, left.S) == (gap,)
    assert inventory.unread_property(FIRST, "properties.replication.enabled") == (gap,)
    assert inventory.unread_property(FIRST, "properties.sku") == ()


PROJECT = {
    "id": f"{left.RG}/providers/{PROJECTS}/private",
    "name": "private",
    "type": PROJECTS,
    "location": "westeurope",
    "properties": {
        "provisioningState": "Succeeded",
        "publicNetworkAccess": "Disabled",
        "utilityStorageAccountId": f"{left.RG}/providers/Microsoft.Storage/storageAccounts/privateusa",
        "privateEndpointConnections": [],
    },
}


@pytest.mark.parametrize(("newest", "whole"), [("2023-01-01", True), ("2018-09-01-preview", False)])
async def test_a_project_is_read_in_the_newest_version_that_has_its_private_link(newest: str, whole: bool) -> None:
    found = await scanned({PROJECTS: newest}, (), PROJECT)
    [project] = [json.loads(one.body) for one in found.arm if one.type == PROJECTS]
    assert project["properties"] == (PROJECT["properties"] if whole else {"provisioningState": "Succeeded"})
    assert [(gap.scope, gap.code) for gap in of_arm(found)] == ([] if whole else [(PROJECT["id"], OLDER_VERSION)])


async def test_a_deep_scan_in_two_parts_keeps_what_the_first_part_found_absent() -> None:
    snapshot = tenant()
    lag = {CLUSTERS: "", WORKSPACES: "2023-09-01"}
    async with serving(snapshot, lag=lag) as served:
        shallow = await collect(served.azure, Request(all=True))
        deep = await deepened(served.azure, shallow, [FIRST])
        at_once = await collect(served.azure, DEEPLY)
    assert (deep.reads, deep.gaps) == (at_once.reads, at_once.gaps)


def test_a_gap_alone_proves_nothing_absent() -> None:
    gap = Gap(CLUSTERS, left.S, 404, "InvalidResourceType", IN_WORDS)
    assert judged(left.tenant([came("Usage")], without=[left.BUSY["id"]])).action is Action.DELETE
    unread = left.tenant([came("Usage")], without=[left.BUSY["id"]], gaps=[gap])
    assert judged(unread).verdict == "undecided"


@pytest.mark.parametrize("newest", ["2025-02-01", "2023-09-01", "2022-10-01"])
async def test_a_workspace_is_deleted_and_recovered_in_the_newest_version_that_the_cloud_has(newest: str) -> None:
    workspace, customer = WorkspaceId.parse(FIRST), left.customer(1)
    lag = {WORKSPACES: newest, DELETED_WORKSPACES: newest}
    async with serving(left.tenant(), lag=lag) as served:
        side = AzureWorkspaces(served.azure.arm, BRIEF, deletions([workspace]))
        assert await side.state(workspace, customer) is WorkspaceState.LIVE
        await (await side.begin_delete(workspace)).end(5)
        assert await side.state(workspace, customer) is WorkspaceState.DELETED
        back = AzureWorkspaces(served.azure.arm, BRIEF, recoveries([workspace], []))
        assert await back.state(workspace, customer) is WorkspaceState.DELETED
        await (await back.begin_recover(workspace, "westeurope", {})).end(5)
        assert await back.state(workspace, customer) is WorkspaceState.LIVE
        requests = [one for one in served.requests() if "/workspaces/left-1?" in one]
    asked = [one.partition("api-version=")[2] for one in requests if one.startswith("GET")]
    assert asked[0] == "2025-02-01"
    assert asked[-1] == newest


async def test_a_cloud_without_any_of_the_versions_leaves_the_state_unread() -> None:
    async with serving(left.tenant(), lag={WORKSPACES: "2020-08-01"}) as served:
        side = AzureWorkspaces(served.azure.arm, BRIEF, deletions([WorkspaceId.parse(FIRST)]))
        with pytest.raises(ReadFailed, match="NoRegisteredProviderFound"):
            await side.live(WorkspaceId.parse(FIRST))
