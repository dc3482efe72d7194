"""Facts about one Log Analytics workspace: whether Azure Migrate had it, whether it still does, who else uses it."""

from auditor.facts.estate.environment import Context
from auditor.facts.fact import Fact, Known, unless_gaps
from auditor.facts.leftovers.leftover import Serving
from auditor.facts.leftovers.verdict import judge
from auditor.facts.leftovers.workspace_uses import UsesFound
from auditor.facts.leftovers.workspaces import ties_of
from auditor.facts.schema import SubjectKind
from auditor.facts.subject import Subject, Value, listed, subject
from auditor.facts.subjects.leftover import in_words
from auditor.inventory.resources.loganalytics import Workspace


def workspace_subject(context: Context, found: UsesFound, workspace: Workspace) -> Subject:
    """Return the workspace as a subject."""
    ties, serving = ties_of(context, workspace), found.of(workspace.arm_id)
    judgement = judge(context, workspace, ties, serving)
    facts: dict[str, Fact[Value]] = {
        "name": Known(workspace.display_name),
        "id": Known(workspace.id),
        "resource_group": Known(workspace.arm_id.resource_group or ""),
        "verdict": judgement.fact,
        "associated": ties.associated,
        "attached": ties.attached,
        "projects_gone": ties.gone,
        "projects": unless_gaps(list(ties.projects), ties.hidden, *ties.because),
        "used_otherwise": serving.used,
        "uses": _uses(serving),
    }
    texts = {
        "association": f"the project {listed(ties.projects)}" if ties.projects else "no project",
        **in_words(judgement),
    }
    return subject(SubjectKind.WORKSPACE, workspace.id, workspace.display_name, facts, texts)


def _uses(serving: Serving) -> Fact[Value]:
    return unless_gaps(list(serving.hits), serving.unread, *serving.evidence)
