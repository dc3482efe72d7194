"""Findings as OCSF events of the class Compliance Finding, for data lakes and SIEMs, made with OCSF's own models."""

from collections.abc import Iterator
from enum import IntEnum
from typing import Any

from auditor.audit.findings import Confidence, Finding, Fix, Severity, Verdict
from auditor.extras import ensure_extra
from auditor.report.conclusion import left_open
from auditor.report.formats.rule_help import RuleHelp, rule_helps
from auditor.report.inert import LONGEST_STEP, inert, inert_values
from auditor.report.json_text import json_pieces
from auditor.report.place import Place, Places
from auditor.report.result import ScanResult, fingerprint


class _OcsfSeverity(IntEnum):
    """OCSF's `severity_id`."""

    Informational = 1
    Low = 2
    Medium = 3
    High = 4
    Critical = 5


_SEVERITIES = {
    Severity.CRITICAL: _OcsfSeverity.Critical,
    Severity.HIGH: _OcsfSeverity.High,
    Severity.MEDIUM: _OcsfSeverity.Medium,
    Severity.LOW: _OcsfSeverity.Low,
    Severity.INFO: _OcsfSeverity.Informational,
}
_CONFIDENCES = {Confidence.HIGH: 3, Confidence.MEDIUM: 2, Confidence.LOW: 1}
_STATUSES = {Verdict.FAIL: 3, Verdict.PASS: 1, Verdict.UNKNOWN: 0, Verdict.NOT_APPLICABLE: 99}
"""OCSF's `compliance.status_id`: 0 is Unknown, 99 is Other."""
_OTHER_ACCOUNT = 99
"""OCSF's `account.type_id` of a type that the models have no number for."""


def render(result: ScanResult, *, all_verdicts: bool = False) -> str:
    """Return the findings as a JSON array of OCSF events; an unknown verdict has the compliance status Unknown.

    Raises `ExtraMissing`.
    """
    return "".join(pieces(result, all_verdicts=all_verdicts))


def pieces(result: ScanResult, *, all_verdicts: bool = False) -> Iterator[str]:
    """Yield the array in pieces; raises `ExtraMissing`."""
    ensure_extra("ocsf", "`--format ocsf`")
    helps = {one.id: one for one in rule_helps(result)}
    shown, places = (*left_open(result), *result.shown(all_verdicts=all_verdicts)), Places(result)
    return json_pieces(_event(result, one, places.of(one), helps[one.rule]) for one in shown)


def _event(result: ScanResult, finding: Finding, place: Place, rule: RuleHelp) -> dict[str, Any]:
    """Return one event, validated by the models, so that a wrong name or type is an error here already.

    The model of the event lacks the object `cloud` of OCSF's profile *Cloud*, which has a model of its own.
    """
    from py_ocsf_models.events.findings.compliance_finding import ComplianceFinding
    from py_ocsf_models.objects.cloud import Cloud

    known = ComplianceFinding.model_validate(
        {
            "activity_id": 1,
            "activity_name": "Create",
            "type_uid": 200301,
            "type_name": "Compliance Finding: Create",
            "severity_id": _SEVERITIES[finding.severity],
            "severity": _SEVERITIES[finding.severity].name,
            "confidence_id": _CONFIDENCES[finding.confidence],
            "confidence": finding.confidence.value.capitalize(),
            "status_id": 3 if finding.suppressed else 1,
            "status": "Suppressed" if finding.suppressed else "New",
            **({"comment": inert(finding.suppressed.words)} if finding.suppressed else {}),
            "status_code": finding.verdict.value,
            "status_detail": inert(finding.message),
            "message": inert(f"{finding.subject.name}: {finding.title}"),
            "time": int(result.evaluated_at.timestamp() * 1000),
            "metadata": _metadata(result, finding),
            "finding_info": _finding_info(finding, place),
            "compliance": _compliance(finding, rule),
            "remediation": _remediation(finding, rule),
            "resources": [_resource(result, finding, place)],
            "unmapped": {
                "cloud": inert(result.cloud),
                "verdict": finding.verdict.value,
                "errors": sorted(finding.errors),
                "evidence": [{"id": inert(item.id), "note": inert(item.note)} for item in sorted(finding.evidence)],
                "unread": [
                    {"what": inert(kind.what), "count": kind.count, "scopes": [inert(one) for one in kind.scopes]}
                    for kind in finding.unread
                    if not kind.is_undecidable
                ],
            },
        }
    )
    cloud = Cloud.model_validate(_cloud(place))
    dumped: dict[str, Any] = known.model_dump(mode="json", exclude_none=True)
    return dumped | {"cloud": cloud.model_dump(mode="json", exclude_none=True)}


def _metadata(result: ScanResult, finding: Finding) -> dict[str, Any]:
    name, _, version = result.tool.partition(" ")
    return {
        "product": {"name": name, "vendor_name": name, "version": version},
        "event_code": finding.rule,
        "tenant_uid": inert(result.tenant_id),
        "profiles": ["cloud"],
    }


def _cloud(place: Place) -> dict[str, Any]:
    """Return OCSF's cloud: the tenant is the organization, the subscription the account."""
    account = {
        "uid": inert(place.subscription.id),
        "name": inert(place.subscription.short),
        "type": "Azure Subscription",
        "type_id": _OTHER_ACCOUNT,
    }
    return {
        "provider": "Azure",
        "org": {"uid": inert(place.tenant.id), "name": inert(place.tenant.short)},
        "account": account if place.subscription.id else None,
        "region": inert(place.location) or None,
    }


def _finding_info(finding: Finding, place: Place) -> dict[str, Any]:
    return {
        "src_url": place.portal or None,
        "uid": fingerprint(finding),
        "title": inert(finding.title),
        "desc": inert(finding.message),
        "types": ["Azure Migrate", *(f"error {error}" for error in finding.errors)],
    }


def _compliance(finding: Finding, rule: RuleHelp) -> dict[str, Any]:
    return {
        "standards": ["Azure Migrate appliance registration"],
        "control": finding.rule,
        "desc": inert(rule.why),
        "requirements": [f"error {error}" for error in finding.errors],
        "status_id": _STATUSES[finding.verdict],
    }


def _remediation(finding: Finding, rule: RuleHelp) -> dict[str, Any] | None:
    """Return the fixes in their order, each with its command; None if there are none."""
    if not finding.fixes:
        return None
    return {"desc": "\n".join(line for fix in finding.fixes for line in _fix(fix)), "references": list(rule.links)}


def _fix(fix: Fix) -> Iterator[str]:
    warning = "" if fix.safe else " (can lose something)"
    yield f"{inert(fix.title)}{warning}: {inert(fix.changes)}"
    yield from (f"{number}. {inert(step, LONGEST_STEP)}" for number, step in enumerate(fix.portal, start=1))
    if fix.az:
        yield inert(fix.az, LONGEST_STEP)


def _resource(result: ScanResult, finding: Finding, place: Place) -> dict[str, Any]:
    subject = finding.subject
    return {
        "uid": inert(subject.id),
        "name": inert(subject.name),
        "type": subject.kind,
        "cloud_partition": inert(result.cloud),
        "region": inert(place.location) or None,
        "group": {"name": inert(place.resource_group), "type": "resource group"} if place.resource_group else None,
        "labels": [inert(f"project: {one.short}") for one in place.projects] or None,
        "data": inert_values(place.as_dict()),
    }
