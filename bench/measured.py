"""Measurement of a process from outside: time, processor time and memory."""

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Measured:
    """The measurement of one process: elapsed seconds, processor seconds, peak memory in bytes, exit status."""

    wall: float
    cpu: float
    peak: int
    status: int

    def line(self) -> str:
        """Return the measurement as text."""
        return f"{self.wall:8.2f} s wall {self.cpu:8.2f} s CPU {self.peak / MEBIBYTE:7.0f} MB peak"


def measure(command: Sequence[str], *, output: Path | None = None, env: Mapping[str, str] | None = None) -> Measured:
    """Run `command` to its end and return its measurement; standard output goes to `output` or nowhere.

    Standard error goes to the file `.err` beside `output`, to explain failures. Compiled modules are kept even if the
    environment forbids it, as for an installed package.
    """
    out = output or Path(os.devnull)
    errors = output.with_suffix(".err") if output else Path(os.devnull)
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with out.open("wb") as stdout, errors.open("wb") as stderr:
        begun = time.perf_counter()
        process = subprocess.Popen(command, stdout=stdout, stderr=stderr, env={**inherited, **(env or {})})
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    # The unit of the peak is kibibytes on Linux and bytes on macOS.
    peak = usage.ru_maxrss * (1 if os.uname().sysname == "Darwin" else 1024)
    return Measured(wall, usage.ru_utime + usage.ru_stime, peak, process.returncode)
