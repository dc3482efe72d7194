"""The result of a scan as one self-contained page: summary, findings with filter and search, map, coverage."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from markupsafe import Markup

from auditor.audit.findings import Finding, Severity, Verdict
from auditor.report.conclusion import sentence
from auditor.report.effective_fixes import MOST as MOST_FIXES
from auditor.report.effective_fixes import EffectiveFix, effective_fixes
from auditor.report.html.data import data, in_order
from auditor.report.html.map import map_rows, picture
from auditor.report.html.map_lines import EDGE, HEIGHT, TOP, WIDTH
from auditor.report.html.readiness import section
from auditor.report.html.templates import asset, digest_of, environment
from auditor.report.place import NamedId, Place, Places
from auditor.report.result import ScanResult, accepted_words
from auditor.report.terminal.coverage import refusals

WORDS = {
    Verdict.FAIL: ("✗", "problem", "problems"),
    Verdict.UNKNOWN: ("?", "unknown", "unknown"),
    Verdict.PASS: ("✓", "in order", "in order"),
    Verdict.NOT_APPLICABLE: ("–", "does not apply", "do not apply"),
}
NOTE = "note"
"""How a failing finding looks that is only worth knowing; every other one looks like its verdict."""
LOOKS = {
    Verdict.FAIL.value: WORDS[Verdict.FAIL],
    NOTE: ("i", "note", "notes"),
    **{verdict.value: words for verdict, words in WORDS.items() if verdict is not Verdict.FAIL},
}
"""The looks of findings, with their sign and words: their verdicts, and notes."""
MOST_SCOPES = 20
"""Maximum number of scopes named per refusal."""
MOST_ROWS = 200
"""Maximum number of findings in the table that a reader without a script sees."""
MOST_FINDINGS = 8
"""Maximum number of findings named per fix."""
MOST_PLACES = 2_000
"""Maximum number of rows in the table of the map."""


def render(result: ScanResult, *, all_verdicts: bool = False) -> str:
    """Return the page; it loads nothing, and its content security policy allows only its own script."""
    values = {
        "result": result,
        "readiness": result.readiness is not None,
        "audit": audit(result, all_verdicts=all_verdicts),
        **page_values(),
    }
    return environment().from_string(asset("report.html.j2")).render(values)


def page_values() -> dict[str, Any]:
    """Return the style sheet and the script of a page, with the digests by which its policy allows them."""
    style, script = asset("report.css"), asset("report.js")
    return {
        "style": Markup(style),  # noqa: S704 - our own files
        "script": Markup(script),  # noqa: S704
        "style_hash": digest_of(style),
        "script_hash": digest_of(script),
    }


def audit(result: ScanResult, *, all_verdicts: bool, at: str = "", level: int = 2) -> Markup:
    """Return the parts of a scan for a page with the style sheet and the script of the reports.

    `at` begins their ids, so that several scans fit into one page; `level` is that of their headings.
    """
    shown = result.listed(all_verdicts=all_verdicts)
    places = Places(result)
    located = [places.of(finding) for finding in shown]
    labels = places.told_apart(project for place in located for project in place.projects)
    failing = result.with_verdict(Verdict.FAIL)
    fixes = effective_fixes(result.findings, most=len(failing))
    values: dict[str, Any] = {
        "at": at,
        "level": level,
        "result": result,
        "counts": _counts(result),
        "severities": [(one, sum(it.severity is one for it in failing)) for one in Severity],
        "rules": _rules(result.problems),
        "looks": [look for look in LOOKS if any(_look(one) == look for one in shown)],
        "looks_in_words": LOOKS,
        "kinds": sorted({one.subject.kind for one in shown}),
        "words": WORDS,
        "picture": picture(result.landscape, result.findings, result.titles),
        "map_rows": map_rows(result.landscape, result.findings),
        "most_places": MOST_PLACES,
        "box": {"width": WIDTH, "height": HEIGHT, "top": TOP, "edge": EDGE},
        "conclusion": sentence(result),
        "accepted": accepted_words(result),
        "refusals": refusals(result.coverage.gaps),
        "most_scopes": MOST_SCOPES,
        "first": [_first_step(one, places) for one in fixes[:MOST_FIXES]],
        "fixes": len(fixes),
        "most_findings": MOST_FINDINGS,
        "subscriptions": _named(place.subscription for place in located),
        "projects": in_order(labels),
        "without_script": [(one, place) for one, place in zip(shown, located, strict=True) if not one.is_note][
            :MOST_ROWS
        ],
        "listed": len(shown),
        "data": data(zip(shown, located, strict=True), labels, result.shells),
        "readiness": section(result.readiness, at, level) if result.readiness is not None else "",
    }
    text = environment().from_string(asset("audit.html.j2")).render(values)
    return Markup(text)  # noqa: S704 - the template escapes every value


@dataclass(frozen=True, slots=True)
class _FirstStep:
    """One of the most effective fixes, with the place of the worst problem that it cures."""

    found: EffectiveFix
    place: Place


def _first_step(found: EffectiveFix, places: Places) -> _FirstStep:
    return _FirstStep(found, places.of(found.findings[0]))


def _named(subscriptions: Iterable[NamedId]) -> list[tuple[str, str]]:
    """Return the id and the name of each subscription, by name; one whose name another has too is told by its id."""
    every = {one.id: one.short for one in subscriptions if one.id}
    often = Counter(every.values())
    named = {key: name if often[name] == 1 else f"{name} ({key})" for key, name in every.items()}
    return sorted(named.items(), key=lambda one: (one[1].lower(), one[0]))


def _look(finding: Finding) -> str:
    return NOTE if finding.is_note else finding.verdict.value


def _counts(result: ScanResult) -> list[tuple[str, str, str, str, int]]:
    """Return the tiles: the look, its sign and words, and the number of findings that have it."""
    numbers = {verdict.value: count for verdict, count in result.counts.items()}
    numbers |= {Verdict.FAIL.value: len(result.problems), NOTE: len(result.notes)}
    return [(look, *words, numbers[look]) for look, words in LOOKS.items()]


def _rules(failing: tuple[Finding, ...]) -> list[tuple[Finding, int]]:
    """Return the failing rules, worst first: one finding of each, and the number of its findings."""
    ordered = sorted(failing, key=lambda one: one.order)
    groups = [list(group) for _, group in groupby(ordered, key=lambda one: one.rule)]
    return [(group[0], len(group)) for group in groups]
