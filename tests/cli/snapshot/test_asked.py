"""A saved scan is evaluated about what it was about, unless the command line says otherwise."""

import json
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from auditor.inventory.snapshot.files import load, save
from auditor.inventory.snapshot.implied_reads import with_reads
from auditor.inventory.snapshot.records import AskedAbout
from auditor.inventory.snapshot.snapshot import Snapshot
from tests.cli.running import Done, Run

MEGAN, PRADEEP = "a5e70001-6b1c-4d2e-8f30-c0a050000001", "a5e70003-6b1c-4d2e-8f30-c0a050000003"


@pytest.fixture(scope="session")
def contoso_saved(fixtures: Path) -> Snapshot:
    """Contoso as it is saved in the fixture."""
    return load(fixtures / "contoso.yaml")


def about(held: Snapshot, folder: Path, asked: AskedAbout | None) -> Path:
    """Save a snapshot whose scan was about `asked`."""
    path = folder / "about.jsonl"
    read = with_reads(held)
    save(replace(read, header=msgspec.structs.replace(held.header, asked=asked)), path)
    return path


def subjects(done: Done) -> set[str]:
    """Return the ids of the accounts that findings of the scan are about."""
    held = json.loads(done.out)["findings"]
    return {one["subject"]["id"].partition("@")[0] for one in held if one["subject"]["kind"] == "registration"}


def test_a_saved_demo_gives_the_findings_of_the_demo(migaudit: Run, tmp_path: Path) -> None:
    kept = tmp_path / "demo.jsonl"
    live = migaudit("scan", "--demo", "--save-snapshot", kept, "--format", "json", "--fail-on", "never")
    offline = migaudit("scan", "--snapshot", kept, "--format", "json", "--fail-on", "never")
    assert json.loads(offline.out) == json.loads(live.out)
    assert "about the same as the saved scan: meganb@contoso.com, isaiahl@contoso.com" in offline.err
    assert "`--account`" in offline.err


def test_the_accounts_of_the_saved_scan_are_the_default(migaudit: Run, contoso_saved: Snapshot, tmp_path: Path) -> None:
    kept = about(contoso_saved, tmp_path, AskedAbout(accounts=(PRADEEP,)))
    asked = ("scan", "--snapshot", kept, "--format", "json", "--all-verdicts", "--fail-on", "never")
    assert subjects(migaudit(*asked)) == {PRADEEP}
    other = migaudit(*asked, "--account", MEGAN)
    assert subjects(other) == {MEGAN}
    assert "saved scan" not in other.err


def test_the_project_of_the_saved_scan_is_the_default_and_all_undoes_it(
    migaudit: Run, contoso_saved: Snapshot, tmp_path: Path
) -> None:
    kept = about(contoso_saved, tmp_path, AskedAbout(project="contoso-dc-exit"))
    asked = ("scan", "--snapshot", kept, "--format", "json", "--fail-on", "never")
    narrowed = migaudit(*asked)
    assert json.loads(narrowed.out)["narrowed_to"] == ["--project contoso-dc-exit"]
    assert "project contoso-dc-exit; for others give `--project` or `--all`" in narrowed.err
    assert json.loads(migaudit(*asked, "--all").out)["narrowed_to"] == []


def test_show_lists_what_the_scan_was_about(migaudit: Run, contoso_saved: Snapshot, tmp_path: Path) -> None:
    kept = about(contoso_saved, tmp_path, AskedAbout(accounts=(MEGAN,), resource_group="rg-migrate-prod", deep=True))
    shown = json.loads(migaudit("snapshot", "show", kept, "--format", "json").out)["asked"]
    assert shown["accounts"] == [{"id": MEGAN, "name": "meganb@contoso.com"}]
    assert (shown["project"], shown["resource_group"], shown["deep"]) == (None, "rg-migrate-prod", True)
    text = migaudit("snapshot", "show", kept).out
    assert "about   meganb@contoso.com; resource group rg-migrate-prod; deep scan" in text


def test_a_comparison_is_about_what_each_scan_was_about(migaudit: Run, contoso_saved: Snapshot, tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    for folder in (old, new):
        folder.mkdir()
    before = about(contoso_saved, old, AskedAbout(accounts=(MEGAN,)))
    now = about(contoso_saved, new, AskedAbout(accounts=(MEGAN, PRADEEP)))
    done = migaudit("diff", before, now, "--format", "json", "--fail-on", "never")
    changes = [one for one in json.loads(done.out)["changes"] if one["fate"] == "new"]
    assert changes
    assert {one["why"] for one in changes} == {"the old scan says nothing about this account"}


def test_preflight_is_about_the_account_of_the_saved_scan(
    migaudit: Run, contoso_saved: Snapshot, tmp_path: Path
) -> None:
    kept = about(contoso_saved, tmp_path, AskedAbout(accounts=(PRADEEP,)))
    done = migaudit("preflight", "--snapshot", kept, "--project", "contoso-dc-exit", "--format", "json")
    assert json.loads(done.out)["account"]["id"] == PRADEEP
    assert "about pradeepg@contoso.com, as the saved scan" in done.err


@pytest.mark.parametrize(
    "asked", [{"accounts": "all"}, {"source": "elsewhere"}, {"registration_mode": "robot"}, [], {"deep": "yes"}]
)
def test_a_malformed_header_is_refused(migaudit: Run, tmp_path: Path, asked: object) -> None:
    kept = tmp_path / "hand.yaml"
    header = {"snapshot": 1, "tool": "hand", "tenant_id": "t", "collected_at": "2026-11-23T10:00:00Z", "asked": asked}
    kept.write_text(json.dumps({"snapshot": header}), encoding="utf-8")
    done = migaudit("scan", "--snapshot", kept)
    assert done.code == 2
    assert "the header is malformed" in done.err
