"""What ties a Log Analytics workspace to Azure Migrate: the projects it was given to, and whether they still exist."""

from auditor.facts.context import Context
from auditor.facts.estate import ASSESSMENT_PROJECTS, OLD_PROJECTS
from auditor.facts.fact import Evidence, Gap, Known, once
from auditor.facts.ties import Tie, Ties, only_a_hint, tie_to, ties_by_tags
from auditor.inventory.arm_id import ArmId
from auditor.inventory.association import named_project
from auditor.inventory.resources.loganalytics import Workspace


def ties_of(context: Context, workspace: Workspace) -> Ties:
    """Return what ties `workspace`, live or soft-deleted, to Azure Migrate.

    An assessment project or a project of the old experience refers to it, or its tag names a project. The tag does not
    prove that Azure Migrate made the workspace, only that they were tied.
    """
    identity = workspace.arm_id
    return Ties(
        workspace.id,
        (*_references(context, identity), *ties_by_tags(context, workspace)),
        _reference_gaps(context, identity),
        _hint(workspace),
    )


def _hint(workspace: Workspace) -> tuple[Gap, ...]:
    name = named_project(workspace)
    message = f"only its name suggests that a project `{name}` made it"
    return only_a_hint(ASSESSMENT_PROJECTS, workspace.id, message) if name else ()


def _references(context: Context, workspace: ArmId) -> list[Tie]:
    ties: list[Tie] = []
    for assessment in context.estate.assessments_by_workspace.get(workspace.key, ()):
        project = context.estate.project_of_assessment(assessment)
        evidence = Evidence(assessment.id, "customerWorkspaceId refers to it")
        if project is None:  # it names no project: nothing tells whose it is, so it may well be in use
            ties.append(Tie(assessment.display_name, Known(True, (evidence,)), evidence))
        else:
            ties.append(tie_to(context, project, evidence))
    for old in context.estate.old_projects_by_workspace.get(workspace.key, ()):
        evidence = Evidence(old.id, "customerWorkspaceId refers to it")
        ties.append(Tie(old.display_name, Known(True, (evidence,)), evidence))
    return ties


def _reference_gaps(context: Context, workspace: ArmId) -> tuple[Gap, ...]:
    """What may hide a reference: a workspace can be attached to projects of its own subscription only."""
    scope = workspace.subscription_id or workspace
    return once(gap for what in (ASSESSMENT_PROJECTS, OLD_PROJECTS) for gap in context.inventory.gaps(what, scope))
