"""The engines: steps, steps of steps, and what is lost with a cluster."""

import os
import re
import signal
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from distributed import Client, LocalCluster

from auditor.fleet import cluster
from auditor.fleet.cluster import ClusterEngine, connected_cluster, local_cluster
from auditor.fleet.engine import Engine, EngineLost, JobLost, LocalEngine


@contextmanager
def threads(workers: int = 2) -> Iterator[tuple[LocalCluster, ClusterEngine]]:
    """A cluster of threads in this process, and its engine."""
    with (
        LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            processes=False,
            protocol="inproc://",
            scheduler_kwargs={"dashboard": False, "dashboard_address": "127.0.0.1:0"},
            worker_dashboard_address=None,
        ) as held,
        Client(held, set_as_default=False) as client,
    ):
        yield held, ClusterEngine(client, "here", lambda _text: None)


@pytest.fixture(params=["local", "cluster"])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    with ExitStack() as stack:
        yield LocalEngine() if request.param == "local" else stack.enter_context(threads())[1]


def double(number: int) -> int:
    return 2 * number


def total(first: int, others: list[int]) -> int:
    return first + sum(others)


def fail(_number: int) -> int:
    raise RuntimeError("s3cret")


def test_a_step_gets_what_other_steps_returned(engine: Engine) -> None:
    first = engine.submit(double, 1)
    seen = []
    last = None
    for job in engine.ended():
        seen.append(job.outcome())
        if job is first:
            parts = [engine.submit(double, number) for number in (2, 3)]
            last = engine.submit(total, first, parts)
    assert last is not None
    assert (sorted(seen), last.outcome()) == ([2, 4, 6, 12], 12)
    assert list(engine.ended()) == []


def test_parts_of_one_tenant_are_read_here_before_the_next_tenant() -> None:
    engine, order = LocalEngine(), []
    first, second = engine.submit(double, 1), engine.submit(double, 10)
    for job in engine.ended():
        order.append(job.outcome())
        if job is first:
            engine.submit(double, 2)
            engine.submit(double, 3)
    assert second.outcome() == 20
    assert order == [2, 4, 6, 20]


def test_a_step_that_raises_is_lost_without_its_words() -> None:
    with threads(1) as (_, engine):
        job = engine.submit(fail, 1)
        assert list(engine.ended()) == [job]
        with pytest.raises(JobLost) as lost:
            job.outcome()
    assert "RuntimeError" in str(lost.value)
    assert "s3cret" not in str(lost.value)


def test_a_scheduler_without_a_worker_is_waited_for_and_then_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "PATIENCE", 0.02)
    monkeypatch.setattr(cluster, "LOOK_SECONDS", 0.01)
    with threads(0) as (_, engine):
        engine.submit(double, 1)
        with pytest.raises(EngineLost, match=r"no worker for 0\.02 seconds"):
            list(engine.ended())


def test_a_scheduler_that_does_not_answer_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 0.2)
    with (
        pytest.raises(EngineLost, match=r"cannot connect to the Dask scheduler `tcp://127\.0\.0\.1:9`"),
        connected_cluster("tcp://127.0.0.1:9", print),
    ):
        raise AssertionError
    for address in ("nonsense://x", "tls://127.0.0.1:9"):
        with pytest.raises(EngineLost, match="check the address"), connected_cluster(address, print):
            raise AssertionError


def test_the_key_of_a_step_names_nobody() -> None:
    with threads(1) as (_, engine):
        job = engine.submit(double, 1)
        list(engine.ended())
        assert re.fullmatch(r"migaudit-[0-9a-f]{8}-1", str(job.future.key))


def answer(port: int, path: str) -> bytes:
    """Return the status line with which a web server of this machine answers."""
    with socket.create_connection(("127.0.0.1", port)) as asked:
        asked.sendall(f"GET {path} HTTP/1.0\r\n\r\n".encode())
        return asked.makefile("rb").readline()


def test_workers_of_this_machine_show_nothing_to_others_and_survive_ctrl_c(
    recwarn: pytest.WarningsRecorder,
) -> None:
    with local_cluster(1, print) as engine:
        inside: Any = engine._client.cluster
        for path in ("/info/main/workers.html", "/info/logs.html", "/json/identity.json", "/metrics", "/status"):
            assert b" 404 " in answer(inside.scheduler.http_server.port, path)
        first = engine.submit(os.getpid)
        assert list(engine.ended()) == [first]
        os.kill(first.outcome(), signal.SIGINT)
        again = engine.submit(os.getpid)
        assert list(engine.ended()) == [again]
        assert again.outcome() == first.outcome()
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())
    assert not [one for one in recwarn if "already in use" in str(one.message)]
