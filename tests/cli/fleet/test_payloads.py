"""What travels between machines, byte by byte: no secret and no token, neither in tasks nor in what they return."""

import pickle
import re
from dataclasses import replace

import cloudpickle
import pytest

from auditor.cli.fleet.steps import TenantSteps
from auditor.cli.terminal import Terminal
from auditor.collect.recording import Recording
from auditor.fleet.file import load_fleet
from auditor.fleet.steps import StepFailed, TenantBegun, TenantRead
from auditor.fleet.tenant import FleetTenant
from tests.cli.fleet.estate import Estate

TOKEN = re.compile(rb"eyJ[A-Za-z0-9_-]{10,}")
STEPS = TenantSteps(keeps=True, drawing=("html", "xlsx"), terminal=Terminal(quiet=True))


@pytest.fixture
def wingtip(signed_in_to_all: Estate, tmp_path_factory: pytest.TempPathFactory) -> FleetTenant:
    folder = tmp_path_factory.mktemp("fleet")
    return load_fleet(signed_in_to_all.file(folder, signed_in_to_all.entry("wingtip")))[0]


def check(sent: object, served: Estate) -> None:
    for dump in (pickle.dumps, cloudpickle.dumps):
        text = dump(sent)
        assert not TOKEN.search(text)
        assert not [secret for secret in served.secrets if secret.encode() in text]


def test_no_step_is_given_or_returns_a_secret(wingtip: FleetTenant, tenants: Estate) -> None:
    started = STEPS.start(wingtip, 1)
    assert isinstance(started, TenantBegun)
    parts = [STEPS.part(wingtip, [one]) for one in started.begun.subscriptions]
    assert all(isinstance(part, Recording) for part in parts)
    read = STEPS.finish(wingtip, started, parts)
    assert isinstance(read, TenantRead)
    assert read.snapshot is not None
    for sent in (
        *((step, wingtip) for step in (STEPS.start, STEPS.part, STEPS.finish)),
        *(started, *parts, read),
    ):
        check(sent, tenants)
    whole = pickle.loads(pickle.dumps(STEPS.start(wingtip, None)))  # noqa: S301 - its own bytes
    assert whole.result.findings == read.result.findings
    assert replace(whole.snapshot, header=read.snapshot.header) == read.snapshot


def test_neither_does_one_that_fails(wingtip: FleetTenant, tenants: Estate, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = tenants.azures["wingtip"].client_secret
    with monkeypatch.context() as patched:
        # Of all answers, one that quotes the secret: here the name of the tenant that is looked for is the secret.
        patched.setenv("WINGTIP_AZURE_TENANT_ID", secret)
        refused = STEPS.start(wingtip, None)
    assert isinstance(refused, StepFailed)
    assert secret not in refused.error
    check(refused, tenants)
    other = replace(STEPS, version="0.0.1")
    for step in (
        other.start(wingtip, None),
        other.part(wingtip, ["/subscriptions/x"]),
        STEPS.finish(wingtip, None, [StepFailed("killed"), Recording()]),  # type: ignore[arg-type]  # never looked at
    ):
        assert isinstance(step, StepFailed)
    assert "install the same version" in other.start(wingtip, None).error  # type: ignore[union-attr]  # it failed


def test_a_defect_is_told_by_its_place_alone(wingtip: FleetTenant, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ValueError("s3cret of the environment")

    monkeypatch.setattr("auditor.cli.fleet.steps.judged", broken)
    failed = STEPS.start(wingtip, None)
    assert isinstance(failed, StepFailed)
    assert failed.error.startswith("internal error: ValueError in ")
    assert "s3cret" not in failed.error
