"""Faults during a scan: each becomes a gap, and everything else is read."""

import json
from collections.abc import Mapping
from dataclasses import replace

import pytest

from auditor.collect.catalogue import PER_SUBSCRIPTION, TRACKED, TRACKED_FOR_CANDIDATES
from auditor.collect.readers.environment import PROVIDERS
from auditor.collect.request import Request
from auditor.inventory.lists import needs_of
from auditor.inventory.reads import MALFORMED, OLDER_VERSION, ONLY_READABLE, Gap
from auditor.inventory.snapshot.records import Link, arm_record
from auditor.inventory.snapshot.snapshot import Snapshot
from tests.collect.emulated import collected, embedded
from tests.sampling import sampled

EXIT = "0d1e2c3b-4a59-4687-9b10-c0a050000001"
SUBSCRIPTION = f"/subscriptions/{EXIT}"
ONE = Request(subscriptions=(EXIT,))
VAULTS = "Microsoft.KeyVault/vaults"
ASSIGNMENTS = "Microsoft.Authorization/roleAssignments"


@pytest.fixture
def contoso() -> Snapshot:
    return embedded("contoso")


def gap_of(snapshot: Snapshot, what: str, scope: str = SUBSCRIPTION) -> Gap:
    [gap] = [gap for gap in snapshot.gaps if gap.what == what and gap.scope == scope]
    return gap


def was_read(snapshot: Snapshot, what: str, scope: str = SUBSCRIPTION) -> bool:
    return any((read.what, read.scope) == (what, scope) for read in snapshot.reads or ())


@sampled(
    "what, path, fault, status, code, needs",
    [
        (VAULTS, "/vaults?", {"status": 403, "code": "Forbidden"}, 403, "Forbidden", f"{VAULTS}/read"),
        (VAULTS, "/vaults?", {"status": 429, "code": "TooManyRequests"}, 429, "TooManyRequests", None),
        (VAULTS, "/vaults?", {"status": 503, "code": "ServerBusy"}, 503, "ServerBusy", None),
        (VAULTS, "/vaults?", {"status": 404, "code": "SubscriptionNotFound"}, 404, "SubscriptionNotFound", None),
        (VAULTS, "/vaults?", {"reset": True}, 0, None, None),
        (VAULTS, "/vaults?", {"cut": 0.5}, 0, None, None),
        (VAULTS, "/vaults?", {"status": 200, "body": "<html>sign in</html>"}, 200, None, None),
        (VAULTS, "/vaults?", {"status": 200, "body": '{"vaults": []}'}, 200, None, None),
        (
            "Microsoft.KeyVault/deletedVaults",
            "/deletedVaults?",
            {"status": 403, "code": "AuthorizationFailed"},
            403,
            "AuthorizationFailed",
            "Microsoft.KeyVault/locations/deletedVaults/read",
        ),
        ("Microsoft.Authorization/denyAssignments", "/denyAssignments?", {"reset": True}, 0, None, None),
        ("Microsoft.OperationalInsights/deletedWorkspaces", "/deletedWorkspaces?", {"cut": 0.3}, 0, None, None),
    ],
    one_in=4,
)
async def test_a_list_that_fails_for_good_is_a_gap(
    contoso: Snapshot,
    what: str,
    path: str,
    fault: Mapping[str, object],
    status: int,
    code: str | None,
    needs: str | None,
) -> None:
    found = await collected(contoso, ONE, faults=[{"path": f"{EXIT}.*{path.replace('?', '[?]')}", **fault}])
    gap = gap_of(found, what)
    assert (gap.status, gap.needs) == (status, needs)
    assert gap.code == code or (code is None and gap.code)
    assert gap.message
    assert not was_read(found, what)
    assert [other for other in found.gaps if other is not gap] == []


async def test_a_list_that_breaks_off_keeps_the_pages_that_came(contoso: Snapshot) -> None:
    fault = {"path": f"{EXIT}.*/roleAssignments[?].*skiptoken", "status": 500}
    found = await collected(contoso, ONE, page_size=2, faults=[fault])
    kept = [record for record in found.arm if record.type == ASSIGNMENTS]
    assert gap_of(found, ASSIGNMENTS).status == 500
    assert len(kept) == 2


async def test_a_link_to_another_host_is_not_followed(contoso: Snapshot) -> None:
    body = '{"value": [], "nextLink": "https://example.com/next"}'
    found = await collected(contoso, ONE, faults=[{"path": f"{EXIT}.*/vaults[?]", "status": 200, "body": body}])
    assert gap_of(found, VAULTS).code == "ForeignNextLink"


async def test_a_fault_that_passes_leaves_no_trace(contoso: Snapshot) -> None:
    faults = [{"path": "/subscriptions/", "status": 429, "times": 1, "each_url": True}]
    found = await collected(contoso, ONE, faults=faults)
    assert found.gaps == ()
    assert [one.id for one in found.arm] == [one.id for one in (await collected(contoso, ONE)).arm]


@sampled(
    "status, code",
    [(409, "MissingSubscriptionRegistration"), (404, "InvalidResourceNamespace"), (409, "SubscriptionNotRegistered")],
    one_in=3,
)
async def test_without_its_provider_a_subscription_has_nothing_of_it(contoso: Snapshot, status: int, code: str) -> None:
    faults = [{"path": f"{EXIT}/providers/Microsoft.KeyVault/", "status": status, "code": code}, provider_is("")]
    found = await collected(without_vaults(contoso), ONE, faults=faults)
    assert was_read(found, VAULTS)
    assert was_read(found, "Microsoft.KeyVault/deletedVaults")
    assert found.gaps == ()


def without_vaults(contoso: Snapshot) -> Snapshot:
    """Return the fixture without anything of Key Vault."""
    return replace(contoso, arm=tuple(one for one in contoso.arm if "microsoft.keyvault/" not in one.id.lower()))


def provider_is(state: str, name: str = "Microsoft.KeyVault") -> Mapping[str, object]:
    """Return the answer that lists one provider in this state; without one, no provider at all."""
    item = {"id": f"{SUBSCRIPTION}/providers/{name}", "namespace": name, "registrationState": state}
    return {"path": f"{EXIT}/providers[?]", "status": 200, "body": json.dumps({"value": [item] if state else []})}


WORDS = "The subscription is not registered to use namespace 'Microsoft.KeyVault'."
REPEATED = {"code": "MissingSubscriptionRegistration", "message": WORDS, "target": "Microsoft.KeyVault"}
UNREGISTERED = {"code": "MissingSubscriptionRegistration", "message": WORDS, "details": [REPEATED]}
"""The answer as Azure writes it."""


@pytest.mark.parametrize(
    ("state", "status", "body", "is_empty"),
    [
        ("NotRegistered", 409, {"error": UNREGISTERED}, True),
        ("Unregistered", 409, {"error": UNREGISTERED}, True),
        ("Registered", 409, {"error": UNREGISTERED}, False),
        ("registering", 409, {"error": UNREGISTERED}, False),
        *(("", status, {"error": UNREGISTERED}, False) for status in (400, 401, 403, 404, 407)),
        ("", 403, {"error": {"code": "InvalidResourceNamespace", "message": WORDS}}, False),
        ("", 409, UNREGISTERED, False),
        ("", 409, {"error": {**UNREGISTERED, "code": "missingsubscriptionregistration"}}, False),
        ("", 409, {"error": {**UNREGISTERED, "message": ""}}, False),
        ("", 409, {"error": {**UNREGISTERED, "innererror": {}}}, False),
        ("", 409, {"error": {**UNREGISTERED, "details": []}}, False),
        ("", 409, {"error": {**UNREGISTERED, "details": [{**REPEATED, "code": "AuthorizationFailed"}]}}, False),
        ("", 409, {"error": {**UNREGISTERED, "details": [{**REPEATED, "more": "text"}]}}, False),
        ("", 409, {"error": UNREGISTERED, "html": "a proxy"}, False),
    ],
)
async def test_only_azure_itself_says_that_a_provider_is_not_registered(
    contoso: Snapshot, state: str, status: int, body: object, is_empty: bool
) -> None:
    fault = {"path": f"{EXIT}/providers/Microsoft.KeyVault/vaults[?]", "status": status, "body": json.dumps(body)}
    deleted = {"path": "deletedVaults[?]", "status": 200, "body": '{"value": []}'}
    found = await collected(without_vaults(contoso), ONE, faults=[fault, deleted, provider_is(state)])
    assert was_read(found, VAULTS) == is_empty
    assert [gap.what for gap in found.gaps] == ([] if is_empty else [VAULTS])


@pytest.mark.parametrize("path", ["roleAssignments", "locks", "denyAssignments", "roleEligibilityScheduleInstances"])
async def test_resource_manager_itself_is_registered_everywhere(contoso: Snapshot, path: str) -> None:
    fault = {"path": f"{EXIT}/providers/Microsoft.Authorization/{path}[?]", "status": 409}
    found = await collected(contoso, ONE, faults=[{**fault, "code": "MissingSubscriptionRegistration"}])
    assert [(gap.what, gap.status) for gap in found.gaps] == [(f"Microsoft.Authorization/{path}", 409)]


async def test_without_the_licence_there_is_no_pim(contoso: Snapshot) -> None:
    faults = [{"path": "roleEligibilityScheduleInstances", "status": 400, "code": "AadPremiumLicenseRequired"}]
    found = await collected(contoso, ONE, faults=faults)
    assert was_read(found, "Microsoft.Authorization/roleEligibilityScheduleInstances")
    assert found.gaps == ()


async def test_a_missing_licence_proves_nothing_elsewhere(contoso: Snapshot) -> None:
    found = await collected(
        contoso, ONE, faults=[{"path": "/locks[?]", "status": 400, "code": "AadPremiumLicenseRequired"}]
    )
    assert gap_of(found, "Microsoft.Authorization/locks").status == 400


async def test_a_refused_list_of_resources_is_a_gap_of_every_type_in_it(contoso: Snapshot) -> None:
    found = await collected(contoso, ONE, faults=[{"path": f"{EXIT}/resources[?]", "status": 403}])
    whats = {gap.what for gap in found.gaps}
    assert whats == {kind.what for kind in (*TRACKED, *TRACKED_FOR_CANDIDATES)}


async def test_a_site_of_an_unknown_version_is_read_in_the_older_one(contoso: Snapshot) -> None:
    fault = {"path": "Sites/.*2024-12-01-preview", "status": 400, "code": "NoRegisteredProviderFound"}
    found = await collected(contoso, ONE, faults=[fault])
    assert {gap.code for gap in found.gaps} == {OLDER_VERSION}
    assert all("siteAppliancePropertiesCollection" in gap.message for gap in found.gaps)
    assert [one.id for one in found.arm] == [one.id for one in (await collected(contoso, ONE)).arm]


@sampled(
    "child, status, code, needs",
    [
        ("VMwareSites/vCenters", 403, "AuthorizationFailed", "Microsoft.OffAzure/VMwareSites/vcenters/read"),
        ("HyperVSites/hosts", 403, "AuthorizationFailed", "Microsoft.OffAzure/HyperVSites/hosts/read"),
        ("HyperVSites/clusters", 404, "ResourceNotFound", None),
    ],
    one_in=3,
)
async def test_sources_of_a_site_that_may_not_be_read_are_a_gap_of_that_site(
    contoso: Snapshot, child: str, status: int, code: str, needs: str | None
) -> None:
    name, what = child.partition("/")[2], f"Microsoft.OffAzure/{child}"
    found = await collected(contoso, ONE, faults=[{"path": f"site/{name}[?]", "status": status, "code": code}])
    sites = [record.id for record in found.arm if record.type.lower() == what.lower().rpartition("/")[0]]
    gaps = [gap for gap in found.gaps if gap.what == what]
    assert {gap.scope for gap in gaps} == set(sites)
    assert {(gap.status, gap.code, gap.needs) for gap in gaps} == {(status, code, needs)}
    assert not [record for record in found.arm if record.type.lower() == what.lower()]
    assert {gap.what for gap in found.gaps} == {what}


async def test_refused_provider_states_are_one_gap(contoso: Snapshot) -> None:
    refused = {"path": f"{EXIT}/providers[?]", "status": 403, "code": "AuthorizationFailed"}
    gap = gap_of(await collected(contoso, ONE, faults=[refused]), PROVIDERS.what)
    assert (gap.scope, gap.needs) == (SUBSCRIPTION, "Microsoft.Resources/subscriptions/providers/read")


async def test_of_all_providers_only_those_that_matter_are_kept(contoso: Snapshot) -> None:
    """List other providers too, as Azure lists some two hundred, in varying letter case."""
    names = ("Microsoft.Advisor", "microsoft.keyvault", "Microsoft.Storage")
    listed = [
        {"id": f"{SUBSCRIPTION}/providers/{name}", "namespace": name, "registrationState": "Registered"}
        for name in names
    ]
    every = {"path": f"{EXIT}/providers[?]", "status": 200, "body": json.dumps({"value": listed})}
    found = await collected(contoso, ONE, faults=[every])
    kept = [record.id.rpartition("/")[2] for record in found.arm if record.type == PROVIDERS.what]
    assert kept == ["microsoft.keyvault", "Microsoft.Storage"]
    [read] = [read for read in found.reads or () if read.what == PROVIDERS.what]
    assert (read.scope, read.count) == (SUBSCRIPTION, 2)


async def test_an_item_without_an_id_makes_its_list_partial(contoso: Snapshot) -> None:
    faults = [{"path": f"{EXIT}.*/vaults[?]", "status": 200, "body": '{"value": [{"name": "no id"}]}'}]
    found = await collected(contoso, ONE, faults=faults)
    assert gap_of(found, VAULTS).code == "UnexpectedShape"


@sampled("identity", ["/subscriptions/../../x", "not an id", "/subscriptions/x/resourceGroups/r/../.."], one_in=3)
async def test_a_resource_that_leads_astray_is_not_asked_for(contoso: Snapshot, identity: str) -> None:
    body = f'{{"value": [{{"id": "{identity}", "type": "Microsoft.OffAzure/VMwareSites"}}]}}'
    faults = [{"path": f"{EXIT}/resources[?]", "status": 200, "body": body}]
    found = await collected(contoso, ONE, faults=faults)
    assert gap_of(found, "Microsoft.OffAzure/VMwareSites").code in {MALFORMED, "UnexpectedShape"}


async def test_everything_refused_leaves_no_read_and_names_each_permission(contoso: Snapshot) -> None:
    faults = [{"path": f"/subscriptions/{EXIT}.", "status": 403, "code": "AuthorizationFailed"}]
    found = await collected(contoso, ONE, faults=faults)
    assert [read for read in found.reads or () if read.scope.startswith(SUBSCRIPTION)] == []
    listed = {reader.what for reader in PER_SUBSCRIPTION}
    every = listed | {kind.what for kind in TRACKED}
    refused = {gap.what: gap.needs for gap in found.gaps if gap.scope == SUBSCRIPTION}
    assert refused == {what: needs_of(what) for what in every}


async def test_where_the_subscription_is_closed_a_short_answer_proves_nothing(contoso: Snapshot) -> None:
    faults = [
        {"path": f"/subscriptions/{EXIT}/providers/[^?]*/[^/?]+[?]", "status": 403, "code": "AuthorizationFailed"}
    ]
    found = await collected(contoso, ONE, faults=faults)
    groups = gap_of(found, "Microsoft.Resources/resourceGroups")
    assert (groups.status, groups.code, groups.needs) == (
        200,
        ONLY_READABLE,
        "Microsoft.Resources/subscriptions/resourceGroups/read",
    )
    assert gap_of(found, "Microsoft.Migrate/migrateProjects").code == ONLY_READABLE
    assert any(record.type == "Microsoft.Resources/resourceGroups" for record in found.arm), "what came is kept"


async def test_graph_out_of_reach_leaves_the_subscriptions_readable(contoso: Snapshot) -> None:
    found = await collected(contoso, ONE, faults=[{"path": "^/v1[.]0/", "reset": True}])
    assert was_read(found, VAULTS)
    whats = {gap.what for gap in found.gaps}
    assert {
        "graph/servicePrincipals",
        "graph/authorizationPolicy",
        "graph/applications",
        "graph/directoryObjects",
    } <= whats
    assert all(gap.what.startswith("graph/") for gap in found.gaps)


async def test_one_refused_item_of_a_batch_is_one_gap(contoso: Snapshot) -> None:
    fault = {"path": "^/v1[.]0/policies/", "status": 403, "code": "Authorization_RequestDenied"}
    found = await collected(contoso, ONE, faults=[fault])
    assert [(gap.what, gap.scope, gap.needs) for gap in found.gaps] == [
        ("graph/authorizationPolicy", "/", "Policy.Read.All")
    ]


async def test_refused_applications_leave_their_owners_unknown_too(contoso: Snapshot) -> None:
    fault = {"path": "^/v1[.]0/applications", "status": 403, "code": "Authorization_RequestDenied"}
    found = await collected(contoso, ONE, faults=[fault])
    applications = {gap.scope for gap in found.gaps if gap.what == "graph/applications"}
    owners = {gap.scope for gap in found.gaps if gap.what == "graph/owners"}
    assert applications
    assert owners == applications


async def test_an_assignment_made_above_is_linked_to_each_subscription_that_showed_it(contoso: Snapshot) -> None:
    group = "/providers/Microsoft.Management/managementGroups/contoso"
    identity = f"{group}/providers/Microsoft.Authorization/roleAssignments/a5510099-0000-4000-8000-c0a050000099"
    made = arm_record({"id": identity, "type": ASSIGNMENTS, "name": "x", "properties": {"scope": group}})
    links = [Link("inheritedBy", identity, f"/subscriptions/{name}") for name in contoso.header.scope.subscriptions]
    found = await collected(replace(contoso, arm=(*contoso.arm, made), links=(*contoso.links, *links)))
    assert set(links) <= set(found.links)
    assert [record for record in found.arm if record.id == identity] == [made]
