"""An activation is offered where it closes what a step lacks, alone or with others; a part is no cure."""

from collections.abc import Sequence
from typing import Any

import pytest

from auditor.access.access import Access
from auditor.access.directory.roles import DirectoryRole
from auditor.facts.estate.environment import Context
from auditor.facts.preflight.activations import Activation, activations_of
from auditor.facts.preflight.check import check_step
from auditor.facts.preflight.plan import RegistrationPlan
from auditor.facts.rights.steps import steps
from auditor.inventory.arm_id import ArmId
from auditor.inventory.inventory import Inventory
from tests.facts.small import (
    CONTRIBUTOR,
    PROJECT,
    RG,
    USER,
    Body,
    S,
    inventory,
    policy,
    project,
    role,
    service_principal,
    site,
    tenant_policy,
    user,
    vault,
)

READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
EXECUTE = "1cfa4eac-9a23-481c-a793-bfb6958e836b"
SITES, MIGRATE = "00000000-0000-4000-8000-00000000aaaa", "00000000-0000-4000-8000-00000000bbbb"
GROUP = "90000001-0000-4000-8000-000000000001"
ROLES = (
    role(SITES, "Sites", ["Microsoft.OffAzure/*", "Microsoft.Resources/*"]),
    role(MIGRATE, "Migrate", ["Microsoft.Migrate/*", "Microsoft.KeyVault/*"]),
)


def eligible(guid: str, *, at: str = S, who: str = USER, condition: str | None = None) -> Body:
    identity = f"{at}/providers/Microsoft.Authorization/roleEligibilityScheduleInstances/{guid}"
    return {
        "id": identity,
        "type": "Microsoft.Authorization/roleEligibilityScheduleInstances",
        "properties": {
            "roleDefinitionId": f"/providers/Microsoft.Authorization/roleDefinitions/{guid}",
            "principalId": who,
            "principalType": "User",
            "scope": at,
            "condition": condition,
            "status": "Provisioned",
            "memberType": "Direct",
        },
    }


def world(*arm: Body, may_create: bool = True, graph: Sequence[Body] = (), **more: Any) -> Inventory:
    people = [user(), tenant_policy(may_create=may_create), *graph]
    return inventory(project(), *ROLES, *arm, graph=people, **more)


def offered(of: Inventory, step: str = "register", who: str = USER) -> tuple[Activation, ...]:
    plan = RegistrationPlan(project=ArmId.parse(PROJECT), account=who, discovery_account=who)
    context = Context(of, Access.of(of))
    return activations_of(context, check_step(context, plan, steps()[step]))


@pytest.mark.parametrize(
    ("held", "names"),
    [
        ([eligible(READER)], []),
        ([eligible(EXECUTE, at=RG)], []),
        ([eligible(READER), eligible(EXECUTE, at=RG)], []),
        ([eligible(CONTRIBUTOR)], ["Contributor"]),
        ([eligible(CONTRIBUTOR, at=RG)], ["Contributor"]),
        ([eligible(READER), eligible(CONTRIBUTOR)], ["Contributor"]),
        ([eligible(CONTRIBUTOR, condition="@Resource[x:y] StringEquals 'z'")], []),
        ([eligible(SITES)], []),
        ([eligible(SITES), eligible(MIGRATE), eligible(READER)], ["Migrate", "Sites"]),
    ],
)
def test_an_activation_is_offered_where_the_step_then_lacks_nothing(held: list[Body], names: list[str]) -> None:
    found = offered(world(*held))
    assert sorted(one.role for one in found) == names
    assert all(one.closes == one.lacking for one in found)


@pytest.mark.parametrize("kind", ["Application", "ManagedIdentity"])
def test_a_service_principal_activates_nothing(kind: str) -> None:
    application = service_principal(kind)
    of = world(eligible(CONTRIBUTOR, who=application["id"]), graph=[application])
    assert offered(of, who=application["id"]) == ()


def test_activations_that_are_needed_together_name_each_other() -> None:
    found = {one.role: one.together for one in offered(world(eligible(SITES), eligible(MIGRATE)))}
    assert found == {"Sites": ("Migrate",), "Migrate": ("Sites",)}


def test_an_activation_adds_to_what_is_held() -> None:
    held = {**eligible(SITES), "type": "Microsoft.Authorization/roleAssignments"}
    held["id"] = held["id"].replace("roleEligibilityScheduleInstances", "roleAssignments")
    assert [one.role for one in offered(world(held, eligible(MIGRATE)))] == ["Migrate"]


def test_a_deny_assignment_outlasts_an_activation() -> None:
    denied = {
        "id": f"{RG}/providers/Microsoft.Authorization/denyAssignments/d",
        "type": "Microsoft.Authorization/denyAssignments",
        "properties": {
            "denyAssignmentName": "d",
            "permissions": [{"actions": ["Microsoft.OffAzure/*/write"], "notActions": []}],
            "scope": RG,
            "principals": [{"id": USER, "type": "User"}],
            "excludePrincipals": [],
        },
    }
    assert offered(world(denied, eligible(CONTRIBUTOR))) == ()


def test_a_group_is_joined_for_the_role_that_it_may_activate() -> None:
    group = {
        "@odata.type": "#microsoft.graph.group",
        "id": GROUP,
        "displayName": "Migrators",
        "securityEnabled": True,
    }
    member = {
        "@odata.type": "#microsoft.graph.privilegedAccessGroupEligibilityScheduleInstance",
        "id": "e1",
        "principalId": USER,
        "groupId": GROUP,
        "accessId": "member",
    }
    found = offered(world(eligible(CONTRIBUTOR, who=GROUP), graph=[group, member]))
    assert {one.role: one.together for one in found} == {"Migrators": ("Contributor",), "Contributor": ("Migrators",)}
    shared = vault(accessPolicies=[policy(GROUP)])
    of = world(eligible(CONTRIBUTOR), shared, site(), graph=[group, member])
    assert {one.role: one.together for one in offered(of)} == {"Contributor": (), "Migrators": ()}


def test_the_directory_is_closed_by_itself() -> None:
    admin = DirectoryRole.APPLICATION_DEVELOPER
    held = {
        "@odata.type": "#microsoft.graph.unifiedRoleEligibilityScheduleInstance",
        "id": "d1",
        "principalId": USER,
        "roleDefinitionId": admin.value,
        "directoryScopeId": "/",
    }
    [one] = offered(world(eligible(CONTRIBUTOR), may_create=False))
    assert (one.role, one.lacking - one.closes) == ("Contributor", 1)
    found = offered(world(eligible(CONTRIBUTOR), may_create=False, graph=[held]))
    assert {it.role for it in found} == {"Contributor", admin.title}
    [only] = offered(world(eligible(READER), may_create=False, graph=[held]))
    assert only.role == admin.title


def test_nothing_is_offered_where_nothing_is_lacking() -> None:
    held = {**eligible(CONTRIBUTOR), "type": "Microsoft.Authorization/roleAssignments"}
    held["id"] = held["id"].replace("roleEligibilityScheduleInstances", "roleAssignments")
    assert offered(world(held, eligible(CONTRIBUTOR))) == ()
