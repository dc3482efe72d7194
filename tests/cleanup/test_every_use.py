"""Other uses of a workspace, one row each: found through the request that shows it, missed without it.

The requests and the permissions are written out as Azure documents them, not taken from the catalogue.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from auditor.cleanup.plan import Action, Item
from auditor.collect.collect import collect
from auditor.collect.request import Request
from auditor.inventory.snapshot.records import Link
from tests.cleanup import leftovers as left
from tests.cleanup.stage import Fault
from tests.collect.emulated import serving
from tests.sampling import sampled

pytestmark = pytest.mark.untraced

Body = dict[str, Any]
DEEPLY = Request(all=True, deep=True)

LEFT = left.FIRST
W = str(LEFT["id"])
OTHER = "/subscriptions/5ab50002-0000-4000-8000-000000000002"
OTHER_RG = f"{OTHER}/resourceGroups/rg-other"


def on(scope: str, kind: str, name: str = "one", **properties: Any) -> Body:
    return {"id": f"{scope}/providers/{kind}/{name}", "name": name, "type": kind, "properties": properties}


def below(child: str, name: str = "one", **more: Any) -> Body:
    kind = f"Microsoft.OperationalInsights/workspaces/{child}"
    return {"id": f"{W}/{child}/{name}", "name": name, "type": kind, "properties": {}, **more}


def came(kind: str) -> Body:
    what = "Microsoft.OperationalInsights/ingestion"
    columns = [{"name": "DataType"}, {"name": "max_TimeGenerated"}, {"name": "sum_Quantity"}]
    lately = (datetime.now(UTC) - timedelta(hours=2)).isoformat()
    table = {"name": "PrimaryResult", "columns": columns, "rows": [[kind, lately, 1.5]]}
    return on(W, what, "last31days") | {"properties": {"tables": [table]}}


WATCHERS = "Microsoft.Network/networkWatchers"


def flow_log(name: str, **properties: Any) -> Body:
    kind, target = f"{WATCHERS}/flowLogs", f"{OTHER_RG}/providers/Microsoft.Network/virtualNetworks/hub"
    identity = f"{OTHER_RG}/providers/{WATCHERS}/one/flowLogs/{name}"
    return {"id": identity, "name": name, "type": kind, "properties": {"targetResourceId": target, **properties}}


ANALYSED = flow_log(
    "analysed",
    flowAnalyticsConfiguration={"networkWatcherFlowAnalyticsConfiguration": {"workspaceResourceId": W}},
)
KNOWN_BY_ITS_GUID = flow_log(
    "known-by-its-guid",
    flowAnalyticsConfiguration={
        "networkWatcherFlowAnalyticsConfiguration": {"workspaceId": str(LEFT["properties"]["customerId"])}
    },
)
VAULT = on(OTHER_RG, "Microsoft.KeyVault/vaults") | {"location": "westeurope"}
MONITORS = f"{WATCHERS}/connectionMonitors"
ENVIRONMENTS = "Microsoft.App/managedEnvironments"
GROUPS = "Microsoft.ContainerInstance/containerGroups"
KUBERNETES = "Microsoft.ContainerService/managedClusters"
FIREWALLS = "Microsoft.Network/firewallPolicies"
DEFENDER = "Microsoft.Security/workspaceSettings"
EXPORTS = "Microsoft.Security/automations"
WORKBOOKS = "Microsoft.Insights/workbooks"
ASSIGNED = "Microsoft.Authorization/policyAssignments"
CUSTOMER = str(LEFT["properties"]["customerId"])


def monitor(name: str, *outputs: Body) -> Body:
    identity = f"{OTHER_RG}/providers/{WATCHERS}/one/connectionMonitors/{name}"
    return {"id": identity, "name": name, "type": MONITORS, "properties": {"outputs": [*outputs]}}


UNRELATED = (
    on(OTHER_RG, ENVIRONMENTS, "quiet", appLogsConfiguration={"destination": "azure-monitor"}),
    on(OTHER_RG, GROUPS, "quiet", sku="Standard"),
    on(OTHER_RG, KUBERNETES, "quiet", addonProfiles={"omsagent": {"enabled": False, "config": None}}),
    on(OTHER_RG, FIREWALLS, "quiet", sku={"tier": "Standard"}),
    on(OTHER_RG, EXPORTS, "quiet", actions=[{"actionType": "EventHub"}]),
    on(OTHER_RG, WORKBOOKS, "quiet", sourceId="Azure Monitor"),
    on(OTHER, ASSIGNED, "quiet", parameters={"effect": {"value": "Audit"}, "days": {"value": 30}}),
    monitor("quiet"),
)
"""Resources of the types that are only read where there are any; none of them uses the workspace."""
BESIDE = (
    {"id": OTHER, "subscriptionId": OTHER[15:], "displayName": "Other", "type": "Microsoft.Resources/subscriptions"},
    {"id": OTHER_RG, "name": "rg-other", "location": "westeurope", "type": "Microsoft.Resources/resourceGroups"},
    VAULT,
    *UNRELATED,
    flow_log("kept-in-storage", flowAnalyticsConfiguration={"networkWatcherFlowAnalyticsConfiguration": None}),
    came("Usage"),
)
"""A second subscription, whose resources may refer to the workspace, which received nothing but bookkeeping."""
QUERY, QUERYING = "/v1/workspaces/[^/]+/query", "Microsoft.OperationalInsights/workspaces/query/read"


@dataclass(frozen=True)
class Row:
    """One use: its title in a plan, the resource that shows it, the request that reads it, and its permission."""

    use: str
    shown_by: Body
    request: str
    permission: str


def of_workspace(use: str, shown_by: Body, path: str, version: str, kind: str = "") -> Row:
    needs = kind or f"Microsoft.OperationalInsights/workspaces/{path}"
    return Row(use, shown_by, rf"/workspaces/[^/]+/{path}\?.*api-version={version}", f"{needs}/read")


def itself(use: str, **properties: Any) -> Row:
    body = {**LEFT, "properties": {**LEFT["properties"], **properties}}
    return Row(use, body, rf"^{left.S}/providers/{WORKSPACES}\?.*api-version=2025-02-01", f"{WORKSPACES}/read")


def of_subscription(use: str, shown_by: Body, kind: str, version: str) -> Row:
    return Row(use, shown_by, rf"^/subscriptions/[^/]+/providers/{kind}\?.*api-version={version}", f"{kind}/read")


def of_data_sources(kind: str) -> Row:
    needs = "Microsoft.OperationalInsights/workspaces/dataSources/read"
    source = below("dataSources", kind=kind)
    return Row("a data source", source, rf"/workspaces/[^/]+/dataSources\?.*kind.{{1,3}}eq.*{kind}", needs)


SENTINEL = "Microsoft.SecurityInsights/onboardingStates"
SOLUTIONS = "Microsoft.OperationsManagement/solutions"
CLUSTERS = "Microsoft.OperationalInsights/clusters"
ALERTS = "Microsoft.Insights/scheduledQueryRules"
METRICS = "Microsoft.Insights/metricAlerts"
RULES = "Microsoft.Insights/dataCollectionRules"
COMPONENTS = "Microsoft.Insights/components"
SETTINGS = "Microsoft.Insights/diagnosticSettings"
LOCKS = "Microsoft.Authorization/locks"
WORKSPACES = "Microsoft.OperationalInsights/workspaces"
ELSEWHERE = f"{OTHER_RG}/providers/Microsoft.Any/thing/one"

OF_THE_WORKSPACE = {
    "sentinel": of_workspace(
        "Microsoft Sentinel", on(W, SENTINEL, "default"), f"providers/{SENTINEL}", "2024-03-01", SENTINEL
    ),
    "intelligence pack": of_workspace(
        "an intelligence pack", below("intelligencePacks", "Security", enabled=True), "intelligencePacks", "2020-08-01"
    ),
    "linked service": of_workspace("a linked service", below("linkedServices"), "linkedServices", "2020-08-01"),
    "linked storage": of_workspace(
        "a linked storage account", below("linkedStorageAccounts", "query"), "linkedStorageAccounts", "2020-08-01"
    ),
    "table with a long-term retention": of_workspace(
        "a table with a long-term retention",
        below("tables", "SecurityEvent", properties={"retentionInDays": 30, "totalRetentionInDays": 2556}),
        "tables",
        "2023-09-01",
    ),
    "data export": of_workspace("a data export", below("dataExports"), "dataExports", "2020-08-01"),
    "storage insight": of_workspace(
        "a storage insight", below("storageInsightConfigs"), "storageInsightConfigs", "2023-09-01"
    ),
    "operations manager": of_workspace(
        "an Operations Manager group", below("managementGroups"), "managementGroups", "2023-09-01"
    ),
    "saved search": of_workspace("a saved search", below("savedSearches", "ours"), "savedSearches", "2020-08-01"),
    "search job": of_workspace("results of a search job", below("tables", "Audit_SRCH"), "tables", "2023-09-01"),
    "restored table": of_workspace("restored data", below("tables", "Audit_RST"), "tables", "2023-09-01"),
    "summary rule": of_workspace("a summary rule", below("summaryLogs"), "summaryLogs", "2025-07-01"),
    "custom table": of_workspace("a custom table", below("tables", "Audit_CL"), "tables", "2023-09-01"),
    **{
        f"data source of kind {kind}": of_data_sources(kind)
        for kind in (
            "WindowsEvent",
            "WindowsPerformanceCounter",
            "LinuxSyslog",
            "LinuxPerformanceObject",
            "CustomLog",
            "AzureActivityLog",
            "IISLogs",
        )
    },
}
"""Read from the workspace."""

OF_SUBSCRIPTIONS = {
    "solution": of_subscription("a solution", left.solution("VMInsights", LEFT), SOLUTIONS, "2015-11-01-preview"),
    "cluster": of_subscription(
        "a dedicated cluster", on(OTHER_RG, CLUSTERS, associatedWorkspaces=[{"resourceId": W}]), CLUSTERS, "2023-09-01"
    ),
    "log alert": of_subscription("a log alert", on(OTHER_RG, ALERTS, scopes=[W]), ALERTS, "2021-08-01"),
    "log alert on its group": of_subscription(
        "a log alert", on(OTHER_RG, ALERTS, scopes=[left.RG.upper()]), ALERTS, "2021-08-01"
    ),
    "log alert on its subscription": of_subscription(
        "a log alert", on(OTHER_RG, ALERTS, scopes=[left.S]), ALERTS, "2021-08-01"
    ),
    "metric alert": of_subscription("a metric alert", on(OTHER_RG, METRICS, scopes=[W]), METRICS, "2018-03-01"),
    "data collection rule": of_subscription(
        "a data collection rule",
        on(OTHER_RG, RULES, destinations={"logAnalytics": [{"workspaceResourceId": W}]}),
        RULES,
        "2022-06-01",
    ),
    "application insights": of_subscription(
        "Application Insights", on(OTHER_RG, COMPONENTS, WorkspaceResourceId=W.lower()), COMPONENTS, "2020-02-02"
    ),
    "flow log": Row(
        "traffic analytics of a flow log",
        ANALYSED,
        rf"^/subscriptions/[^/]+/resourceGroups/[^/]+/providers/{WATCHERS}/one/flowLogs\?.*api-version=2023-11-01",
        f"{WATCHERS}/flowLogs/read",
    ),
    "flow log by its guid": Row(
        "traffic analytics of a flow log",
        KNOWN_BY_ITS_GUID,
        rf"^/subscriptions/[^/]+/resourceGroups/[^/]+/providers/{WATCHERS}/one/flowLogs\?.*api-version=2023-11-01",
        f"{WATCHERS}/flowLogs/read",
    ),
    "network watcher": Row(
        "traffic analytics of a flow log",
        ANALYSED,
        rf"^/subscriptions/[^/]+/providers/{WATCHERS}\?.*api-version=2023-11-01",
        f"{WATCHERS}/read",
    ),
    "connection monitor": Row(
        "a connection monitor",
        monitor("loud", {"type": "Workspace", "workspaceSettings": {"workspaceResourceId": W}}),
        r"/networkWatchers/one/connectionMonitors\?.*api-version=2023-11-01",
        f"{MONITORS}/read",
    ),
    "container apps": of_subscription(
        "a Container Apps environment",
        on(OTHER_RG, ENVIRONMENTS, appLogsConfiguration={"logAnalyticsConfiguration": {"customerId": CUSTOMER}}),
        ENVIRONMENTS,
        "2024-03-01",
    ),
    "container group": of_subscription(
        "a container group",
        on(OTHER_RG, GROUPS, diagnostics={"logAnalytics": {"workspaceId": CUSTOMER.upper()}}),
        GROUPS,
        "2023-05-01",
    ),
    "container insights": of_subscription(
        "Container Insights of an AKS cluster",
        on(OTHER_RG, KUBERNETES, addonProfiles={"omsAgent": {"config": {"logAnalyticsWorkspaceResourceID": W}}}),
        KUBERNETES,
        "2026-06-01",
    ),
    "container insights in the monitor profile": of_subscription(
        "Container Insights of an AKS cluster",
        on(
            OTHER_RG,
            KUBERNETES,
            azureMonitorProfile={"containerInsights": {"enabled": True, "logAnalyticsWorkspaceResourceId": W.upper()}},
        ),
        KUBERNETES,
        "2026-06-01",
    ),
    "container insights in the logs of the monitor profile": of_subscription(
        "Container Insights of an AKS cluster",
        on(
            OTHER_RG,
            KUBERNETES,
            azureMonitorProfile={"logs": {"containerInsights": {"logAnalyticsWorkspaceResourceId": W}}},
        ),
        KUBERNETES,
        "2026-06-01",
    ),
    "another add-on of a cluster": of_subscription(
        "Container Insights of an AKS cluster",
        on(OTHER_RG, KUBERNETES, addonProfiles={"OmsAgentWindows": {"config": {"workspaceId": CUSTOMER}}}),
        KUBERNETES,
        "2026-06-01",
    ),
    "defender of a cluster": of_subscription(
        "Microsoft Defender of an AKS cluster",
        on(OTHER_RG, KUBERNETES, securityProfile={"defender": {"logAnalyticsWorkspaceResourceId": W.lower()}}),
        KUBERNETES,
        "2026-06-01",
    ),
    "defender of a cluster of an earlier version": of_subscription(
        "Microsoft Defender of an AKS cluster",
        on(OTHER_RG, KUBERNETES, securityProfile={"azureDefender": {"logAnalyticsWorkspaceResourceId": W}}),
        KUBERNETES,
        "2026-06-01",
    ),
    "defender for cloud": of_subscription(
        "Microsoft Defender for Cloud", on(OTHER, DEFENDER, "default", workspaceId=W), DEFENDER, "2017-08-01-preview"
    ),
    "continuous export": of_subscription(
        "continuous export of Microsoft Defender for Cloud",
        on(
            OTHER_RG,
            EXPORTS,
            actions=[{"actionType": "EventHub"}, {"actionType": "Workspace", "workspaceResourceId": W}],
        ),
        EXPORTS,
        "2019-01-01-preview",
    ),
    "firewall policy": of_subscription(
        "Policy Insights of a firewall policy",
        on(OTHER_RG, FIREWALLS, insights={"logAnalyticsResources": {"defaultWorkspaceId": {"id": W}}}),
        FIREWALLS,
        "2023-11-01",
    ),
    "firewall policy of a region": of_subscription(
        "regional Policy Insights of a firewall policy",
        on(OTHER_RG, FIREWALLS, insights={"logAnalyticsResources": {"workspaces": [{"workspaceId": {"id": W}}]}}),
        FIREWALLS,
        "2023-11-01",
    ),
    "workbook": Row(
        "a workbook",
        on(OTHER_RG, WORKBOOKS, sourceId=W),
        rf"/providers/{WORKBOOKS}/[^/]+\?.*api-version=2022-04-01",
        f"{WORKBOOKS}/read",
    ),
    "policy assignment": of_subscription(
        "a parameter of a policy assignment",
        on(OTHER, ASSIGNED, parameters={"logAnalytics": {"value": W}}),
        ASSIGNED,
        "2023-04-01",
    ),
    "role assignment": of_subscription(
        "a role assignment",
        on(W, "Microsoft.Authorization/roleAssignments", principalId=CUSTOMER, roleDefinitionId=f"{left.S}/x"),
        "Microsoft.Authorization/roleAssignments",
        "2022-04-01",
    ),
    "lock": of_subscription("a lock", on(W, LOCKS, level="CanNotDelete"), LOCKS, "2020-05-01"),
    "lock on its group": of_subscription("a lock", on(left.RG, LOCKS, level="ReadOnly"), LOCKS, "2020-05-01"),
    "lock on its subscription": of_subscription("a lock", on(left.S, LOCKS, level="ReadOnly"), LOCKS, "2020-05-01"),
}
"""Read from its own subscription, or from every one."""

ON_ITSELF = {
    "cluster that it names": itself(
        "a dedicated cluster that it is linked to", features={"clusterResourceId": ELSEWHERE}
    ),
    "private link scope": itself("a private link scope", privateLinkScopedResources=[{"resourceId": ELSEWHERE}]),
    "default rule": itself("a default data collection rule", defaultDataCollectionRuleResourceId=ELSEWHERE),
}
"""Shown by the workspace itself."""

SENT = {
    "diagnostic setting of a resource": Row(
        "a diagnostic setting",
        on(str(VAULT["id"]), SETTINGS, workspaceId=W),
        rf"/vaults/one/providers/{SETTINGS}\?.*api-version=2021-05-01-preview",
        f"{SETTINGS}/read",
    ),
    "diagnostic setting of the activity log": Row(
        "a diagnostic setting",
        on(OTHER, SETTINGS, workspaceId=W.upper()),
        rf"^/subscriptions/[^/]+/providers/{SETTINGS}\?.*api-version=2021-05-01-preview",
        f"{SETTINGS}/read",
    ),
    "data": Row("data of something else", came("SecurityEvent"), QUERY, QUERYING),
    "agents": Row("agents that still report to it", came("Heartbeat"), QUERY, QUERYING),
}
"""Shown by diagnostic settings or by the data that arrived: only these two show who sends data."""

REFUSABLE = OF_THE_WORKSPACE | OF_SUBSCRIPTIONS
EVERY = REFUSABLE | ON_ITSELF | SENT
LOCKED = {title: row for title, row in EVERY.items() if row.use == "a lock"}
"""What is no use, but keeps a workspace from being deleted."""


def refusal(request: str) -> Fault:
    return {"path": request, "status": 403, "code": "AuthorizationFailed", "message": "no"}


async def judged(*more: Body, faults: Sequence[Fault] = (), request: Request = DEEPLY) -> Item:
    """Return the plan's item for the workspace after a deep scan of the tenant over HTTP."""
    bodies = {body["id"]: body for body in (*BESIDE, *more)}
    snapshot = left.tenant(bodies.values(), without=[W] if W in bodies else (), again=True)
    async with serving(snapshot, faults=faults) as served:
        return left.item(left.plan(await collect(served.azure, request)), str(LEFT["name"]))


async def test_nothing_else_uses_it_and_everything_was_read() -> None:
    item = await judged()
    assert (item.verdict, item.action, item.evidence_against, item.unread) == ("orphaned", Action.DELETE, (), ())


@sampled("row", {title: row for title, row in EVERY.items() if title not in LOCKED}, one_in=8)
async def test_one_use_alone_keeps_it_and_is_named_with_its_record(row: Row) -> None:
    item = await judged(row.shown_by)
    assert (item.verdict, item.action) == ("in_use", Action.KEEP)
    assert item.reason == f"it is used by {row.use}"
    assert [one.id.lower() for one in item.evidence_against] == [str(row.shown_by["id"]).lower()]


@sampled("row", LOCKED, one_in=3)
async def test_a_lock_is_no_use_and_keeps_it_until_its_owner_removed_it(row: Row) -> None:
    item = await judged(row.shown_by)
    assert (item.verdict, item.action, item.unread) == ("orphaned", Action.KEEP, ())
    assert "a lock is on it or above it: ask its owner" in item.reason
    assert [one.id.lower() for one in item.evidence_against] == [str(row.shown_by["id"]).lower()]


async def test_replication_is_no_use_and_keeps_it_until_it_is_off() -> None:
    item = await judged(itself("", replication={"enabled": True, "location": "northeurope"}).shown_by)
    assert (item.verdict, item.action, item.unread) == ("orphaned", Action.KEEP, ())
    assert "replication to another region is on" in item.reason
    assert f"az resource update --ids '{W}'" in item.reason
    assert "properties.replication.enabled=false" in item.reason


@pytest.mark.parametrize("days", [31, 32, 730])
async def test_data_in_the_whole_retention_is_looked_at(days: int) -> None:
    keeping = {**LEFT, "properties": {**LEFT["properties"], "retentionInDays": days}}
    old = came("SecurityEvent")
    old |= {"id": str(old["id"]).replace("last31days", "wholeRetention"), "name": "wholeRetention"}
    assert (await judged(keeping)).action is Action.DELETE
    item = await judged(keeping, old)
    if days > 31:
        assert (item.verdict, item.reason) == ("in_use", "it is used by older data of something else")
    second = {"path": f"/v1/workspaces/{CUSTOMER}/query", "status": 403, "code": "InsufficientAccessError", "skip": 1}
    assert (await judged(keeping, faults=[second])).action is (Action.KEEP if days > 31 else Action.DELETE)


@pytest.mark.parametrize("days", [None, -1, 0])
async def test_without_a_known_retention_the_longest_one_is_looked_at(days: int | None) -> None:
    keeping = {**LEFT, "properties": {**LEFT["properties"], "retentionInDays": days}}
    old = came("SecurityEvent")
    old |= {"id": str(old["id"]).replace("last31days", "wholeRetention"), "name": "wholeRetention"}
    assert (await judged(keeping, old)).reason == "it is used by older data of something else"


def test_the_last_31_days_do_not_stand_for_a_longer_retention() -> None:
    keeping = {**LEFT, "properties": {**LEFT["properties"], "retentionInDays": 365}}
    bodies = [*BESIDE, keeping]
    item = left.item(left.plan(left.tenant(bodies, without=[W], again=True)), str(LEFT["name"]))
    assert (item.verdict, item.action) == ("undecided", Action.KEEP)
    [gap] = [one for one in item.unread if one.what == "Microsoft.OperationalInsights/ingestion"]
    assert "keeps data for 365 days, and only the last 31 were asked for" in gap.message


@sampled("row", {row.request: row for row in REFUSABLE.values()}.values(), one_in=8, ids=lambda row: row.use)
async def test_one_refused_request_leaves_it_open_and_names_the_permission(row: Row) -> None:
    item = await judged(faults=[refusal(row.request)])
    assert (item.verdict, item.action) == ("undecided", Action.KEEP)
    assert f"grant `{row.permission}`" in item.reason
    assert {gap.needs for gap in item.unread} == {row.permission}


@sampled("row", SENT, one_in=2)
async def test_no_check_of_who_sends_data_stands_for_another(row: Row) -> None:
    item = await judged(faults=[refusal(row.request)])
    assert (item.verdict, item.action) == ("undecided", Action.KEEP)
    assert f"grant `{row.permission}`" in item.reason
    assert {gap.needs for gap in item.unread} == {row.permission}


ODD_ANSWERS: dict[str, Fault] = {
    "refused": {"status": 403, "code": "InsufficientAccessError", "message": "no"},
    "not found": {"status": 404, "code": "WorkspaceNotFoundError", "message": "no"},
    "failed": {"status": 500},
    "an empty object": {"status": 200, "body": "{}"},
    "an error": {"status": 200, "body": '{"error": {"code": "x", "message": "y"}}'},
    "a part": {"status": 200, "body": '{"tables": [], "error": {"code": "PartialError", "message": "y"}}'},
    "no table": {"status": 200, "body": '{"tables": []}'},
    "another table": {"status": 200, "body": '{"tables": [{"name": "PrimaryResult", "columns": [], "rows": []}]}'},
    "a page of a proxy": {"status": 200, "body": "<html>"},
}


@sampled("answer", ODD_ANSWERS, one_in=5)
async def test_an_odd_answer_to_what_came_in_is_not_that_nothing_did(answer: Fault) -> None:
    for more in ((), (came("Heartbeat"),)):
        item = await judged(*more, faults=[{"path": QUERY, **answer}])
        assert (item.verdict, item.action) == ("undecided", Action.KEEP)
        assert {gap.what for gap in item.unread} == {"Microsoft.OperationalInsights/ingestion"}


COLUMNS = [{"name": "DataType"}, {"name": "max_TimeGenerated"}]
LATELY, LONG_AGO = "2099-01-01T00:00:00Z", "2020-01-01T00:00:00Z"
TOLD_TWICE = {
    "a type of data": (COLUMNS, [["Heartbeat", LATELY], ["Heartbeat", LONG_AGO]]),
    "a column": ([{"name": "DataType"}, *COLUMNS], [["Usage", "Heartbeat", LATELY]]),
}


@pytest.mark.parametrize(("columns", "rows"), TOLD_TWICE.values(), ids=TOLD_TWICE)
async def test_what_is_told_twice_of_what_came_in_leaves_it_open(columns: list[Body], rows: list[Any]) -> None:
    table = {"name": "PrimaryResult", "columns": columns, "rows": rows}
    item = await judged(faults=[{"path": QUERY, "status": 200, "body": json.dumps({"tables": [table]})}])
    assert (item.verdict, item.action) == ("undecided", Action.KEEP)


ODD_LOCKS = ("rg-lef%74", "rg-left ", "rg-left\u200b")


@sampled("group", ODD_LOCKS, one_in=3)
async def test_a_lock_whose_id_is_odd_may_stand_on_it(group: str) -> None:
    identity = f"{left.S}/resourceGroups/{group}/providers/{LOCKS}/one"
    lock = {"id": identity, "name": "one", "type": LOCKS, "properties": {"level": "ReadOnly"}}
    path = OF_SUBSCRIPTIONS["lock"].request
    item = await judged(faults=[{"path": path, "status": 200, "body": json.dumps({"value": [lock]})}])
    assert (item.verdict, item.action) == ("undecided", Action.KEEP)


RESOURCES = {
    "under the id of its group": {"id": OTHER_RG, "type": "Microsoft.Sql/servers"},
    "under an id that is quoted": {
        "id": f"{OTHER_RG}/providers/Microsoft.Sql/servers/sql%31",
        "type": "Microsoft.Sql/servers",
    },
    "as another type": {
        "id": f"{OTHER_RG}/providers/Microsoft.Storage/storageAccounts/one",
        "type": "Microsoft.Storage/storageAccounts ",
    },
}


@sampled("resource", RESOURCES, one_in=3)
async def test_a_resource_that_cannot_be_asked_for_its_settings_leaves_them_open(resource: Body) -> None:
    listed = [resource, *({"id": one["id"], "type": one["type"]} for one in BESIDE if str(one["id"]).startswith(OTHER))]
    path = rf"^{OTHER}/resources\?api-version=2021-04-01$"
    item = await judged(faults=[{"path": path, "status": 200, "body": json.dumps({"value": listed})}])
    assert (item.verdict, item.action) == ("undecided", Action.KEEP)
    assert "diagnosticSettings" in item.reason


ODD_REFUSALS: dict[str, Fault] = {
    "a page of a proxy": {"status": 404, "body": "<html>not found</html>"},
    "gone": {"status": 404, "code": "ResourceNotFound", "message": "gone"},
    "not supported, in other words": {"status": 400, "code": "BadRequest", "message": "this is not supported here"},
    "the code outside an error": {"status": 400, "body": '{"ResourceTypeNotSupported": true}'},
    "the code, and no refusal": {
        "status": 200,
        "body": '{"error": {"code": "ResourceTypeNotSupported", "message": ""}}',
    },
}


@sampled("answer", ODD_REFUSALS, one_in=5)
async def test_only_what_azure_says_of_such_types_means_that_there_are_no_settings(answer: Fault) -> None:
    path = SENT["diagnostic setting of a resource"].request
    assert (await judged(faults=[{"path": path, **answer}])).verdict == "undecided"
    said = {"code": "ResourceTypeNotSupported", "message": "the type does not support diagnostic settings"}
    for body in (json.dumps(said), json.dumps({"error": said})):
        assert (await judged(faults=[{"path": path, "status": 400, "body": body}])).verdict == "orphaned"


async def test_a_subscription_that_was_not_scanned_leaves_it_open_and_is_named() -> None:
    item = await judged(request=Request(subscriptions=(left.SUBSCRIPTION,), deep=True))
    assert (item.verdict, item.action) == ("undecided", Action.KEEP)
    assert "this scan did not look into the subscription `Other`" in item.reason


async def test_a_subscription_that_only_the_management_groups_show_leaves_it_open_and_is_named() -> None:
    root = f"/providers/Microsoft.Management/managementGroups/{left.TENANT}"
    group = {"id": root, "name": left.TENANT, "type": "Microsoft.Management/managementGroups", "properties": {"a": 1}}
    tenant = left.tenant([*BESIDE, group])
    tree = [Link("parent", one, root) for one in (left.S, OTHER)]
    tenant = replace(tenant, links=tuple(tree))
    without_it = json.dumps({"value": [{"id": left.S, "subscriptionId": left.SUBSCRIPTION, "displayName": "Left"}]})
    dropped: Fault = {"path": r"^/subscriptions\?", "status": 200, "body": without_it}
    for faults, verdict in (([], "orphaned"), ([dropped], "undecided")):
        async with serving(tenant, faults=faults) as served:
            item = left.item(left.plan(await collect(served.azure, DEEPLY)), str(LEFT["name"]))
        assert item.verdict == verdict
        assert ("this account cannot see the subscription `5ab50002-" in item.reason) is bool(faults)


@pytest.mark.parametrize(
    "odd", [{}, {"properties": None}, {"type": "Microsoft.Other/things"}, {"type": "Microsoft.Migrate/projects "}]
)
async def test_a_project_elsewhere_that_bears_the_name_is_one_however_odd_it_is(odd: Mapping[str, object]) -> None:
    project: dict[str, Any] = {
        "id": f"{OTHER_RG}/providers/Microsoft.Migrate/projects/project-1",
        "name": "project-1",
        "type": "Microsoft.Migrate/projects",
        "location": "westeurope",
        "properties": {},
    }
    answer = {"path": rf"^{OTHER}/providers/Microsoft.Migrate/projects\?", "status": 200}
    faults = [{**answer, "body": json.dumps({"value": [{**project, **odd}]})}] if odd else []
    item = await judged(project, faults=faults)
    assert item.action is Action.KEEP
    assert item.verdict in {"attached", "undecided"}
