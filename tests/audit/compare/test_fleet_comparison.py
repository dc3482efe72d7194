"""Two fleet runs compared: a table of what can become of a tenant, and that nothing unread is ever taken for fixed."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.audit.compare.comparison import ChangeKind
from auditor.audit.compare.fleet import TenantFate, compare_runs, saved_run
from auditor.audit.compare.verdict_set import BadResult
from auditor.audit.findings import Severity

FAILED: dict[str, Any] = {"status": "failed", "error": "could not sign in", "result": None}
SUBSCRIPTION = "0d1e2c3b-4a59-4687-9b10-c0a050000001"


def finding(name: str, verdict: str = "fail", severity: str = "high") -> dict[str, Any]:
    subject = {"kind": "workspace", "id": f"/subscriptions/{SUBSCRIPTION}/resourceGroups/g/{name}", "name": name}
    return {
        "rule": "a-rule",
        "title": "A rule",
        "verdict": verdict,
        "severity": severity,
        "errors": [],
        "subject": subject,
    }


def done(*names: str, tenant: str = "t-1", **more: Any) -> dict[str, Any]:
    return {
        "status": "done",
        "error": None,
        "result": {
            "schema": "migaudit/scan/1",
            "tenant_id": tenant,
            "evaluated_at": "2026-11-23T10:00:00Z",
            "subscriptions": [SUBSCRIPTION],
            "findings": [finding(name) for name in names],
            "coverage": {"gaps": []},
            "rules": ["a-rule"],
            **more,
        },
    }


def run(folder: Path, name: str, **tenants: dict[str, Any]) -> Path:
    file = folder / f"{name}.json"
    listed = [{"name": key, **value} for key, value in tenants.items()]
    file.write_text(json.dumps({"schema": "migaudit/fleet/1", "tenants": listed}))
    return file


GAP = {"what": "a/b", "scope": f"/subscriptions/{SUBSCRIPTION}", "status": 403}
CASES: dict[str, tuple[dict[str, Any] | None, dict[str, Any] | None, TenantFate, dict[str, list[str]]]] = {
    "nothing new": (done("a"), done("a"), TenantFate.COMPARED, {"still_there": ["a"]}),
    "one new, one fixed": (done("a"), done("b"), TenantFate.COMPARED, {"new": ["b"], "fixed": ["a"]}),
    "read in part": (
        done("a"),
        done(coverage={"gaps": [GAP]}),
        TenantFate.COMPARED,
        {"no_longer_known": ["a"]},
    ),
    "failed now": (done("a", "b"), FAILED, TenantFate.FAILED, {"no_longer_known": ["a", "b"]}),
    "failed before": (FAILED, done("a"), TenantFate.FAILED_BEFORE, {"new": ["a"]}),
    "failed twice": (FAILED, FAILED, TenantFate.FAILED_TWICE, {}),
    "added": (None, done("a"), TenantFate.ADDED, {"new": ["a"]}),
    "added and failed": (None, FAILED, TenantFate.ADDED, {}),
    "lost": (done("a"), None, TenantFate.LOST, {"no_longer_known": ["a"]}),
    "another tenant of that name": (
        done("a"),
        done("b", tenant="t-2"),
        TenantFate.OTHER_TENANT,
        {"new": ["b"], "no_longer_known": ["a"]},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_becomes_of_a_tenant(case: str, tmp_path: Path) -> None:
    before, now, fate, changes = CASES[case]
    old = run(tmp_path, "old", **({"Contoso": before} if before else {}), other=done("z"))
    new = run(tmp_path, "new", **({"CONTOSO": now} if now else {}), other=done("z"))
    compared = compare_runs(saved_run(old), saved_run(new))
    [one] = [tenant for tenant in compared.tenants if tenant.name.casefold() == "contoso"]
    assert one.fate is fate
    assert {
        kind.value: [change.stand.subject.name for change in one.of(kind)] for kind in ChangeKind if one.of(kind)
    } == changes
    assert compared.fails_at(Severity.HIGH) is ("new" in changes)
    assert bool(one.error) is (FAILED in (before, now))
    if fate is not TenantFate.COMPARED:
        assert all(change.why for change in one.changes)


OUTCOMES = st.one_of(
    st.none(), st.just(FAILED), st.lists(st.sampled_from("abcd"), unique=True).map(lambda names: done(*names))
)


@given(before=OUTCOMES, now=OUTCOMES)
def test_only_a_tenant_that_both_runs_read_has_anything_fixed(
    before: dict[str, Any] | None, now: dict[str, Any] | None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("runs")
    old, new = (
        saved_run(run(folder, name, **({"a": one} if one else {}))) for name, one in (("old", before), ("new", now))
    )
    for one in compare_runs(old, new).tenants:
        both = all(run and run["status"] == "done" for run in (before, now))
        assert both or not one.of(ChangeKind.FIXED)
        problems = len((before or {}).get("result", {}).get("findings", ())) if before and before["result"] else 0
        assert len([change for change in one.changes if change.old is not None]) >= (0 if both else problems)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "not a result of `migaudit fleet run --format json`: Input data was truncated"),
        ('{"schema": "migaudit/scan/1", "tenants": []}', "Invalid enum value"),
        (
            (
                '{"schema": "migaudit/fleet/1", "tenants": '
                '[{"name": "a", "status": "failed"}, {"name": "A", "status": "failed"}]}'
            ),
            "two tenants have one name",
        ),
        ('{"schema": "migaudit/fleet/1", "tenants": [{"name": "a", "status": "done"}]}', "contradicts its result"),
    ],
)
def test_what_is_no_result_of_a_run_is_refused(text: str, words: str, tmp_path: Path) -> None:
    file = tmp_path / "run.json"
    file.write_text(text)
    with pytest.raises(BadResult, match=words):
        saved_run(file)
