"""The findings as JSON for the page's script: small, inert, and safe inside a `script` element."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from auditor.audit.findings import Finding, Fix, Gap
from auditor.report.html.access_path import access_path
from auditor.report.inert import inert
from auditor.report.json_text import json_line
from auditor.report.place import NamedId, Place
from auditor.shells import READERS, CommandShell, written_commands

LONGEST = 8_000
MOST_EVIDENCE = 60
"""Maximum number of records shown of one finding; the JSON result has all of them."""


def in_order(labels: Mapping[NamedId, str]) -> list[str]:
    """Return the labels of projects, each once, by name."""
    return sorted(set(labels.values()), key=lambda label: (label.lower(), label))


def data(
    findings: Iterable[tuple[Finding, Place]],
    labels: Mapping[NamedId, str],
    shells: Sequence[CommandShell] = READERS,
) -> Markup:
    """Return the findings as JSON without any character that could end the element or begin a comment.

    Places and gaps, which many findings share, are in it once each. A place has its projects by the numbers of their
    `labels`, which tell them apart.
    """
    projects = in_order(labels)
    numbers = {label: number for number, label in enumerate(projects)}
    of_project = {project: numbers[label] for project, label in labels.items()}
    gaps: dict[Gap, int] = {}
    places: dict[tuple[object, ...], int] = {}
    rules: dict[str, str] = {}
    listed = []
    for finding, place in findings:
        where = places.setdefault(_where(place, of_project), len(places))
        listed.append({**_finding(finding, gaps, shells), "place": where, "portal": place.portal})
        rules[inert(finding.rule)] = place.rule_link
    held = {
        "findings": listed,
        "gaps": [_gap(gap) for gap in gaps],
        "places": list(places),
        "projects": [inert(label) for label in projects],
        "rules": rules,
    }
    text = json_line(held).strip()
    safe = text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
    return Markup(safe)  # noqa: S704 - every character that is special in HTML is escaped above


def _finding(finding: Finding, gaps: dict[Gap, int], shells: Sequence[CommandShell]) -> dict[str, Any]:
    subject = finding.subject
    return {
        "rule": inert(finding.rule),
        "title": inert(finding.title),
        "verdict": finding.verdict.value,
        "severity": finding.severity.value,
        "confidence": finding.confidence.value,
        "errors": [inert(error) for error in sorted(finding.errors)],
        "kind": inert(subject.kind),
        "id": inert(subject.id),
        "name": inert(subject.name),
        "message": inert(finding.message),
        "suppressed": inert(finding.suppressed.words) if finding.suppressed else "",
        "evidence": [[inert(item.id), inert(item.note)] for item in finding.evidence[:MOST_EVIDENCE]],
        "more": max(0, len(finding.evidence) - MOST_EVIDENCE),
        "gaps": [gaps.setdefault(gap, len(gaps)) for gap in finding.gaps],
        "path": [
            [step.kind.value, inert(step.text), [inert(one) for one in step.ids]] for step in access_path(finding)
        ],
        "fixes": [
            {
                "title": inert(fix.title),
                "portal": [inert(step, LONGEST) for step in fix.portal],
                "az": [[it.shell, inert(it.text, LONGEST)] for it in written_commands(fix.az, shells)],
                "changes": inert(fix.changes),
                "safe": fix.safe,
                "by": inert(fix.by),
                "undo": _undo(fix, shells),
            }
            for fix in finding.fixes
        ],
    }


def _undo(fix: Fix, shells: Sequence[CommandShell]) -> list[object]:
    """Return how a fix is undone, in words and by a command in each form; empty where that is not known."""
    if fix.undo is None:
        return []
    forms = [[it.shell, inert(it.text, LONGEST)] for it in written_commands(fix.undo.az, shells)]
    return [inert(fix.undo.words), forms]


def _where(place: Place, numbers: Mapping[NamedId, int]) -> tuple[object, ...]:
    """Return the name of the subscription, its id, the resource group, the projects, the account and the region."""
    subscription = place.subscription
    return (
        inert(subscription.short),
        inert(subscription.id),
        inert(place.resource_group),
        tuple(dict.fromkeys(numbers[one] for one in place.projects)),
        inert(place.account.text),
        inert(place.location),
    )


def _gap(gap: Gap) -> list[str | bool]:
    return [inert(gap.what), inert(f"{gap.scope}{gap.others}"), inert(gap.answer), inert(gap.cure), gap.is_undecidable]
