"""Verdicts on workspaces: the data that decides each, the gaps that leave it open, and the reasons given."""

from datetime import timedelta
from typing import Any

import pytest

from auditor.audit.evaluate import evaluate
from auditor.audit.findings import Verdict
from auditor.audit.rules.book import load_rules
from auditor.data import rules_dir
from auditor.facts.fact import Evidence, single
from auditor.facts.leftovers.leftover import Leftover, LeftoverVerdict
from auditor.facts.leftovers.workspaces.ingestion import RECENT
from auditor.facts.leftovers.workspaces.uses import AGENTS_REPORT, OTHER_DATA
from auditor.facts.leftovers.workspaces.verdict import judgements
from auditor.inventory.inventory import Inventory
from auditor.inventory.lists import DIAGNOSTIC_SETTINGS
from auditor.inventory.reads import Gap, Read
from auditor.inventory.resources.ingestion import INGESTION
from auditor.inventory.snapshot.records import event_record
from auditor.inventory.snapshot.snapshot import Snapshot
from auditor.inventory.uses.uses import Use, Where, uses
from tests.facts.small import (
    NOW,
    PROJECT,
    RG,
    SUBSCRIPTION,
    WORKSPACE,
    Body,
    S,
    assessment,
    context,
    found,
    gap,
    inventory,
    project,
    value,
    workspace,
)
from tests.facts.subjects.test_workspace import OTHER, TAGGED, USED, item

ORPHANED, IN_USE = LeftoverVerdict.ORPHANED, LeftoverVerdict.IN_USE
ATTACHED, UNDECIDED = LeftoverVerdict.ATTACHED, LeftoverVerdict.UNDECIDED


def judged(*bodies: Body, **arguments: Any) -> Leftover:
    """Return the verdict on the one workspace among `bodies`."""
    [only] = judgements(context(inventory(*bodies, **arguments)))
    return only


def came(*rows: tuple[str, object]) -> Body:
    """Return an answer of the query API: the data types that arrived, each with the time of its newest data."""
    columns = [{"name": "DataType"}, {"name": "max_TimeGenerated"}, {"name": "sum_Quantity"}]
    table = {"name": "PrimaryResult", "columns": columns, "rows": [[kind, when, 1.5] for kind, when in rows]}
    identity = f"{WORKSPACE}/providers/{INGESTION}/last31days"
    return {"id": identity, "type": INGESTION, "name": "last31days", "properties": {"tables": [table]}}


def refused(use: Use) -> Gap:
    return gap(use.what, WORKSPACE if use.where is Where.WORKSPACE else S)


@pytest.mark.parametrize(
    ("bodies", "verdict", "why"),
    [
        ([workspace()], LeftoverVerdict.NOT_MIGRATE, "nothing associates it with Azure Migrate"),
        ([workspace(), assessment(), project()], ATTACHED, "the project `contoso-exit`, which exists, uses it"),
        ([workspace(), assessment()], ORPHANED, "the project `contoso-exit` is gone"),
        ([TAGGED], ORPHANED, "the project `contoso-gone` is gone"),
        ([TAGGED, USED["sentinel"]], IN_USE, "it is used by Microsoft Sentinel"),
        ([TAGGED, USED["table"], USED["export"]], IN_USE, "it is used by a data export, a custom table"),
        ([workspace(), assessment(), project(), USED["sentinel"]], ATTACHED, "the project `contoso-exit`"),
    ],
)
def test_each_verdict_says_why(bodies: list[Body], verdict: LeftoverVerdict, why: str) -> None:
    judgement = judged(*bodies)
    assert judgement.verdict is verdict
    assert judgement.why.startswith(why)


@pytest.mark.parametrize("use", list(USED))
def test_one_hit_means_in_use_with_the_record_that_shows_it(use: str) -> None:
    judgement = judged(TAGGED, USED[use])
    assert judgement.verdict is IN_USE
    assert USED[use]["id"] in {one.id for one in judgement.evidence_against}


@pytest.mark.parametrize("use", uses(), ids=lambda use: use.title)
def test_one_refused_check_leaves_it_open_and_names_the_permission(use: Use) -> None:
    judgement = judged(TAGGED, gaps=[refused(use)])
    assert judgement.verdict is UNDECIDED
    assert use.what in {one.what for one in judgement.unread}
    assert f"`{use.what}/read`" in judgement.why or "`Microsoft.Insights/diagnosticSettings/read`" in judgement.why


@pytest.mark.parametrize(
    "what",
    [
        "Microsoft.Migrate/assessmentProjects",
        "Microsoft.Migrate/projects",
        "Microsoft.Migrate/migrateProjects",
        "Microsoft.Resources/resourceGroups",
    ],
)
@pytest.mark.parametrize("used", [False, True])
def test_what_may_hide_a_project_leaves_it_open_whatever_else_is_known(what: str, used: bool) -> None:
    judgement = judged(TAGGED, *([USED["sentinel"]] if used else []), gaps=[gap(what, S)])
    assert judgement.verdict is UNDECIDED
    assert what in judgement.why


def test_a_name_alone_leaves_it_open() -> None:
    hinted = workspace(f"{RG}/providers/Microsoft.OperationalInsights/workspaces/migrate-contoso1234")
    judgement = judged(hinted)
    assert judgement.verdict is UNDECIDED
    assert "only its name suggests that a project `contoso1234` created it" in judgement.why


UNREAD_SETTINGS = gap(DIAGNOSTIC_SETTINGS, S)
OWN_ONLY = [("Usage", "2026-11-23T09:00:00Z"), ("ServiceMapComputer_CL", None), ("Operation", "2026-11-01T00:00:00Z")]
OLD = (NOW - RECENT - timedelta(hours=1)).isoformat()
NEW = (NOW - timedelta(hours=1)).isoformat()


UNREAD_INGESTION = Gap(INGESTION, WORKSPACE, 403, "InsufficientAccessError", "closed", "x/query/read")


@pytest.mark.parametrize("gaps", [[UNREAD_SETTINGS], [UNREAD_INGESTION], [UNREAD_SETTINGS, UNREAD_INGESTION]])
def test_neither_the_settings_nor_what_came_in_stands_for_the_other(gaps: list[Gap]) -> None:
    data = [] if UNREAD_INGESTION in gaps else [came()]
    judgement = judged(TAGGED, *data, gaps=gaps)
    assert judgement.verdict is UNDECIDED
    assert {one.what for one in judgement.unread} == {one.what for one in gaps}
    for one in gaps:
        assert f"`{one.what}`" in judgement.why


@pytest.mark.parametrize("rows", [[], OWN_ONLY, [("Heartbeat", OLD), ("VMConnection", OLD)]])
def test_where_both_were_read_what_is_azure_migrates_own_is_no_use(rows: list[tuple[str, object]]) -> None:
    judgement = judged(TAGGED, came(*rows))
    assert (judgement.verdict, judgement.unread) == (ORPHANED, ())


def test_a_scan_that_asked_for_neither_says_what_would() -> None:
    reads = [Read(use.what, scope) for use in uses() if use.what != DIAGNOSTIC_SETTINGS for scope in (S, WORKSPACE)]
    reads += [Read(f"Microsoft.Migrate/{what}", S) for what in ("assessmentProjects", "projects", "migrateProjects")]
    reads += [Read("Microsoft.Resources/subscriptions", "/"), Read("Microsoft.Resources/resourceGroups", S)]
    judgement = judged(TAGGED, reads=reads)
    assert judgement.verdict is UNDECIDED
    assert {one.what for one in judgement.unread} == {DIAGNOSTIC_SETTINGS, INGESTION}
    assert judgement.why.count("`--deep`") == 2


@pytest.mark.parametrize("settings", [[], [UNREAD_SETTINGS]])
@pytest.mark.parametrize(
    ("row", "title"),
    [
        (("SecurityEvent", OLD), OTHER_DATA),
        (("servicemapcomputer", OLD), OTHER_DATA),
        (("ServiceMapOurs_CL", OLD), OTHER_DATA),
        (("Heartbeat", NEW), AGENTS_REPORT),
        (("vmconnection", NEW), AGENTS_REPORT),
        (("Heartbeat", "not a time"), AGENTS_REPORT),
    ],
)
def test_data_of_others_and_agents_that_report_are_uses(
    row: tuple[str, object], title: str, settings: list[Gap]
) -> None:
    judgement = judged(TAGGED, came(*OWN_ONLY, row), gaps=settings)
    assert judgement.verdict is IN_USE
    assert judgement.uses == (title,)


def test_an_answer_that_cannot_be_understood_settles_nothing() -> None:
    broken = came() | {"properties": {"tables": [{"name": "Other"}]}}
    judgement = judged(TAGGED, broken, gaps=[UNREAD_SETTINGS])
    assert judgement.verdict is UNDECIDED
    assert "Malformed" in {one.code for one in judgement.unread}


def test_other_checks_are_not_settled_by_what_came_in() -> None:
    unread = gap("Microsoft.Insights/scheduledQueryRules", S)
    assert judged(TAGGED, came(), gaps=[unread]).verdict is UNDECIDED


def test_many_refusals_are_summed_up() -> None:
    many = [
        gap(DIAGNOSTIC_SETTINGS, f"{RG}/providers/Microsoft.Compute/virtualMachines/vm{number}")
        for number in range(500)
    ]
    judgement = judged(TAGGED, USED["table"], gaps=many)
    [unread] = [one for one in judgement.unread if one.what == DIAGNOSTIC_SETTINGS]
    assert unread.as_dict()["message"] == f"in 500 places, such as `{many[0].scope}`"
    assert frozenset(single([unread])) == frozenset(many)


def test_subscriptions_that_were_not_scanned_are_named() -> None:
    other = {"id": f"/subscriptions/{OTHER}", "subscriptionId": OTHER, "displayName": "Contoso Sandbox"}
    reads = [Read(what, scope) for what in (INGESTION, *(use.what for use in uses())) for scope in (S, WORKSPACE)]
    whats = ("assessmentProjects", "projects", "migrateProjects")
    reads += [Read(f"Microsoft.Migrate/{what}", S) for what in whats]
    reads += [Read("Microsoft.Resources/subscriptions", "/"), Read("Microsoft.Resources/resourceGroups", S)]
    assert judged(TAGGED, reads=reads).verdict is ORPHANED
    judgement = judged(TAGGED, other, reads=reads)
    assert judgement.verdict is UNDECIDED
    assert "this scan did not look into the subscription `Contoso Sandbox`" in judgement.why


@pytest.mark.parametrize(
    "field",
    [
        {"features": {"clusterResourceId": f"{RG}/providers/Microsoft.OperationalInsights/clusters/one"}},
        {"privateLinkScopedResources": [{"resourceId": f"{RG}/providers/Microsoft.Insights/privateLinkScopes/one"}]},
        {"defaultDataCollectionRuleResourceId": f"{RG}/providers/Microsoft.Insights/dataCollectionRules/one"},
    ],
)
def test_what_the_workspace_itself_names_is_a_use(field: Body) -> None:
    assert judged(workspace(tags={"Migrate Project": "contoso-gone"}, **field)).verdict is IN_USE
    nothing = {name: type(value)() for name, value in field.items()}
    assert judged(workspace(tags={"Migrate Project": "contoso-gone"}, **nothing)).verdict is ORPHANED


def test_an_item_below_the_workspace_counts_whatever_its_name_looks_like() -> None:
    odd = item("Microsoft.OperationalInsights/workspaces/savedSearches", name="x") | {
        "id": f"{WORKSPACE}/savedSearches/ours/and/theirs"
    }
    assert judged(TAGGED, odd).verdict is IN_USE


@pytest.mark.parametrize("identity", ["rules/one", f"{RG}/providers/Microsoft.Insights//dataCollectionRules/one"])
def test_an_item_that_points_at_it_counts_whatever_its_own_id_looks_like(identity: str) -> None:
    assert judged(TAGGED, USED["rule"] | {"id": identity}).verdict is IN_USE


def deletion(name: str, status: str = "Succeeded", at: str = "2026-10-02T13:37:20.1187334Z") -> Body:
    return {
        "eventTimestamp": at,
        "caller": "isaiahl@contoso.com",
        "operationName": {"value": "Microsoft.Migrate/migrateProjects/delete", "localizedValue": "Deletes"},
        "status": {"value": status},
        "resourceId": f"{RG}/providers/Microsoft.Migrate/migrateProjects/{name}",
        "subscriptionId": SUBSCRIPTION,
    }


def logged(*bodies: Body, events: list[Body]) -> Inventory:
    plain = inventory(*bodies).snapshot
    return Inventory.of(
        Snapshot.of(plain.header, arm=plain.arm, events=[event_record(event) for event in events], reads=plain.reads)
    )


@pytest.mark.parametrize("bodies", [[workspace(tags={"Migrate Project": "CONTOSO-exit"})], [workspace(), assessment()]])
def test_a_logged_deletion_is_evidence_with_who_and_when(bodies: list[Body]) -> None:
    held = logged(*bodies, events=[deletion("contoso-exit"), deletion("other"), deletion("contoso-exit", "Failed")])
    [judgement] = judgements(context(held))
    assert judgement.verdict is ORPHANED
    note = "the Activity Log: deleted on 2 October 2026 by isaiahl@contoso.com"
    assert Evidence(PROJECT, note) in judgement.evidence_for
    assert found(held, "workspace").texts["workspace.since"] == "was deleted on 2 October 2026 by isaiahl@contoso.com"


def test_a_logged_deletion_does_not_outweigh_a_project_that_is_there() -> None:
    held = logged(workspace(), assessment(), project(), events=[deletion("contoso-exit")])
    [judgement] = judgements(context(held))
    assert judgement.verdict is ATTACHED


@pytest.mark.parametrize(
    ("properties", "costs"),
    [
        ({}, "a retention of 30 days, no daily cap"),
        (
            {
                "retentionInDays": 30,
                "sku": {"name": "PerGB2018"},
                "workspaceCapping": {"dailyQuotaGb": -1.0},
            },
            "a retention of 30 days, no daily cap, the pricing tier PerGB2018",
        ),
        (
            {"workspaceCapping": {"dailyQuotaGb": 0.5}},
            "a retention of 30 days, a daily cap of 0.5 GB",
        ),
    ],
)
def test_what_it_costs_is_told_as_far_as_azure_tells(properties: Body, costs: str) -> None:
    bodies = inventory(workspace(tags={"Migrate Project": "contoso-gone"}, **properties))
    nothing = "no data in the last 31 days"
    assert found(bodies, "workspace").texts["workspace.costs"] == f"its price depends on {costs} and {nothing}"


def test_data_that_nobody_asked_about_is_told_as_such() -> None:
    bodies = inventory(TAGGED, gaps=[UNREAD_INGESTION])
    costs = found(bodies, "workspace").texts["workspace.costs"]
    assert costs.endswith("its newest data, whose date was not read")


def test_the_last_data_is_told_without_the_workspaces_own_bookkeeping() -> None:
    data = inventory(TAGGED, came(("Heartbeat", "2026-11-01T08:00:00Z"), ("Usage", NEW)))
    texts = found(data, "workspace").texts
    assert texts["workspace.costs"].endswith("its newest data, which arrived on 2026-11-01")
    assert texts["workspace.holds"] == "holds data of the types Heartbeat, Usage"
    none = inventory(TAGGED, came(("Usage", NEW)))
    assert found(none, "workspace").texts["workspace.costs"].endswith("no data in the last 31 days")


def test_service_map_supports_an_association_and_alone_means_nothing() -> None:
    kind = "Microsoft.OperationsManagement/solutions"
    plan = {"publisher": "Microsoft", "product": "OMSGallery/ServiceMap"}
    on_it = {**item(kind, RG, "ServiceMap(ws)", workspaceResourceId=WORKSPACE), "plan": plan}
    tagged, plain = judged(TAGGED, on_it), judged(workspace(), on_it)
    assert tagged.verdict is ORPHANED
    assert on_it["id"] in {one.id for one in tagged.evidence_for}
    assert plain.verdict is LeftoverVerdict.NOT_MIGRATE
    assert [one.id for one in plain.evidence_for] == [on_it["id"]]
    assert plain.why == "nothing associates it with Azure Migrate but Service Map, which others use too"
    other = item(kind, RG, "VMInsights(ws)", workspaceResourceId=WORKSPACE)
    assert judged(workspace(), other).evidence_for == ()


def test_the_solutions_on_it_are_told_as_what_it_holds() -> None:
    held = inventory(
        TAGGED, item("Microsoft.OperationsManagement/solutions", RG, "ServiceMap(ws)", workspaceResourceId=WORKSPACE)
    )
    told = found(held, "workspace").texts["workspace.holds"]
    assert told == "holds the solution `ServiceMap(ws)`"


@pytest.mark.parametrize(
    "environment",
    [
        inventory(TAGGED),
        inventory(TAGGED, USED["sentinel"]),
        inventory(TAGGED, gaps=[UNREAD_SETTINGS]),
        inventory(TAGGED, came(), gaps=[UNREAD_SETTINGS]),
        inventory(workspace(), assessment(), project()),
        inventory(workspace()),
    ],
)
def test_the_rule_fails_for_what_is_orphaned_and_for_nothing_else(environment: Inventory) -> None:
    [judgement] = judgements(context(environment))
    subject = found(environment, "workspace")
    rules = [rule for rule in load_rules(rules_dir()) if rule.id == "workspace-left-behind"]
    [finding] = evaluate(rules, [subject])
    expected = {
        ORPHANED: Verdict.FAIL,
        UNDECIDED: Verdict.UNKNOWN,
        LeftoverVerdict.NOT_MIGRATE: Verdict.NOT_APPLICABLE,
    }
    assert finding.verdict is expected.get(judgement.verdict, Verdict.PASS)
    decided = None if judgement.verdict is UNDECIDED else judgement.verdict.value
    assert value(subject.facts["workspace.verdict"]) == decided


@pytest.mark.parametrize("more", [{"nextLink": "https://x"}, {"Rows": [["SecurityEvent", NEW]]}, {"isPartial": True}])
def test_a_table_with_more_than_columns_and_rows_leaves_open_what_came_in(more: dict[str, object]) -> None:
    whole = came(("Usage", NEW))
    [table] = whole["properties"]["tables"]
    odd = {**whole, "properties": {"tables": [{**table, **more}]}}
    assert judged(TAGGED, odd).verdict is UNDECIDED
    assert judged(TAGGED, whole).verdict is ORPHANED
