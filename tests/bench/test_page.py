import sys
from pathlib import Path

import pytest

from bench.growth_bench import exponent
from bench.page import main


@pytest.mark.parametrize(
    ("values", "expected"),
    [({10: 1.0}, None), ({10: 1.0, 100: 10.0}, 1.0), ({10: 9.0, 100: 1.0, 1000: 100.0}, 2.0), ({1: 0.0, 2: 1.0}, None)],
)
def test_the_exponent_is_that_of_the_two_largest_sizes(values: dict[int, float], expected: float | None) -> None:
    found = exponent(values)
    assert found == pytest.approx(expected) if expected is not None else found is None


def test_the_page_states_what_was_run_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.start_bench.RUNS", 1)
    sizes = ["--subscriptions", "1", "--source", "arm", "--offline", "1", "2", "--assignments", "100", "1000"]
    sizes += ["--formats", "1"]
    assert main([*sizes, "--latency-ms", "0", "--docs", str(tmp_path)]) == 0
    page = (tmp_path / "benchmarks.md").read_text(encoding="utf-8")
    assert f"python -m bench.page {' '.join(sizes)}" in page
    assert "| 1 | arm |" in page
    assert "graph |" not in page
    assert "| 1,000 |" in page
    assert "| 1 | 100 |" in page
    assert "| subscriptions | reading | index | judging | writing |" in page
    assert "10,000" not in page
    assert (tmp_path / "images" / "benchmarks.svg").read_text(encoding="utf-8").startswith("<svg")
    assert [finder for finder in sys.meta_path if type(finder).__module__.startswith("pygal")] == []


def test_make_bench_writes_the_page() -> None:
    makefile = (Path(__file__).parents[2] / "Makefile").read_text(encoding="utf-8")
    assert "-m bench.page\n" in makefile.partition("\nbench: ")[2].partition("\n\n")[0]
