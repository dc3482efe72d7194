"""Readiness in every format: kept as golden files (`GOLDEN=write` makes them anew), and inert whatever Azure says."""

import csv
import json
import re
from collections import Counter
from dataclasses import replace
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from jsonschema import Draft202012Validator

from auditor.audit.catalogue import catalogue
from auditor.audit.findings import Finding, Severity, SubjectRef, Verdict
from auditor.audit.readiness.remedies import remedy_of
from auditor.facts.readiness.causes import SuitabilityCause
from auditor.facts.readiness.tally import CauseCount
from auditor.inventory.lists import GROUP_ASSESSED_MACHINES, SITES_OF_MACHINES
from auditor.inventory.reads import Gap
from auditor.inventory.resources.assessments import PartKind
from auditor.report.html import readiness
from auditor.report.html.readiness import render as page
from auditor.report.readiness.document import render as document
from auditor.report.readiness.lines import wave_line
from auditor.report.readiness.markdown import render as markdown
from auditor.report.readiness.rows import COLUMNS, csv_lines
from auditor.report.readiness.screen import render as screen
from auditor.report.readiness.workbook import write
from auditor.report.terminal.style import TableStyle
from tests.facts.readiness.waves import WAVE as ASSESSMENT
from tests.facts.readiness.waves import assessed, machine, wave
from tests.facts.small import S
from tests.report.golden_file import check_golden
from tests.report.hostile_names import NAMES
from tests.report.readiness.reports import a_wave, hostile, report_of, rows_of

SCHEMA = json.loads((Path(__file__).parents[3] / "docs/schemas/readiness-1.json").read_text(encoding="utf-8"))
WAVE = report_of(a_wave())
STYLE = TableStyle(width=100)
BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def test_golden_files() -> None:
    check_golden("readiness-100.txt", screen(WAVE, STYLE))
    check_golden("readiness-80-verbose.txt", screen(WAVE, TableStyle(width=80, verbose=True, ascii_only=True)))
    check_golden("readiness.json", document(WAVE))
    check_golden("readiness.md", markdown(WAVE))
    check_golden("readiness.html", page(WAVE))
    check_golden("readiness.csv", "".join(csv_lines(rows_of(a_wave()))))


def test_the_document_is_what_the_schema_says() -> None:
    Draft202012Validator(SCHEMA).validate(json.loads(document(WAVE)))
    Draft202012Validator(SCHEMA).validate(json.loads(document(report_of(hostile(NAMES)))))


def test_the_headline_says_what_it_leaves_open() -> None:
    assert WAVE.headline.split("; ") == [
        "4 of at least 15 machines can move as they are",
        "2 after a check or a change, 4 not, 5 unknown",
        "not everything could be read: there may be more machines, and worse news of these",
        "1 assessment has no numbers, which leaves 1 of the unknown ones",
        "4 of the unknown ones Azure counts and does not list, unless they are among the others",
        "1 assessment is no longer up to date",
        "1 machine counts as worse than Azure's own word, for what it says of disks, adapters or reasons",
    ]
    assert not WAVE.is_whole
    assert WAVE.is_undecided


def test_a_list_that_was_refused_whole_leaves_the_headline_unknown() -> None:
    refused = Gap(GROUP_ASSESSED_MACHINES, ASSESSMENT, 403, "AuthorizationFailed")
    report = report_of(assessed(wave(), gaps=[refused]))
    assert report.headline.startswith("Unknown: no machine of the assessments could be read; not everything")
    assert report.is_undecided


def test_nothing_is_good_news_without_an_assessment() -> None:
    assert report_of(assessed()).headline.startswith("No assessment of virtual machines is in scope")
    assert "can move" not in screen(report_of(assessed(wave(status=None))), STYLE).partition("0 of 0")[0]


@pytest.mark.parametrize(
    ("numbers", "bodies", "said"),
    [
        ({}, 1, "not all of its machines could be read; 1 was"),
        ({}, 2, "not all of its machines could be read; 2 were"),
        ({}, 0, "not all of its machines could be read"),
        ({"numberOfMachines": 9}, 2, "not all of its machines could be read; 2 were"),
    ],
)
def test_a_machine_that_cannot_be_understood_is_not_said_to_be_read(numbers: Any, bodies: int, said: str) -> None:
    odd = {**machine("odd"), "properties": []}
    (one,) = report_of(assessed(wave(**numbers), odd, *(machine(f"m{at}") for at in range(bodies)))).readiness.waves
    assert wave_line(one).remarks[0] == said


@pytest.mark.parametrize("what", SITES_OF_MACHINES)
def test_a_list_of_sites_that_was_not_read_is_said_in_every_format(what: str) -> None:
    refused = Gap(what, S, 403, "AuthorizationFailed", "no", f"{what}/read")
    report = report_of(assessed(wave(), machine("a"), gaps=[refused]))
    assert report.is_whole
    assert report.is_undecided
    for text in (screen(report, STYLE), markdown(report), page(report), document(report)):
        assert what in text
        assert "was read to its end" not in text


def test_a_value_that_nobody_knows_is_shown_with_its_text() -> None:
    for text in (screen(WAVE, STYLE), markdown(WAVE), page(WAVE), document(WAVE)):
        assert "BrandNewReason" in text
        assert "not known here" in text


def workbook(names: tuple[str, ...]) -> dict[str, str]:
    found = hostile(names)
    stream = BytesIO()
    write(report_of(found), rows_of(found), stream)
    with ZipFile(stream) as book:
        return {name: book.read(name).decode() for name in book.namelist()}


def test_a_workbook_has_texts_and_no_formulas() -> None:
    parts = workbook(NAMES)
    sheets = [text for name, text in parts.items() if name.startswith("xl/worksheets/sheet")]
    assert len(sheets) == 5
    assert re.findall(r'<sheet name="(\w+)"', parts["xl/workbook.xml"]) == [
        *("Summary", "Assessments", "Causes", "Machines", "Discovery")
    ]
    for sheet in sheets:
        assert "<f>" not in sheet
        assert "<hyperlink" not in sheet
        assert "<autoFilter" in sheet
        assert 'state="frozen"' in sheet
    assert not any("externalLink" in name for name in parts)


def test_cells_of_csv_are_no_formulas() -> None:
    found = hostile(NAMES)
    lines = list(csv.reader(StringIO("".join(csv_lines(rows_of(found))), newline="")))
    assert lines[0] == list(COLUMNS)
    assert len(lines) == 1 + 2 * len(NAMES)
    for line in lines:
        assert len(line) == len(COLUMNS)
        assert not [cell for cell in line if cell.lstrip(" ").startswith(BEGINS_A_FORMULA)]
        assert not [cell for cell in line if "\x1b" in cell or "\u202e" in cell]


def test_a_number_in_csv_has_no_exponent() -> None:
    from tests.facts.readiness.waves import machine

    found = assessed(wave(), machine("a", numberOfCores=4_000_000, megabytesOfMemory=1.5 * 1024**3))
    (line,) = csv.DictReader(StringIO("".join(csv_lines(rows_of(found))), newline=""))
    assert (line["cores"], line["memory_gb"]) == ("4000000", "1572864")


def test_whatever_azure_says_is_inert() -> None:
    report = report_of(hostile(NAMES))
    for text in (
        screen(report, TableStyle(width=100, verbose=True)),
        markdown(report),
        page(report),
        document(report),
    ):
        assert not set(text) & set("\x1b\x00\x07\x08\u202e\u2066\r")
    assert "<script" not in page(report)
    assert "onerror=alert(1)>" not in page(report)
    assert "](https://evil" not in re.sub(r"(`+)[^`]*\1", "", markdown(report)).replace("\\](", "")
    assert "<img" not in page(report)
    rows = [line for line in markdown(report).splitlines() if line.startswith("| 1 |")]
    assert rows
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in rows} == {4}


def test_the_page_counts_what_it_leaves_out_and_says_where_a_finding_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "MOST", 1)
    found = tuple(
        Finding(
            "rule", "A title", Verdict.FAIL, Severity.LOW, (), SubjectRef("assessment", f"{ASSESSMENT}{n}", "w"), "m"
        )
        for n in range(3)
    )
    held = replace(WAVE.readiness, sites=WAVE.readiness.sites * 2)
    twice = replace(WAVE, findings=found, readiness=held, remedies=WAVE.remedies * 2)
    text = page(twice)
    counts = [len(one) for one in (held.waves, twice.obstacles, twice.remarks, held.sites, found)]
    left_out = [int(one) for one in re.findall(r"(\d+) more are not listed", text)]
    assert min(counts) > 1
    assert left_out == [count - 1 for count in counts]
    assert f"Subscription {S.rpartition('/')[2]}" in text
    assert "https://portal.azure.com/#@" in text


@pytest.mark.parametrize("level", list(PartKind))
def test_a_value_of_disks_is_not_explained_as_one_of_adapters(level: PartKind) -> None:
    found = remedy_of(CauseCount(SuitabilityCause(level, "InternalErrorOccurred"), 1, {}, ()), catalogue())
    assert (found.entry == "network-suitability-unknown") is (level is not PartKind.DISK)


def test_every_format_has_the_same_totals() -> None:
    found = a_wave()
    report = report_of(found)
    summary = json.loads(document(report))["summary"]
    words = ("ready", "ready_with_conditions", "not_ready", "unknown")
    numbers = [summary[one] for one in words]
    assert (sum(numbers), summary["at_least"]) == (summary["machines"], True)
    said = f"{numbers[0]} of at least {summary['machines']} machines can move as they are; {numbers[1]} after"
    for text in (screen(report, STYLE), markdown(report), page(report)):
        assert said in " ".join(text.split())
    stream = BytesIO()
    write(report, rows_of(found), stream)
    with ZipFile(stream) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert [int(one) for one in re.findall(r'<c r="B[2-6]"><v>(\d+)</v>', sheet)] == [summary["machines"], *numbers]
    rows = csv.DictReader(StringIO("".join(csv_lines(rows_of(found))), newline=""))
    listed = Counter(one["suitability"].replace(" ", "_") for one in rows)
    listed["unknown"] += summary["not_listed"]
    assert [listed[one] for one in words] == numbers
