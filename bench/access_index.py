"""Benchmark of the access engine with a million role assignments: time and memory of the index, time per question.

Run as `python -m bench.access_index [assignments]`. The environment is synthetic: 4 000 assignments per subscription
(Azure's limit), a tenth of them at resource groups, 500 custom roles, 50 000 principals, some of them in three groups.
"""

import resource
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

from auditor.access.access import Access
from auditor.access.verdicts import Plane
from auditor.inventory.arm_id import ArmId
from auditor.inventory.inventory import Inventory
from auditor.inventory.snapshot.records import ArmRecord, Header, Link, arm_record
from auditor.inventory.snapshot.snapshot import Snapshot

PER_SUBSCRIPTION = 4000
ROLES = 500
PRINCIPALS = 50_000
TYPE = "Microsoft.Authorization/roleAssignments"
TENANT = str(UUID(int=1))


def main() -> None:
    """Run the benchmark and print the results."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    snapshot = _snapshot(count)
    start = time.perf_counter()
    inventory = Inventory.of(snapshot)
    decoded, before = time.perf_counter(), _peak()
    access = Access.of(inventory)
    indexed = time.perf_counter()
    print(f"{count:,} role assignments, {len(snapshot.links):,} memberships, {ROLES} custom roles")
    print(f"inventory  {decoded - start:6.2f} s   peak {before:,.0f} MB")
    print(f"index      {indexed - decoded:6.2f} s   peak {_peak():,.0f} MB")
    scopes = [
        ArmId.parse(f"{_subscription(number)}/resourceGroups/rg-7") for number in range(count // PER_SUBSCRIPTION)
    ]
    for label, ask in (("can, no notes", access.decide), ("can", access.can)):
        for turn in ("first", "again"):
            began = time.perf_counter()
            asked = 2000
            for number in range(asked):
                scope = scopes[number % len(scopes)]
                ask(_principal(number), "Microsoft.Migrate/migrateProjects/write", scope, Plane.CONTROL)
            print(f"{label:13s} {turn:5s} {(time.perf_counter() - began) / asked * 1e6:9.1f} µs a question")
    began = time.perf_counter()
    holders = access.who_can("Microsoft.Migrate/migrateProjects/write", scopes[0]).holders
    print(f"who can (first)     {time.perf_counter() - began:6.2f} s, {len(holders)} holders")
    began = time.perf_counter()
    holders = access.who_can("Microsoft.Migrate/migrateProjects/write", scopes[-1]).holders
    print(f"who can (again)     {time.perf_counter() - began:6.2f} s, {len(holders)} holders   peak {_peak():,.0f} MB")


def _snapshot(count: int) -> Snapshot:
    header = Header(tenant_id=TENANT, collected_at=datetime(2026, 11, 23, tzinfo=UTC))
    roles = (arm_record(_role(number)) for number in range(ROLES))
    links = tuple(
        Link("transitiveMemberOf", _principal(number), _principal(PRINCIPALS - 1 - (number * step) % 500))
        for number in range(PRINCIPALS // 10)
        for step in (1, 7, 31)
    )
    return Snapshot(header, (*_assignments(count), *roles), links=links, reads=None)


def _assignments(count: int) -> Iterator[ArmRecord]:
    for number in range(count):
        scope = _subscription(number // PER_SUBSCRIPTION)
        if number % 10 == 0:
            scope += f"/resourceGroups/rg-{number % 100}"
        name = UUID(int=(2 << 100) + number)
        identity = f"{scope}/providers/{TYPE}/{name}"
        role = f"/providers/Microsoft.Authorization/roleDefinitions/{_role_id(number % ROLES)}"
        principal = _principal(number * 7919 % PRINCIPALS)
        body = (
            f'{{"id":"{identity}","name":"{name}","properties":{{"principalId":"{principal}","principalType":"User",'
            f'"roleDefinitionId":"{role}","scope":"{scope}"}},"type":"{TYPE}"}}'
        )
        yield ArmRecord(identity, TYPE, body.encode())


def _role(number: int) -> dict[str, object]:
    permission = {
        "actions": ["*/read", f"Microsoft.Provider{number}/*", *(["Microsoft.Migrate/*"] if number % 25 == 0 else [])],
        "notActions": [f"Microsoft.Provider{number}/things/delete"],
    }
    return {
        "id": f"/providers/Microsoft.Authorization/roleDefinitions/{_role_id(number)}",
        "type": "Microsoft.Authorization/roleDefinitions",
        "properties": {"roleName": f"role {number}", "type": "CustomRole", "permissions": [permission]},
    }


def _role_id(number: int) -> UUID:
    return UUID(int=(3 << 100) + number)


def _principal(number: int) -> str:
    return str(UUID(int=(4 << 100) + number))


def _subscription(number: int) -> str:
    return f"/subscriptions/{UUID(int=(5 << 100) + number)}"


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
