import sys
from pathlib import Path

import pytest

from bench.measured import measure
from bench.scan_bench import is_data, main


def test_a_process_is_measured_with_its_exit_status_and_output(tmp_path: Path) -> None:
    code = "import sys; print('said'); print('complained', file=sys.stderr); sys.exit(3)"
    took = measure([sys.executable, "-c", code], output=tmp_path / "out.txt")
    assert took.status == 3
    assert (tmp_path / "out.txt").read_text(encoding="utf-8") == "said\n"
    assert (tmp_path / "out.err").read_text(encoding="utf-8") == "complained\n"
    assert took.wall > 0
    assert took.peak > 1_000_000


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("/subscriptions?api-version=2022-12-01", True),
        ("/providers/Microsoft.Management/managementGroups?api-version=2020-05-01", True),
        ("/v1.0/users/x", True),
        ("/metadata/endpoints?api-version=2022-09-01", False),
        ("/72c0a7b1-5d3e-4f60-9b1a-c0a050000000/oauth2/v2.0/token", False),
    ],
)
def test_only_requests_for_data_are_fetched_again(path: str, data: bool) -> None:
    assert is_data(path) is data


def test_the_whole_benchmark_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--subscriptions", "1", "--latency-ms", "0", "--keep", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    assert "fetched by the bare client too" in printed
    assert "ratio" in printed
    assert "'200'" in printed
