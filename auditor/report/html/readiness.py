"""Readiness in HTML: a section with the causes as a chart of bars, and a page of its own around it; no script."""

from markupsafe import Markup

from auditor.audit.findings import Verdict
from auditor.audit.readiness.report import ReadinessReport, Suitability
from auditor.report.html.templates import asset, digest_of, environment
from auditor.report.place import Places
from auditor.report.readiness.lines import ORDER, SUITABILITY, not_looked_at, site_words, wave_line
from auditor.report.terminal.coverage import refusals

MOST = 200
"""Maximum number of rows of a table."""
_TILES = {
    Suitability.READY: "pass",
    Suitability.CONDITIONAL: "none",
    Suitability.NOT_READY: "fail",
    Suitability.UNKNOWN: "unknown",
}


def section(report: ReadinessReport, at: str = "", level: int = 2) -> Markup:
    """Return the section for a page with the style sheet of the reports.

    `at` begins its ids, and `level` is that of its heading.
    """
    readiness = report.readiness
    counts = readiness.total.by_suitability
    values = {
        "report": report,
        "at": at,
        "level": level,
        "tiles": [(SUITABILITY[one], _TILES[one], counts[one]) for one in ORDER],
        "waves": [wave_line(one) for one in readiness.waves],
        "sites": [(one, site_words(one, readiness.now)) for one in readiness.sites],
        "left_out": not_looked_at(report),
        "refusals": refusals(readiness.unread),
        "most": MOST,
    }
    text = environment().from_string(asset("readiness.html.j2")).render(values)
    return Markup(text)  # noqa: S704 - the template escapes every value


def render(report: ReadinessReport) -> str:
    """Return the page; it loads nothing, and its content security policy allows no script."""
    style, places = asset("report.css"), Places(report)
    values = {
        "report": report,
        "section": section(report),
        "failing": [(finding, places.of(finding)) for finding in report.with_verdict(Verdict.FAIL)],
        "most": MOST,
        "style": Markup(style),  # noqa: S704 - our own file
        "style_hash": digest_of(style),
    }
    return environment().from_string(asset("readiness-page.html.j2")).render(values)
