"""The engine that runs steps on a Dask cluster: one that is there, or worker processes of this machine.

Dask itself starts a step again on another worker when its worker is killed; steps only read, so that is safe.
"""

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from contextlib import ExitStack, contextmanager
from itertools import count
from os import urandom
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from auditor.fleet.engine import EngineLost, JobLost
from auditor.fleet.helper import interrupts_kept

if TYPE_CHECKING:
    from distributed import Client, Future

CONNECT_SECONDS = 15
"""Seconds that a scheduler may take to answer."""
LOOK_SECONDS = 2.0
"""Seconds between looks at the cluster while no step ends."""
PATIENCE = 60.0
"""Seconds without any worker after which the run ends."""
_NO_PAGES: dict[str, list[str]] = {"distributed.scheduler.http.routes": [], "distributed.worker.http.routes": []}
"""Configuration of Dask without its pages, which any user of this machine could read: without a dashboard too, they
show the workers, their logs and what they do."""
_LOGGERS = ("distributed", "distributed.client", "distributed.nanny", "distributed.scheduler", "distributed.worker")
_NOISY = (*_LOGGERS, "distributed.core", "distributed.comm", "tornado", "tornado.application")


@contextmanager
def connected_cluster(address: str, tell: Callable[[str], None]) -> "Iterator[ClusterEngine]":
    """Yield the engine of the scheduler at `address`; raises `EngineLost` if it does not answer.

    Certificates for a `tls://` address are those of Dask's own configuration.
    """
    from distributed import Client

    _hush()
    try:
        client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False, name="migaudit")
    except (OSError, TypeError, ValueError, RuntimeError) as failed:
        raise EngineLost(
            f"cannot connect to the Dask scheduler `{address}`: {_first_line(failed)}\n"
            "check the address, and for tls:// the certificates in Dask's configuration (distributed.comm.tls)"
        ) from failed
    try:
        yield ClusterEngine(client, address, tell)
    finally:
        _close(client)


@contextmanager
def local_cluster(workers: int, tell: Callable[[str], None]) -> "Iterator[ClusterEngine]":
    """Yield the engine of so many worker processes on this machine, which only this run can reach."""
    from dask import config
    from distributed import Client, LocalCluster

    _hush()
    with ExitStack() as stack:
        try:
            with interrupts_kept(), config.set(_NO_PAGES):
                cluster = stack.enter_context(
                    LocalCluster(
                        n_workers=workers,
                        threads_per_worker=1,  # a process signs in to one tenant at a time
                        host="127.0.0.1",
                        security=True,  # with certificates of this run, as whoever reaches a scheduler can run code
                        # Without a dashboard it still listens, by default on a port that another cluster may have.
                        scheduler_kwargs={"dashboard": False, "dashboard_address": "127.0.0.1:0"},
                        silence_logs=logging.CRITICAL,
                    )
                )
        except (OSError, RuntimeError) as failed:
            raise EngineLost(
                f"cannot start {workers:,} worker processes: {_first_line(failed)}\n"
                "start fewer of them, or leave out `--workers`"
            ) from failed
        client = Client(cluster, timeout=CONNECT_SECONDS, set_as_default=False, name="migaudit")
        try:
            yield ClusterEngine(client, "on this machine", tell)
        finally:
            _close(client)


def _first_line(failure: BaseException) -> str:
    return str(failure).partition("\n")[0] or type(failure).__name__


def _hush() -> None:
    """Keep Dask's log off the screen: what matters of it is said in our words."""
    import distributed  # noqa: F401 - its import sets the levels of its loggers

    for name in _NOISY:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)


def _close(client: "Client") -> None:
    client.close(timeout=LOOK_SECONDS)


class ClusterJob:
    """A step on the cluster."""

    def __init__(self, future: "Future[Any]") -> None:
        self.future = future

    def outcome(self) -> Any:
        """Return what the step returned; raises `JobLost` with a reason, `EngineLost` if the scheduler is gone."""
        try:
            if self.future.status == "error":
                raise JobLost(_why_lost(self.future.exception(CONNECT_SECONDS)))
            return self.future.result()
        except (CancelledError, OSError) as lost:
            raise EngineLost("the Dask scheduler or the worker that held the result is gone") from lost


def _why_lost(failure: BaseException | None) -> str:
    """Return why a step ended without a result; the text of a foreign exception is not repeated."""
    kind = type(failure).__name__
    if kind == "KilledWorker":
        return (
            "every worker that tried to read it was killed, mostly for want of memory\n"
            "give the workers more memory, or read smaller parts with a lower `--batch`"
        )
    if isinstance(failure, ImportError):
        return (
            "the workers cannot load migaudit\ninstall the same version of it, with the extra `fleet`, where they run"
        )
    return f"the cluster ended it with {kind}\nsee the logs of the workers"


class ClusterEngine:
    """The engine over a client of a Dask scheduler; `address` is what messages call the scheduler."""

    def __init__(self, client: "Client", address: str, tell: Callable[[str], None]) -> None:
        self._client = client
        self._address = address
        self._tell = tell
        self._run = urandom(4).hex()
        self._numbers = count(1)
        self._pending: dict[Future[Any], ClusterJob] = {}
        self._ended: SimpleQueue[Future[Any]] = SimpleQueue()

    def submit(self, step: Callable[..., Any], *arguments: object) -> ClusterJob:
        """Hand a step to the scheduler; its key, which logs and the dashboard show, has no name in it."""
        key = f"migaudit-{self._run}-{next(self._numbers)}"
        future = self._client.submit(step, *map(_future_of, arguments), key=key, pure=False)
        job = self._pending[future] = ClusterJob(future)
        future.add_done_callback(self._ended.put)
        return job

    def ended(self) -> Iterator[ClusterJob]:
        """Yield each job as it ends; raises `EngineLost` when the scheduler or all workers are gone."""
        alone = 0.0
        while self._pending:
            try:
                future = self._ended.get(timeout=LOOK_SECONDS)
            except Empty:
                alone = self._alone_for(alone)
                continue
            alone = 0.0
            if future.cancelled() or self._client.status != "running":
                raise self._gone()
            yield self._pending.pop(future)

    def _alone_for(self, seconds: float) -> float:
        """Return for how long the scheduler has had no worker, `seconds` at the last look; raises `EngineLost`."""
        if self._client.status != "running":
            raise self._gone()
        if self._client.scheduler_info(n_workers=1)["workers"]:
            return 0.0
        if not seconds:
            self._tell(f"the Dask scheduler {self._address} has no worker; waiting for one")
        if seconds >= PATIENCE:
            raise EngineLost(
                f"the Dask scheduler {self._address} has had no worker for {PATIENCE:g} seconds\n"
                "start workers where migaudit is installed: `dask worker ADDRESS --nthreads 1`"
            )
        return seconds + LOOK_SECONDS

    def _gone(self) -> EngineLost:
        return EngineLost(
            f"the connection to the Dask scheduler {self._address} was lost before this tenant was read\n"
            "start the scheduler again and repeat the command; nothing was changed in Azure"
        )


def _future_of(argument: object) -> object:
    if isinstance(argument, ClusterJob):
        return argument.future
    return [_future_of(one) for one in argument] if isinstance(argument, list) else argument
