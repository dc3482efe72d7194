"""The result of a fleet run: one scan result a tenant, or why there is none."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from auditor.audit.findings import Finding, Severity, SubjectRef, Verdict
from auditor.report.result import ScanResult
from auditor.shells import CommandShell

NOT_READ = "tenant-not-read"
"""The name that stands for a rule in formats that consist of findings only, for a tenant that failed."""
HEADS = {one: "Notes" if one is Severity.INFO else one.value.capitalize() for one in Severity}
"""The heads of the columns that count the findings of a severity."""


@dataclass(frozen=True, slots=True)
class TenantOutcome:
    """What became of one tenant: its result, or in `error` what failed, where, and what to do."""

    name: str
    result: ScanResult | None = None
    error: str = ""

    @property
    def status(self) -> str:
        """`done` or `failed`."""
        return "failed" if self.result is None else "done"

    @property
    def reason(self) -> str:
        """The first line of the error."""
        return self.error.partition("\n")[0]

    @property
    def severities(self) -> Mapping[Severity, int]:
        """The number of its failing findings that nobody has suppressed, by severity."""
        failing = self.result.with_verdict(Verdict.FAIL) if self.result else ()
        return Counter(finding.severity for finding in failing if finding.suppressed is None)

    @property
    def not_read(self) -> Finding:
        """A finding that says that the tenant was not read; without findings it would look fine."""
        return Finding(
            rule=NOT_READ,
            title="The tenant was not read",
            verdict=Verdict.UNKNOWN,
            severity=Severity.INFO,
            errors=(),
            subject=SubjectRef("tenant", self.name, self.name),
            message=self.error,
        )


@dataclass(frozen=True, slots=True)
class FleetResult:
    """The outcomes of all tenants, in the order of the fleet file."""

    tool: str
    tenants: tuple[TenantOutcome, ...]

    def at_least(self, least: Severity) -> "FleetResult":
        """Return the run without what fails or is unknown by a rule that is less severe than `least`."""
        kept = (one if one.result is None else replace(one, result=one.result.at_least(least)) for one in self.tenants)
        return replace(self, tenants=tuple(kept))

    def written_for(self, shells: tuple[CommandShell, ...]) -> "FleetResult":
        """Return the run with commands for these shells in documents."""
        written = (
            one if one.result is None else replace(one, result=replace(one.result, shells=shells))
            for one in self.tenants
        )
        return replace(self, tenants=tuple(written))

    @property
    def done(self) -> tuple[TenantOutcome, ...]:
        """The tenants that were read."""
        return tuple(one for one in self.tenants if one.result is not None)

    @property
    def failed(self) -> tuple[TenantOutcome, ...]:
        """The tenants that were not."""
        return tuple(one for one in self.tenants if one.result is None)

    def fails_at(self, least: Severity) -> bool:
        """Return whether an unsuppressed finding of any tenant fails that is at least as severe as `least`."""
        return any(one.result is not None and one.result.fails_at(least) for one in self.tenants)

    @property
    def is_undecided(self) -> bool:
        """Whether anything is unknown: a verdict, what was not judged, or a whole tenant."""
        return bool(self.failed) or any(
            one.result is not None and (one.result.unjudged or one.result.with_verdict(Verdict.UNKNOWN))
            for one in self.tenants
        )
