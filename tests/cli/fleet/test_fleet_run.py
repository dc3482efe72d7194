"""`fleet run` in one process, against several Azures: real SDKs, real TLS, each tenant with its own secret."""

import importlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import requests
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from auditor.cli.exit_codes import ExitCode
from auditor.cli.failures import UsageFailed
from auditor.cli.fleet.running import FleetReading
from auditor.emulator.options import Endpoints
from auditor.inventory.snapshot.files import load
from tests.cli.fleet.estate import NAMES, Estate, estate
from tests.cli.running import Done, Run, wait_until

SCHEMAS = Path(__file__).parents[3] / "docs" / "schemas"
AT_ANY_TIME = ("evaluated_at",)
ONE_RULE = ("--rule", "workspace-left-behind")


def validated(text: str) -> dict[str, Any]:
    """Return a result that keeps to the published schema."""
    document: dict[str, Any] = json.loads(text)
    scan = json.loads((SCHEMAS / "scan-1.json").read_text())
    registry: Registry[Any] = Registry().with_resource("migaudit/scan/1", Resource.from_contents(scan))
    Draft202012Validator(json.loads((SCHEMAS / "fleet-1.json").read_text()), registry=registry).validate(document)
    return document


def timeless(result: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in result.items() if key not in AT_ANY_TIME}


def results(done: Done) -> dict[str, dict[str, Any]]:
    return {one["name"]: timeless(one["result"]) for one in validated(done.out)["tenants"] if one["result"]}


def test_each_tenant_has_the_result_of_its_own_scan(
    migaudit: Run, signed_in_to_all: Estate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = signed_in_to_all.file(tmp_path)
    done = migaudit("fleet", "run", file, "--format", "json")
    assert done.code == ExitCode.FINDINGS
    whole = results(done)
    assert list(whole) == list(NAMES)
    lines = done.err.splitlines()
    assert [line for line in lines if line.endswith(": reading")] == [f"{name}: reading" for name in NAMES]
    assert all(line.startswith((*(f"{name}: " for name in NAMES), "[")) for line in lines)
    assert [line.split(":")[0] for line in lines if line.startswith("[")] == [
        f"[{number}/3] {name}" for number, name in enumerate(NAMES, start=1)
    ]
    for name, one in signed_in_to_all.azures.items():
        for key, value in one.env.items():
            monkeypatch.setenv(key, value)
        alone = migaudit("scan", "--cloud", one.arm, "--auth", "environment", "--all", "--format", "json")
        assert timeless(json.loads(alone.out)) == whole[name]


def test_a_tenant_in_parts_has_the_same_result(migaudit: Run, signed_in_to_all: Estate, tmp_path: Path) -> None:
    strangers = "accounts: [someone@elsewhere.example]\n    all: true"
    entry = signed_in_to_all.entry("fabrikam", strangers)
    file = signed_in_to_all.file(tmp_path, signed_in_to_all.entry("wingtip"), entry)
    whole = migaudit("fleet", "run", file, "--format", "json")
    parts = migaudit("fleet", "run", file, "--format", "json", "--batch", "1", "--save", tmp_path / "run")
    assert results(parts) == results(whole)
    assert len(results(whole)) == 2
    about = {one.name: load(one).header.asked for one in (tmp_path / "run").glob("*.zst")}
    assert [one.accounts for name, one in about.items() if one and "fabrikam" in name] == [
        ("someone@elsewhere.example",)
    ]
    assert "wingtip: 2 subscriptions, in 2 parts" in parts.err
    assert parts.code == whole.code


def spoilt(served: Estate, set_variable: Callable[[str, str], None], delete: Callable[[str], None]) -> dict[str, str]:
    """Return entries of tenants that fail, each with what its error must say."""
    set_variable("WRONG_AZURE_TENANT_ID", served.azures["fabrikam"].tenant_id)
    set_variable("WRONG_AZURE_CLIENT_ID", served.azures["fabrikam"].client_id)
    set_variable("WRONG_AZURE_CLIENT_SECRET", "Zx8Q~not-the-secret")
    set_variable("WRONG_SSL_CERT_FILE", served.azures["fabrikam"].ca_file)
    delete("NOBODY_AZURE_TENANT_ID")
    fabrikam = served.entry("fabrikam")
    return {
        fabrikam.replace("name: fabrikam", "name: wrong").replace("env: FABRIKAM", "env: WRONG"): "could not sign in",
        fabrikam.replace("name: fabrikam", "name: unset").replace("env: FABRIKAM", "env: NOBODY"): (
            "NOBODY_AZURE_CLIENT_ID"
        ),
        served.entry("fabrikam", "subscriptions: [nothing-like-it]").replace("name: fabrikam", "name: slip"): (
            "no such subscription: `nothing-like-it`"
        ),
        served.entry("tailspin").replace("name: tailspin", "name: foreign").replace("env: TAILSPIN", "env: FABRIKAM"): (
            "is not trusted"
        ),
    }


def test_a_tenant_that_fails_says_why_and_stops_no_other(
    migaudit: Run, signed_in_to_all: Estate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = spoilt(signed_in_to_all, monkeypatch.setenv, lambda name: monkeypatch.delenv(name, raising=False))
    file = signed_in_to_all.file(tmp_path, *bad, signed_in_to_all.entry("fabrikam"))
    done = migaudit("fleet", "run", file, "--format", "json", "--strict", *ONE_RULE)
    document = validated(done.out)
    assert [one["status"] for one in document["tenants"]] == ["failed"] * 4 + ["done"]
    for one, words in zip(document["tenants"], bad.values(), strict=False):
        assert words in one["error"]
        assert not re.search(r"\bAZURE_|`--(tenant|cloud|auth)", one["error"])
        assert one["result"] is None
        assert f"{one['name']}: failed: {one['error'].splitlines()[0]}" in done.err
    assert done.code == ExitCode.UNDECIDED
    for secret in (*signed_in_to_all.secrets, "Zx8Q~not-the-secret"):
        assert secret not in done.out + done.err
    lenient = migaudit("fleet", "run", file, "--only", "fabrikam", "--only", "WRONG", "--format", "csv", *ONE_RULE)
    assert lenient.code == ExitCode.UNDECIDED
    assert lenient.err.endswith("error: 1 of 2 tenants was not read: `wrong`; the result says why\n")
    assert [line.split(",")[:3] for line in lenient.out.splitlines() if line.startswith("wrong,")] == [
        ["wrong", "tenant-not-read", "The tenant was not read"]
    ]
    nobody = migaudit("fleet", "run", file, "--only", "wrong", "--format", "json")
    assert (nobody.code, len(validated(nobody.out)["tenants"])) == (ExitCode.UNREADABLE, 1)
    assert nobody.err.endswith("error: no tenant could be read; the result says why of each\n")


def token_of(served: Endpoints) -> str:
    """Return a token of the application of this Azure, as the Azure CLI has one of whoever is signed in to it."""
    form = {
        "grant_type": "client_credentials",
        "client_id": served.client_id,
        "client_secret": served.client_secret,
        "scope": f"{served.arm}/.default",
    }
    url = f"{served.login}/{served.tenant_id}/oauth2/v2.0/token"
    return str(requests.post(url, data=form, verify=served.ca_file, timeout=60).json()["access_token"])


def test_a_tenant_is_never_read_as_another_identity_of_the_machine(
    migaudit: Run, signed_in_to_all: Estate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = signed_in_to_all.azures["fabrikam"]
    answer = json.dumps({"accessToken": token_of(served), "expires_on": 4102444800})
    program = tmp_path / "az"
    program.write_text(f"#!/bin/sh\necho '{answer}'\n")
    program.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    common = {"TENANT_ID": served.tenant_id, "TOKEN_CREDENTIALS": "AzureCliCredential"}
    for prefix, more in {
        "CLI": common,
        "NAMED": {**common, "CLIENT_ID": "0a0b0c0d-0000-4000-8000-00000000beef"},
        "CERT": {
            "TENANT_ID": served.tenant_id,
            "CLIENT_ID": served.client_id,
            "CLIENT_CERTIFICATE_PATH": str(tmp_path / "gone.pem"),
        },
    }.items():
        monkeypatch.setenv(f"{prefix}_SSL_CERT_FILE", served.ca_file)
        for name, value in more.items():
            monkeypatch.setenv(f"{prefix}_AZURE_{name}", value)
    default = signed_in_to_all.entry("fabrikam").replace("auth: environment", "auth: default")
    entries = [
        default.replace("name: fabrikam", f"name: {one}").replace("env: FABRIKAM", f"env: {one}")
        for one in ("CLI", "NAMED", "CERT")
    ]
    done = migaudit("fleet", "run", signed_in_to_all.file(tmp_path, *entries), "--format", "json", *ONE_RULE)
    cli, named, cert = validated(done.out)["tenants"]
    assert cli["status"] == "done"
    assert "which is not the application of NAMED_AZURE_CLIENT_ID" in named["error"]
    assert "gone.pem" in cert["error"]
    assert "CERT_AZURE_CLIENT_CERTIFICATE_PATH" in cert["error"]


def test_the_run_is_kept_in_a_new_folder(migaudit: Run, signed_in_to_all: Estate, tmp_path: Path) -> None:
    entry = signed_in_to_all.entry("fabrikam").replace("name: fabrikam", 'name: "../Fabrikam & söns\\e[2J"')
    file, folder = signed_in_to_all.file(tmp_path, entry, signed_in_to_all.entry("tailspin")), tmp_path / "a" / "run"
    done = migaudit("fleet", "run", file, "--save", folder, "--fail-on", "never")
    assert done.code == ExitCode.CLEAN
    assert sorted(one.name for one in folder.iterdir()) == [
        "001-Fabrikam-s-ns-2J.jsonl.zst",
        "002-tailspin.jsonl.zst",
        "fleet.json",
    ]
    assert folder.stat().st_mode & 0o777 == 0o700
    kept = validated((folder / "fleet.json").read_text())
    assert [one["name"] for one in kept["tenants"]] == ["../Fabrikam & söns\x1b[2J", "tailspin"]
    assert {one["verdict"] for one in kept["tenants"][1]["result"]["findings"]} >= {"pass", "unknown"}
    assert load(folder / "002-tailspin.jsonl.zst").header.tenant_id == signed_in_to_all.azures["tailspin"].tenant_id
    assert "\x1b" not in done.out + done.err
    again = migaudit("fleet", "run", file, "--save", folder)
    assert (again.code, "not empty" in again.err) == (ExitCode.USAGE, True)


def test_a_run_that_cannot_be_kept_is_shown(
    migaudit: Run, signed_in_to_all: Estate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_pieces: object, path: Path) -> None:
        raise UsageFailed(f"cannot write `{path}`: no space left on device")

    monkeypatch.setattr("auditor.cli.fleet.saving.write_text", full)
    file = signed_in_to_all.file(tmp_path, signed_in_to_all.entry("fabrikam"))
    done = migaudit("fleet", "run", file, "--save", tmp_path / "run", "--format", "json", *ONE_RULE)
    assert [one["status"] for one in validated(done.out)["tenants"]] == ["done"]
    assert done.code == ExitCode.USAGE
    assert done.err.endswith(f"error: cannot write `{tmp_path / 'run' / 'fleet.json'}`: no space left on device\n")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--only", "fabricam"), "no such tenant: `fabricam`; did you mean `fabrikam`?"),
        (("--workers", "2", "--scheduler", "tcp://a:1"), "leave out one"),
        (("--scheduler", "tcp://a:1", "--rules", "."), "have no `--rules` folder"),
        (("--rule", "no-such-rule"), "no such rule"),
        (("--format", "junit"), "no such format: `junit`"),
        (("--format", "json", "--format", "csv"), "both go to stdout"),
    ],
)
def test_bad_options_end_it_before_anything_is_read(
    arguments: tuple[str, ...], words: str, migaudit: Run, tenants: Estate, tmp_path: Path
) -> None:
    done = migaudit("fleet", "run", tenants.file(tmp_path), *arguments)
    assert (done.code, done.out) == (ExitCode.USAGE, "")
    assert words in done.err
    assert "reading" not in done.err


def test_nobody_signs_in_by_hand_at_a_worker(migaudit: Run, tenants: Estate, tmp_path: Path) -> None:
    file = tenants.file(tmp_path, tenants.entry("fabrikam").replace("auth: environment", "auth: device-code"))
    done = migaudit("fleet", "run", file, "--workers", "1")
    assert done.code == ExitCode.USAGE
    assert f"{file}:5:10: `auth: device-code` needs a person" in done.err


def test_mistakes_in_the_file_are_told_with_their_places(migaudit: Run, tmp_path: Path) -> None:
    file = tmp_path / "fleet.yaml"
    file.write_text("tenants:\n  - name: a\n    scope: b\n  - all: true\n")
    done = migaudit("fleet", "run", file)
    assert done.code == ExitCode.USAGE
    assert [line.split(": ")[0] for line in done.err.removeprefix("error: ").splitlines()] == [
        f"{file}:{place}" for place in ("2:5", "3:5", "4:5")
    ]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_with_what_was_finished(tmp_path: Path, number: signal.Signals) -> None:
    slow = {"tailspin": [{"path": "/subscriptions", "hang": True}]}
    with estate(tmp_path, ("fabrikam", "tailspin"), slow) as served:
        command = [sys.executable, "-m", "auditor.cli.main", "fleet", "run", str(served.file(tmp_path))]
        run = subprocess.Popen(
            [*command, "--format", "json", "--save", str(tmp_path / "run"), *ONE_RULE],
            env={**os.environ, **served.env},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        kept = tmp_path / "run" / "001-fabrikam.jsonl.zst"
        wait_until(lambda: kept.exists() and "/subscriptions" in served.logs["tailspin"].read_text(), run)
        run.send_signal(number)
        out, err = run.communicate(timeout=60)
    assert run.returncode == ExitCode.INTERRUPTED
    assert [(one["name"], one["status"]) for one in validated(out)["tenants"]] == [
        ("fabrikam", "done"),
        ("tailspin", "failed"),
    ]
    assert "interrupted before it was read" in out
    assert err.endswith("1 of 2 tenants was not read: `tailspin`; the result says why\ninterrupted\n")
    saved = validated((tmp_path / "run" / "fleet.json").read_text())
    assert [one["status"] for one in saved["tenants"]] == ["done", "failed"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("at", ["judged", "show"])
def test_a_signal_between_reads_and_writes_loses_nothing(
    at: str,
    number: signal.Signals,
    migaudit: Run,
    signed_in_to_all: Estate,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    place = {"judged": "auditor.cli.fleet.steps.judged", "show": "auditor.cli.fleet.command._show"}[at]
    module, _, name = place.rpartition(".")
    real, times = getattr(importlib.import_module(module), name), count(1)

    def signalled(*given: object) -> object:
        if next(times) == (2 if at == "judged" else 1):
            signal.raise_signal(number)
        return real(*given)

    monkeypatch.setattr(place, signalled)
    monkeypatch.setattr("auditor.cli.interrupts._interrupted", threading.Event())
    file = signed_in_to_all.file(tmp_path, signed_in_to_all.entry("fabrikam"), signed_in_to_all.entry("tailspin"))
    other = tmp_path / "fleet.csv"
    done = migaudit("fleet", "run", file, "--format", "json", "--format", f"csv={other}", *ONE_RULE)
    assert done.code == ExitCode.INTERRUPTED
    states = [one["status"] for one in validated(done.out)["tenants"]]
    assert states == (["done", "failed"] if at == "judged" else ["done", "done"])
    assert other.read_text(encoding="utf-8").startswith("tenant,")


def test_an_endpoint_that_never_answers_holds_up_no_other_tenant(
    migaudit: Run, signed_in_to_all: Estate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("auditor.fleet.engine.PATIENCE", 0.2)
    monkeypatch.setattr("auditor.cli.interrupts._interrupted", threading.Event())
    run = tmp_path / "run"

    def end_when_the_other_is_there() -> None:
        while not (run / "002-tailspin.jsonl.zst").exists():
            if ended.wait(0.05):
                return
        os.kill(os.getpid(), signal.SIGTERM)

    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as hole:
        url = f"https://127.0.0.1:{hole.getsockname()[1]}"
        silent = signed_in_to_all.entry("fabrikam").replace(signed_in_to_all.azures["fabrikam"].arm, url)
        file = signed_in_to_all.file(tmp_path, silent, signed_in_to_all.entry("tailspin"))
        watching = threading.Thread(target=end_when_the_other_is_there)
        watching.start()
        done = migaudit("fleet", "run", file, "--format", "json", "--save", run, *ONE_RULE)
        ended.set()
        watching.join()
    assert done.code == ExitCode.INTERRUPTED
    assert [one["status"] for one in validated(done.out)["tenants"]] == ["failed", "done"]


def test_an_output_that_cannot_be_written_costs_no_other(
    migaudit: Run, signed_in_to_all: Estate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = tmp_path / "gone" / "fleet.csv"
    lost.parent.mkdir()

    def leave(*_: object) -> None:
        shutil.rmtree(lost.parent, ignore_errors=True)

    monkeypatch.setattr("auditor.cli.fleet.running.FleetReading._end", _then(FleetReading._end, leave))
    file = signed_in_to_all.file(tmp_path, signed_in_to_all.entry("fabrikam"))
    last = tmp_path / "fleet.md"
    options = (
        "--format",
        f"csv={lost}",
        "--format",
        "json",
        "--format",
        f"markdown={last}",
        "--save",
        tmp_path / "run",
    )
    done = migaudit("fleet", "run", file, *options, *ONE_RULE)
    assert done.code == ExitCode.USAGE
    assert done.err.endswith(f"error: cannot write `{lost}`: no such file or directory\n")
    assert len(validated(done.out)["tenants"]) == 1
    assert last.read_text(encoding="utf-8").startswith("# ")
    assert (tmp_path / "run" / "fleet.json").exists()
    before = migaudit("fleet", "run", file, *options[:-1], tmp_path / "other", *ONE_RULE)
    assert (before.code, before.out) == (ExitCode.USAGE, "")
    assert before.err.endswith("nothing was read yet\n")


def _then(first: Callable[..., None], second: Callable[..., None]) -> Callable[..., None]:
    def both(*given: object) -> None:
        first(*given)
        second(*given)

    return both


@pytest.mark.parametrize("output", ["run", "run/fleet.json"])
def test_the_folder_of_the_run_is_no_output(migaudit: Run, tenants: Estate, tmp_path: Path, output: str) -> None:
    (tmp_path / "run").mkdir()
    done = migaudit(
        "fleet", "run", tenants.file(tmp_path), "--format", f"json={tmp_path / output}", "--save", tmp_path / "run"
    )
    assert (done.code, "reading" in done.err) == (ExitCode.USAGE, False)
