"""Benchmark of a scan against a bare HTTP client that fetches the same URLs: `make bench`.

Both use the emulator, which runs in a separate process and waits 50 ms before each answer. The bare client knows all
URLs in advance, does not sign in and discards the answers, so no scan can be faster.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.emulator_process import Emulator, emulator
from bench.measured import MEBIBYTE, Measured, measure
from bench.tokens import tokens

CONCURRENCY = 64
MIGAUDIT = str(Path(sys.executable).parent / "migaudit")
GRAPH = "/v1.0/"
AIM_RATIO, AIM_EXTRA, AIM_MEMORY, AIM_START = 1.5, 1.0, 300, 0.1
LARGE = 1000
"""The number of subscriptions from which the aims apply; in smaller scans the start of the process dominates."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and print the results; return 1 if a scan failed."""
    parser = argparse.ArgumentParser(description="Measure a scan beside a bare HTTP client.")
    parser.add_argument("--subscriptions", type=int, nargs="+", default=[10, 100, 1000])
    parser.add_argument("--latency-ms", type=int, default=50)
    parser.add_argument("--source", choices=("arm", "graph"), nargs="+", default=["arm"], help="as of `migaudit scan`")
    parser.add_argument("--projects", type=float, help="the share of subscriptions with a project, from 0 to 1")
    parser.add_argument("--keep", type=Path, help="keep the files of the runs in this folder")
    given = parser.parse_args(arguments)
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before the run, Python {sys.version.split()[0]}")
    measure([MIGAUDIT, "scan", "--demo", "--fail-on", "never"])  # so that all modules are compiled
    bench_start()
    with tempfile.TemporaryDirectory(prefix="migaudit-bench-") as temporary:
        folder = given.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        worlds = {count: make_world(count, folder, given.projects) for count in given.subscriptions}
        bench_snapshot(worlds[max(worlds)], folder)
        runs = [(count, source) for count in worlds for source in given.source]
        made = [bench_scan(count, source, worlds[count], given.latency_ms, folder) for count, source in runs]
        return int(any(run.failed for run in made))


def make_world(subscriptions: int, folder: Path, projects: float | None = None) -> Path:
    """Write an environment with that many subscriptions to a file and return its path.

    `projects` is the share of them with a project, None for that of a company. A separate process generates it: Linux
    counts the memory of a parent process in the peak of its children, so this process must stay small.
    """
    path = folder / f"subscriptions-{subscriptions}.jsonl.zst"
    count = str(subscriptions)
    share = [] if projects is None else ["--projects", str(projects)]
    command = [sys.executable, "-m", "fixtures.generate", "--subscriptions", count, "--seed", count, *share, str(path)]
    output = folder / "made.txt"
    took = measure(command, output=output)
    if took.status:
        raise SystemExit(f"no environment was made: {last_words(output)}")
    print(f"made {output.read_text(encoding='utf-8').strip()}, {took.wall:.1f} s")
    return path


def bench_start() -> None:
    """Measure the start of the command line and of the bare interpreter; print the median of ten runs each."""
    commands = {"python": [sys.executable, "-c", "pass"], "help": [MIGAUDIT, "--help"]}
    took: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(11):
        for name, command in commands.items():
            took[name].append(measure(command).wall)
    python, shown = (statistics.median(times[1:]) for times in took.values())
    print(
        f"start: migaudit --help {shown * 1000:.0f} ms, python {python * 1000:.0f} ms, "
        f"above it {(shown - python) * 1000:.0f} ms{verdict(shown - python < AIM_START, 'under 100 ms')}"
    )


def bench_snapshot(path: Path, folder: Path) -> None:
    """Measure reading and writing the largest environment as a file."""
    output = folder / "snapshot.json"
    took = measure(
        [sys.executable, "-m", "bench.snapshot_bench", str(path), str(folder / "again.jsonl.zst")], output=output
    )
    figures = json.loads(output.read_text(encoding="utf-8"))
    print(
        f"snapshot: {figures['records']} records, {path.stat().st_size / MEBIBYTE:.1f} MB; "
        f"read {figures['read']:.2f} s, write {figures['write']:.2f} s, {took.peak / MEBIBYTE:.0f} MB peak"
    )


@dataclass(frozen=True, slots=True)
class ScanRun:
    """A scan beside the bare client: the source, the number of requests, and what each took."""

    subscriptions: int
    source: str
    requests: int
    scan: Measured
    bare: Measured

    @property
    def failed(self) -> bool:
        """Whether the scan ended with an error."""
        return self.scan.status != 0


def bench_scan(subscriptions: int, source: str, world: Path, latency_ms: int, folder: Path) -> ScanRun:
    """Scan one environment, then fetch the same URLs with the bare client, print what each took and return it.

    The bare client fetches what is read by GET: not the queries to Resource Graph.
    """
    name = f"{world.name.removesuffix('.jsonl.zst')}-{source}"
    output = folder / f"{name}.scan.json"
    with emulator(MIGAUDIT, world, latency_ms=latency_ms, folder=folder) as azure:
        command = [
            MIGAUDIT,
            "scan",
            "--cloud",
            azure.endpoints["arm"],
            "--auth",
            "environment",
            "--all",
            "--source",
            source,
            "--format",
            "json",
        ]
        scan = measure([*command, "--fail-on", "never"], output=output, env=azure.env)
        requests = azure.requests()
        bare, fetched = run_bare(azure, requests, folder)
    gets = sum(fetched["statuses"].values())
    print(f"\n{name}, {latency_ms} ms latency: {len(requests)} requests, of them {gets} fetched by the bare client too")
    if scan.status:
        print(f"  the scan ended with {scan.status}: {last_words(output)}")
    print(f"  migaudit scan {scan.line()}")
    print(f"  bare aiohttp  {bare.line()}   (fetching alone {fetched['seconds']:.2f} s, answers {fetched['statuses']})")
    report(scan, bare, aimed=subscriptions >= LARGE)
    return ScanRun(subscriptions, source, len(requests), scan, bare)


def report(scan: Measured, bare: Measured, *, aimed: bool) -> None:
    """Print the ratio of the times and, with `aimed`, whether it meets the aim."""
    within = verdict(scan.wall <= AIM_RATIO * bare.wall + AIM_EXTRA, "1.5 times bare + 1 s")
    light = verdict(scan.peak < AIM_MEMORY * MEBIBYTE, "under 300 MB")
    ratio = f"  ratio {scan.wall / bare.wall:.2f}, {scan.wall - bare.wall:+.2f} s"
    print(f"{ratio}{within}; memory{light}" if aimed else ratio)


def run_bare(
    azure: Emulator, requests: list[dict[str, object]], folder: Path
) -> tuple[Measured, dict[str, dict[str, int]]]:
    """Fetch the ARM and Graph URLs that the scan requested, in the same order, in a separate process."""
    wanted = [str(one["path"]) for one in requests if one["method"] == "GET" and is_data(str(one["path"]))]
    urls = [
        ("graph", azure.endpoints["graph"] + path) if path.startswith(GRAPH) else ("arm", azure.endpoints["arm"] + path)
        for path in wanted
    ]
    job = {
        "urls": urls,
        "tokens": tokens(azure.endpoints),
        "ca_file": azure.endpoints["ca_file"],
        "concurrency": CONCURRENCY,
    }
    path, output = folder / "job.json", folder / "bare.json"
    path.write_text(json.dumps(job), encoding="utf-8")
    took = measure([sys.executable, "-m", "bench.bare_client", str(path)], output=output)
    if took.status:
        raise SystemExit(f"the bare client ended with {took.status}: {last_words(output)}")
    return took, json.loads(output.read_text(encoding="utf-8"))


def last_words(output: Path) -> str:
    """Return the last 500 characters of the standard error of a process."""
    return output.with_suffix(".err").read_text(encoding="utf-8")[-500:].strip()


def is_data(path: str) -> bool:
    """Return whether a path belongs to ARM or Graph, not to sign-in or discovery."""
    return path.lower().startswith(("/subscriptions", "/providers", "/tenants", GRAPH))


def verdict(met: bool, aim: str) -> str:
    """Return the text that says whether an aim is met."""
    return f" (aim {aim}: {'met' if met else 'MISSED'})"


if __name__ == "__main__":
    sys.exit(main())
