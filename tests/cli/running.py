"""What a run of the command came to."""

import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Done:
    """The exit code and what was printed."""

    code: int
    out: str
    err: str


Run = Callable[..., Done]


def wait_until(happened: Callable[[], Any], run: "subprocess.Popen[str]") -> None:
    """Wait until something has happened while `run` goes on."""
    until = time.monotonic() + 120
    while not happened():
        assert run.poll() is None, run.communicate()
        assert time.monotonic() < until
        time.sleep(0.02)
