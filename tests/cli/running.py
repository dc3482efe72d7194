"""The result of a run of the command, and waiting for runs that are still going on."""

import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Thread
from typing import Any


@dataclass(frozen=True)
class Done:
    """The exit code and what was printed."""

    code: int
    out: str
    err: str


Run = Callable[..., Done]


def wait_until(happened: Callable[[], Any], run: "subprocess.Popen[str]") -> None:
    """Return once something has happened; fail if `run` ends first, which its own bounds make sure of."""
    while not happened():
        assert run.poll() is None, run.communicate()
        time.sleep(0.02)


def first_ended(runs: "Sequence[subprocess.Popen[str]]") -> "list[subprocess.Popen[str]]":
    """Return the runs with the one that ended first in front."""
    ended = SimpleQueue[subprocess.Popen[str]]()

    def wait(run: "subprocess.Popen[str]") -> None:
        run.wait()
        ended.put(run)

    for run in runs:
        Thread(target=wait, args=(run,), daemon=True).start()
    first = ended.get()
    return [first, *(run for run in runs if run is not first)]
