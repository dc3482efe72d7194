"""Facts about one Log Analytics workspace: whether Azure Migrate had it, whether it still does, who else uses it."""

from dataclasses import dataclass

from auditor.facts.context import Context
from auditor.facts.declared import SubjectKind
from auditor.facts.estate import ASSESSMENT_PROJECTS, OLD_PROJECTS, PROJECTS
from auditor.facts.fact import Evidence, Fact, Gap, Known, Unknown, all_of, any_of, not_, once, unless_gaps
from auditor.facts.presence import RESOURCE_GROUPS, exists
from auditor.facts.subject import Subject, Value, listed, subject
from auditor.facts.workspace_uses import UsesFound, uses
from auditor.inventory.arm_id import ArmId
from auditor.inventory.resources.loganalytics import Workspace

TAGS = ("migration project", "migrate project")
"""The keys of the tag that names a workspace's project: as documented, and as newer projects' resources carry it."""

OLD_NAME = "migrate-"
"""How the workspaces begin that projects of the old experience made: a hint that is no proof."""

ONLY_A_HINT = "OnlyAHint"
"""Code of a gap for an association that nothing but a name suggests."""


@dataclass(frozen=True, slots=True)
class Tie:
    """One association of a workspace with a project: the project's name, whether it still exists, where this stands."""

    project: str
    alive: Fact[bool]
    because: Evidence


def workspace_subject(context: Context, found: UsesFound, workspace: Workspace) -> Subject:
    """Return the workspace as a subject.

    Associated: an assessment project or a project of the old experience refers to it, or its tag names a project. The
    tag does not prove that Azure Migrate made the workspace, only that they were tied. Its name alone is a hint.
    """
    identity = workspace.arm_id
    ties = _ties(context, workspace)
    hidden = _reference_gaps(context, identity)
    unread: list[Fact[bool]] = [Unknown(hidden)] if hidden else []
    names = sorted({tie.project for tie in ties})
    because = once(tie.because for tie in ties)
    facts: dict[str, Fact[Value]] = {
        "name": Known(workspace.display_name),
        "id": Known(workspace.id),
        "resource_group": Known(identity.resource_group or ""),
        "associated": _associated(workspace, ties, unread),
        "attached": any_of([*(tie.alive for tie in ties), *unread]),
        "projects_gone": all_of([*(not_(tie.alive) for tie in ties), *unread]) if ties else _no_ties(hidden),
        "projects": unless_gaps(names, hidden, *because),
        **_use_facts(found, identity),
    }
    texts = {"association": f"the project {listed(names)}" if names else "no project"}
    return subject(SubjectKind.WORKSPACE, workspace.id, workspace.display_name, facts, texts)


def _ties(context: Context, workspace: Workspace) -> list[Tie]:
    key = workspace.arm_id.key
    ties: list[Tie] = []
    for assessment in context.estate.assessments_by_workspace.get(key, ()):
        project = context.estate.project_of_assessment(assessment)
        evidence = Evidence(assessment.id, "customerWorkspaceId refers to it")
        if project is None:  # it names no project: nothing tells whose it is, so it may well be in use
            ties.append(Tie(assessment.display_name, Known(True, (evidence,)), evidence))
        else:
            ties.append(Tie(project.name, exists(context.inventory, project, PROJECTS), evidence))
    for old in context.estate.old_projects_by_workspace.get(key, ()):
        evidence = Evidence(old.id, "customerWorkspaceId refers to it")
        ties.append(Tie(old.display_name, Known(True, (evidence,)), evidence))
    for tag in TAGS:
        name = workspace.tag_values.get(tag, "").strip()
        if name:
            alive = _project_of_name(context, workspace.arm_id, name)
            ties.append(Tie(name, alive, Evidence(workspace.id, f"tag {tag}: {name}")))
    return ties


def _project_of_name(context: Context, workspace: ArmId, name: str) -> Fact[bool]:
    """Whether a project of this name exists: anywhere that was read; absent only where its subscription was."""
    held = context.estate.projects_by_name.get(name.lower(), ())
    if held:
        return Known(True, tuple(Evidence(str(project), "exists") for project in held))
    scope = workspace.subscription_id or workspace
    gaps = (
        gap
        for what in (PROJECTS, OLD_PROJECTS, RESOURCE_GROUPS)
        for gap in context.inventory.gaps(what, scope, below=False)
    )
    return unless_gaps(False, gaps, Evidence(str(scope), f"no project `{name}`"))


def _associated(workspace: Workspace, ties: list[Tie], unread: list[Fact[bool]]) -> Fact[bool]:
    if ties:
        return Known(True, once(tie.because for tie in ties))
    hint: list[Fact[bool]] = []
    if workspace.display_name.lower().startswith(OLD_NAME):
        message = f"only its name suggests that a project `{workspace.display_name[len(OLD_NAME) :]}` made it"
        hint.append(Unknown((Gap(ASSESSMENT_PROJECTS, workspace.id, 0, ONLY_A_HINT, message),)))
    return any_of([Known(False, (Evidence(workspace.id),)), *hint, *unread])


def _no_ties(hidden: tuple[Gap, ...]) -> Fact[bool]:
    return unless_gaps(True, hidden)


def _reference_gaps(context: Context, workspace: ArmId) -> tuple[Gap, ...]:
    """What may hide a reference: a workspace can be attached to projects of its own subscription only."""
    scope = workspace.subscription_id or workspace
    return once(gap for what in (ASSESSMENT_PROJECTS, OLD_PROJECTS) for gap in context.inventory.gaps(what, scope))


def _use_facts(found: UsesFound, workspace: ArmId) -> dict[str, Fact[Value]]:
    """Whether anything else uses the workspace: one hit proves it; that nothing does takes every check."""
    checks = [(use, found.hits(use, workspace), found.gaps(use, workspace)) for use in uses()]
    used = any_of(Known(True, hits) if hits else unless_gaps(False, gaps) for _, hits, gaps in checks)
    titles = [use.title for use, hits, _ in checks if hits]
    because = (item for _, hits, _ in checks for item in hits)
    return {"used_otherwise": used, "uses": unless_gaps(titles, (gap for *_, gaps in checks for gap in gaps), *because)}
