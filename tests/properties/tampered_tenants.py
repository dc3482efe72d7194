"""Generated tenants in which something may use a workspace and something may be unread, and a judge of its own.

The judge searches raw bodies for the workspace's id and knows the checks by heart: it shares nothing with the verdicts.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cache
from typing import Any

from hypothesis import strategies as st

from auditor.inventory.arm_id import ArmId
from auditor.inventory.reads import Gap, Read
from auditor.inventory.snapshot.records import ArmRecord, arm_record
from auditor.inventory.snapshot.snapshot import Snapshot
from fixtures.generate import Size, environment, hide, hideable

LEFT_OVERS = Size(subscriptions=2, resource_groups=1, projects=1.0, orphans=0.9, workspaces=1, sites=1, deep=True)
WORKSPACES = "microsoft.operationalinsights/workspaces"
LOOKED_THROUGH = {
    WORKSPACES,
    "microsoft.operationalinsights/deletedworkspaces",
    "microsoft.operationsmanagement/solutions",
}
Body = dict[str, Any]

# Spelt out, and not taken from the catalogue: a list that goes missing there must fail here.
OF_THE_WORKSPACE = (
    "Microsoft.SecurityInsights/onboardingStates",
    *(
        f"Microsoft.OperationalInsights/workspaces/{child}"
        for child in (
            "intelligencePacks",
            "linkedServices",
            "linkedStorageAccounts",
            "dataExports",
            "storageInsightConfigs",
            "dataSources",
            "managementGroups",
            "savedSearches",
            "tables",
            "summaryLogs",
        )
    ),
)
OF_ITS_SUBSCRIPTION = (
    "Microsoft.OperationsManagement/solutions",
    "Microsoft.Authorization/locks",
    "Microsoft.Authorization/roleAssignments",
    "Microsoft.Migrate/assessmentProjects",
    "Microsoft.Migrate/projects",
    "Microsoft.Migrate/migrateProjects",
    "Microsoft.Resources/resourceGroups",
)
OF_EVERY_SUBSCRIPTION = (
    "Microsoft.OperationalInsights/clusters",
    "Microsoft.Insights/scheduledQueryRules",
    "Microsoft.Insights/metricAlerts",
    "Microsoft.Insights/dataCollectionRules",
    "Microsoft.Insights/components",
    "Microsoft.Insights/diagnosticSettings",
    "Microsoft.Network/networkWatchers/flowLogs",
    "Microsoft.Network/networkWatchers/connectionMonitors",
    "Microsoft.Network/firewallPolicies",
    "Microsoft.App/managedEnvironments",
    "Microsoft.ContainerInstance/containerGroups",
    "Microsoft.ContainerService/managedClusters",
    "Microsoft.Security/workspaceSettings",
    "Microsoft.Security/automations",
    "Microsoft.Insights/workbooks",
    "Microsoft.Authorization/policyAssignments",
)


@cache
def world(seed: int) -> Snapshot:
    return environment(LEFT_OVERS, seed)


# Signs of another use: each function makes a body that shows the use of one workspace.


def _in(group: str, kind: str, name: str, properties: Body, **more: Any) -> Body:
    return {"id": f"{group}/providers/{kind}/{name}", "name": name, "type": kind, "properties": properties, **more}


def _below(child: str, name: str, **more: Any) -> Callable[[ArmId, str], Body]:
    kind = f"Microsoft.OperationalInsights/workspaces/{child}"
    return lambda ws, _: {"id": f"{ws}/{child}/{name}", "name": name, "type": kind, "properties": {}, **more}


def _on(scope: str, kind: str, name: str, **more: Any) -> Body:
    return {"id": f"{scope}/providers/{kind}/{name}", "name": name, "type": kind, "properties": {}, **more}


def _alert(*, on: Callable[[ArmId], object]) -> Callable[[ArmId, str], Body]:
    kind = "Microsoft.Insights/scheduledQueryRules"
    return lambda ws, group: _in(group, kind, "watch", {"scopes": [str(on(ws))]})


def _lock(*, on: Callable[[ArmId], object]) -> Callable[[ArmId, str], Body]:
    return lambda ws, _: _on(str(on(ws)), "Microsoft.Authorization/locks", "keep", properties={"level": "CanNotDelete"})


def _destination(ws: ArmId) -> Body:
    return {"destinations": {"logAnalytics": [{"workspaceResourceId": str(ws), "name": "x"}]}}


USES: tuple[Callable[[ArmId, str], Body], ...] = (
    lambda ws, _: _on(str(ws), "Microsoft.SecurityInsights/onboardingStates", "default"),
    lambda ws, group: _in(
        group, "Microsoft.OperationsManagement/solutions", f"VMInsights({ws.name})", {"workspaceResourceId": str(ws)}
    ),
    lambda ws, _: {
        "id": f"{ws}/intelligencePacks/ContainerInsights",
        "name": "ContainerInsights",
        "type": "Microsoft.OperationalInsights/workspaces/intelligencePacks",
        "enabled": True,
    },
    _below("linkedServices", "automation"),
    _below("linkedStorageAccounts", "query"),
    _below("dataExports", "hourly"),
    _below("storageInsightConfigs", "iis"),
    _below("dataSources", "events", kind="WindowsEvent"),
    _below("managementGroups", "scom"),
    _below("savedSearches", "mine"),
    _below("tables", "Mine_CL"),
    lambda ws, group: _in(
        group, "Microsoft.OperationalInsights/clusters", "c", {"associatedWorkspaces": [{"resourceId": str(ws)}]}
    ),
    _alert(on=lambda ws: ws),
    _alert(on=lambda ws: ws.resource_group_id),
    _alert(on=lambda ws: ws.subscription_id),
    lambda ws, group: _in(group, "Microsoft.Insights/metricAlerts", "quiet", {"scopes": [str(ws)]}),
    lambda ws, group: _in(group, "Microsoft.Insights/dataCollectionRules", "rule", _destination(ws)),
    lambda ws, group: _in(group, "Microsoft.Insights/components", "app", {"WorkspaceResourceId": str(ws).lower()}),
    lambda ws, group: _on(
        f"{group}/providers/Microsoft.KeyVault/vaults/kv",
        "Microsoft.Insights/diagnosticSettings",
        "to-it",
        properties={"workspaceId": str(ws)},
    ),
    _lock(on=lambda ws: ws),
    _lock(on=lambda ws: ws.resource_group_id),
    _lock(on=lambda ws: ws.subscription_id),
)


ON_ITSELF: tuple[Body, ...] = (
    {"replication": {"enabled": True, "location": "northeurope"}},
    {"features": {"clusterResourceId": "/subscriptions/x/resourceGroups/rg/providers/x/clusters/c"}},
    {"privateLinkScopedResources": [{"resourceId": "/subscriptions/x/resourceGroups/rg/providers/x/y/z"}]},
    {"defaultDataCollectionRuleResourceId": "/subscriptions/x/resourceGroups/rg/providers/x/y/z"},
)
"""Properties of a workspace that show another use of it."""


def with_records(snapshot: Snapshot, records: Iterable[ArmRecord]) -> Snapshot:
    """Return the snapshot with `records` added, which replace those with the same ids."""
    kept = {record.key: record for record in (*snapshot.arm, *records)}
    return replace(snapshot, arm=tuple(sorted(kept.values(), key=lambda one: one.key)))


def telling(record: ArmRecord, properties: Body) -> ArmRecord:
    """Return a workspace with `properties` added to its own."""
    body = json.loads(record.body)
    return arm_record({**body, "properties": {**body["properties"], **properties}})


@st.composite
def tampering(
    draw: st.DrawFn, snapshot: Snapshot, signs: int = 2, hidden: tuple[int, ...] = (0, 0, 1, 3), *, served: bool = False
) -> Snapshot:
    """Draw a variant of `snapshot` with up to `signs` signs of other uses, and with some lists unread.

    If it is to be `served`, lists are only refused, never missing: the emulator would answer for a missing one. Lists
    that the test itself reads are left alone then.
    """
    records = list(live(snapshot, WORKSPACES))
    groups = [one.id for one in live(snapshot, "microsoft.resources/resourcegroups")]
    for _ in range(draw(st.integers(0, signs)) if records else 0):
        about = draw(st.sampled_from(records))
        if draw(st.integers(0, 5)):
            body = draw(st.sampled_from(USES))(ArmId.parse(about.id), draw(st.sampled_from(groups)))
            added = arm_record(draw(st.sampled_from((spelt, shouted, whispered)))(body))
        else:
            added = telling(about, draw(st.sampled_from(ON_ITSELF)))
        snapshot = with_records(snapshot, [added])
    told = [read for read in hideable(snapshot) if not (served and read.what.lower() in LOOKED_THROUGH)]
    unread = draw(st.lists(st.sampled_from(told), max_size=draw(st.sampled_from(hidden)))) if told else []
    way = hide if served else draw(st.sampled_from((hide, forgotten)))
    return way(snapshot, unread) if unread else snapshot


@st.composite
def tampered(draw: st.DrawFn) -> Snapshot:
    """Draw a generated tenant that was tampered with."""
    return draw(tampering(world(draw(st.integers(0, 30)))))


def spelt(body: Body) -> Body:
    return body


def shouted(body: Body) -> Body:
    """Return the body with its id and its references in upper case, which Azure does not distinguish."""
    text = json.dumps(body["properties"]) if "properties" in body else "{}"
    upper = [part.upper() if part.startswith("/subscriptions/") else part for part in text.split('"')]
    return {**body, "properties": json.loads('"'.join(upper)), "id": body["id"].upper()}


def whispered(body: Body) -> Body:
    return {**body, "id": body["id"].lower()}


def forgotten(snapshot: Snapshot, reads: list[Read]) -> Snapshot:
    """Return the snapshot as if these lists had never been requested: it has neither reads nor gaps for them."""
    return replace(snapshot, reads=tuple(read for read in snapshot.reads or () if read not in reads))


def live(snapshot: Snapshot, kind: str) -> Iterator[ArmRecord]:
    return (record for record in snapshot.arm if record.type.lower() == kind and not record.deleted)


def mentions(snapshot: Snapshot, workspace: ArmId) -> Iterator[str]:
    """Yield every record that mentions the workspace, except Azure Migrate's own and those without meaning."""
    harmless = ("microsoft.migrate/assessmentprojects", "microsoft.operationalinsights/ingestion")
    above = {str(workspace.resource_group_id).lower(), str(workspace.subscription_id).lower()}
    for record in snapshot.arm:
        kind, text = record.type.lower(), record.body.decode().lower()
        if record.deleted or kind in harmless or record.id.lower() == workspace.key:
            continue
        if kind.endswith("/intelligencepacks") and not telling_pack(json.loads(record.body)):
            continue
        if kind == "microsoft.operationsmanagement/solutions" and '"omsgallery/servicemap"' in text:
            continue
        if f'{workspace.key}"' in text or f"{workspace.key}/" in text:
            yield record.id
        body = json.loads(record.body)
        scopes = {str(scope).lower() for scope in (body.get("properties") or {}).get("scopes") or ()}
        if kind == "microsoft.insights/scheduledqueryrules" and scopes & above:
            yield record.id
        if kind == "microsoft.authorization/locks" and ArmId.parse(record.id).scope.key in {*above, workspace.key}:
            yield record.id


def telling_pack(body: Body) -> bool:
    """Return whether an intelligence pack is evidence: one that is off, or on everywhere, is not."""
    return body.get("enabled") is True and body["name"] not in {
        "LogManagement",
        "ServiceMap",
        "ChangeTracking",
        "SiteRecovery",
    }


def unread_checks(snapshot: Snapshot, workspace: ArmId) -> Iterator[str]:
    """Yield every check for another use that was not read completely."""
    own = str(workspace.subscription_id).lower()
    every = {record.id.lower() for record in live(snapshot, "microsoft.resources/subscriptions")}
    wanted = [(what, workspace.key) for what in OF_THE_WORKSPACE]
    wanted += [(what, own) for what in OF_ITS_SUBSCRIPTION]
    wanted += [(what, one) for what in OF_EVERY_SUBSCRIPTION for one in every]
    for what, scope in wanted:
        if not was_read(snapshot, what.lower(), scope):
            yield f"{what} at {scope}"


def was_read(snapshot: Snapshot, what: str, scope: str) -> bool:
    refused: list[Gap] = [gap for gap in snapshot.gaps if gap.what.lower() == what]
    if any(f"{gap.scope.lower()}/".startswith(f"{scope}/") for gap in refused):
        return False
    reads = snapshot.reads
    return reads is None or (what, scope) in {(read.what.lower(), read.scope.lower()) for read in reads}


def told_by_itself(snapshot: Snapshot, workspace: ArmId) -> list[str]:
    """Return the properties of the workspace itself that show another use."""
    [body] = [json.loads(one.body) for one in live(snapshot, WORKSPACES) if one.id.lower() == workspace.key]
    held = body["properties"]
    told = {
        "replication": (held.get("replication") or {}).get("enabled"),
        "cluster": (held.get("features") or {}).get("clusterResourceId"),
        "private link": held.get("privateLinkScopedResources"),
        "default rule": held.get("defaultDataCollectionRuleResourceId"),
    }
    return [name for name, value in told.items() if value]


def surely_unused(snapshot: Snapshot, workspace: ArmId) -> bool:
    """Return whether nothing uses the workspace and everything that could show a use was read."""
    signs = (*mentions(snapshot, workspace), *unread_checks(snapshot, workspace), *told_by_itself(snapshot, workspace))
    return not signs
