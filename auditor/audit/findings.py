"""Findings: what a rule says about a subject, on what evidence; and what of the environment was covered."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from auditor.facts.fact import Evidence, Gap, once
from auditor.inventory.reads import Read

__all__ = [
    "Confidence",
    "Coverage",
    "Evidence",
    "Finding",
    "Fix",
    "Gap",
    "Read",
    "Severity",
    "SubjectRef",
    "Suppressed",
    "UnknownRule",
    "Verdict",
]


class Verdict(Enum):
    """What a rule says about a subject."""

    FAIL = "fail"
    UNKNOWN = "unknown"
    PASS = "pass"  # noqa: S105 - a verdict, no password
    NOT_APPLICABLE = "not_applicable"


class Severity(Enum):
    """How much a failing rule hurts, worst first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"

    def at_least(self, other: "Severity") -> bool:
        """Return whether this hurts as much as `other`, or more."""
        return _SEVERITIES[self] <= _SEVERITIES[other]


class Confidence(Enum):
    """How sure a failing rule is to be the cause of the errors it names."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


_SEVERITIES = {severity: rank for rank, severity in enumerate(Severity)}
_VERDICTS = {verdict: rank for rank, verdict in enumerate(Verdict)}


@dataclass(frozen=True, slots=True)
class SubjectRef:
    """What a finding is about."""

    kind: str
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Fix:
    """One way out: steps in the portal, a command with its values quoted for a POSIX shell, what it changes.

    `az` is None where the fix has no command, or where a value that it needs is not known.
    """

    title: str
    portal: tuple[str, ...]
    az: str | None
    changes: str
    safe: bool


@dataclass(frozen=True, slots=True)
class Suppressed:
    """That somebody answers for a finding: why, who, and until which day (`YYYY-MM-DD`; None for ever)."""

    reason: str
    owner: str
    expires: str | None = None

    @property
    def words(self) -> str:
        """Who answers for it until when, and why, in words."""
        until = f" until {self.expires}" if self.expires else ""
        return f"{self.owner} answers for it{until}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule's verdict on a subject, with the records it rests on and the gaps it suffers from."""

    rule: str
    title: str
    verdict: Verdict
    severity: Severity
    errors: tuple[str, ...]
    subject: SubjectRef
    message: str
    evidence: tuple[Evidence, ...] = ()
    gaps: tuple[Gap, ...] = ()
    fixes: tuple[Fix, ...] = ()
    confidence: Confidence = Confidence.HIGH
    suppressed: Suppressed | None = None

    @property
    def order(self) -> tuple[int, int, str, str, str]:
        """The place in a report: failing before unknown, worse before better, then by rule and subject."""
        return (*self.rank, self.subject.kind, self.subject.id.lower())

    @property
    def rank(self) -> tuple[int, int, str]:
        """The place in a report among the findings of one subject."""
        return (_VERDICTS[self.verdict], _SEVERITIES[self.severity], self.rule)


@dataclass(frozen=True, slots=True)
class UnknownRule:
    """A rule that could not decide about some subjects, and the permissions that would let it."""

    rule: str
    subjects: int
    needs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Coverage:
    """What was read, what was not, and which rules that made unknown."""

    reads: tuple[Read, ...]
    gaps: tuple[Gap, ...]
    unknown_rules: tuple[UnknownRule, ...]

    @classmethod
    def of(cls, reads: Iterable[Read], gaps: Iterable[Gap], findings: Iterable[Finding]) -> "Coverage":
        """Return the coverage of a scan; `gaps` are the snapshot's, those of unknown findings come on top."""
        every = tuple(findings)
        hidden = (gap for finding in every if finding.verdict is Verdict.UNKNOWN for gap in finding.gaps)
        return cls(tuple(sorted(set(reads))), _sorted(once([*gaps, *hidden])), _unknown_rules(every))


def _unknown_rules(findings: tuple[Finding, ...]) -> tuple[UnknownRule, ...]:
    by_rule: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.verdict is Verdict.UNKNOWN:
            by_rule[finding.rule].append(finding)
    return tuple(
        UnknownRule(rule, len(found), tuple(sorted({gap.cure for one in found for gap in one.gaps if gap.cure})))
        for rule, found in sorted(by_rule.items())
    )


def _sorted(gaps: tuple[Gap, ...]) -> tuple[Gap, ...]:
    return tuple(
        sorted(gaps, key=lambda gap: (gap.what, gap.scope, gap.status, gap.code, gap.message, gap.needs or ""))
    )
