"""The providers that a step needs where it creates its resources, and their states."""

import pytest

from auditor.audit.preflight.fixes import Fixes
from auditor.facts.fact import Known
from auditor.facts.preflight.obstacles import ObstacleEffect
from auditor.facts.preflight.plan import RegistrationPlan
from auditor.facts.rights.providers import provider_registered, unregistered_in
from auditor.facts.rights.steps import Part, steps
from auditor.inventory.arm_id import ArmId
from tests.facts.preflight.test_check import PEOPLE, checked, value
from tests.facts.small import PROJECT, RG, USER, Body, S, assignment, context, inventory, project

ELSEWHERE = "0d1e2c3b-0000-4000-8000-000000000002"
TARGET = f"/subscriptions/{ELSEWHERE}/resourceGroups/rg-target"
OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
SUBNET = f"{RG}/providers/Microsoft.Network/virtualNetworks/hub/subnets/endpoints"


def provider(name: str, state: str, subscription: str = S) -> Body:
    return {"id": f"{subscription}/providers/{name}", "namespace": name, "registrationState": state}


def elsewhere(state: str) -> tuple[Body, ...]:
    other = f"/subscriptions/{ELSEWHERE}"
    return (
        {"id": other, "subscriptionId": ELSEWHERE, "displayName": "Landing", "state": "Enabled"},
        {"id": TARGET, "type": "Microsoft.Resources/resourceGroups", "name": "rg-target"},
        *(provider(name, state, other) for name in ("Microsoft.Compute", "Microsoft.Network")),
        assignment(S, role_guid=OWNER),
        assignment(TARGET, role_guid=OWNER),
        assignment(other, role_guid="acdd72a7-3385-48ef-bd42-f606fba81ae7"),
    )


@pytest.mark.parametrize(("state", "goes"), [("Registered", True), ("NotRegistered", False), ("Registering", None)])
def test_replicating_needs_its_providers_in_the_subscription_of_the_target(state: str, goes: bool | None) -> None:
    of = inventory(project(), *elsewhere(state), graph=PEOPLE, subscriptions=(S.rpartition("/")[2], ELSEWHERE))
    check = checked(of, "replicate", target=ArmId.parse(TARGET), account=USER)
    assert value(check.parts[Part.PROVIDERS]) is goes
    assert value(check.goes) is goes


@pytest.mark.parametrize(("subnet", "goes"), [(None, True), (ArmId.parse(SUBNET), False)])
def test_only_private_connectivity_needs_the_provider_of_networks(subnet: ArmId | None, goes: bool) -> None:
    of = inventory(assignment(RG, role_guid=OWNER), provider("Microsoft.Network", "NotRegistered"), graph=PEOPLE)
    check = checked(of, "create-project", subnet=subnet, new=True)
    assert value(check.goes) is goes


@pytest.mark.parametrize(
    ("state", "may_register", "effect"),
    [
        ("Registered", False, None),
        ("NotRegistered", False, ObstacleEffect.BLOCKS),
        ("Unregistering", False, ObstacleEffect.BLOCKS),
        ("NotRegistered", True, ObstacleEffect.NOTE),
        ("Registering", False, ObstacleEffect.MAY_BLOCK),
        ("Registering", True, ObstacleEffect.NOTE),
    ],
)
def test_a_registration_under_way_never_refuses_a_step(
    state: str, may_register: bool, effect: ObstacleEffect | None
) -> None:
    given = assignment(S if may_register else RG, role_guid=OWNER)
    of = inventory(project(), given, provider("Microsoft.OffAzure", state), graph=PEOPLE)
    check = checked(of, "register")
    assert [it.effect for it in check.obstacles if it.kind == "provider"] == ([effect] if effect else [])
    goes = {ObstacleEffect.BLOCKS: False, ObstacleEffect.MAY_BLOCK: None}.get(effect or ObstacleEffect.NOTE, True)
    assert value(check.goes) is goes


@pytest.mark.parametrize(("step", "goes"), [("register", False), ("start-discovery", True)])
def test_what_an_earlier_step_had_to_have_registered_is_registered(step: str, goes: bool) -> None:
    given = assignment(RG, role_guid=OWNER)
    of = inventory(project(), given, provider("Microsoft.OffAzure", "NotRegistered"), graph=PEOPLE)
    assert value(checked(of, step).goes) is goes


def test_the_cure_of_a_registration_under_way_is_to_wait() -> None:
    of = inventory(
        project(), assignment(RG, role_guid=OWNER), provider("Microsoft.OffAzure", "Registering"), graph=PEOPLE
    )
    plan = RegistrationPlan(project=ArmId.parse(PROJECT), account=USER, discovery_account=USER)
    fixes = Fixes(context(of), plan).of(checked(of, "register"))
    assert [fix.title for fix in fixes] == ["Wait until the resource provider `Microsoft.OffAzure` is registered"]


@pytest.mark.parametrize(
    ("state", "registered"),
    [("Registered", True), ("unregistered", False), ("Registering", None), ("Pondering", None), (None, None)],
)
def test_only_documented_states_decide(state: str | None, registered: bool | None) -> None:
    of = inventory(provider("Microsoft.OffAzure", state or "") if state else {**provider("Microsoft.OffAzure", "")})
    assert value(provider_registered(of, ArmId.parse(S), "Microsoft.OffAzure")) is registered


@pytest.mark.parametrize("name", sorted({name for step in steps().values() for name in step.providers}))
def test_every_provider_that_a_step_names_is_looked_at(name: str) -> None:
    found = unregistered_in(inventory(provider(name, "NotRegistered")), ArmId.parse(S))
    assert found == Known([name], found.evidence)


def test_a_provider_that_is_being_registered_hides_none_that_is_not() -> None:
    subscription = ArmId.parse(S)
    registering = provider("Microsoft.Storage", "Registering")
    assert not isinstance(unregistered_in(inventory(registering), subscription), Known)
    both = unregistered_in(inventory(registering, provider("Microsoft.Compute", "NotRegistered")), subscription)
    assert both == Known(["Microsoft.Compute"], both.evidence)
