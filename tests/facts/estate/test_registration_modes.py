import pytest

from auditor.facts.estate.registration_modes import Mode
from auditor.facts.fact import Known, Unknown
from auditor.inventory.reads import Gap
from tests.facts.small import (
    APP_ID,
    Body,
    application,
    context,
    gap,
    identity,
    inventory,
    project,
    service_principal,
    site,
)

MACHINE = "/subscriptions/x/resourceGroups/rg/providers/Microsoft.HybridCompute/machines/m"


@pytest.mark.parametrize(
    ("who", "graph", "mode"),
    [
        ({"tenantId": "t", "objectId": "o", "machineResourceId": MACHINE}, [], Mode.ARC),
        (identity(audience="https://t/appliance014f2aAGENTAUTHAADAPP"), [], Mode.USER),
        (identity(), [application()], Mode.USER),
        (identity(), [application("Contoso appliance")], Mode.APP),
        (identity(), [service_principal("ManagedIdentity", "machine01")], Mode.ARC),
        (identity(), [service_principal("Application", "Made elsewhere")], Mode.APP),
    ],
)
def test_the_mode_is_told_by_the_site_or_by_the_name_of_the_application(
    who: Body, graph: list[Body], mode: Mode
) -> None:
    world = context(inventory(project(), site(who), graph=graph))
    (appliance,) = world.estate.appliances
    fact = world.directory.mode_of(appliance)
    assert isinstance(fact, Known)
    assert fact.value is mode
    assert fact.because


def test_a_deleted_application_still_tells_its_name() -> None:
    world = context(inventory(project(), site(), deleted_graph=[application()]))
    fact = world.directory.mode_of(world.estate.appliances[0])
    assert isinstance(fact, Known)
    assert fact.value is Mode.USER


@pytest.mark.parametrize(
    ("graph", "gaps", "code"),
    [
        ([], [], "Undecidable"),
        ([], [gap("graph/applications", APP_ID)], "AuthorizationFailed"),
        ([service_principal("Application")], [gap("graph/applications", APP_ID)], "AuthorizationFailed"),
        ([], [gap("graph/servicePrincipals", APP_ID)], "AuthorizationFailed"),
        ([application("")], [], "NotInBody"),
    ],
)
def test_what_cannot_be_decided_stays_unknown(graph: list[Body], gaps: list[Gap], code: str) -> None:
    world = context(inventory(project(), site(), graph=graph, gaps=gaps))
    fact = world.directory.mode_of(world.estate.appliances[0])
    assert isinstance(fact, Unknown)
    assert {one.code for one in fact.why} == {code}
