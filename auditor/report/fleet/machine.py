"""The result of a fleet run for machines: JSON, JSON Lines, CSV with a column for the tenant, SARIF with a run each."""

import csv
from collections import Counter
from collections.abc import Iterator
from io import StringIO
from typing import Any, BinaryIO

from auditor.audit.findings import Finding, Severity, Verdict
from auditor.report.conclusion import left_open
from auditor.report.fleet.result import FleetResult, TenantOutcome
from auditor.report.formats import json_report, jsonl_report, sarif, xlsx_report
from auditor.report.formats.csv_report import COLUMNS, LONGEST, cell, row
from auditor.report.inert import inert
from auditor.report.json_text import json_line, json_text
from auditor.report.place import UNREAD, Place, Places
from auditor.report.result import ScanResult

SCHEMA = "migaudit/fleet/1"
LINES_SCHEMA = "migaudit/fleet-lines/1"


def as_json(fleet: FleetResult, *, all_verdicts: bool) -> str:
    """Return the result as JSON text; `result` of a tenant is the JSON of a scan."""
    return json_text(document(fleet, all_verdicts=all_verdicts))


def document(fleet: FleetResult, *, all_verdicts: bool) -> dict[str, Any]:
    """Return the JSON document, with the tenants in the order of the fleet file."""
    return {
        "schema": SCHEMA,
        "tool": fleet.tool,
        "summary": _summary(fleet),
        "tenants": (
            {
                **_tenant(one),
                "result": None if one.result is None else json_report.document(one.result, all_verdicts=all_verdicts),
            }
            for one in fleet.tenants
        ),
    }


def as_json_lines(fleet: FleetResult, *, all_verdicts: bool) -> str:
    """Return JSON Lines: the run, then each tenant with the lines of its scan, which name it in `tenant`."""
    first = {"type": "fleet", "schema": LINES_SCHEMA, "tool": fleet.tool, "summary": _summary(fleet)}
    return "".join(map(json_line, (first, *_lines(fleet, all_verdicts=all_verdicts))))


def _lines(fleet: FleetResult, *, all_verdicts: bool) -> Iterator[dict[str, Any]]:
    for one in fleet.tenants:
        yield {"type": "tenant", **_tenant(one)}
        if one.result is not None:
            for line in jsonl_report.lines(json_report.document(one.result, all_verdicts=all_verdicts)):
                yield {"tenant": one.name, **line}


def as_csv(fleet: FleetResult, *, all_verdicts: bool) -> str:
    """Return all findings as CSV with the tenant in the first column; a tenant that failed is a row too."""
    out = StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(("tenant", *COLUMNS))
    for one in fleet.tenants:
        result = one.result
        placed = [(one.not_read, UNREAD)] if result is None else _placed(result, all_verdicts=all_verdicts)
        for finding, place in placed:
            writer.writerow([cell(text) for text in (inert(one.name, LONGEST), *row(finding, place))])
    return out.getvalue()


def write_workbook(fleet: FleetResult, stream: BinaryIO, *, all_verdicts: bool) -> None:
    """Write the workbook of a scan with the tenant in the first column; one that failed is a row of the findings."""
    read = ((one.name, one.result) for one in fleet.done if one.result is not None)
    xlsx_report.write_all(read, stream, unread=(one.not_read for one in fleet.failed), all_verdicts=all_verdicts)


def _placed(result: ScanResult, *, all_verdicts: bool) -> Iterator[tuple[Finding, Place]]:
    places = Places(result)
    return ((one, places.of(one)) for one in (*left_open(result), *result.shown(all_verdicts=all_verdicts)))


def as_sarif(fleet: FleetResult, *, all_verdicts: bool) -> str:
    """Return a SARIF log with one run a tenant; the run of one that failed was not successful and says why."""
    return "".join(sarif.log_pieces(_run(fleet, one, all_verdicts=all_verdicts) for one in fleet.tenants))


def _run(fleet: FleetResult, one: TenantOutcome, *, all_verdicts: bool) -> dict[str, Any]:
    details = {"automationDetails": {"id": f"migaudit/{inert(one.name)}/"}}
    if one.result is not None:
        return {**sarif.run_of(one.result, all_verdicts=all_verdicts), **details}
    name, _, version = fleet.tool.partition(" ")
    failure = {"level": "error", "descriptor": {"id": "not-read"}, "message": {"text": sarif.message(one.error)}}
    return {
        "tool": {"driver": {"name": name, "version": version, "semanticVersion": version, "rules": []}},
        "invocations": [{"executionSuccessful": False, "toolExecutionNotifications": [failure]}],
        "results": [],
        "columnKind": "unicodeCodePoints",
        **details,
    }


def _tenant(one: TenantOutcome) -> dict[str, Any]:
    return {"name": one.name, "status": one.status, "error": one.error or None}


def _summary(fleet: FleetResult) -> dict[str, Any]:
    """Return how many tenants were read, and the sums over them."""
    severities: Counter[Severity] = Counter()
    verdicts: Counter[Verdict] = Counter()
    for one in fleet.done:
        severities.update(one.severities)
        verdicts.update(one.result.counts if one.result else {})
    return {
        "done": len(fleet.done),
        "failed": len(fleet.failed),
        "verdicts": {verdict.value: verdicts[verdict] for verdict in Verdict},
        "severities": {severity.value: severities[severity] for severity in Severity},
    }
