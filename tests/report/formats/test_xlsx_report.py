"""The workbook: a reader that is not ours finds the findings, and every cell is a text, a number or a link."""

import csv
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import BytesIO, StringIO
from zipfile import ZipFile

import pytest
from hypothesis import given
from openpyxl import Workbook, load_workbook
from openpyxl.utils import get_column_letter

from auditor.audit.findings import Gap, OwningProject, Severity, Verdict
from auditor.audit.left_behind import LeftBehind
from auditor.report import sheets
from auditor.report.fleet.machine import write_workbook
from auditor.report.fleet.result import FleetResult, TenantOutcome
from auditor.report.formats import csv_report
from auditor.report.formats.xlsx_report import write
from auditor.report.result import ScanResult
from auditor.report.sheets import FULLEST, Cell, SheetLink, workbook
from tests.report.conftest import ADELE, PROJECT, WORKSPACE, registration, result
from tests.report.hostile_names import HOSTILE
from tests.sampling import examples

SHEETS = ["Summary", "Findings", "Resources", "Left-overs", "Coverage"]
LEFT = LeftBehind(
    subject_kind="workspace",
    kind="workspace",
    id=WORKSPACE,
    name="contoso-pilot-ws",
    projects=(OwningProject("", "contoso-pilot"),),
    location="westeurope",
    verdict="undecided",
    since="was deleted on 2 October 2026",
    holds="holds the solution Service Map",
    costs="its price depends on the retention of 90 days and the pricing tier PerGB2018",
    locked=None,
    gaps=3,
)


WORDS = {"fail": "problem", "unknown": "unknown", "pass": "in order", "not_applicable": "does not apply"}


def book_of(made: ScanResult, *, all_verdicts: bool = False) -> Workbook:
    stream = BytesIO()
    write(made, stream, all_verdicts=all_verdicts)
    return load_workbook(stream)


def rows(book: Workbook, sheet: str) -> list[dict[str, object]]:
    header, *found = book[sheet].iter_rows(values_only=True)
    return [dict(zip(map(str, header), row, strict=True)) for row in found]


def links(book: Workbook) -> Iterator[str]:
    for sheet in book:
        for row in sheet.iter_rows():
            for link in (cell.hyperlink for cell in row if cell.hyperlink is not None):
                yield f"{link.target}#{link.location}" if link.location else str(link.target)


def test_every_sheet_has_a_header_that_stays_and_filters(everything: ScanResult) -> None:
    book = book_of(everything)
    assert book.sheetnames == SHEETS
    for sheet in book:
        assert sheet.freeze_panes == "B2"
        assert sheet.auto_filter.ref == sheet.dimensions
        assert all(cell.font.b for cell in sheet[1])
        widths = [sheet.column_dimensions[get_column_letter(cell.column or 0)].width for cell in sheet[1]]
        assert min(widths) >= 7
        assert len(set(widths)) > 1


def test_the_findings_are_those_of_the_csv(everything: ScanResult) -> None:
    told = rows(book_of(everything, all_verdicts=True), "Findings")
    as_csv = list(csv.DictReader(StringIO(csv_report.render(everything, all_verdicts=True), newline="")))
    links = {"portal", "rule_link"}
    for one, other in zip(told, as_csv, strict=True):
        word = "note" if (other["verdict"], other["severity"]) == ("fail", "info") else WORDS[other["verdict"]]
        for name, text in {**other, "verdict": word}.items():
            assert (one[name.replace("_", " ")] or "") == (text if name not in links else text and name.split("_")[0])


def test_links_lead_to_the_portal_and_to_the_rule(everything: ScanResult) -> None:
    found = set(links(book_of(everything)))
    assert f"https://portal.azure.com/#@{everything.tenant_id}/resource{PROJECT}" in found
    assert "https://learn.microsoft.com/azure/migrate/prepare-azure-accounts" in found
    assert all(one.startswith("https://") for one in found)


def test_a_resource_has_its_projects_and_the_number_of_findings_about_it(everything: ScanResult) -> None:
    told = {(one["kind"], one["name"]): one for one in rows(book_of(everything), "Resources")}
    vault = told["vault", "contosovm01kv"]
    assert (vault["projects"], vault["state"]) == ("contoso-exit", "named only: gone or not read")
    assert vault["subscription"] == "Contoso Datacenter Exit (0d1e2c3b-4a59-4687-9b10-c0a050000001)"
    workspace = told["workspace", "contoso-pilot-ws"]
    assert (workspace["projects"], workspace["problems"], workspace["unknown"]) == ("contoso-pilot", 0, 1)


def test_what_is_left_says_what_its_price_depends_on(everything: ScanResult) -> None:
    [told] = rows(book_of(replace(everything, left_behind=(LEFT,))), "Left-overs")
    assert (told["verdict"], told["locked"], told["unread checks"]) == ("undecided", "unknown", 3)
    assert told["what its price depends on"] == LEFT.costs
    assert told["its projects"] == "contoso-pilot was deleted on 2 October 2026"
    assert told["resource group"] == "rg-migrate"


def test_what_nobody_looked_for_is_not_an_empty_sheet(everything: ScanResult) -> None:
    [told] = rows(book_of(everything), "Left-overs")
    assert told["kind"] == "not looked for: no rule about left-overs was evaluated"
    assert rows(book_of(replace(everything, left_behind=())), "Left-overs") == []


def test_what_was_not_read_comes_first(everything: ScanResult) -> None:
    told = rows(book_of(everything), "Coverage")
    assert [one["state"] for one in told] == ["not read", "not read", "read", "read"]
    assert told[0]["needs"] == "Microsoft.Insights/scheduledQueryRules/read"
    summary = {one["about"]: one["value"] for one in rows(book_of(everything), "Summary")}
    assert (summary["problems"], summary["unknown"], summary["lists not read"]) == (2, 1, 2)
    assert summary["result"] == "2 problems (2 high)."


def test_filtering_by_verdict_gives_the_numbers_of_the_summary(everything: ScanResult) -> None:
    noted = replace(everything.findings[0], severity=Severity.INFO, rule="noted")
    book = book_of(replace(everything, findings=(*everything.findings, noted)), all_verdicts=True)
    told = Counter(one["verdict"] for one in rows(book, "Findings"))
    summary = {one["about"]: one["value"] for one in rows(book, "Summary")}
    assert told == {"problem": 2, "note": 1, "unknown": 1, "in order": 1, "does not apply": 1}
    assert [summary[f"{word}s"] for word in ("problem", "note")] == [2, 1]
    assert {word: summary[word] for word in told if word not in {"problem", "note"}} == {
        word: count for word, count in told.items() if word not in {"problem", "note"}
    }


def test_a_fleet_has_the_tenant_first_and_says_which_was_not_read(everything: ScanResult) -> None:
    fleet = FleetResult("migaudit 0", (TenantOutcome("a", everything), TenantOutcome("b", error="no sign-in")))
    stream = BytesIO()
    write_workbook(fleet, stream, all_verdicts=False)
    book = load_workbook(stream)
    assert [(one["tenant"], one["verdict"]) for one in rows(book, "Findings")] == [
        *(("a", "problem"), ("a", "problem"), ("a", "unknown"), ("b", "unknown"))
    ]
    assert rows(book, "Summary")[-1] == {"tenant": "b", "about": "not read", "value": "no sign-in"}


@examples(25)
@given(HOSTILE)
def test_no_cell_is_a_formula_and_no_link_is_foreign(hostile: Callable[[str], ScanResult], name: str) -> None:
    left = replace(LEFT, id=f"/subscriptions/{name}", name=name, costs=name, holds=name, since=name)
    book = book_of(replace(hostile(name), left_behind=(left,)))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n", "inlineStr"}
    assert all(link.startswith("https://portal.azure.com/") for link in links(book))


def test_what_a_sheet_cannot_hold_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MOST_ROWS", 4)
    monkeypatch.setattr(sheets, "MOST_LINKS", 2)
    link = SheetLink("https://portal.azure.com/#x", "portal")
    told: list[tuple[Cell, ...]] = [("x" * 100_000, link), *((f"row {number}", link) for number in range(7))]
    stream = BytesIO()
    with workbook(stream) as book:
        book.sheet("One", [("a", 10), ("b", 10)], told)
    sheet = load_workbook(stream)["One"]
    texts = [cell.value for cell in sheet["A"]]
    assert texts[1] == "x" * FULLEST + "… (100,000 characters)"
    assert texts[-1] == "and 5 more, which a sheet cannot hold: use `--format csv`"
    assert [cell.value for cell in sheet["B"]] == ["b", "portal", "portal", link.address, None]


def test_rows_are_written_as_they_come(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten times the findings take no more memory; the links, which the writer keeps, are bounded."""
    monkeypatch.setattr(sheets, "MOST_LINKS", 10)
    one = registration(ADELE, "adele@contoso.com", Verdict.FAIL)
    gap = Gap("Microsoft.X/y", "/", 403, "C", "no", "p")

    def peak(count: int) -> int:
        made = result(*[one] * count, gaps=(gap,))
        with open("/dev/null", "wb") as nowhere:  # noqa: PTH123 - a stream of its own
            tracemalloc.start()
            try:
                write(made, nowhere)
                return tracemalloc.get_traced_memory()[1]
            finally:
                tracemalloc.stop()

    small, large = max(peak(1), peak(150)), peak(900)
    assert large < small * 1.5


def test_the_file_is_a_workbook_alone(everything: ScanResult) -> None:
    stream = BytesIO()
    write(everything, stream)
    names = ZipFile(stream).namelist()
    assert not [name for name in names if "vba" in name.lower() or "external" in name.lower()]
