"""The subscriptions that a request names."""

from dataclasses import replace

import pytest

from auditor.azure.errors import ReadFailed
from auditor.collect.request import Request, UnknownScope
from auditor.inventory.reads import Gap
from auditor.inventory.snapshot.snapshot import Snapshot
from tests.collect.emulated import collected, embedded

EXIT = "0d1e2c3b-4a59-4687-9b10-c0a050000001"
PLATFORM = "0d1e2c3b-4a59-4687-9b10-c0a050000002"
TRIAL = "0d1e2c3b-4a59-4687-9b10-c0a050000003"
NOWHERE = "11111111-1111-4111-8111-111111111111"


@pytest.fixture
def contoso() -> Snapshot:
    return embedded("contoso")


@pytest.mark.parametrize(
    ("request_", "subscriptions", "groups"),
    [
        (Request(subscriptions=(EXIT.upper(),)), (EXIT,), ()),
        (Request(subscriptions=(f"/subscriptions/{EXIT}",)), (EXIT,), ()),
        (Request(subscriptions=("contoso datacenter EXIT", EXIT)), (EXIT,), ()),
        (Request(management_groups=("contoso",)), (EXIT, PLATFORM, TRIAL), ("contoso",)),
        (Request(management_groups=("Landing zones",)), (EXIT, TRIAL), ("contoso-landingzones",)),
        (
            Request(management_groups=("/providers/Microsoft.Management/managementGroups/CONTOSO-PLATFORM",)),
            (PLATFORM,),
            ("contoso-platform",),
        ),
        (
            Request(subscriptions=(PLATFORM,), management_groups=("contoso-landingzones",)),
            (EXIT, PLATFORM, TRIAL),
            ("contoso-landingzones",),
        ),
        (Request(all=True), (EXIT, PLATFORM, TRIAL), ()),
    ],
)
async def test_scopes_by_every_name(
    contoso: Snapshot, request_: Request, subscriptions: tuple[str, ...], groups: tuple[str, ...]
) -> None:
    scope = (await collected(contoso, request_)).header.scope
    assert (scope.subscriptions, scope.management_groups) == (subscriptions, groups)


@pytest.mark.parametrize(
    ("request_", "nearest"),
    [
        (Request(subscriptions=("Contoso Datacentre Exit",)), "Contoso Datacenter Exit"),
        (Request(subscriptions=(EXIT[:-1] + "7",)), EXIT),
        (Request(subscriptions=("",)), None),
        (Request(subscriptions=("../..",)), None),
        (Request(management_groups=("contoso-platfrom",)), "contoso-platform"),
        (Request(management_groups=("../../subscriptions",)), None),
        (Request(management_groups=("..",)), None),
    ],
)
async def test_unknown_scopes_are_refused_with_the_nearest_name(
    contoso: Snapshot, request_: Request, nearest: str | None
) -> None:
    with pytest.raises(UnknownScope) as unknown:
        await collected(contoso, request_)
    if nearest is not None:
        said = str(unknown.value)
        assert f"`{nearest}`" in said.partition("did you mean")[2]


async def test_a_display_name_of_two_subscriptions_is_no_name(contoso: Snapshot) -> None:
    arm = tuple(replace_body(record, b"Contoso Shared Platform", b"Contoso Datacenter Exit") for record in contoso.arm)
    with pytest.raises(UnknownScope) as ambiguous:
        await collected(replace(contoso, arm=arm), Request(subscriptions=("Contoso Datacenter Exit",)))
    assert ambiguous.value.several == (EXIT, PLATFORM)


def replace_body(record, old: bytes, new: bytes):  # type: ignore[no-untyped-def]  # any record with a body
    return type(record)(record.id, record.type, record.body.replace(old, new), record.deleted)


def without_the_list(snapshot: Snapshot) -> Snapshot:
    refusal = Gap("Microsoft.Resources/subscriptions", "/", 403, "AuthorizationFailed", "no")
    arm = tuple(record for record in snapshot.arm if not record.type.endswith("/subscriptions"))
    return replace(snapshot, arm=arm, gaps=(*snapshot.gaps, refusal))


@pytest.mark.parametrize("request_", [Request(subscriptions=("Contoso Shared Platform",)), Request(all=True)])
async def test_a_name_that_cannot_be_looked_up_is_not_called_unknown(contoso: Snapshot, request_: Request) -> None:
    with pytest.raises(ReadFailed, match="cannot tell") as failed:
        await collected(without_the_list(contoso), request_)
    assert failed.value.status == 403


async def test_a_subscription_named_by_id_is_read_though_it_is_not_listed(contoso: Snapshot) -> None:
    found = await collected(without_the_list(contoso), Request(subscriptions=(EXIT,)))
    assert f"/subscriptions/{EXIT}" in {read.scope for read in found.reads or () if read.what.endswith("/vaults")}
    scopes = {gap.scope for gap in found.gaps if gap.what == "Microsoft.Resources/subscriptions"}
    assert scopes == {"/", f"/subscriptions/{EXIT}"}


async def test_a_refused_management_group_leaves_nothing_readable(contoso: Snapshot) -> None:
    root = contoso.header.tenant_id
    groups = "Microsoft.Management/managementGroups"
    gaps = [
        Gap(groups, "/", 403, "AuthorizationFailed", "no"),
        Gap(f"{groups}/descendants", f"/providers/{groups}/{root}", 403, "AuthorizationFailed", "no"),
    ]
    found = await collected(replace(contoso, gaps=(*contoso.gaps, *gaps)), Request(management_groups=(root,)))
    assert found.header.scope.subscriptions == ()
    assert [read for read in found.reads or () if read.scope.startswith("/subscriptions/")] == []


async def test_a_title_of_two_management_groups_is_no_name(contoso: Snapshot) -> None:
    arm = tuple(
        replace_body(record, b'"displayName":"Platform"', b'"displayName":"Landing zones"') for record in contoso.arm
    )
    with pytest.raises(UnknownScope) as ambiguous:
        await collected(replace(contoso, arm=arm), Request(management_groups=("landing zones",)))
    assert ambiguous.value.several == ("contoso-landingzones", "contoso-platform")


async def test_a_management_group_that_is_not_listed_is_asked_for_by_its_name(contoso: Snapshot) -> None:
    listed = {"path": "/managementGroups[?]", "status": 200, "body": '{"value": []}'}
    refused = {"path": "/managementGroups[?]", "status": 500}
    with pytest.raises(UnknownScope):
        await collected(contoso, Request(management_groups=("contoso",)), faults=[listed])
    found = await collected(contoso, Request(management_groups=("contoso",)), faults=[refused])
    assert found.header.scope.subscriptions == (EXIT, PLATFORM, TRIAL)
    missing = {"path": "/descendants[?]", "status": 404, "code": "NotFound"}
    with pytest.raises(UnknownScope):
        await collected(contoso, Request(management_groups=("contoso",)), faults=[refused, missing])


async def test_a_malformed_management_group_makes_the_list_partial(contoso: Snapshot) -> None:
    body = '{"value": [{"id": "/providers/Microsoft.Management/managementGroups/..", "name": ".."}]}'
    faults = [{"path": "/managementGroups[?]", "status": 200, "body": body}]
    found = await collected(contoso, faults=faults)
    whole = [gap.code for gap in found.gaps if gap.what == "Microsoft.Management/managementGroups"]
    assert whole == ["UnexpectedShape"]


async def test_who_sees_no_subscription_has_an_empty_scope(contoso: Snapshot) -> None:
    faults = [{"path": "^/subscriptions[?]", "status": 200, "body": '{"value": []}'}]
    found = await collected(contoso, faults=faults)
    assert found.header.scope.subscriptions == ()
    assert found.gaps == ()
