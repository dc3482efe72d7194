"""Readiness as a workbook of five sheets, written row by row; every text is a text, never a formula."""

from collections.abc import Iterable
from typing import Any, BinaryIO

from auditor.audit.readiness.report import MachineRow, ReadinessReport
from auditor.report.inert import inert
from auditor.report.readiness.lines import ORDER, SUITABILITY, site_words, wave_line
from auditor.report.readiness.rows import COLUMNS, LONGEST, Value

MISSING = (
    "`--format xlsx` needs XlsxWriter, which is not installed: in a clone of migaudit, "
    "`python -m pip install '.[xlsx]'` with the Python that migaudit is installed for"
)
MOST_ROWS = 1_048_575
"""Maximum number of rows of a sheet below its header."""
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


class WriterMissing(Exception):
    """Failure because the optional writer of workbooks is not installed; the text says how to install it."""

    def __init__(self) -> None:
        super().__init__(MISSING)


def ensure_available() -> None:
    """Raise `WriterMissing` if the writer of workbooks is not installed."""
    from importlib.util import find_spec

    if find_spec("xlsxwriter") is None:
        raise WriterMissing


def write(report: ReadinessReport, rows: Iterable[MachineRow], stream: BinaryIO) -> None:
    """Write the workbook to `stream`; raises `WriterMissing`, and `OSError`."""
    ensure_available()
    import xlsxwriter  # type: ignore[import-untyped]  # it has no types

    with xlsxwriter.Workbook(stream, _OPTIONS) as book:
        bold = book.add_format({"bold": True})
        _summary(_Sheet(book, "Summary", bold), report)
        _assessments(_Sheet(book, "Assessments", bold), report)
        _causes(_Sheet(book, "Causes", bold), report)
        machines = _Sheet(book, "Machines", bold)
        machines.write(tuple(COLUMNS), ([value(row) for value in COLUMNS.values()] for row in rows))
        _discovery(_Sheet(book, "Discovery", bold), report)


class _Sheet:
    """One sheet: a header that stays in sight and can be filtered by, and rows below it."""

    def __init__(self, book: Any, name: str, bold: Any) -> None:
        self._sheet = book.add_worksheet(name)
        self._bold = bold

    def write(self, header: tuple[str, ...], rows: Iterable[Iterable[Value]]) -> None:
        """Write the header and the rows; those beyond what a sheet can hold are counted in its last row."""
        self._sheet.freeze_panes(1, 1)
        self._sheet.set_column(0, len(header) - 1, 18)
        for column, text in enumerate(header):
            self._sheet.write_string(0, column, text, self._bold)
        number = left_out = 0
        for row in rows:
            if number >= MOST_ROWS - 1:
                left_out += 1
                continue
            number += 1
            for column, value in enumerate(row):
                self._cell(number, column, value)
        if left_out:
            number += 1
            self._cell(number, 0, f"and {left_out:,} more, which a sheet cannot hold: use `--format csv`")
        self._sheet.autofilter(0, 0, max(number, 1), len(header) - 1)

    def _cell(self, row: int, column: int, value: Value) -> None:
        if isinstance(value, str):
            if value:
                self._sheet.write_string(row, column, inert(value, LONGEST))
        elif value is not None:
            self._sheet.write_number(row, column, value)


def _summary(sheet: _Sheet, report: ReadinessReport) -> None:
    readiness = report.readiness
    total = readiness.total
    sheet.write(
        ("machines", "number"),
        (
            ("all, at least" if readiness.is_least else "all", total.machines),
            *((SUITABILITY[one], total.by_suitability[one]) for one in ORDER),
            ("unknown: not calculated", readiness.waiting),
            ("unknown: counted by Azure, not listed", readiness.unlisted),
            ("worse than Azure's own word", total.lowered),
            (f"{report.headline}.", None),
        ),
    )


def _assessments(sheet: _Sheet, report: ReadinessReport) -> None:
    header = (
        *("assessment", "group", "project", "state", "machines"),
        *(SUITABILITY[one] for one in ORDER),
        *("confidence stars", "sizing", "remarks", "id"),
    )
    lines = (wave_line(one) for one in report.readiness.waves)
    sheet.write(
        header,
        (
            (
                *(one.name, one.group, one.project, one.state, one.machines),
                *one.numbers,
                *(one.stars, one.criterion, "; ".join(one.remarks), one.id),
            )
            for one in lines
        ),
    )


def _causes(sheet: _Sheet, report: ReadinessReport) -> None:
    header = ("cause", "level", "machines", "keeps from moving", "remedy", "note", "term", "examples")
    sheet.write(
        header,
        (
            (
                one.title,
                one.level,
                one.count.machines,
                "no" if one.count.cause.is_remark else "yes",
                one.remedy,
                one.note,
                one.value,
                ", ".join(one.count.names),
            )
            for one in report.remedies
        ),
    )


def _discovery(sheet: _Sheet, report: ReadinessReport) -> None:
    header = ("site", "platform", "machines", "deleted, still shown", "with errors", "what it shows", "id")
    sheet.write(
        header,
        (
            (
                one.name,
                one.platform,
                one.machines,
                one.deleted,
                one.with_errors,
                "; ".join(site_words(one, report.readiness.now)),
                one.id,
            )
            for one in report.readiness.sites
        ),
    )
