"""Benchmark of growth: `python -m bench.growth_bench`, part of `make bench`.

The access engine is asked at several numbers of role assignments, and environments of several numbers of subscriptions
are evaluated offline. Between the smallest and the largest size the exponent is printed: 1 is a time that grows as the
size does, and n log n is a little more.
"""

import argparse
import json
import math
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.measured import MEBIBYTE, Measured, measure
from bench.scan_bench import MIGAUDIT, last_words, make_world

ASSIGNMENTS = (1_000, 10_000, 100_000, 1_000_000)
SUBSCRIPTIONS = (10, 100, 300)
AIM = 1.25
"""The largest exponent: n log n between two sizes that differ by ten times."""


@dataclass(frozen=True, slots=True)
class OfflineRun:
    """The evaluation of a saved snapshot: its subscriptions, its size in bytes, and what it took."""

    subscriptions: int
    size: int
    took: Measured


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and print the results; return 1 if anything grows faster than it should."""
    parser = argparse.ArgumentParser(description="Measure how time grows with the size of an environment.")
    parser.add_argument("--assignments", type=int, nargs="+", default=ASSIGNMENTS)
    parser.add_argument("--subscriptions", type=int, nargs="+", default=SUBSCRIPTIONS)
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="migaudit-bench-") as temporary:
        bench_access(given.assignments, Path(temporary))
        runs = bench_offline(given.subscriptions, Path(temporary))
    return int(any(run.took.status for run in runs))


def bench_access(sizes: Sequence[int], folder: Path) -> list[dict[str, float]]:
    """Measure the access engine at each number of role assignments; print and return the figures."""
    rows: list[dict[str, float]] = []
    for size in sizes:
        output = folder / "access.json"
        took = measure([sys.executable, "-m", "bench.access_index", str(size), "--json"], output=output)
        if took.status:
            raise SystemExit(f"the access engine was not measured: {last_words(output)}")
        rows.append(json.loads(output.read_text(encoding="utf-8")))
        shown = ", ".join(f"{name} {value:,.2f}" for name, value in rows[-1].items())
        print(f"access: {size:9,} assignments: {shown}")
    for name in ("index_s", "can_first_us", "can_again_us", "who_can_again_s"):
        _print_exponent(f"access: {name}", {int(row["assignments"]): row[name] for row in rows})
    return rows


def bench_offline(sizes: Sequence[int], folder: Path) -> list[OfflineRun]:
    """Evaluate a saved environment of each number of subscriptions; print and return what it took."""
    runs: list[OfflineRun] = []
    for size in sizes:
        path, output = make_world(size, folder), folder / "offline.json"
        command = [MIGAUDIT, "scan", "--snapshot", str(path), "--format", "json", "--fail-on", "never"]
        runs.append(OfflineRun(size, path.stat().st_size, measure(command, output=output)))
        print(f"offline: {size:6,} subscriptions {runs[-1].took.line()}, snapshot {runs[-1].size / MEBIBYTE:.1f} MB")
    _print_exponent("offline: CPU seconds", {run.subscriptions: run.took.cpu for run in runs})
    _print_exponent("offline: memory", {run.subscriptions: run.took.peak for run in runs})
    return runs


def exponent(values: Mapping[int, float]) -> float | None:
    """Return the exponent of the growth between the two largest sizes; None for a single size, or nothing measured.

    At the small sizes the start of the process is most of what is measured.
    """
    if len(values) < 2:
        return None
    *_, before, last = sorted(values)
    if values[before] <= 0 or values[last] <= 0:
        return None
    return math.log(values[last] / values[before]) / math.log(last / before)


def _print_exponent(label: str, values: Mapping[int, float]) -> None:
    found = exponent(values)
    if found is not None:
        print(f"{label}: exponent {found:.2f}; {'meets' if found <= AIM else 'does NOT meet'} {AIM}")


if __name__ == "__main__":
    sys.exit(main())
