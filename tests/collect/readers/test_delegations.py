"""The lists that are read only for questions about access."""

from dataclasses import replace

import msgspec
import pytest

from auditor.collect.collect import collect
from auditor.collect.request import Request
from auditor.inventory.reads import Gap
from auditor.inventory.snapshot.records import Link, arm_record, graph_record
from auditor.inventory.snapshot.snapshot import Snapshot
from tests.collect.emulated import collected, dated, embedded, serving
from tests.sampling import sampled

EXIT = "/subscriptions/0d1e2c3b-4a59-4687-9b10-c0a050000001"
PROD = f"{EXIT}/resourceGroups/rg-migrate-prod"
PLATFORM = "0d1e2c3b-4a59-4687-9b10-c0a050000002"
JONI = "a5e70008-6b1c-4d2e-8f30-c0a050000008"
GROUP = "96e00001-5d2b-4c7f-9e48-c0a050000001"
PAYMENTS = "96e00003-5d2b-4c7f-9e48-c0a050000003"
AUTHORIZATION = "Microsoft.Authorization"
QUESTION = Request(
    subscriptions=(EXIT.rpartition("/")[2],), accounts=("jonis@contoso.com",), access=True, scopes=(PROD,), expand=True
)
POLICY = f"/providers/{AUTHORIZATION}/policyDefinitions/{{}}"
ROLE = {
    "@odata.type": "#microsoft.graph.unifiedRoleEligibilityScheduleInstance",
    "id": "cf1c38e5-joni-1-e",
    "principalId": JONI,
    "roleDefinitionId": "cf1c38e5-3621-4004-a7cb-879624dced7c",
    "directoryScopeId": "/",
}
MEMBERSHIP = {
    "@odata.type": "#microsoft.graph.privilegedAccessGroupEligibilityScheduleInstance",
    "id": f"{GROUP}_member_joni",
    "principalId": JONI,
    "groupId": GROUP,
    "accessId": "member",
}


def policy(name: str, **properties: object) -> dict[str, object]:
    kind = f"{AUTHORIZATION}/policyDefinitions"
    return {"id": POLICY.format(name), "type": kind, "name": name, "properties": properties}


def world() -> Snapshot:
    """Return Contoso with an initiative above it, a delegation, and eligibilities in the directory."""
    above = "/providers/Microsoft.Management/managementGroups/contoso"
    initiative = f"{above}/providers/{AUTHORIZATION}/policySetDefinitions/guardrails"
    assigned = f"{above}/providers/{AUTHORIZATION}/policyAssignments/guardrails"
    spared = f"{PROD}/providers/{AUTHORIZATION}/policyExemptions/migration"
    offer = f"{EXIT}/providers/Microsoft.ManagedServices/registration"
    rows: list[dict[str, object]] = [
        {
            "id": assigned,
            "type": f"{AUTHORIZATION}/policyAssignments",
            "properties": {"policyDefinitionId": initiative},
        },
        {
            "id": initiative,
            "type": f"{AUTHORIZATION}/policySetDefinitions",
            "properties": {"policyDefinitions": [{"policyDefinitionId": POLICY.format("no-vaults")}]},
        },
        policy("no-vaults", policyRule={"if": {}, "then": {"effect": "deny"}}),
        {"id": spared, "type": f"{AUTHORIZATION}/policyExemptions", "properties": {"policyAssignmentId": assigned}},
        {
            "id": f"{offer}Assignments/msp",
            "type": "Microsoft.ManagedServices/registrationAssignments",
            "properties": {},
        },
        {
            "id": f"{offer}Definitions/msp",
            "type": "Microsoft.ManagedServices/registrationDefinitions",
            "properties": {},
        },
    ]
    held = embedded("contoso")
    kept = {row["id"] for row in rows}
    return Snapshot.of(
        held.header,
        arm=[*(one for one in held.arm if one.id not in kept), *map(arm_record, rows)],
        graph=[*held.graph, graph_record(ROLE), graph_record(MEMBERSHIP)],
        links=[*held.links, Link("inheritedBy", assigned, EXIT)],
        events=held.events,
        gaps=held.gaps,
    )


def ids(snapshot: Snapshot, kind: str) -> set[str]:
    return {one.id.rpartition("/")[2] for one in snapshot.arm if one.type.lower() == kind.lower()}


async def test_policies_delegations_and_own_permissions_are_read() -> None:
    found = await collected(world(), QUESTION)
    assert ids(found, f"{AUTHORIZATION}/policyAssignments") == {"guardrails", "audit-public-vaults"}
    assert ids(found, f"{AUTHORIZATION}/policySetDefinitions") == {"guardrails"}
    assert "no-vaults" in ids(found, f"{AUTHORIZATION}/policyDefinitions")
    assert ids(found, f"{AUTHORIZATION}/policyExemptions") == {"migration"}
    assert ids(found, "Microsoft.ManagedServices/registrationDefinitions") == {"msp"}
    reads = {(read.what, read.scope) for read in found.reads or ()}
    assert {(f"{AUTHORIZATION}/permissions", place) for place in (EXIT, PROD)} <= reads
    assert ("Microsoft.ManagedServices/registrationAssignments", PROD) in reads
    assert any(
        link.rel == "inheritedBy" and link.from_.endswith("policyAssignments/guardrails") for link in found.links
    )


@pytest.mark.parametrize(("projects", "groups"), [(("CONTOSO-dc-exit",), ()), ((), ("RG-migrate-PROD",))])
async def test_a_group_may_be_meant_by_its_name_or_by_a_project_in_it(
    projects: tuple[str, ...], groups: tuple[str, ...]
) -> None:
    found = await collected(world(), replace(QUESTION, scopes=(), projects=projects, groups=groups))
    reads = {(read.what, read.scope.lower()) for read in found.reads or ()}
    assert {place for what, place in reads if what == f"{AUTHORIZATION}/permissions"} == {EXIT.lower(), PROD.lower()}


async def test_members_of_the_groups_in_a_vaults_policies_are_read() -> None:
    """Use the Payments Team, which has no role above the vault, but is in its access policies."""
    vault = f"{PROD}/providers/Microsoft.KeyVault/vaults/contosodcexit4f2akv"
    held = embedded("contoso")
    arm = tuple(
        type(one)(one.id, one.type, one.body.replace(GROUP.encode(), PAYMENTS.encode()))
        if one.id.lower() == vault.lower()
        else one
        for one in held.arm
    )
    asked = {}
    for scope in (PROD, vault, f"{vault}/secrets/one"):
        found = await collected(replace(held, arm=arm), replace(QUESTION, scopes=(scope,)))
        asked[scope] = PAYMENTS in {read.scope for read in found.reads or () if read.what == "graph/transitiveMembers"}
    assert asked == {PROD: False, vault: True, f"{vault}/secrets/one": True}


async def test_of_a_management_group_only_what_stands_there_and_above_is_read() -> None:
    """Count the lists of the group, whatever the subscriptions below it contain."""
    group = "/providers/Microsoft.Management/managementGroups/contoso-landingzones"
    refused = Gap(f"{AUTHORIZATION}/denyAssignments", group, 403, "AuthorizationFailed")
    world_ = world()
    for held, gaps in ((world_, 0), (replace(world_, gaps=(*world_.gaps, refused)), 1)):
        async with serving(held) as served:
            found = await collect(served.azure, Request(scopes=(group.upper(),), access=True))
            requests = served.requests()
        assert [one for one in requests if "/subscriptions/" in one] == []
        assert sum(group in one and "/descendants" not in one for one in requests) == 7
        assert sum(gap.what == refused.what and gap.scope == group for gap in found.gaps) == gaps
        places = {one.id.rpartition("/providers/")[0] for one in found.arm if one.type.endswith("/roleAssignments")}
        assert {place.rpartition("/")[2] for place in places} == {"", "contoso", found.header.tenant_id}
        assert "no-vaults" in ids(found, f"{AUTHORIZATION}/policyDefinitions")


async def test_own_permissions_get_an_id_below_their_scope() -> None:
    found = await collected(world(), QUESTION)
    own = [one for one in found.arm if one.type == f"{AUTHORIZATION}/permissions" and one.id.startswith(f"{PROD}/")]
    bodies = [msgspec.json.decode(one.body) for one in own]
    assert [one.id for one in own] == [f"{PROD}/providers/{AUTHORIZATION}/permissions/000{number}" for number in (1, 2)]
    assert [(body["x_id"], body["x_type"]) for body in bodies] == [(None, None)] * 2
    assert [len(body["actions"]) for body in bodies] == [5, 1]  # of the role that cleans up, and of Reader
    assert bodies[1]["actions"] == ["*/read"]


async def test_eligibilities_and_members_are_read() -> None:
    found = await collected(world(), QUESTION)
    kinds = {one.odata_type.rpartition(".")[2] for one in found.graph}
    assert {"unifiedRoleEligibilityScheduleInstance", "privilegedAccessGroupEligibilityScheduleInstance"} <= kinds
    reads = {(read.what, read.scope): read.count for read in found.reads or ()}
    assert reads["graph/directoryRoleEligibilities", JONI] == 2
    assert reads["graph/groupEligibilities", JONI] == 1
    assert reads["graph/transitiveMembers", GROUP] == 2


async def test_collecting_it_again_gives_it_back() -> None:
    snapshot = world()
    found = await collected(snapshot, QUESTION)
    again = await collected(dated(found, snapshot), QUESTION, page_size=1)
    header = msgspec.structs.replace(again.header, collected_at=found.header.collected_at, cloud=found.header.cloud)
    assert replace(again, header=header) == found


@sampled(
    "what, scope",
    [
        ("graph/directoryRoleEligibilities", JONI),
        ("graph/groupEligibilities", JONI),
        ("graph/transitiveMembers", GROUP),
        (f"{AUTHORIZATION}/policyAssignments", EXIT),
        (f"{AUTHORIZATION}/policyExemptions", EXIT),
        (f"{AUTHORIZATION}/policyDefinitions", POLICY.format("no-vaults")),
        (f"{AUTHORIZATION}/permissions", PROD),
        ("Microsoft.ManagedServices/registrationAssignments", EXIT),
        ("Microsoft.ManagedServices/registrationDefinitions", EXIT),
    ],
    one_in=4,
)
async def test_a_refusal_is_a_gap(what: str, scope: str) -> None:
    closed = world()
    refused = Gap(what, scope, 403, "AuthorizationFailed", "no", None)
    found = await collected(replace(closed, gaps=(*closed.gaps, refused)), QUESTION)
    [gap] = [one for one in found.gaps if (one.what, one.scope) == (what, scope)]
    assert (gap.status, gap.code) == (403, "AuthorizationFailed")
    assert gap.needs


async def test_without_the_licence_nobody_is_eligible() -> None:
    held = embedded("contoso")
    refused = Gap("graph/groupEligibilities", JONI, 400, "AadPremiumLicenseRequired", "no licence", None)
    found = await collected(replace(held, gaps=(*held.gaps, refused)), QUESTION)
    assert {read.scope: read.count for read in found.reads or () if read.what == refused.what} == {JONI: 0}


async def test_a_plain_scan_asks_nothing_of_it() -> None:
    async with serving(world()) as served:
        await collect(served.azure, replace(QUESTION, access=False))
        asked = "\n".join(served.requests()).lower()
    for part in ("managedservices", "/permissions", "eligibilityscheduleinstances?$filter=principal"):
        assert part not in asked


async def test_only_the_subscriptions_of_the_question_are_asked() -> None:
    async with serving(world()) as served:
        await collect(served.azure, QUESTION)
        asked = served.requests()
    assert [one for one in asked if PLATFORM in one and "policy" in one.lower()] == []
