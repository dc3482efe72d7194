"""Asynchronous work that Ctrl-C ends within a second, whatever it is waiting for."""

import asyncio
import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator
from types import FrameType
from typing import Any, TypeVar

from auditor.cli.exit_codes import ExitCode

T = TypeVar("T")

GRACE = 0.7
"""Seconds between Ctrl-C and the hard end: what is orderly but slower (a thread in a name look-up) is cut off."""


class Watchdog:
    """Ends the process `GRACE` seconds after it was set, unless called back."""

    def __init__(self) -> None:
        self._timer: threading.Timer | None = None

    def set(self) -> None:
        """Start the countdown; a second call changes nothing."""
        if self._timer is None:
            self._timer = threading.Timer(GRACE, self._end)
            self._timer.daemon = True
            self._timer.start()

    @contextlib.contextmanager
    def held_back(self) -> Iterator[None]:
        """Let the block run to its end, however long it takes; then the countdown starts anew."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        yield
        self.set()

    @staticmethod
    def _end() -> None:
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(ExitCode.INTERRUPTED)


def run_interruptible(work: Callable[[], Coroutine[Any, Any, T]], on_interrupt: Callable[[], None]) -> T:
    """Return what `work` returns; on Ctrl-C cancel it, call `on_interrupt` and raise `KeyboardInterrupt`.

    `on_interrupt` is where what was read so far is kept; it is never cut short, unless by a second Ctrl-C.
    """
    watchdog = Watchdog()
    interrupted = False
    loop = asyncio.new_event_loop()
    task = loop.create_task(work())

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        nonlocal interrupted
        if interrupted:
            os._exit(ExitCode.INTERRUPTED)
        interrupted = True
        watchdog.set()
        loop.call_soon_threadsafe(task.cancel)

    before = signal.signal(signal.SIGINT, interrupt) if _in_main_thread() else None
    try:
        result = loop.run_until_complete(task)
        if not interrupted:
            return result
    except BaseException:  # a client may turn the cancellation into an error of its own
        if not interrupted:
            raise
    finally:
        if before is not None and not interrupted:
            signal.signal(signal.SIGINT, before)
        _close(loop)
    with watchdog.held_back():
        on_interrupt()
    raise KeyboardInterrupt


def _in_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


def _close(loop: asyncio.AbstractEventLoop) -> None:
    """Close the loop without waiting for threads: they may be stuck, and nothing they bring is wanted any more."""
    try:
        loop.run_until_complete(_end_tasks(asyncio.all_tasks(loop)))
        loop.run_until_complete(loop.shutdown_asyncgens())
    finally:
        loop.close()


async def _end_tasks(left: set[asyncio.Task[Any]]) -> None:
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
