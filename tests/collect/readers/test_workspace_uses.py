"""Other uses of a workspace: read only for those of Azure Migrate, and each refusal is a gap with its permission."""

import json
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from auditor.access.access import Access
from auditor.collect.arm_ids import placed
from auditor.collect.catalogue import DEEP, FOR_CANDIDATES, PER_CANDIDATE
from auditor.collect.collect import collect
from auditor.collect.readers.policies import POLICY_ASSIGNMENTS
from auditor.collect.readers.workspace_uses import DATA_SOURCE_KINDS, PER_SUBSCRIPTION, UNLISTED
from auditor.collect.request import Request
from auditor.collect.workspaces.first_use import USUAL
from auditor.facts.estate.environment import Context
from auditor.facts.leftovers.workspaces.verdict import judgements
from auditor.inventory.inventory import Inventory
from auditor.inventory.lists import ACTIVITY_LOG, SERVICE_BUS
from auditor.inventory.reads import Gap
from auditor.inventory.snapshot.implied_reads import with_reads
from auditor.inventory.snapshot.snapshot import Snapshot
from tests.collect.emulated import EVERYTHING, collected, serving
from tests.facts.leftovers.workspaces.test_verdict import came, deletion, logged
from tests.facts.small import RG, USER, WORKSPACE, Body, S, assessment, inventory, tenant_policy, workspace
from tests.sampling import sampled

DEEPLY = Request(all=True, deep=True)
ORPHAN = workspace(tags={"Migrate Project": "contoso-gone"}, customerId="4c0ffee3-9b2a-4d37-8e51-c0a050000003")
SETTINGS, INGESTION = (listing.what for listing in DEEP)
WORKBOOKS, ENDPOINTS = "Microsoft.Insights/workbooks", "Microsoft.Network/privateEndpoints"
SUB = "Microsoft.OperationalInsights/workspaces"
OTHER_WORKSPACE = f"{RG}/providers/Microsoft.OperationalInsights/workspaces/law-other"


def served_of(*bodies: Body, **arguments: Any) -> Snapshot:
    return inventory(*bodies, graph=[tenant_policy(), auditor()], **arguments).snapshot


def auditor() -> Body:
    return {"@odata.type": "#microsoft.graph.user", "id": USER, "userPrincipalName": "megan@contoso.com"}


def verdicts(snapshot: Snapshot) -> dict[str, str]:
    of = Inventory.of(snapshot)
    return {one.name: one.verdict.value for one in judgements(Context(of, Access.of(of)))}


_FOR_ONE = len(PER_CANDIDATE) + len(FOR_CANDIDATES) - 2
"""The children of network watchers share one request, which lists the watchers; that for solutions is not counted."""
USUAL_OF_ONE = len(USUAL) + len((*UNLISTED, POLICY_ASSIGNMENTS, ACTIVITY_LOG))


async def asked(snapshot: Snapshot, request: Request = EVERYTHING) -> list[str]:
    """Return the requests of a scan beside the lists that every scan reads, and those for received data."""
    async with serving(snapshot) as served:
        await collect(served.azure, request)
        requests = served.requests()
    extra = (
        *("/workspaces/", "icrosoft.Insights/", "icrosoft.insights/", "/clusters", "/networkWatchers", "/query"),
        *("/policyAssignments", "/Microsoft.Security/"),
    )
    one_a_resource = ("/diagnosticSettings", "/query")
    paths = ((one, one.partition("?")[0]) for one in requests)
    return [one for one, path in paths if any(part in path for part in extra) and not path.endswith(one_a_resource)]


async def test_without_a_workspace_of_azure_migrate_nothing_more_is_asked() -> None:
    assert await asked(served_of(workspace(OTHER_WORKSPACE)), DEEPLY) == []


async def test_only_workspaces_of_azure_migrate_are_asked_about_and_how_often_is_known() -> None:
    for request, count in ((DEEPLY, _FOR_ONE), (EVERYTHING, USUAL_OF_ONE)):
        requests = await asked(served_of(ORPHAN, workspace(OTHER_WORKSPACE)), request)
        assert [one for one in requests if "law-other" in one] == []
        assert len(requests) == count
        assert len(requests) == len(set(requests))


@pytest.mark.parametrize(
    "bodies",
    [
        [workspace(), assessment("/not-an-id")],
        [workspace(), assessment()],
        [workspace(tags={"MIGRATION PROJECT": "x"})],
        [workspace(f"{RG}/providers/Microsoft.OperationalInsights/workspaces/Migrate-contoso1234")],
    ],
)
async def test_a_reference_a_tag_or_a_name_make_a_workspace_worth_asking(bodies: list[Body]) -> None:
    assert len(await asked(served_of(*bodies), DEEPLY)) == _FOR_ONE


@sampled("what", sorted({listing.what for listing in (*PER_CANDIDATE, *FOR_CANDIDATES)}), one_in=5)
async def test_a_refused_list_is_a_gap_that_names_its_permission(what: str) -> None:
    needs = next(listing.needs[0] for listing in (*PER_CANDIDATE, *FOR_CANDIDATES) if listing.what == what)
    scope = WORKSPACE if what in {listing.what for listing in PER_CANDIDATE} else S
    refused = Gap(what, scope, 403, "AuthorizationFailed", "refused", needs)
    found = await collected(served_of(ORPHAN, gaps=[refused]), DEEPLY)
    assert found.gaps == (refused,)


async def test_what_is_read_is_enough_but_for_who_sends_data() -> None:
    found = await collected(served_of(ORPHAN))
    assert verdicts(found) == {"contoso-exit-ws": "undecided"}
    of = Inventory.of(found)
    [judgement] = judgements(Context(of, Access.of(of)))
    rare = {one.what for one in (*PER_CANDIDATE, *PER_SUBSCRIPTION) if one not in (*USUAL, *UNLISTED)}
    assert {one.what for one in judgement.unread} == {SETTINGS, INGESTION, *rare}
    assert all("only a deep scan (`--deep`) asks" in one.message for one in judgement.unread)
    assert verdicts(await collected(served_of(ORPHAN), DEEPLY)) == {"contoso-exit-ws": "orphaned"}


@sampled("kind", DATA_SOURCE_KINDS, one_in=7)
async def test_data_sources_are_one_list_of_many_questions(kind: str) -> None:
    source = {
        "id": f"{WORKSPACE}/dataSources/one",
        "type": "Microsoft.OperationalInsights/workspaces/datasources",
        "name": "one",
        "kind": kind,
        "properties": {},
    }
    found = await collected(served_of(ORPHAN, source), DEEPLY)
    [read] = [read for read in found.reads or () if read.what.endswith("/dataSources")]
    assert (read.scope, read.count) == (WORKSPACE, 1)
    assert source["id"] in {record.id for record in found.arm}


async def test_one_refused_kind_of_data_source_leaves_the_list_unread() -> None:
    found = await collected(served_of(ORPHAN), DEEPLY, faults=[{"path": "dataSources.*'CustomLog'", "status": 403}])
    assert [gap.what for gap in found.gaps] == ["Microsoft.OperationalInsights/workspaces/dataSources"]


@pytest.mark.parametrize(
    ("body", "what", "scope", "identity"),
    [
        ({"name": "A", "enabled": True}, f"{SUB}/intelligencePacks", WORKSPACE, f"{WORKSPACE}/intelligencePacks/A"),
        ({"id": f"{WORKSPACE[1:]}/tables/a|b"}, f"{SUB}/tables", WORKSPACE, f"{WORKSPACE}/tables/a|b"),
        ({"properties": {"name": "OM"}}, f"{SUB}/managementGroups", WORKSPACE, f"{WORKSPACE}/managementGroups/OM"),
        ({"properties": {}}, f"{SUB}/managementGroups", WORKSPACE, f"{WORKSPACE}/managementGroups/unnamed"),
        ({"name": "what?/.."}, f"{SUB}/tables", WORKSPACE, f"{WORKSPACE}/tables/unnamed"),
        ({"name": "what? #1"}, f"{SUB}/tables", WORKSPACE, f"{WORKSPACE}/tables/what%3F %231"),
        (
            {"id": f"{S[1:]}/providers/AzureResourceManager/diagnosticSettings/ds4", "type": None},
            SETTINGS,
            S,
            f"{S}/providers/{SETTINGS}/ds4",
        ),
        (
            {"id": f"{WORKSPACE}/diagnosticSettings/service", "type": SUB},
            SETTINGS,
            WORKSPACE,
            f"{WORKSPACE}/providers/{SETTINGS}/service",
        ),
    ],
)  # fmt: skip
def test_a_body_without_a_proper_id_is_given_the_one_that_arm_would_spell(
    body: Body, what: str, scope: str, identity: str
) -> None:
    marked = placed(body, what, scope)
    assert marked["id"] == identity
    assert marked["x_id"] == body.get("id")
    assert marked.get("type") in {body.get("type"), what}
    assert marked.get("x_type", what) in {body.get("type"), what}


def test_a_proper_body_stays_as_it_is() -> None:
    proper: Body = {"id": f"{WORKSPACE.upper()}/TABLES/Audit_CL", "type": f"{SUB}/Tables", "name": "Audit_CL"}
    assert placed(proper, f"{SUB}/tables", WORKSPACE) == proper


async def test_events_are_read_for_as_long_as_azure_keeps_them_and_only_deletions_stay() -> None:
    written = deletion("contoso-exit") | {
        "operationName": {"value": "Microsoft.Migrate/migrateProjects/write"},
        "eventTimestamp": "2026-11-01T00:00:00Z",
    }
    by_migrate = [
        event | {"resourceProviderName": {"value": "Microsoft.Migrate"}} for event in (deletion("x"), written)
    ]
    of = logged(ORPHAN, events=[*by_migrate, deletion("contoso-other")])
    found = await collected(of.snapshot)
    assert [msgspec.json.decode(event.body)["resourceId"].rpartition("/")[2] for event in found.events] == ["x"]


def setting(below: str, name: str = "one", to: str = WORKSPACE) -> Body:
    kind = "Microsoft.Insights/diagnosticSettings"
    return {"id": f"{below}/providers/{kind}/{name}", "type": kind, "name": name, "properties": {"workspaceId": to}}


STORAGE = {
    "id": f"{RG}/providers/Microsoft.Storage/storageAccounts/contosologs",
    "type": "Microsoft.Storage/storageAccounts",
    "name": "contosologs",
}
DISK = {"id": f"{RG}/providers/Microsoft.Compute/disks/one", "type": "Microsoft.Compute/disks", "name": "one"}


@pytest.mark.parametrize("below", [S, WORKSPACE, STORAGE["id"], f"{STORAGE['id']}/blobServices/default"])
async def test_a_setting_is_found_wherever_it_stands(below: str) -> None:
    found = await collected(served_of(ORPHAN, STORAGE, DISK, setting(below)), DEEPLY)
    assert verdicts(found) == {"contoso-exit-ws": "in_use"}
    assert [read.count for read in found.reads or () if read.what == SETTINGS] == [1]


async def test_settings_are_read_only_if_every_resource_was_asked() -> None:
    refused = Gap(SETTINGS, str(STORAGE["id"]), 403, "AuthorizationFailed", "refused", f"{SETTINGS}/read")
    found = await collected(served_of(ORPHAN, STORAGE, DISK, gaps=[refused]), DEEPLY)
    assert refused in found.gaps
    assert Inventory.of(found).gaps(SETTINGS, S) == (refused,)
    assert verdicts(found) == {"contoso-exit-ws": "undecided"}


async def test_settings_that_are_closed_everywhere_are_one_gap() -> None:
    fault = {"path": "diagnosticSettings", "status": 403, "code": "AuthorizationFailed"}
    found = await collected(served_of(ORPHAN, STORAGE, DISK), DEEPLY, faults=[fault])
    assert [(gap.scope, gap.needs) for gap in found.gaps if gap.what == SETTINGS] == [(S, f"{SETTINGS}/read")]


async def test_sentinel_that_was_never_set_up_is_no_gap() -> None:
    said = "Workspace 'contoso-exit-ws' is not onboarded to Microsoft Sentinel. Please onboard through the portal."
    fault = {"path": "onboardingStates", "status": 400, "code": "BadRequest", "message": said}
    assert (await collected(served_of(ORPHAN), faults=[fault])).gaps == ()
    other = fault | {"message": "the request is wrong"}
    [gap] = (await collected(served_of(ORPHAN), faults=[other])).gaps
    assert gap.status == 400


async def test_a_type_without_settings_is_no_gap_and_a_resource_that_went_meanwhile_is_one() -> None:
    assert Inventory.of(await collected(served_of(ORPHAN, STORAGE, DISK), DEEPLY)).gaps(SETTINGS, S) == ()
    fault = {"path": "contosologs/providers", "status": 404, "code": "ResourceNotFound"}
    found = await collected(served_of(ORPHAN, STORAGE, DISK), DEEPLY, faults=[fault])
    [gap] = Inventory.of(found).gaps(SETTINGS, S)
    assert (gap.status, gap.code) == (404, "ResourceNotFound")


@pytest.mark.parametrize(
    ("account", "services"),
    [
        (
            {"kind": "StorageV2", "sku": {"name": "Standard_LRS", "tier": "Standard"}},
            {"blob", "file", "queue", "table"},
        ),
        ({"kind": "StorageV2", "sku": {"name": "Premium_LRS", "tier": "Premium"}}, {"blob"}),
        ({"kind": "BlobStorage"}, {"blob"}),
        ({"kind": "BlockBlobStorage", "sku": {"tier": "Premium"}}, {"blob"}),
        ({"kind": "FileStorage", "sku": {"tier": "Premium"}}, {"file"}),
        ({"kind": 5, "sku": "odd"}, {"blob", "file", "queue", "table"}),
    ],
)
async def test_only_services_that_an_account_can_have_are_asked(account: Body, services: set[str]) -> None:
    async with serving(served_of(ORPHAN, {**STORAGE, **account})) as served:
        await collect(served.azure, DEEPLY)
        asked = [one.partition("/default/")[0] for one in served.requests() if "Services/default/providers" in one]
    assert {one.rpartition("/")[2].removesuffix("Services") for one in asked} == services


async def test_a_list_of_resources_that_lacks_a_known_one_proves_nothing() -> None:
    fault = {"path": f"^{S}/resources[?]api-version=[0-9-]+$", "status": 200, "body": '{"value": []}'}
    found = await collected(served_of(ORPHAN), DEEPLY, faults=[fault])
    assert [one.code for one in Inventory.of(found).gaps(SETTINGS, S)] == ["OnlyReadableListed"]
    assert verdicts(found) == {"contoso-exit-ws": "undecided"}


@pytest.mark.parametrize(("project", "is_read"), [("contoso-gone", True), (None, False)])
async def test_the_activity_log_is_read_where_only_a_newer_kind_is_left(project: str | None, is_read: bool) -> None:
    tags = {"Migrate Project": project} if project else {}
    bus = {"id": f"{RG}/providers/{SERVICE_BUS}/one", "type": SERVICE_BUS, "name": "one", "tags": tags}
    found = await collected(served_of(bus), EVERYTHING)
    assert any(read.what == ACTIVITY_LOG for read in found.reads or ()) is is_read


async def test_a_search_for_a_type_that_shows_fewer_than_the_list_of_all_resources_proves_nothing() -> None:
    book = {"id": f"{RG}/providers/{WORKBOOKS}/one", "type": WORKBOOKS, "name": "one", "properties": {"sourceId": "x"}}
    fault = {"path": f"^{S}/resources[?].*filter", "status": 200, "body": '{"value": []}'}
    complete = await collected(served_of(ORPHAN, book), DEEPLY)
    found = await collected(served_of(ORPHAN, book), DEEPLY, faults=[fault])
    assert Inventory.of(complete).gaps(WORKBOOKS, S) == ()
    assert [one.code for one in Inventory.of(found).gaps(WORKBOOKS, S)] == ["OnlyReadableListed"]
    assert verdicts(found) == {"contoso-exit-ws": "undecided"}


async def test_a_list_that_shows_fewer_than_the_list_of_all_resources_proves_nothing() -> None:
    endpoint = {"id": f"{RG}/providers/{ENDPOINTS}/one", "type": ENDPOINTS, "name": "one", "properties": {"x": 1}}
    fault = {"path": f"/{ENDPOINTS}[?]", "status": 200, "body": '{"value": []}'}
    found = await collected(served_of(ORPHAN, endpoint), EVERYTHING, faults=[fault])
    assert [one.code for one in Inventory.of(found).gaps(ENDPOINTS, S)] == ["OnlyReadableListed"]


@pytest.mark.parametrize(
    ("rows", "verdict"),
    [([], "orphaned"), ([("SecurityEvent", "2026-11-23T08:00:00Z")], "in_use")],
)
async def test_what_came_in_tells_who_sends_data(rows: list[Any], verdict: str) -> None:
    found = await collected(served_of(ORPHAN, came(*rows)), DEEPLY)
    assert verdicts(found) == {"contoso-exit-ws": verdict}
    assert came(*rows)["id"] in {record.id for record in found.arm}


async def test_a_workspace_whose_content_is_closed_leaves_a_gap_with_the_right_that_opens_it() -> None:
    silent = with_reads(served_of(ORPHAN))
    silent = replace(silent, reads=tuple(one for one in silent.reads or () if one.what != INGESTION))
    found = await collected(silent, DEEPLY)
    [gap] = [gap for gap in found.gaps if gap.what == INGESTION]
    assert (gap.scope, gap.status, gap.code) == (WORKSPACE, 403, "InsufficientAccessError")
    assert verdicts(found) == {"contoso-exit-ws": "undecided"}
    assert gap.needs == "Microsoft.OperationalInsights/workspaces/query/read"


@pytest.mark.parametrize("page_size", [None, 1])
async def test_a_deep_scan_settles(page_size: int | None) -> None:
    refused = Gap(SETTINGS, str(STORAGE["id"]), 403, "AuthorizationFailed", "refused", f"{SETTINGS}/read")
    bodies = (ORPHAN, STORAGE, DISK, setting(S, to=""), came(("Usage", "2026-11-23T08:00:00Z")))
    found = await collected(served_of(*bodies, gaps=[refused]), DEEPLY)
    again = await collected(found, DEEPLY, page_size=page_size)
    assert replace(again, header=found.header) == found


async def test_a_network_watcher_contradicts_that_its_provider_was_never_registered() -> None:
    watcher = f"{S}/resourceGroups/NetworkWatcherRG/providers/Microsoft.Network/networkWatchers/one"
    log = {"id": f"{watcher}/flowLogs/two", "type": "Microsoft.Network/networkWatchers/flowLogs", "properties": {}}
    code = "MissingSubscriptionRegistration"
    never = {"path": r"/networkWatchers/one/flowLogs\?", "status": 409, "code": code, "message": "never registered"}
    async with serving(served_of(ORPHAN, log), faults=[never]) as served:
        found = await collect(served.azure, DEEPLY)
    assert [(gap.what, gap.status, gap.code) for gap in found.gaps] == [(log["type"], 409, code)]


@pytest.mark.parametrize("name", ["one", "ONE"])
async def test_a_resource_that_is_listed_twice_does_not_stand_for_another(name: str) -> None:
    kind = {"type": WORKBOOKS, "properties": {"sourceId": "azure monitor"}}
    books = [{"id": f"{RG}/providers/{WORKBOOKS}/{one}", "name": one, **kind} for one in ("one", "two")]
    twice = [books[0], {**books[0], "id": f"{RG}/providers/{WORKBOOKS}/{name}"}]
    fault = {"path": "/resources[?].*workbooks", "status": 200, "body": json.dumps({"value": twice})}
    found = await collected(served_of(ORPHAN, *books), DEEPLY, faults=[fault])
    assert [one.code for one in Inventory.of(found).gaps(WORKBOOKS, S)] == ["OnlyReadableListed"]


async def test_the_list_of_all_resources_contradicts_that_there_is_no_such_type() -> None:
    alerts = "Microsoft.Insights/scheduledQueryRules"
    alert = {"id": f"{RG}/providers/{alerts}/one", "type": alerts, "name": "one", "properties": {"scopes": []}}
    fault = {"path": f"/{alerts}[?]", "status": 404, "code": "InvalidResourceType"}
    found = await collected(served_of(ORPHAN, alert), DEEPLY, faults=[fault])
    assert [one.status for one in Inventory.of(found).gaps(alerts, S)] == [404]
