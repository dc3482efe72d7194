"""Asynchronous work that Ctrl-C or SIGTERM ends within a second without losing its results, whatever it waits for."""

import asyncio
import contextlib
import os
import shutil
import signal
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from types import FrameType
from typing import Any, Generic, TypeVar

from auditor.cli.exit_codes import ExitCode
from auditor.cli.interrupts import INTERRUPTS, handled_by, interrupt_at_once, raise_if_interrupted

T = TypeVar("T")

TO_UNWIND = 0.4
"""Seconds after the signal for the work to end by itself; then its loop is stopped."""
TO_CLOSE = 0.4
"""Seconds for closing connections and threads after everything was kept; then the process exits."""
TO_DISCONNECT = 0.1
"""Seconds for connections to close their sockets after a failure."""
BLOCKED = 5.0
"""Seconds after which the process exits even if something blocks the loop itself."""


def run_interruptible(work: Callable[[], Coroutine[Any, Any, T]], on_interrupt: Callable[[], None]) -> T:
    """Return the result of `work`; on Ctrl-C or SIGTERM end it, call `on_interrupt` and raise `KeyboardInterrupt`.

    `on_interrupt` keeps what was read so far. No part of `work` runs meanwhile, and only a second signal cuts it short.
    """
    raise_if_interrupted()
    return _Run(work).result(on_interrupt)


@contextlib.contextmanager
def waiting_for_a_person() -> Iterator[None]:
    """Let Ctrl-C and SIGTERM raise `KeyboardInterrupt` at once while the block, inside of work, waits for an answer.

    The loop stands still meanwhile, so it could not end the work.
    """
    with handled_by(interrupt_at_once):
        yield


@contextlib.contextmanager
def removed_in_any_case(folder: Path) -> Iterator[None]:
    """Have a folder that the block removes itself removed, too, if the process must end before that."""
    _to_remove.add(folder)
    try:
        yield
    finally:
        _to_remove.discard(folder)


def end_other_work() -> None:
    """End the work of all other threads, as a signal ends that of the main thread: it raises `KeyboardInterrupt`."""
    for run in tuple(_in_other_threads):
        run.end()


class _Run(Generic[T]):
    def __init__(self, work: Callable[[], Coroutine[Any, Any, T]]) -> None:
        self._is_main = threading.current_thread() is threading.main_thread()
        self._loop = asyncio.new_event_loop()
        self._task = self._loop.create_task(work())
        self._interrupted = False
        self._stop: asyncio.TimerHandle | None = None
        self._watchdog: threading.Timer | None = None

    def result(self, on_interrupt: Callable[[], None]) -> T:
        if self._is_main:
            return self._result(on_interrupt)
        _in_other_threads.add(self)
        try:
            return self._result(on_interrupt)
        finally:
            _in_other_threads.discard(self)

    def end(self) -> None:
        """End the work, from any thread; the process goes on."""
        self._interrupted = True
        with contextlib.suppress(RuntimeError):  # it has just ended
            self._loop.call_soon_threadsafe(self._unwind)

    def _result(self, on_interrupt: Callable[[], None]) -> T:
        numbers = INTERRUPTS if self._is_main else ()
        before = {number: signal.signal(number, self._interrupt) for number in numbers}
        try:
            result = self._loop.run_until_complete(self._task)
            if not self._interrupted:
                return result
        except BaseException:  # a client may turn the cancellation into an error of its own
            if not self._interrupted:
                self._loop.run_until_complete(asyncio.sleep(TO_DISCONNECT))
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
        """End the process after `seconds` in any case; None cancels that. Another thread never ends it."""
        if self._watchdog is not None:
            self._watchdog.cancel()
        if seconds is not None and self._is_main:
            self._watchdog = threading.Timer(seconds, _end)
            self._watchdog.daemon = True
            self._watchdog.start()

    def _close(self) -> None:
        """Close the loop without waiting for threads: they may be stuck, and their results are no longer needed."""
        if self._stop is not None:
            self._stop.cancel()
        try:
            self._loop.run_until_complete(_end_tasks(asyncio.all_tasks(self._loop)))
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        finally:
            self._loop.close()


_in_other_threads: set[_Run[Any]] = set()
_to_remove: set[Path] = set()


async def _end_tasks(left: set[asyncio.Task[Any]]) -> None:
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)


def _end() -> None:
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.flush()
        sys.stderr.flush()
    for folder in tuple(_to_remove):
        shutil.rmtree(folder, ignore_errors=True)
    os._exit(ExitCode.INTERRUPTED)
