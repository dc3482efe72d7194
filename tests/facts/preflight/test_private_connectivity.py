"""Private connectivity: what it needs of the account, of the network that was chosen, and of the private endpoints."""

import json
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from auditor.access.access import Access
from auditor.facts.entities.private_connectivity import has_private_connectivity, subnet_of
from auditor.facts.estate.environment import Context
from auditor.facts.fact import Fact, Known
from auditor.facts.preflight.check import StepCheck, check_step
from auditor.facts.preflight.missing import missing_of
from auditor.facts.preflight.obstacles import ENDPOINT, ObstacleEffect
from auditor.facts.preflight.plan import RegistrationPlan
from auditor.facts.rights.questions import SUBNET_UNKNOWN
from auditor.facts.rights.steps import Part, steps
from auditor.inventory.arm_id import ArmId
from auditor.inventory.inventory import Inventory
from auditor.inventory.snapshot.files import load
from tests.cases.fabrikam import (
    CONTRIBUTOR,
    GROUP,
    MOVER,
    OWNER,
    PROJECT,
    SUBSCRIPTION,
    SUBSCRIPTION_ID,
    USER_ACCESS_ADMINISTRATOR,
    Environment,
    fabrikam,
    resource,
)
from tests.cases.situations import private_project_with_failed_endpoint

NETWORK = f"{SUBSCRIPTION}/resourceGroups/rg-fabrikam-net/providers/Microsoft.Network/virtualNetworks/vnet-fabrikam"
SUBNET = f"{NETWORK}/subnets/snet-pe"
ENDPOINTS = f"{GROUP}/providers/Microsoft.Network/privateEndpoints"
SOLUTION = f"{PROJECT}/Solutions/Servers-Discovery-ServerDiscovery"
MIGRATE_OWNER = "fd8ea4d5-6509-4db0-bada-356ab233b4fa"
JOINS, LINKS = (f"Microsoft.Network/virtualNetworks/{part}join/action" for part in ("subnets/", ""))
READS = "Microsoft.Network/virtualNetworks/subnets/read"
ASSIGNS = "Microsoft.Authorization/roleAssignments/write"
ZONES = "Microsoft.Network/privateDnsZones/write"
Change = Callable[[Environment], object]


def context_of(environment: Environment) -> Context:
    with TemporaryDirectory() as folder:
        inventory = Inventory.of(load(environment.save(Path(folder), "private")))
    return Context(inventory, Access.of(inventory))


def checked(environment: Environment, step: str, **plan: Any) -> StepCheck:
    """Check a step for the mover, on whom the environments differ."""
    usual = {"project": ArmId.parse(PROJECT), "account": MOVER, "discovery_account": MOVER, "new": False}
    asked: dict[str, Any] = {**usual, **plan}
    made = RegistrationPlan(**asked, steps=(step,))
    return check_step(context_of(environment), made, steps()[step])


def value(fact: Fact[bool]) -> bool | None:
    return fact.value if isinstance(fact, Known) else None


def lacking(check: StepCheck) -> set[tuple[str, str]]:
    return {(one.actions[0], one.scope) for one in missing_of(check)}


def private(*roles: tuple[str, str]) -> Environment:
    """A project of private connectivity, and the mover with these roles at these scopes."""
    changed = private_project_with_failed_endpoint()
    if roles:
        changed.add_mover()
    for number, (role, scope) in enumerate(roles):
        changed.assign(700 + number, role, MOVER, scope)
    return changed


def details(environment: Environment, **values: object) -> Environment:
    """Have a solution of the project say where the private endpoints are."""
    held = environment.arm(SOLUTION)["properties"]["details"]["extendedDetails"]
    held["privateEndpointDetails"] = json.dumps(values)
    return environment


def without_endpoints(environment: Environment) -> Environment:
    for name in ("fabrikamexit52c8kvpe", "fabrikamexit52c8pe", "fabrikamexit1880011rsvpe"):
        environment.remove(f"{ENDPOINTS}/{name}")
    return environment


def unread(environment: Environment, what: str, scope: str = SUBSCRIPTION) -> Environment:
    gap = {"what": what, "scope": scope, "status": 403, "code": "AuthorizationFailed", "message": "", "needs": ""}
    environment.document.setdefault("gaps", []).append(gap)
    return environment


@pytest.mark.parametrize(
    ("roles", "lacks"),
    [
        ([(OWNER, SUBSCRIPTION)], set()),
        ([(CONTRIBUTOR, SUBSCRIPTION), (USER_ACCESS_ADMINISTRATOR, SUBSCRIPTION)], set()),
        ([(CONTRIBUTOR, SUBSCRIPTION)], {(ASSIGNS, GROUP)}),
        ([(OWNER, GROUP)], {(READS, SUBNET), (JOINS, SUBNET), (LINKS, NETWORK)}),
        ([(OWNER, GROUP), (CONTRIBUTOR, SUBNET)], {(LINKS, NETWORK)}),
        ([(OWNER, GROUP), (CONTRIBUTOR, NETWORK)], set()),
    ],
)
def test_generating_a_key_asks_for_the_network_and_for_giving_roles(
    roles: list[tuple[str, str]], lacks: set[tuple[str, str]]
) -> None:
    check = checked(private(*roles), "generate-key")
    assert {(action, scope) for action, scope in lacking(check) if not action.endswith("register/action")} == lacks
    assert value(check.parts[Part.RIGHTS]) is (not lacks)


def test_a_condition_on_the_roles_to_give_is_left_open() -> None:
    """Which roles generating a key gives is not documented, and this role may give four of them only."""
    assert value(checked(private((MIGRATE_OWNER, SUBSCRIPTION)), "generate-key").parts[Part.RIGHTS]) is None


def test_a_public_project_needs_none_of_it() -> None:
    changed = fabrikam()
    changed.add_mover()
    changed.assign(700, CONTRIBUTOR, MOVER, SUBSCRIPTION)
    check = checked(changed, "generate-key")
    assert not [right for right in check.asked if "Microsoft.Network/" in right.label]
    assert value(check.parts[Part.RIGHTS]) is True


@pytest.mark.parametrize(
    ("change", "has", "subnet"),
    [
        (Environment.add_mover, True, SUBNET),
        (
            lambda it: details(without_endpoints(it), subnetId=f"{NETWORK}/subnets/other"),
            True,
            f"{NETWORK}/subnets/other",
        ),
        (without_endpoints, True, None),
        (lambda it: unread(it, "Microsoft.Migrate/migrateProjects/solutions", PROJECT), True, None),
    ],
)
def test_the_subnet_is_the_one_that_the_project_names(change: Change, has: bool, subnet: str | None) -> None:
    changed = private()
    change(changed)
    context = context_of(changed)
    assert value(has_private_connectivity(context, ArmId.parse(PROJECT))) is has
    found = subnet_of(context, ArmId.parse(PROJECT))
    assert (None if found is None else str(found)) == subnet


@pytest.mark.parametrize("what", ["Microsoft.Network/privateEndpoints", "Microsoft.Migrate/migrateProjects/solutions"])
@pytest.mark.parametrize(("role", "rights"), [(OWNER, True), (CONTRIBUTOR, None)])
def test_a_connectivity_that_was_not_read_leaves_open_only_what_it_would_need(
    what: str, role: str, rights: bool | None
) -> None:
    changed = unread(fabrikam(), what, PROJECT if what.endswith("solutions") else SUBSCRIPTION)
    changed.add_mover()
    changed.assign(700, role, MOVER, SUBSCRIPTION)
    check = checked(changed, "generate-key", subnet=None)
    found = value(check.parts[Part.RIGHTS])
    assert found is (None if rights is None or found is None else rights)
    assert lacking(check) == set()


@pytest.mark.parametrize(
    ("role", "scope", "expected"),
    [
        (CONTRIBUTOR, f"{SUBSCRIPTION}/resourceGroups/rg-fabrikam-net", None),
        (CONTRIBUTOR, GROUP, None),
        (MIGRATE_OWNER, GROUP, None),
        ("acdd72a7-3385-48ef-bd42-f606fba81ae7", SUBSCRIPTION, False),
    ],
)
def test_a_subnet_that_is_not_known_is_decided_only_where_no_scope_grants_it(
    role: str, scope: str, expected: bool | None
) -> None:
    changed = without_endpoints(private((role, scope)))
    [joins] = [right for right in checked(changed, "generate-key").asked if right.label == JOINS]
    assert value(joins.granted) is expected
    assert expected is False or SUBNET_UNKNOWN in {gap.code for gap in joins.granted.gaps}


def test_no_dns_zones_take_no_rights_on_them() -> None:
    changed = details(private((OWNER, GROUP), (CONTRIBUTOR, SUBNET)), subnetId=SUBNET, skipPrivateDnsZoneCreation=True)
    check = checked(changed, "generate-key")
    assert value(check.parts[Part.RIGHTS]) is True
    assert not {ZONES, LINKS} & {right.label for right in check.asked}


def test_a_new_project_is_private_where_its_subnet_is_named() -> None:
    changed = private((CONTRIBUTOR, GROUP))
    new = ArmId.parse(f"{GROUP}/providers/Microsoft.Migrate/migrateProjects/fabrikam-new")
    public = checked(changed, "create-project", project=new, new=True)
    named = checked(changed, "create-project", project=new, new=True, subnet=ArmId.parse(SUBNET))
    assert (value(public.goes), value(named.goes)) == (True, False)
    assert lacking(named) == {(READS, SUBNET), (JOINS, SUBNET), (LINKS, NETWORK)}


def test_a_subnet_of_a_subscription_that_was_not_read_leaves_it_open() -> None:
    changed = private((OWNER, SUBSCRIPTION))
    foreign = ArmId.parse(SUBNET.replace(SUBSCRIPTION_ID, "5fab0002-91e4-4a7c-b035-fab0b1c00009"))
    assert value(checked(changed, "generate-key", subnet=foreign).parts[Part.RIGHTS]) is None


RECOVERY = "fabrikamexit1880011rsvpe"


def endpoint(environment: Environment, name: str, *, status: str = "Approved", made: str = "Succeeded") -> None:
    held = environment.arm(f"{ENDPOINTS}/{name}")["properties"]
    held["provisioningState"] = made
    state = held["privateLinkServiceConnections"][0]["properties"]["privateLinkServiceConnectionState"]
    state["status"] = status


AT_THE_APPLIANCE = ("register", "start-discovery", "replicate")
BLOCKS, MAY_BLOCK = ObstacleEffect.BLOCKS, ObstacleEffect.MAY_BLOCK


@pytest.mark.parametrize(
    ("name", "states", "effects"),
    [
        (RECOVERY, {}, {}),
        (RECOVERY, {"made": "Failed"}, {"replicate": MAY_BLOCK}),
        (RECOVERY, {"status": "Pending"}, {"replicate": MAY_BLOCK}),
        ("fabrikamexit52c8pe", {"status": "Rejected"}, dict.fromkeys(AT_THE_APPLIANCE, BLOCKS)),
        ("fabrikamexit52c8kvpe", {"made": "Failed"}, dict.fromkeys(AT_THE_APPLIANCE, BLOCKS)),
    ],
)
def test_an_endpoint_that_does_not_work_keeps_the_steps_from_going_that_use_it(
    name: str, states: dict[str, str], effects: dict[str, ObstacleEffect]
) -> None:
    changed = private((OWNER, SUBSCRIPTION))
    endpoint(changed, RECOVERY)
    endpoint(changed, name, **states)
    for step in steps():
        check = checked(changed, step, target=ArmId.parse(GROUP))
        found = {it.effect for it in check.obstacles if it.kind == ENDPOINT}
        assert found == ({effects[step]} if step in effects else set())
        expected = {BLOCKS: False, MAY_BLOCK: None}[effects[step]] if step in effects else True
        assert value(check.parts[Part.ENDPOINTS]) is expected
        assert step not in effects or value(check.goes) is not True


def test_a_second_way_leaves_open_whether_a_broken_endpoint_matters() -> None:
    changed = private((OWNER, SUBSCRIPTION))
    endpoint(changed, RECOVERY)
    endpoint(changed, "fabrikamexit52c8pe", made="Failed")
    changed.arm(PROJECT)["properties"]["publicNetworkAccess"] = "Enabled"
    assert value(checked(changed, "register").parts[Part.ENDPOINTS]) is None
    changed.arm(PROJECT)["properties"]["publicNetworkAccess"] = "Disabled"
    state = {"privateLinkServiceId": PROJECT, "privateLinkServiceConnectionState": {"status": "Approved"}}
    link = {"name": "pe", "properties": state}
    body = {"provisioningState": "Succeeded", "privateLinkServiceConnections": [link]}
    changed.add(resource(f"{ENDPOINTS}/second", "Microsoft.Network/privateEndpoints", body))
    assert value(checked(changed, "register").parts[Part.ENDPOINTS]) is None


def test_endpoints_that_were_not_read_leave_open_what_uses_them() -> None:
    changed = fabrikam()
    changed.add_mover()
    changed.assign(700, OWNER, MOVER, SUBSCRIPTION)
    assert value(checked(changed, "register").parts[Part.ENDPOINTS]) is True
    unread(changed, "Microsoft.Network/privateEndpoints")
    assert value(checked(changed, "register").parts[Part.ENDPOINTS]) is None
    assert value(checked(changed, "create-project").goes) is True
