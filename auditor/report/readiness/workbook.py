"""Readiness as a workbook of five sheets, written row by row; every text is a text, never a formula."""

from collections.abc import Iterable
from typing import BinaryIO

from auditor.audit.readiness.report import MachineRow, ReadinessReport
from auditor.report.readiness.lines import ORDER, SUITABILITY, site_words, wave_line
from auditor.report.readiness.rows import COLUMNS
from auditor.report.sheets import Cell, SheetBook, workbook

_WIDTH = 18


def write(report: ReadinessReport, rows: Iterable[MachineRow], stream: BinaryIO) -> None:
    """Write the workbook to `stream`; raises `ExtraMissing`, and `OSError`."""
    with workbook(stream) as book:
        _summary(book, report)
        _assessments(book, report)
        _causes(book, report)
        _sheet(book, "Machines", tuple(COLUMNS), ([value(row) for value in COLUMNS.values()] for row in rows))
        _discovery(book, report)


def _sheet(book: SheetBook, name: str, header: Iterable[str], rows: Iterable[Iterable[Cell]]) -> None:
    book.sheet(name, [(text, _WIDTH) for text in header], rows)


def _summary(book: SheetBook, report: ReadinessReport) -> None:
    readiness = report.readiness
    total = readiness.total
    _sheet(
        book,
        "Summary",
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


def _assessments(book: SheetBook, report: ReadinessReport) -> None:
    header = (
        *("assessment", "group", "project", "state", "machines"),
        *(SUITABILITY[one] for one in ORDER),
        *("confidence stars", "sizing", "remarks", "id"),
    )
    lines = (wave_line(one) for one in report.readiness.waves)
    _sheet(
        book,
        "Assessments",
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


def _causes(book: SheetBook, report: ReadinessReport) -> None:
    header = ("cause", "level", "machines", "keeps from moving", "remedy", "note", "term", "examples")
    _sheet(
        book,
        "Causes",
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


def _discovery(book: SheetBook, report: ReadinessReport) -> None:
    header = ("site", "platform", "machines", "deleted, still shown", "with errors", "what it shows", "id")
    _sheet(
        book,
        "Discovery",
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
