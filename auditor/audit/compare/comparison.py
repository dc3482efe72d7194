"""Comparison of the verdicts at two times: what is new, fixed, changed, still there or no longer known.

Also the limitation of a result to what is new since a baseline.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

from auditor.audit.compare.verdict_set import Stand, VerdictSet, account_of
from auditor.audit.findings import Finding, Severity, Verdict


class OtherTenant(ValueError):
    """Failure because the two results are of different tenants."""

    def __init__(self, old: str, new: str) -> None:
        super().__init__(f"the old one is of tenant `{old}`, the new one of `{new}`: they cannot be compared")


class ChangeKind(Enum):
    """Change of a finding, in the order of attention."""

    NEW = "new"
    CHANGED = "changed"
    UNKNOWN = "no_longer_known"
    SAME = "still_there"
    FIXED = "fixed"


_PASSING = re.compile(r"\d[\d,]* (?:days?|hours?|minutes?)\b")
"""Durations in a message, which differ each day and are no change."""

_FATES = {fate: rank for rank, fate in enumerate(ChangeKind)}
_SEVERITIES = {severity: rank for rank, severity in enumerate(Severity)}


@dataclass(frozen=True, slots=True)
class VerdictChange:
    """The change of one rule's verdict on one subject; at least one of `old` and `new` is not None."""

    fate: ChangeKind
    old: Stand | None
    new: Stand | None
    why: str = ""

    @property
    def stand(self) -> Stand:
        """The new verdict, or the old one if there is no new one."""
        stand = self.new or self.old
        assert stand is not None  # noqa: S101 - a change has at least one of the two
        return stand

    @property
    def is_of_note(self) -> bool:
        """Whether it is about what is only worth knowing: its severity is `info`."""
        return self.stand.severity is Severity.INFO

    @property
    def order(self) -> tuple[int, int, str, str, str]:
        """The sort key in a report."""
        return (_FATES[self.fate], _SEVERITIES[self.stand.severity], *self.stand.key)

    @property
    def is_worse(self) -> bool:
        """Whether it is a reason to fail a build: it is new, more severe, or no longer suppressed."""
        before, now = self.old, self.new
        if self.fate is not ChangeKind.CHANGED or before is None or now is None:
            return self.fate is ChangeKind.NEW
        return (before.suppressed and not now.suppressed) or _SEVERITIES[now.severity] < _SEVERITIES[before.severity]


@dataclass(frozen=True, slots=True)
class LessSevereChanges:
    """The number of changes that were left out because they are less severe than `least`."""

    least: Severity
    count: int

    @property
    def words(self) -> str:
        """What was left out, in words; empty for nothing."""
        what = "1 change" if self.count == 1 else f"{self.count:,} changes"
        return f"left out as less severe than {self.least.value}: {what}" if self.count else ""

    @property
    def as_dict(self) -> dict[str, str | int]:
        """The object `left_out` of the JSON formats."""
        return {"below": self.least.value, "changes": self.count}


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two verdict sets and the changes between them, in the order of a report."""

    old: VerdictSet
    new: VerdictSet
    changes: tuple[VerdictChange, ...]
    less_severe: LessSevereChanges | None = None

    def at_least(self, least: Severity) -> "Comparison":
        """Return the comparison without the changes that are less severe."""
        kept = severe(self.changes, least)
        return replace(self, changes=kept, less_severe=LessSevereChanges(least, len(self.changes) - len(kept)))

    def of(self, fate: ChangeKind) -> tuple[VerdictChange, ...]:
        """Return the changes of one kind."""
        return tuple(change for change in self.changes if change.fate is fate)

    def fails_at(self, least: Severity) -> bool:
        """Return whether an unsuppressed finding is new or worse, and at least as severe as `least`."""
        return fails_at(self.changes, least)


def severe(changes: Iterable[VerdictChange], least: Severity) -> tuple[VerdictChange, ...]:
    """Return the changes that are at least so severe, by the old verdict or by the new one."""
    return tuple(
        change
        for change in changes
        if any(stand is not None and stand.severity.at_least(least) for stand in (change.old, change.new))
    )


def fails_at(changes: Iterable[VerdictChange], least: Severity) -> bool:
    """Return whether an unsuppressed finding among `changes` is new or worse, and at least as severe as `least`."""
    return any(
        change.stand.severity.at_least(least) and not change.stand.suppressed and change.is_worse for change in changes
    )


def compare(old: VerdictSet, new: VerdictSet) -> Comparison:
    """Return the change of every finding; raises `OtherTenant`.

    A finding that is gone counts as fixed only if the new scan covered it: it evaluated the rule, read the
    subscription, and has no new gap there. Otherwise it is no longer known.
    """
    if old.tenant_id != new.tenant_id:
        raise OtherTenant(old.tenant_id, new.tenant_id)
    keys = old.stands.keys() | new.stands.keys()
    found = (_change(old.stands.get(key), new.stands.get(key), old, new) for key in keys)
    return Comparison(old, new, tuple(sorted((one for one in found if one), key=lambda change: change.order)))


def _change(before: Stand | None, now: Stand | None, old: VerdictSet, new: VerdictSet) -> VerdictChange | None:
    failed = before is not None and before.verdict is Verdict.FAIL
    if now is not None and now.verdict is Verdict.FAIL:
        if not failed:
            return VerdictChange(ChangeKind.NEW, before, now, _why_new(before, now, old, new))
        differs = tuple(_differences(before, now)) if before else ()
        return VerdictChange(ChangeKind.CHANGED if differs else ChangeKind.SAME, before, now, "; ".join(differs))
    if now is not None and now.verdict is Verdict.UNKNOWN:
        known = before is not None and before.verdict is not Verdict.UNKNOWN
        return VerdictChange(ChangeKind.UNKNOWN, before, now, now.message) if known else None
    if not failed or before is None:
        return None
    hidden = _other_mode(before, new, old) if now is not None else _unseen(before, old, new)
    return VerdictChange(ChangeKind.UNKNOWN if hidden else ChangeKind.FIXED, before, now, hidden)


def _why_new(before: Stand | None, now: Stand, old: VerdictSet, new: VerdictSet) -> str:
    """Return why a finding may be new without a change in Azure; empty if nothing but a change explains it."""
    if before is not None and before.verdict is Verdict.UNKNOWN:
        return "was unknown"
    other = _other_mode(now, old, new)
    if before is not None or other:
        return other
    if old.rules is not None and now.rule not in old.rules:
        return "the old scan did not evaluate this rule"
    if account_of(now) and old.accounts is not None and account_of(now) not in old.accounts:
        return "the old scan says nothing about this account"
    subscription = now.subject.id.lower().partition("/subscriptions/")[2].partition("/")[0]
    if subscription and old.subscriptions and subscription not in old.subscriptions:
        return "the old scan did not read this subscription"
    return ""


def _differences(before: Stand, now: Stand) -> Iterator[str]:
    if before.severity is not now.severity:
        yield f"severity was {before.severity.value}"
    if before.errors != now.errors:
        yield f"errors were {', '.join(before.errors) or 'none'}"
    if before.suppressed is not now.suppressed:
        yield "is suppressed now" if now.suppressed else "is no longer suppressed"
    if _PASSING.sub("", before.message) != _PASSING.sub("", now.message):
        yield "the message differs"


def _other_mode(stand: Stand, there: VerdictSet, here: VerdictSet) -> str:
    """Return that the scan `there` asked about registrations in another mode; empty if not, or if that is unknown."""
    modes = (there.registration_mode, here.registration_mode)
    if stand.subject.kind != "registration" or None in modes or modes[0] == modes[1]:
        return ""
    asked, other = (f"`{mode}`" if mode else "the mode that appliances show" for mode in modes)
    return f"the registration was judged in another mode: {asked} in one scan, {other} in the other"


def _unseen(stand: Stand, old: VerdictSet, new: VerdictSet) -> str:
    """Return the reason why the new scan does not prove that a finding is fixed; empty if it does."""
    if new.rules is not None and stand.rule not in new.rules:
        return "the new scan did not evaluate this rule"
    place = stand.subject.id.lower().partition("/subscriptions/")[2]
    subscription = place.partition("/")[0]
    if subscription and new.subscriptions and subscription not in new.subscriptions:
        return "the new scan did not read this subscription"
    if account_of(stand) and account_of(stand) not in (new.accounts or frozenset()):
        return "the new scan says nothing about this account"
    if other := _other_mode(stand, new, old):
        return other
    part = new.narrowed_to - old.narrowed_to
    if part:
        return f"the new scan was limited to a part: {', '.join(f'`{one}`' for one in sorted(part))}"
    for what, scope in sorted(new.gaps - old.gaps):
        if not scope or f"/subscriptions/{place}/".startswith(f"{scope}/") or scope == stand.subject.id.lower():
            return f"`{what}` was not read this time"
    return ""


@dataclass(frozen=True, slots=True)
class Baseline:
    """The time of a baseline, and how many failing and unknown verdicts were left out because it contains them.

    `notes` are those of the failing ones that are only worth knowing.
    """

    at: datetime
    known: int
    unknown: int
    notes: int = 0


def since(baseline: VerdictSet, now: VerdictSet, findings: Iterable[Finding]) -> tuple[tuple[Finding, ...], Baseline]:
    """Return the findings that are new or worse since `baseline`, and how many were left out.

    `now` is the verdict set of the same findings. Raises `OtherTenant`.
    """
    worse = {change.stand.key for change in compare(baseline, now).changes if change.is_worse}
    kept: list[Finding] = []
    left_out: dict[Verdict, int] = {Verdict.FAIL: 0, Verdict.UNKNOWN: 0}
    notes = 0
    for finding in findings:
        key = Stand.of(finding).key
        before = baseline.stands.get(key)
        was_unknown = before is not None and before.verdict is Verdict.UNKNOWN
        if finding.verdict is Verdict.FAIL and key not in worse:
            left_out[Verdict.FAIL] += 1
            notes += finding.is_note
        elif finding.verdict is Verdict.UNKNOWN and was_unknown:
            left_out[Verdict.UNKNOWN] += 1
        else:
            kept.append(finding)
    return tuple(kept), Baseline(baseline.at, left_out[Verdict.FAIL], left_out[Verdict.UNKNOWN], notes)
