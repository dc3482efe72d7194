"""What a result leaves out because it is less severe than what was asked for."""

from collections.abc import Iterable
from dataclasses import dataclass

from auditor.audit.findings import Finding, Severity, Verdict
from auditor.report.counted import counted

_OPEN = frozenset({Verdict.FAIL, Verdict.UNKNOWN})


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
        less = [finding for finding in findings if is_less(finding, least)]
        unknown = sum(finding.verdict is Verdict.UNKNOWN for finding in less)
        problems, notes = (sum(finding.is_problem for finding in less), sum(finding.is_note for finding in less))
        return cls(least, problems, notes, unknown)

    @property
    def words(self) -> str:
        """What was left out, in words: `17 problems, 11 notes and 2 unknown verdicts`; empty for nothing."""
        numbers = ((self.problems, "problem"), (self.notes, "note"), (self.unknown, "unknown verdict"))
        held = [counted(number, what) for number, what in numbers if number]
        return " and ".join(filter(None, (", ".join(held[:-1]), *held[-1:])))


def is_less(finding: Finding, least: Severity) -> bool:
    """Return whether a finding fails or is unknown by a rule less severe than `least`; nothing in order is severe."""
    return finding.verdict in _OPEN and not finding.severity.at_least(least)
