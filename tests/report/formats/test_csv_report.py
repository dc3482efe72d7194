"""The sheet: RFC 4180 as Python's reader understands it, and no cell a spreadsheet would evaluate."""

import csv
from collections.abc import Callable
from io import StringIO

import pytest
from hypothesis import given

from auditor.report.formats.csv_report import COLUMNS, FULLEST, cell, render
from auditor.report.result import ScanResult
from tests.report.golden_file import check_golden
from tests.report.hostile_names import HOSTILE

FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")  # noqa: RUF001


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(StringIO(text, newline=""), strict=True))


def test_golden(everything: ScanResult) -> None:
    check_golden("scan.csv", render(everything, all_verdicts=True))


def test_a_reader_that_is_not_ours_finds_the_findings(everything: ScanResult) -> None:
    header, *found = rows(render(everything))
    assert tuple(header) == COLUMNS
    told = [dict(zip(header, row, strict=True)) for row in found]
    assert [(one["rule"], one["verdict"], one["subject_name"]) for one in told] == [
        ("account-cannot-register", "fail", "adele@contoso.com → contoso-exit"),
        ("account-cannot-register", "fail", "alex@contoso.com → contoso-exit"),
        ("workspace-left-behind", "unknown", "contoso-pilot-ws"),
    ]
    assert told[0]["fixes"].splitlines()[1] == (
        "Delete the resource group as the last resort (can lose something): Everything in the group is gone."
    )
    assert told[0]["steps"].splitlines()[1] == "2. Assign it."
    assert told[2]["unread"].endswith("403 AuthorizationFailed; grant `Microsoft.Insights/scheduledQueryRules/read`")


def test_lines_end_as_the_standard_says(spotless: ScanResult) -> None:
    assert render(spotless).endswith("\r\n")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "＝1"])  # noqa: RUF001
def test_a_formula_becomes_text(text: str) -> None:
    assert cell(text) == f"'{text}"


def test_a_cell_is_no_longer_than_a_spreadsheet_takes() -> None:
    assert cell("x" * 100_000) == "x" * FULLEST + "… (100,000 characters)"
    assert len(cell("x" * 100_000_000)) <= 32_767


@given(HOSTILE)
def test_no_cell_is_a_formula_and_the_sheet_keeps_its_shape(hostile: Callable[[str], ScanResult], name: str) -> None:
    read = rows(render(hostile(name)))
    assert {len(row) for row in read} == {len(COLUMNS)}
    assert len(read) == 3
    assert not any(text.lstrip(" ").startswith(FORMULA) for row in read for text in row)
