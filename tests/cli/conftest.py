"""The command, run in this process or in one of its own, and an emulated Azure to run it against."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from auditor.cli.main import main
from auditor.emulator.faults import faults_of
from auditor.emulator.options import Endpoints, Options
from auditor.emulator.running import running_in_thread
from auditor.inventory.snapshot.files import load
from auditor.inventory.snapshot.snapshot import Snapshot
from tests.cli.running import Done, Run


@pytest.fixture
def migaudit(capsys: pytest.CaptureFixture[str]) -> Run:
    """The command in this process."""

    def run(*arguments: str | Path) -> Done:
        capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        told = capsys.readouterr()
        return Done(code, told.out, told.err)

    return run


@pytest.fixture(scope="session")
def process() -> Run:
    """The command in a process of its own."""

    def run(*arguments: str | Path, env: Mapping[str, str] | None = None) -> Done:
        done = subprocess.run(
            [sys.executable, "-m", "auditor.cli.main", *map(str, arguments)],
            env={**os.environ, **(env or {})},
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture(scope="session")
def contoso(fixtures: Path) -> Iterator[Endpoints]:
    """Contoso as Azure on loopback."""
    with running_in_thread(load(fixtures / "contoso.yaml")) as endpoints:
        yield endpoints


@pytest.fixture
def signed_in(contoso: Endpoints, monkeypatch: pytest.MonkeyPatch) -> Endpoints:
    """This process signed in to the emulated Contoso."""
    for name, value in contoso.env.items():
        monkeypatch.setenv(name, value)
    return contoso


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Endpoints]]:
    """Serve a snapshot of one's own, with faults, and sign this process in there."""
    with ExitStack() as stack:

        def start(snapshot: Snapshot, faults: Sequence[Mapping[str, object]] = ()) -> Endpoints:
            endpoints = stack.enter_context(running_in_thread(snapshot, Options(faults=faults_of(faults))))
            for name, value in endpoints.env.items():
                monkeypatch.setenv(name, value)
            return endpoints

        yield start
