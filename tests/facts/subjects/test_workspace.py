import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.facts.fact import Unknown
from auditor.inventory.reads import Gap, Read
from auditor.inventory.resources.ingestion import INGESTION
from auditor.inventory.uses.uses import Where, uses
from tests.facts.small import (
    RG,
    WORKSPACE,
    Body,
    S,
    assessment,
    found,
    gap,
    inventory,
    project,
    value,
    whats,
    workspace,
)

OTHER = "0d1e2c3b-0000-4000-8000-000000000002"
TAGGED = workspace(tags={"Migrate Project": "contoso-gone"})


def item(kind: str, below: str = RG, name: str = "one", **properties: object) -> Body:
    return {"id": f"{below}/providers/{kind}/{name}", "type": kind, "name": name, "properties": properties}


def child(kind: str, name: str = "one", **fields: object) -> Body:
    whole = f"Microsoft.OperationalInsights/workspaces/{kind}"
    return {"id": f"{WORKSPACE}/{kind}/{name}", "type": whole, "name": name, **fields}


USED = {
    "sentinel": item("Microsoft.SecurityInsights/onboardingStates", WORKSPACE, "default"),
    "solution": item(
        "Microsoft.OperationsManagement/solutions", RG, "Updates(ws)", workspaceResourceId=WORKSPACE.upper()
    ),
    "pack": child("intelligencePacks", "Security", enabled=True),
    "linked service": child("linkedServices", "Automation") | {"name": "ws/Automation"},
    "linked storage": child("linkedStorageAccounts"),
    "export": child("dataExports"),
    "insight": child("storageInsightConfigs"),
    "source": child("dataSources"),
    "operations manager": child("managementGroups"),
    "search": child("savedSearches", "ours"),
    "table": child("tables", "Audit_CL"),
    "cluster": item(
        "Microsoft.OperationalInsights/clusters", associatedWorkspaces=[{"resourceId": RG}, {"resourceId": WORKSPACE}]
    ),
    "alert on the workspace": item("Microsoft.Insights/scheduledQueryRules", scopes=[WORKSPACE]),
    "alert on its group": item("Microsoft.Insights/scheduledQueryRules", scopes=[RG.upper()]),
    "alert on its subscription": item("Microsoft.Insights/scheduledQueryRules", scopes=[RG, S]),
    "metric alert": item("Microsoft.Insights/metricAlerts", scopes=[RG, WORKSPACE.lower()]),
    "rule": item(
        "microsoft.insights/datacollectionrules",
        destinations={"logAnalytics": [{"workspaceResourceId": WORKSPACE.lower()}]},
    ),
    "application insights": item("Microsoft.Insights/components", WorkspaceResourceId=WORKSPACE.lower()),
    "diagnostic setting": item("Microsoft.Insights/diagnosticSettings", S, workspaceId=WORKSPACE),
}


def solution(name: str, product: str, publisher: str = "Microsoft") -> Body:
    held = item("Microsoft.OperationsManagement/solutions", RG, name, workspaceResourceId=WORKSPACE)
    return {**held, "plan": {"name": name, "publisher": publisher, "product": product, "promotionCode": ""}}


LOOK_ALIKES = {
    "solution with its name alone": solution("ServiceMap(contoso-exit-ws)", "OMSGallery/Ours"),
    "solution of another publisher": solution("ServiceMap(contoso-exit-ws)", "OMSGallery/ServiceMap", "Contoso"),
    "solution with another product": solution("ServiceMap(contoso-exit-ws)", "ServiceMap"),
    "solution of a longer product": solution("ServiceMap(contoso-exit-ws)", "OMSGallery/ServiceMapOurs"),
    "pack": child("intelligencePacks", "ServiceMap(contoso-exit-ws)", enabled=True),
    "pack that begins alike": child("intelligencePacks", "SiteRecoveryOurs", enabled=True),
    "search": child("savedSearches", "ServiceMap(ours)"),
    "search that is called like its workspace": child("savedSearches", "LogManagement(contoso-exit-ws)"),
    "search of another workspace": child("savedSearches", "LogManagement(other)_General|x"),
    "search of another category": child("savedSearches", "LogManagement(contoso-exit-ws)_Ours|x"),
    "search without a title": child("savedSearches", "LogManagement(contoso-exit-ws)_General|"),
    "table": child("tables", "ServiceMapOurs_CL"),
    "table that ends alike": child("tables", "OurServiceMapComputer_CL"),
}
"""Each with a name that somebody chose, which resembles one of Azure Migrate's own."""

NOT_USED = {
    "service map": solution("ServiceMap(contoso-exit-ws)", "OMSGallery/ServiceMap"),
    "service map in other letters": solution("servicemap(CONTOSO-exit-ws)", "omsgallery/servicemap", "microsoft"),
    "log management": solution("LogManagement(contoso-exit-ws)", "OMSGallery/LogManagement"),
    "search of log management": child("savedSearches", "LogManagement(contoso-exit-ws)_LogManagement|AllSyslog"),
    "processes of service map": child("tables", "ServiceMapProcess_CL"),
    "solution of another": item(
        "Microsoft.OperationsManagement/solutions", RG, "Updates(x)", workspaceResourceId=f"{WORKSPACE}2"
    ),
    "pack that is off": child("intelligencePacks", "Security", enabled=False),
    "pack that is always on": child("intelligencePacks", "LogManagement", enabled=True),
    "search of a solution": child("savedSearches", "LogManagement(contoso-exit-ws)_General|x"),
    "table of its own": child("tables", "Heartbeat"),
    "table of service map": child("tables", "ServiceMapComputer_CL"),
    "alert elsewhere": item("Microsoft.Insights/scheduledQueryRules", scopes=[f"{RG}-other", f"{WORKSPACE}2"]),
    "metric alert on everything of a kind": item("Microsoft.Insights/metricAlerts", scopes=[S]),
    "setting without workspace": item("Microsoft.Insights/diagnosticSettings", S, workspaceId="", storageAccountId=RG),
    "lock on something else": item(
        "Microsoft.Authorization/locks", f"{RG}/providers/Microsoft.Storage/storageAccounts/s", level="ReadOnly"
    ),
}


def test_associated_and_nothing_else_found_is_decided() -> None:
    facts = found(inventory(TAGGED), "workspace").facts
    assert value(facts["workspace.associated"]) is True
    assert value(facts["workspace.projects_gone"]) is True
    assert value(facts["workspace.attached"]) is False
    assert value(facts["workspace.used_otherwise"]) is False
    assert value(facts["workspace.uses"]) == []
    assert value(facts["workspace.projects"]) == ["contoso-gone"]


@pytest.mark.parametrize("use", list(USED))
def test_each_other_use_is_seen(use: str) -> None:
    fact = found(inventory(TAGGED, USED[use]), "workspace").facts["workspace.used_otherwise"]
    assert value(fact) is True
    assert USED[use]["id"] in {one.id for one in getattr(fact, "because", ())}


@pytest.mark.parametrize("name", list(LOOK_ALIKES))
def test_a_name_that_resembles_one_of_azures_own_is_a_use(name: str) -> None:
    fact = found(inventory(TAGGED, LOOK_ALIKES[name]), "workspace").facts["workspace.used_otherwise"]
    assert value(fact) is True


@given(
    begins=st.sampled_from(["ServiceMap", "LogManagement", "ServiceMapComputer", "SiteRecovery"]),
    ends=st.text("abcXYZ0()_-", min_size=1, max_size=12),
    kind=st.sampled_from(["table", "search", "pack"]),
)
def test_any_name_that_merely_begins_alike_is_a_use(begins: str, ends: str, kind: str) -> None:
    shown = {
        "table": child("tables", f"{begins}{ends}_CL"),
        "search": child("savedSearches", f"{begins}{ends}"),
        "pack": child("intelligencePacks", f"{begins}{ends}", enabled=True),
    }[kind]
    fact = found(inventory(TAGGED, shown), "workspace").facts["workspace.used_otherwise"]
    assert value(fact) is True


def test_a_solution_without_a_plan_leaves_it_open() -> None:
    odd = {key: held for key, held in solution("ServiceMap(contoso-exit-ws)", "x").items() if key != "plan"}
    fact = found(inventory(TAGGED, odd), "workspace").facts["workspace.used_otherwise"]
    assert isinstance(fact, Unknown)


@pytest.mark.parametrize("other", list(NOT_USED))
def test_what_is_there_by_itself_or_for_another_is_no_use(other: str) -> None:
    fact = found(inventory(TAGGED, NOT_USED[other]), "workspace").facts["workspace.used_otherwise"]
    assert value(fact) is False


@pytest.mark.parametrize("scope", [WORKSPACE, RG, S])
def test_a_lock_is_no_use_of_the_workspace_and_keeps_it(scope: str) -> None:
    lock = item("Microsoft.Authorization/locks", scope, level="CanNotDelete")
    facts = found(inventory(workspace(tags={"Migrate Project": "contoso-gone"}), lock), "workspace").facts
    kept = [value(facts[f"workspace.{name}"]) for name in ("used_otherwise", "locked", "lock_protects_others")]
    assert kept == [False, True, False]
    others = inventory(workspace(tags={"Migrate Project": "contoso-gone"}), lock, project())
    assert value(found(others, "workspace").facts["workspace.lock_protects_others"]) is (scope != WORKSPACE)


def test_replication_of_the_workspace_itself_is_no_use_of_it() -> None:
    for enabled in (True, False):
        replicated = workspace(tags={"Migrate Project": "contoso-gone"}, replication={"enabled": enabled})
        facts = found(inventory(replicated), "workspace").facts
        assert value(facts["workspace.used_otherwise"]) is False
        assert value(facts["workspace.replicated"]) is enabled


@pytest.mark.parametrize(
    ("enabled", "state", "replicated"),
    [
        (True, "Succeeded", True),
        (True, "Failed", True),
        (False, "Succeeded", False),
        (False, "", False),
        (False, "DisableRequested", True),
        (False, "disabling", True),
        (False, "RollingBack", True),
        (False, "EnableRequested", True),
        (None, "Enabling", True),
        (False, "Failed", None),
        (False, "Canceled", None),
        (False, "SomethingNew", None),
    ],
)
def test_replication_that_is_being_switched_is_not_off_and_a_state_that_is_not_known_leaves_it_open(
    enabled: bool | None, state: str, replicated: bool | None
) -> None:
    body = workspace(tags={"Migrate Project": "contoso-gone"}, replication={"enabled": enabled})
    if state:
        body["properties"]["replication"]["provisioningState"] = state
    facts = found(inventory(body), "workspace").facts
    fact = facts["workspace.replicated"]
    if replicated is None:
        assert whats(fact) == {"Microsoft.OperationalInsights/workspaces"}
        assert whats(facts["workspace.verdict"]) == {"Microsoft.OperationalInsights/workspaces"}
    else:
        assert value(fact) is replicated
        assert value(facts["workspace.used_otherwise"]) is False


@pytest.mark.parametrize("use", uses(), ids=lambda use: use.title)
def test_one_unread_check_keeps_the_answer_open_and_is_named(use: object) -> None:
    what, where = getattr(use, "what", ""), getattr(use, "where", None)
    unread = gap(what, WORKSPACE if where is Where.WORKSPACE else S)
    fact = found(inventory(TAGGED, gaps=[unread]), "workspace").facts["workspace.used_otherwise"]
    assert whats(fact) == {what}


def test_one_use_decides_whatever_is_unread() -> None:
    unread = [gap(use.what, S) for use in uses() if use.what != "Microsoft.SecurityInsights/onboardingStates"]
    facts = found(inventory(TAGGED, USED["sentinel"], gaps=unread), "workspace").facts
    assert value(facts["workspace.used_otherwise"]) is True


def test_a_check_that_no_scan_reads_yet_is_unread_with_its_permission() -> None:
    reads = [Read("Microsoft.OperationalInsights/workspaces", S)]
    fact = found(inventory(TAGGED, reads=reads), "workspace").facts["workspace.used_otherwise"]
    assert "Microsoft.SecurityInsights/onboardingStates" in whats(fact)
    assert all(one.needs for one in getattr(fact, "why", ()))


CUSTOMER = "4c0ffee3-9b2a-4d37-8e51-c0a050000003"


@pytest.mark.parametrize(
    "text",
    [CUSTOMER, CUSTOMER.upper(), f"{{{CUSTOMER}}}", CUSTOMER.replace("-", ""), f"https://x.example/?ws={CUSTOMER}&y=1"],
)
def test_a_policy_may_name_the_guid_of_the_workspace_in_any_form(text: str) -> None:
    named = item("Microsoft.Authorization/policyAssignments", S, parameters={"workspace": {"value": text}})
    held = inventory(workspace(tags={"Migrate Project": "contoso-gone"}, customerId=CUSTOMER), named)
    assert value(found(held, "workspace").facts["workspace.used_otherwise"]) is True


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("customerWorkspaceId", WORKSPACE.replace("law-", "law%2D") if "law-" in WORKSPACE else f"{WORKSPACE}%20"),
        ("customerWorkspaceId", f"{WORKSPACE}\u200b"),
    ],
)
def test_a_reference_with_escaped_or_invisible_characters_may_name_any_workspace(name: str, text: str) -> None:
    referring = assessment(workspace_id=text)
    held = found(inventory(project(), referring, TAGGED), "workspace")
    assert value(held.facts["workspace.projects_gone"]) is None


def test_a_reference_counts_in_any_letter_case_of_its_name() -> None:
    referring = assessment()
    referring["properties"]["CustomerWorkspaceId"] = referring["properties"].pop("customerWorkspaceId")
    held = found(inventory(project(), referring, TAGGED), "workspace")
    assert value(held.facts["workspace.attached"]) is True


def test_the_case_of_letters_outside_ascii_is_not_relied_on() -> None:
    strange = WORKSPACE.replace("/rg-", "/rg-\u00b5-")
    held = found(inventory(workspace(strange, tags={"Migrate Project": "contoso-gone"})), "workspace")
    assert value(held.facts["workspace.used_otherwise"]) is None


def test_a_subscription_that_was_not_scanned_may_hold_a_use() -> None:
    other = {"id": f"/subscriptions/{OTHER}", "subscriptionId": OTHER}
    reads = [Read(use.what, S) for use in uses()] + [Read("Microsoft.Resources/subscriptions", "/")]
    reads += [Read(what, WORKSPACE) for what in (INGESTION, *(use.what for use in uses()))]
    alone = found(inventory(TAGGED, reads=reads), "workspace").facts["workspace.used_otherwise"]
    assert value(alone) is False
    beside = found(inventory(TAGGED, other, reads=reads), "workspace").facts["workspace.used_otherwise"]
    assert whats(beside) == {use.what for use in uses() if use.where is Where.EVERYWHERE}


@pytest.mark.parametrize(
    ("bodies", "associated", "attached"),
    [
        ([workspace()], False, False),
        ([workspace(tags="")], False, False),
        ([workspace(tags={"MIGRATION PROJECT": "contoso-exit"}), project()], True, True),
        ([workspace(), assessment(), project()], True, True),
        ([workspace(), assessment()], True, False),
        ([workspace(), assessment("/not-an-id")], True, True),
    ],
)
def test_association_and_attachment(bodies: list[Body], associated: bool, attached: bool) -> None:
    facts = found(inventory(*bodies), "workspace").facts
    assert value(facts["workspace.associated"]) is associated
    assert value(facts["workspace.attached"]) is attached


CUSTOMER = "4c0ffee3-9b2a-4d37-8e51-c0a050000003"


@pytest.mark.parametrize("named", [WORKSPACE.upper(), CUSTOMER, CUSTOMER.upper(), f" {WORKSPACE} "])
def test_a_project_names_its_workspace_by_arm_id_or_by_guid(named: str) -> None:
    facts = found(inventory(workspace(customerId=CUSTOMER), assessment(workspace_id=named)), "workspace").facts
    assert value(facts["workspace.associated"]) is True
    assert value(facts["workspace.projects_gone"]) is True


@pytest.mark.parametrize("kind", ["Microsoft.Migrate/assessmentProjects", "Microsoft.Migrate/projects"])
@pytest.mark.parametrize("body", [workspace(), TAGGED])
def test_a_project_that_names_its_workspace_in_no_way_that_is_known_may_mean_any(kind: str, body: Body) -> None:
    odd = item(kind, RG, "odd", customerWorkspaceId="https://contoso.portal.example/workspace")
    facts = found(inventory(body, odd), "workspace").facts
    assert whats(facts["workspace.attached"]) == {kind}
    elsewhere = odd | {"id": odd["id"].replace(S, f"/subscriptions/{OTHER}")}
    assert value(found(inventory(body, elsewhere), "workspace").facts["workspace.attached"]) is False


def test_a_name_alone_is_a_hint_and_no_proof() -> None:
    hinted = workspace(f"{RG}/providers/Microsoft.OperationalInsights/workspaces/migrate-contoso1234")
    fact = found(inventory(hinted), "workspace").facts["workspace.associated"]
    assert [one.code for one in getattr(fact, "why", ())] == ["OnlyAHint"]


@pytest.mark.parametrize(
    "unread",
    [
        gap("Microsoft.Migrate/assessmentProjects", S),
        gap("Microsoft.Migrate/projects", S),
        gap("Microsoft.Migrate/migrateProjects", S),
        gap("Microsoft.Resources/resourceGroups", S),
    ],
    ids=lambda one: one.what,
)
def test_a_project_is_gone_only_if_everything_that_could_show_it_was_read(unread: Gap) -> None:
    facts = found(inventory(TAGGED, gaps=[unread]), "workspace").facts
    assert value(facts["workspace.projects_gone"]) is None


def test_an_old_project_that_refers_to_it_is_alive() -> None:
    old = item("Microsoft.Migrate/projects", RG, "classic", customerWorkspaceId=WORKSPACE.upper())
    facts = found(inventory(workspace(), old), "workspace").facts
    assert value(facts["workspace.attached"]) is True
    assert value(facts["workspace.projects"]) == ["classic"]
