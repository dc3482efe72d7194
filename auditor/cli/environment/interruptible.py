"""Asynchronous work that Ctrl-C or SIGTERM ends within a second, whatever it waits for, without losing what it has."""

import asyncio
import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator
from types import FrameType
from typing import Any, Generic, TypeVar

from auditor.cli.early_interrupt import raise_if_interrupted
from auditor.cli.exit_codes import ExitCode

T = TypeVar("T")

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
TO_UNWIND = 0.4
"""Seconds after the signal in which the work may end in its own way; then its loop is stopped where it stands."""
TO_CLOSE = 0.4
"""Seconds for closing connections and threads, once everything is kept; then the process just ends."""
TO_LET_GO = 0.1
"""Seconds in which connections that a failure cut short say farewell and let go of their sockets."""
BLOCKED = 5.0
"""Seconds after which the process ends even if something keeps the loop itself from running."""


def run_interruptible(work: Callable[[], Coroutine[Any, Any, T]], on_interrupt: Callable[[], None]) -> T:
    """Return what `work` returns; on Ctrl-C or SIGTERM end it, call `on_interrupt` and raise `KeyboardInterrupt`.

    `on_interrupt` is where what was read so far is kept; nothing of `work` runs any more while it does, and only a
    second such signal cuts it short.
    """
    raise_if_interrupted()
    return _Run(work).result(on_interrupt)


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Let the block end before Ctrl-C or SIGTERM do: `KeyboardInterrupt` is raised behind it.

    For what must not be lost and does not take long; a second such signal ends the process where it stands.
    """
    told: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        if told:
            os._exit(ExitCode.INTERRUPTED)
        told.append(number)

    with _handling(note):
        yield
    if told:
        raise KeyboardInterrupt


@contextlib.contextmanager
def _handling(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """Have the signals that end a run go to `handler`; only the main thread is ever told of them."""
    numbers = _SIGNALS if threading.current_thread() is threading.main_thread() else ()
    before = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield
    finally:
        for number, former in before.items():
            signal.signal(number, former)


class _Run(Generic[T]):
    def __init__(self, work: Callable[[], Coroutine[Any, Any, T]]) -> None:
        self._loop = asyncio.new_event_loop()
        self._task = self._loop.create_task(work())
        self._interrupted = False
        self._stop: asyncio.TimerHandle | None = None
        self._watchdog: threading.Timer | None = None

    def result(self, on_interrupt: Callable[[], None]) -> T:
        numbers = _SIGNALS if threading.current_thread() is threading.main_thread() else ()
        before = {number: signal.signal(number, self._interrupt) for number in numbers}
        try:
            result = self._loop.run_until_complete(self._task)
            if not self._interrupted:
                return result
        except BaseException:  # a client may turn the cancellation into an error of its own
            if not self._interrupted:
                self._loop.run_until_complete(asyncio.sleep(TO_LET_GO))
            if not self._interrupted:
                raise
        finally:
            if not self._interrupted:
                for number, handler in before.items():
                    signal.signal(number, handler)
                self._close()
        self._end_within(None)
        on_interrupt()
        self._end_within(TO_CLOSE)
        self._close()
        raise KeyboardInterrupt

    def _interrupt(self, _number: int, _frame: FrameType | None) -> None:
        if self._interrupted:
            os._exit(ExitCode.INTERRUPTED)
        self._interrupted = True
        self._end_within(BLOCKED)
        self._loop.call_soon_threadsafe(self._unwind)

    def _unwind(self) -> None:
        self._task.cancel()
        self._stop = self._loop.call_later(TO_UNWIND, self._loop.stop)

    def _end_within(self, seconds: float | None) -> None:
        """End the process in so many seconds, come what may; None calls that off."""
        if self._watchdog is not None:
            self._watchdog.cancel()
        if seconds is not None:
            self._watchdog = threading.Timer(seconds, _end)
            self._watchdog.daemon = True
            self._watchdog.start()

    def _close(self) -> None:
        """Close the loop without waiting for threads: they may be stuck, and nothing they bring is wanted any more."""
        if self._stop is not None:
            self._stop.cancel()
        try:
            self._loop.run_until_complete(_end_tasks(asyncio.all_tasks(self._loop)))
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        finally:
            self._loop.close()


async def _end_tasks(left: set[asyncio.Task[Any]]) -> None:
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)


def _end() -> None:
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(ExitCode.INTERRUPTED)
