"""Trusted roots and proxies set by the environment."""

import ssl
from pathlib import Path

import pytest

from auditor.azure.transport import proxy_for, tls_context
from tests.azure.hostile_azure import Certificate


@pytest.fixture
def proxied(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("https_proxy", "no_proxy", "HTTPS_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("https_proxy", "http://proxy.contoso.com:8080")
    monkeypatch.setenv("no_proxy", "fabrikam.com")


@pytest.mark.parametrize(
    ("host", "proxy"),
    [
        ("management.azure.com", "http://proxy.contoso.com:8080"),
        ("login.fabrikam.com", None),
        ("127.0.0.1", None),
        ("::1", None),
        ("localhost", None),
    ],
)
def test_the_proxy_of_a_host(proxied: None, host: str, proxy: str | None) -> None:
    assert proxy_for("https", host) == proxy


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"])
def test_a_named_bundle_replaces_the_system_roots(
    certificate: Certificate, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.setenv(variable, str(certificate.ca_file))
    [root] = tls_context().get_ca_certs()
    assert "Contoso test authority" in str(root["subject"])


def test_a_folder_or_nothing_is_fine_and_names_are_always_checked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    for value in (str(tmp_path), ""):
        monkeypatch.setenv("SSL_CERT_FILE", value)
        context = tls_context()
        assert context.check_hostname
        assert context.verify_mode is ssl.CERT_REQUIRED
