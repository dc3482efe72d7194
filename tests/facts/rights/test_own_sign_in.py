"""Whether Conditional Access lets the own applications of registered appliances sign in."""

from pathlib import Path
from typing import Any

import pytest

from auditor.access.access import Access
from auditor.facts.estate.environment import Context
from auditor.facts.fact import Fact, Known
from auditor.facts.rights.own_sign_in import has_own_principal, own_sign_in
from auditor.inventory.inventory import Inventory
from auditor.inventory.snapshot.files import load
from tests.cases.fabrikam import APPLIANCE_PRINCIPAL, Body, Environment, fabrikam

EVERY, OTHER = "ServicePrincipalsInMyTenant", "5bfa0099-6c2e-4f18-9d47-fab0b1c00099"
POLICY = "cad00010-3e6f-4b21-9c57-fab0b1c00010"


def workloads(*included: str, without: tuple[str, ...] = (), state: str = "enabled", **conditions: Any) -> Environment:
    clients = {"includeServicePrincipals": list(included), "excludeServicePrincipals": list(without)}
    changed = fabrikam()
    changed.document["graph"].append(
        {
            "@odata.type": "#microsoft.graph.conditionalAccessPolicy",
            "id": POLICY,
            "displayName": "Block workloads",
            "state": state,
            "conditions": {
                "users": {"includeUsers": ["None"]},
                "applications": {"includeApplications": ["All"]},
                "clientApplications": clients,
                **conditions,
            },
            "grantControls": {"operator": "OR", "builtInControls": ["block"]},
        }
    )
    return changed


def identity(environment: Environment) -> Body:
    """Return the identity of `fabvc01`, as its site describes it."""
    found: list[Body] = [
        one["properties"]["servicePrincipalIdentityDetails"]
        for one in environment.document["arm"]
        if one.get("properties", {}).get("applianceName") == "fabvc01"
    ]
    return found[0]


def judged(environment: Environment, folder: Path) -> tuple[Fact[bool], Fact[bool], str]:
    """Return of `fabvc01` whether it has a service principal, and whether that is admitted, with the refusal."""
    inventory = Inventory.of(load(environment.save(folder, "own-sign-in")))
    context = Context(inventory, Access.of(inventory))
    [appliance] = [one for one in context.estate.appliances if one.name == "fabvc01"]
    return has_own_principal(context, appliance), *own_sign_in(context, appliance)


def value(fact: Fact[bool]) -> bool | None:
    return fact.value if isinstance(fact, Known) else None


SOMEWHERE = {"includeLocations": ["All"], "excludeLocations": ["AllTrusted"]}


@pytest.mark.parametrize(
    ("environment", "admitted"),
    [
        (fabrikam(), True),
        (workloads(EVERY), False),
        (workloads(APPLIANCE_PRINCIPAL), False),
        (workloads(OTHER), True),
        (workloads(EVERY, without=(APPLIANCE_PRINCIPAL,)), True),
        (workloads(EVERY, state="enabledForReportingButNotEnforced"), True),
        (workloads(EVERY, state="disabled"), True),
        (workloads(EVERY, locations=SOMEWHERE), None),
        (workloads("SomeNewWord"), None),
    ],
)
def test_a_policy_for_workload_identities_decides(
    environment: Environment, admitted: bool | None, tmp_path: Path
) -> None:
    has, allowed, refusal = judged(environment, tmp_path)
    assert value(has) is True
    assert value(allowed) is admitted
    assert ("Block workloads" in refusal) is (admitted is False)
    because = {one.id for one in allowed.because} if isinstance(allowed, Known) else set()
    assert (POLICY in because) is (admitted is False)


def test_an_application_for_several_tenants_is_out_of_its_reach(tmp_path: Path) -> None:
    changed = workloads(EVERY)
    changed.graph(APPLIANCE_PRINCIPAL)["signInAudience"] = "AzureADMultipleOrgs"
    assert value(judged(changed, tmp_path)[1]) is True


def test_the_identity_of_an_arc_machine_has_no_application_to_refuse(tmp_path: Path) -> None:
    changed = workloads(EVERY)
    identity(changed)["machineResourceId"] = "/subscriptions/1/resourceGroups/g/providers/a/machines/m"
    has, allowed, refusal = judged(changed, tmp_path)
    assert (value(has), value(allowed), refusal) == (False, None, "")


def test_what_another_tenant_refuses_is_not_known(tmp_path: Path) -> None:
    changed = workloads(EVERY)
    identity(changed)["tenantId"] = OTHER
    has, allowed, refusal = judged(changed, tmp_path)
    assert (value(has), value(allowed), refusal) == (True, None, "")


def test_an_application_without_a_service_principal_is_not_asked_about(tmp_path: Path) -> None:
    changed = workloads(EVERY)
    changed.document["graph"] = [one for one in changed.document["graph"] if one["id"] != APPLIANCE_PRINCIPAL]
    changed.document["links"] = [
        one for one in changed.document["links"] if APPLIANCE_PRINCIPAL not in {one["from"], one["to"]}
    ]
    has, allowed, _ = judged(changed, tmp_path)
    assert (value(has), value(allowed)) == (False, None)
