"""An unmodified proxy, tinyproxy, between migaudit and the emulator.

`make setup-proxy` puts it into `.venv-proxy`, and `make conformance` on the path. It asks for a name and a password.
The internet behind it is a stand-in that leads every name to the emulator.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from auditor.data import fixtures_dir
from auditor.emulator.options import Endpoints, Options
from auditor.emulator.running import running_in_thread
from auditor.inventory.snapshot.files import load
from tests.azure.scripted_proxy import ScriptedProxy, running_proxy
from tests.cli.running import Done

pytestmark = pytest.mark.conformance

NAME = "management.contoso.example"
LOGIN = "megan:hunter2"


@pytest.fixture(scope="module")
def tinyproxy() -> str:
    found = shutil.which("tinyproxy")
    if found is None:
        pytest.skip("no tinyproxy on the path: `make setup-proxy` gets it where the system has apt")
    return found


@pytest.fixture(scope="module")
def azure() -> Iterator[Endpoints]:
    with running_in_thread(load(fixtures_dir() / "fabrikam.yaml"), Options(hosts=(NAME,))) as endpoints:
        yield endpoints


@pytest.fixture
def internet(azure: Endpoints) -> Iterator[ScriptedProxy]:
    with running_proxy(ScriptedProxy(urlsplit(azure.arm).port or 0)) as behind:
        yield behind


@pytest.fixture
def proxy(tinyproxy: str, internet: ScriptedProxy, tmp_path: Path) -> Iterator[str]:
    """The host and port of a running proxy that asks for `LOGIN`."""
    port = free_port()
    settings = tmp_path / "tinyproxy.conf"
    settings.write_text(
        f"Port {port}\nListen 127.0.0.1\nTimeout 60\nAllow 127.0.0.1\nMaxClients 200\n"
        f'BasicAuth {LOGIN.replace(":", " ")}\nUpstream http {internet.url}\nLogFile "{tmp_path / "log"}"\n'
    )
    with subprocess.Popen([tinyproxy, "-d", "-c", str(settings)], stderr=subprocess.PIPE, text=True) as process:
        while not is_open(port):
            assert process.poll() is None, process.communicate()
            time.sleep(0.05)
        yield f"127.0.0.1:{port}"
        process.terminate()


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def is_open(port: int) -> bool:
    with socket.socket() as asked:
        return asked.connect_ex(("127.0.0.1", port)) == 0


def scan(azure: Endpoints, **variables: str) -> Done:
    cloud = f"https://{NAME}:{urlsplit(azure.arm).port}"
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    done = subprocess.run(
        [sys.executable, "-m", "auditor.cli.main", "-v", "scan", "--cloud", cloud, "--auth", "environment", "--all"],
        env={**kept, **azure.env, **variables},
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )
    assert "hunter2" not in done.stdout + done.stderr
    return Done(done.returncode, done.stdout, done.stderr)


def test_a_scan_through_a_proxy_that_asks_for_a_password(azure: Endpoints, proxy: str, internet: ScriptedProxy) -> None:
    done = scan(azure, HTTPS_PROXY=f"http://{LOGIN}@{proxy}")
    assert done.code == 0, done.err
    assert "0 unknown" in done.out or "no problem found" in done.out.lower(), done.out
    assert {target.partition(":")[0] for target, _ in internet.asked} == {NAME}


@pytest.mark.parametrize("login", ["", "megan:wrong@", "somebody@"])
def test_a_refused_sign_in_at_the_proxy(azure: Endpoints, proxy: str, login: str, internet: ScriptedProxy) -> None:
    done = scan(azure, HTTPS_PROXY=f"http://{login}{proxy}")
    assert done.code == 3
    # tinyproxy answers 407 to who names nobody, and 401 to a wrong password.
    assert f"error: the proxy {proxy} asks for a sign-in, or refused it ({401 if login else 407})" in done.err
    assert "check the name and password in HTTPS_PROXY" in done.err
    assert internet.asked == []


def test_a_host_that_the_proxy_cannot_reach(azure: Endpoints, proxy: str, internet: ScriptedProxy) -> None:
    internet.status = 502
    done = scan(azure, HTTPS_PROXY=f"http://{LOGIN}@{proxy}")
    assert done.code == 3
    assert f"the proxy {proxy} " in done.err
    assert f"https://{NAME}" in done.err


def test_certificates_are_checked_behind_the_proxy_too(azure: Endpoints, proxy: str) -> None:
    done = scan(azure, HTTPS_PROXY=f"http://{LOGIN}@{proxy}", SSL_CERT_FILE="", REQUESTS_CA_BUNDLE="")
    assert done.code == 3
    assert f"through the proxy {proxy} is not trusted" in done.err
    assert "SSL_CERT_FILE" in done.err


def test_either_variable_names_the_trusted_roots(azure: Endpoints, proxy: str) -> None:
    given = {"HTTPS_PROXY": f"http://{LOGIN}@{proxy}"}
    assert scan(azure, **given, SSL_CERT_FILE="").code == 0
    assert scan(azure, **given, REQUESTS_CA_BUNDLE="").code == 0


def test_hosts_in_no_proxy_are_asked_for_directly(azure: Endpoints, proxy: str, internet: ScriptedProxy) -> None:
    done = scan(azure, HTTPS_PROXY=f"http://{LOGIN}@{proxy}", NO_PROXY=f"fabrikam.com, {NAME}")
    assert done.code == 3
    assert f"the name https://{NAME}" in done.err
    assert internet.asked == []
