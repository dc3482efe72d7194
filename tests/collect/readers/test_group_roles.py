"""Custom roles that can be assigned in one resource group only: Azure lists them there, not at the subscription."""

from dataclasses import replace

import pytest

from auditor.access.access import Access
from auditor.access.verdicts import AccessVerdict
from auditor.collect.collect import collect
from auditor.inventory.arm_id import ArmId
from auditor.inventory.inventory import Inventory
from auditor.inventory.reads import Gap
from auditor.inventory.snapshot.records import ArmRecord, arm_record, graph_record
from auditor.inventory.snapshot.snapshot import Snapshot
from tests.collect.emulated import EVERYTHING, collected, embedded, serving

FABRIKAM = embedded("fabrikam")
ROLES = "Microsoft.Authorization/roleDefinitions"
NAME = "c0570000-0000-4000-8000-00000000000a"
SOMEBODY = "a5e70000-0000-4000-8000-00000000000a"
WRITE = "Microsoft.Migrate/migrateProjects/write"
PROJECT = next(one for one in FABRIKAM.arm if one.type.lower() == "microsoft.migrate/migrateprojects")
GROUP = "/".join(PROJECT.id.split("/")[:5])
SUBSCRIPTION = "/".join(PROJECT.id.split("/")[:3])


def definition(*scopes: str) -> ArmRecord:
    permission = {"actions": [WRITE], "notActions": [], "dataActions": [], "notDataActions": []}
    properties = {"roleName": "Of one group", "type": "CustomRole", "assignableScopes": list(scopes)}
    identity = f"{SUBSCRIPTION}/providers/{ROLES}/{NAME}"
    return arm_record(
        {"id": identity, "name": NAME, "type": ROLES, "properties": {**properties, "permissions": [permission]}}
    )


def assignment(scope: str, number: int = 1) -> ArmRecord:
    kind, name = "Microsoft.Authorization/roleAssignments", f"a5510000-0000-4000-8000-0000000000{number:02}"
    properties = {
        "scope": scope,
        "principalId": SOMEBODY,
        "principalType": "User",
        "roleDefinitionId": f"{SUBSCRIPTION}/providers/{ROLES}/{NAME}",
    }
    return arm_record({"id": f"{scope}/providers/{kind}/{name}", "name": name, "type": kind, "properties": properties})


def tenant(*records: ArmRecord, gaps: tuple[Gap, ...] = ()) -> Snapshot:
    user = {"@odata.type": "#microsoft.graph.user", "id": SOMEBODY, "userPrincipalName": "megan@fabrikam.com"}
    return replace(
        FABRIKAM,
        arm=tuple(sorted((*FABRIKAM.arm, *records), key=lambda one: (one.type.lower(), one.id.lower()))),
        graph=(*FABRIKAM.graph, graph_record(user)),
        gaps=(*FABRIKAM.gaps, *gaps),
    )


def verdict(snapshot: Snapshot) -> tuple[AccessVerdict, set[tuple[str, str]]]:
    answer = Access.of(Inventory.of(snapshot)).can(SOMEBODY, WRITE, ArmId.parse(PROJECT.id))
    return answer.verdict, {(gap.what, gap.scope) for gap in answer.gaps}


@pytest.mark.parametrize("scope", [GROUP, PROJECT.id])
async def test_a_role_of_one_group_is_read_from_its_list(scope: str) -> None:
    async with serving(tenant(definition(GROUP), assignment(scope))) as served:
        read = await collect(served.azure, EVERYTHING)
        asked = [one for one in served.requests() if "/roleDefinitions" in one and "/resourceGroups/" in one]
    assert len(asked) == 1
    assert asked[0].startswith(f"GET {GROUP}/providers/{ROLES}?")
    assert verdict(read)[0] is AccessVerdict.ALLOW


async def test_a_subscription_does_not_list_the_role() -> None:
    async with serving(tenant(definition(GROUP))) as served:
        read = await collect(served.azure, EVERYTHING)
        assert not any("/resourceGroups/" in one and "/roleDefinitions" in one for one in served.requests())
    assert not any(one.id.endswith(NAME) for one in read.arm)


@pytest.mark.parametrize("scopes", [(SUBSCRIPTION,), (GROUP, SUBSCRIPTION)])
async def test_a_role_of_the_subscription_takes_no_further_request(scopes: tuple[str, ...]) -> None:
    async with serving(tenant(definition(*scopes), assignment(GROUP))) as served:
        read = await collect(served.azure, EVERYTHING)
        assert not any("/resourceGroups/" in one and "/roleDefinitions" in one for one in served.requests())
    assert verdict(read)[0] is AccessVerdict.ALLOW


async def test_a_group_without_anything_of_azure_migrate_is_not_asked() -> None:
    other = f"{SUBSCRIPTION}/resourceGroups/rg-elsewhere"
    group = arm_record({"id": other, "name": "rg-elsewhere", "type": "Microsoft.Resources/resourceGroups"})
    async with serving(tenant(group, definition(other), assignment(other))) as served:
        await collect(served.azure, EVERYTHING)
        assert not any("/resourceGroups/" in one and "/roleDefinitions" in one for one in served.requests())
        await collect(served.azure, replace(EVERYTHING, access=True, scopes=(other,)))
        assert any(f"GET {other}/providers/{ROLES}?" in one for one in served.requests()), "the question names it"


async def test_a_refused_list_leaves_the_answer_unknown_with_the_right_that_is_missing() -> None:
    needs = f"{ROLES}/read"
    refused = Gap(ROLES, GROUP, 403, "AuthorizationFailed", "no", needs)
    read = await collected(tenant(assignment(GROUP), gaps=(refused,)))
    assert any((gap.what, gap.scope, gap.status, gap.needs) == (ROLES, GROUP, 403, needs) for gap in read.gaps)
    found, gaps = verdict(read)
    assert found is AccessVerdict.UNKNOWN
    assert (ROLES, GROUP) in gaps
