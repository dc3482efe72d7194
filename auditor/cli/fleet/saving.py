"""The folder of `--save`: a snapshot a tenant, and the result of the run, which `fleet diff` compares."""

import re
from pathlib import Path

from auditor.cli.failures import UsageFailed
from auditor.cli.fleet.options import RUN_FILE
from auditor.cli.outputs import write_text
from auditor.files import check_writable, why
from auditor.inventory.snapshot.files import save
from auditor.inventory.snapshot.snapshot import Snapshot
from auditor.report.fleet.machine import as_json
from auditor.report.fleet.result import FleetResult

_SUFFIX = ".jsonl.zst"
_NOT_PLAIN = re.compile(r"[^A-Za-z0-9_-]+")
_LONGEST = 60


class RunFolder:
    """A new or empty folder, readable by the owner alone."""

    def __init__(self, path: Path) -> None:
        """Make the folder; raises `UsageFailed` if it holds something, or cannot be made."""
        self._path = path
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            held = next(path.iterdir(), None)
            check_writable(path / RUN_FILE)
        except OSError as refused:
            raise UsageFailed(f"cannot use `--save {path}`: {why(refused)}; nothing was read yet") from refused
        if held is not None:
            raise UsageFailed(
                f"`--save {path}`: the folder is not empty: name a new one for each run, such as one with the date"
            )

    def keep(self, number: int, name: str, snapshot: Snapshot) -> None:
        """Write the snapshot of the tenant with this number in the file; raises `UsageFailed`."""
        plain = _NOT_PLAIN.sub("-", name)[:_LONGEST].strip("-")
        path = self._path / f"{number:03}{'-' if plain else ''}{plain}{_SUFFIX}"
        try:
            save(snapshot, path)
        except OSError as refused:
            raise UsageFailed(f"cannot save the snapshot to `{path}`: {why(refused)}") from refused

    def keep_result(self, fleet: FleetResult) -> Path:
        """Write the result, with all verdicts, and return its path; raises `UsageFailed`."""
        path = self._path / RUN_FILE
        write_text([as_json(fleet, all_verdicts=True)], path)
        return path
