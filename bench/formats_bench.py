"""Benchmark of a large tenant, evaluated offline and written in every format: `python -m bench.formats_bench`.

Each subscription has a hundred role assignments; half of them have a site of an appliance, and half a workspace.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from auditor.cli.formats import FORMATS
from bench.measured import MEBIBYTE, Measured, measure
from bench.scan_bench import MIGAUDIT, last_words

ASSIGNMENTS = 99
"""Role assignments in each subscription; with those of its management groups there are a hundred."""


@dataclass(frozen=True, slots=True)
class FormatsRun:
    """One run that wrote every format: its subscriptions and role assignments, the bytes by format, what it took.

    `stages` are the CPU seconds of another run that wrote JSON only, and `alone` is what that one took.
    """

    subscriptions: int
    assignments: int
    sizes: dict[str, int]
    took: Measured
    stages: dict[str, float]
    alone: Measured


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and print the results; return 1 if a run failed."""
    parser = argparse.ArgumentParser(description="Measure an evaluation that writes every format.")
    parser.add_argument("--subscriptions", type=int, nargs="+", default=[100, 1000])
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="migaudit-bench-") as temporary:
        runs = [bench_formats(count, Path(temporary)) for count in given.subscriptions]
    return int(any(run.took.status for run in runs))


def bench_formats(subscriptions: int, folder: Path) -> FormatsRun:
    """Evaluate an environment of that many subscriptions, write it in every format; print and return what it took."""
    world, output = folder / f"large-{subscriptions}.jsonl.zst", folder / "large.txt"
    count, each = str(subscriptions), str(ASSIGNMENTS)
    measures = ["--subscriptions", count, "--seed", count, "--assignments", each, "--workspaces", "0"]
    if measure([sys.executable, "-m", "fixtures.generate", *measures, str(world)], output=output).status:
        raise SystemExit(f"no environment was made: {last_words(output)}")
    files = {form: folder / f"large.{form}" for form in FORMATS}
    written = [argument for form, file in files.items() for argument in ("--format", f"{form}={file}")]
    took = measure([MIGAUDIT, "scan", "--snapshot", str(world), "--fail-on", "never", *written], output=output)
    sizes = {form: file.stat().st_size for form, file in files.items() if file.exists()}
    alone = measure([sys.executable, "-m", "bench.stages_bench", str(world)], output=output)
    if alone.status:
        raise SystemExit(f"the stages were not measured: {last_words(output)}")
    stages: dict[str, float] = json.loads(output.read_text(encoding="utf-8"))
    run = FormatsRun(subscriptions, subscriptions * (ASSIGNMENTS + 1), sizes, took, stages, alone)
    print(f"every format: {subscriptions:6,} subscriptions {took.line()}")
    print(", ".join(f"{form} {size / MEBIBYTE:.1f} MB" for form, size in sizes.items()))
    print(f"JSON alone:   {subscriptions:6,} subscriptions {alone.line()}; {stages}")
    world.unlink()
    return run


if __name__ == "__main__":
    sys.exit(main())
