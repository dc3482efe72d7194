"""Resources of which there can be very many, and what is made on them, are found by their ids."""

from datetime import UTC, datetime

import pytest

from auditor.inventory.inventory import Inventory
from auditor.inventory.snapshot.records import Header, arm_record
from auditor.inventory.snapshot.snapshot import Snapshot

HEADER = Header(tenant_id="t", collected_at=datetime(2026, 11, 23, 10, tzinfo=UTC))
MACHINE = "/subscriptions/s/resourceGroups/g/providers/Microsoft.OffAzure/VMwareSites/v/machines/m"
KINDS = [
    "Microsoft.Authorization/locks",
    "Microsoft.Authorization/policyAssignments",
    "Microsoft.Authorization/roleEligibilityScheduleInstances",
    "Microsoft.Authorization/roleAssignments",
    "Microsoft.Insights/diagnosticSettings",
]


@pytest.mark.parametrize("end", ["", "/"])
@pytest.mark.parametrize("identity", [MACHINE, *(f"{MACHINE}/providers/{kind}/x" for kind in KINDS)])
def test_what_is_made_on_a_machine_is_found(identity: str, end: str) -> None:
    body = {"id": f"{identity}{end}", "properties": {}}
    held = Inventory.of(Snapshot.of(HEADER, arm=[arm_record(body)]))
    assert held.body(identity) == body
    assert held.body(f"{identity.upper()}/") == body
    assert held.body(f"{identity}y") is None


def test_ids_that_look_like_secrets_stay_two_resources() -> None:
    bodies = [{"id": f"{MACHINE}{name};password=abcdefgh;", "properties": {}} for name in "ba"]
    held = Snapshot.of(HEADER, arm=map(arm_record, bodies))
    assert [one.id for one in held.arm] == [body["id"] for body in reversed(bodies)]


def test_a_deleted_role_assignment_grants_nothing() -> None:
    body = {"id": f"/subscriptions/s/providers/{KINDS[3]}/x", "properties": {"principalId": "p"}}
    held = Inventory.of(Snapshot.of(HEADER, arm=[arm_record(body, deleted=True)]))
    assert not list(held.assignments)
