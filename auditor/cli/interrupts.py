"""Ctrl-C and SIGTERM outside asynchronous work: while modules are being imported, between reads, while a file is saved.

Python drops a `KeyboardInterrupt` that is raised inside a weakref callback, and importing runs such callbacks. The
handler therefore also records the signal, and `raise_if_interrupted` is called before any long work begins.
"""

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from types import FrameType

from auditor.cli.exit_codes import ExitCode

INTERRUPTS: tuple[signal.Signals, ...] = (signal.SIGINT, signal.SIGTERM)
if sys.platform == "win32":  # Ctrl-Break, and a console window that is closed
    INTERRUPTS = (*INTERRUPTS, signal.SIGBREAK)
elif signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # a terminal that is closed; `nohup` ignores it
    INTERRUPTS = (*INTERRUPTS, signal.SIGHUP)

_interrupted = threading.Event()


def record_interrupts() -> None:
    """Record Ctrl-C and SIGTERM from now on; each raises `KeyboardInterrupt` as well."""
    if threading.current_thread() is threading.main_thread():
        for number in INTERRUPTS:
            signal.signal(number, interrupt_at_once)


def raise_if_interrupted() -> None:
    """Raise `KeyboardInterrupt` if a signal came since `record_interrupts`, even if Python dropped it."""
    if _interrupted.is_set():
        raise KeyboardInterrupt


def interrupt_at_once(_number: int, _frame: FrameType | None) -> None:
    """Record the signal and raise `KeyboardInterrupt`: a signal handler."""
    _interrupted.set()
    raise KeyboardInterrupt


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

    with handled_by(note):
        yield
    if received:
        raise KeyboardInterrupt


@contextlib.contextmanager
def handled_by(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """Let `handler` take Ctrl-C and SIGTERM until the block has ended; only in the main thread, as others cannot."""
    numbers = INTERRUPTS if threading.current_thread() is threading.main_thread() else ()
    before = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield
    finally:
        for number, former in before.items():
            signal.signal(number, former)
