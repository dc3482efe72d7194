"""The names that `readiness` is asked for: each must exist inside those before it, as far as every name was read."""

from collections.abc import Iterator
from dataclasses import replace

from auditor.facts.readiness.assessments import chosen_assessments
from auditor.inventory.inventory import Inventory
from auditor.inventory.lists import ASSESSMENT_PROJECTS, GROUP_ASSESSMENTS, OLD_PROJECTS, PROJECTS, RESOURCE_GROUPS
from auditor.inventory.readiness_scope import ReadinessScope, portal_name
from auditor.inventory.resources.assessments import Assessment, AssessmentGroup
from auditor.inventory.resources.migrate import AssessmentProject
from auditor.inventory.resources.subscriptions import ResourceGroup
from auditor.library.places import hides_names, project_ids, refuse_unless_held


def refuse_unknown_names(inventory: Inventory, scope: ReadinessScope) -> None:
    """Raise `UsageFailed` for a name that nothing in the scope before it has, if every list of names there was read.

    Before a resource group are the subscriptions, before a project its resource group, before a group the project, and
    before an assessment the group.
    """
    if scope.resource_group is not None and not hides_names(inventory, RESOURCE_GROUPS):
        groups = (one.arm_id for one in inventory.all(ResourceGroup))
        held = [one.name for one in groups if scope.subscriptions is None or one.subscription in scope.subscriptions]
        refuse_unless_held("resource group", scope.resource_group, held)
    if scope.project is not None and not any(map(hides_names, [inventory] * 3, _PROJECTS)):
        refuse_unless_held(f"project{_inside(scope)}", scope.project, list(_projects(inventory, scope)))
    _refuse_unknown_assessments(inventory, scope)


_PROJECTS = (PROJECTS, OLD_PROJECTS, ASSESSMENT_PROJECTS)


def _inside(scope: ReadinessScope) -> str:
    return "" if scope.resource_group is None else f" in `{scope.resource_group}`"


def _projects(inventory: Inventory, scope: ReadinessScope) -> Iterator[str]:
    """Yield the names of the projects, of their assessment projects, and those that only a site refers to."""
    around = replace(scope, project=None)
    yield from (one.name for one in project_ids(inventory) if around.has_place(one))
    for one in inventory.all(AssessmentProject):
        if around.has_project(one):
            yield from (one.arm_id.name, portal_name(one))


def _refuse_unknown_assessments(inventory: Inventory, scope: ReadinessScope) -> None:
    """Raise `UsageFailed` for a group or an assessment that no project in the scope has."""
    in_projects = chosen_assessments(inventory, replace(scope, group=None, assessment=None))
    projects = {one.arm_id.key for one in in_projects.projects}
    every = [one for one in inventory.all(Assessment) if one.project.key in projects]
    if scope.group is not None and all(gap.what.lower() == GROUP_ASSESSMENTS.lower() for gap in in_projects.gaps):
        groups = (one for one in inventory.all(AssessmentGroup) if one.arm_id.parent.key in projects)
        names = {*(one.group for one in every), *(one.arm_id.name for one in groups)} - {""}
        refuse_unless_held("group", scope.group, sorted(names))
    in_group = replace(scope, assessment=None)
    if scope.assessment is not None and not chosen_assessments(inventory, in_group).gaps:
        names = {one.arm_id.name for one in every if in_group.has_assessment(one)}
        refuse_unless_held("assessment", scope.assessment, sorted(names))
