"""The result of a fleet run as one self-contained page: a table of all tenants, then the parts of each scan."""

from dataclasses import dataclass

from markupsafe import Markup

from auditor.audit.findings import Severity, Verdict
from auditor.report.conclusion import sentence
from auditor.report.fleet.result import HEADS, FleetResult, TenantOutcome
from auditor.report.html.page import audit, page_values
from auditor.report.html.templates import asset, environment

_LEVEL = 3
"""The level of the headings of a scan, below that of its tenant."""


@dataclass(frozen=True, slots=True)
class _TenantPart:
    """What the template shows of one tenant; `at` begins the ids of its part of the page."""

    at: str
    outcome: TenantOutcome
    audit: Markup
    words: str
    unknown: int
    lines: tuple[str, ...]


def render(fleet: FleetResult, *, all_verdicts: bool) -> str:
    """Return the page; it loads nothing, and its content security policy allows only its own script."""
    values = {
        "fleet": fleet,
        "severities": list(Severity),
        "heads": HEADS,
        "tenants": [_part(number, one, all_verdicts=all_verdicts) for number, one in enumerate(fleet.tenants, start=1)],
        **page_values(),
    }
    return environment().from_string(asset("fleet.html.j2")).render(values)


def _part(number: int, one: TenantOutcome, *, all_verdicts: bool) -> _TenantPart:
    at, result = f"t{number}-", one.result
    if result is None:
        return _TenantPart(at, one, Markup(), "", 0, tuple(one.error.splitlines()))
    scan = audit(result, all_verdicts=all_verdicts, at=at, level=_LEVEL)
    return _TenantPart(at, one, scan, sentence(result), result.counts[Verdict.UNKNOWN], ())
