"""`readiness`: one screen and documents from a saved snapshot, exit codes, and clear answers to odd questions."""

import csv
import json
from dataclasses import replace
from io import StringIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from jsonschema import Draft202012Validator

from auditor.cli.exit_codes import ExitCode
from auditor.inventory.reads import Gap
from auditor.inventory.snapshot.files import save
from auditor.inventory.snapshot.implied_reads import with_reads
from tests.cli.running import Run
from tests.facts.readiness.waves import GROUP, estate, machine, site_machine, wave
from tests.facts.small import ASSESSMENT, S

SCHEMA = Path(__file__).parents[3] / "docs" / "schemas" / "readiness-1.json"
FIRST = "3 of 4 machines can move as they are; 0 after a check or a change, 1 not, 0 unknown"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a snapshot of two assessments, one of which is not calculated yet."""
    second = f"{GROUP}/assessments/second"
    inventory = estate(
        *(wave(), wave(second, status="Running")),
        *(machine(f"web{number}") for number in range(3)),
        machine("=1+1", "NotSuitable", suitabilityExplanation="BootTypeNotSupported"),
        machine("late", of=second),
        site_machine("web1"),
    )
    path = tmp_path_factory.mktemp("readiness") / "world.jsonl"
    save(with_reads(inventory.snapshot), path)
    return path


def test_the_screen_begins_with_the_answer(migaudit: Run, world: Path) -> None:
    done = migaudit("readiness", "--snapshot", world, "--assessment", "first")
    assert done.code == ExitCode.CLEAN
    assert f"{FIRST}." in " ".join(done.out.split())
    assert "Unsupported boot type" in done.out


def test_the_document_is_pure_json_as_the_schema_says(migaudit: Run, world: Path) -> None:
    done = migaudit("readiness", "--snapshot", world, "--format", "json")
    document = json.loads(done.out)
    Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8"))).validate(document)
    assert document["complete"] is False
    assert document["summary"]["unknown"] == document["summary"]["not_calculated"] == 1


def test_what_to_look_at_says_where_it_is(migaudit: Run, fixtures: Path) -> None:
    text = migaudit(
        "readiness", "--snapshot", fixtures / "contoso.yaml", "--format", "markdown", "--fail-on", "never"
    ).out
    told = text.partition("## What to look at")[2]
    assert (
        "    - subscription `Contoso Datacenter Exit (0d1e2c3b-4a59-4687-9b10-c0a050000001)` · resource group `" in told
    )
    assert "[in the portal](<https://portal.azure.com/#@" in told
    document = json.loads(
        migaudit("readiness", "--snapshot", fixtures / "contoso.yaml", "--format", "json", "--fail-on", "never").out
    )
    assert {one["place"]["projects"][0]["name"] for one in document["findings"]} >= {"contoso-branches"}


@pytest.mark.parametrize("form", ["text", "json", "csv", "xlsx", "html", "markdown"])
def test_every_format_goes_to_a_file(migaudit: Run, world: Path, tmp_path: Path, form: str) -> None:
    done = migaudit("readiness", "--snapshot", world, "--format", form, "--output", tmp_path / "out")
    assert (done.code, done.out) == (ExitCode.CLEAN, "")
    assert (tmp_path / "out").read_bytes()
    assert [one.name for one in tmp_path.iterdir()] == ["out"]


def test_rows_have_each_machine_and_no_formula(migaudit: Run, world: Path, tmp_path: Path) -> None:
    done = migaudit("readiness", "--snapshot", world, "--format", "csv")
    rows = list(csv.DictReader(StringIO(done.out)))
    assert {row["machine"] for row in rows} == {"web0", "web1", "web2", "'=1+1", "late"}
    assert {row["machine"]: row["suitability"] for row in rows}["late"] == "unknown"
    migaudit("readiness", "--snapshot", world, "--format", "xlsx", "--output", tmp_path / "out.xlsx")
    with ZipFile(tmp_path / "out.xlsx") as book:
        assert b"=1+1" in book.read("xl/worksheets/sheet4.xml")
        assert b"<f>" not in book.read("xl/worksheets/sheet4.xml")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((), ExitCode.CLEAN),
        (("--strict",), ExitCode.UNDECIDED),
        (("--strict", "--assessment", "first"), ExitCode.CLEAN),
        (("--strict", "--assessment", "second"), ExitCode.UNDECIDED),
    ],
)
def test_what_is_unknown_counts_with_strict(
    migaudit: Run, world: Path, arguments: tuple[str, ...], code: ExitCode
) -> None:
    assert migaudit("readiness", "--snapshot", world, "--fail-on", "never", *arguments).code == code


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "no scope is named"),
        (("--resource-group", "rg-migrat"), "no such resource group: `rg-migrat`; did you mean `rg-migrate`"),
        (("--project", "contoso-exi"), "no such project: `contoso-exi`; did you mean `contoso-exit`"),
        (("--project", "contoso-exit", "-g", "rg-migrat"), "no such resource group: `rg-migrat`"),
        (("--project", "contoso-exi", "-g", "rg-migrate"), "no such project in `rg-migrate`: `contoso-exi`"),
        (("--subscription", "nowhere"), "no such subscription: `nowhere`"),
        (("--management-group", "nowhere"), "no such management group: `nowhere`"),
        (("--group", "wave2"), "no such group: `wave2`; did you mean `wave1`"),
        (("--group", "wave2", "--assessment", "first"), "no such group: `wave2`"),
        (("--assessment", "frist"), "no such assessment: `frist`; did you mean `first`"),
        (("--group", "wave1", "--assessment", "frist"), "did you mean `first`"),
        (("--project", "contoso-exit", "--assessment", "third"), "no such assessment: `third`"),
        (("--format", "xlsx"), "add `--output FILE.xlsx`"),
        (("--save-snapshot", "x.jsonl"), "leave out"),
        (("--format", "pdf"), "pdf"),
    ],
)
def test_odd_options_are_refused(migaudit: Run, world: Path, arguments: tuple[str, ...], said: str) -> None:
    place = ("--snapshot", world) if arguments else ()
    done = migaudit("readiness", *place, *arguments)
    assert done.code == ExitCode.USAGE
    assert said in done.err


@pytest.mark.parametrize(
    ("arguments", "what", "scope"),
    [
        (("--resource-group", "rg-other"), "Microsoft.Resources/resourceGroups", S),
        (("--project", "other"), "Microsoft.Migrate/migrateProjects", S),
        (("--project", "other"), "Microsoft.Migrate/assessmentProjects", S),
        (("--group", "other"), "Microsoft.Migrate/assessmentProjects/groups", ASSESSMENT),
        (("--assessment", "other"), "Microsoft.Migrate/assessmentProjects/groups/assessments", GROUP),
    ],
)
def test_a_name_that_an_unread_list_may_contain_is_not_refused(
    migaudit: Run, tmp_path: Path, arguments: tuple[str, ...], what: str, scope: str
) -> None:
    path = tmp_path / "hiding.jsonl"
    save(estate(wave(), machine("web"), gaps=[Gap(what, scope, 403, "AuthorizationFailed")]).snapshot, path)
    done = migaudit("readiness", "--snapshot", path, *arguments)
    assert done.code == ExitCode.CLEAN
    assert "can move" not in done.out


def test_without_the_writer_of_workbooks_it_is_said_how_to_install_it(
    migaudit: Run, world: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("auditor.extras.find_spec", lambda _name: None)
    done = migaudit("readiness", "--snapshot", world, "--format", "xlsx", "--output", tmp_path / "out.xlsx")
    assert done.code == ExitCode.USAGE
    assert "pip install" in done.err


def test_machines_that_were_not_asked_for_are_unknown(migaudit: Run, tmp_path: Path) -> None:
    snapshot = with_reads(estate().snapshot)
    read = tuple(one for one in snapshot.reads or () if "/groups" not in one.what and "/assessments" not in one.what)
    save(replace(snapshot, reads=read), tmp_path / "plain.jsonl")
    done = migaudit("readiness", "--snapshot", tmp_path / "plain.jsonl", "--strict")
    assert done.code == ExitCode.UNDECIDED
    assert "Unknown: assessments and machines were not read." in done.out


def test_the_page_of_a_scan_shows_readiness_where_machines_were_read(
    migaudit: Run, world: Path, tmp_path: Path
) -> None:
    migaudit("scan", "--snapshot", world, "--format", f"html={tmp_path / 'page.html'}")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert '<section id="readiness"' in page
    assert "=1+1" in page
