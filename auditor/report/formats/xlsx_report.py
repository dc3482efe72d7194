"""The result of scans as a workbook: summary, findings, resources, left-overs with their cost drivers, coverage."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from typing import BinaryIO

from auditor.audit.findings import Finding, SubjectRef, Verdict
from auditor.report.conclusion import left_open, sentence
from auditor.report.formats.csv_report import COLUMNS, row
from auditor.report.place import UNREAD, Place, Places
from auditor.report.result import ScanResult, accepted_words
from auditor.report.sheets import Cell, SheetLink, workbook

_WIDE = {"title": 40, "message": 70, "subject_name": 32, "subject_id": 40} | dict.fromkeys(
    ("evidence", "fixes", "steps", "commands"), 40
)
_NARROW = {"verdict": 13, "severity": 9, "confidence": 11, "errors": 9, "portal": 10, "rule_link": 10, "location": 13}
_LINKS = {"portal": "portal", "rule_link": "rule"}
"""Columns with a link, each with the text that is shown for it."""

_WHERE = (("subscription", 28), ("resource group", 22), ("projects", 22), ("portal", 10))
_RESOURCES = (("kind", 13), ("name", 32), ("state", 24), ("problems", 10), ("notes", 7), ("unknown", 10))
_LEFT = (
    *(("kind", 18), ("name", 32), ("verdict", 11), ("locked", 9), ("location", 13)),
    *(("what its price depends on", 60), ("what it holds", 60), ("its projects", 40), ("unread checks", 14)),
)
_COVERAGE = (("state", 10), ("list", 44), ("scope", 60), ("items", 9), ("status", 8), ("code", 24))
_UNREAD_WHY = (("needs", 50), ("message", 60))

_VERDICTS = {
    Verdict.UNKNOWN: "unknown",
    Verdict.PASS: "in order",
    Verdict.NOT_APPLICABLE: "does not apply",
}
"""The words for the verdicts that are no failure, as in the other reports for people."""

Row = tuple[Cell, ...]
Rows = Callable[[ScanResult], Iterator[Row]]
TenantResult = tuple[str, ScanResult]
"""The name of a tenant in the fleet file, empty where there is one tenant alone, and its result."""


def write(result: ScanResult, stream: BinaryIO, *, all_verdicts: bool = False) -> None:
    """Write the workbook to `stream`; raises `ExtraMissing`, and `OSError`."""
    write_all([("", result)], stream, all_verdicts=all_verdicts)


def write_all(
    results: Iterable[TenantResult], stream: BinaryIO, *, unread: Iterable[Finding] = (), all_verdicts: bool = False
) -> None:
    """Write a workbook of several tenants, whose sheets begin with their names; `unread` are those without a result.

    Raises `ExtraMissing`, and `OSError`.
    """
    held, failed = list(results), list(unread)
    tenant = [("tenant", 20)] if failed or len(held) != 1 or held[0][0] else []

    def rows(of: Rows) -> Iterator[Row]:
        return ((name, *cells) if tenant else cells for name, result in held for cells in of(result))

    findings = chain(
        rows(lambda result: _findings(result, all_verdicts=all_verdicts)),
        ((one.subject.name, *_finding(one, UNREAD)) for one in failed),
    )
    with workbook(stream) as book:
        lost = ((one.subject.name, "not read", one.message) for one in failed)
        book.sheet("Summary", [*tenant, ("about", 18), ("value", 100)], chain(rows(_summary), lost))
        widths = _NARROW | _WIDE
        book.sheet("Findings", [*tenant, *((_head(one), widths.get(one, 22)) for one in COLUMNS)], findings)
        book.sheet("Resources", [*tenant, *_RESOURCES, *_WHERE, ("id", 60)], rows(_resources))
        book.sheet("Left-overs", [*tenant, *_LEFT, *_WHERE, ("id", 60)], rows(_left_overs))
        book.sheet("Coverage", [*tenant, *_COVERAGE, *_UNREAD_WHY], rows(_coverage))


def _head(column: str) -> str:
    return column.replace("_", " ")


def _summary(result: ScanResult) -> Iterator[Row]:
    places = Places(result)
    yield ("result", sentence(result))
    yield from (("", words) for words in accepted_words(result))
    yield ("problems", len(result.problems))
    yield ("notes", len(result.notes))
    yield from ((words, result.counts[one]) for one, words in _VERDICTS.items())
    yield ("lists read", len(result.coverage.reads))
    yield ("lists not read", len(result.coverage.gaps))
    yield ("about", result.about)
    yield ("tenant", places.tenant.text)
    yield ("cloud", result.cloud)
    yield ("as of", result.moment)
    yield ("read by", result.read_by)
    yield ("written by", result.tool)
    yield from (("subscription", places.subscription(one).text) for one in sorted(result.subscriptions))


def _findings(result: ScanResult, *, all_verdicts: bool) -> Iterator[Row]:
    places = Places(result)
    for finding in (*left_open(result), *result.shown(all_verdicts=all_verdicts)):
        yield _finding(finding, places.of(finding))


def _finding(finding: Finding, place: Place) -> Row:
    """Return the cells of a finding: those of the CSV, with links, and with a verdict that tells notes apart."""
    texts = dict(zip(COLUMNS, row(finding, place), strict=True))
    texts["verdict"] = _VERDICTS.get(finding.verdict, "note" if finding.is_note else "problem")
    return tuple(SheetLink(text, _LINKS[name]) if name in _LINKS and text else text for name, text in texts.items())


def _resources(result: ScanResult) -> Iterator[Row]:
    """Yield the things on the map, each with the number of findings about it."""
    places, owners = Places(result), _owners(result)
    told: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for finding in result.findings:
        word = "problem" if finding.is_problem else "note" if finding.is_note else finding.verdict.value
        told[finding.subject.kind, finding.subject.id.lower()][word] += 1
    for one in result.landscape.places:
        place = places.of_subject(SubjectRef(one.kind, one.id, one.name))
        counts = told[one.kind, one.id.lower()]
        state = "was read" if one.held else "named only: gone or not read"
        numbers = (counts["problem"], counts["note"], counts[Verdict.UNKNOWN.value])
        projects = ", ".join(sorted(owners.get(one.id.lower(), ())))
        yield (one.kind, one.name, state, *numbers, *_where(place, projects), one.id)


def _owners(result: ScanResult) -> Mapping[str, set[str]]:
    """Return the names of the projects of each thing on the map: its own, and those of what uses or owns it."""
    owners: dict[str, set[str]] = defaultdict(set)
    below: dict[str, list[str]] = defaultdict(list)
    for way in result.landscape.ways:
        below[way.from_].append(way.to)
    for one in result.landscape.places:  # sorted by kind: what owns comes before what it owns
        if one.kind == "project":
            owners[one.id.lower()].add(one.name)
        for owned in below[one.id.lower()]:
            owners[owned] |= owners[one.id.lower()]
    return owners


def _left_overs(result: ScanResult) -> Iterator[Row]:
    if result.left_behind is None:
        yield ("not looked for: no rule about left-overs was evaluated",)
    places = Places(result)
    for one in result.left_behind or ():
        place = places.of_subject(SubjectRef(one.subject_kind, one.id, one.name, one.projects, location=one.location))
        locked = "unknown" if one.locked is None else "yes" if one.locked else "no"
        words = (one.costs, one.holds, f"{place.project} {one.since}".strip() if one.since else "")
        yield (
            *(one.kind, one.name, one.verdict.replace("_", " "), locked, one.location),
            *(*words, one.gaps),
            *_where(place, place.project),
            one.id,
        )


def _where(place: Place, projects: str) -> tuple[Cell, ...]:
    link = SheetLink(place.portal, _LINKS["portal"]) if place.portal else None
    return (place.subscription.text, place.resource_group, projects, link)


def _coverage(result: ScanResult) -> Iterator[Row]:
    for gap in result.coverage.gaps:
        yield ("not read", gap.what, gap.scope, None, gap.status or None, gap.code, gap.needs or "", gap.message)
    for absent in result.coverage.absent_types:
        yield from (("no such type", absent.what, scope, None, None, absent.code) for scope in absent.scopes)
    for read in sorted(result.coverage.reads):
        yield ("read", read.what, read.scope, read.count)
