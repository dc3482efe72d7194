"""The tenants that all tests of `fleet` share, and this process with their variables."""

from collections.abc import Iterator

import pytest

from tests.cli.fleet.estate import Estate, estate


@pytest.fixture(scope="session")
def tenants(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    with estate(tmp_path_factory.mktemp("estate")) as served:
        yield served


@pytest.fixture
def signed_in_to_all(tenants: Estate, monkeypatch: pytest.MonkeyPatch) -> Estate:
    for name, value in tenants.env.items():
        monkeypatch.setenv(name, value)
    return tenants


@pytest.fixture(autouse=True)
def _one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no slow machine look like an endpoint that does not answer."""
    monkeypatch.setattr("auditor.fleet.engine.PATIENCE", 3600.0)
