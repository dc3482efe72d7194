"""Members of groups that hide them, and the rights for asking about groups."""

from dataclasses import replace

import pytest

from auditor.collect.collect import collect
from auditor.collect.directory.questions import GROUPS_OF, TRANSITIVE_MEMBERS
from auditor.collect.permissions import graph_permissions
from auditor.inventory.lists import GROUP, HIDDEN_MEMBERS, SERVICE_PRINCIPAL, USER
from auditor.inventory.reads import HIDDEN, Gap
from auditor.inventory.snapshot.records import Link, arm_record, graph_record
from auditor.inventory.snapshot.snapshot import Snapshot
from tests.collect.emulated import EVERYTHING, embedded, serving

FABRIKAM = embedded("fabrikam")
SUBSCRIPTION = next(one.id for one in FABRIKAM.arm if one.type.lower() == "microsoft.resources/subscriptions")
QUIET = "96e00000-0000-4000-8000-00000000000a"
MEMBER = "a5e70000-0000-4000-8000-00000000000b"
MEMBERS = "graph/transitiveMembers"
CONCEALED = Gap(
    MEMBERS, QUIET, 200, HIDDEN, "the group hides its members, and the directory showed none", HIDDEN_MEMBERS
)


def tenant(*gaps: Gap, visibility: str = "HiddenMembership") -> Snapshot:
    """Return Fabrikam with a group that holds a role and has a member."""
    kind, name = "Microsoft.Authorization/roleAssignments", "a5510000-0000-4000-8000-00000000000c"
    properties = {
        "scope": SUBSCRIPTION,
        "principalId": QUIET,
        "principalType": "Group",
        "roleDefinitionId": "/providers/Microsoft.Authorization/roleDefinitions/b24988ac-6180-42a0-ab88-20f7382dd24c",
    }
    held = {"id": f"{SUBSCRIPTION}/providers/{kind}/{name}", "name": name, "type": kind, "properties": properties}
    group = {"@odata.type": GROUP, "id": QUIET, "securityEnabled": True, "visibility": visibility}
    user = {"@odata.type": USER, "id": MEMBER, "userPrincipalName": "quiet@fabrikam.com"}
    return Snapshot.of(
        FABRIKAM.header,
        arm=[*FABRIKAM.arm, arm_record(held)],
        graph=[*FABRIKAM.graph, graph_record(group), graph_record(user)],
        links=[*FABRIKAM.links, Link("transitiveMemberOf", MEMBER, QUIET)],
        gaps=[*FABRIKAM.gaps, *gaps],
    )


async def test_members_that_the_directory_conceals_are_a_gap() -> None:
    for expand in (False, True):
        async with serving(tenant(CONCEALED)) as served:
            read = await collect(served.azure, replace(EVERYTHING, expand=expand))
        assert [gap for gap in read.gaps if gap.scope == QUIET] == [CONCEALED]
        assert not any(link.to == QUIET for link in read.links)


async def test_members_that_it_shows_are_read() -> None:
    async with serving(tenant()) as served:
        read = await collect(served.azure, EVERYTHING)
    assert Link("transitiveMemberOf", MEMBER, QUIET) in read.links
    assert (MEMBERS, QUIET, 1) in {(one.what, one.scope, one.count) for one in read.reads or ()}
    assert not any(gap.scope == QUIET for gap in read.gaps)


@pytest.mark.parametrize("visibility", ["Private", "Public"])
async def test_other_groups_take_no_request(visibility: str) -> None:
    async with serving(tenant(visibility=visibility)) as served:
        read = await collect(served.azure, EVERYTHING)
        assert not any("transitiveMembers" in one for one in served.requests())
    assert not any(gap.scope == QUIET for gap in read.gaps)


@pytest.mark.parametrize(
    ("kind", "right"), [(USER, "GroupMember.Read.All"), (SERVICE_PRINCIPAL, "Application.Read.All")]
)
def test_the_groups_of_each_kind_of_account_need_their_own_right(kind: str, right: str) -> None:
    assert GROUPS_OF[kind].needs == (right, HIDDEN_MEMBERS)
    assert HIDDEN_MEMBERS in TRANSITIVE_MEMBERS.needs
    assert {right, HIDDEN_MEMBERS} <= set(graph_permissions())


async def test_a_refusal_of_the_groups_of_a_service_principal_names_its_right() -> None:
    principal = FABRIKAM.header.by.object_id
    what, code = "graph/transitiveMemberOf", "Authorization_RequestDenied"
    refused = Gap(what, principal, 403, code, "no", "Application.Read.All")
    async with serving(replace(FABRIKAM, gaps=(*FABRIKAM.gaps, refused))) as served:
        read = await collect(served.azure, EVERYTHING)
    kind = next(one.odata_type for one in FABRIKAM.graph if one.id == principal)
    expected = "Application.Read.All" if kind == SERVICE_PRINCIPAL else "GroupMember.Read.All"
    assert [gap.needs for gap in read.gaps if (gap.what, gap.scope) == (what, principal)] == [expected]
