"""Fixtures and settings for all tests: the embedded environments, and how many examples Hypothesis draws."""

import importlib
import pkgutil
import sys
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, settings

import auditor
import fixtures as worlds
from auditor.data import fixtures_dir
from auditor.emulator import certificates
from auditor.inventory.snapshot import yaml as yaml_snapshot
from tests.sampling import PROFILE

T = TypeVar("T")

# Hypothesis also draws from the constants of all loaded modules. Loading all of them gives a property test the same
# examples whichever tests ran before it in the same process.
for package in (auditor, worlds):
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        importlib.import_module(module.name)

# No deadline: no test is about time. Every profile but `thorough` is repeatable, so that a failing run fails again.
for name, count in {"everyday": 12, "quick": 25, "thorough": 1000}.items():
    settings.register_profile(
        name,
        max_examples=count,
        deadline=None,
        derandomize=name != "thorough",
        suppress_health_check=[HealthCheck.too_slow],
    )
settings.load_profile(PROFILE)


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
    """Read each embedded environment once in a process; they are immutable."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(yaml_snapshot, "read", _once(yaml_snapshot.read, fixtures_dir()))
        yield


def _once(read: Callable[..., T], folder: Path) -> Callable[..., T]:
    """Return a reader of files that reads one in `folder` again only after its content has changed."""
    kept: dict[tuple[Path, bytes], T] = {}

    def reading(path: Path, *more: object) -> T:
        if path.parent != folder:
            return read(path, *more)
        key = path, path.read_bytes()
        if key not in kept:
            kept[key] = read(path, *more)
        return kept[key]

    return reading


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
