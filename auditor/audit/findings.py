"""Findings, the verdicts of rules about subjects with their evidence, and the coverage of a scan."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from enum import StrEnum

from auditor.facts.fact import Evidence, Gap, GapKind, ManyGaps, kinds_of, once
from auditor.facts.subject import EVERYWHERE, OwningProject
from auditor.inventory.reads import ONLY_RESOURCE_GRAPH, Read, absent_lists, says_no_such_type

__all__ = [
    "AbsentType",
    "Confidence",
    "Coverage",
    "Evidence",
    "Finding",
    "Fix",
    "Gap",
    "GapKind",
    "OnlyCounted",
    "OwningProject",
    "Read",
    "Reversal",
    "Severity",
    "SubjectRef",
    "Suppressed",
    "UnknownRule",
    "Verdict",
    "account_in",
]


class Verdict(StrEnum):
    """Result of a rule for a subject."""

    FAIL = "fail"
    UNKNOWN = "unknown"
    PASS = "pass"  # noqa: S105 - a verdict, no password
    NOT_APPLICABLE = "not_applicable"


class Severity(StrEnum):
    """Severity of a failing rule, worst first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"

    def at_least(self, other: "Severity") -> bool:
        """Return whether this is as severe as `other`, or more."""
        return _SEVERITIES[self] <= _SEVERITIES[other]


class Confidence(StrEnum):
    """Certainty that a failing rule is the cause of the errors that it names."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


_SEVERITIES = {severity: rank for rank, severity in enumerate(Severity)}
_VERDICTS = {verdict: rank for rank, verdict in enumerate(Verdict)}


@dataclass(frozen=True, slots=True)
class SubjectRef:
    """Reference to the subject of a finding, with the projects that it belongs to, sorted.

    `at` is the ARM id of the place that it is about, where its own id is none, such as that of a call; `object_type`
    is what an account is in the directory, and `location` the region of a resource, where that was read; `account` is
    the name of the account that a registration is of.
    """

    kind: str
    id: str
    name: str
    projects: tuple[OwningProject, ...] = ()
    at: str = ""
    object_type: str = ""
    location: str = ""
    account: str = ""


@dataclass(frozen=True, slots=True)
class Reversal:
    """The way to take back a fix: in words, and by a command for a POSIX shell if there is one."""

    words: str
    az: str | None = None


@dataclass(frozen=True, slots=True)
class Fix:
    """One fix: steps in the portal, a command with its values quoted for a POSIX shell, and what it changes.

    `az` is None if the fix has no command, or if a value in it is unknown. `by` says in words who can do it, if the
    account itself cannot; `perhaps` that it is needed only if what may be in the way is.
    """

    title: str
    portal: tuple[str, ...]
    az: str | None
    changes: str
    safe: bool
    by: str = ""
    undo: Reversal | None = None
    perhaps: bool = False

    def as_dict(self) -> dict[str, object]:
        """Return every field by name, without the last three where they say nothing."""
        said = {name: value for name, value in asdict(self).items() if value or name not in {"by", "undo", "perhaps"}}
        return {**said, "portal": list(self.portal)}


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
    """The verdict of a rule on a subject, with the records that prove it and the gaps that limit it.

    Many gaps of one kind are one (`ManyGaps`); the coverage of the scan has each.
    """

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
    def is_problem(self) -> bool:
        """Whether it fails and is more than worth knowing."""
        return self.verdict is Verdict.FAIL and self.severity is not Severity.INFO

    @property
    def is_note(self) -> bool:
        """Whether it fails and is only worth knowing: nothing has to be done about it."""
        return self.verdict is Verdict.FAIL and self.severity is Severity.INFO

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids (lower case) of what it is about: its subject's, then those of its evidence."""
        return (self.subject.id.lower(), *(one.id.lower() for one in self.evidence))

    @property
    def unread(self) -> tuple[GapKind, ...]:
        """The gaps by kind, each with the number of places and the first of them."""
        return kinds_of(self.gaps)

    @property
    def is_only_unlisted(self) -> bool:
        """Whether it says nothing but that something may be where only what Resource Graph shows was read.

        Every rule about such things says the same, so reports for people say it once.
        """
        somewhere = self.verdict is Verdict.UNKNOWN and self.subject.id == EVERYWHERE and bool(self.gaps)
        return somewhere and all(gap.code == ONLY_RESOURCE_GRAPH for gap in self.gaps)

    @property
    def order(self) -> tuple[int, int, str, str, str]:
        """The sort key in a report: failing before unknown, worse before better, then by rule and subject."""
        return (*self.rank, self.subject.kind, self.subject.id.lower())

    @property
    def rank(self) -> tuple[int, int, str]:
        """The sort key in a report among the findings of one subject."""
        return (_VERDICTS[self.verdict], _SEVERITIES[self.severity], self.rule)


@dataclass(slots=True)
class OnlyCounted:
    """Findings that pass or do not apply and are not kept: their number by verdict, and what they are about.

    In a large environment there are a million of them, and most reports only count them. `kinds` are those of their
    subjects, `accounts` the object ids of the accounts among these.
    """

    verdicts: Counter[Verdict] = field(default_factory=Counter)
    kinds: set[str] = field(default_factory=set)
    accounts: set[str] = field(default_factory=set)

    def take(self, verdict: Verdict, subject: SubjectRef) -> None:
        """Count a finding."""
        self.verdicts[verdict] += 1
        self.kinds.add(subject.kind)
        if account := account_in(subject):
            self.accounts.add(account)


def account_in(subject: SubjectRef) -> str:
    """Return the object id of the account that a subject is, or is about; empty if it is about none."""
    about = subject.kind in {"account", "registration"}
    return subject.id.partition("/")[0].rstrip("@") if about else ""


@dataclass(frozen=True, slots=True)
class UnknownRule:
    """A rule that is unknown for some subjects, with their number and the permissions that would decide it."""

    rule: str
    subjects: int
    needs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AbsentType:
    """A resource type that the cloud does not have: its list, the code of the answer, and the scopes that gave it."""

    what: str
    code: str
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Coverage:
    """The lists that were read, the gaps, the rules that are unknown because of them, and types that are absent."""

    reads: tuple[Read, ...]
    gaps: tuple[Gap, ...]
    unknown_rules: tuple[UnknownRule, ...]
    absent_types: tuple[AbsentType, ...] = ()

    @classmethod
    def of(cls, reads: Iterable[Read], gaps: Iterable[Gap], findings: Iterable[Finding]) -> "Coverage":
        """Return the coverage of a scan; `gaps` are the snapshot's, and those of unknown findings are added.

        The list of a type that the cloud does not have counts as read.
        """
        every, held, gaps = tuple(findings), set(reads), tuple(gaps)
        absent = absent_lists(held, gaps)
        denied = {(gap.what, gap.scope) for gap in gaps if says_no_such_type(gap.code, gap.status)}
        denied -= {(gap.what, gap.scope) for gap in absent}
        unknown = (finding for finding in every if finding.verdict is Verdict.UNKNOWN)
        hidden = _single(dict.fromkeys(gap for finding in unknown for gap in finding.gaps if not gap.is_undecidable))
        return cls(
            tuple(sorted(read for read in held if (read.what, read.scope) not in denied)),
            _sorted(once([*(gap for gap in gaps if gap not in absent), *hidden])),
            _unknown_rules(every),
            _absent_types(absent),
        )


def _unknown_rules(findings: tuple[Finding, ...]) -> tuple[UnknownRule, ...]:
    by_rule: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.verdict is Verdict.UNKNOWN:
            by_rule[finding.rule].append(finding)
    return tuple(
        UnknownRule(rule, len(found), tuple(sorted({gap.cure for one in found for gap in one.gaps if gap.cure})))
        for rule, found in sorted(by_rule.items())
    )


def _single(gaps: Iterable[Gap]) -> Iterable[Gap]:
    """Yield each gap; of many that are named by what is above them, one gap there."""
    for gap in gaps:
        if not isinstance(gap, ManyGaps):
            yield gap
        elif gap.scope in gap.places:
            yield from gap.each
        else:
            yield gap.summary()


def _absent_types(gaps: Iterable[Gap]) -> tuple[AbsentType, ...]:
    scopes: dict[tuple[str, str], set[str]] = defaultdict(set)
    for gap in gaps:
        scopes[gap.what, gap.code].add(gap.scope)
    return tuple(AbsentType(what, code, tuple(sorted(held))) for (what, code), held in sorted(scopes.items()))


def _sorted(gaps: tuple[Gap, ...]) -> tuple[Gap, ...]:
    return tuple(
        sorted(gaps, key=lambda gap: (gap.what, gap.scope, gap.status, gap.code, gap.message, gap.needs or ""))
    )
