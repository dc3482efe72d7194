"""A preflight as a page for the person who can grant what is missing: one sheet of paper, no script."""

from markupsafe import Markup

from auditor.audit.preflight.report import StepVerdict
from auditor.report.html.templates import asset, digest_of, environment
from auditor.report.preflight.grant_request import grant_request
from auditor.report.preflight_result import PreflightResult

_TILES = {
    StepVerdict.GO: ("pass", "✓", "GO"),
    StepVerdict.NO_GO: ("fail", "✗", "NO-GO"),
    StepVerdict.UNKNOWN: ("unknown", "?", "UNKNOWN"),
}


def render(result: PreflightResult) -> str:
    """Return the page; it loads nothing, and its content security policy allows no script."""
    style = asset("report.css")
    values = {
        "request": grant_request(result),
        "result": result,
        "found": result.preflight,
        "tiles": {verdict.value: tile for verdict, tile in _TILES.items()},
        "style": Markup(style),  # noqa: S704 - our own file
        "style_hash": digest_of(style),
    }
    return environment().from_string(asset("preflight.html.j2")).render(values)
