"""The benchmark beside other tools; the tools themselves are not installed for tests."""

from collections import Counter

import pytest

from bench.measured import Measured
from bench.peers.__main__ import kind_of, times
from bench.peers.tools import OURS, SCOUTSUITE

_SUBSCRIPTION = "/subscriptions/0d1e2c3b-4a59-4687-9b10-c0a050000001"


@pytest.mark.parametrize(
    ("path", "status", "kind"),
    [
        (
            f"{_SUBSCRIPTION}/providers/Microsoft.KeyVault/vaults?api-version=2023-07-01",
            200,
            "microsoft.keyvault/vaults",
        ),
        (
            f"{_SUBSCRIPTION}/resourceGroups/a/providers/Microsoft.Migrate/migrateProjects/b/solutions",
            403,
            "microsoft.migrate/migrateprojects/solutions → 403",
        ),
        ("/providers/Microsoft.Management/managementGroups", 200, "microsoft.management/managementgroups"),
        (f"{_SUBSCRIPTION}/resourcegroups?api-version=2021-04-01", 200, "subscriptions/…/resourcegroups"),
        ("/v1.0/$batch", 200, "v1.0/$batch"),
    ],
)
def test_requests_are_counted_by_the_types_in_their_path(path: str, status: int, kind: str) -> None:
    assert kind_of({"path": path, "status": status}) == kind


def test_the_ratio_is_to_migaudit_in_the_same_round() -> None:
    ours = [(Measured(wall, 1, 1 << 20, 0), Counter(a=2)) for wall in (1, 2, 4)]
    theirs = [(Measured(wall, 1, 1 << 20, status), Counter(a=3)) for wall, status in ((10, 0), (6, 3), (8, 0))]
    *_, row = times((OURS, SCOUTSUITE), {OURS.name: ours, SCOUTSUITE.name: theirs})
    assert row == "| ScoutSuite | services `rbac` and `keyvault` | 3.0 | 8.0 | 1.0 | 1 | 3 | 0, 3 |"
