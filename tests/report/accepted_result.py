"""A result in which somebody answers for the first problem, and a baseline left some out."""

from dataclasses import replace
from datetime import UTC, datetime

from auditor.audit.compare.comparison import Baseline
from auditor.audit.findings import Suppressed
from auditor.report.result import ScanResult

WORDS = Suppressed("the move is over in `March` <b>", "patti@contoso.com", "2027-03-31")


def accepted(result: ScanResult) -> ScanResult:
    """The same result with both."""
    first, *others = result.findings
    baseline = Baseline(datetime(2026, 11, 1, tzinfo=UTC), 3, 2)
    return replace(result, findings=(replace(first, suppressed=WORDS), *others), baseline=baseline)
