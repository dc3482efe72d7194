"""Benchmark of the stages of an offline evaluation: `python -m bench.stages_bench FILE`.

It does what `migaudit scan --snapshot FILE --format json` does, and prints the CPU seconds of each stage as JSON.
"""

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from auditor.cli.main import search_seldom_for_cycles
from auditor.cli.options import ConnectionOptions
from auditor.cli.rules.choice import chosen_rules
from auditor.cli.scan.options import ScanOptions
from auditor.cli.scan.run import judged
from auditor.inventory.inventory import Inventory
from auditor.inventory.snapshot.files import load
from auditor.library.judging import Settled
from auditor.report.formats.json_report import pieces


def main() -> None:
    """Evaluate the snapshot of the command line, and print what each stage took."""
    search_seldom_for_cycles()
    took: dict[str, float] = {}
    with _timed(took, "reading"):
        snapshot = load(Path(sys.argv[1]))
    with _timed(took, "indexing"):
        inventory = Inventory.of(snapshot)
        principals = len(inventory.assignments.principals)
    with _timed(took, "judging"):
        asked = ScanOptions(connection=ConnectionOptions())
        result = judged(chosen_rules(), inventory, asked, settled=Settled.COUNTED)
    with _timed(took, "writing"), Path(os.devnull).open("w", encoding="ascii") as nowhere:
        nowhere.writelines(pieces(result))
    print(json.dumps({**took, "principals": principals, "findings": len(result.findings)}))


@contextmanager
def _timed(took: dict[str, float], stage: str) -> Iterator[None]:
    begun = time.process_time()
    yield
    took[stage] = time.process_time() - begun


if __name__ == "__main__":
    main()
