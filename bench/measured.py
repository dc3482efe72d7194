"""Running a process and measuring what it took, from outside."""

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Measured:
    """What one process took: seconds on the clock, seconds of processor, bytes of memory at its largest."""

    wall: float
    cpu: float
    peak: int
    status: int

    def line(self) -> str:
        """The figures for people."""
        return f"{self.wall:8.2f} s wall {self.cpu:8.2f} s CPU {self.peak / MEBIBYTE:7.0f} MB peak"


def measure(command: Sequence[str], *, output: Path | None = None, env: Mapping[str, str] | None = None) -> Measured:
    """Run `command` to its end and return what it took; standard output goes to `output` or nowhere.

    Standard error stays in the file beside it (`.err`), for the case that something goes wrong. Modules are compiled
    once and kept, as installing a package does it, whatever this shell says.
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
    # Linux counts the peak in kibibytes, macOS in bytes.
    peak = usage.ru_maxrss * (1 if os.uname().sysname == "Darwin" else 1024)
    return Measured(wall, usage.ru_utime + usage.ru_stime, peak, process.returncode)
