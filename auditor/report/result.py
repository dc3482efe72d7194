"""What a scan came to: the findings, how much was read, and whose environment it was at which time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from auditor.audit.findings import Coverage, Finding, Severity, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanResult:
    """Everything a renderer shows."""

    tool: str
    tenant_id: str
    tenant_name: str
    """What the tenant calls itself, or its id."""
    cloud: str
    evaluated_at: datetime
    read_by: str
    """Whoever's rights were used to read: a name, or an object id."""
    subscriptions: tuple[str, ...]
    """Ids of the subscriptions in scope."""
    titles: Mapping[str, str]
    """What people call the subscriptions, by id in lower case."""
    findings: tuple[Finding, ...]
    coverage: Coverage

    def with_verdict(self, verdict: Verdict) -> tuple[Finding, ...]:
        """Return the findings of one verdict, in the order of a report."""
        return tuple(finding for finding in self.findings if finding.verdict is verdict)

    def fails_at(self, least: Severity) -> bool:
        """Say whether a finding fails that is at least as severe as `least`."""
        return any(finding.severity.at_least(least) for finding in self.with_verdict(Verdict.FAIL))
