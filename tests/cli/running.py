"""What a run of the command came to."""

import subprocess
import time
from collections.abc import Callable, Sequence
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


def first_ended(runs: "Sequence[subprocess.Popen[str]]") -> "list[subprocess.Popen[str]]":
    """Wait until one of the runs has ended; return it, and then those that go on."""
    until = time.monotonic() + 120
    while all(run.poll() is None for run in runs):
        assert time.monotonic() < until
        time.sleep(0.02)
    return sorted(runs, key=lambda run: run.returncode is None)
