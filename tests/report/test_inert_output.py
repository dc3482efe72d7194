"""The law: whatever a resource, tag or user is called, every report contains it as inert text."""

from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given

from auditor.report.formats import csv_report, json_report, jsonl_report, junit, markdown, ocsf, sarif
from auditor.report.html import page as html
from auditor.report.result import ScanResult
from auditor.report.terminal import scan_text as table
from auditor.report.terminal.style import TableStyle
from tests.report.hostile_names import HOSTILE
from tests.report.steering import STEERING
from tests.sampling import examples

RENDERERS: dict[str, Callable[[ScanResult], str]] = {
    "table": partial(table.render, style=TableStyle(width=80, verbose=True, all_verdicts=True)),
    "screen": partial(table.render, style=TableStyle(width=80)),
    "ascii": partial(table.render, style=TableStyle(width=40, ascii_only=True)),
    **{
        module.__name__.rpartition(".")[2]: partial(module.render, all_verdicts=True)
        for module in (csv_report, html, json_report, jsonl_report, junit, markdown, ocsf, sarif)
    },
}
OURS_IN_CSV = "\r\n"


@pytest.mark.parametrize("form", RENDERERS)
def test_no_name_steers(form: str, hostile: Callable[[str], ScanResult]) -> None:
    @examples(20)
    @given(HOSTILE)
    def law(name: str) -> None:
        text = RENDERERS[form](hostile(name))
        assert not STEERING.search(text.replace(OURS_IN_CSV, "\n"))
        text.encode("utf-8", "strict")

    law()


@pytest.mark.parametrize("form", RENDERERS)
def test_a_name_of_megabytes_does_not_bury_the_report(form: str, hostile: Callable[[str], ScanResult]) -> None:
    if form in {"json_report", "jsonl_report"}:
        pytest.skip("for machines the whole name stands in the result")
    assert len(RENDERERS[form](hostile("x" * 5_000_000))) < 500_000


@pytest.mark.parametrize("form", RENDERERS)
def test_two_times_the_same(form: str, everything: ScanResult) -> None:
    assert RENDERERS[form](everything) == RENDERERS[form](everything)
