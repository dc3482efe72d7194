"""Reading an environment from Azure: the connection, the limit on open files, and the logging around it.

`read_azure` is what the commands call. It opens a connection (`connected`) as the options say, reads with progress on
stderr, keeps what was read even if something ends it early, and never opens more files than `room_for` allows.
"""

import logging
import os
import sys
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from auditor.cli.environment.interruptible import run_interruptible
from auditor.cli.environment.progress import watching
from auditor.cli.exit_codes import ExitCode
from auditor.cli.failures import TOO_MANY_OPEN, CommandFailed, UsageFailed
from auditor.cli.options import ConnectionOptions
from auditor.cli.terminal import Terminal, to_stderr
from auditor.collect.recording import Recording
from auditor.collect.request import BadRequest, Request

if TYPE_CHECKING:
    from datetime import datetime

    from auditor.azure.connection import Azure
    from auditor.cli.environment.keeping import Keeper
    from auditor.cli.environment.resumption import Resumption
    from auditor.facts.estate.environment import Context
    from auditor.inventory.snapshot.snapshot import Snapshot

LARGEST_ANSWER = "MIGAUDIT_LARGEST_ANSWER"
"""Environment variable that sets the maximum size of an answer of Azure, in MiB."""
SPARE_CONNECTIONS = 8
"""Connections beside those of `--concurrency`: the pool keeps as many for signing in."""
RESERVE = 16
"""Open files beside connections: the name service, trusted roots, a helper such as `az`, what is loaded or written."""

_DIGITS = 6
T = TypeVar("T")
_LOG = logging.getLogger("auditor.cli")


ServedEnvironment = Callable[[], AbstractAsyncContextManager[ConnectionOptions]]
"""An Azure of this process's own: a context that must stay open while it is read."""


def read_azure(
    request: Request,
    connection: ConnectionOptions | ServedEnvironment,
    terminal: Terminal,
    keeper: "Keeper | None" = None,
    *,
    dated: "datetime | None" = None,
    resumption: "Resumption | None" = None,
) -> "Snapshot":
    """Return what `request` asks for, read from Azure and kept by `keeper`; `resumption` goes on with an earlier run.

    If something ends the reading, what was read so far is kept and the rest is recorded as gaps; then
    `KeyboardInterrupt` is raised after Ctrl-C, otherwise the failure itself. Nothing is kept for a `BadRequest`,
    because nothing in scope was read. `dated` replaces the time of reading, for an environment written for that time.
    """
    recording = Recording(dated)

    async def work(azure: "Azure") -> "Snapshot":
        from auditor.collect.collect import collect

        if resumption is not None:
            recording.began = await resumption.begin(azure)
        with watching(terminal) as progress:
            return await collect(azure, request, progress, recording, terminal.note)

    def on_interrupt() -> None:
        if keeper is not None:
            keeper.keep_interrupted(recording)

    try:
        snapshot = with_azure(connection, terminal, work, on_interrupt)
    except BadRequest:
        raise
    except Exception:
        if keeper is not None:
            keeper.keep_part(recording)
        raise
    if resumption is not None:
        resumption.read(snapshot)
    if keeper is not None:
        keeper.keep(snapshot)
    return snapshot


def with_azure(
    connection: ConnectionOptions | ServedEnvironment,
    terminal: Terminal,
    work: "Callable[[Azure], Awaitable[T]]",
    on_interrupt: Callable[[], None] = lambda: None,
) -> T:
    """Return what `work` returns over one connection; Ctrl-C calls `on_interrupt` and raises `KeyboardInterrupt`."""
    listen_to_libraries(terminal)
    room_for(1)  # without a file descriptor for the event loop itself, Python would print a long traceback

    async def whole() -> T:
        served = nullcontext(connection) if isinstance(connection, ConnectionOptions) else connection()
        async with served as options, connected(options) as azure:
            return await work(azure)

    return run_interruptible(whole, on_interrupt)


def connected(options: ConnectionOptions) -> AbstractAsyncContextManager["Azure"]:
    """Open a connection; raises `UsageFailed` for an invalid `MIGAUDIT_LARGEST_ANSWER`."""
    from auditor.azure.bounds import Bounds
    from auditor.azure.connection import connect
    from auditor.azure.throttling.limits import Pace

    concurrency = room_for(options.concurrency, ends=2 if options.own else 1)
    bounds = Bounds() if (largest := _largest_answer()) is None else Bounds(answer=largest)
    pace = Pace(options.per_second)
    return connect(
        options.cloud, options.auth, options.tenant, concurrency=concurrency, pace=pace, bounds=bounds, tell=to_stderr
    )


def _largest_answer() -> int | None:
    """Return the maximum size of an answer in bytes, if the environment sets it."""
    text = os.environ.get(LARGEST_ANSWER, "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and 0 < len(text) <= _DIGITS and int(text)):
        raise UsageFailed(f"`{LARGEST_ANSWER}={text[:20]}`: it takes a number of MiB, such as 64")
    return int(text) * 1024 * 1024


def room_for(concurrency: int, *, ends: int = 1) -> int:
    """Return how many of `concurrency` requests at once the limit on open files allows, after raising it if possible.

    `ends` is 2 if this process serves what it asks, and so holds both ends of every connection. Raises `CommandFailed`
    (exit 3) if the limit does not even allow one request.
    """
    if sys.platform == "win32":  # sockets are not files there, and no such limit applies
        return concurrency
    import resource

    taken = sum(1 for _ in Path("/dev/fd").iterdir()) + RESERVE
    needed = taken + ends * (concurrency + SPARE_CONNECTIONS)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return concurrency
    if hard == resource.RLIM_INFINITY or hard > soft:
        soft = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    room = min(concurrency, (soft - taken) // ends - SPARE_CONNECTIONS)
    if room < 1:
        least = taken + ends * (1 + SPARE_CONNECTIONS)
        raise CommandFailed(ExitCode.UNREADABLE, f"{TOO_MANY_OPEN}; it is {soft} now, and reading takes {least}")
    if room < concurrency:
        _LOG.warning(
            "the limit on open files (`ulimit -n`) is %d: %d requests at once, not %d", soft, room, concurrency
        )
    return room


class _Details(logging.Handler):
    """Log handler that shows migaudit's own warnings with `--verbose`."""

    def __init__(self, terminal: Terminal) -> None:
        super().__init__(logging.WARNING)
        self._terminal = terminal

    def emit(self, record: logging.LogRecord) -> None:
        """Show the record's message."""
        self._terminal.detail(record.getMessage())


def listen_to_libraries(terminal: Terminal) -> None:
    """Keep the SDKs' log messages off the screen: they repeat ours at length, and quote requests."""
    for name in ("azure", "msal", "aiohttp", "asyncio"):
        logging.getLogger(name).addHandler(logging.NullHandler())
    logging.getLogger("auditor").handlers = [_Details(terminal)]


def context_of(snapshot: "Snapshot") -> "Context":
    """Return the context that cleanup plans and checks are computed from."""
    from auditor.access.access import Access
    from auditor.facts.estate.environment import Context
    from auditor.inventory.inventory import Inventory

    inventory = Inventory.of(snapshot)
    return Context(inventory, Access.of(inventory))
