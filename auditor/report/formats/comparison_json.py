"""The comparison of two scans as JSON, in the published format `migaudit/diff/1`."""

from typing import Any

from auditor.audit.compare.comparison import ChangeKind, Comparison, VerdictChange
from auditor.audit.compare.verdict_set import Stand, VerdictSet
from auditor.report.json_text import json_text

SCHEMA = "migaudit/diff/1"


def render(comparison: Comparison) -> str:
    """Return the comparison as JSON text."""
    return json_text(document(comparison))


def document(comparison: Comparison) -> dict[str, Any]:
    """Return the JSON document; its lists are sorted, so that equal comparisons give equal documents."""
    return {
        "schema": SCHEMA,
        "tenant_id": comparison.new.tenant_id,
        "old": _time(comparison.old),
        "new": _time(comparison.new),
        "summary": {fate.value: len(comparison.of(fate)) for fate in ChangeKind},
        **({"left_out": comparison.less_severe.as_dict} if comparison.less_severe else {}),
        "changes": [change_json(change) for change in comparison.changes],
    }


def _time(verdicts: VerdictSet) -> dict[str, Any]:
    return {"evaluated_at": f"{verdicts.at:%Y-%m-%dT%H:%M:%SZ}", "subscriptions": sorted(verdicts.subscriptions)}


def change_json(change: VerdictChange) -> dict[str, Any]:
    """Return one change as it stands in the document."""
    stand = change.stand
    return {
        "fate": change.fate.value,
        "rule": stand.rule,
        "title": stand.title,
        "severity": stand.severity.value,
        "errors": list(stand.errors),
        "subject": {"kind": stand.subject.kind, "id": stand.subject.id, "name": stand.subject.name},
        "old": _stand(change.old),
        "new": _stand(change.new),
        "why": change.why,
    }


def _stand(stand: Stand | None) -> dict[str, Any] | None:
    if stand is None:
        return None
    return {
        "verdict": stand.verdict.value,
        "severity": stand.severity.value,
        "message": stand.message,
        "suppressed": stand.suppressed,
    }
