"""The JSON result: the published shape, the same for the same result, inert wherever it is printed."""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from auditor.report.formats.json_report import render
from auditor.report.result import ScanResult
from tests.report.golden_file import FOLDER

SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "schemas" / "scan-1.json").read_text(encoding="utf-8"))


def valid(text: str) -> dict[str, object]:
    document: dict[str, object] = json.loads(text)
    Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(document)
    return document


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_golden(everything: ScanResult) -> None:
    text = render(everything, all_verdicts=True)
    file = FOLDER / "scan.json"
    if os.environ.get("GOLDEN") == "write":
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")
    valid(text)


def test_what_passes_is_left_out_but_counted(everything: ScanResult) -> None:
    document = valid(render(everything))
    assert {finding["verdict"] for finding in document["findings"]} == {"fail", "unknown"}  # type: ignore[attr-defined]
    assert document["summary"] == {"fail": 2, "unknown": 1, "pass": 1, "not_applicable": 1}


def test_the_order_of_the_findings_does_not_matter(everything: ScanResult) -> None:
    backwards = replace(everything, findings=everything.findings[::-1])
    assert render(backwards, all_verdicts=True) == render(everything, all_verdicts=True)


@given(st.text())
def test_any_name_comes_back_and_none_steers(hostile: Callable[[str], ScanResult], name: str) -> None:
    text = render(hostile(name))
    assert text.replace("\n", "").isprintable()
    assert text.isascii()
    assert valid(text)["findings"][0]["subject"]["name"] == name  # type: ignore[index]
