"""The access path of a registration finding: from the account over roles and refusals to the target."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from auditor.audit.findings import Evidence, Finding, Verdict


class StepKind(Enum):
    """Kind of a step on the path."""

    ACCOUNT = "account"
    GRANT = "grant"
    ROLE = "role"
    REST = "rest"
    DENIAL = "denial"
    NOTHING = "nothing"
    TARGET = "target"


@dataclass(frozen=True, slots=True)
class PathStep:
    """One step: its kind, its text, and the ids of the records that prove it."""

    kind: StepKind
    text: str
    ids: tuple[str, ...]


_KINDS = (
    (re.compile(r"/denyAssignments/", re.IGNORECASE), StepKind.DENIAL),
    (
        re.compile(r"/role(Assignments|AssignmentScheduleInstances|EligibilityScheduleInstances)/", re.IGNORECASE),
        StepKind.GRANT,
    ),
    (re.compile(r"/roleDefinitions/", re.IGNORECASE), StepKind.ROLE),
)
_GRANTING_NOTE = re.compile(r"^(access policy \d+ of|the account (holds|owns|is a member))", re.IGNORECASE)
_NOTHING_NOTE = "nothing does"
_REFUSALS = frozenset({StepKind.DENIAL, StepKind.NOTHING})
MOST = 12
"""Maximum number of steps shown between the account and the target, with the one that counts the others."""


def access_path(finding: Finding) -> tuple[PathStep, ...]:
    """Return the steps from the account to the target; empty if the evidence contains no grant and no refusal."""
    account, at, target = finding.subject.id.partition("@")
    if finding.subject.kind != "registration" or not at:
        return ()
    between = [step for item in finding.evidence if (step := _step(item))]
    nothing = tuple(item.id for item in finding.evidence if _NOTHING_NOTE in item.note)
    if nothing and finding.verdict is Verdict.FAIL:
        between.append(PathStep(StepKind.NOTHING, "nothing grants what is missing", nothing))
    if not between:
        return ()
    projects = finding.subject.projects
    place = projects[0].name if len(projects) == 1 else target.rpartition("/")[2]
    ends = (
        PathStep(StepKind.ACCOUNT, finding.subject.account or account, (account,)),
        PathStep(StepKind.TARGET, place or target, (target,)),
    )
    return (ends[0], *_few(between), ends[1])


def _few(steps: list[PathStep]) -> Iterator[PathStep]:
    """Yield at most `MOST` steps in their order, one of them the number of the others; refusals are kept first."""
    refusals_first = sorted(steps, key=lambda step: step.kind not in _REFUSALS)
    kept = refusals_first if len(steps) <= MOST else refusals_first[: MOST - 1]
    if len(kept) < len(steps):
        kept.append(PathStep(StepKind.REST, f"and {len(steps) - len(kept):,} more steps, which the evidence holds", ()))
    order = list(StepKind)
    yield from sorted(kept, key=lambda step: order.index(step.kind))


def _step(item: Evidence) -> PathStep | None:
    for pattern, kind in _KINDS:
        if pattern.search(item.id):
            return PathStep(kind, item.note or kind.value, (item.id,))
    return PathStep(StepKind.GRANT, item.note, (item.id,)) if _GRANTING_NOTE.match(item.note) else None
