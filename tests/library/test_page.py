"""The examples on the page about the library run, one after the other."""

import re
from pathlib import Path

import pytest

import auditor
from auditor.emulator.options import Endpoints
from auditor.library import facade, result

PAGE = (Path(__file__).parents[2] / "docs" / "library.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


def test_every_example_runs(
    signed_in: Endpoints,
    fixtures: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    auditor.save(auditor.load(fixtures / "contoso.yaml"), "contoso.jsonl.zst")
    there = f'auditor.collect(cloud="{signed_in.arm}", auth="environment", '
    named: dict[str, object] = {}
    for example in EXAMPLES:
        exec(example.replace("auditor.collect(", there), named)  # noqa: S102 - our own page
    told = capsys.readouterr().out
    assert "account-cannot-register isaiahl@contoso.com → contoso-lab" in told
    assert told.count("problems (") == 2
    assert re.search(r"^(exactly|at least) [1-9]", told, re.MULTILINE)
    assert re.search(r"^60052 +[1-9]", told, re.MULTILINE)
    assert "delete Contoso-Wave0-WS" in told or "keep Contoso-Wave0-WS" in told


def test_the_page_has_every_function_and_every_part_of_a_result() -> None:
    functions = {name for name in auditor.__all__ if name.islower() and hasattr(facade, name)}
    assert functions - {"__version__"} == {"audit", "collect", "load", "plan", "save"}
    assert all(f"auditor.{name}(" in PAGE for name in functions - {"__version__"})
    parts = {name for name in vars(result.Result) if name.islower() and not name.startswith("_")} - {"report", "rows"}
    assert [name for name in sorted(parts) if name not in PAGE] == []
