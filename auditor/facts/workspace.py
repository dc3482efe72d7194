"""Facts about one Log Analytics workspace: whether Azure Migrate had it, whether it still does, who else uses it."""

from auditor.facts.context import Context
from auditor.facts.declared import SubjectKind
from auditor.facts.deletions import ACTIVITY_LOG
from auditor.facts.fact import Fact, Known, unless_gaps
from auditor.facts.ingestion import Arrivals, arrivals
from auditor.facts.subject import Subject, Value, listed, subject
from auditor.facts.workspace_ties import Ties, ties_of
from auditor.facts.workspace_uses import Serving, UsesFound
from auditor.facts.workspace_verdict import judge
from auditor.inventory.resources.loganalytics import Workspace


def workspace_subject(context: Context, found: UsesFound, workspace: Workspace) -> Subject:
    """Return the workspace as a subject."""
    ties, serving = ties_of(context, workspace), found.of(workspace.arm_id)
    facts: dict[str, Fact[Value]] = {
        "name": Known(workspace.display_name),
        "id": Known(workspace.id),
        "resource_group": Known(workspace.arm_id.resource_group or ""),
        "verdict": judge(workspace, ties, serving).fact,
        "associated": ties.associated,
        "attached": ties.attached,
        "projects_gone": ties.gone,
        "projects": unless_gaps(list(ties.projects), ties.hidden, *ties.because),
        "used_otherwise": serving.used,
        "uses": _uses(serving),
    }
    texts = {
        "association": f"the project {listed(ties.projects)}" if ties.projects else "no project",
        "since": _since(context, workspace, ties),
        "holds": _holds(context, workspace),
    }
    return subject(SubjectKind.WORKSPACE, workspace.id, workspace.display_name, facts, texts)


def _uses(serving: Serving) -> Fact[Value]:
    return unless_gaps(list(serving.hits), serving.unread, *serving.evidence)


def _since(context: Context, workspace: Workspace, ties: Ties) -> str:
    """Say since when its project is gone, as far as the Activity Log tells."""
    if ties.deleted is not None:
        return f"was {ties.deleted.words}"
    if context.inventory.gaps(ACTIVITY_LOG, workspace.arm_id.subscription_id or workspace.arm_id):
        return "no longer exists (the Activity Log, which may tell since when, was not read)"
    return "no longer exists (the Activity Log, which keeps 90 days, tells of no deletion)"


def _holds(context: Context, workspace: Workspace) -> str:
    """Say what it costs as far as Azure tells: retention, daily cap, pricing tier, when data last came."""
    properties = workspace.properties
    days, tier, cap = properties.retention_in_days, _inner(properties.sku, "name"), _cap(workspace)
    parts = [
        f"keeps data for {days} days" if days is not None else "",
        f"has a daily cap of {cap:g} GB" if cap is not None else "has no daily cap",
        f"is in the pricing tier {tier}" if tier else "",
        _last_data(context, workspace),
    ]
    *first, last = [part for part in parts if part]
    return f"{', '.join(first)} and {last}"


def _last_data(context: Context, workspace: Workspace) -> str:
    came = arrivals(context.inventory, workspace.arm_id)
    if not isinstance(came, Arrivals):
        return "when data last came in was not read"
    return f"last took in data on {came.last:%Y-%m-%d}" if came.last else "took in no data for 31 days"


def _cap(workspace: Workspace) -> float | None:
    """The daily cap in GB; Azure writes -1 where there is none."""
    quota = _inner(workspace.properties.workspace_capping, "dailyQuotaGb")
    return float(quota) if isinstance(quota, int | float) and quota >= 0 else None


def _inner(value: object, key: str) -> object:
    return value.get(key) if isinstance(value, dict) else None
