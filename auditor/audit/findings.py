"""Findings, the verdicts of rules about subjects with their evidence, and the coverage of a scan."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
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
    """Result of a rule for a subject."""

    FAIL = "fail"
    UNKNOWN = "unknown"
    PASS = "pass"  # noqa: S105 - a verdict, no password
    NOT_APPLICABLE = "not_applicable"


class Severity(Enum):
    """Severity of a failing rule, worst first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"

    def at_least(self, other: "Severity") -> bool:
        """Return whether this is as severe as `other`, or more."""
        return _SEVERITIES[self] <= _SEVERITIES[other]


class Confidence(Enum):
    """Certainty that a failing rule is the cause of the errors that it names."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


_SEVERITIES = {severity: rank for rank, severity in enumerate(Severity)}
_VERDICTS = {verdict: rank for rank, verdict in enumerate(Verdict)}


@dataclass(frozen=True, slots=True)
class SubjectRef:
    """Reference to the subject of a finding."""

    kind: str
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Fix:
    """One fix: steps in the portal, a command with its values quoted for a POSIX shell, and what it changes.

    `az` is None if the fix has no command, or if a value in it is unknown.
    """

    title: str
    portal: tuple[str, ...]
    az: str | None
    changes: str
    safe: bool

    def as_dict(self) -> dict[str, object]:
        """Return every field by name."""
        return {**asdict(self), "portal": list(self.portal)}


@dataclass(frozen=True, slots=True)
class Suppressed:
    """Acceptance of a finding: why, by whom, and until which day (`YYYY-MM-DD`; None for ever)."""

    reason: str
    owner: str
    expires: str | None = None

    @property
    def words(self) -> str:
        """The acceptance in words: by whom, until when, and why."""
        until = f" until {self.expires}" if self.expires else ""
        return f"accepted by {self.owner}{until}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Finding:
    """The verdict of a rule on a subject, with the records that prove it and the gaps that limit it."""

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
        """The sort key in a report: failing before unknown, worse before better, then by rule and subject."""
        return (*self.rank, self.subject.kind, self.subject.id.lower())

    @property
    def rank(self) -> tuple[int, int, str]:
        """The sort key in a report among the findings of one subject."""
        return (_VERDICTS[self.verdict], _SEVERITIES[self.severity], self.rule)


@dataclass(frozen=True, slots=True)
class UnknownRule:
    """A rule that is unknown for some subjects, with their number and the permissions that would decide it."""

    rule: str
    subjects: int
    needs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Coverage:
    """The lists that were read, the gaps, and the rules that are unknown because of them."""

    reads: tuple[Read, ...]
    gaps: tuple[Gap, ...]
    unknown_rules: tuple[UnknownRule, ...]

    @classmethod
    def of(cls, reads: Iterable[Read], gaps: Iterable[Gap], findings: Iterable[Finding]) -> "Coverage":
        """Return the coverage of a scan; `gaps` are the snapshot's, and those of unknown findings are added."""
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
