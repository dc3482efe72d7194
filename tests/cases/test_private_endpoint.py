"""A project of private connectivity: an endpoint that failed is found, and nothing is asked of the one that works."""

import json
from collections.abc import Callable
from pathlib import Path

from tests.cases.fabrikam import VAULT, Environment
from tests.cases.situations import private_project_with_failed_endpoint
from tests.cli.running import Run


def test_the_failed_endpoint_is_found_and_the_vault_is_left_alone(
    migaudit: Run, saved: Callable[[Callable[[], Environment]], Path]
) -> None:
    kept = saved(private_project_with_failed_endpoint)
    done = migaudit("scan", "--snapshot", kept, "--account", "christiec@fabrikam.com", "--format", "json")
    findings = json.loads(done.out)["findings"]
    assert [finding["rule"] for finding in findings] == ["private-endpoint-not-working"]
    assert "`fabrikamexit1880011rsvpe` to `fabrikam-exit-MigrateVault-1880011` was not made" in findings[0]["message"]
    assert VAULT not in json.dumps(findings)
