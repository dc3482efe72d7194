"""What every report says of the environment that it is about, and what it says of findings there."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Self

from auditor.audit.findings import Coverage, Finding, OnlyCounted, Severity, Verdict
from auditor.shells import READERS, CommandShell

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
    shells: tuple[CommandShell, ...] = READERS
    """The shells that a document of it writes commands for."""


_OPEN = frozenset({Verdict.FAIL, Verdict.UNKNOWN})
"""The verdicts that need attention."""


@dataclass(frozen=True, slots=True)
class LessSevere:
    """How much was left out because it is less severe than `least`: problems, notes and unknown verdicts."""

    least: Severity
    problems: int
    notes: int
    unknown: int

    @classmethod
    def of(cls, findings: Iterable[Finding], least: Severity) -> "LessSevere":
        """Return how many of the findings are less severe."""
        less = [finding for finding in findings if _is_less(finding, least)]
        unknown = sum(finding.verdict is Verdict.UNKNOWN for finding in less)
        problems, notes = (sum(finding.is_problem for finding in less), sum(finding.is_note for finding in less))
        return cls(least, problems, notes, unknown)

    @property
    def words(self) -> str:
        """What was left out, in words: `17 problems, 11 notes and 2 unknown verdicts`; empty for nothing."""
        numbers = ((self.problems, "problem"), (self.notes, "note"), (self.unknown, "unknown verdict"))
        held = [f"{number:,} {what}{'' if number == 1 else 's'}" for number, what in numbers if number]
        return " and ".join(filter(None, (", ".join(held[:-1]), *held[-1:])))

    @property
    def as_dict(self) -> dict[str, str | int]:
        """The object `left_out` of the JSON formats."""
        return {
            "below": self.least.value,
            "problems": self.problems,
            "notes": self.notes,
            "unknown": self.unknown,
        }


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
    less_severe: LessSevere | None = None
    """How much was left out because it is less severe than what was asked for."""
    docs_url: str = ""
    """The address of the published documentation, which has a page of each rule; empty if nobody named one."""

    def at_least(self, least: Severity) -> Self:
        """Return the report without what fails or is unknown by a rule that is less severe than `least`."""
        kept = tuple(finding for finding in self.findings if not _is_less(finding, least))
        return replace(self, findings=kept, less_severe=LessSevere.of(self.findings, least))

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


def _is_less(finding: Finding, least: Severity) -> bool:
    """Return whether a finding fails or is unknown by a rule less severe than `least`; nothing in order is severe."""
    return finding.verdict in _OPEN and not finding.severity.at_least(least)
