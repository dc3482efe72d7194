"""Benchmark of the access engine with a million role assignments: time and memory of the index, time per question.

Run as `python -m bench.access_index [assignments] [--json]`. The environment is synthetic: 4 000 assignments per
subscription (Azure's limit), a tenth of them at resource groups, 500 custom roles, 50 000 principals, some of them in
three groups.
"""

import json
import resource
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import chain
from uuid import UUID

from auditor.access.access import Access
from auditor.access.verdicts import Plane
from auditor.inventory.arm_id import ArmId
from auditor.inventory.inventory import Inventory
from auditor.inventory.snapshot.records import ArmRecord, Header, Link, arm_record
from auditor.inventory.snapshot.snapshot import Snapshot

PER_SUBSCRIPTION = 4000
QUESTIONS = 2000
ACTION = "Microsoft.Migrate/migrateProjects/write"
ROLES = 500
PRINCIPALS = 50_000
TYPE = "Microsoft.Authorization/roleAssignments"
TENANT = str(UUID(int=1))


def main() -> None:
    """Run the benchmark and print the results; with `--json` as one line of JSON."""
    numbers = [int(one) for one in sys.argv[1:] if one.isdecimal()]
    figures = measured(numbers[0] if numbers else 1_000_000)
    if "--json" in sys.argv:
        print(json.dumps(figures))
        return
    print(f"{figures['assignments']:,.0f} role assignments, {ROLES} custom roles")
    for name, value in figures.items():
        print(f"{name:16} {value:14,.1f}")


def measured(count: int) -> dict[str, float]:
    """Return the CPU seconds of the index, microseconds a question, and peak memory in mebibytes."""
    snapshot = _snapshot(count)
    begun = time.process_time()
    inventory = Inventory.of(snapshot)
    access = Access.of(inventory)
    figures: dict[str, float] = {"assignments": count, "index_s": time.process_time() - begun}
    scopes = [
        ArmId.parse(f"{_subscription(number)}/resourceGroups/rg-7") for number in range(-(-count // PER_SUBSCRIPTION))
    ]
    for label in ("can_first_us", "can_again_us"):
        begun = time.process_time()
        for number in range(QUESTIONS):
            access.can(_principal(number), ACTION, scopes[number % len(scopes)], Plane.CONTROL)
        figures[label] = (time.process_time() - begun) / QUESTIONS * 1e6
    for label, scope in (("who_can_first_s", scopes[0]), ("who_can_again_s", scopes[-1])):
        begun = time.process_time()
        access.who_can(ACTION, scope)
        figures[label] = time.process_time() - begun
    return {**figures, "peak_mb": _peak()}


def _snapshot(count: int) -> Snapshot:
    header = Header(tenant_id=TENANT, collected_at=datetime(2026, 11, 23, tzinfo=UTC))
    roles = (arm_record(_role(number)) for number in range(ROLES))
    links = tuple(
        Link("transitiveMemberOf", _principal(number), _principal(PRINCIPALS - 1 - (number * step) % 500))
        for number in range(PRINCIPALS // 10)
        for step in (1, 7, 31)
    )
    return Snapshot.of(header, arm=chain(_assignments(count), roles), links=links)


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
