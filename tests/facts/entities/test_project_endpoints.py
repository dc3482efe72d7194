"""The private endpoints of a project: which do not work, whatever they lead to, and what is left open."""

from pathlib import Path

import pytest

from auditor.access.access import Access
from auditor.facts.entities.project_endpoints import endpoint_faults
from auditor.facts.estate.environment import Context
from auditor.facts.fact import Known, Unknown
from auditor.inventory.arm_id import ArmId
from auditor.inventory.inventory import Inventory
from auditor.inventory.snapshot.files import load
from tests.cases.fabrikam import GROUP, PROJECT, SUBSCRIPTION, VAULT, Environment, fabrikam, resource

ENDPOINT = f"{GROUP}/providers/Microsoft.Network/privateEndpoints/pe"


def with_endpoint(target: str, status: str | None = "Approved", made: str = "Succeeded") -> Environment:
    state = {} if status is None else {"privateLinkServiceConnectionState": {"status": status}}
    link = {"name": "pe", "properties": {"privateLinkServiceId": target, **state}}
    changed = fabrikam()
    changed.add(
        resource(
            ENDPOINT,
            "Microsoft.Network/privateEndpoints",
            {"provisioningState": made, "privateLinkServiceConnections": [link]},
        )
    )
    return changed


def context_of(environment: Environment, folder: Path) -> Context:
    inventory = Inventory.of(load(environment.save(folder, "endpoint")))
    return Context(inventory, Access.of(inventory))


@pytest.mark.parametrize(
    ("target", "status", "made", "state"),
    [
        (PROJECT, "Approved", "Succeeded", ""),
        (PROJECT, "approved", "Updating", ""),
        (PROJECT.lower(), "Pending", "Succeeded", "waits for its approval"),
        (VAULT, "Rejected", "Succeeded", "was rejected"),
        (VAULT, "Disconnected", "Succeeded", "leads to something that was deleted"),
        (VAULT, "Approved", "Failed", "was not made: its state is Failed"),
        (VAULT, None, "Failed", "was not made: its state is Failed"),
        (f"{SUBSCRIPTION}/resourceGroups/rg-other/providers/Microsoft.KeyVault/vaults/kv", "Pending", "Succeeded", ""),
        (f"{GROUP}/providers/Microsoft.Sql/servers/sql", "Pending", "Succeeded", ""),
    ],
)
def test_an_endpoint_of_the_project_that_does_not_work_is_a_fault(
    target: str, status: str | None, made: str, state: str, tmp_path: Path
) -> None:
    ids, faults = endpoint_faults(context_of(with_endpoint(target, status, made), tmp_path), ArmId.parse(PROJECT))
    assert [fault.state for fault in faults] == ([state] if state else [])
    assert isinstance(ids, Known)
    assert ids.value == ([ENDPOINT] if state else [])


@pytest.mark.parametrize("status", [None, "", "SomethingNew"])
def test_a_state_that_is_not_known_leaves_it_open(status: str | None, tmp_path: Path) -> None:
    ids, faults = endpoint_faults(context_of(with_endpoint(VAULT, status), tmp_path), ArmId.parse(PROJECT))
    assert isinstance(ids, Unknown)
    assert faults == ()


def test_an_unread_list_leaves_it_open(tmp_path: Path) -> None:
    changed = fabrikam()
    changed.document["gaps"] = [
        {
            "what": "Microsoft.Network/privateEndpoints",
            "scope": SUBSCRIPTION,
            "status": 403,
            "code": "AuthorizationFailed",
            "message": "",
            "needs": "Microsoft.Network/privateEndpoints/read",
        }
    ]
    ids, _ = endpoint_faults(context_of(changed, tmp_path), ArmId.parse(PROJECT))
    assert isinstance(ids, Unknown)


@pytest.mark.parametrize(
    "links",
    [
        [{"name": "pe", "properties": {"privateLinkServiceId": None}}],
        [{"name": "pe", "properties": {}}],
        [{}],
        [],
        None,
        [
            {
                "name": "pe",
                "properties": {
                    "privateLinkServiceId": PROJECT,
                    "privateLinkServiceConnectionState": {"status": "Limbo"},
                },
            }
        ],
    ],
)
def test_an_endpoint_whose_target_or_state_is_not_understood_leaves_open_whether_all_work(
    links: list[dict[str, object]] | None, tmp_path: Path
) -> None:
    changed = fabrikam()
    properties = {"provisioningState": "Succeeded", "privateLinkServiceConnections": links}
    changed.add(resource(ENDPOINT, "Microsoft.Network/privateEndpoints", properties))
    ids, faults = endpoint_faults(context_of(changed, tmp_path), ArmId.parse(PROJECT))
    assert isinstance(ids, Unknown)
    assert faults == ()
