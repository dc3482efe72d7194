"""The law of scans that are gone on with: killed at any moment, any number of times, a scan ends as if it never was."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.emulator.options import Endpoints, Options
from auditor.emulator.running import running_in_thread
from fixtures.generate import Size, environment
from tests.collect.emulated import FOREIGN
from tests.sampling import examples

WORLD = environment(Size(subscriptions=4, projects=0.3, orphans=0, management_groups=1, users=3, resource_groups=1), 3)
SOURCES = ("arm", "graph")
LATENCY = 10
"""Milliseconds of each answer, so that a scan lasts long enough to be killed at a certain one."""


class Tenant:
    """An emulated Azure that counts requests, and the real command against it."""

    def __init__(self, endpoints: Endpoints, log: Path) -> None:
        given = {name: value for name, value in os.environ.items() if name not in FOREIGN}
        self._environment = {**given, **endpoints.env}
        azure = ("--cloud", endpoints.arm, "--auth", "environment", "--all", "--at", "2026-11-23T10:00:00Z")
        self._command = (sys.executable, "-m", "auditor.cli.main", "scan", *azure, "--format", "json")
        self._log = log
        self._whole: dict[str, tuple[Any, int]] = {}

    def count(self) -> int:
        """Return the number of requests so far, without those for signing in."""
        lines = self._log.read_bytes().splitlines() if self._log.exists() else []
        return sum(b"/oauth2/" not in line and b"/metadata" not in line for line in lines)

    def result(self, source: str, *more: str | Path) -> Any:
        """Return what a scan says to its end, apart from when it ran."""
        command = [*self._command, "--source", source, *map(str, more)]
        done = subprocess.run(command, env=self._environment, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode in {0, 1}, done.stderr
        said = json.loads(done.stdout)
        return {name: value for name, value in said.items() if name not in {"collected_at", "evaluated_at"}}

    def whole(self, source: str) -> tuple[Any, int]:
        """Return what a scan says that nothing interrupts, and the number of its requests."""
        if source not in self._whole:
            before = self.count()
            self._whole[source] = (self.result(source), self.count() - before)
        return self._whole[source]

    def kill(self, source: str, file: Path, requests: int) -> bool:
        """Kill a scan once it has sent that many requests; return whether it was still running."""
        before = self.count()
        command = [*self._command, "--source", source, "--resume", str(file)]
        run = subprocess.Popen(command, env=self._environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while run.poll() is None and self.count() - before < requests:
            time.sleep(0.002)
        run.send_signal(signal.SIGKILL)
        return run.wait() == -signal.SIGKILL


@pytest.fixture(scope="module")
def tenant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tenant]:
    log = tmp_path_factory.mktemp("killed") / "access.jsonl"
    with running_in_thread(WORLD, Options(access_log=log, latency_ms=LATENCY)) as endpoints:
        yield Tenant(endpoints, log)


@given(source=st.sampled_from(SOURCES), deaths=st.lists(st.integers(1, 90), min_size=2, max_size=3))
@examples(1, 40)
def test_killed_at_any_request_and_gone_on_with_a_scan_says_the_same(
    tenant: Tenant, source: str, deaths: list[int]
) -> None:
    whole, _ = tenant.whole(source)
    with TemporaryDirectory() as folder:
        file = Path(folder) / "scan.resume"
        for requests in deaths:
            tenant.kill(source, file, requests)
        assert tenant.result(source, "--resume", file) == whole
        assert not file.exists()


@pytest.mark.exhaustive
def test_a_scan_that_was_killed_half_way_asks_for_less(tenant: Tenant, tmp_path: Path) -> None:
    whole, usual = tenant.whole("graph")
    file = tmp_path / "scan.resume"
    assert tenant.kill("graph", file, usual // 2)
    start = tenant.count()
    assert tenant.result("graph", "--resume", file) == whole
    assert tenant.count() - start < usual
