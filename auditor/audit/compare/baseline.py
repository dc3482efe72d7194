"""What is new since a baseline; what was known before is left out and counted."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from auditor.audit.compare.comparison import compare
from auditor.audit.compare.verdict_set import Stand, VerdictSet
from auditor.audit.findings import Finding, Verdict


@dataclass(frozen=True, slots=True)
class Baseline:
    """From when the baseline is, and how many failing and unknown verdicts were left out because it knew them."""

    at: datetime
    known: int
    unknown: int


def since(baseline: VerdictSet, now: VerdictSet, findings: Iterable[Finding]) -> tuple[tuple[Finding, ...], Baseline]:
    """Return the findings that are new since `baseline`, or worse than then, and what was left out.

    `now` is the standing of the same findings. Raises `OtherTenant`.
    """
    worse = {change.stand.key for change in compare(baseline, now).changes if change.is_worse}
    kept: list[Finding] = []
    left: dict[Verdict, int] = {Verdict.FAIL: 0, Verdict.UNKNOWN: 0}
    for finding in findings:
        key = Stand.of(finding).key
        before = baseline.stands.get(key)
        was_unknown = before is not None and before.verdict is Verdict.UNKNOWN
        if finding.verdict is Verdict.FAIL and key not in worse:
            left[Verdict.FAIL] += 1
        elif finding.verdict is Verdict.UNKNOWN and was_unknown:
            left[Verdict.UNKNOWN] += 1
        else:
            kept.append(finding)
    return tuple(kept), Baseline(baseline.at, left[Verdict.FAIL], left[Verdict.UNKNOWN])
