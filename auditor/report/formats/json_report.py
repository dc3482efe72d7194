"""The result of a scan as JSON, in the published format `migaudit/scan/1`."""

from collections.abc import Iterator
from typing import Any

from auditor.audit.findings import AbsentType, Finding, Gap, Read, Suppressed
from auditor.report.conclusion import conclusion, outcome
from auditor.report.json_text import json_pieces
from auditor.report.place import Place, Places
from auditor.report.result import ScanResult, fingerprint

SCHEMA = "migaudit/scan/1"


def render(result: ScanResult, *, all_verdicts: bool = False) -> str:
    """Return the result as JSON text; passing and not-applicable findings only with `all_verdicts`."""
    return "".join(pieces(result, all_verdicts=all_verdicts))


def pieces(result: ScanResult, *, all_verdicts: bool = False) -> Iterator[str]:
    """Yield the JSON text in pieces."""
    return json_pieces(document(result, all_verdicts=all_verdicts))


def document(result: ScanResult, *, all_verdicts: bool = False) -> dict[str, Any]:
    """Return the JSON document; its lists are sorted, so that equal results give equal documents.

    The long ones, of findings, reads and gaps, are iterators, which are drawn once.
    """
    places = Places(result)
    return {
        "schema": SCHEMA,
        "tool": result.tool,
        "tenant_id": result.tenant_id,
        "cloud": result.cloud,
        "evaluated_at": f"{result.evaluated_at:%Y-%m-%dT%H:%M:%SZ}",
        "read_by": result.read_by,
        "subscriptions": sorted(result.subscriptions),
        "summary": {verdict.value: count for verdict, count in result.counts.items()},
        "outcome": outcome(result).value,
        "conclusion": conclusion(result),
        **(_asked(result) if result.rules else {}),
        **_accepted(result),
        "findings": (finding_json(one, places.of(one)) for one in result.shown(all_verdicts=all_verdicts)),
        "coverage": {
            "reads": map(_read, sorted(result.coverage.reads)),
            "gaps": _gaps(result.coverage.gaps),
            "unknown_rules": [
                {"rule": one.rule, "subjects": one.subjects, "needs": list(one.needs)}
                for one in result.coverage.unknown_rules
            ],
            **_absent(result.coverage.absent_types),
        },
    }


def finding_json(finding: Finding, place: Place) -> dict[str, Any]:
    """Return one finding, which is at `place`, as it stands in the document."""
    return {
        "rule": finding.rule,
        "title": finding.title,
        "verdict": finding.verdict.value,
        "severity": finding.severity.value,
        "confidence": finding.confidence.value,
        "errors": sorted(finding.errors),
        "subject": {"kind": finding.subject.kind, "id": finding.subject.id, "name": finding.subject.name},
        "place": place.as_dict(),
        "fingerprint": fingerprint(finding),
        "message": finding.message,
        "evidence": [{"id": item.id, "note": item.note} for item in sorted(finding.evidence)],
        "gaps": [kind.as_dict() for kind in finding.unread],
        "fixes": [fix.as_dict() for fix in finding.fixes],
        **({"suppressed": _suppressed(finding.suppressed)} if finding.suppressed else {}),
    }


def _asked(result: ScanResult) -> dict[str, Any]:
    """Return what the scan covered, so that a later comparison can tell a fixed finding from one not looked at."""
    return {
        "rules": [rule.id for rule in result.rules],
        "accounts": sorted(result.accounts),
        "narrowed_to": sorted(result.narrowed_to),
        "registration_mode": result.registration_mode,
    }


def _suppressed(by: Suppressed) -> dict[str, Any]:
    return {"reason": by.reason, "owner": by.owner, "expires": by.expires}


def _accepted(result: ScanResult) -> dict[str, Any]:
    """Return the effect of suppressions, of the least severity and of a baseline; empty if there are none."""
    accepted: dict[str, Any] = {}
    if result.suppressions:
        accepted["suppressions"] = [
            {
                "rule": one.suppression.rule,
                "subject": one.suppression.subject,
                "reason": one.suppression.reason,
                "owner": one.suppression.owner,
                "expires": one.suppression.expires.isoformat() if one.suppression.expires else None,
                "effect": one.effect.value,
                "findings": one.count,
            }
            for one in result.suppressions
        ]
    if less := result.less_severe:
        accepted["left_out"] = less.as_dict
    if result.baseline:
        held = result.baseline
        at = f"{held.at:%Y-%m-%dT%H:%M:%SZ}"
        accepted["baseline"] = {
            "evaluated_at": at,
            "known": held.known,
            "notes": held.notes,
            "unknown": held.unknown,
        }
    return accepted


def _gaps(gaps: tuple[Gap, ...]) -> Iterator[dict[str, Any]]:
    return iter(sorted((gap.as_dict() for gap in gaps), key=lambda gap: tuple(str(value) for value in gap.values())))


def _absent(types: tuple[AbsentType, ...]) -> dict[str, Any]:
    """Return the resource types that the cloud does not have; empty if it has all."""
    listed = [{"what": one.what, "code": one.code, "scopes": list(one.scopes)} for one in types]
    return {"absent_types": listed} if listed else {}


def _read(read: Read) -> dict[str, Any]:
    return {"what": read.what, "scope": read.scope, "status": read.status, "count": read.count}
