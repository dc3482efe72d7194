"""The access path of a registration finding: from the account over roles and refusals to the target."""

import re
from dataclasses import dataclass
from enum import Enum

from auditor.audit.findings import Evidence, Finding, Verdict


class StepKind(Enum):
    """Kind of a step on the path."""

    ACCOUNT = "account"
    GRANT = "grant"
    ROLE = "role"
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
MOST = 12
"""Maximum number of steps shown between the account and the target."""


def access_path(finding: Finding) -> tuple[PathStep, ...]:
    """Return the steps from the account to the target; empty if the evidence contains no grant and no refusal."""
    account, at, target = finding.subject.id.partition("@")
    if finding.subject.kind != "registration" or not at:
        return ()
    order = list(StepKind)
    between = sorted(filter(None, map(_step, finding.evidence)), key=lambda step: order.index(step.kind))
    nothing = tuple(item.id for item in finding.evidence if _NOTHING_NOTE in item.note)
    if nothing and finding.verdict is Verdict.FAIL:
        between.append(PathStep(StepKind.NOTHING, "nothing grants what is missing", nothing))
    if not between:
        return ()
    name, _, place = finding.subject.name.partition(" → ")
    ends = (PathStep(StepKind.ACCOUNT, name, (account,)), PathStep(StepKind.TARGET, place or target, (target,)))
    return (ends[0], *(between if len(between) <= MOST else (*between[: MOST - 1], between[-1])), ends[1])


def _step(item: Evidence) -> PathStep | None:
    for pattern, kind in _KINDS:
        if pattern.search(item.id):
            return PathStep(kind, item.note or kind.value, (item.id,))
    return PathStep(StepKind.GRANT, item.note, (item.id,)) if _GRANTING_NOTE.match(item.note) else None
