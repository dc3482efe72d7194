"""A scan through a proxy: sign-in, Resource Manager and Microsoft Graph, and what is said where the proxy refuses."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from auditor.cli.exit_codes import ExitCode
from auditor.data import fixtures_dir
from auditor.emulator.options import Options
from auditor.emulator.running import running_in_thread
from auditor.inventory.snapshot.files import load
from tests.azure.hostile_azure import TENANT, make_certificate
from tests.azure.scripted_proxy import ScriptedProxy, running_proxy
from tests.cli.running import Done, Run

NAME = "management.contoso.example"
SECRET = "hunter2%21"
LOGIN = "megan:hunter2!"


@pytest.fixture(scope="module")
def azure() -> Iterator[tuple[int, dict[str, str]]]:
    """The port and the environment of an Azure whose name only a proxy knows."""
    with running_in_thread(load(fixtures_dir() / "fabrikam.yaml"), Options(hosts=(NAME,))) as endpoints:
        yield urlsplit(endpoints.arm).port or 0, dict(endpoints.env)


Scan = Callable[..., Done]


@pytest.fixture
def scan(migaudit: Run, azure: tuple[int, dict[str, str]], monkeypatch: pytest.MonkeyPatch) -> Scan:
    """A scan of the Azure behind the proxy that HTTPS_PROXY names."""
    port, variables = azure
    for name in ("https_proxy", "http_proxy", "no_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    def run(proxy: str, *more: str | Path) -> Done:
        monkeypatch.setenv("HTTPS_PROXY", proxy)
        cloud = f"https://{NAME}:{port}"
        done = migaudit("-v", "scan", "--cloud", cloud, "--auth", "environment", "--all", "--format=json", *more)
        assert "hunter2" not in done.out + done.err
        return done

    return run


@pytest.fixture
def proxied(azure: tuple[int, dict[str, str]]) -> Iterator[Callable[..., ScriptedProxy]]:
    with ExitStack() as stack:
        yield lambda **script: stack.enter_context(running_proxy(ScriptedProxy(azure[0], **script)))


def test_everything_goes_through_a_proxy_with_credentials(
    scan: Scan, proxied: Callable[..., ScriptedProxy], tmp_path: Path
) -> None:
    proxy, kept = proxied(login=LOGIN), tmp_path / "kept.jsonl"
    done = scan(f"http://megan:{SECRET}@{proxy.url}", "--save-snapshot", kept)
    assert done.code == ExitCode.CLEAN, done.err
    assert '"gaps": []' in done.out
    assert {target.partition(":")[0] for target, _ in proxy.asked} == {NAME}
    assert {login for _, login in proxy.asked} == {LOGIN}
    assert "hunter2" not in kept.read_text()


@pytest.mark.parametrize("login", ["", "megan:wrong@"])
def test_a_refused_sign_in_at_the_proxy(scan: Scan, proxied: Callable[..., ScriptedProxy], login: str) -> None:
    proxy = proxied(login=LOGIN)
    done = scan(f"http://{login}{proxy.url}")
    assert done.code == ExitCode.UNREADABLE
    assert f"the proxy {proxy.url} asks for a sign-in, or refused it (407)" in done.err
    assert "check the name and password in HTTPS_PROXY" in done.err
    assert "wrong" not in done.err
    assert len(proxy.asked) == 1  # a password that is tried again and again locks an account


def test_a_host_that_the_proxy_does_not_allow(scan: Scan, proxied: Callable[..., ScriptedProxy]) -> None:
    proxy = proxied(status=403)
    done = scan(f"http://megan:{SECRET}@{proxy.url}")
    assert done.code == ExitCode.UNREADABLE
    assert f"the proxy {proxy.url} does not allow connections to https://{NAME}" in done.err
    assert "NO_PROXY" in done.err


@pytest.mark.usefixtures("no_waits")
@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("127.0.0.1:1", "the proxy 127.0.0.1:1 cannot be reached ("),
        ("proxy.contoso.invalid:8080", "the proxy proxy.contoso.invalid:8080 cannot be reached ("),
    ],
)
def test_a_proxy_that_is_down(scan: Scan, url: str, said: str) -> None:
    done = scan(f"http://megan:{SECRET}@{url}")
    assert done.code == ExitCode.UNREADABLE
    assert said in done.err
    assert "check HTTPS_PROXY" in done.err


@pytest.fixture
def no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    from auditor.azure.throttling.throttle import Clock

    async def at_once(_clock: Clock, _seconds: float) -> None:
        return None

    monkeypatch.setattr(Clock, "sleep", at_once)


def test_a_proxy_that_opens_tls(
    scan: Scan, proxied: Callable[..., ScriptedProxy], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = make_certificate(tmp_path, (NAME,))
    proxy = proxied(opens=certificate.server)
    done = scan(f"http://{proxy.url}")
    assert done.code == ExitCode.UNREADABLE
    assert f"the certificate of https://{NAME}" in done.err
    assert f"through the proxy {proxy.url} is not trusted" in done.err
    assert "name its root certificate with SSL_CERT_FILE" in done.err


def test_a_host_named_in_no_proxy_is_asked_for_directly(
    scan: Scan, proxied: Callable[..., ScriptedProxy], monkeypatch: pytest.MonkeyPatch, no_waits: None
) -> None:
    proxy = proxied()
    monkeypatch.setenv("NO_PROXY", "contoso.example")
    done = scan(f"http://{proxy.url}")
    assert done.code == ExitCode.UNREADABLE
    assert f"the name https://{NAME}" in done.err
    assert proxy.asked == []


def test_a_proxy_of_another_kind(scan: Scan) -> None:
    done = scan(f"socks5://megan:{SECRET}@127.0.0.1:1")
    assert done.code == ExitCode.UNREADABLE
    assert "HTTPS_PROXY names a proxy for `socks5`, which is not supported" in done.err


@pytest.mark.usefixtures("no_waits", "scan")
@pytest.mark.parametrize(
    ("mode", "script"),
    [
        ("environment", {"login": LOGIN}),
        ("environment", None),
        ("device-code", {"status": 403}),
        ("device-code", None),
    ],
    ids=["sign-in", "down", "blocking-refused", "blocking-down"],
)
def test_signing_in_says_what_the_proxy_said(
    migaudit: Run,
    proxied: Callable[..., ScriptedProxy],
    monkeypatch: pytest.MonkeyPatch,
    mode: str,
    script: dict[str, Any] | None,
) -> None:
    """The proxy refuses before it connects, so nothing leaves this machine."""
    proxy = ScriptedProxy(0, url="127.0.0.1:1") if script is None else proxied(**script)
    monkeypatch.setenv("HTTPS_PROXY", f"http://megan:hunter2@{proxy.url}")
    done = migaudit("-v", "scan", "--auth", mode, "--tenant", TENANT, "--all")
    assert done.code == ExitCode.UNREADABLE
    said = {
        "login": "asks for a sign-in, or refused it (407)",
        "status": "does not allow connections to https://login.microsoftonline.com:443 (403)",
        "down": "cannot be reached (",
    }
    assert f"the proxy {proxy.url} {said[next(iter(script or {'down': 0}))]}" in done.err
    assert "HTTPS_PROXY" in done.err or "NO_PROXY" in done.err
    assert "hunter2" not in done.out + done.err
