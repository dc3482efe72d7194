"""Another process of this machine that runs steps."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import get_context, resource_tracker
from multiprocessing.connection import Connection
from threading import Event, Thread
from typing import Any

BEAT_SECONDS = 0.5
"""Seconds between the messages of a process that runs a step."""
TO_END = 1.0
"""Seconds that a process may take to end before it is killed."""


class HelperUnusable(Exception):
    """The process could not be started, so that the step was not begun."""


class HelperGone(Exception):
    """The process ended while it ran a step."""


class Helper:
    """A process that runs one step after another, with exactly the given variables.

    Those of this process are at times those of a tenant. `cpu_seconds` is the time that the processor gave to it.
    """

    def __init__(self, variables: Mapping[str, str]) -> None:
        self.cpu_seconds = 0.0
        context = get_context("spawn")
        self._ours, theirs = context.Pipe()
        self._began = False
        self._process = context.Process(target=_serve, args=(theirs, variables), name="migaudit-helper", daemon=True)
        with interrupts_kept(), suppress(OSError):
            self._process.start()
        theirs.close()

    @property
    def is_alive(self) -> bool:
        """Whether the process runs."""
        return self._process.is_alive()

    def run(self, step: Callable[..., Any], arguments: Sequence[object]) -> Any:
        """Return what the step returns there; raises `HelperUnusable` if it never began, `HelperGone` if it ended."""
        try:
            if not self._began:
                self._ours.recv()
                self._began = True
        except (EOFError, OSError) as failed:
            raise HelperUnusable from failed
        try:
            self._ours.send((step, arguments))
            while True:
                is_result, value = self._ours.recv()
                if is_result:
                    return value
                self.cpu_seconds = value
        except (EOFError, OSError) as failed:
            raise HelperGone(
                "the process that read it was ended, mostly for want of memory\n"
                "read it alone with `--only NAME`, or smaller parts of it with `--batch`"
            ) from failed

    def close(self) -> None:
        """End the process."""
        if self._process.pid is None:
            return
        self._process.terminate()
        self._process.join(TO_END)
        if self._process.is_alive():
            self._process.kill()


def _serve(connection: Connection, variables: Mapping[str, str]) -> None:
    """Run the steps that come, with exactly these variables, and tell meanwhile how much time the processor gave."""
    os.environ.clear()
    os.environ.update(variables)
    connection.send(True)
    ended = Event()

    def tell() -> None:
        while not ended.wait(BEAT_SECONDS):
            try:
                connection.send((False, time.process_time()))
            except OSError:  # the command was killed: nobody waits for what is read
                os._exit(1)

    with suppress(EOFError, OSError, KeyboardInterrupt):  # it was ended, or the command was
        while True:
            step, arguments = connection.recv()
            ended.clear()
            telling = Thread(target=tell, daemon=True)
            telling.start()
            returned = step(*arguments)
            ended.set()
            telling.join()
            connection.send((True, returned))


@contextmanager
def interrupts_kept() -> Iterator[None]:
    """Keep Ctrl-C for after the block; threads and processes that are started in it never get one.

    A terminal sends it to the workers too. Only this process answers it, and ends them. Windows has no such mask.
    """
    if sys.platform == "win32":
        yield
        return
    resource_tracker.ensure_running()  # started by the first process, it would let Ctrl-C through to that one
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
