"""`scan --suppress` and `scan --baseline`."""

import csv
import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from auditor.cli.formats import FORMATS
from tests.cli.running import Run
from tests.cli.workbook_text import shown_in

SCHEMAS = Path(__file__).parents[3] / "docs" / "schemas"
RULE = "appliance-certificate-expired"


@pytest.fixture
def world(fixtures: Path) -> Path:
    return fixtures / "contoso.yaml"


def suppressions(path: Path, *entries: str) -> Path:
    file = path / "accepted.yaml"
    file.write_text("suppressions:\n" + "".join(f"  - {{{entry}}}\n" for entry in entries))
    return file


ALL = f"rule: {RULE}, subject: '*', reason: replaced next week, owner: adele, expires: 2026-12-31"


def test_suppressed_findings_do_not_fail_a_scan_and_stay_visible(migaudit: Run, world: Path, tmp_path: Path) -> None:
    file = suppressions(tmp_path, ALL)
    plain = migaudit("scan", "--snapshot", world, "--rule", RULE)
    done = migaudit("scan", "--snapshot", world, "--rule", RULE, "--suppress", file)
    assert (plain.code, done.code) == (1, 0)
    assert "suppressed: accepted by adele until 2026-12-31: replaced next week" in " ".join(done.out.split())
    document = json.loads(
        migaudit("scan", "--snapshot", world, "--rule", RULE, "--suppress", file, "--format", "json").out
    )
    Draft202012Validator(json.loads((SCHEMAS / "scan-1.json").read_text())).validate(document)
    failing = [one for one in document["findings"] if one["verdict"] == "fail"]
    assert failing
    assert all(one["suppressed"]["owner"] == "adele" for one in failing)
    assert [(one["effect"], one["findings"]) for one in document["suppressions"]] == [("active", len(failing))]


@pytest.mark.parametrize("form", [one for one in FORMATS if one not in {"html", "ocsf"}])
def test_every_format_shows_who_answers(migaudit: Run, world: Path, tmp_path: Path, form: str) -> None:
    file = suppressions(tmp_path, ALL)
    done, shown = shown_in(form, migaudit, tmp_path, "scan", "--snapshot", world, "--rule", RULE, "--suppress", file)
    assert done.code == 0
    assert "replaced next week" in " ".join(shown.split())
    assert "adele" in shown
    if form == "csv":
        assert all(row["suppressed"] for row in csv.DictReader(done.out.splitlines()) if row["verdict"] == "fail")


def test_entries_that_do_nothing_are_reported(migaudit: Run, world: Path, tmp_path: Path) -> None:
    file = suppressions(
        tmp_path,
        f"rule: {RULE}, subject: '*', reason: r, owner: adele, expires: 2026-01-31",
        f"rule: {RULE}, subject: nowhere, reason: r, owner: megan",
        "rule: project-missing, subject: nowhere, reason: r, owner: megan",
    )
    done = migaudit("scan", "--snapshot", world, "--rule", RULE, "--suppress", file)
    assert done.code == 1
    assert f"{file}:2:5: `{RULE}` for `*` (adele) expired on 2026-01-31; it no longer suppresses" in done.err
    assert f"{file}:3:5: `{RULE}` for `nowhere` (megan) matches no failing finding" in done.err
    assert ":4:5:" not in done.err


def test_an_entry_for_the_unknown_says_so(migaudit: Run, fixtures: Path, tmp_path: Path) -> None:
    tailspin = fixtures / "tailspin.yaml"
    found = json.loads(migaudit("scan", "--snapshot", tailspin, "--format", "json").out)["findings"]
    unknown = next(one for one in found if one["verdict"] == "unknown")
    subject = unknown["subject"]["id"]
    file = suppressions(tmp_path, f"rule: {unknown['rule']}, subject: '{subject}', reason: r, owner: o")
    done = migaudit("scan", "--snapshot", tailspin, "--suppress", file, "--fail-on", "never", "--strict")
    assert done.code == 4
    assert "matches only unknown" in done.err


def test_a_slip_in_the_file_is_found_before_anything_is_read(migaudit: Run, world: Path, tmp_path: Path) -> None:
    file = suppressions(tmp_path, "rule: appliance-certificate-expird, subject: x, reason: r, owner: o")
    done = migaudit("scan", "--snapshot", world, "--suppress", file)
    assert done.code == 2
    assert f"{file}:2:12: no such rule: `appliance-certificate-expird`; did you mean `{RULE}`" in done.err


def test_only_what_is_new_since_the_baseline(migaudit: Run, world: Path, tmp_path: Path) -> None:
    whole = migaudit("scan", "--snapshot", world, "--format", "json").out
    document = json.loads(whole)
    failing = [one for one in document["findings"] if one["verdict"] == "fail"]
    document["findings"].remove(failing[0])
    (tmp_path / "base.json").write_text(json.dumps(document))
    done = migaudit("scan", "--snapshot", world, "--baseline", tmp_path / "base.json", "--format", "json")
    told = json.loads(done.out)
    Draft202012Validator(json.loads((SCHEMAS / "scan-1.json").read_text())).validate(told)
    assert [one["rule"] for one in told["findings"]] == [failing[0]["rule"]]
    assert told["baseline"]["known"] == len(failing) - 1
    assert "left out:" in done.err


def test_a_snapshot_is_a_baseline_too(migaudit: Run, world: Path) -> None:
    done = migaudit("scan", "--snapshot", world, "--baseline", world)
    assert done.code == 0
    assert "undecided: no new problem among what could be checked" in done.out
    assert migaudit("scan", "--snapshot", world, "--baseline", world, "--strict").code == 4
    assert migaudit("scan", "--demo", "--baseline", world, "--rule", RULE).code == 0


def test_a_baseline_of_another_tenant_is_refused(migaudit: Run, world: Path, fixtures: Path) -> None:
    done = migaudit("scan", "--snapshot", world, "--baseline", fixtures / "fabrikam.yaml")
    assert done.code == 2
    assert "`--baseline` is of tenant `0fab71ca-" in done.err


def test_a_broken_baseline_is_refused(migaudit: Run, world: Path, tmp_path: Path) -> None:
    (tmp_path / "b.json").write_text("[]")
    done = migaudit("scan", "--snapshot", world, "--baseline", tmp_path / "b.json")
    assert done.code == 2
    assert "is not a result of `migaudit scan --format json`" in done.err


def test_the_result_may_not_go_over_the_baseline(migaudit: Run, world: Path, tmp_path: Path) -> None:
    base = tmp_path / "b.json"
    base.write_text(migaudit("scan", "--snapshot", world, "--format", "json").out)
    done = migaudit("scan", "--snapshot", world, "--baseline", base, "--format", "json", "--output", base)
    assert done.code == 2
    assert "name the same file" in done.err
