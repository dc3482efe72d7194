"""The law "cleanup is safe": no plan deletes a workspace with evidence of another use, or with any unread use check.

The judge here is written by itself: it searches raw bodies for the workspace's id and knows the checks by heart.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from auditor.cleanup.plan import Plan
from auditor.inventory.arm_id import ArmId
from auditor.inventory.reads import Gap, Read
from auditor.inventory.records import ArmRecord, arm_record
from auditor.inventory.snapshot import Snapshot
from fixtures.generate import Size, environment, hide, hideable
from tests.cleanup import leftovers as left

LEFT_OVERS = Size(subscriptions=2, resource_groups=1, projects=1.0, orphans=0.9, workspaces=1, sites=1, deep=True)
WORKSPACES = "microsoft.operationalinsights/workspaces"
Body = dict[str, Any]

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
        )
    ),
)
OF_ITS_SUBSCRIPTION = (
    "Microsoft.OperationsManagement/solutions",
    "Microsoft.Authorization/locks",
    "Microsoft.Migrate/assessmentProjects",
    "Microsoft.Migrate/projects",
    "Microsoft.Migrate/migrateProjects",
    "Microsoft.Resources/resourceGroups",
)
OF_EVERY_SUBSCRIPTION = (
    "Microsoft.OperationalInsights/clusters",
    "Microsoft.Insights/scheduledQueryRules",
    "Microsoft.Insights/dataCollectionRules",
    "Microsoft.Insights/components",
    "Microsoft.Insights/diagnosticSettings",
)


@cache
def world(seed: int) -> Snapshot:
    return environment(LEFT_OVERS, seed)


# What shows another use: each makes a body that says so about one workspace.


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


class Tampered:
    """A generated world in which something may use a workspace and something may be unread."""

    def __init__(self, snapshot: Snapshot, told: str) -> None:
        self.snapshot = snapshot
        self._told = told

    def __repr__(self) -> str:
        return self._told

    @property
    def plan(self) -> Plan:
        return left.plan(self.snapshot)


@st.composite
def tampered(draw: st.DrawFn) -> Tampered:
    seed = draw(st.integers(0, 30))
    snapshot = world(seed)
    workspaces = [ArmId.parse(one.id) for one in live(snapshot, WORKSPACES)]
    groups = [one.id for one in live(snapshot, "microsoft.resources/resourcegroups")]
    added = []
    for _ in range(draw(st.integers(0, 2)) if workspaces else 0):
        body = draw(st.sampled_from(USES))(draw(st.sampled_from(workspaces)), draw(st.sampled_from(groups)))
        added.append(draw(st.sampled_from((spelt, shouted, whispered)))(body))
    kept = {record.key: record for record in (*snapshot.arm, *map(arm_record, added))}
    snapshot = Snapshot.of(
        snapshot.header,
        arm=kept.values(),
        graph=snapshot.graph,
        links=snapshot.links,
        events=snapshot.events,
        reads=snapshot.reads,
        gaps=snapshot.gaps,
    )
    unread = draw(st.lists(st.sampled_from(hideable(snapshot)), max_size=draw(st.sampled_from((0, 0, 1, 3)))))
    way = draw(st.sampled_from((hide, forgotten)))
    told = f"world {seed} with {[body['id'] for body in added]}, unread {unread}"
    return Tampered(way(snapshot, unread) if unread else snapshot, told)


def spelt(body: Body) -> Body:
    return body


def shouted(body: Body) -> Body:
    """The same, its id and what it refers to in capitals, as Azure ignores them."""
    text = json.dumps(body["properties"]) if "properties" in body else "{}"
    upper = [part.upper() if part.startswith("/subscriptions/") else part for part in text.split('"')]
    return {**body, "properties": json.loads('"'.join(upper)), "id": body["id"].upper()}


def whispered(body: Body) -> Body:
    return {**body, "id": body["id"].lower()}


def forgotten(snapshot: Snapshot, reads: list[Read]) -> Snapshot:
    """The same where these lists were never asked for: nothing of them stands anywhere."""
    return replace(snapshot, reads=tuple(read for read in snapshot.reads or () if read not in reads))


def live(snapshot: Snapshot, kind: str) -> Iterator[ArmRecord]:
    return (record for record in snapshot.arm if record.type.lower() == kind and not record.deleted)


@given(tampered())
def test_what_is_to_be_deleted_is_used_by_nothing_and_every_check_was_read(made: Tampered) -> None:
    for item in made.plan.deletions:
        workspace = ArmId.parse(item.id)
        assert list(mentions(made.snapshot, workspace)) == []
        assert list(unread_checks(made.snapshot, workspace)) == []
        assert not replicated(made.snapshot, workspace)


def mentions(snapshot: Snapshot, workspace: ArmId) -> Iterator[str]:
    """Every record that names the workspace in any way, but for what ties it to Azure Migrate or means nothing."""
    harmless = ("microsoft.migrate/assessmentprojects", "microsoft.operationalinsights/ingestion")
    above = {str(workspace.resource_group_id).lower(), str(workspace.subscription_id).lower()}
    for record in snapshot.arm:
        kind, text = record.type.lower(), record.body.decode().lower()
        if record.deleted or kind in harmless or record.id.lower() == workspace.key:
            continue
        if kind.endswith("/intelligencepacks") and not telling_pack(json.loads(record.body)):
            continue
        if kind == "microsoft.operationsmanagement/solutions" and "/servicemap(" in record.id.lower():
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
    """Whether an intelligence pack says anything: one that is off, or on everywhere, does not."""
    return body.get("enabled") is True and body["name"] not in {
        "LogManagement",
        "ServiceMap",
        "ChangeTracking",
        "SiteRecovery",
    }


def unread_checks(snapshot: Snapshot, workspace: ArmId) -> Iterator[str]:
    """Every check of another use that was not read to its end."""
    own = str(workspace.subscription_id).lower()
    every = {record.id.lower() for record in live(snapshot, "microsoft.resources/subscriptions")}
    wanted = [(what, workspace.key) for what in OF_THE_WORKSPACE]
    wanted += [(what, own) for what in OF_ITS_SUBSCRIPTION]
    wanted += [(what, one) for what in OF_EVERY_SUBSCRIPTION for one in every]
    for what, scope in wanted:
        if not was_read(snapshot, what.lower(), scope):
            yield f"{what} at {scope}"


def was_read(snapshot: Snapshot, what: str, scope: str) -> bool:
    reads = {(read.what.lower(), read.scope.lower()) for read in snapshot.reads or ()}
    refused: list[Gap] = [gap for gap in snapshot.gaps if gap.what.lower() == what]
    inside = any(f"{gap.scope.lower()}/".startswith(f"{scope}/") for gap in refused)
    return (what, scope) in reads and not inside


def replicated(snapshot: Snapshot, workspace: ArmId) -> bool:
    [body] = [json.loads(one.body) for one in live(snapshot, WORKSPACES) if one.id.lower() == workspace.key]
    return bool((body["properties"].get("replication") or {}).get("enabled"))


@given(st.integers(0, 30), st.sampled_from(USES), st.sampled_from((spelt, shouted, whispered)), st.data())
def test_one_sign_of_another_use_takes_a_workspace_out_of_the_plan(
    seed: int, use: Callable[[ArmId, str], Body], spelling: Callable[[Body], Body], data: st.DataObject
) -> None:
    snapshot = world(seed)
    planned = {item.id.lower() for item in left.plan(snapshot).deletions}
    if not planned:
        return
    chosen = ArmId.parse(next(one.id for one in live(snapshot, WORKSPACES) if one.id.lower() in planned))
    group = data.draw(st.sampled_from([one.id for one in live(snapshot, "microsoft.resources/resourcegroups")]))
    record = arm_record(spelling(use(chosen, group)))
    kept = {one.key: one for one in (*snapshot.arm, record)}
    again = left.plan(replace(snapshot, arm=tuple(sorted(kept.values(), key=lambda one: one.key))))
    assert chosen.key not in {item.id.lower() for item in again.deletions}


def test_the_worlds_do_hold_workspaces_that_are_planned_to_be_deleted() -> None:
    assert sum(len(left.plan(world(seed)).deletions) for seed in range(31)) > 5
