"""JSON Lines: every line stands for itself, and together they are the JSON result."""

import json

from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from auditor.report.formats import json_report, jsonl_report
from auditor.report.result import ScanResult
from tests.report.golden_file import FOLDER, check_golden

SCHEMAS = FOLDER.parents[2] / "docs" / "schemas"


def test_golden(everything: ScanResult) -> None:
    check_golden("scan.jsonl", jsonl_report.render(everything, all_verdicts=True))


def test_every_line_is_valid(everything: ScanResult) -> None:
    schema, whole = (
        json.loads((SCHEMAS / f"{name}-1.json").read_text(encoding="utf-8")) for name in ("scan-lines", "scan")
    )
    Draft202012Validator.check_schema(schema)
    known = Registry().with_resources((one["$id"], Resource.from_contents(one)) for one in (schema, whole))
    for line in jsonl_report.render(everything, all_verdicts=True).splitlines():
        Draft202012Validator(schema, registry=known).validate(json.loads(line))


def test_it_is_the_json_result_line_by_line(everything: ScanResult) -> None:
    lines = [json.loads(line) for line in jsonl_report.render(everything).splitlines()]
    whole = json.loads(json_report.render(everything))
    assert lines[0]["type"] == "scan"
    assert lines[0]["summary"] == whole["summary"]
    by_type = {type_: [_bare(one) for one in lines if one["type"] == type_] for type_ in ("finding", "read", "gap")}
    assert by_type == {
        "finding": whole["findings"],
        "read": whole["coverage"]["reads"],
        "gap": whole["coverage"]["gaps"],
    }


def _bare(line: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in line.items() if key != "type"}
