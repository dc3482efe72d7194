"""The emulator in a separate process, so that its work does not count as that of the scan."""

import json
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PATIENCE = 30
"""Seconds that the emulator has to end after SIGTERM."""


@dataclass(frozen=True, slots=True)
class Emulator:
    """A running emulator: the line that it printed, and its access log."""

    endpoints: dict[str, Any]
    access_log: Path

    @property
    def env(self) -> dict[str, str]:
        """The environment variables for the sign-in of a client."""
        return dict(self.endpoints["env"])

    def requests(self) -> list[dict[str, Any]]:
        """Return the requests answered so far."""
        with self.access_log.open(encoding="utf-8") as lines:
            return [json.loads(line) for line in lines]


@contextmanager
def emulator(
    migaudit: str, snapshot: Path, *, latency_ms: int, folder: Path, options: Sequence[str] = ()
) -> Iterator[Emulator]:
    """Serve `snapshot` while the block runs; yield the emulator. `options` are further ones of `migaudit emulate`."""
    log = folder / f"{snapshot.name}.access.jsonl"
    command = [migaudit, "emulate", str(snapshot), "--latency-ms", str(latency_ms), "--access-log", str(log), *options]
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
