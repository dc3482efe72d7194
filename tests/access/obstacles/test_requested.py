"""The fields of a requested resource: what its body says, what it says is absent, and what is not known of it."""

from typing import Any

import pytest

from auditor.access.obstacles.requested import ABSENT, UNKNOWN, Requested

VAULTS = "Microsoft.KeyVault/vaults"
GROUPS = "microsoft.resources/subscriptions/resourcegroups"
CHILDREN = "microsoft.migrate/migrateprojects/solutions"
ASSIGNMENTS = "microsoft.authorization/roleassignments"


def vault(**properties: Any) -> Requested:
    return Requested(VAULTS.lower(), {"properties": properties})


@pytest.mark.parametrize(
    ("requested", "field", "value"),
    [
        (vault(createMode=ABSENT), f"{VAULTS}/createMode", ABSENT),
        (vault(CREATEMODE=ABSENT), f"{VAULTS}/createMode", ABSENT),
        (vault(createMode="recover"), f"{VAULTS}/createMode", "recover"),
        (vault(createMode=UNKNOWN), f"{VAULTS}/createMode", UNKNOWN),
        (vault(createMode=None), f"{VAULTS}/createMode", UNKNOWN),
        (vault(), f"{VAULTS}/createMode", UNKNOWN),
        (vault(networkAcls=ABSENT), f"{VAULTS}/networkAcls.defaultAction", ABSENT),
        (vault(networkAcls=ABSENT), f"{VAULTS}/networkAcls.ipRules[*].value", ABSENT),
        (vault(networkAcls={}), f"{VAULTS}/networkAcls.defaultAction", UNKNOWN),
        (Requested(VAULTS.lower(), {"sku": ABSENT}), f"{VAULTS}/sku.name", ABSENT),
        (Requested(VAULTS.lower(), {"properties": ABSENT}), f"{VAULTS}/sku.name", ABSENT),
        (Requested(VAULTS.lower(), {"identity": ABSENT}), "identity.type", ABSENT),
        (Requested(VAULTS.lower()), "identity.type", UNKNOWN),
        (Requested(VAULTS.lower(), {"kind": ABSENT}), "kind", ABSENT),
        (Requested(VAULTS.lower()), "location", UNKNOWN),
        (Requested(ASSIGNMENTS, {"location": ABSENT}), "location", ABSENT),
        (Requested(CHILDREN), "location", ABSENT),
        (Requested(VAULTS.lower(), {"tags": ABSENT}), "tags['owner']", ABSENT),
        (Requested(VAULTS.lower()), "tags['owner']", UNKNOWN),
        (Requested(GROUPS, {"tags": {}}), "tags['owner']", ABSENT),
        (Requested(VAULTS.lower(), {}, complete=True), f"{VAULTS}/createMode", ABSENT),
        (Requested(VAULTS.lower(), {}, complete=True), f"{VAULTS}/someNewThing", UNKNOWN),
    ],
)
def test_a_field_is_what_the_body_says(requested: Requested, field: str, value: object) -> None:
    assert requested.field(field) == value
