"""Benchmark beside other tools: `python -m bench.peers`, ScoutSuite, Prowler, a loop of `az` and migaudit in turns.

All of them read the same subscriptions from the same emulator, unmodified: in a network namespace, the names of Azure
lead to it. Their work is not the same, so a table says who requested what. It is printed as Markdown.
"""

import argparse
import json
import os
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

from auditor.inventory.snapshot.files import save
from auditor.inventory.snapshot.records import arm_record
from bench.emulator_process import Emulator, emulator
from bench.measured import MEBIBYTE, Measured, measure
from bench.peers.namespace import HOSTS, enter, is_inside
from bench.peers.tools import AZ, MIGAUDIT, OURS, PEERS, TOP, Tool, command, settings
from fixtures.generate import environment, large

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_FAILED = 400


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and print the tables; return 1 if migaudit failed in every round."""
    parser = argparse.ArgumentParser(description="Measure migaudit beside other tools, in turns.")
    parser.add_argument("--subscriptions", type=int, default=50)
    parser.add_argument("--latency-ms", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peers", nargs="+", choices=[one.name for one in PEERS], default=[one.name for one in PEERS])
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    tools = [OURS, *(one for one in PEERS if one.name in given.peers)]
    if is_inside():
        return _compare(tools, given, given.folder)
    for tool in tools:
        tool.set_up()
    if AZ in tools and not (TOP / ".venv-az").exists():
        raise SystemExit("the loop of `az` needs the Azure CLI: run `make setup-az`")
    with tempfile.TemporaryDirectory(prefix="migaudit-peers-") as temporary:
        folder = Path(temporary)
        _make_world(given.subscriptions, folder / "world.jsonl.zst")
        passed = [f"--subscriptions={given.subscriptions}", f"--latency-ms={given.latency_ms}"]
        passed += [f"--rounds={given.rounds}", f"--folder={folder}", "--peers", *given.peers]
        return enter("bench.peers", passed, folder)


def _make_world(subscriptions: int, path: Path) -> None:
    """Write the environment; its tags are objects, since a null or a text there ends other tools' lists."""
    whole = environment(large(subscriptions), subscriptions)
    kept = []
    for record in whole.arm:
        body = json.loads(record.body)
        if "tags" in body and not isinstance(body["tags"], dict):
            record = arm_record({**body, "tags": {}}, deleted=record.deleted)  # noqa: PLW2901 - one record in, one out
        kept.append(record)
    save(replace(whole, arm=tuple(kept)), path)


def _compare(tools: Sequence[Tool], given: argparse.Namespace, folder: Path) -> int:
    """Let the tools run in turns and print the tables."""
    runs: dict[str, list[tuple[Measured, Counter[str]]]] = {tool.name: [] for tool in tools}
    options = ["--port", "443", *(part for host in HOSTS for part in ("--host", host))]
    world = folder / "world.jsonl.zst"
    with emulator(MIGAUDIT, world, latency_ms=given.latency_ms, folder=folder, options=options) as azure:
        for at in range(given.rounds):
            for tool in tools:
                run = _run(tool, azure, folder / f"{tool.name.split()[0].lower()}-{at}")
                runs[tool.name].append(run)
                print(f"round {at + 1}: {tool.name:10} {run[0].line()}, status {run[0].status}", file=sys.stderr)
    print(f"{given.subscriptions} subscriptions, {given.latency_ms} ms latency, the medians of {given.rounds} rounds;")
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}.\n")
    print("\n".join((*times(tools, runs), "", *_requests(tools, runs))))
    return int(all(took.status for took, _ in runs[OURS.name]))


def _run(tool: Tool, azure: Emulator, folder: Path) -> tuple[Measured, Counter[str]]:
    """Run a tool once; return its measurement and the number of its requests by kind."""
    folder.mkdir(parents=True)
    before = len(azure.requests())
    credentials = azure.env
    took = measure(
        command(tool, credentials, folder), output=folder / "output", env={**credentials, **settings(tool, folder)}
    )
    return took, Counter(kind_of(one) for one in azure.requests()[before:])


def kind_of(request: Mapping[str, Any]) -> str:
    """Return what a logged request is about: the types in its path without names, and its status if it failed."""
    path = str(request["path"]).partition("?")[0]
    before, _, provider = path.rpartition("/providers/")
    if before or path.startswith("/providers/"):
        namespace, *parts = provider.split("/")
        named = "/".join((namespace, *parts[::2])).lower()
    else:
        named = _ID.sub("…", path.strip("/"))
    return named if request["status"] < _FAILED else f"{named} → {request['status']}"


def times(tools: Sequence[Tool], runs: Mapping[str, list[tuple[Measured, Counter[str]]]]) -> Iterator[str]:
    """Yield the rows of the table of times; the ratio is to migaudit in the same round."""
    yield "| tool | reads | times migaudit | seconds | CPU seconds | peak MB | requests | exit status |"
    yield "|---|---|---|---|---|---|---|---|"
    ours = [took for took, _ in runs[OURS.name]]
    for tool in tools:
        measured = [took for took, _ in runs[tool.name]]
        ratio = median(took.wall / own.wall for took, own in zip(measured, ours, strict=True))
        figures = (
            f"{ratio:.1f}",
            f"{median(took.wall for took in measured):.1f}",
            f"{median(took.cpu for took in measured):.1f}",
            f"{median(took.peak for took in measured) / MEBIBYTE:.0f}",
            f"{median(asked.total() for _, asked in runs[tool.name]):,.0f}",
            ", ".join(sorted({str(took.status) for took in measured})),
        )
        yield f"| {' | '.join((tool.name, tool.reads, *figures))} |"


def _requests(tools: Sequence[Tool], runs: Mapping[str, list[tuple[Measured, Counter[str]]]]) -> Iterator[str]:
    """Yield the rows of the table of who requested what in the last round."""
    last = [runs[tool.name][-1][1] for tool in tools]
    yield f"| requested | {' | '.join(tool.name for tool in tools)} |"
    yield f"|---|{'---|' * len(tools)}"
    for kind in sorted(set().union(*last)):
        yield f"| `{kind}` | {' | '.join(str(asked[kind] or '') for asked in last)} |"


if __name__ == "__main__":
    sys.exit(main())
