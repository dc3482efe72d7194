"""`scan` against an emulated Azure: real SDKs, real TLS, the shipped command."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from auditor.azure.throttling.throttle import Clock
from auditor.cli.exit_codes import ExitCode
from auditor.data import fixtures_dir
from auditor.emulator.faults import faults_of, load_faults
from auditor.emulator.options import Endpoints, Options
from auditor.emulator.running import running_in_thread
from auditor.inventory.reads import Gap
from auditor.inventory.snapshot.files import load
from tests.cli.running import Done, Run, wait_until

SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "schemas" / "scan-1.json").read_text(encoding="utf-8"))
ACCOUNT = ("--account", "isaiahl@contoso.com")
AUTH = ("--auth", "environment")


def verdicts(done: Done) -> dict[tuple[str, str], str]:
    document = json.loads(done.out)
    Draft202012Validator(SCHEMA).validate(document)
    return {(one["rule"], one["subject"]["id"].lower()): one["verdict"] for one in document["findings"]}


@pytest.fixture
def azure(contoso: Endpoints) -> tuple[str, ...]:
    return ("--cloud", contoso.arm, *AUTH)


def test_stdout_is_pure_json_and_stderr_silent(process: Run, contoso: Endpoints, azure: tuple[str, ...]) -> None:
    done = process(
        *("scan", *azure, "--subscription", contoso.subscription_ids[0], *ACCOUNT, "--format", "json"), env=contoso.env
    )
    assert done.code == ExitCode.FINDINGS
    assert done.err == ""
    assert verdicts(done)


def test_offline_says_what_live_said(
    migaudit: Run, signed_in: Endpoints, azure: tuple[str, ...], tmp_path: Path
) -> None:
    kept = tmp_path / "contoso.jsonl.zst"
    at = ("--at", "2026-11-23T10:00:00Z", "--format", "json", "--all-verdicts")
    live = migaudit("scan", *azure, "--all", *ACCOUNT, *at, "--save-snapshot", kept)
    every = "3 subscriptions, no more than 40: every list is read; `--source graph` asks Azure Resource Graph first"
    assert live.err == f"{every}\nsaved the snapshot to `{kept}`\n"
    offline = migaudit("scan", "--snapshot", kept, *ACCOUNT, *at)
    assert offline.out == live.out
    assert offline.code == live.code


def test_a_deep_scan_settles_what_a_plain_one_leaves_open(
    migaudit: Run, signed_in: Endpoints, azure: tuple[str, ...]
) -> None:
    asked = ("--rule", "workspace-left-behind", "--format", "json", "--all-verdicts", "--at", "2026-11-23T10:00:00Z")
    offline = verdicts(migaudit("scan", "--snapshot", fixtures_dir() / "contoso.yaml", *asked))
    deep = verdicts(migaudit("scan", *azure, "--all", *asked, "--deep"))
    plain = verdicts(migaudit("scan", *azure, "--all", *asked))
    assert deep == offline
    assert set(deep.values()) == {"fail", "unknown", "pass", "not_applicable"}
    assert {key: verdict for key, verdict in plain.items() if verdict != deep[key]} == {
        key: "unknown" for key, verdict in deep.items() if verdict == "fail"
    }


@pytest.mark.parametrize("from_file", [False, True])
def test_a_scan_sends_no_more_requests_a_second_than_it_may(
    migaudit: Run,
    signed_in: Endpoints,
    azure: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    from_file: bool,
) -> None:
    waited: list[float] = []

    async def note(_clock: Clock, seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr(Clock, "sleep", note)
    settings = tmp_path / "migaudit.toml"
    settings.write_text("max-requests-per-second = 0.01\n" if from_file else "")
    limit = () if from_file else ("--max-requests-per-second", "0.01")
    done = migaudit("--config", settings, "scan", *azure, "-s", signed_in.subscription_ids[1], *limit, "--format=json")
    assert verdicts(done)
    # The clock stands still here, so each request waits 100 seconds longer than the one before.
    assert [round(seconds, -2) for seconds in waited] == [100 * number for number in range(1, len(waited) + 1)]
    assert len(waited) > 20


def test_by_default_the_scan_is_about_whoever_signed_in(
    migaudit: Run, signed_in: Endpoints, azure: tuple[str, ...]
) -> None:
    done = migaudit("scan", *azure, "--all", "--format", "json", "--all-verdicts")
    registrations = {key[1] for key in verdicts(done) if key[0] == "account-cannot-register"}
    assert registrations
    assert all(one.startswith("5be00001-2f6a-47d8-a1c3-c0a050000001@") for one in registrations)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["--subscription", "Contoso Datacentre Exit"],
            "no such subscription: `Contoso Datacentre Exit`; did you mean `Cont",
        ),
        (["--subscription", "00000000-dead-4000-8000-000000000000"], "no such subscription"),
        (
            ["--management-group", "contoso-landingzone"],
            "no such management group: `contoso-landingzone`; did you mean",
        ),
        (["--all", "--account", "isaiah@contoso.com"], "no such account: `isaiah@contoso.com`"),
        (
            ["--all", "--project", "contoso-dc-exti"],
            "no such project: `contoso-dc-exti`; did you mean `contoso-dc-exit`",
        ),
    ],
)
def test_unknown_names(
    migaudit: Run, signed_in: Endpoints, azure: tuple[str, ...], arguments: list[str], said: str
) -> None:
    done = migaudit("scan", *azure, *arguments)
    assert (done.code, done.out) == (ExitCode.USAGE, "")
    assert said in done.err


def test_a_wrong_secret_is_a_failed_sign_in(
    migaudit: Run, signed_in: Endpoints, azure: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AZURE_CLIENT_SECRET", "hunter2")
    done = migaudit("scan", *azure, "--all")
    assert (done.code, done.out) == (ExitCode.UNREADABLE, "")
    assert done.err.startswith("error: could not sign in\n  ")
    assert "hunter2" not in done.err


def test_another_tenant(migaudit: Run, signed_in: Endpoints, azure: tuple[str, ...]) -> None:
    done = migaudit("scan", *azure, "--all", "--tenant", "00000000-dead-4000-8000-000000000000")
    assert done.code == ExitCode.UNREADABLE
    assert "could not sign in" in done.err


def test_a_certificate_that_nobody_trusts(
    migaudit: Run, signed_in: Endpoints, azure: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    done = migaudit("scan", *azure, "--all")
    assert (done.code, done.out) == (ExitCode.UNREADABLE, "")
    assert "certificate" in done.err
    assert "SSL_CERT_FILE" in done.err


@pytest.fixture
def refusing(fixtures: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Endpoints]:
    """A Contoso that refuses every list of every subscription."""
    world = load(fixtures / "contoso.yaml")
    gaps = [
        Gap(what, f"/subscriptions/{one}", 403, "AuthorizationFailed", "the client has no right", needs)
        for one in world.header.scope.subscriptions
        for what, needs in refusable()
    ]
    with running_in_thread(replace(world, gaps=tuple(gaps))) as endpoints:
        for name, value in endpoints.env.items():
            monkeypatch.setenv(name, value)
        yield endpoints


def refusable() -> list[tuple[str, str]]:
    from auditor.inventory.lists import LISTS, ScopeKind

    return [(kind.what, kind.needs) for kind in LISTS.values() if kind.scope is ScopeKind.SUBSCRIPTION]


def test_everything_refused(migaudit: Run, refusing: Endpoints) -> None:
    done = migaudit("scan", "--cloud", refusing.arm, *AUTH, "--subscription", refusing.subscription_ids[0])
    assert (done.code, done.out) == (ExitCode.UNREADABLE, "")
    assert "nothing could be read" in done.err
    assert "`Reader`" in done.err
    assert "  Microsoft.Authorization/roleAssignments/read\n" in done.err


def test_no_subscription_in_sight(migaudit: Run, fixtures: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = load(fixtures / "contoso.yaml")
    blind = tuple(record for record in world.arm if record.type.lower() != "microsoft.resources/subscriptions")
    with running_in_thread(replace(world, arm=blind)) as endpoints:
        for name, value in endpoints.env.items():
            monkeypatch.setenv(name, value)
        done = migaudit("scan", "--cloud", endpoints.arm, *AUTH, "--all")
    assert (done.code, done.out) == (ExitCode.UNREADABLE, "")
    assert "`contoso-migaudit` sees no subscription in tenant 72c0a7b1" in done.err


@pytest.fixture
def ailing(fixtures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Endpoints]:
    """A Contoso whose role assignments are refused and whose vaults come cut."""
    rules = tmp_path / "faults.yaml"
    rules.write_text(
        "faults:\n"
        "- {path: /providers/Microsoft.Authorization/roleAssignments, status: 403, code: AuthorizationFailed}\n"
        "- {path: /providers/Microsoft.KeyVault/vaults, status: 404, code: Gone}\n"
    )
    with running_in_thread(load(fixtures / "contoso.yaml"), Options(faults=load_faults(rules))) as endpoints:
        for name, value in endpoints.env.items():
            monkeypatch.setenv(name, value)
        yield endpoints


def test_what_cannot_be_read_is_unknown_and_named(migaudit: Run, ailing: Endpoints) -> None:
    arguments = ("scan", "--cloud", ailing.arm, *AUTH, "--all", *ACCOUNT)
    done = migaudit(*arguments, "--format", "json")
    found = {rule: verdict for (rule, _), verdict in verdicts(done).items()}
    assert found["account-cannot-register"] == "unknown"
    [gap] = {
        (gap["status"], gap["needs"])
        for gap in json.loads(done.out)["coverage"]["gaps"]
        if gap["what"] == "Microsoft.Authorization/roleAssignments"
    }
    assert gap == (403, "Microsoft.Authorization/roleAssignments/read")
    told = migaudit(*arguments, "--verbose").out.split("COVERAGE")[1]
    assert "? 403 AuthorizationFailed\n  unread Microsoft.Authorization/roleAssignments,\n" in told
    assert "? 404 Gone\n  unread Microsoft.KeyVault/vaults\n" in told
    assert "  cure   grant Microsoft.Authorization/roleAssignments/read" in told


SILENT = r"/subscriptions/[^/]+/providers/Microsoft\.KeyVault/vaults"


def test_ctrl_c_ends_it_and_keeps_what_was_read(fixtures: Path, tmp_path: Path) -> None:
    kept = tmp_path / "part.jsonl"
    faults = faults_of([{"path": SILENT, "hang": True}])
    with running_in_thread(load(fixtures / "contoso.yaml"), Options(faults=faults)) as endpoints:
        command = ("scan", "--cloud", endpoints.arm, *AUTH, "--all", "--save-snapshot", str(kept), "--verbose")
        with subprocess.Popen(
            [sys.executable, "-m", "auditor.cli.main", *command],
            env={**os.environ, **endpoints.env},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        ) as scan:
            wait_until(lambda: faults.struck() == len(endpoints.subscription_ids), scan)
            scan.send_signal(signal.SIGINT)
            out, err = scan.communicate(timeout=60)
    assert scan.returncode == ExitCode.INTERRUPTED
    assert out == ""
    assert f"kept what was read in `{kept}`" in err
    assert "Traceback" not in err
    held = load(kept)
    assert "Microsoft.Resources/subscriptions" in {read.what for read in held.reads or ()}
    assert {gap.code for gap in held.gaps} == {"Interrupted"}
    vaults = {gap.scope for gap in held.gaps if gap.what == "Microsoft.KeyVault/vaults"}
    assert vaults == {f"/subscriptions/{one}" for one in endpoints.subscription_ids}


def test_demo(process: Run) -> None:
    done = process("scan", "--demo", "--fail-on", "never")
    assert done.code == ExitCode.CLEAN
    assert done.err.endswith("then `migaudit scan --subscription NAME`.\n")
    assert "as of 2026-11-23 10:00 UTC" in done.out
    assert "high  " in done.out


def test_demo_says_the_same_each_time_and_leaves_nothing_behind(
    migaudit: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.delenv("AZURE_CLIENT_ID", raising=False)
    one = migaudit("scan", "--demo", "--format", "json")
    assert one.code == ExitCode.FINDINGS
    assert verdicts(one)
    assert migaudit("scan", "--demo", "--format", "json").out == one.out
    assert "AZURE_CLIENT_ID" not in os.environ


def test_demo_of_another_account(migaudit: Run) -> None:
    done = migaudit("scan", "--demo", "--account", "pradeepg@contoso.com", "--format", "json", "--all-verdicts")
    registrations = {key[1] for key in verdicts(done) if key[0] == "account-cannot-register"}
    assert all("a5e70003" in one for one in registrations)


@pytest.mark.parametrize(
    ("largest", "code"), [("1", ExitCode.FINDINGS), ("none", ExitCode.USAGE), ("0", ExitCode.USAGE)]
)
def test_the_largest_answer_is_set_by_a_variable(
    process: Run, contoso: Endpoints, azure: tuple[str, ...], largest: str, code: ExitCode
) -> None:
    env = {**contoso.env, "MIGAUDIT_LARGEST_ANSWER": largest}
    done = process("scan", *azure, "--subscription", contoso.subscription_ids[0], *ACCOUNT, env=env)
    assert done.code == code
    assert code is not ExitCode.USAGE or "number of MiB" in done.err
