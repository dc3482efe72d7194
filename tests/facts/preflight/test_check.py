from typing import Any

import pytest

from auditor.access.access import Access
from auditor.access.key_vault.permissions import every_permission
from auditor.facts.estate.environment import Context
from auditor.facts.estate.registration_modes import Mode
from auditor.facts.fact import Fact, Known
from auditor.facts.preflight.check import StepCheck, check_step
from auditor.facts.preflight.missing import missing_of, wanted_of
from auditor.facts.preflight.obstacles import ObstacleEffect
from auditor.facts.preflight.plan import RegistrationPlan
from auditor.facts.preflight.policy_offers import policy_offers
from auditor.facts.preflight.role_offers import RoleOffers
from auditor.facts.rights.steps import ApplianceKind, Part, steps
from auditor.inventory.arm_id import ArmId
from auditor.inventory.inventory import Inventory
from auditor.inventory.reads import Gap
from tests.facts.small import (
    APP_ID,
    ASSESSMENT,
    CONTRIBUTOR,
    PROJECT,
    RG,
    USER,
    VAULT,
    Body,
    S,
    application,
    assessment,
    assignment,
    identity,
    inventory,
    policy,
    project,
    role,
    site,
    tenant_policy,
    user,
    vault,
)

HYPERV_ROLE = "00000000-0000-4000-8000-00000000aaaa"
PEOPLE = [user(), tenant_policy()]
OTHER = {**user(), "id": "a5e70002-0000-4000-8000-000000000002", "userPrincipalName": "alex@contoso.com"}


def checked(of: Inventory, step: str, *, account: str = USER, **plan: Any) -> StepCheck:
    asked = {"project": ArmId.parse(PROJECT), "discovery_account": account, "steps": (step,), **plan}
    made = RegistrationPlan(account=account, **asked)
    return check_step(Context(of, Access.of(of)), made, steps()[step])


def value(fact: Fact[bool]) -> bool | None:
    return fact.value if isinstance(fact, Known) else None


def world(*arm: Body, **more: object) -> Inventory:
    graph = more.pop("graph", PEOPLE)
    return inventory(project(), assignment(S), *arm, graph=graph, **more)  # type: ignore[arg-type]


def lock(scope: str, level: str) -> Body:
    identity = f"{scope}/providers/Microsoft.Authorization/locks/frozen"
    return {"id": identity, "type": "Microsoft.Authorization/locks", "name": "frozen", "properties": {"level": level}}


@pytest.mark.parametrize(
    ("name", "goes"),
    [("abc", True), ("Contoso-2", True), ("a" * 24, True), ("ab", False), ("a" * 25, False), ("a_b", False)],
)
def test_a_project_is_created_only_by_a_name_that_azure_takes(name: str, goes: bool) -> None:
    made = RegistrationPlan(
        project=ArmId.parse(f"{RG}/providers/Microsoft.Migrate/migrateProjects/{name}"),
        account=USER,
        discovery_account=USER,
        new=True,
        steps=("create-project",),
    )
    of = inventory(assignment(S), graph=PEOPLE)
    found = check_step(Context(of, Access.of(of)), made, steps()["create-project"])
    assert value(found.goes) is goes
    assert [it.kind for it in found.obstacles] == ([] if goes else ["name"])


def test_a_contributor_of_a_project_without_appliances_may_register() -> None:
    assert value(checked(world(), "register").goes) is True


def test_each_kind_asks_for_its_own_actions() -> None:
    sites = role(
        HYPERV_ROLE, "Hyper-V only", ["Microsoft.Migrate/*", "Microsoft.KeyVault/*", "Microsoft.OffAzure/HyperVSites/*"]
    )
    sites["properties"]["permissions"][0]["actions"] += ["Microsoft.OffAzure/MasterSites/*", "*/register/action"]
    of = inventory(project(), sites, assignment(S, role_guid=HYPERV_ROLE), graph=PEOPLE)
    found = {kind: value(checked(of, "register", kind=kind).goes) for kind in (None, *ApplianceKind)}
    assert found == {None: True, ApplianceKind.HYPERV: True, ApplianceKind.VMWARE: False, ApplianceKind.PHYSICAL: False}


@pytest.mark.parametrize("step", ["generate-key", "register", "start-discovery", "replicate"])
def test_a_project_that_is_not_there_keeps_later_steps_from_going_unless_it_is_made_first(step: str) -> None:
    of = inventory(assignment(S, role_guid="8e3af657-a8ff-443c-a75c-2fe8c4bcb635"), graph=PEOPLE)
    target = ArmId.parse(RG)
    assert value(checked(of, step, target=target, new=False).goes) is False
    assert value(checked(of, step, target=target, new=True).goes) is True
    assert value(checked(of, step, steps=("create-project", step), target=target, new=True).goes) is True


def test_a_project_that_is_there_and_ready_need_not_be_created() -> None:
    of = inventory(project(), graph=PEOPLE)
    assert (checked(of, "create-project").is_done, missing_of(checked(of, "create-project"))) == (True, ())
    failed = inventory(project(state="Failed"), graph=PEOPLE)
    assert (checked(failed, "create-project").is_done, value(checked(failed, "create-project").goes)) == (False, False)


@pytest.mark.parametrize(
    ("scope", "level", "goes"),
    [(S, "ReadOnly", False), (RG, "ReadOnly", False), (PROJECT, "ReadOnly", False), (RG, "CanNotDelete", True)],
)
def test_a_lock_blocks_what_it_refuses_at_its_scope_and_below(scope: str, level: str, goes: bool) -> None:
    check = checked(world(lock(scope, level)), "register")
    assert value(check.goes) is goes
    assert {it.effect for it in check.obstacles} == (set() if goes else {ObstacleEffect.BLOCKS})


@pytest.mark.parametrize(
    ("scope", "goes"),
    [
        (ASSESSMENT, {"generate-key": False, "register": True}),
        (f"{PROJECT}/solutions/Servers-Discovery-ServerDiscovery", {"generate-key": False, "register": False}),
        (f"{PROJECT}/solutions/Servers-Migration-ServerMigration", {"generate-key": True, "register": True}),
    ],
)
def test_a_lock_on_a_resource_that_a_step_writes_blocks_it(scope: str, goes: dict[str, bool]) -> None:
    solutions = [
        {
            "id": f"{PROJECT}/solutions/{name}",
            "type": "Microsoft.Migrate/migrateProjects/solutions",
            "name": name,
            "properties": {"tool": "ServerDiscovery"},
        }
        for name in ("Servers-Discovery-ServerDiscovery", "Servers-Migration-ServerMigration")
    ]
    of = world(assessment(workspace_id=None), *solutions, lock(scope, "ReadOnly"))
    assert {step: value(checked(of, step).goes) for step in goes} == goes


def test_locks_that_were_not_read_keep_the_step_unknown() -> None:
    refused = Gap("Microsoft.Authorization/locks", S, 403, "AuthorizationFailed", "refused")
    assert value(checked(world(gaps=[refused]), "register").goes) is None


@pytest.mark.parametrize(
    ("fields", "signs_in"),
    [
        ({}, True),
        ({"accountEnabled": False}, False),
        ({"userType": "Guest", "externalUserState": "PendingAcceptance"}, False),
        ({"accountEnabled": None}, None),
    ],
)
def test_an_account_that_gets_no_token_can_do_nothing(fields: Body, signs_in: bool | None) -> None:
    other = {**OTHER, **fields}
    of = inventory(project(), assignment(S, OTHER["id"]), graph=[other, tenant_policy()])
    check = checked(of, "generate-key", account=OTHER["id"])
    assert value(check.parts[Part.ACCOUNT]) is signs_in
    assert value(check.goes) is signs_in


def test_nothing_is_said_of_an_account_the_directory_does_not_hold() -> None:
    check = checked(inventory(project(), graph=PEOPLE), "register", account=OTHER["id"])
    assert (value(check.goes), missing_of(check), check.obstacles) == (None, (), ())


@pytest.mark.parametrize(("mode", "goes"), [(None, False), (Mode.USER, False), (Mode.APP, None), (Mode.ARC, None)])
def test_only_a_user_who_signs_in_has_to_create_an_application(mode: Mode | None, goes: bool | None) -> None:
    of = world(graph=[user(), tenant_policy(may_create=False)])
    check = checked(of, "register", mode=mode)
    assert value(check.goes) is goes
    assert check.errors == (("60025",) if goes is False else ())


def test_two_accounts_share_no_application_that_does_not_exist_yet() -> None:
    of = inventory(project(), assignment(S, OTHER["id"]), graph=[*PEOPLE, OTHER])
    plan = {"account": USER, "discovery_account": OTHER["id"]}
    assert checked(of, "start-discovery", **plan).errors == ("60025",)
    assert value(checked(of, "start-discovery", account=OTHER["id"]).goes) is True


def test_a_policy_is_offered_with_what_the_account_has_there_already() -> None:
    own = {**policy(), "permissions": {"secrets": ["Get", "Purge"], "keys": [], "certificates": ["all"]}}
    of = world(site(), vault(accessPolicies=[own]))
    [offer] = policy_offers(Context(of, Access.of(of)), USER, wanted_of(checked(of, "register")))
    assert offer.vault == VAULT
    assert offer.permissions == {"secrets": ("all",), "keys": ("all",)}


@pytest.mark.parametrize("category", ["keys", "secrets", "certificates"])
def test_a_policy_without_a_permission_that_is_only_documented_keeps_registering_unknown(category: str) -> None:
    names = sorted(every_permission(category) - {"purge"})
    own = {**policy(), "permissions": {**policy()["permissions"], category: names}}
    check = checked(world(site(), vault(accessPolicies=[own])), "register")
    assert value(check.goes) is None
    assert [it.kind for it in check.obstacles if it.effect is ObstacleEffect.MAY_BLOCK] == ["permissions"]
    assert f"{category}/purge/action" in check.obstacles[0].text
    assert missing_of(check) == ()
    [offer] = policy_offers(
        Context(of := world(site(), vault(accessPolicies=[own])), Access.of(of)), USER, wanted_of(check)
    )
    assert offer.permissions == {category: ("all",)}


BEFORE_ROTATION = {
    "keys": ["Get", "List", "Update", "Create", "Delete"],
    "secrets": ["Get", "List", "Set", "Delete"],
    "certificates": ["Get", "List"],
}


def test_a_policy_with_what_microsofts_script_gives_keeps_registering_unknown() -> None:
    own = {**policy(), "permissions": BEFORE_ROTATION}
    assert value(checked(world(site(), vault(accessPolicies=[own])), "register").goes) is None


@pytest.mark.parametrize(
    ("category", "name"),
    [("secrets", "Set"), ("secrets", "Delete"), ("keys", "Create"), ("keys", "Update"), ("keys", "Delete")],
)
def test_a_policy_without_a_permission_that_is_needed_keeps_the_account_from_registering(
    category: str, name: str
) -> None:
    names = [one for one in BEFORE_ROTATION[category] if one != name]
    own = {**policy(), "permissions": {**BEFORE_ROTATION, category: names}}
    check = checked(world(site(), vault(accessPolicies=[own])), "register")
    assert value(check.goes) is False
    assert check.errors == ("60030", "60031")


def test_a_policy_of_all_is_what_the_documentation_asks_for() -> None:
    own = {**policy(), "permissions": {key: ["all"] for key in ("keys", "secrets", "certificates")}}
    check = checked(world(site(), vault(accessPolicies=[own])), "register")
    assert value(check.parts[Part.VAULT]) is True
    assert check.obstacles == ()


def test_a_role_is_offered_where_it_is_missing_and_no_higher() -> None:
    of = inventory(project(), site(), vault(enableRbacAuthorization=True), graph=PEOPLE)
    offers = RoleOffers(Context(of, Access.of(of))).of(
        missing_of(checked(of, "register")), ArmId.parse(PROJECT), steps()["register"]
    )
    assert {(offer.role, offer.scope) for offer in offers} == {
        ("Azure Migrate Decide and Plan Expert", RG),
        ("Key Vault Administrator", VAULT),
    }
    assert CONTRIBUTOR not in {offer.guid for offer in offers}


@pytest.mark.parametrize(
    ("deleted", "gaps", "goes"),
    [
        ([], [], True),
        ([application()], [], True),
        ([], [Gap("graph/applications", APP_ID, 403, "Authorization_RequestDenied", "refused")], None),
        ([], [Gap("graph/servicePrincipals", APP_ID, 403, "Authorization_RequestDenied", "refused")], None),
        ([], [Gap("graph/deletedApplications", "/", 403, "Authorization_RequestDenied", "refused")], None),
    ],
)
def test_an_application_that_is_gone_is_made_anew_by_registering(
    deleted: list[Body], gaps: list[Gap], goes: bool | None
) -> None:
    of = world(site(), vault(accessPolicies=[policy()]), deleted_graph=deleted, gaps=gaps)
    assert value(checked(of, "register").goes) is goes


def test_the_application_that_registering_makes_anew_belongs_to_the_account_that_registers() -> None:
    of = world(site(), vault(accessPolicies=[policy()]), graph=[user(), OTHER, tenant_policy()])
    check = checked(of, "start-discovery", discovery_account=OTHER["id"])
    assert value(check.parts[Part.ENTRA]) is False


def test_an_application_of_another_tenant_is_not_gone() -> None:
    of = world(site(identity(tenantId="f0000000-0000-4000-8000-000000000000")), vault(accessPolicies=[policy()]))
    assert value(checked(of, "register").goes) is None
