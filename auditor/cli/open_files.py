"""How many files the system lets a process hold open, and how many requests at once that leaves room for."""

import logging
import sys
from pathlib import Path

from auditor.cli.exit_codes import ExitCode
from auditor.cli.failures import TOO_MANY_OPEN, CommandFailed

_LOG = logging.getLogger("auditor.cli")

SPARE_CONNECTIONS = 8
"""Connections beside those of `--concurrency`: the pool keeps as many for signing in."""
RESERVE = 16
"""Open files beside connections: the name service, trusted roots, a helper such as `az`, what is loaded or written."""


def room_for(concurrency: int, *, ends: int = 1) -> int:
    """Return how many of `concurrency` requests at once the limit on open files allows, raising it as far as it goes.

    `ends` is 2 where this process serves what it asks, and so holds both ends of every connection.
    Raises `CommandFailed` (exit 3) where there is not room for one.
    """
    if sys.platform == "win32":  # there sockets are no files, and nothing limits them so low
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
