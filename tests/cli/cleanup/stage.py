"""The small tenant as Azure, a plan for it on disk, and runs of the command in processes that can be killed."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from auditor.cleanup.plan import CleanupPlan
from auditor.cleanup.plan_file import as_document
from auditor.emulator.faults import Faults, faults_of
from auditor.emulator.options import Options
from auditor.emulator.running import running_in_thread
from auditor.inventory.snapshot.snapshot import Snapshot
from auditor.report.json_text import json_text
from tests.cleanup import leftovers as left
from tests.cleanup.somebody import Somebody
from tests.cli.running import Done

FIRST, SECOND, BUSY = (str(one["id"]) for one in (left.FIRST, left.SECOND, left.BUSY))
BOTH = ("--only", FIRST, "--only", SECOND, "--yes")
EVERYTHING = {FIRST.lower(): left.customer(1), SECOND.lower(): left.customer(2), BUSY.lower(): left.customer(3)}
"""The workspaces of the small tenant, each with its `customerId`."""


@dataclass(frozen=True)
class Scene:
    """An emulated Azure that this process is signed in to, and what is done to its answers."""

    azure: tuple[str, ...]
    somebody: Somebody
    faults: Faults

    @property
    def live(self) -> dict[str, str]:
        """The live workspaces, each with its `customerId`."""
        return self.somebody.live()


@contextmanager
def scene(
    monkeypatch: pytest.MonkeyPatch, faults: Sequence[dict[str, object]] = (), snapshot: Snapshot | None = None
) -> Iterator[Scene]:
    """Serve a tenant, the small one where none is named."""
    rules = faults_of(faults)
    with running_in_thread(snapshot or left.tenant(), Options(faults=rules)) as endpoints:
        for name, value in endpoints.env.items():
            monkeypatch.setenv(name, value)
        yield Scene(("--cloud", endpoints.arm, "--auth", "environment"), Somebody(endpoints), rules)


def written(folder: Path, plan: CleanupPlan | None = None) -> Path:
    """A plan on disk, drawn without Azure; the small tenant's where none is given."""
    path = folder / "plan.json"
    path.write_text(json_text(as_document(plan or left.plan())), encoding="utf-8")
    return path


def journal_of(plan: Path) -> str:
    """What the journal beside a plan tells; nothing where there is none."""
    path = plan.with_name(f"{plan.name}.journal.jsonl")
    return path.read_text(encoding="utf-8") if path.exists() else ""


def outcomes(done: Done) -> dict[str, str]:
    """What came of each item, by its name."""
    return {item["name"]: item["detail"] for item in json.loads(done.out)["items"]}


def start(command: str, plan: Path, *options: str) -> "subprocess.Popen[str]":
    """Start a run over a plan in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "auditor.cli.main", "cleanup", command, str(plan), *options],
        env=os.environ.copy(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
