"""`migaudit diff`: what it shows, what it ends with, what it refuses."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.cli.running import Run

SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "schemas" / "diff-1.json").read_text())


@pytest.fixture
def old(fixtures: Path) -> Path:
    return fixtures / "contoso.yaml"


@pytest.fixture
def result(migaudit: Run, old: Path, tmp_path: Path) -> Path:
    path = tmp_path / "result.json"
    path.write_text(migaudit("scan", "--snapshot", old, "--format", "json", "--all-verdicts").out)
    return path


def without(result: Path, path: Path, rule: str) -> Path:
    """The result with one rule's failing findings passing."""
    document = json.loads(result.read_text())
    for one in document["findings"]:
        if one["rule"] == rule and one["verdict"] == "fail":
            one["verdict"] = "pass"
    path.write_text(json.dumps(document))
    return path


def test_a_snapshot_against_its_own_result_is_unchanged(migaudit: Run, old: Path, result: Path) -> None:
    done = migaudit("diff", result, old, "--format", "json")
    assert done.code == 0
    document = json.loads(done.out)
    Draft202012Validator(SCHEMA).validate(document)
    assert {one["fate"] for one in document["changes"]} == {"still_there"}


def test_new_findings_end_with_one_and_fixed_ones_with_zero(migaudit: Run, result: Path, tmp_path: Path) -> None:
    better = without(result, tmp_path / "better.json", "appliance-certificate-expired")
    worse = migaudit("diff", better, result)
    assert worse.code == 1
    assert "\nnew " in worse.out
    assert migaudit("diff", better, result, "--fail-on", "never").code == 0
    fixed = migaudit("diff", result, better)
    assert fixed.code == 0
    assert "\nfixed " in fixed.out
    assert "STILL THERE" not in fixed.out
    assert "STILL THERE" in migaudit("snapshot", "diff", result, better, "-v").out


def test_the_result_goes_to_a_file_and_keeps_the_schema(migaudit: Run, result: Path, tmp_path: Path) -> None:
    better = without(result, tmp_path / "better.json", "appliance-certificate-expired")
    done = migaudit("diff", better, result, "--format", "json", "--output", tmp_path / "diff.json")
    assert (done.code, done.out) == (1, "")
    document = json.loads((tmp_path / "diff.json").read_text())
    Draft202012Validator(SCHEMA).validate(document)
    assert document["summary"]["new"] == sum(one["fate"] == "new" for one in document["changes"]) > 0


def test_a_changed_finding_says_what_changed(migaudit: Run, result: Path, tmp_path: Path) -> None:
    document = json.loads(result.read_text())
    failing = next(one for one in document["findings"] if one["verdict"] == "fail")
    failing["message"] = "other words"
    (tmp_path / "other.json").write_text(json.dumps(document))
    done = migaudit("diff", tmp_path / "other.json", result)
    assert "\nchanged " in done.out
    assert "the message differs" in migaudit("diff", tmp_path / "other.json", result, "--show", failing["rule"]).out


def test_a_result_of_a_part_or_of_another_account_fixes_nothing(migaudit: Run, old: Path, tmp_path: Path) -> None:
    whole, part = tmp_path / "whole.json", tmp_path / "part.json"
    scan = ("scan", "--snapshot", old, "--format", "json", "--output")
    migaudit(*scan, whole, "--account", "isaiahl@contoso.com")
    migaudit(*scan, part, "--account", "pradeepg@contoso.com", "--project", "contoso-lab")
    document = json.loads(migaudit("diff", whole, part, "--format", "json").out)
    assert document["summary"]["fixed"] == 0
    why = {one["why"] for one in document["changes"] if one["fate"] == "no_longer_known"}
    assert "the new scan says nothing about this account" in why
    assert "the new scan was limited to a part: `--project contoso-lab`" in why


def test_another_tenant_is_refused(migaudit: Run, fixtures: Path, old: Path) -> None:
    done = migaudit("diff", fixtures / "fabrikam.yaml", old)
    assert done.code == 2
    assert "cannot be compared" in done.err


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("r.json", "{", "is not a result of `migaudit scan --format json`: Input data was truncated"),
        ("r.json", '{"schema": "migaudit/can/1"}', "Invalid enum value 'migaudit/can/1'"),
        ("r.json", '{"schema": "migaudit/scan/1", "tenant_id": "t"}', "missing required field"),
        ("r.json", b'{"schema": "\xff"}', "is not a result"),
        ("r.json", '{"schema": "migaudit/scan/1", "x": ' + "[" * 100_000, "is not a result"),
        ("r.txt", "x", "is neither a snapshot (.jsonl, .jsonl.zst, .yaml) nor the JSON result"),
        ("r.yaml", "x: [", ":2: "),
        (
            "r.json",
            '{"schema": "migaudit/scan/1", "tenant_id": "t", "evaluated_at": "2026-11-23T10:00:00Z", '  # noqa: ISC004
            '"findings": [], "baseline": {"known": 1}}',
            "leaves out what was known before",
        ),
    ],
)
def test_bad_files_are_refused(
    migaudit: Run, old: Path, tmp_path: Path, name: str, content: str | bytes, said: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    done = migaudit("diff", path, old)
    assert done.code == 2
    assert said in done.err
    assert str(path) in done.err


def test_the_output_is_none_of_the_inputs(migaudit: Run, old: Path, result: Path) -> None:
    done = migaudit("diff", old, result, "--output", result)
    assert done.code == 2
    assert "name the same file" in done.err


HOSTILE = "\x1b[31mred\u202e </script> {{7*7}} =cmd|' /C calc'!A0"


@pytest.mark.parametrize("form", ["table", "json"])
def test_hostile_names_stay_inert(migaudit: Run, result: Path, tmp_path: Path, form: str) -> None:
    document = json.loads(result.read_text())
    failing = next(one for one in document["findings"] if one["verdict"] == "fail")
    failing["subject"] = {"kind": "project", "id": f"/subscriptions/{HOSTILE}", "name": HOSTILE * 1000}
    failing["message"] = failing["title"] = HOSTILE
    (tmp_path / "hostile.json").write_text(json.dumps(document))
    done = migaudit("diff", result, tmp_path / "hostile.json", "--format", form, "--fail-on", "never")
    assert done.code == 0
    assert "red" in done.out
    assert not {"\x1b", "\u202e"} & set(done.out)
