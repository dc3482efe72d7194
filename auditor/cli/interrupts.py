"""Ctrl-C and SIGTERM outside asynchronous work: while modules are being imported, between reads, while a file is saved.

Python drops a `KeyboardInterrupt` that is raised inside a weakref callback, and importing runs such callbacks. The
handler therefore also records the signal, and `raise_if_interrupted` is called before any long work begins.
"""

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType

from auditor.cli.exit_codes import ExitCode

INTERRUPTS = (signal.SIGINT, signal.SIGTERM)

_interrupted = threading.Event()


def record_interrupts() -> None:
    """Record Ctrl-C from now on; it still raises `KeyboardInterrupt` as well."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, _interrupt)


def raise_if_interrupted() -> None:
    """Raise `KeyboardInterrupt` if Ctrl-C was pressed since `record_interrupts`, even if Python dropped it."""
    if _interrupted.is_set():
        raise KeyboardInterrupt


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    _interrupted.set()
    raise KeyboardInterrupt


def terminable() -> contextlib.AbstractContextManager[None]:
    """Let SIGTERM do what Ctrl-C does while the block runs: record the signal, and raise `KeyboardInterrupt`."""
    return _handling(_interrupt)


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Delay Ctrl-C and SIGTERM until the block has ended; `KeyboardInterrupt` is raised after it.

    For short work that must not be lost; a second signal ends the process at once.
    """
    received: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        if received:
            os._exit(ExitCode.INTERRUPTED)
        received.append(number)

    with _handling(note):
        yield
    if received:
        raise KeyboardInterrupt


@contextlib.contextmanager
def _handling(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """Handle SIGINT and SIGTERM with `handler` while the block runs; only the main thread can do so."""
    numbers = INTERRUPTS if threading.current_thread() is threading.main_thread() else ()
    before = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield
    finally:
        for number, former in before.items():
            signal.signal(number, former)
