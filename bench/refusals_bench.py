"""Benchmark of a scan where half of everything is refused: `python -m bench.refusals_bench`, part of `make bench`.

Snapshots of several sizes, half of their lists refused, are evaluated and written in each format. What is written, the
memory and the time should grow as the number of subscriptions does: the exponent between the smallest and the largest
is printed.
"""

import argparse
import math
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from random import Random

from auditor.inventory.snapshot.files import save
from bench.measured import MEBIBYTE, Measured, measure
from fixtures.generate import environment, hide, hideable, large

MIGAUDIT = str(Path(sys.executable).parent / "migaudit")
FORMATS = ("json", "jsonl", "csv", "sarif", "html", "markdown", "junit", "table")
AIM = 1.25
"""The largest exponent: n log n between two sizes that differ by a few times."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and print the results; return 1 if a scan failed."""
    parser = argparse.ArgumentParser(description="Measure scans where half of everything is refused.")
    parser.add_argument("--subscriptions", type=int, nargs="+", default=[100, 300])
    parser.add_argument("--make", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.make:
        make_world(given.subscriptions[0], given.make)
        return 0
    with tempfile.TemporaryDirectory(prefix="migaudit-bench-") as temporary:
        return _bench(sorted(given.subscriptions), Path(temporary))


def make_world(subscriptions: int, path: Path) -> None:
    """Write an environment of that many subscriptions of which half of the lists, drawn by lot, were refused."""
    whole = environment(large(subscriptions), subscriptions)
    lists = hideable(whole)
    save(hide(whole, Random(subscriptions).sample(lists, len(lists) // 2)), path)  # noqa: S311 - no secret is drawn


def _bench(sizes: Sequence[int], folder: Path) -> int:
    worlds = {size: folder / f"refused-{size}.jsonl.zst" for size in sizes}
    for size, path in worlds.items():
        # In processes of their own: Linux counts the memory of a parent process in the peak of its children.
        measure([sys.executable, "-m", "bench.refusals_bench", "--subscriptions", str(size), "--make", str(path)])
    for format_ in FORMATS:
        runs = {size: _scan(path, format_, folder) for size, path in worlds.items()}
        failed = [size for size, (took, _) in runs.items() if took.status]
        if failed:
            print(f"refusals: no {format_} of {failed[0]} subscriptions")
            return 1
        _report(format_, runs)
    return 0


def _scan(path: Path, format_: str, folder: Path) -> tuple[Measured, int]:
    output = folder / f"{path.name}.{format_}"
    command = [MIGAUDIT, "scan", "--snapshot", str(path), "--format", format_, "--fail-on", "never"]
    return measure(command, output=output), output.stat().st_size


def _report(format_: str, runs: dict[int, tuple[Measured, int]]) -> None:
    first, last = min(runs), max(runs)
    for size, (took, length) in runs.items():
        print(f"refusals: {size:5} subscriptions, {format_:9} {took.line()} {length / MEBIBYTE:8.1f} MB written")
    if first != last:
        growth = math.log(last / first)
        cpu = math.log(runs[last][0].cpu / runs[first][0].cpu) / growth
        written = math.log(max(runs[last][1], 1) / max(runs[first][1], 1)) / growth
        meets = "meets" if max(cpu, written) <= AIM else "does NOT meet"
        print(f"refusals: {format_}: exponent {cpu:.2f} of the time, {written:.2f} of what is written; {meets} {AIM}")


if __name__ == "__main__":
    sys.exit(main())
