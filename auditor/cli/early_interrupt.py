"""Ctrl-C that is pressed while modules are still being imported.

Python drops a `KeyboardInterrupt` that is raised inside a weakref callback, and importing runs such callbacks. The
handler therefore also records the signal, and `raise_if_interrupted` is called before any long work begins.
"""

import signal
import threading
from types import FrameType

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
