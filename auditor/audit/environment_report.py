"""What every report says of the environment that it is about, and what it says of findings there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from auditor.audit.findings import Coverage, Finding, OnlyCounted, Severity, Verdict

if TYPE_CHECKING:
    from auditor.audit.rules.rule import RuleText


@dataclass(frozen=True, kw_only=True)
class EnvironmentReport:
    """The base of a report: the tool, the environment, as of when it was evaluated, and who read it."""

    tool: str
    tenant_id: str
    tenant_name: str
    """The default domain of the tenant, or its id."""
    cloud: str
    evaluated_at: datetime
    read_by: str
    """The account that read the environment: its name, or its object id."""
    titles: Mapping[str, str]
    """The display names of the subscriptions, by id in lower case."""


@dataclass(frozen=True, kw_only=True)
class FindingsReport(EnvironmentReport):
    """The base of a report with findings, and with what was read for them.

    It has no slots, so that what is chosen from up to a million findings is chosen once.
    """

    subscriptions: tuple[str, ...]
    """Ids of the subscriptions in scope."""
    findings: tuple[Finding, ...]
    coverage: Coverage
    only_counted: OnlyCounted = field(default_factory=OnlyCounted)
    """Further findings, which pass or do not apply."""
    rules: "tuple[RuleText, ...]" = ()
    """The rules that were evaluated, for formats that contain or link them."""
    docs_url: str = ""
    """The address of the published documentation, which has a page of each rule; empty if nobody named one."""

    def with_verdict(self, verdict: Verdict) -> tuple[Finding, ...]:
        """Return the findings of one verdict, in the order of a report."""
        return tuple(finding for finding in self.findings if finding.verdict is verdict)

    @cached_property
    def problems(self) -> tuple[Finding, ...]:
        """The failing findings that somebody has to do something about, in the order of a report."""
        return tuple(finding for finding in self.findings if finding.is_problem)

    @cached_property
    def notes(self) -> tuple[Finding, ...]:
        """The failing findings of severity `info`, which are only worth knowing, in the order of a report."""
        return tuple(finding for finding in self.findings if finding.is_note)

    def fails_at(self, least: Severity) -> bool:
        """Return whether an unsuppressed finding fails that is at least as severe as `least`."""
        failing = (finding for finding in self.with_verdict(Verdict.FAIL) if finding.suppressed is None)
        return any(finding.severity.at_least(least) for finding in failing)
