"""Fixtures and settings for all tests: the embedded environments, and how many examples Hypothesis draws."""

import importlib
import os
import pkgutil
import sys
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

import auditor
import fixtures as worlds
from auditor.data import fixtures_dir
from auditor.emulator import certificates
from auditor.inventory.snapshot import yaml as yaml_snapshot
from auditor.inventory.snapshot.snapshot import Snapshot

# Hypothesis also draws from the constants of all loaded modules. Loading all of them gives a property test the same
# examples whichever tests ran before it in the same process.
for package in (auditor, worlds):
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        importlib.import_module(module.name)

# No deadline: no test is about time. The quick profile is repeatable, so that a failing run fails again.
settings.register_profile(
    "quick", max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("thorough", max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


@pytest.fixture(scope="session")
def fixtures() -> Path:
    """Return the folder of the embedded environments."""
    return fixtures_dir()


@pytest.fixture(scope="session", autouse=True)
def _few_roots(pytestconfig: pytest.Config) -> Iterator[None]:
    """Leave the public roots out of the emulators' bundles: no test needs them, and each client would read them all."""
    with pytest.MonkeyPatch.context() as patch:
        if pytestconfig.option.markexpr != "conformance":
            patch.setattr(certificates, "_public_authorities", bytes)
        yield


@pytest.fixture(scope="session", autouse=True)
def _read_once() -> Iterator[None]:
    """Read each embedded environment once in a process; a snapshot is immutable, and many tests start from one."""
    read, folder = yaml_snapshot.read, fixtures_dir()
    kept: dict[bytes, Snapshot] = {}

    def once(path: Path) -> Snapshot:
        if path.parent != folder:
            return read(path)
        text = path.read_bytes()
        if text not in kept:
            kept[text] = read(path)
        return kept[text]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(yaml_snapshot, "read", once)
        yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Run tests marked `untraced` without the tracer; pytest-cov's own mark has no effect in workers of xdist."""
    if item.get_closest_marker("untraced") is None:
        return (yield)
    tracer = sys.gettrace()
    sys.settrace(None)
    try:
        return (yield)
    finally:
        sys.settrace(tracer)
