"""The result of `har`: findings as a scan has them, and for each the calls that it is about."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

from auditor import __version__
from auditor.audit.catalogue import catalogue
from auditor.audit.explain.explanation import Explanation, explanation
from auditor.audit.findings import Coverage, Finding
from auditor.audit.rules.book import Rule
from auditor.cli.rules.choice import chosen_rules
from auditor.cli.shown_part import least_severe
from auditor.cli.why.answer import question_json
from auditor.cli.why.causes import Causes
from auditor.har.calls import Call
from auditor.har.failure_kinds import failure_kinds
from auditor.har.findings import (
    CallFinding,
    answered_findings,
    failure_findings,
    looked_at_words,
    open_findings,
)
from auditor.har.groups import FailureGroup
from auditor.har.reading import CaptureRead
from auditor.report.formats.json_report import document
from auditor.report.result import ScanResult, fingerprint

_LONGEST_QUESTION = 20_000
SIGN_IN_AGAIN = "Sign out of the portal, and sign in again"
"""The title of the fix for a call that the environment allows by now."""


@dataclass(frozen=True, slots=True)
class CaptureResult:
    """What was read, the failures in the order of time, and the result that every format shows.

    `causes` says of failures, by the fingerprints of their findings, whether their causes hold in an environment.
    """

    read: CaptureRead
    failures: tuple[CallFinding, ...]
    result: ScanResult
    causes: dict[str, Causes] = field(default_factory=dict)

    def at_least(self, severity: str | None) -> "CaptureResult":
        """Return what is at least so severe; all of it for None."""
        result = least_severe(self.result, severity)
        kept = set(result.findings)
        return replace(self, result=result, failures=tuple(one for one in self.failures if one.finding in kept))


def capture_result(read: CaptureRead) -> CaptureResult:
    """Return the result for a file that was read."""
    failures = failure_findings(read.groups)
    return CaptureResult(read, failures, scan_result(read, failures))


def scan_result(read: CaptureRead, failures: tuple[CallFinding, ...]) -> ScanResult:
    """Return the failures as the result of a scan, so that every format of a scan shows them."""
    not_read = tuple(filter(None, (read.broken, *read.left_out)))
    findings = (
        *(one.finding for one in failures),
        *open_findings(read.others_failed, not_read),
        *answered_findings(read.looked_at, read.groups),
    )
    looked_at = looked_at_words(read.looked_at, read.others, is_log=read.is_log)
    nothing = "" if read.looked_at else looked_at
    what = "the log of a console" if read.is_log else f"a capture of {read.entries:,} requests"
    return ScanResult(
        tool=f"migaudit {__version__}",
        tenant_id=read.tenant,
        tenant_name=read.tenant,
        source=read.path.name,
        cloud=read.cloud or "AzureCloud",
        evaluated_at=read.last or datetime.now(UTC).replace(microsecond=0),
        read_by=f"{what}, saved by {read.creator or 'a browser'}",
        subscriptions=tuple(sorted(read.subscriptions)),
        titles={},
        findings=tuple(sorted(findings, key=lambda one: one.order)),
        coverage=Coverage.of((), (), findings),
        rules=tuple(sorted((kind.rule for kind in failure_kinds().values()), key=lambda rule: rule.id)),
        unjudged=(*((nothing,) if nothing and (read.others_failed or not_read) else ()), *not_read),
        looked_at=looked_at,
    )


def explained_failure(call: Call) -> Explanation:
    """Return what is known about the errors of a failed call."""
    said = call.said
    text = "\n".join(f"({one.code}) {one.message}" for one in said.errors) or said.message
    found = explanation(text[:_LONGEST_QUESTION], catalogue(), _rules())
    return Explanation(found.shown, found.matches, said.errors or found.errors, found.unknown)


@cache
def _rules() -> tuple[Rule, ...]:
    """Return the rule book, which a capture with many failures asks often."""
    return chosen_rules()


def capture_json(found: CaptureResult, *, all_verdicts: bool) -> dict[str, Any]:
    """Return the document of a scan, and beside its findings the calls that they are about."""
    read = found.read
    return document(found.result, all_verdicts=all_verdicts) | {
        "capture": {
            "file": read.path.name,
            "kind": "console" if read.is_log else "har",
            "creator": read.creator,
            "entries": read.entries,
            "first": _moment(read.first),
            "last": _moment(read.last),
            "broken": read.broken or None,
            "left_out": list(read.left_out),
            "looked_at": dict(sorted((service.name.lower(), count) for service, count in read.looked_at.items())),
            "other_requests": read.others,
            "other_failed": dict(sorted(read.others_failed.items())),
        },
        "calls": [_call_json(one.finding, one.group, found) for one in found.failures],
    }


def _call_json(finding: Finding, group: FailureGroup, found: CaptureResult) -> dict[str, Any]:
    call, mark = group.call, fingerprint(finding)
    causes = found.causes.get(mark)
    details = call.said.error.details if call.said.error is not None else None
    return {
        "finding": mark,
        "rule": finding.rule,
        "service": call.service.name.lower(),
        "method": call.method,
        "host": call.address.host,
        "path": call.address.path,
        "query": call.address.query,
        "operation": call.operation.words,
        "type": call.operation.type or None,
        "status": call.status or None,
        "code": call.said.code or None,
        "message": call.said.message or call.why or None,
        "account": (details.account if details else "") or call.caller or None,
        "action": (details.action if details else "") or call.operation.action or None,
        "scope": (details.scope if details else "") or call.operation.scope or None,
        "within": call.within.value,
        "command": call.command or None,
        "page": found.read.pages.get(call.page) or None,
        "count": group.count,
        "first": _moment(group.first),
        "last": _moment(group.last),
        "succeeded_later": group.worked_later,
        "succeeded_at": _moment(group.succeeded),
        "correlation_ids": list(group.correlations),
        **({"cause": _cause(causes)} if causes is not None else {}),
    }


def _cause(causes: Causes) -> dict[str, Any]:
    return {
        "verdict": causes.verdict.value,
        "questions": [question_json(one) for one in causes.questions],
        "rules": sorted({one.rule for one in causes.confirming}),
        "unjudged": list(causes.unjudged),
    }


def _moment(at: datetime | None) -> str | None:
    return None if at is None else f"{at:%Y-%m-%dT%H:%M:%SZ}"
