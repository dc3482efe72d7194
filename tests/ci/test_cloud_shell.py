"""The lines for Azure Cloud Shell: as printed, with its own sign-in, where only the home folder can be written."""

import os
import re
import shutil
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from auditor.data import fixtures_dir
from auditor.emulator.options import Endpoints
from auditor.emulator.running import running_in_thread
from auditor.inventory.snapshot.files import load
from tests.ci.container import TOP, may_mount

PAGE = TOP / "docs" / "cloud-shell.md"
AT = "--at 2026-11-23T10:00:00Z"


class TokenService:
    """The service in Cloud Shell that gives tokens without TLS; it takes them from the emulator."""

    def __init__(self, endpoints: Endpoints) -> None:
        context = ssl.create_default_context(cafile=endpoints.ca_file)
        self.asked: list[str] = []
        asked = self.asked

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                form = self.rfile.read(int(self.headers["Content-Length"]))
                asked.append(form.decode())
                headers = {"Metadata": self.headers["Metadata"], "Content-Type": self.headers["Content-Type"]}
                request = Request(f"{endpoints.arm}/oauth2/token", data=form, headers=headers)  # noqa: S310 - ours
                with urlopen(request, context=context) as answer:  # noqa: S310 - ours
                    token = answer.read()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(token)))
                self.end_headers()
                self.wfile.write(token)

            def log_message(self, *_arguments: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    @property
    def variables(self) -> dict[str, str]:
        return {"MSI_ENDPOINT": f"http://localhost:{self.server.server_port}/oauth2/token", "ACC_CLOUD": "PROD"}


@pytest.fixture
def endpoints() -> Iterator[Endpoints]:
    with running_in_thread(load(fixtures_dir() / "fabrikam.yaml")) as served:
        yield served


@pytest.fixture
def tokens(endpoints: Endpoints) -> Iterator[TokenService]:
    service = TokenService(endpoints)
    thread = threading.Thread(target=service.server.serve_forever, args=(0.05,))
    thread.start()
    yield service
    service.server.shutdown()
    thread.join()
    service.server.server_close()


def foreign_to_sign_in() -> dict[str, str]:
    begins = ("AZURE_", "MSI_", "IDENTITY_", "SSL_", "REQUESTS_", "PYTHON")
    return {name: value for name, value in os.environ.items() if not name.startswith(begins)}


@pytest.mark.untraced
def test_it_signs_in_by_itself(endpoints: Endpoints, tokens: TokenService, tmp_path: Path) -> None:
    env = {**foreign_to_sign_in(), **tokens.variables, "SSL_CERT_FILE": endpoints.ca_file, "PYTHONPATH": str(TOP)}
    command = [sys.executable, "-m", "auditor.cli.main", "scan", "--all", "--cloud", endpoints.arm, *AT.split()]
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    assert tokens.asked
    other = subprocess.run(
        command, cwd=tmp_path, env={**env, "AZURE_CLIENT_ID": "x"}, capture_output=True, encoding="utf-8", check=False
    )
    assert other.returncode == 3
    assert "AZURE_CLIENT_ID" in other.stderr


def python_312() -> str:
    """Return a Python 3.12, as Cloud Shell has, or else the one that runs the tests.

    A command of that name may be a shim of pyenv, which goes by the name that it is called by, or has no such Python.
    """
    for found in (*sorted(Path.home().glob(".pyenv/versions/3.12.*/bin/python3.12")), shutil.which("python3.12")):
        if found is not None:
            asked = [str(found), "-c", "import sys; print(sys.version_info[:2] == (3, 12), sys.executable)"]
            told = subprocess.run(asked, capture_output=True, encoding="utf-8", check=False).stdout.strip()
            is_it, _, path = told.partition(" ")
            if is_it == "True":
                return path
    return sys.executable


@pytest.mark.conformance
def test_the_three_lines_work_as_printed(endpoints: Endpoints, tokens: TokenService, tmp_path: Path) -> None:
    """Needs a network for the package index; without the right to mount, the file system stays as it is."""
    lines = re.findall(r"```console\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)[0].splitlines()
    assert len(lines) == 3
    home, tools, clone = (tmp_path / name for name in ("home", "tools", "clone"))
    for folder in (home, tools):
        folder.mkdir()
    (tools / "python3").symlink_to(python_312())
    shutil.copytree(TOP, clone, ignore=shutil.ignore_patterns(".git", ".venv*", ".*_cache", "site", "dist", "tests"))
    who = ("-c", "user.name=x", "-c", "user.email=x@contoso.com")
    for command in (("init", "-q"), ("add", "."), (*who, "commit", "-qm", "x")):
        subprocess.run(["git", *command], cwd=clone, check=True)
    shutil.copy(endpoints.ca_file, home / "roots.pem")
    cache = Path.home() / ".cache" / "pip"
    places, mounted = (home, tools, clone), may_mount()
    script = ["set -euo pipefail"]
    if mounted:
        places = (Path("/mnt"), Path("/opt"), Path("/srv"))
        script += [
            "mount --make-rprivate /",
            *(
                f"mount --bind {tmp_path / one.name} {there}"
                for one, there in zip((home, tools, clone), places, strict=True)
            ),
        ]
        if cache.is_dir():
            script += ["mkdir -p /mnt/.cache/pip", f"mount --bind {cache} /mnt/.cache/pip"]
        script += [
            "mount -t tmpfs -o mode=1777 tmpfs /tmp",
            "mount -o remount,ro,bind /opt",
            "mount -o remount,ro,bind /",
        ]
    script += [
        "cd ~",
        *lines[:2],
        "export SSL_CERT_FILE=~/roots.pem",
        lines[2].replace("Contoso Migration", "Fabrikam Migration") + f" --cloud {endpoints.arm} {AT}",
        "~/.migaudit/bin/python -c 'import sys; print(sys.version)'",
        "! touch /usr/x 2>/dev/null" if mounted else "",
    ]
    env = {
        **foreign_to_sign_in(),
        **tokens.variables,
        "HOME": str(places[0]),
        "PATH": f"{places[1]}:/usr/bin:/bin:/usr/sbin:/sbin",
        "REPOSITORY": places[2].as_uri(),
    }
    begin = ["unshare", "--mount"] if mounted else []
    done = subprocess.run(
        [*begin, "bash", "-c", "\n".join(script)], cwd="/", env=env, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert tokens.asked
    assert "in order" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("3.12.") or python_312() == sys.executable
    assert {path.name for path in home.iterdir()} <= {".cache", ".migaudit", "migaudit", "roots.pem"}
