"""What ties a Log Analytics workspace to Azure Migrate: the projects it was given to, and whether they still exist."""

from dataclasses import dataclass

from auditor.facts.context import Context
from auditor.facts.deletions import Deletion, of_name, of_project
from auditor.facts.estate import ASSESSMENT_PROJECTS, OLD_PROJECTS, PROJECTS
from auditor.facts.fact import Evidence, Fact, Gap, Known, Unknown, all_of, any_of, hidden_by, not_, once, unless_gaps
from auditor.facts.presence import RESOURCE_GROUPS, exists
from auditor.inventory.arm_id import ArmId
from auditor.inventory.association import named_project, tagged_projects
from auditor.inventory.resources.loganalytics import Workspace

ONLY_A_HINT = "OnlyAHint"
"""Code of a gap for an association that nothing but a name suggests."""


@dataclass(frozen=True, slots=True)
class Tie:
    """One association of a workspace with a project: the project's name, whether it still exists, where this stands."""

    project: str
    alive: Fact[bool]
    because: Evidence
    deleted: tuple[Deletion, ...] = ()

    @property
    def gone(self) -> Fact[bool]:
        """Whether the project is gone: by the lists, with the deletion itself as evidence where it is still logged."""
        gone = not_(self.alive)
        if isinstance(gone, Known) and gone.value:
            return Known(True, once([*gone.because, *(one.evidence for one in self.deleted)]))
        return gone


@dataclass(frozen=True, slots=True)
class Ties:
    """All associations of a workspace that were found, and what may hide further ones."""

    found: tuple[Tie, ...]
    hint: str
    workspace: str
    hidden: tuple[Gap, ...]

    @property
    def projects(self) -> tuple[str, ...]:
        """The names of the projects, each once."""
        return tuple(sorted({tie.project for tie in self.found}))

    @property
    def because(self) -> tuple[Evidence, ...]:
        """Where the associations stand."""
        return once(tie.because for tie in self.found)

    @property
    def associated(self) -> Fact[bool]:
        """Whether it was associated with a project; its name alone is a hint that leaves this open."""
        if self.found:
            return Known(True, self.because)
        hint: list[Fact[bool]] = []
        if self.hint:
            message = f"only its name suggests that a project `{self.hint}` made it"
            hint.append(Unknown((Gap(ASSESSMENT_PROJECTS, self.workspace, 0, ONLY_A_HINT, message),)))
        return any_of([Known(False, (Evidence(self.workspace),)), *hint, *hidden_by(self.hidden)])

    @property
    def attached(self) -> Fact[bool]:
        """Whether a project that exists uses it."""
        return any_of([*(tie.alive for tie in self.found), *hidden_by(self.hidden)])

    @property
    def gone(self) -> Fact[bool]:
        """Whether every project that it was associated with is gone."""
        if not self.found:
            return unless_gaps(True, self.hidden)
        return all_of([*(tie.gone for tie in self.found), *hidden_by(self.hidden)])

    @property
    def deleted(self) -> Deletion | None:
        """The latest deletion of one of its projects that is still logged."""
        every = [one for tie in self.found for one in tie.deleted]
        return max(every, key=lambda one: one.at, default=None)


def ties_of(context: Context, workspace: Workspace) -> Ties:
    """Return what ties `workspace` to Azure Migrate.

    An assessment project or a project of the old experience refers to it, or its tag names a project. The tag does not
    prove that Azure Migrate made the workspace, only that they were tied.
    """
    identity = workspace.arm_id
    found = [*_references(context, identity), *_tags(context, workspace)]
    return Ties(tuple(found), named_project(workspace), workspace.id, _reference_gaps(context, identity))


def _references(context: Context, workspace: ArmId) -> list[Tie]:
    ties: list[Tie] = []
    logged = context.estate.deletions
    for assessment in context.estate.assessments_by_workspace.get(workspace.key, ()):
        project = context.estate.project_of_assessment(assessment)
        evidence = Evidence(assessment.id, "customerWorkspaceId refers to it")
        if project is None:  # it names no project: nothing tells whose it is, so it may well be in use
            ties.append(Tie(assessment.display_name, Known(True, (evidence,)), evidence))
        else:
            alive = exists(context.inventory, project, PROJECTS)
            ties.append(Tie(project.name, alive, evidence, tuple(of_project(logged, project))))
    for old in context.estate.old_projects_by_workspace.get(workspace.key, ()):
        evidence = Evidence(old.id, "customerWorkspaceId refers to it")
        ties.append(Tie(old.display_name, Known(True, (evidence,)), evidence))
    return ties


def _tags(context: Context, workspace: Workspace) -> list[Tie]:
    identity = workspace.arm_id
    logged = context.estate.deletions
    return [
        Tie(
            name,
            _project_of_name(context, identity, name),
            Evidence(workspace.id, f"tag {tag}: {name}"),
            tuple(of_name(logged, name, identity.subscription)),
        )
        for tag, name in tagged_projects(workspace)
    ]


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


def _reference_gaps(context: Context, workspace: ArmId) -> tuple[Gap, ...]:
    """What may hide a reference: a workspace can be attached to projects of its own subscription only."""
    scope = workspace.subscription_id or workspace
    return once(gap for what in (ASSESSMENT_PROJECTS, OLD_PROJECTS) for gap in context.inventory.gaps(what, scope))
