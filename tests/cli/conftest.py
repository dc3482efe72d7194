"""The command, run in this process or in one of its own, and an emulated Azure to run it against."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from auditor.cli.main import main
from auditor.emulator.options import Endpoints
from auditor.emulator.running import running_in_thread
from auditor.inventory.files import load
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
