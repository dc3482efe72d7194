"""Suppressed findings: those that somebody has accepted in a file. They stay visible; unknown findings stay unknown."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import Enum
from fnmatch import fnmatchcase

from auditor.audit.findings import Finding, Suppressed, Verdict


class Effect(Enum):
    """Effect of an entry of the suppression file."""

    ACTIVE = "active"
    EXPIRED = "expired"
    UNMATCHED = "unmatched"
    UNDECIDED = "undecided"
    """It matches only unknown findings, which stay unknown."""
    NOT_ASKED = "not_asked"
    """Its rule was not evaluated."""


@dataclass(frozen=True, slots=True)
class Suppression:
    """One entry of a file: the failing findings of `rule` about subjects whose id or name matches `subject`.

    `*` and `?` are wildcards; letter case is ignored. `expires` is the last day on which it applies, in UTC.
    """

    rule: str
    subject: str
    reason: str
    owner: str
    expires: date | None
    place: str

    def matches(self, finding: Finding) -> bool:
        """Return whether this entry matches `finding`."""
        pattern = self.subject.lower().replace("[", "[[]")  # a bracket is part of some names, not a set of characters
        names = (finding.subject.id.lower(), finding.subject.name.lower())
        return finding.rule == self.rule and any(fnmatchcase(name, pattern) for name in names)

    def holds(self, now: datetime) -> bool:
        """Return whether it has not expired yet."""
        return self.expires is None or now.date() <= self.expires


@dataclass(frozen=True, slots=True)
class Applied:
    """The effect of an entry, and how many findings it suppresses (or would suppress if it had not expired)."""

    suppression: Suppression
    effect: Effect
    count: int


def suppress(
    findings: Iterable[Finding], entries: Iterable[Suppression], now: datetime, evaluated: Iterable[str]
) -> tuple[tuple[Finding, ...], tuple[Applied, ...]]:
    """Return the findings, with those that an entry suppresses marked, and the effect of each entry.

    Only failing findings are marked; unknown ones stay unknown. If several entries match, the first one counts.
    `evaluated` are the ids of the rules that were evaluated.
    """
    held, ran = tuple(entries), frozenset(evaluated)
    kept: list[Finding] = []
    counts = [0] * len(held)
    undecided = [False] * len(held)
    by_rule = {rule: [number for number, entry in enumerate(held) if entry.rule == rule] for rule in ran}
    for finding in findings:
        matching = [number for number in by_rule.get(finding.rule, ()) if held[number].matches(finding)]
        entry = next((held[number] for number in matching if held[number].holds(now)), None)
        failing = finding.verdict is Verdict.FAIL
        for number in matching:
            counts[number] += failing
            undecided[number] |= finding.verdict is Verdict.UNKNOWN
        kept.append(replace(finding, suppressed=_mark(entry)) if entry and failing else finding)
    effects = (_effect(held[at], counts[at], undecided[at], now, ran) for at in range(len(held)))
    return tuple(kept), tuple(Applied(held[at], effect, counts[at]) for at, effect in enumerate(effects))


def _mark(entry: Suppression) -> Suppressed:
    return Suppressed(entry.reason, entry.owner, entry.expires.isoformat() if entry.expires else None)


def _effect(entry: Suppression, count: int, undecided: bool, now: datetime, ran: frozenset[str]) -> Effect:
    if not entry.holds(now):
        return Effect.EXPIRED
    if count:
        return Effect.ACTIVE
    if entry.rule not in ran:
        return Effect.NOT_ASKED
    return Effect.UNDECIDED if undecided else Effect.UNMATCHED
