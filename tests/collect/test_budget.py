"""The number of requests of a scan, which is a documented promise."""

from collections import Counter
from dataclasses import replace
from math import ceil

import pytest

from auditor.collect.catalogue import (
    PER_LONE_ASSESSMENT,
    PER_RECOVERY_VAULT,
    PER_SUBSCRIPTION,
    TRACKED_FOR_CANDIDATES,
)
from auditor.collect.collect import collect
from auditor.collect.readers.workspace_uses import IN_LIST_OF_ALL
from auditor.collect.request import Request
from auditor.inventory.snapshot.snapshot import Snapshot
from fixtures.generate import Size, environment
from tests.collect.emulated import EVERYTHING, embedded, serving

A_SUBSCRIPTION = len(PER_SUBSCRIPTION) + 1
"""Every list once, and the list of all resources once."""
A_TENANT = 5
"""Tenants, subscriptions, management groups, descendants of the root, built-in roles."""

AT_MOST_A_SUBSCRIPTION, A_PROJECT, AN_APPLIANCE, A_LEFTOVER_WORKSPACE = 15, 6, 3, 10
"""The largest numbers of requests for each, as promised; those of what is in a subscription come in addition."""
_OF_WORKSPACES = (
    *("/providers/microsoft.operationsmanagement/solutions", "/providers/microsoft.security/workspacesettings"),
    "/providers/microsoft.insights/eventtypes/management/values",
)
_POLICIES = "/providers/microsoft.authorization/policy"
_WHERE_PRESENT = (
    *("/microsoft.recoveryservices/", "/replicationfabrics/", "/privateendpoints", "collectors"),
    *(f"/providers/{kind.what}".lower() for kind in (*TRACKED_FOR_CANDIDATES, *IN_LIST_OF_ALL)),
)


async def asked(size: Size) -> tuple[int, Counter[str]]:
    """The requests of a scan of a generated environment, in total and by kind."""
    async with serving(environment(size, seed=11)) as served:
        await collect(served.azure, EVERYTHING)
        requests = served.requests()
    return len(requests), Counter(one.partition("?")[0].rpartition("/")[2].lower() for one in requests)


def purpose(request: str) -> str:
    """Return what a request to Resource Manager is for: the tenant, a subscription, or something in it."""
    path = request.partition(" ")[2].partition("?")[0].lower()
    if not path.startswith("/subscriptions/"):
        return "directory" if "/v1.0/" in path else "project" if "/policydefinitions/" in path else "tenant"
    below = path.removeprefix("/".join(path.split("/", 3)[:3]))
    if "/microsoft.operationalinsights/workspaces/" in below or below in _OF_WORKSPACES:
        return "workspace"
    if "/microsoft.migrate/migrateprojects/" in below or "/mastersites/" in below or below.startswith(_POLICIES):
        return "project"
    if "/microsoft.offazure/" in below:
        return "appliance"
    if any(part in below for part in _WHERE_PRESENT):
        return "what else is there"
    return "workspace" if below == "/resources" and "automations" in request else path.split("/")[2]


ONE = Size(subscriptions=1, projects=1.0, workspaces=0, sites=8)


@pytest.mark.parametrize(
    ("snapshot", "subscriptions", "projects", "appliances", "workspaces"),
    [
        pytest.param(embedded("fabrikam"), 1, 1, 2, 0, id="fabrikam"),
        pytest.param(embedded("contoso"), 3, 4, 8, 5, id="contoso"),
        pytest.param(environment(replace(ONE, orphans=0.0), 3), 1, 1, 8, 0, id="project"),
        pytest.param(environment(replace(ONE, orphans=1.0), 3), 1, 0, 8, 1, id="left-over"),
        pytest.param(environment(replace(ONE, orphans=1.0, subscriptions=3), 3), 3, 0, 24, 3, id="left-overs"),
    ],
)
async def test_what_there_is_of_azure_migrate_has_its_budget(
    snapshot: Snapshot, subscriptions: int, projects: int, appliances: int, workspaces: int
) -> None:
    async with serving(snapshot) as served:
        await collect(served.azure, EVERYTHING)
        counts = Counter(map(purpose, served.requests()))
    of_subscriptions = [counts[name] for name in snapshot.header.scope.subscriptions]
    assert of_subscriptions == [A_SUBSCRIPTION] * subscriptions
    assert A_SUBSCRIPTION <= AT_MOST_A_SUBSCRIPTION
    assert counts["tenant"] == A_TENANT
    policies = 0 if projects else counts["project"]  # without a project they are read for the workspace
    assert counts["project"] - policies <= A_PROJECT * projects
    assert counts["appliance"] <= AN_APPLIANCE * appliances
    assert counts["workspace"] + policies <= A_LEFTOVER_WORKSPACE * workspaces


async def test_the_requests_of_fabrikam_are_counted_exactly() -> None:
    async with serving(embedded("fabrikam")) as served:
        await collect(served.azure, EVERYTHING)
        requests = served.requests()
    projects, sites = 1, 3
    vcenters, hosts_and_clusters = 1, 2
    graph = Counter(one for one in requests if "/v1.0/" in one)
    # The signed-in account, the policy, its groups and roles, the applications with their principals, their owners.
    assert graph == {
        "POST /v1.0/$batch": 5,
        "POST /v1.0/directoryObjects/getByIds": 1,
        "GET /v1.0/identity/conditionalAccess/policies": 1,
    }
    # A project is read with its solutions, a site with its discovery sources: one list for a VMware site, two for a
    # Hyper-V site. Policy assignments are read for the project; here there are none, so no definitions are read. The
    # one workspace is attached to the project, so nothing about other uses of it is asked.
    policies, sources = 1, vcenters + hosts_and_clusters
    assert len(requests) == A_TENANT + A_SUBSCRIPTION + 2 * projects + policies + sites + sources + 7


async def test_a_hundred_appliances_are_asked_about_in_batches_of_twenty() -> None:
    async with serving(environment(replace(ONE, sites=100, orphans=0.0), seed=3)) as served:
        found = await collect(served.azure, EVERYTHING)
        graph = Counter(one.partition("?")[0] for one in served.requests() if "/v1.0/" in one)
    asked = Counter(one.what for one in found.reads or () if one.what.startswith("graph/"))
    named = asked["graph/applications"] * 2
    owners_and_groups = asked["graph/owners"] + asked["graph/transitiveMemberOf"] - 1
    assert named > 100
    # Beside these, the signed-in account, the policy of the tenant, and the groups and roles of the account.
    assert graph["POST /v1.0/$batch"] == ceil(named / 20) + ceil(owners_and_groups / 20) + 3
    # The principals of all assignments at once; the policies and the deleted applications are lists.
    assert graph.total() == graph["POST /v1.0/$batch"] + 3
    assert graph["POST /v1.0/directoryObjects/getByIds"] == 1
    assert graph.total() < 0.4 * 100


async def test_what_an_appliance_discovers_takes_one_list_a_vmware_site_and_two_a_hyperv_site() -> None:
    async with serving(embedded("contoso")) as served:
        await collect(served.azure, EVERYTHING)
        requests = served.requests()
    paths = [one.partition("?")[0].lower() for one in requests if "/microsoft.offazure/" in one.lower()]
    below = Counter((one.split("/")[-3], one.split("/")[-1]) for one in paths if one.split("/")[-3].endswith("sites"))
    assert below == {("vmwaresites", "vcenters"): 3, ("hypervsites", "hosts"): 2, ("hypervsites", "clusters"): 2}


@pytest.mark.parametrize(
    "size", [Size(projects=0, inherited=0), Size(projects=0, vaults=5, workspaces=4, assignments=30)]
)
async def test_a_subscription_costs_the_same_whatever_it_holds(size: Size) -> None:
    counts = {}
    for subscriptions in (1, 2, 5):
        measures = Size(**{**{name: getattr(size, name) for name in Size.__slots__}, "subscriptions": subscriptions})
        counts[subscriptions], _ = await asked(measures)
    assert counts[2] - counts[1] == A_SUBSCRIPTION
    assert counts[5] - counts[2] == 3 * A_SUBSCRIPTION


async def test_what_projects_leave_costs_requests_only_where_it_is() -> None:
    async with serving(embedded("contoso")) as served:
        await collect(served.azure, EVERYTHING)
        requests = served.requests()
    # One vault has a name as Azure Migrate gives it, another one a tag: four requests each. Storage costs none.
    assert sum("/Microsoft.RecoveryServices/vaults/" in one for one in requests) == 2 * len(PER_RECOVERY_VAULT)
    assert sum("/Microsoft.Storage/" in one for one in requests) == 0
    # One of the two assessment projects has no project: three requests for its collectors.
    assert sum("collectors" in one for one in requests) == len(PER_LONE_ASSESSMENT) == 3
    # One of the two subscriptions has private endpoints, which take one list there.
    assert sum(one.partition("?")[0].endswith("/Microsoft.Network/privateEndpoints") for one in requests) == 1


async def test_who_deleted_a_project_is_asked_where_something_of_it_is_left() -> None:
    async with serving(without_workspaces(embedded("contoso"))) as served:
        await collect(served.azure, EVERYTHING)
        requests = served.requests()
    asked = [one.partition("/subscriptions/")[2][:36] for one in requests if "/eventtypes/management/values" in one]
    assert asked == ["0d1e2c3b-4a59-4687-9b10-c0a050000001"]


def without_workspaces(snapshot: Snapshot) -> Snapshot:
    """Return an environment without Log Analytics workspaces and references to them."""
    kinds = ("microsoft.operationalinsights/", "microsoft.operationsmanagement/", "microsoft.securityinsights/")
    named = ("microsoft.migrate/projects", "microsoft.migrate/assessmentprojects")
    kept = (one for one in snapshot.arm if not one.type.lower().startswith(kinds) and one.type.lower() not in named)
    return replace(snapshot, arm=tuple(kept), gaps=())


async def test_nothing_is_asked_twice() -> None:
    async with serving(embedded("contoso")) as served:
        await collect(served.azure, Request(all=True))
        requests = [one for one in served.requests() if one.startswith("GET")]
    assert [one for one, times in Counter(requests).items() if times > 1] == []


async def test_nothing_is_ever_changed() -> None:
    async with serving(embedded("contoso")) as served:
        await collect(served.azure, Request(all=True))
        written = {one for one in served.requests() if not one.startswith("GET")}
    assert written <= {"POST /v1.0/$batch", "POST /v1.0/directoryObjects/getByIds"}
