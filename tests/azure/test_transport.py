"""Trusted roots and proxies set by the environment."""

import ssl
from pathlib import Path

import pytest

from auditor.azure.errors import Unreachable
from auditor.azure.transport import proxy_of, tls_context
from tests.azure.hostile_azure import Certificate

PROXY = "http://proxy.contoso.com:8080"


@pytest.fixture
def proxied(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("https_proxy", "no_proxy", "http_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("https_proxy", PROXY)
    monkeypatch.setenv("no_proxy", "fabrikam.com,arm.contoso.com:8443")
    return monkeypatch


@pytest.mark.parametrize(
    ("url", "proxy"),
    [
        ("https://management.azure.com/subscriptions", PROXY),
        ("https://login.fabrikam.com", None),
        ("https://arm.contoso.com:8443/x", None),
        ("https://arm.contoso.com/x", PROXY),
        ("https://127.0.0.1:8443", None),
        ("https://[::1]:8443", None),
        ("https://localhost", None),
        ("http://169.254.169.254/metadata/identity/oauth2/token", None),
        ("http://management.azure.com", None),
    ],
)
def test_the_proxy_of_a_host(proxied: pytest.MonkeyPatch, url: str, proxy: str | None) -> None:
    found = proxy_of(url)
    assert (found.url if found else None) == proxy


@pytest.mark.parametrize(
    ("text", "url", "login"),
    [
        ("proxy.contoso.com:8080", PROXY, None),
        ("http://proxy.contoso.com", "http://proxy.contoso.com:80", None),
        ("https://proxy.contoso.com", "https://proxy.contoso.com:443", None),
        ("http://[2001:db8::1]:3128", "http://[2001:db8::1]:3128", None),
        ("http://megan:pa%40ss%3Aw%C3%B6rd@proxy.contoso.com:8080", PROXY, ("megan", "pa@ss:w\u00f6rd")),
        ("megan:secret@proxy.contoso.com:8080", PROXY, ("megan", "secret")),
        ("http://CONTOSO%5Cmegan@proxy.contoso.com:8080/", PROXY, ("CONTOSO\\megan", "")),
    ],
)
def test_an_address_of_a_proxy_with_and_without_credentials(
    proxied: pytest.MonkeyPatch, text: str, url: str, login: tuple[str, str] | None
) -> None:
    proxied.setenv("https_proxy", text)
    found = proxy_of("https://management.azure.com")
    assert found is not None
    assert found.url == url
    assert found.login == login
    assert str(found) == url.partition("://")[2]
    assert "secret" not in repr(found)


@pytest.mark.parametrize("text", ["socks5://megan:secret@proxy.contoso.com", "http://", "http://megan:secret@:x", "["])
def test_what_is_no_http_proxy_is_refused_without_its_credentials(proxied: pytest.MonkeyPatch, text: str) -> None:
    proxied.setenv("https_proxy", text)
    with pytest.raises(Unreachable, match="HTTPS_PROXY") as refused:
        proxy_of("https://management.azure.com")
    assert "secret" not in f"{refused.value!s} {refused.value.args}"


def test_the_proxy_for_everything_counts(proxied: pytest.MonkeyPatch) -> None:
    proxied.delenv("https_proxy")
    proxied.setenv("all_proxy", PROXY)
    found = proxy_of("https://management.azure.com")
    assert found is not None
    assert found.url == PROXY


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
