from pathlib import Path

import pytest

from auditor.inventory.inventory import Inventory
from auditor.inventory.resources.assessments import AssessedMachine
from auditor.inventory.resources.offazure import SiteMachine
from bench.readiness_bench import ASSESSMENT, SITE, main, world


def test_bodies_are_about_as_large_as_those_of_azure() -> None:
    made = Inventory.of(world(1))
    kinds = {AssessedMachine.types[0]: ASSESSMENT, SiteMachine.types[0]: SITE}
    for kind, place in kinds.items():
        body = max(len(record.body) for record in made.of_type(kind) if record.id.startswith(f"{place}/"))
        assert 3_000 < body < 50_000


def test_the_whole_benchmark_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--machines", "30", "--latency-ms", "0", "--keep", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    assert "45 assessed, 44 discovered" in printed
    assert "MB peak" in printed  # of this process, which has run other tests
