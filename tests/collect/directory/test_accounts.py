"""The accounts a scan is about."""

from dataclasses import replace

import msgspec
import pytest

from auditor.azure.errors import ReadFailed
from auditor.azure.graph.client import GraphClient
from auditor.collect.collect import collect
from auditor.collect.directory.client import Asker
from auditor.collect.directory.questions import USER_BY_ID
from auditor.collect.recording import Recording
from auditor.collect.request import Request, UnknownAccount
from auditor.inventory.reads import Gap
from auditor.inventory.snapshot.records import By, Link
from auditor.inventory.snapshot.snapshot import Snapshot
from tests.collect.emulated import collected, embedded, serving
from tests.sampling import sampled

SUBSCRIPTION = "0d1e2c3b-4a59-4687-9b10-c0a050000001"
MEGAN = "a5e70001-6b1c-4d2e-8f30-c0a050000001"
ISAIAH = "a5e70002-6b1c-4d2e-8f30-c0a050000002"
NESTOR = "a5e70007-6b1c-4d2e-8f30-c0a050000007"
ENGINEERS = "96e00002-5d2b-4c7f-9e48-c0a050000002"
AUDITOR = "5be00001-2f6a-47d8-a1c3-c0a050000001"
AUDITOR_APP = "ab1d9001-7c3f-4e58-b6a2-c0a050009001"
NOBODY = "11111111-1111-4111-8111-111111111111"


@pytest.fixture
def contoso() -> Snapshot:
    return embedded("contoso")


async def about(snapshot: Snapshot, *accounts: str) -> Snapshot:
    return await collected(snapshot, Request(subscriptions=(SUBSCRIPTION,), accounts=accounts))


def reads(snapshot: Snapshot, what: str) -> set[str]:
    return {read.scope for read in snapshot.reads or () if read.what == what}


def appliances(snapshot: Snapshot) -> set[str]:
    """Return the service principals of the appliances' applications, whose groups are read in any scan."""
    return {
        record.id
        for record in snapshot.graph
        if record.odata_type.endswith(".servicePrincipal")
        and str(msgspec.json.decode(record.body).get("appId")) in reads(snapshot, "graph/applications")
    }


@sampled(
    "text, what, object_id",
    [
        (MEGAN, "graph/users", MEGAN),
        (MEGAN.upper(), "graph/users", MEGAN),
        ("MeganB@contoso.com", "graph/users", MEGAN),
        ("megan.bowen@contoso.com", "graph/users", MEGAN),
        ("  meganb@contoso.com ", "graph/users", MEGAN),
        ("nestorw@fabrikam.com", "graph/users", NESTOR),
        ("nestorw_fabrikam.com#EXT#", "graph/users", NESTOR),
        ("nestorw_fabrikam.com#EXT#@contoso.onmicrosoft.com", "graph/users", NESTOR),
        (ENGINEERS, "graph/groups", ENGINEERS),
        (AUDITOR, "graph/servicePrincipals", AUDITOR),
        (AUDITOR_APP, "graph/servicePrincipals", AUDITOR),
        ("contoso-migaudit", "graph/servicePrincipals", AUDITOR),
        ("sg-migrate-engineers", "graph/groups", ENGINEERS),
        ("ab0b0001-3e8c-4a17-95d4-c0a050000001", "graph/servicePrincipals", "5be00002-2f6a-47d8-a1c3-c0a050000002"),
    ],
    one_in=4,
)
async def test_accounts_by_every_name(contoso: Snapshot, text: str, what: str, object_id: str) -> None:
    found = await about(contoso, text)
    assert object_id in reads(found, what)
    assert reads(found, "graph/transitiveMemberOf") == {object_id} | appliances(found)
    assert object_id in {record.id for record in found.graph}
    assert not [gap for gap in found.gaps if gap.what.startswith("graph/")]


async def test_a_guest_without_a_mail_is_found_by_the_nickname_made_of_it(contoso: Snapshot) -> None:
    graph = tuple(
        type(one)(one.id, one.odata_type, one.body.replace(b'"mail":"nestorw@fabrikam.com"', b'"mail":null'))
        for one in contoso.graph
    )
    assert NESTOR in reads(await about(replace(contoso, graph=graph), "nestorw@fabrikam.com"), "graph/users")


async def test_without_accounts_the_scan_is_about_whoever_signed_in(contoso: Snapshot) -> None:
    found = await collected(contoso)
    assert reads(found, "graph/transitiveMemberOf") == {AUDITOR} | appliances(found)
    assert reads(found, "graph/directoryRoles") == {AUDITOR}


async def test_who_signed_in_is_read_beside_named_accounts(contoso: Snapshot) -> None:
    found = await about(contoso, MEGAN)
    assert AUDITOR in reads(found, "graph/servicePrincipals")
    assert reads(found, "graph/transitiveMemberOf") == {MEGAN} | appliances(found)


async def test_a_service_principal_from_outside_adds_nothing(contoso: Snapshot) -> None:
    by_a_user = msgspec.structs.replace(contoso.header, by=By(MEGAN, "Megan", "User"))
    found = await collected(replace(contoso, header=by_a_user))
    assert found.header.by.type == "ServicePrincipal"
    assert found.header.by.object_id not in {record.id for record in found.graph}
    scopes = [read.scope for read in found.reads or ()] + [gap.scope for gap in found.gaps]
    assert found.header.by.object_id not in scopes


@pytest.mark.parametrize(
    ("text", "nearest"),
    [
        ("megamb@contoso.com", "meganb@contoso.com"),
        ("nobody@contoso.com", None),
        (NOBODY, None),
        ("", None),
        ("it's'nobody", None),
        ("a\x00b", None),
        ("x" * 400, None),
    ],
)
async def test_an_account_that_a_readable_directory_lacks_is_unknown(
    contoso: Snapshot, text: str, nearest: str | None
) -> None:
    with pytest.raises(UnknownAccount) as unknown:
        await about(contoso, MEGAN, text)
    if nearest:
        assert f"; did you mean `{nearest}`" in str(unknown.value)


async def test_a_mail_of_two_accounts_lists_both(contoso: Snapshot) -> None:
    mail = b"Isaiah.Langer@contoso.com"
    graph = tuple(
        type(one)(one.id, one.odata_type, one.body.replace(b"Megan.Bowen@contoso.com", mail)) for one in contoso.graph
    )
    with pytest.raises(UnknownAccount) as ambiguous:
        await about(replace(contoso, graph=graph), mail.decode())
    assert ambiguous.value.several == (f"isaiahl@contoso.com ({ISAIAH})", f"meganb@contoso.com ({MEGAN})")


@pytest.mark.parametrize("text", [MEGAN, "meganb@contoso.com"])
async def test_an_account_that_may_not_be_looked_up_is_a_gap(contoso: Snapshot, text: str) -> None:
    refusals = [{"path": "/v1.0/users", "status": 403, "code": "Authorization_RequestDenied", "message": "no"}]
    request = Request(subscriptions=(SUBSCRIPTION,), accounts=(text, ENGINEERS))
    found = await collected(contoso, request, faults=refusals)
    [gap] = [gap for gap in found.gaps if gap.what == "graph/users"]
    assert (gap.scope, gap.status, gap.needs) == (text, 403, "User.Read.All")
    assert reads(found, "graph/transitiveMemberOf") == {ENGINEERS} | appliances(found), (
        "the other account is read all the same"
    )


async def test_a_refused_reach_is_a_gap_of_that_account(contoso: Snapshot) -> None:
    gaps = (
        Gap("graph/transitiveMemberOf", MEGAN, 403, "Authorization_RequestDenied", "no", "GroupMember.Read.All"),
        Gap("graph/directoryRoles", MEGAN, 403, "Authorization_RequestDenied", "no", "RoleManagement.Read.Directory"),
    )
    found = await about(replace(contoso, gaps=gaps), MEGAN)
    assert set(found.gaps) == set(gaps)


async def test_directory_roles_keep_their_scope_and_role_assignable_groups_are_asked_too(contoso: Snapshot) -> None:
    graph = tuple(
        type(one)(one.id, one.odata_type, one.body.replace(b'"isAssignableToRole":null', b'"isAssignableToRole":true'))
        for one in contoso.graph
    )
    changed = replace(contoso, graph=graph)
    member = next(link.from_ for link in contoso.links if link.rel == "transitiveMemberOf" and link.from_ != ENGINEERS)
    found = await about(changed, member)
    groups = {link.to for link in found.links if link.rel == "transitiveMemberOf"}
    assert groups
    assert reads(found, "graph/directoryRoles") == {member, *groups}


async def test_many_accounts_are_asked_in_few_requests(contoso: Snapshot) -> None:
    everyone = tuple(one.id for one in contoso.graph if one.odata_type.endswith(".user"))
    async with serving(contoso) as served:
        await collect(served.azure, Request(subscriptions=(SUBSCRIPTION,), accounts=everyone))
        batches = [one for one in served.requests() if one == "POST /v1.0/$batch"]
    # The signed-in account, the policy, four questions per account to find it, two about its groups and roles,
    # applications, owners.
    assert len(batches) == 1 + 1 + -(-len(everyone) * 4 // 20) + -(-len(everyone) * 2 // 20) + 1 + 1


async def test_a_group_of_which_only_the_id_is_told_is_kept_and_named_as_a_gap(contoso: Snapshot) -> None:
    body = f'{{"value": [{{"@odata.type": "#Microsoft.Graph.Group", "id": "{ENGINEERS}", "displayName": null}}]}}'
    faults = [{"path": "transitiveMemberOf", "status": 200, "body": body}]
    request = Request(subscriptions=(SUBSCRIPTION,), accounts=(MEGAN,))
    found = await collected(contoso, request, faults=faults)
    assert Link("transitiveMemberOf", MEGAN, ENGINEERS) in found.links
    [gap] = found.gaps
    assert (gap.what, gap.scope, gap.code, gap.needs) == (
        "graph/groups",
        ENGINEERS,
        "OnlyIdTold",
        "GroupMember.Read.All",
    )


async def test_memberships_of_another_kind_are_left_out(contoso: Snapshot) -> None:
    body = '{"value": [{"@odata.type": "#microsoft.graph.directoryRole", "id": "1"}]}'
    faults = [{"path": "transitiveMemberOf", "status": 200, "body": body}]
    request = Request(subscriptions=(SUBSCRIPTION,), accounts=(MEGAN,))
    found = await collected(contoso, request, faults=faults)
    assert [link for link in found.links if link.rel == "transitiveMemberOf"] == []
    assert found.gaps == ()


@sampled("odd", ['{"@odata.type": "#microsoft.graph.group"}', '{"id": "1"}', "5", "null"], one_in=4)
async def test_an_odd_membership_leaves_all_of_them_open(contoso: Snapshot, odd: str) -> None:
    faults = [{"path": "transitiveMemberOf", "status": 200, "body": f'{{"value": [{odd}]}}'}]
    request = Request(subscriptions=(SUBSCRIPTION,), accounts=(MEGAN,))
    found = await collected(contoso, request, faults=faults)
    assert {(gap.what, gap.code) for gap in found.gaps} == {("graph/transitiveMemberOf", "UnexpectedShape")}
    assert {gap.scope for gap in found.gaps} == {MEGAN} | appliances(found)


async def test_a_cloud_without_graph_refuses_every_question() -> None:
    asker = Asker(GraphClient(None), Recording())
    [answer] = await asker.ask([(USER_BY_ID, MEGAN)])
    assert isinstance(answer, ReadFailed)
    assert answer.code == "NoGraphEndpoint"
    assert await asker.ask([]) == []
