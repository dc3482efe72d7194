from pathlib import Path

import pytest

from auditor.inventory.snapshot.files import load
from bench.refusals_bench import main, make_world


def test_about_half_of_everything_is_refused(tmp_path: Path) -> None:
    make_world(4, tmp_path / "world.jsonl.zst")
    made = load(tmp_path / "world.jsonl.zst")
    assert 0.5 < len(made.gaps) / len(made.reads or ()) < 2


def test_the_whole_benchmark_runs(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.refusals_bench.FORMATS", ("json",))
    assert main(["--subscriptions", "2", "4"]) == 0
    printed = capsys.readouterr().out
    assert "4 subscriptions, json" in printed
    assert "json: exponent" in printed
