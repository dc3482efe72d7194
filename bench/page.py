"""The page of benchmarks: `python -m bench.page` measures, and writes `docs/benchmarks.md` with its plot.

Every figure on the page is of this run; sizes that were not run are not on it.
"""

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

from auditor import __version__
from bench.formats_bench import FormatsRun, bench_formats
from bench.growth_bench import OfflineRun, bench_access, bench_offline, exponent
from bench.measured import MEBIBYTE
from bench.scan_bench import ScanRun, bench_scan, make_world
from bench.start_bench import RUNS, bench_starts

T = TypeVar("T")

DOCS = Path(__file__).resolve().parents[1] / "docs"
LIBRARIES = ("aiohttp", "azure-core", "azure-identity", "msgspec", "msgraph-sdk")


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything that one run measured, and on what."""

    command: str
    load: float
    latency_ms: int
    starts: dict[str, float]
    scans: list[ScanRun]
    access: list[dict[str, float]]
    offline: list[OfflineRun]
    formats: list[FormatsRun]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and write the page; return 1 if a scan failed, which leaves the page as it was."""
    parser = argparse.ArgumentParser(description="Measure, and write the page of benchmarks.")
    parser.add_argument("--subscriptions", type=int, nargs="+", default=[10, 100, 1000])
    parser.add_argument("--source", choices=("arm", "graph"), nargs="+", default=["arm", "graph"])
    parser.add_argument("--offline", type=int, nargs="+", default=[10, 100, 1000, 10_000])
    parser.add_argument("--formats", type=int, nargs="+", default=[100, 1000, 10_000])
    parser.add_argument("--assignments", type=int, nargs="+", default=[1_000, 10_000, 100_000, 1_000_000])
    parser.add_argument("--latency-ms", type=int, default=50)
    parser.add_argument("--docs", type=Path, default=DOCS, help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="migaudit-bench-") as temporary:
        folder = Path(temporary)
        worlds = {count: make_world(count, folder) for count in given.subscriptions}
        figures = Figures(
            command=" ".join(["python -m bench.page", *(sys.argv[1:] if arguments is None else arguments)]),
            load=load,
            latency_ms=given.latency_ms,
            starts=bench_starts(folder),
            scans=[
                bench_scan(count, source, world, given.latency_ms, folder)
                for count, world in worlds.items()
                for source in given.source
            ],
            access=bench_access(given.assignments, folder),
            offline=bench_offline(given.offline, folder),
            formats=[bench_formats(count, folder) for count in given.formats],
        )
    offline = [run.took for runs in (figures.offline, figures.formats) for run in runs]
    if any(run.failed for run in figures.scans) or any(took.status for took in offline):
        print("a scan failed: the page stays as it was")
        return 1
    (given.docs / "images").mkdir(parents=True, exist_ok=True)
    (given.docs / "images" / "benchmarks.svg").write_text(plot(figures), encoding="utf-8")
    (given.docs / "benchmarks.md").write_text(page(figures), encoding="utf-8")
    return 0


def page(figures: Figures) -> str:
    """Return the page as Markdown."""
    parts = [
        *("# Benchmarks", "`make bench` measures, and writes this page. Every figure on it is of one run of"),
        f"```console\n{figures.command}\n```",
        _machine(figures),
        *("## Ratios", _ratios(figures), "![CPU time by size](images/benchmarks.svg)"),
        *("## A scan beside a bare client", _BESIDE.format(latency=figures.latency_ms)),
        table(_SCAN_HEAD, figures.scans, _scan_row),
        *("## Evaluation offline", _OFFLINE, table(_OFFLINE_HEAD, figures.offline, _offline_row)),
        *("## A large tenant in every format", _FORMATS, table(_FORMATS_HEAD, figures.formats, _formats_row)),
        *("### Stages of the same", _STAGES, table(_STAGES_HEAD, figures.formats, _stages_row)),
        *("## Questions to the access engine", _ACCESS, table(_ACCESS_HEAD, figures.access, _access_row)),
        *("## Starting", _START, table(("command", "CPU"), figures.starts.items(), _start_row)),
    ]
    return "\n\n".join(parts) + "\n"


_BESIDE = """Both read from the emulator, which runs in a process of its own and waits {latency} ms before each answer.
The bare client is aiohttp alone: it fetches the URLs of the scan's reads, which it knows in advance, without signing
in, and throws the answers away. With `graph`, the scan finds by Azure Resource Graph where to look; the bare client
does not repeat those queries."""
_OFFLINE = """`migaudit scan --snapshot FILE --format json`: reading the file, evaluating the rule book, writing the
result."""
_FORMATS = """`migaudit scan --snapshot FILE` with `--format` for every format at once: an environment with a hundred
role assignments in each subscription, and a site of an appliance and a workspace in half of them."""
_STAGES = """CPU time of the stages when JSON alone is written: reading the file, the index of role assignments, judging
the rule book on everything, and writing the findings."""
_ACCESS = """CPU time of an index over all role assignments; of the question *may this account do that there?*, when an
account is asked about for the first time and again; and of *who may do that here?*."""
_START = f"The least CPU time of {RUNS} runs of each command, with the bare interpreter for comparison."
_SCAN_HEAD = (
    *("subscriptions", "source", "requests", "scan", "its CPU", "its memory"),
    *("bare client", "its CPU"),
)
_OFFLINE_HEAD = ("subscriptions", "snapshot", "time", "CPU", "memory")
_FORMATS_HEAD = ("subscriptions", "role assignments", "time", "CPU", "memory", "written")
_STAGES_HEAD = ("subscriptions", "reading", "index", "judging", "writing", "findings", "the process", "its memory")
_ACCESS_HEAD = ("role assignments", "index", "can, first", "can, again", "who can, first", "who can, again", "memory")


def _machine(figures: Figures) -> str:
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    load = f"The load of the machine was {figures.load:.1f} at the beginning"
    if figures.load > 1:
        load += ": other work ran beside it, so that times are longer than on a quiet machine, and ratios say more"
    return (
        f"on {datetime.now(UTC):%Y-%m-%d} with migaudit {__version__}, Python {platform.python_version()}, "
        f"{os.cpu_count()} cores, {platform.system()}; {libraries}.\n{load}."
    )


def _ratios(figures: Figures) -> str:
    lines = [
        f"- A scan of {run.subscriptions:,} subscriptions by `{run.source}` takes {run.scan.wall / run.bare.wall:.2f} "
        f"times a bare client that fetches the same URLs, and {run.scan.cpu / run.bare.cpu:.1f} times its CPU time."
        for run in figures.scans
    ]
    grown = {
        "the CPU time of an evaluation offline": {run.subscriptions: run.took.cpu for run in figures.offline},
        "its memory": {run.subscriptions: float(run.took.peak) for run in figures.offline},
        "the CPU time of writing every format, too": {run.subscriptions: run.took.cpu for run in figures.formats},
        "its memory then": {run.subscriptions: float(run.took.peak) for run in figures.formats},
        "the index of role assignments": {int(row["assignments"]): row["index_s"] for row in figures.access},
        "a question about one account": {int(row["assignments"]): row["can_again_us"] for row in figures.access},
    }
    for what, values in grown.items():
        *_, before, last = [0, *sorted(values)]
        if (found := exponent(values)) is not None:
            lines.append(f"- From {before:,} to {last:,}, {what} grows with the exponent {found:.2f} (1 is linear).")
    return "\n".join(lines)


def _scan_row(run: ScanRun) -> tuple[str, ...]:
    return (
        f"{run.subscriptions:,}",
        run.source,
        f"{run.requests:,}",
        f"{run.scan.wall:.1f} s",
        f"{run.scan.cpu:.1f} s",
        f"{run.scan.peak / MEBIBYTE:.0f} MB",
        f"{run.bare.wall:.1f} s",
        f"{run.bare.cpu:.1f} s",
    )


def _start_row(row: tuple[str, float]) -> tuple[str, ...]:
    return f"`{row[0]}`", f"{row[1]:.2f} s"


def _offline_row(run: OfflineRun) -> tuple[str, ...]:
    took = run.took
    size, memory = f"{run.size / MEBIBYTE:.1f} MB", f"{took.peak / MEBIBYTE:.0f} MB"
    return f"{run.subscriptions:,}", size, f"{took.wall:.1f} s", f"{took.cpu:.1f} s", memory


def _formats_row(run: FormatsRun) -> tuple[str, ...]:
    took, written = run.took, sum(run.sizes.values()) / MEBIBYTE
    memory = f"{took.peak / MEBIBYTE:.0f} MB"
    return (
        f"{run.subscriptions:,}",
        f"{run.assignments:,}",
        f"{took.wall:.1f} s",
        f"{took.cpu:.1f} s",
        memory,
        f"{written:.0f} MB",
    )


def _stages_row(run: FormatsRun) -> tuple[str, ...]:
    stages = (f"{run.stages[stage]:.1f} s" for stage in ("reading", "indexing", "judging", "writing"))
    process = f"{run.alone.cpu:.1f} s", f"{run.alone.peak / MEBIBYTE:.0f} MB"
    return f"{run.subscriptions:,}", *stages, f"{run.stages['findings']:,.0f}", *process


def _access_row(row: dict[str, float]) -> tuple[str, ...]:
    return (
        f"{row['assignments']:,.0f}",
        f"{row['index_s']:.2f} s",
        f"{row['can_first_us']:.0f} µs",
        f"{row['can_again_us']:.0f} µs",
        f"{row['who_can_first_s'] * 1000:.0f} ms",
        f"{row['who_can_again_s'] * 1000:.0f} ms",
        f"{row['peak_mb']:,.0f} MB",
    )


def table(head: tuple[str, ...], rows: Iterable[T], cells: Callable[[T], tuple[str, ...]]) -> str:
    """Return a table in Markdown with a row for each of `rows`."""
    lines = [head, ("---:",) * len(head), *(cells(row) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def plot(figures: Figures) -> str:
    """Return the CPU time of scans, of the bare client and of evaluations by size as SVG, both axes logarithmic."""
    import pygal
    from pygal.style import CleanStyle

    # It looks for modules of its own in a way that newer Pythons warn of, whichever module anybody looks for.
    sys.meta_path[:] = [finder for finder in sys.meta_path if type(finder).__module__ != pygal.__name__]
    chart = pygal.XY(
        logarithmic=True,
        xrange=None,
        style=CleanStyle,
        width=760,
        height=420,
        x_title="subscriptions",
        y_title="seconds of CPU",
        show_dots=True,
        js=(),
        disable_xml_declaration=True,
        no_prefix=True,
    )
    for source in dict.fromkeys(run.source for run in figures.scans):
        runs = [run for run in figures.scans if run.source == source]
        chart.add(f"scan, {source}", [(run.subscriptions, run.scan.cpu) for run in runs])
        chart.add(f"bare client, {source}", [(run.subscriptions, run.bare.cpu) for run in runs])
    chart.add("offline", [(run.subscriptions, run.took.cpu) for run in figures.offline])
    svg: str = chart.render(is_unicode=True)
    return svg


if __name__ == "__main__":
    sys.exit(main())
