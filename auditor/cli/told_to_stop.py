"""Ctrl-C while commands load: Python loses a `KeyboardInterrupt` that falls into a weakref callback, as imports run.

So it is noted as well, and asked about before anything long begins.
"""

import signal
import threading
from types import FrameType

_told = threading.Event()


def listen() -> None:
    """Note Ctrl-C from now on; it raises `KeyboardInterrupt` as ever."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, _interrupted)


def obey() -> None:
    """Raise `KeyboardInterrupt` if Ctrl-C was pressed and got lost."""
    if _told.is_set():
        raise KeyboardInterrupt


def _interrupted(_number: int, _frame: FrameType | None) -> None:
    _told.set()
    raise KeyboardInterrupt
