"""All verdicts at one time, for comparison: of a scan that was just made, or of a saved JSON result."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal, TypeVar

import msgspec

from auditor.audit.findings import Finding, Gap, Severity, SubjectRef, Verdict, account_in
from auditor.files import content, why

LARGEST_FILE = 512 * 1024 * 1024
"""Maximum size of a JSON result in bytes; a larger file is refused unread."""

Key = tuple[str, str, str]
"""Rule, kind of subject, and id of the subject in lower case."""


T = TypeVar("T")


class BadResult(ValueError):
    """Failure to read a file as the JSON result of a command, with the reason."""

    def __init__(self, path: Path, reason: str, command: str = "scan") -> None:
        super().__init__(f"`{path}` is not a result of `migaudit {command} --format json`: {reason}")


@dataclass(frozen=True, slots=True)
class Stand:
    """The verdict of a rule on a subject, as far as a comparison needs it."""

    rule: str
    title: str
    verdict: Verdict
    severity: Severity
    errors: tuple[str, ...]
    subject: SubjectRef
    message: str
    suppressed: bool = False

    @property
    def key(self) -> Key:
        """The identity that is the same at another time: the rule and the subject."""
        return (self.rule, self.subject.kind, self.subject.id.lower())

    @classmethod
    def of(cls, finding: Finding) -> "Stand":
        """Return the verdict of a finding."""
        return cls(
            finding.rule,
            finding.title,
            finding.verdict,
            finding.severity,
            tuple(sorted(finding.errors)),
            finding.subject,
            finding.message,
            finding.suppressed is not None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictSet:
    """All verdicts at one time.

    `whole` says whether passing and not-applicable verdicts are included. `rules` and `accounts` are those that were
    asked about, or None if that is unknown. `narrowed_to` are the options that limited the scan to a part.
    `registration_mode` is how registrations were asked about: empty if no mode was named, None if that is unknown.
    """

    tenant_id: str
    at: datetime
    subscriptions: frozenset[str]
    stands: Mapping[Key, Stand]
    gaps: frozenset[tuple[str, str]]
    whole: bool
    rules: frozenset[str] | None = None
    accounts: frozenset[str] | None = None
    narrowed_to: frozenset[str] = frozenset()
    registration_mode: str | None = None

    @classmethod
    def of(
        cls,
        findings: Iterable[Finding],
        gaps: Iterable[Gap],
        *,
        tenant_id: str,
        at: datetime,
        subscriptions: Iterable[str],
        rules: Iterable[str],
        narrowed_to: Iterable[str] = (),
        registration_mode: str = "",
    ) -> "VerdictSet":
        """Return the verdict set of a scan that was just made."""
        every = [Stand.of(finding) for finding in findings]
        return cls(
            tenant_id=tenant_id.lower(),
            at=at,
            subscriptions=frozenset(one.lower().rpartition("/")[2] for one in subscriptions),
            stands={one.key: one for one in every},
            gaps=frozenset((gap.what.lower(), gap.scope.lower().rstrip("/")) for gap in gaps),
            whole=True,
            rules=frozenset(rules),
            accounts=frozenset(account for one in every if (account := account_of(one))),
            narrowed_to=frozenset(narrowed_to),
            registration_mode=registration_mode,
        )


def account_of(stand: Stand) -> str:
    """Return the account (its id, lower case) that a verdict is about; empty if it is about none."""
    return account_in(stand.subject).lower()


class _FindingJson(msgspec.Struct):
    rule: str
    verdict: Verdict
    severity: Severity
    subject: SubjectRef
    title: str = ""
    errors: tuple[str, ...] = ()
    message: str = ""
    suppressed: object = None


class _CoverageJson(msgspec.Struct):
    gaps: tuple[Gap, ...] = ()


class ResultJson(msgspec.Struct):
    """The JSON result of a scan, as far as a comparison needs it."""

    schema: Literal["migaudit/scan/1"]
    tenant_id: str
    evaluated_at: datetime
    findings: tuple[_FindingJson, ...]
    subscriptions: tuple[str, ...] = ()
    coverage: _CoverageJson = msgspec.field(default_factory=_CoverageJson)
    rules: tuple[str, ...] | None = None
    accounts: tuple[str, ...] | None = None
    narrowed_to: tuple[str, ...] = ()
    registration_mode: str | None = None
    baseline: object = None


def saved_verdicts(path: Path) -> VerdictSet:
    """Return the verdict set of a JSON result; raises `BadResult`."""
    held = decoded(path, ResultJson, "scan")
    if held.baseline is not None:
        raise BadResult(path, "it was made with `--baseline`, so it leaves out what was known before")
    return verdicts_in(held)


def decoded(path: Path, kind: type[T], command: str) -> T:
    """Return the JSON in a file as `kind`, the result of `command`; raises `BadResult`."""
    try:
        text = content(path, LARGEST_FILE)
    except OSError as failed:
        raise BadResult(path, f"it cannot be read: {why(failed)}", command) from failed
    try:
        return msgspec.json.decode(text, type=kind)
    except UnicodeDecodeError as broken:
        raise BadResult(path, "it is not UTF-8", command) from broken
    except RecursionError as broken:
        raise BadResult(path, "it is nested too deeply", command) from broken
    except msgspec.DecodeError as broken:
        raise BadResult(path, f"{_place(text, str(broken))}{broken}", command) from broken


def verdicts_in(held: ResultJson) -> VerdictSet:
    """Return the verdict set of a decoded result."""
    every = [_stand(finding) for finding in held.findings]
    settled = {Verdict.PASS, Verdict.NOT_APPLICABLE}
    return VerdictSet(
        tenant_id=held.tenant_id.lower(),
        at=held.evaluated_at,
        subscriptions=frozenset(one.lower().rpartition("/")[2] for one in held.subscriptions),
        stands={one.key: one for one in every},
        gaps=frozenset((gap.what.lower(), gap.scope.lower().rstrip("/")) for gap in held.coverage.gaps),
        whole=any(one.verdict in settled for one in every),
        rules=None if held.rules is None else frozenset(held.rules),
        accounts=None if held.accounts is None else frozenset(one.lower() for one in held.accounts),
        narrowed_to=frozenset(held.narrowed_to),
        registration_mode=held.registration_mode,
    )


def _place(text: bytes, error: str) -> str:
    """Return the line of an error that names a byte offset; empty for any other."""
    found = re.search(r"\(byte (\d+)\)$", error)
    if found is None:
        return ""
    line = text.count(b"\n", 0, int(found[1])) + 1
    return f"line {line}: "


def _stand(held: _FindingJson) -> Stand:
    errors = tuple(sorted(held.errors))
    return Stand(
        held.rule,
        held.title or held.rule,
        held.verdict,
        held.severity,
        errors,
        held.subject,
        held.message,
        held.suppressed is not None,
    )
