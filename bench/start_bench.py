"""Benchmark of starting, part of `make bench`: the CPU time of commands that do little."""

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.measured import measure
from bench.scan_bench import MIGAUDIT

RUNS = 7


def main() -> None:
    """Run the benchmark and print the results."""
    with tempfile.TemporaryDirectory(prefix="migaudit-bench-") as temporary:
        bench_starts(Path(temporary))


def bench_starts(folder: Path) -> dict[str, float]:
    """Return the least CPU seconds of several runs of each command, and print them; the least is least disturbed."""
    saved = folder / "small.jsonl.zst"
    measure([sys.executable, "-m", "fixtures.generate", "--small", "--subscriptions", "1", str(saved)])
    commands = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "migaudit --help": [MIGAUDIT, "--help"],
        "migaudit explain 60052": [MIGAUDIT, "explain", "60052"],
        "migaudit rules list": [MIGAUDIT, "rules", "list"],
        "migaudit scan --snapshot (1 subscription)": [MIGAUDIT, "scan", "--snapshot", str(saved), "--fail-on", "never"],
    }
    took = {name: _least(command) for name, command in commands.items()}
    for name, seconds in took.items():
        print(f"start: {seconds:5.2f} s CPU  {name}")
    return took


def _least(command: Sequence[str]) -> float:
    measure(command)  # so that its modules are compiled
    return min(measure(command).cpu for _ in range(RUNS))


if __name__ == "__main__":
    main()
