"""Signing in with the variables of a prefix: nothing of one tenant is left for the next."""

import os
import threading
from pathlib import Path

import pytest

from auditor.azure.transport import Proxy, proxy_of, roots_file
from auditor.fleet.tenant import FleetTenant
from auditor.fleet.variables import VariablesMissing, own_tenant, variables_of, without_own_secrets

SET = {
    "AZURE_TENANT_ID": "plain-tenant",
    "AZURE_CLIENT_ID": "plain-client",
    "AZURE_CLIENT_SECRET": "plain-secret",
    "AZURE_AUTHORITY_HOST": "plain.example",
    "AZURE_CONFIG_DIR": "/home/me/.azure",
    "SSL_CERT_FILE": "/plain.pem",
    "ONE_AZURE_TENANT_ID": "one-tenant",
    "ONE_AZURE_CLIENT_ID": "one-client",
    "ONE_AZURE_CLIENT_SECRET": "one-secret",
    "ONE_SSL_CERT_FILE": "/one.pem",
    "ONE_PATH": "/nowhere",
    "TWO_AZURE_TENANT_ID": "two-tenant",
    "TWO_AZURE_CLIENT_ID": "",
}


@pytest.fixture(autouse=True)
def _variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("AZURE_")]:
        monkeypatch.delenv(name)
    for name, value in SET.items():
        monkeypatch.setenv(name, value)


def azure() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name.startswith("AZURE_")}


def tenant(env: str, auth: str = "default") -> FleetTenant:
    return FleetTenant(name=env, env=env, auth=auth, all=True, place="fleet.yaml:3:10")


def test_a_prefix_takes_the_place_of_all_other_ways_to_sign_in() -> None:
    before = dict(os.environ)
    for auth in ("environment", "default", "cli"):
        with variables_of(tenant("ONE", auth)):
            assert azure() == {
                "AZURE_TENANT_ID": "one-tenant",
                "AZURE_CLIENT_ID": "one-client",
                "AZURE_CLIENT_SECRET": "one-secret",
                "AZURE_CONFIG_DIR": "/home/me/.azure",
            }
            assert (os.environ["SSL_CERT_FILE"], os.environ["PATH"]) == ("/one.pem", before["PATH"])
            assert own_tenant(tenant("ONE")) == "one-tenant"
        assert dict(os.environ) == before
    with variables_of(tenant("TWO")):
        assert azure() == {"AZURE_TENANT_ID": "two-tenant", "AZURE_CONFIG_DIR": "/home/me/.azure"}
    assert dict(os.environ) == before


def test_a_secret_that_got_lost_is_missing_or_stays_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONE_AZURE_CLIENT_SECRET", "")
    with variables_of(tenant("ONE")):  # as unset, the default chain would pass over it
        assert azure()["AZURE_CLIENT_SECRET"] == ""
    with pytest.raises(VariablesMissing, match="ONE_AZURE_CLIENT_SECRET"), variables_of(tenant("ONE", "environment")):
        raise AssertionError


@pytest.mark.parametrize(
    ("plain", "own"),
    [
        ("https_proxy", "HTTPS_PROXY"),
        ("no_proxy", "NO_PROXY"),
        ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"),
        ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"),
    ],
)
def test_what_a_prefix_replaces_is_replaced_under_all_its_names(
    plain: str, own: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(plain, "http://plain.example:1")
    monkeypatch.delenv("ONE_SSL_CERT_FILE")
    monkeypatch.setenv(f"ONE_{own}", "http://one.example:1")
    before = dict(os.environ)
    with variables_of(tenant("ONE")):
        assert (plain in os.environ, os.environ[own]) == (False, "http://one.example:1")
        if own == "HTTPS_PROXY":
            assert proxy_of("https://management.azure.com") == Proxy("http://one.example:1")
        if "CERT" in plain + own:
            assert roots_file() == Path("http://one.example:1")
    assert dict(os.environ) == before


def test_they_are_given_back_after_a_failure_too() -> None:
    before = dict(os.environ)

    def interrupted() -> None:
        with variables_of(tenant("ONE")):
            os.environ["AZURE_MORE"] = "left by a library"
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert dict(os.environ) == before


def test_without_a_prefix_nothing_changes() -> None:
    with variables_of(tenant("")):
        assert azure()["AZURE_CLIENT_SECRET"] == "plain-secret"
        assert own_tenant(tenant("")) is None


@pytest.mark.parametrize(
    ("prefix", "auth", "missing"),
    [
        ("TWO", "environment", "TWO_AZURE_CLIENT_ID, TWO_AZURE_CLIENT_SECRET or TWO_AZURE_CLIENT_CERTIFICATE_PATH"),
        ("ONE", "workload-identity", "ONE_AZURE_FEDERATED_TOKEN_FILE is not set in the worker tcp://10.0.0.5:1,"),
        ("GONE", "default", "GONE_AZURE_TENANT_ID is not set"),
        ("GONE", "cli", "GONE_AZURE_TENANT_ID is not set"),
    ],
)
def test_what_is_missing_is_named_with_the_place_and_the_process(prefix: str, auth: str, missing: str) -> None:
    before = dict(os.environ)
    with pytest.raises(VariablesMissing) as refused, variables_of(tenant(prefix, auth), "the worker tcp://10.0.0.5:1"):
        raise AssertionError
    assert str(refused.value).startswith("fleet.yaml:3:10: ")
    assert missing in str(refused.value)
    assert dict(os.environ) == before


def test_two_threads_of_a_process_never_sign_in_at_once() -> None:
    inside = threading.Event()
    seen: list[str] = []

    def other() -> None:
        inside.wait()
        with variables_of(tenant("TWO")):
            seen.append(os.environ["AZURE_TENANT_ID"])

    thread = threading.Thread(target=other)
    thread.start()
    with variables_of(tenant("ONE")):
        inside.set()
        thread.join(0.1)
        seen.append(os.environ["AZURE_TENANT_ID"])
    thread.join()
    assert seen == ["one-tenant", "two-tenant"]


def test_the_values_of_secret_variables_are_taken_out_of_texts() -> None:
    with variables_of(tenant("ONE")):
        assert without_own_secrets("it said one-secret for one-client") == "it said <removed> for one-client"
