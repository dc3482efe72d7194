"""The emulator in a process of its own, so that its work is not counted as the scan's."""

import json
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PATIENCE = 30
"""Seconds the emulator has to end after it was told to."""


@dataclass(frozen=True, slots=True)
class Emulator:
    """A running emulator: what it said of itself, and where it logs requests."""

    endpoints: dict[str, Any]
    access_log: Path

    @property
    def env(self) -> dict[str, str]:
        """The environment variables with which a client signs in."""
        return dict(self.endpoints["env"])

    def requests(self) -> list[dict[str, Any]]:
        """The requests answered so far."""
        with self.access_log.open(encoding="utf-8") as lines:
            return [json.loads(line) for line in lines]


@contextmanager
def emulator(migaudit: str, snapshot: Path, *, latency_ms: int, folder: Path) -> Iterator[Emulator]:
    """Serve `snapshot` until the block ends."""
    log = folder / f"{snapshot.name}.access.jsonl"
    command = [migaudit, "emulate", str(snapshot), "--latency-ms", str(latency_ms), "--access-log", str(log)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            if not line:
                raise SystemExit(f"the emulator did not start: {' '.join(command)}")
            yield Emulator(json.loads(line), log)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
