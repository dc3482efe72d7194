"""Benchmark of reading and writing a snapshot file: `python -m bench.snapshot_bench SOURCE TARGET`."""

import json
import sys
import time
from pathlib import Path

from auditor.inventory.snapshot.files import load, save


def main() -> None:
    """Read SOURCE, write it as TARGET, and print the seconds and the number of records."""
    source, target = Path(sys.argv[1]), Path(sys.argv[2])
    begun = time.perf_counter()
    snapshot = load(source)
    read = time.perf_counter()
    save(snapshot, target)
    written = time.perf_counter()
    parts = (snapshot.arm, snapshot.graph, snapshot.links, snapshot.events, snapshot.reads or (), snapshot.gaps)
    figures = {"read": read - begun, "write": written - read, "records": sum(map(len, parts))}
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
