"""Rows of machines as CSV (RFC 4180), one machine of one assessment each, safe to open in a spreadsheet."""

import csv
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from io import StringIO

from auditor.audit.catalogue import catalogue
from auditor.audit.readiness.remedies import title_of
from auditor.audit.readiness.report import MachineRow
from auditor.report.formats.csv_report import cell
from auditor.report.inert import inert
from auditor.report.readiness.lines import STATES, SUITABILITY

Value = str | int | float | None
LONGEST = 2_000
"""Maximum number of characters of one text in a cell."""

_titled = lru_cache(maxsize=4_096)(title_of)


def _causes(row: MachineRow) -> str:
    return "; ".join(f"{one.level.value}: {one.value}" for one in row.causes)


def _titles(row: MachineRow) -> str:
    return "; ".join(dict.fromkeys(_titled(one, catalogue()) for one in row.causes))


def _note(row: MachineRow) -> str:
    said = []
    if row.because and row.by_azure is not None:
        said.append(f"Azure's own word is {SUITABILITY[row.by_azure]}, but {'; '.join(row.because)}")
    if row.differs:
        said.append("several entries of the list say different things of it: the worst counts, with the causes of all")
    if row.former_boot_rule:
        said.append("refused for UEFI, with which its system moves today: recalculate the assessment")
    if row.unread:
        said.append(f"unread: {', '.join(row.unread)}")
    return "; ".join(said)


COLUMNS: dict[str, Callable[[MachineRow], Value]] = {
    "machine": lambda row: row.name,
    "suitability": lambda row: SUITABILITY[row.suitability],
    "causes": _titles,
    "terms": _causes,
    "project": lambda row: row.project,
    "group": lambda row: row.group,
    "assessment": lambda row: row.assessment,
    "state": lambda row: STATES[row.state],
    "platform": lambda row: row.platform,
    "system": lambda row: row.system,
    "boot_type": lambda row: row.boot_type,
    "cores": lambda row: row.cores,
    "memory_gb": lambda row: row.memory_gb,
    "size": lambda row: row.size,
    "recommended_cores": lambda row: row.recommended_cores,
    "recommended_memory_gb": lambda row: row.recommended_memory_gb,
    "why_this_size": lambda row: row.why_size,
    "counters_missing": lambda row: ", ".join(row.counters_missing),
    "why_missing": lambda row: "; ".join(row.why_missing),
    "confidence_stars": lambda row: row.stars,
    "note": _note,
    "site_machine": lambda row: row.site_machine,
    "id": lambda row: row.id,
}
"""Each column: its name, and its value of a row."""


def csv_lines(rows: Iterable[MachineRow]) -> Iterator[str]:
    """Yield the lines of the CSV, with a header; `'` precedes what a spreadsheet would take for a formula."""
    out = StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([_text(value(row)) for value in COLUMNS.values()])
        yield out.getvalue()
        out.seek(0)
        out.truncate()
    if written := out.getvalue():
        yield written


def _text(value: Value) -> str:
    if value is None:
        return ""
    return cell(inert(value, LONGEST)) if isinstance(value, str) else _number(value)


def _number(value: float) -> str:
    """Return a number without an exponent, with at most two digits of a fraction."""
    return str(value) if isinstance(value, int) else f"{value:.2f}".rstrip("0").rstrip(".")
