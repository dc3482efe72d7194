"""A hostile Azure on loopback, and the environment to sign in to it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.azure.hostile_azure import CLIENT, SECRET, TENANT, Certificate, HostileAzure, make_certificate, serving

_OTHERS = (
    "AZURE_AUTHORITY_HOST", "AZURE_TOKEN_CREDENTIALS", "AZURE_FEDERATED_TOKEN_FILE", "AZURE_CLIENT_CERTIFICATE_PATH",
    "IDENTITY_ENDPOINT", "MSI_ENDPOINT", "AZURE_POD_IDENTITY_AUTHORITY_HOST", "HTTPS_PROXY", "https_proxy",
    "REQUESTS_CA_BUNDLE",
)  # fmt: skip


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
async def hostile(certificate: Certificate, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[HostileAzure]:
    for name in _OTHERS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.ca_file))
    monkeypatch.setenv("AZURE_TENANT_ID", TENANT)
    monkeypatch.setenv("AZURE_CLIENT_ID", CLIENT)
    monkeypatch.setenv("AZURE_CLIENT_SECRET", SECRET)
    async with serving(certificate) as server:
        yield server


@pytest.fixture
async def stranger(certificate: Certificate) -> AsyncIterator[HostileAzure]:
    """Another host, trusted by TLS, that must not receive any request."""
    async with serving(certificate) as server:
        yield server


@pytest.fixture
def untrusted(tmp_path: Path) -> Path:
    """A file of roots that did not sign the server's certificate."""
    return make_certificate(tmp_path).ca_file


@pytest.fixture
async def untrusted_server(tmp_path: Path) -> AsyncIterator[HostileAzure]:
    """A server with an untrusted certificate."""
    async with serving(make_certificate(tmp_path)) as server:
        yield server


@pytest.fixture
async def metadata_service() -> AsyncIterator[HostileAzure]:
    """The service that gives a machine's managed identity its tokens."""
    async with serving(None) as server:
        yield server
