from typing import Any

import pytest

from auditor.access.access import Access
from auditor.facts.estate.registration_modes import Mode
from auditor.facts.subjects.every import subjects
from auditor.inventory.snapshot.records import Link
from tests.facts.small import (
    APP_ID,
    CONTRIBUTOR,
    PROJECT,
    RG,
    SITE,
    USER,
    VAULT,
    Body,
    S,
    application,
    assignment,
    found,
    gap,
    identity,
    inventory,
    policy,
    project,
    role,
    service_principal,
    site,
    tenant_policy,
    user,
    value,
    vault,
    whats,
)

READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
EXPERT = "7859c0b0-0bb9-4994-bd12-cd529af7d646"
PEOPLE = [user(), tenant_policy()]
ARC = {"tenantId": "t", "machineResourceId": f"{RG}/providers/Microsoft.HybridCompute/machines/m"}


def facts(*arm: Body, graph: list[Body] | None = None, **more: Any) -> dict[str, Any]:
    mode, accounts = more.pop("mode", None), more.pop("accounts", (USER,))
    of = inventory(project(), *arm, graph=PEOPLE if graph is None else graph, **more)
    subject = found(of, "registration", accounts=accounts, mode=mode)
    return {name.partition(".")[2]: value(fact) for name, fact in subject.facts.items()} | {
        f"{name.partition('.')[2]}_text": text for name, text in subject.texts.items()
    }


def unregistered(namespace: str) -> Body:
    return {"id": f"{S}/providers/{namespace}", "namespace": namespace, "registrationState": "NotRegistered"}


@pytest.mark.parametrize("scope", [RG, S])
def test_contributor_of_group_or_subscription_can_register(scope: str) -> None:
    seen = facts(assignment(scope))
    assert seen["can_register"] is True
    assert seen["missing_actions"] == []
    assert seen["roles"] == ["Contributor"]


def test_without_a_role_every_action_is_missing_with_its_scope() -> None:
    seen = facts()
    assert seen["can_register"] is False
    assert f"Microsoft.KeyVault/vaults/accessPolicies/write at {RG}" in seen["missing_actions"]
    assert f"Microsoft.Migrate/migrateProjects/registrationDetails/action at {PROJECT}" in seen["missing_actions"]
    assert "`Microsoft.KeyVault/vaults/write`" in seen["missing_text"]
    assert seen["held_text"] == "no role"


def test_a_custom_role_short_of_one_action_names_just_that_one() -> None:
    actions = ["Microsoft.Migrate/*", "Microsoft.OffAzure/VMwareSites/*", "Microsoft.OffAzure/MasterSites/*"]
    custom = role(READER, "Contoso Operator", [*actions, "Microsoft.KeyVault/vaults/write"])
    seen = facts(custom, assignment(RG, role_guid=READER))
    assert seen["missing_actions"] == [f"Microsoft.KeyVault/vaults/accessPolicies/write at {RG}"]
    assert seen["held_text"] == f"`Contoso Operator` at `{RG}`"


def test_a_provider_that_is_not_registered_needs_the_right_on_the_subscription() -> None:
    in_group = facts(unregistered("Microsoft.OffAzure"), assignment(RG))
    assert in_group["can_register"] is False
    assert in_group["unregistered_providers"] == ["Microsoft.OffAzure"]
    assert in_group["missing_actions"] == [f"Microsoft.OffAzure/register/action at {S}"]
    assert "`Microsoft.OffAzure` is not registered" in in_group["missing_text"]
    assert (in_group["actions_granted"], in_group["provider_text"]) == (True, "Microsoft.OffAzure")
    assert facts(unregistered("Microsoft.OffAzure"), assignment(S))["can_register"] is True


def test_a_provider_that_nobody_told_about_matters_only_to_who_may_not_register_it() -> None:
    silent = {"id": f"{S}/providers/Microsoft.KeyVault", "namespace": "Microsoft.KeyVault"}
    assert facts(silent, assignment(RG))["can_register"] is None
    assert facts(silent, assignment(S))["can_register"] is True


def test_unread_assignments_leave_the_answer_open() -> None:
    unread = gap("Microsoft.Authorization/roleAssignments", S)
    of = inventory(project(), graph=PEOPLE, gaps=[unread])
    fact = found(of, "registration").facts["registration.can_register"]
    assert whats(fact) == {"Microsoft.Authorization/roleAssignments"}


def eligible() -> Body:
    return {
        "id": f"{RG}/providers/Microsoft.Authorization/roleEligibilityScheduleInstances/e1",
        "type": "Microsoft.Authorization/roleEligibilityScheduleInstances",
        "properties": {
            "scope": RG,
            "roleDefinitionId": f"/providers/Microsoft.Authorization/roleDefinitions/{CONTRIBUTOR}",
            "principalId": USER,
            "principalType": "User",
            "startDateTime": "2026-01-01T00:00:00Z",
            "endDateTime": None,
            "memberType": "Direct",
            "status": "Provisioned",
        },
    }


def test_eligible_is_not_granted_but_within_reach() -> None:
    seen = facts(eligible())
    assert seen["can_register"] is False
    assert seen["only_eligible"] is True
    assert facts()["only_eligible"] is False


def test_granted_under_a_condition_is_unknown() -> None:
    conditional = assignment(RG)
    conditional["properties"] |= {"condition": "@Resource[x] StringEquals 'y'", "conditionVersion": "2.0"}
    seen = facts(conditional)
    assert seen["can_register"] is None
    assert seen["conditional"] is True


@pytest.mark.parametrize(
    ("appliances", "graph", "mode"),
    [
        ([], [], "user"),
        ([site()], [application()], "user"),
        ([site()], [application("Premade")], "app"),
        ([site(ARC)], [], "arc"),
        ([site()], [], "user"),
        ([site(identity(tenantId="f0000000-0000-4000-8000-000000000000"))], [], None),
    ],
)
def test_a_user_registers_unless_every_appliance_came_another_way(
    appliances: list[Body], graph: list[Body], mode: str | None
) -> None:
    seen = facts(*appliances, graph=[*PEOPLE, *graph])
    assert seen["mode"] == mode
    assert seen["by_this_account"] is (None if mode is None else mode == "user")


def test_what_was_said_about_the_mode_counts_first() -> None:
    seen = facts(site(), graph=[*PEOPLE, application()], mode=Mode.ARC)
    assert (seen["mode"], seen["by_this_account"]) == ("arc", False)


@pytest.mark.parametrize(("kind", "mode"), [("Application", "app"), ("ManagedIdentity", "arc")])
def test_a_service_principal_that_was_named_is_an_appliances_own_identity(kind: str, mode: str) -> None:
    principal = service_principal(kind)
    seen = facts(graph=[principal, tenant_policy()], accounts=(principal["id"],))
    assert (seen["mode"], seen["by_this_account"]) == (mode, True)


def test_a_service_principal_that_only_made_the_snapshot_registers_nothing() -> None:
    principal = {**service_principal(), "id": USER}
    of = inventory(project(), graph=[principal, tenant_policy()])
    (subject,) = [one for one in subjects(of, Access.of(of)) if one.kind.value == "registration"]
    assert value(subject.facts["registration.by_this_account"]) is False


def test_unread_sites_leave_mode_vaults_and_applications_open() -> None:
    unread = gap("Microsoft.OffAzure/HyperVSites", S)
    seen = facts(site(), vault(accessPolicies=[policy()]), graph=[*PEOPLE, application()], gaps=[unread])
    assert seen["vault_access"] is None
    assert seen["vaults"] is None
    assert seen["has_vault"] is True
    assert seen["mode"] == "user"
    assert seen["controls_applications"] is False


@pytest.mark.parametrize(("appliances", "graph"), [([], []), ([site()], [application("Premade")])])
def test_an_appliance_that_was_not_seen_may_have_come_by_a_user(appliances: list[Body], graph: list[Body]) -> None:
    unread = gap("Microsoft.OffAzure/HyperVSites", S)
    assert facts(*appliances, graph=[*PEOPLE, *graph], gaps=[unread])["mode"] is None


def test_details_of_a_site_that_belongs_to_another_project_hide_nothing() -> None:
    unread = gap("Microsoft.OffAzure/VMwareSites", SITE)
    elsewhere = site(of=f"{PROJECT}-other")
    assert facts(elsewhere, gaps=[unread])["has_vault"] is False


@pytest.mark.parametrize(
    ("policies", "access"),
    [
        ([policy()], True),
        ([policy(permissions=("Get", "List", "Set", "Create", "Import", "Delete"))], False),
        ([policy(permissions=("get", "list"))], False),
        ([policy("a5e70009-0000-4000-8000-000000000009")], False),
        ([], False),
    ],
)
def test_access_to_the_vault_is_judged_by_its_policies(policies: list[Body], access: bool) -> None:
    seen = facts(site(), vault(accessPolicies=policies), assignment(S))
    assert seen["vault_access"] is access
    assert bool(seen["vault_missing_permissions"]) is not access
    if not access:
        assert seen["vault_by_policies_text"] == "contosoexitkv"
        assert VAULT in seen["vault_missing_text"]


def test_a_vault_that_goes_by_roles_gives_a_contributor_nothing() -> None:
    seen = facts(site(), vault(enableRbacAuthorization=True, accessPolicies=[policy()]), assignment(S))
    assert seen["vault_access"] is False
    assert (seen["vaults_by_roles"], seen["vaults_by_policies"]) == (True, False)
    assert seen["vault_by_roles_text"] == VAULT
    assert "vault_by_policies_text" not in seen


def test_a_vault_that_is_gone_gives_nobody_access() -> None:
    seen = facts(site(), assignment(S))
    assert seen["vault_access"] is False
    assert "does not exist" in seen["vault_missing_text"]


def test_a_project_without_appliances_has_no_vault() -> None:
    seen = facts()
    assert (seen["has_vault"], seen["vault_access"], seen["vaults"]) == (False, True, [])


def owner(of: str) -> Link:
    return Link("owner", of, USER)


@pytest.mark.parametrize(
    ("graph", "links", "controls"),
    [
        ([application()], [], False),
        ([application()], [owner(application()["id"])], True),
        ([application("Premade")], [], True),
    ],
)
def test_only_what_a_registering_user_made_has_to_be_controlled(
    graph: list[Body], links: list[Link], controls: bool
) -> None:
    seen = facts(site(), graph=[*PEOPLE, *graph], links=links)
    assert seen["controls_applications"] is controls
    assert seen["foreign_applications"] == ([] if controls else [APP_ID])
    if not controls:
        assert (seen["application_text"], seen["application_name_text"]) == (APP_ID, application()["displayName"])


def test_an_arc_machine_has_no_application_to_control() -> None:
    seen = facts(site(ARC))
    assert (seen["has_user_application"], seen["controls_applications"], seen["applications"]) == (False, True, [])


def test_the_right_to_create_applications_is_told_apart() -> None:
    assert facts(graph=[user(), tenant_policy(may_create=False)])["may_create_applications"] is False
    assert facts()["may_create_applications"] is True


def test_a_user_made_application_is_known_by_the_audience_of_its_site_alone() -> None:
    old = identity(audience="https://t/appliance014f2aagentauthaadapp")
    assert facts(site(old), gaps=[gap("graph/applications", APP_ID)])["has_user_application"] is True


def test_a_project_that_failed_is_there_but_not_ready() -> None:
    of = inventory(project(state="Failed"), graph=PEOPLE)
    seen = found(of, "registration").facts
    assert value(seen["registration.project_exists"]) is True
    assert value(seen["registration.project_ready"]) is False


def deny(scope: str = RG) -> Body:
    return {
        "id": f"{scope}/providers/Microsoft.Authorization/denyAssignments/de170001-0000-4000-8000-000000000001",
        "type": "Microsoft.Authorization/denyAssignments",
        "properties": {
            "denyAssignmentName": "stack",
            "scope": scope,
            "permissions": [{"actions": ["Microsoft.KeyVault/vaults/write"]}],
            "principals": [{"id": USER, "type": "User"}],
        },
    }


def test_a_deny_assignment_is_named_and_told_apart_from_a_missing_role() -> None:
    seen = facts(assignment(S), deny())
    assert (seen["can_register"], seen["denied"], seen["actions_granted"]) == (False, True, False)
    assert deny()["id"] in seen["missing_text"]
    assert facts(assignment(S))["denied"] is False
    assert facts(gaps=[gap("Microsoft.Authorization/denyAssignments", S)])["denied"] is None
