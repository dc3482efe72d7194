"""Which assessments are looked at: those of the projects that were asked for, each once, with what hides others."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from auditor.facts.fact import Gap, once
from auditor.facts.presence import may_hide
from auditor.facts.readiness.suitability import AssessmentState, state_of
from auditor.inventory.inventory import Inventory
from auditor.inventory.lists import (
    ASSESSED_MACHINES,
    ASSESSMENT_GROUPS,
    ASSESSMENT_PROJECTS,
    ASSESSMENTS,
    GROUP_ASSESSED_MACHINES,
    GROUP_ASSESSMENTS,
)
from auditor.inventory.readiness_scope import ReadinessScope, portal_name
from auditor.inventory.resources.assessments import MACHINE_ASSESSMENT, Assessment, AssessmentGroup
from auditor.inventory.resources.migrate import AssessmentProject

MOST_KINDS = 100

RESTS_ON = ("properties.suitability", "properties.disks", "properties.networkAdapters")
"""What the numbers of machines rest on: older api-versions, which lack other properties, have it too."""


@dataclass(frozen=True, slots=True)
class ChosenAssessment:
    """One assessment that is looked at: its record, its state, and the portal's name of its project."""

    assessment: Assessment
    state: AssessmentState
    project: str
    what: str
    """The list of its machines."""


@dataclass(frozen=True, slots=True)
class ChosenAssessments:
    """The assessments that are looked at, the number of those of other kinds, and what may hide further ones."""

    chosen: tuple[ChosenAssessment, ...]
    projects: tuple[AssessmentProject, ...]
    groups: tuple[AssessmentGroup, ...]
    """The groups of the assessments that are looked at, and those of which none was read."""
    unassessed: tuple[AssessmentGroup, ...]
    """Those of them that have no assessment yet, although they have machines."""
    other_kinds: Mapping[str, int]
    gaps: tuple[Gap, ...]


def chosen_assessments(inventory: Inventory, scope: ReadinessScope) -> ChosenAssessments:
    """Return the assessments in the scope, by project, group and name; one that both shapes list is there once."""
    projects = tuple(one for one in inventory.all(AssessmentProject) if scope.has_project(one))
    names = {one.arm_id.key: portal_name(one) for one in projects}
    others: Counter[str] = Counter()
    records: dict[tuple[str, str, str], list[Assessment]] = {}
    for held in inventory.all(Assessment):
        if held.project.key not in names or not scope.has_assessment(held):
            continue
        if held.kind.lower() == MACHINE_ASSESSMENT.lower():
            records.setdefault(held.key, []).append(held)
        else:
            _count(others, held.kind)
    of_projects = (one for one in inventory.all(AssessmentGroup) if one.arm_id.parent.key in names)
    groups = [one for one in of_projects if scope.has_group(one)]
    for group in groups:
        for kind in _other_kinds(group):
            _count(others, kind)
    chosen = (_preferred(inventory, records[key]) for key in sorted(records))
    assessed = {key[:2] for key in records}
    counted = tuple(one for one in groups if _is_counted(one, scope, assessed))
    return ChosenAssessments(
        tuple(ChosenAssessment(one, state_of(one), names[one.project.key], _machines_of(one)) for one in chosen),
        projects,
        counted,
        tuple(one for one in counted if one.group_key not in assessed and _is_unassessed(inventory, one)),
        dict(sorted(others.items())),
        once(_hiding(inventory, scope, projects, groups)),
    )


def _is_counted(group: AssessmentGroup, scope: ReadinessScope, assessed: set[tuple[str, str]]) -> bool:
    """Return whether the machines of a group count: unless all of its assessments are left out, or of other kinds."""
    if group.group_key in assessed:
        return True
    of_others = len(list(_other_kinds(group)))
    return scope.assessment is None and (not of_others or of_others < len(group.assessments))


def _is_unassessed(inventory: Inventory, group: AssessmentGroup) -> bool:
    """Return whether a group has machines, and its list of assessments was read and is empty."""
    unread = group.assessments or inventory.gaps(GROUP_ASSESSMENTS, group.id, rests_on=())
    return bool(group.machine_count) and not unread


def _machines_of(assessment: Assessment) -> str:
    return ASSESSED_MACHINES if assessment.is_newer else GROUP_ASSESSED_MACHINES


def _preferred(inventory: Inventory, records: list[Assessment]) -> Assessment:
    """Return the record to look at: the shape with groups, unless only the machines of the other were read."""
    ordered = sorted(records, key=lambda one: (one.is_newer, one.id))
    if len(ordered) == 1:
        return ordered[0]
    read = (one for one in ordered if not inventory.gaps(_machines_of(one), one.id, rests_on=RESTS_ON))
    return next(read, ordered[0])


def _other_kinds(group: AssessmentGroup) -> Iterator[str]:
    """Yield the kind of each assessment of a group that is none of virtual machines, such as `avsAssessments`."""
    for text in group.assessments:
        segments = text.rstrip("/").split("/")
        if len(segments) > 1 and segments[-2].lower() != "assessments":
            yield segments[-2]


def _count(kinds: Counter[str], kind: str) -> None:
    kinds[kind if kind in kinds or len(kinds) < MOST_KINDS else "further kinds"] += 1


def _hiding(
    inventory: Inventory,
    scope: ReadinessScope,
    projects: Iterable[AssessmentProject],
    groups: Iterable[AssessmentGroup],
) -> Iterator[Gap]:
    for subscription in sorted(scope.subscriptions if scope.subscriptions is not None else inventory.scanned):
        yield from may_hide(inventory, ASSESSMENT_PROJECTS, f"/subscriptions/{subscription}")
    for project in projects:
        yield from inventory.gaps(ASSESSMENT_GROUPS, project.id, rests_on=())
        yield from inventory.gaps(ASSESSMENTS, project.id, rests_on=())
    for group in groups:
        yield from inventory.gaps(GROUP_ASSESSMENTS, group.id, rests_on=())
