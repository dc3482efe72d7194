"""Findings as SARIF 2.1.0, which code-scanning tools track from run to run."""

from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

from auditor.audit.findings import Finding, Fix, Gap, Severity, Verdict
from auditor.report.conclusion import conclusion, left_open, outcome
from auditor.report.formats.rule_help import RuleHelp, rule_helps
from auditor.report.inert import LONGEST_STEP, inert, inert_values
from auditor.report.json_text import json_pieces
from auditor.report.place import Place, Places
from auditor.report.result import ScanResult, fingerprint

VERSION = "2.1.0"
SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
FINGERPRINT = "migaudit/v1"
BASE = "AZURE"

_LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
    Severity.INFO: "note",
}
_SCORES = {
    Severity.CRITICAL: "9.5",
    Severity.HIGH: "8.0",
    Severity.MEDIUM: "5.5",
    Severity.LOW: "3.0",
    Severity.INFO: "0.5",
}
"""GitHub's `security-severity`, by which it sorts alerts."""
_KINDS = {
    Verdict.FAIL: "fail",
    Verdict.UNKNOWN: "open",  # SARIF: there was not enough information to decide
    Verdict.PASS: "pass",
    Verdict.NOT_APPLICABLE: "notApplicable",
}


def render(result: ScanResult, *, all_verdicts: bool = False) -> str:
    """Return the findings as a SARIF log with one run; an unknown verdict is a result of the kind `open`."""
    return "".join(pieces(result, all_verdicts=all_verdicts))


def pieces(result: ScanResult, *, all_verdicts: bool = False) -> Iterator[str]:
    """Yield the SARIF log in pieces."""
    return log_pieces([run_of(result, all_verdicts=all_verdicts)])


def log_pieces(runs: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Yield a SARIF log with these runs in pieces."""
    return json_pieces({"$schema": SCHEMA, "version": VERSION, "runs": iter(runs)})


def run_of(result: ScanResult, *, all_verdicts: bool) -> dict[str, Any]:
    """Return the run of one scan; its results are an iterator."""
    findings = (*left_open(result), *result.shown(all_verdicts=all_verdicts))
    helps, places = rule_helps(result), Places(result)
    numbers = {one.id: number for number, one in enumerate(helps)}
    return {
        "tool": {"driver": _driver(result, helps)},
        "invocations": [_invocation(result)],
        "originalUriBaseIds": {BASE: {"description": {"text": "Azure Resource Manager: paths are resource ids"}}},
        "results": (_result(finding, places.of(finding), numbers) for finding in findings),
        "columnKind": "unicodeCodePoints",
        "properties": {
            "tenant_id": inert(result.tenant_id),
            "tenant_name": inert(places.tenant.name),
            "cloud": inert(result.cloud),
            "subscriptions": [inert(one) for one in sorted(result.subscriptions)],
            "summary": {verdict.value: count for verdict, count in result.counts.items()},
            "outcome": outcome(result).value,
            "conclusion": inert(conclusion(result)),
        },
    }


def _driver(result: ScanResult, helps: tuple[RuleHelp, ...]) -> dict[str, Any]:
    name, _, version = result.tool.partition(" ")
    return {"name": name, "version": version, "semanticVersion": version, "rules": [_rule(one) for one in helps]}


def _rule(rule: RuleHelp) -> dict[str, Any]:
    described = {
        "id": rule.id,
        "name": "".join(word.capitalize() for word in rule.id.split("-")),
        "shortDescription": {"text": message(rule.title)},
        "fullDescription": {"text": message(rule.why)},
        "help": {"text": message(rule.text), "markdown": rule.markdown},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {
            "tags": ["azure-migrate", *(f"error-{error}" for error in rule.errors)],
            "security-severity": _SCORES[rule.severity],
            "problem.severity": _LEVELS[rule.severity].replace("note", "recommendation"),
        },
    }
    return described | ({"helpUri": rule.link} if rule.link else {})


def _result(finding: Finding, place: Place, numbers: dict[str, int]) -> dict[str, Any]:
    text = [f"{_name(finding)}: {finding.message}", f"Where: {place.words}", *map(_fix, finding.fixes)]
    fails = finding.verdict is Verdict.FAIL
    return {
        **_suppressions(finding),
        "ruleId": finding.rule,
        "ruleIndex": numbers[finding.rule],
        "kind": _KINDS[finding.verdict],
        "level": _LEVELS[finding.severity] if fails else "none",
        "message": {"text": message("\n".join(text))},
        "locations": [_location(finding, place)],
        "partialFingerprints": {FINGERPRINT: fingerprint(finding)},
        "properties": {
            "verdict": finding.verdict.value,
            "severity": finding.severity.value,
            "confidence": finding.confidence.value,
            "errors": sorted(finding.errors),
            "place": inert_values(place.as_dict()),
            "fixes": [inert_values(fix.as_dict(), LONGEST_STEP) for fix in finding.fixes],
            "evidence": [{"id": inert(item.id), "note": inert(item.note)} for item in sorted(finding.evidence)],
            "unread": [
                inert(f"{gap.what} at {gap.scope}{gap.others}") for gap in finding.gaps if not gap.is_undecidable
            ],
        },
    }


def _suppressions(finding: Finding) -> dict[str, Any]:
    """Return the suppression of a finding in SARIF's form: accepted outside the source."""
    by = finding.suppressed
    if by is None:
        return {}
    about = {"owner": inert(by.owner), "expires": by.expires}
    suppression = {"kind": "external", "status": "accepted", "justification": inert(by.reason), "properties": about}
    return {"suppressions": [suppression]}


def _location(finding: Finding, place: Place) -> dict[str, Any]:
    """Return the location of a finding: the resource, and a path made of its id for tools that know only files.

    What the resource is in follows it: its resource group, subscription, projects and tenant.
    """
    identity = inert(finding.subject.id)
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": quote(identity.lstrip("/"), safe="/@"), "uriBaseId": BASE},
            "region": {"startLine": 1},
        },
        "logicalLocations": list({tuple(one.items()): one for one in _logical_locations(finding, place)}.values()),
    }


def _logical_locations(finding: Finding, place: Place) -> Iterator[dict[str, str]]:
    yield _logical(finding.subject.kind, finding.subject.name, finding.subject.id)
    subscription = f"/subscriptions/{place.subscription.id}"
    if place.resource_group:
        yield _logical("resourceGroup", place.resource_group, f"{subscription}/resourceGroups/{place.resource_group}")
    if place.subscription.id:
        yield _logical("subscription", place.subscription.short, subscription)
    yield from (_logical("project", one.short, one.id or one.name) for one in place.projects)
    yield _logical("tenant", place.tenant.short, f"/tenants/{place.tenant.id}")


def _logical(kind: str, name: str, identity: str) -> dict[str, str]:
    return {"name": inert(name), "fullyQualifiedName": inert(identity), "kind": kind}


def _invocation(result: ScanResult) -> dict[str, Any]:
    """Return the invocation; each list that was not read, and each type that is absent, is a notification."""
    absent = [_absence(one.what) for one in result.coverage.absent_types]
    return {
        "executionSuccessful": True,
        "endTimeUtc": result.moment,
        "toolExecutionNotifications": [_notification(gap) for gap in result.coverage.gaps] + absent,
    }


def _notification(gap: Gap) -> dict[str, Any]:
    return {"level": "warning", "descriptor": {"id": "not-read"}, "message": {"text": message(gap.words)}}


def _absence(what: str) -> dict[str, Any]:
    text = message(f"this cloud has no such type: `{what}`")
    return {"level": "note", "descriptor": {"id": "absent-type"}, "message": {"text": text}}


def _name(finding: Finding) -> str:
    return inert(finding.subject.name)


def _fix(fix: Fix) -> str:
    return f"Fix: {inert(fix.title)}" + (f"\n  {inert(fix.az, 8_000)}" if fix.az else "")


def message(text: str) -> str:
    """Return `text` as a SARIF message: each line inert, and brackets escaped, which would make a link."""
    lines = (inert(line, 8_000) for line in text.split("\n"))
    return "\n".join(lines).replace("[", "\\[").replace("]", "\\]") or "-"
