"""Benchmark of the throttle: how many answers are 429 where an emulator serves the budgets that Azure publishes.

A neighbour asks as the same principal, five times a second, in turn for the tenant and for one subscription. The scan
is run as it comes, and with `--max-requests-per-second`.
"""

import argparse
import ssl
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from bench.emulator_process import Emulator, emulator
from bench.measured import measure
from bench.scan_bench import MIGAUDIT, last_words, make_world
from bench.tokens import tokens

AIM = 0.01
EVERY = 0.2
"""Seconds between two requests of the neighbour."""


class Neighbour:
    """Another program with the same account."""

    def __init__(self, azure: Emulator) -> None:
        self.statuses: Counter[int] = Counter()
        self._azure = azure
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._ask, daemon=True)

    def __enter__(self) -> "Neighbour":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _ask(self) -> None:
        endpoints = self._azure.endpoints
        trust = ssl.create_default_context(cafile=endpoints["ca_file"])
        token = tokens(endpoints)["arm"]
        places = (
            "/subscriptions?api-version=2022-12-01",
            f"/subscriptions/{endpoints['subscription_ids'][0]}/resourcegroups?api-version=2021-04-01",
        )
        number, due = 0, time.monotonic()
        while not self._done.is_set():
            url = endpoints["arm"] + places[number % 2]
            request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})
            try:
                with urllib.request.urlopen(request, context=trust) as answer:
                    self.statuses[answer.status] += 1
            except urllib.error.HTTPError as refused:
                self.statuses[refused.code] += 1
            number, due = number + 1, due + EVERY
            self._done.wait(max(0.0, due - time.monotonic()))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and print the results; return 1 if a scan failed."""
    parser = argparse.ArgumentParser(description="Count refused requests within Azure's budgets.")
    parser.add_argument("--subscriptions", type=int, default=1000)
    parser.add_argument("--latency-ms", type=int, default=50)
    parser.add_argument("--per-second", type=float, nargs="*", default=[200])
    parser.add_argument("--source", nargs="+", default=["graph", "arm"])
    parser.add_argument("--deep", action="store_true", help="scan with --deep, a request for each resource")
    parser.add_argument("--world", type=Path, help="scan this snapshot instead of a generated one")
    given = parser.parse_args(arguments)
    failed, deep = 0, ["--deep"] if given.deep else []
    with tempfile.TemporaryDirectory(prefix="migaudit-bench-") as temporary:
        folder = Path(temporary)
        world = given.world or make_world(given.subscriptions, folder)
        for source in given.source:
            for limit in (None, *given.per_second):
                failed |= bench(world, given.latency_ms, ["--source", source, *deep, *paced(limit)], folder)
    return failed


def paced(limit: float | None) -> list[str]:
    """Return the option that limits the requests a second; none without a limit."""
    return [] if limit is None else ["--max-requests-per-second", str(limit)]


def bench(world: Path, latency_ms: int, options: Sequence[str], folder: Path) -> int:
    """Scan once beside a neighbour and print the statuses of both."""
    output = folder / "scan.json"
    with emulator(MIGAUDIT, world, latency_ms=latency_ms, folder=folder, options=("--throttle",)) as azure:
        command = [MIGAUDIT, "scan", "--cloud", azure.endpoints["arm"], "--auth", "environment", "--all", *options]
        with Neighbour(azure) as neighbour:
            scan = measure([*command, "--format", "json", "--fail-on", "never"], output=output, env=azure.env)
        statuses = Counter(int(str(one["status"])) for one in azure.requests())
    if scan.status:
        print(f"the scan ended with {scan.status}: {last_words(output)}")
    own = statuses - neighbour.statuses
    refused, seen = own[429] / max(1, own.total()), dict(neighbour.statuses)
    print(f"{' '.join(options)}: {scan.line()}", flush=True)
    print(f"  {own.total()} answers, {own[429]} of them 429: {refused:.2%} (aim under {AIM:.0%})")
    print(f"  the neighbour: {seen}")
    return int(scan.status != 0)


if __name__ == "__main__":
    sys.exit(main())
