"""First what to do: the fixes that cure the most and worst problems; equal fixes of several findings are one."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush

from auditor.audit.findings import Finding, Fix, Severity, Verdict
from auditor.report.counted import counted

MOST = 10
"""Maximum number of fixes."""
WEIGHTS = {Severity.CRITICAL: 20, Severity.HIGH: 6, Severity.MEDIUM: 3, Severity.LOW: 1, Severity.INFO: 0}
"""What a problem of each severity counts."""
_UNLOCKS = "az lock delete "


@dataclass(frozen=True, slots=True)
class EffectiveFix:
    """One fix with the problems that it cures, worst first, and those for which it is only the first step."""

    fix: Fix
    cures: tuple[Finding, ...]
    begins: tuple[Finding, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All problems that it is for, those that it cures first."""
        return (*self.cures, *self.begins)

    @property
    def severity(self) -> Severity:
        """The severity of the worst problem that it is for."""
        order = list(Severity)
        return min((one.severity for one in self.findings), key=order.index)

    @property
    def words(self) -> str:
        """How many problems it cures, in words."""
        cured = f"cures {counted(len(self.cures), 'finding')}" if self.cures else ""
        begun = f"is the first step for {counted(len(self.begins), 'finding')}" if self.begins else ""
        return " and ".join(one for one in (cured, begun) if one)


def effective_fixes(findings: Iterable[Finding], most: int = MOST) -> tuple[EffectiveFix, ...]:
    """Return at most `most` fixes, chosen one after the other by what they cure of what is left.

    Fixes by which nothing is lost come before the others. Of those that cure equally much, the one for more findings
    comes first, then the one that its rule names first, then one with a command. Only problems count that nobody has
    accepted; a note is no reason for a fix, but counts among what it cures.
    """
    failing = (one for one in findings if one.verdict is Verdict.FAIL and one.suppressed is None)
    every = sorted(failing, key=lambda one: one.order)
    groups = _groups(every)
    chosen: list[EffectiveFix] = []
    cured: set[int] = set()
    for safe in (True, False):
        for group in _best_first([one for one in groups if one.fix.safe is safe], cured):
            if len(chosen) == most:
                break
            chosen.append(group.told(every))
            cured.update(group.worth.keys() - group.begins)
    return tuple(chosen)


@dataclass(slots=True)
class _EqualFixes:
    """Equal fixes: the first of them, the best place that it has in a finding, and what it is worth to each finding.

    `worth` is by the number of the finding, `begins` are the numbers of those for which it is only the first step.
    """

    number: int
    fix: Fix
    place: int
    worth: dict[int, float] = field(default_factory=dict)
    begins: set[int] = field(default_factory=set)

    def told(self, every: list[Finding]) -> EffectiveFix:
        """Return it with its findings."""
        cures = tuple(every[one] for one in self.worth if one not in self.begins)
        return EffectiveFix(self.fix, cures, tuple(every[one] for one in self.worth if one in self.begins))


def _groups(every: list[Finding]) -> list[_EqualFixes]:
    """Return the fixes of all findings; equal commands are one fix, whichever quotes they have."""
    groups: dict[tuple[object, ...], _EqualFixes] = {}
    for number, finding in enumerate(every):
        for place, fix in enumerate(finding.fixes):
            key = (fix.az.replace('"', "'"), fix.safe) if fix.az else (fix.title, fix.portal, fix.safe)
            group = groups.setdefault(key, _EqualFixes(len(groups), fix, place))
            if number in group.worth:
                continue
            group.place = min(group.place, place)
            group.worth[number] = WEIGHTS[finding.severity]
            if _is_first_step(fix, finding):
                group.worth[number] /= 2
                group.begins.add(number)
    return list(groups.values())


def _is_first_step(fix: Fix, finding: Finding) -> bool:
    """Return whether it removes a lock that stands before what cures the finding."""
    return fix.az is not None and fix.az.startswith(_UNLOCKS) and sum(bool(it.az) for it in finding.fixes) > 1


def _best_first(groups: Iterable[_EqualFixes], cured: set[int]) -> Iterator[_EqualFixes]:
    """Yield the groups by their worth to what is not in `cured`, which may grow meanwhile, until nothing is left.

    The worth of a group only ever falls, so one that is still the best after it was counted again is the best of all.
    """
    heap = [(*_rank(group, cured), group) for group in groups]
    heapify(heap)
    while heap:
        worth, *_, group = heappop(heap)
        rank = _rank(group, cured)
        if not rank[0]:
            continue
        if rank[0] == worth:
            yield group
        else:
            heappush(heap, (*rank, group))


def _rank(group: _EqualFixes, cured: set[int]) -> tuple[float, int, int, bool, int]:
    """Return the sort key of a group, best first: by worth, by problems, by place, those with a command first."""
    left = [value for number, value in group.worth.items() if number not in cured]
    return (-sum(left), -len(left), group.place, group.fix.az is None, group.number)
