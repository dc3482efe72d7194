"""The types that a program sees: mypy checks these claims, and the test runs them."""

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, assert_type

import auditor


def test_the_library_is_typed(fixtures: Path) -> None:
    snapshot = auditor.load(fixtures / "fabrikam.yaml")
    assert_type(snapshot, auditor.Snapshot)
    result = auditor.audit(snapshot)
    assert_type(result, auditor.Result)
    assert_type(result.findings, tuple[auditor.Finding, ...])
    assert_type(result.findings[0].verdict, auditor.Verdict)
    assert_type(result.findings[0].severity, auditor.Severity)
    assert_type(result.coverage, auditor.Coverage)
    assert_type(result.conclusion, str)
    assert_type(result.as_dict(), dict[str, Any])
    answer = result.access.can(snapshot.header.by.object_id, "Microsoft.Migrate/migrateProjects/read", "/")
    assert_type(answer, auditor.AccessAnswer)
    assert_type(answer.verdict, auditor.AccessVerdict)
    assert_type(result.access.who_can("Microsoft.Migrate/migrateProjects/read", "/"), auditor.WhoCan)
    assert_type(auditor.plan(snapshot), auditor.CleanupPlan)
    collecting: Callable[[], Coroutine[Any, Any, auditor.Snapshot]] = auditor.collect
    assert callable(collecting)
    assert (Path(auditor.__file__).parent / "py.typed").is_file()


def test_a_wrong_use_is_a_type_error() -> None:
    def wrong(snapshot: auditor.Snapshot) -> None:
        auditor.audit("contoso.yaml")  # type: ignore[arg-type]
        auditor.audit(snapshot, registration_mode="by-hand")  # type: ignore[arg-type]
        auditor.plan(snapshot).apply()  # type: ignore[attr-defined]

    assert callable(wrong)
