"""What `import auditor` gives is what the commands give, and nothing silently left out."""

import asyncio
import json
import pickle
import subprocess
import sys
from collections.abc import Mapping
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any, Literal, cast

import pytest

import auditor
from auditor.emulator.options import Endpoints
from auditor.library.result import COLUMNS, LIST_COLUMNS
from tests.cli.running import Run

NAMES = {
    "AccessAnswer",
    "AccessVerdict",
    "BadRequest",
    "BadRule",
    "BadSnapshot",
    "CleanupPlan",
    "Coverage",
    "Finding",
    "MalformedArmId",
    "ReadFailed",
    "Result",
    "Severity",
    "SignInFailed",
    "Snapshot",
    "UnknownCloud",
    "Unreachable",
    "Verdict",
    "WhoCan",
    "__version__",
    "audit",
    "collect",
    "load",
    "plan",
    "save",
}
WORLDS = ("contoso", "contoso-gov", "fabrikam", "tailspin")
EXIT = "/subscriptions/0d1e2c3b-4a59-4687-9b10-c0a050000001/resourceGroups/rg-migrate-exit"
READ = "Microsoft.Migrate/migrateProjects/read"


def test_these_are_the_names_of_the_library() -> None:
    assert set(auditor.__all__) == set(dir(auditor)) == NAMES
    assert all(getattr(auditor, name) is not None for name in NAMES)
    with pytest.raises(AttributeError, match="`auditor` has no attribute `scan`"):
        auditor.scan  # type: ignore[attr-defined]  # noqa: B018 - that is the test


def test_importing_it_loads_nothing_of_it_and_subpackages_do_not_take_the_names_of_functions() -> None:
    code = (
        "import auditor, sys; few = [name for name in sys.modules if name.startswith('auditor')];"
        "import auditor.audit.findings, auditor.collect.request; from auditor.audit import findings;"
        "print(few, callable(auditor.audit), callable(auditor.collect), findings.__name__)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True)
    assert done.stdout == "['auditor'] True True auditor.audit.findings\n"


@pytest.mark.parametrize("world", WORLDS)
def test_an_audit_is_what_scan_says_of_the_snapshot(world: str, migaudit: Run, fixtures: Path) -> None:
    path = fixtures / f"{world}.yaml"
    done = migaudit("scan", "--snapshot", path, "--format", "json", "--all-verdicts", "--fail-on", "never")
    said = json.loads(done.out)
    result = auditor.audit(auditor.load(path))
    keys = [(one["rule"], one["subject"]["id"], one["verdict"]) for one in said["findings"]]
    assert [(one.rule, one.subject.id, one.verdict) for one in result.findings] == keys
    document = result.as_dict()
    shown = {"fail", "unknown"}
    assert document["findings"] == [one for one in said["findings"] if one["verdict"] in shown]
    assert {**document, "findings": said["findings"]} == said
    assert result.conclusion == said["conclusion"]
    assert [one.verdict for one in result.failing] == ["fail"] * said["summary"]["fail"]
    assert [one.verdict for one in result.unknown] == ["unknown"] * said["summary"]["unknown"]
    assert len(result.coverage.gaps) == len(said["coverage"]["gaps"])


def test_it_is_narrowed_as_scan_is(migaudit: Run, fixtures: Path) -> None:
    path, account = fixtures / "contoso.yaml", "isaiahl@contoso.com"
    options = ("--account", account, "--project", "contoso-lab", "--at", "2026-12-23T10:00:00Z")
    done = migaudit("scan", "--snapshot", path, *options, "--format", "json", "--fail-on", "never")
    snapshot = auditor.load(path)
    later = snapshot.header.collected_at + timedelta(days=30)
    assert auditor.audit(snapshot, account, project="contoso-lab", at=later).as_dict() == json.loads(done.out)
    inside = ("--subscription", "Contoso Branch Trial", "--format", "json", "--fail-on", "never")
    within = auditor.audit(snapshot, subscriptions=["Contoso Branch Trial"])
    assert within.as_dict() == json.loads(migaudit("scan", "--snapshot", path, *inside).out)
    assert 0 < len(within.findings) < len(auditor.audit(snapshot).findings)
    with pytest.raises(auditor.BadRequest, match="no such subscription"):
        auditor.audit(snapshot, subscriptions=iter(["elsewhere"]))


def test_what_is_proven_not_to_exist_is_refused(fixtures: Path, tmp_path: Path) -> None:
    snapshot = auditor.load(fixtures / "contoso.yaml")
    for wrong in ({"accounts": ["nobody@contoso.com"]}, {"project": "contoso-lap"}, {"resource_group": "rg"}):
        with pytest.raises(auditor.BadRequest, match="no such"):
            auditor.audit(snapshot, **wrong)
    with pytest.raises(auditor.BadSnapshot):
        auditor.load(tmp_path / "nothing.yaml")
    with pytest.raises(auditor.MalformedArmId):
        auditor.audit(snapshot).access.can("isaiahl@contoso.com", READ, "rg")
    (tmp_path / "bad.yaml").write_text("id: 1\n")
    with pytest.raises(auditor.BadRule, match=r"bad\.yaml"):
        auditor.audit(snapshot, rules=[tmp_path])


@pytest.mark.parametrize(
    ("account", "action", "scope", "data"),
    [
        ("meganb@contoso.com", READ, EXIT, False),
        ("leeg@contoso.com", "Microsoft.Migrate/migrateProjects/write", EXIT, False),
        ("leeg@contoso.com", "Microsoft.Migrate/migrateProject/read", EXIT, False),
        ("somebody@elsewhere.example", READ, EXIT, False),
        ("meganb@contoso.com", READ, "/providers/Microsoft.Management/managementGroups/unseen", False),
        ("meganb@contoso.com", "Microsoft.KeyVault/vaults/secrets/getSecret/action", EXIT, True),
    ],
)
def test_questions_about_access_are_answered_as_by_the_commands(
    account: str, action: str, scope: str, data: bool, migaudit: Run, fixtures: Path
) -> None:
    path = fixtures / "contoso.yaml"
    asked = ("--data-action" if data else "--action", action, "--scope", scope, "--snapshot", path, "--format", "json")
    access = auditor.audit(auditor.load(path)).access
    said: Mapping[str, Any] = json.loads(migaudit("can", "--account", account, *asked).out)
    answer = access.can(account, action, scope, data=data)
    assert (answer.verdict, len(answer.gaps)) == (said["verdict"], len(said["gaps"]))
    everyone = json.loads(migaudit("who-can", *asked).out)
    found = access.who_can(action, scope, data=data)
    assert [one.principal for one in found.holders] == [one["id"] for one in everyone["holders"]]
    assert found.at_least is not everyone["complete"]


def test_a_plan_is_that_of_the_command(migaudit: Run, fixtures: Path) -> None:
    path = fixtures / "contoso.yaml"
    done = migaudit("cleanup", "plan", "--snapshot", path, "--include", "site", "--format", "json")
    items = [(item["id"], item["verdict"], item["action"]) for item in json.loads(done.out)["items"]]
    plan = auditor.plan(auditor.load(path), include=["site"])
    assert [(item.id, item.verdict, item.action.value) for item in plan.items] == items
    with pytest.raises(ValueError, match="house"):
        auditor.plan(auditor.load(path), include=["house"])


def test_collecting_is_what_a_scan_reads(signed_in: Endpoints, migaudit: Run, tmp_path: Path) -> None:
    path, azure = tmp_path / "scan.jsonl", ("--cloud", signed_in.arm, "--auth", "environment")
    account = "isaiahl@contoso.com"
    snapshot = asyncio.run(
        auditor.collect(all_subscriptions=True, accounts=[account], cloud=signed_in.arm, auth="environment")
    )
    auditor.save(snapshot, tmp_path / "library.jsonl")
    scan = ("scan", "--all", "--account", account, *azure, "--save-snapshot", path, "--fail-on", "never", "--quiet")
    assert migaudit(*scan).code == 0
    saved = auditor.load(path)
    assert [one.id for one in snapshot.arm] == [one.id for one in saved.arm]
    assert (snapshot.reads, snapshot.gaps, snapshot.links) == (saved.reads, saved.gaps, saved.links)
    assert auditor.load(tmp_path / "library.jsonl").header == snapshot.header
    strangers = ["nobody@elsewhere.example", "guest@fabrikam.com"]
    about = asyncio.run(
        auditor.collect(all_subscriptions=True, accounts=[account, *strangers], cloud=signed_in.arm, auth="environment")
    )
    assert about.reads == snapshot.reads
    judged = {one.subject.name.partition(" ")[0] for one in auditor.audit(about).unknown}
    assert judged >= {*strangers}
    with pytest.raises(auditor.BadRequest, match="no such account"):
        asyncio.run(auditor.collect(all_subscriptions=True, accounts=["isaial@contoso.com"], cloud=signed_in.arm))
    with pytest.raises(auditor.BadRequest, match="nothing says what to read"):
        asyncio.run(auditor.collect(cloud=signed_in.arm, auth="environment"))


def test_arguments_that_are_none_of_the_known_ones_are_refused_before_anything_is_read(fixtures: Path) -> None:
    for wrong in (
        {"concurrency": 0},
        {"requests_per_second": 0},
        {"requests_per_second": -1},
        {"requests_per_second": float("nan")},
        {"source": "all"},
        {"registration_mode": "by-hand"},
    ):
        (name,) = wrong
        with pytest.raises(ValueError, match=f"`{name}` is"):
            asyncio.run(auditor.collect(all_subscriptions=True, **cast("Any", wrong)))
    with pytest.raises(ValueError, match="needs `tell`"):
        asyncio.run(auditor.collect(all_subscriptions=True, auth="device-code"))
    with pytest.raises(auditor.BadRequest, match="leave out"):
        asyncio.run(auditor.collect(all_subscriptions=True, subscriptions=(name for name in ("x",))))
    snapshot = auditor.load(fixtures / "fabrikam.yaml")
    with pytest.raises(ValueError, match="has no time zone"):
        auditor.audit(snapshot, at=datetime(2026, 11, 23))  # noqa: DTZ001 - that is the test
    with pytest.raises(ValueError, match="`registration_mode` is one of user, app, arc"):
        auditor.audit(snapshot, registration_mode=cast("Any", "by-hand"))


def test_one_text_is_one_name(fixtures: Path) -> None:
    snapshot, rules = auditor.load(fixtures / "contoso.yaml"), fixtures.parent / "docs" / "examples" / "rules"
    assert [one.id for one in auditor.plan(snapshot, include="site").items] == [
        one.id for one in auditor.plan(snapshot, include=["site"]).items
    ]
    further = {one.rule for one in auditor.audit(snapshot, rules=str(rules)).findings}
    assert further == {one.rule for one in auditor.audit(snapshot, rules=[rules]).findings}
    assert "owner-registers" in further


def test_a_snapshot_can_be_sent_to_another_process(fixtures: Path) -> None:
    snapshot = auditor.load(fixtures / "fabrikam.yaml")
    assert pickle.loads(pickle.dumps(snapshot)) == snapshot  # noqa: S301 - it is ours


def test_a_result_is_shown_in_one_line(fixtures: Path) -> None:
    result = auditor.audit(auditor.load(fixtures / "fabrikam.yaml"))
    assert repr(result) == f"<Result of fabrikam.com: {result.conclusion}>"


@pytest.mark.parametrize(("world", "library"), [("tailspin", "pandas"), ("tailspin", "polars"), ("fabrikam", "polars")])
def test_a_frame_holds_every_finding(
    world: str, library: Literal["pandas", "polars"], fixtures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frames, other = import_module(library), "polars" if library == "pandas" else "pandas"
    result = auditor.audit(auditor.load(fixtures / f"{world}.yaml"))
    rows = list(result.rows())
    assert len(rows) == len(result.findings)
    assert {one["verdict"] for one in rows} >= {"pass"}
    monkeypatch.setitem(sys.modules, other, None)
    frame = result.to_frame()
    assert isinstance(frame, frames.DataFrame)
    assert list(frame.columns) == list(COLUMNS)
    assert (frame.to_dict("records") if library == "pandas" else frame.to_dicts()) == rows
    if library == "polars":
        lists = {name for name, kind in frame.schema.items() if kind == frames.List(frames.String)}
        assert lists == LIST_COLUMNS  # also where each of them is empty
    with pytest.raises(ImportError, match=f"needs {other}: install it"):
        result.to_frame(cast("Any", other))
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(ImportError, match="needs pandas or polars"):
        result.to_frame()
    with pytest.raises(ValueError, match="pandas or polars, not of `numpy`"):
        result.to_frame(cast("Any", "numpy"))
