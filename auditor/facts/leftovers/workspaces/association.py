"""Associations of Log Analytics workspaces: the projects that used each, and whether they still exist."""

from auditor.facts.estate.environment import Context
from auditor.facts.fact import Evidence, Gap, Known, once
from auditor.facts.leftovers.associations import (
    Association,
    Associations,
    association_with,
    associations_by_tags,
    only_a_hint,
)
from auditor.facts.subject import OwningProject
from auditor.inventory.association import named_project, owner_of
from auditor.inventory.lists import ASSESSMENT_PROJECTS, OLD_PROJECTS
from auditor.inventory.resources.loganalytics import Workspace
from auditor.inventory.resources.migrate import AssessmentProject

SERVICE_MAP = "OMSGallery/ServiceMap"
"""The product of the solution for dependency analysis, which Azure Migrate and others install."""


def associations_of(context: Context, workspace: Workspace) -> Associations:
    """Return the associations of `workspace`, live or soft-deleted, with Azure Migrate.

    An assessment project or a project of the old experience refers to it, or its tag names a project. The tag does not
    prove that Azure Migrate created the workspace, only that they were associated.
    """
    return Associations(
        workspace.id,
        (*_references(context, workspace), *associations_by_tags(context, workspace)),
        _reference_gaps(context, workspace),
        _hint(workspace),
        _weak(context, workspace),
    )


def _hint(workspace: Workspace) -> tuple[Gap, ...]:
    name = named_project(workspace)
    message = f"only its name suggests that a project `{name}` created it"
    return only_a_hint(ASSESSMENT_PROJECTS, workspace.id, message) if name else ()


def _weak(context: Context, workspace: Workspace) -> tuple[Evidence, ...]:
    """Return Service Map solutions: weak evidence, since landing zones install them without Azure Migrate too."""
    held = context.references.solutions_on(workspace.arm_id)
    note = "Service Map, which others use too"
    return tuple(Evidence(one.id, note) for one in held if (one.plan.product or "").lower() == SERVICE_MAP.lower())


def _references(context: Context, workspace: Workspace) -> list[Association]:
    associations: list[Association] = []
    for referring in context.estate.referring_to(workspace):
        evidence = Evidence(referring.id, "customerWorkspaceId refers to it")
        project = owner_of(referring) if isinstance(referring, AssessmentProject) else None
        if project is None:  # an old project exists itself; an assessment project that names none may be in use
            own = OwningProject(
                "" if isinstance(referring, AssessmentProject) else referring.id, referring.display_name
            )
            associations.append(Association(referring.display_name, Known(True, (evidence,)), evidence, refs=(own,)))
        else:
            associations.append(association_with(context, project, evidence))
    return associations


def _reference_gaps(context: Context, workspace: Workspace) -> tuple[Gap, ...]:
    """Return the gaps that may hide a reference; only projects of its own subscription can refer to a workspace."""
    scope = workspace.arm_id.subscription_id or workspace.arm_id
    unread = (gap for what in (ASSESSMENT_PROJECTS, OLD_PROJECTS) for gap in context.inventory.gaps(what, scope))
    return once([*unread, *context.estate.odd_references(scope)])
