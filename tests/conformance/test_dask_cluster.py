"""A real Dask cluster, a scheduler and two worker processes, against several Azures: killed workers, a lost scheduler.

The secrets of the tenants are in the variables of the workers only; the command and the scheduler do not have them.
"""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from distributed import Client

from auditor.cli.exit_codes import ExitCode
from tests.cli.fleet.estate import NAMES, Estate, estate
from tests.cli.fleet.test_fleet_run import results, timeless, validated
from tests.cli.running import Done

pytestmark = pytest.mark.conformance
WITHOUT = {name: value for name, value in os.environ.items() if "AZURE" not in name}
HANGS_ONCE = {"path": "/subscriptions?", "hang": True, "times": 1}
HANGS = {"path": "/subscriptions?", "hang": True}
PATIENCE = 60
"""Seconds for processes to start; no test is about time."""


@dataclass(frozen=True)
class Cluster:
    """The processes of a cluster, and what they logged."""

    address: str
    scheduler: "subprocess.Popen[bytes]"
    workers: "tuple[subprocess.Popen[bytes], ...]"
    logs: tuple[Path, ...]

    def logged(self) -> str:
        return "".join(log.read_text(encoding="utf-8") for log in self.logs)

    def busy(self) -> int:
        """Return the process id of the worker that has a step to do, once one has."""
        with Client(self.address, set_as_default=False) as client:
            pids: dict[str, int] = client.run(os.getpid)
            while True:
                doing = [address for address, keys in client.processing().items() if keys]
                if doing:
                    return pids[doing[0]]
                time.sleep(0.1)

    def tasks(self) -> str:
        """Return all that the scheduler holds of its tasks, as text."""

        def held(dask_scheduler: Any) -> str:
            import pickle

            tasks = dask_scheduler.tasks.values()
            return "".join(f"{task.key} {pickle.dumps(task.run_spec)!r}" for task in tasks)

        with Client(self.address, set_as_default=False) as client:
            text: str = client.run_on_scheduler(held)
            return text + str(client.get_worker_logs()) + str(client.get_scheduler_logs())


@contextmanager
def dask(folder: Path, env: Mapping[str, str], workers: int = 2) -> Iterator[Cluster]:
    """Run a scheduler without secrets and workers with `env`."""
    file = folder / "scheduler.json"
    with ExitStack() as stack:

        def start(name: str, *arguments: str, **more: str) -> "subprocess.Popen[bytes]":
            log = stack.enter_context((folder / f"{name}.log").open("wb"))
            command = [sys.executable, "-m", "dask", *arguments, "--scheduler-file", str(file), "--no-dashboard"]
            started = subprocess.Popen(
                command,
                env={**WITHOUT, "DASK_LOGGING__DISTRIBUTED": "debug", **more},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
            stack.callback(end, started)
            return started

        free = ("--port", "0", "--dashboard-address", "127.0.0.1:0")
        scheduler = start("scheduler", "scheduler", "--host", "127.0.0.1", *free)
        eventually(file.exists)
        address = json.loads(file.read_text())["address"]
        common = ("worker", "--nthreads", "1", "--no-nanny", "--host", "127.0.0.1")
        held = tuple(start(f"worker-{number}", *common, **env) for number in range(workers))
        with Client(address, set_as_default=False) as client:
            client.wait_for_workers(workers, timeout=PATIENCE)
        yield Cluster(address, scheduler, held, tuple(folder.glob("*.log")))


def eventually(happened: Any) -> None:
    until = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < until
        time.sleep(0.05)


def end(process: "subprocess.Popen[bytes]") -> None:
    process.kill()
    process.wait()


def start(served: Estate, folder: Path, *options: str) -> "subprocess.Popen[str]":
    """Start the command, which has no secret itself."""
    command = [sys.executable, "-m", "auditor.cli.main", "fleet", "run", str(served.file(folder)), "--format", "json"]
    return subprocess.Popen(
        [*command, *options], env=WITHOUT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    )


def ended(run: "subprocess.Popen[str]") -> Done:
    out, err = run.communicate(timeout=PATIENCE * 3)
    return Done(run.returncode, out, err)


def local(served: Estate, folder: Path) -> dict[str, Any]:
    """Return the results of one process that has the secrets."""
    command = [sys.executable, "-m", "auditor.cli.main", "fleet", "run", str(served.file(folder)), "--format", "json"]
    done = subprocess.run(
        command, env={**WITHOUT, **served.env}, capture_output=True, encoding="utf-8", check=False, timeout=PATIENCE * 3
    )
    return results(Done(done.returncode, done.stdout, done.stderr))


def check_silence(text: str, served: Estate) -> None:
    assert not [secret for secret in served.secrets if secret in text]
    assert not re.search(r"eyJ[A-Za-z0-9_-]{10,}", text)


def test_a_cluster_gives_what_one_process_gives_and_holds_no_secret(tmp_path: Path) -> None:
    with estate(tmp_path) as served, dask(tmp_path, served.env) as cluster:
        done = ended(start(served, tmp_path, "--scheduler", cluster.address, "--batch", "1"))
        assert done.code == ExitCode.FINDINGS, done.err
        assert results(done) == local(served, tmp_path)
        assert "wingtip: 2 subscriptions, in 2 parts" in done.err
        check_silence(done.out + done.err + cluster.logged(), served)


def test_a_killed_worker_costs_time_and_nothing_else(tmp_path: Path) -> None:
    kept, faults = tmp_path / "kept", {"tailspin": [HANGS_ONCE]}
    with estate(tmp_path, NAMES, faults) as served, dask(tmp_path, served.env) as cluster:
        run = start(served, tmp_path, "--scheduler", cluster.address, "--save", str(kept))
        eventually(lambda: len(list(kept.glob("*.jsonl.zst"))) == 2)
        tasks = cluster.tasks()
        assert served.azures["tailspin"].arm in tasks  # the task is there, with the entry of the file
        check_silence(tasks, served)
        os.kill(cluster.busy(), signal.SIGKILL)
        done = ended(run)
        assert done.code == ExitCode.FINDINGS, done.err
        assert sum(worker.poll() is not None for worker in cluster.workers) == 1
        assert results(done) == local(served, tmp_path)
        check_silence(done.out + done.err + cluster.logged(), served)


def test_a_lost_scheduler_ends_the_run_and_what_was_finished_is_shown(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    faults = {"tailspin": [HANGS]}
    with estate(tmp_path, NAMES, faults) as served, dask(tmp_path, served.env) as cluster:
        run = start(served, tmp_path, "--scheduler", cluster.address, "--save", str(kept))
        eventually(lambda: len(list(kept.glob("*.jsonl.zst"))) == 2)
        end(cluster.scheduler)
        done = ended(run)
    assert done.code == ExitCode.UNREADABLE
    tenants = validated(done.out)["tenants"]
    assert [(one["name"], one["status"]) for one in tenants] == [
        ("fabrikam", "done"),
        ("tailspin", "failed"),
        ("wingtip", "done"),
    ]
    assert f"the connection to the Dask scheduler {cluster.address} was lost" in tenants[1]["error"]
    told = "error: the cluster was lost: 1 of 3 tenants was not read: `tailspin`; the result says why\n"
    assert done.err.endswith(told)
    assert [timeless(one) for one in validated((kept / "fleet.json").read_text())["tenants"] if one["result"]]


def test_worker_processes_of_this_machine(tmp_path: Path) -> None:
    with estate(tmp_path) as served:
        command = [sys.executable, "-m", "auditor.cli.main", "fleet", "run", str(served.file(tmp_path))]
        run = subprocess.run(
            [*command, "--format", "json", "--workers", "2"],
            env={**WITHOUT, **served.env},
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=PATIENCE * 3,
        )
        assert results(Done(run.returncode, run.stdout, run.stderr)) == local(served, tmp_path)
        first, *lines = run.stderr.splitlines()
        said = [line.partition(":")[0] for line in lines]
        assert first == "reading 3 tenants on 2 processes"
        assert [line.partition("] ")[0] for line in said] == ["[1/3", "[2/3", "[3/3"]
        assert {line.partition("] ")[2] for line in said} == set(NAMES)
