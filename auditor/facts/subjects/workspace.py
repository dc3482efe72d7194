"""Facts about one Log Analytics workspace: its associations with Azure Migrate and its other uses."""

from auditor.facts.estate.environment import Context
from auditor.facts.fact import Fact, Known, unless_gaps
from auditor.facts.leftovers.leftover import OtherUses
from auditor.facts.leftovers.verdict import judge
from auditor.facts.leftovers.workspace_uses import UsesFound
from auditor.facts.leftovers.workspaces import associations_of
from auditor.facts.schema import SubjectKind
from auditor.facts.subject import Subject, Value, listed, subject
from auditor.facts.subjects.leftover import in_words
from auditor.inventory.resources.loganalytics import Workspace


def workspace_subject(context: Context, found: UsesFound, workspace: Workspace) -> Subject:
    """Return the workspace as a subject."""
    associations, other_uses = associations_of(context, workspace), found.of(workspace.arm_id)
    judgement = judge(context, workspace, associations, other_uses)
    facts: dict[str, Fact[Value]] = {
        "name": Known(workspace.display_name),
        "id": Known(workspace.id),
        "resource_group": Known(workspace.arm_id.resource_group or ""),
        "verdict": judgement.fact,
        "associated": associations.associated,
        "attached": associations.attached,
        "projects_gone": associations.gone,
        "projects": unless_gaps(list(associations.projects), associations.hidden, *associations.because),
        "used_otherwise": other_uses.used,
        "uses": _uses(other_uses),
    }
    texts = {
        "association": f"the project {listed(associations.projects)}" if associations.projects else "no project",
        **in_words(judgement),
    }
    return subject(SubjectKind.WORKSPACE, workspace.id, workspace.display_name, facts, texts)


def _uses(other_uses: OtherUses) -> Fact[Value]:
    return unless_gaps(list(other_uses.hits), other_uses.unread, *other_uses.evidence)
