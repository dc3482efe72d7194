import json
import os
import resource
import signal
import socket
import ssl
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import pytest

from auditor.cli.main import main
from auditor.emulator.options import Options
from auditor.emulator.running import running_in_thread
from auditor.inventory.snapshot.files import save
from tests.emulator.contoso_corner import AUDITOR_APP, OTHER, SUB, TENANT, corner

METADATA = "/metadata/endpoints?api-version=2022-09-01"


@pytest.fixture
def snapshot(tmp_path: Path) -> Path:
    path = tmp_path / "corner.jsonl"
    save(corner(), path)
    return path


@contextmanager
def emulate(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, object]]]:
    command = [sys.executable, "-m", "auditor.cli.main", "emulate", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process, json.loads(process.stdout.readline())
        finally:
            process.kill()


def test_an_access_log_that_cannot_be_written_ends_the_service(snapshot: Path, tmp_path: Path) -> None:
    log = tmp_path / "access.jsonl"
    with emulate(str(snapshot), "--access-log", str(log)) as (process, line):
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (20, 20))
        context = ssl.create_default_context(cafile=str(line["ca_file"]))
        with urlopen(f"{line['arm']}{METADATA}", context=context) as answer:  # noqa: S310  our own https
            assert answer.status == 200
        assert process.wait(60) == 2
        assert process.stderr is not None
        assert process.stderr.read() == f"error: cannot use `{log}`: file too large\n"
    assert not Path(str(line["ca_file"])).exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_without_output_for_its_endpoints_it_does_not_serve(snapshot: Path) -> None:
    command = [sys.executable, "-m", "auditor.cli.main", "emulate", str(snapshot)]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (2, "error: cannot write the output: no space left on device\n")


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
def test_the_command_prints_its_endpoints_and_stops_on_a_signal(
    snapshot: Path, tmp_path: Path, end: signal.Signals
) -> None:
    log = tmp_path / "access.jsonl"
    with emulate(str(snapshot), "--latency-ms", "1", "--page-size", "2", "--access-log", str(log)) as (process, line):
        assert (line["tenant_id"], line["client_id"], line["subscription_ids"]) == (TENANT, AUDITOR_APP, [SUB, OTHER])
        assert line["arm"] == line["login"] == line["graph"]
        assert line["env"] == {
            "AZURE_TENANT_ID": TENANT,
            "AZURE_CLIENT_ID": AUDITOR_APP,
            "AZURE_CLIENT_SECRET": line["client_secret"],
            "SSL_CERT_FILE": line["ca_file"],
            "REQUESTS_CA_BUNDLE": line["ca_file"],
        }
        trusted = Path(str(line["ca_file"]))
        assert stat.S_IMODE(trusted.parent.stat().st_mode) == 0o700
        assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in trusted.parent.glob("*.key"))
        context = ssl.create_default_context(cafile=str(trusted))
        with urlopen(f"{line['arm']}{METADATA}", context=context) as answer:  # noqa: S310  our own https
            assert answer.status == 200
        process.send_signal(end)
        assert process.wait(60) == 0
        assert not trusted.parent.exists()
    assert json.loads(log.read_text())["path"] == METADATA
    assert stat.S_IMODE(log.stat().st_mode) == 0o600


def test_what_cannot_be_served_is_a_usage_error(
    snapshot: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    faults = tmp_path / "faults.yaml"
    faults.write_text("faults: [{color: red}]")
    with running_in_thread(corner()) as endpoints:
        port = endpoints.arm.rpartition(":")[2]
        for arguments, word in (
            ([str(tmp_path / "none.jsonl")], "none.jsonl"),
            ([str(snapshot), "--faults", str(faults)], "color"),
            ([str(snapshot), "--faults", str(tmp_path / "none.yaml")], "none.yaml"),
            ([str(snapshot), "--access-log", str(tmp_path / "none" / "log")], "log"),
            ([str(snapshot), "--port", port], port),
            ([str(snapshot), "--latency-ms", "nan"], "not a finite time"),
            ([str(snapshot), "--latency-ms", "inf"], "not a finite time"),
        ):
            assert main(["emulate", *arguments]) == 2
            assert word in capsys.readouterr().err


def test_a_thread_serves_clients_that_block() -> None:
    with running_in_thread(corner(), Options(latency_ms=1)) as endpoints:
        context = ssl.create_default_context(cafile=endpoints.ca_file)
        with urlopen(f"{endpoints.arm}{METADATA}", context=context) as answer:  # noqa: S310  our own https
            assert json.load(answer)["authentication"]["loginEndpoint"] == endpoints.arm
        assert endpoints.client_secret not in repr(endpoints)
    assert not os.path.exists(endpoints.ca_file)  # noqa: PTH110  a plain path, as clients get it


def test_a_cloud_without_a_type_is_served(snapshot: Path) -> None:
    with emulate(str(snapshot), "--without", "Microsoft.OperationalInsights/clusters") as (_, line):
        assert line["arm"]


@pytest.mark.parametrize("text", ["clusters", "Microsoft.X/y@", "Microsoft.X/y@latest", "Microsoft.X/y@2023-09-01x9"])
def test_what_is_no_type_to_be_without_is_an_error(snapshot: Path, text: str) -> None:
    assert main(["emulate", str(snapshot), "--without", text]) == 2


def test_it_answers_under_further_names_that_its_certificate_has(snapshot: Path) -> None:
    with emulate(str(snapshot), "--host", "management.azure.com") as (_, line):
        port = int(str(line["arm"]).rpartition(":")[2])
        context = ssl.create_default_context(cafile=str(line["ca_file"]))
        host = f"management.azure.com:{port}"
        asked = f"GET {METADATA} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        with (
            socket.create_connection(("127.0.0.1", port)) as plain,
            context.wrap_socket(plain, server_hostname="management.azure.com") as secured,
        ):
            secured.sendall(asked.encode())
            answer = b"".join(iter(lambda: secured.recv(65536), b""))
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["resourceManager"] == f"https://{host}/"


@pytest.mark.parametrize("name", ["https://management.azure.com", "*.azure.com", "a b", "-azure.com"])
def test_a_further_name_is_that_of_a_host(snapshot: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["emulate", str(snapshot), "--host", name]) == 2
    assert f"`{name}` is not the name of a host" in capsys.readouterr().err


def test_the_variables_of_clients_are_kept_for_a_shell_while_it_serves(snapshot: Path, tmp_path: Path) -> None:
    kept = tmp_path / "an azure.sh"
    with emulate(str(snapshot), "--variables", str(kept), "--shell", "bash") as (process, line):
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
        asked = ["bash", "-c", f'. "{kept}"; env -0']
        told = subprocess.run(
            asked, env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, check=True
        ).stdout
        variables = dict(one.split("=", 1) for one in told.split("\0") if one)
        expected = {**line["env"], "MIGAUDIT_CLOUD": line["arm"], "MIGAUDIT_AUTH": "environment"}  # type: ignore[dict-item]
        assert variables.items() >= expected.items()
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    assert not kept.exists()
