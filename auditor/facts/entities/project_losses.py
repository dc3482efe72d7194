"""Lost references of a project: sites, workspaces and replication storage accounts that no longer exist."""

from collections.abc import Iterable

from auditor.facts.estate.appliances import SITE_KINDS
from auditor.facts.estate.environment import Context
from auditor.facts.fact import Evidence, Fact, Gap, Known, combine, hidden_by, once
from auditor.facts.presence import exists
from auditor.inventory.arm_id import ArmId, arm_id
from auditor.inventory.lists import ASSESSMENT_PROJECTS, SOLUTIONS, STORAGE_ACCOUNTS, WORKSPACES
from auditor.inventory.resources.migrate import Solution

_STORAGE_DETAIL = "replicationStorageAccountId"


def missing_sites(context: Context, project: ArmId) -> Fact[list[str]]:
    """Return the ids of sites that solutions of `project` refer to and that do not exist."""
    solutions = _solutions(context, project)
    named = (site for one in solutions for site in map(arm_id, one.sites_by_appliance.values()))
    lists = {site: SITE_KINDS[site.type.lower()][1] for site in named if site and site.type.lower() in SITE_KINDS}
    because = (Evidence(one.id, "names its sites") for one in solutions)
    return _gone(context, lists, because, context.inventory.gaps(SOLUTIONS, project))


def missing_storage(context: Context, project: ArmId) -> Fact[list[str]]:
    """Return the ids of replication storage accounts that solutions of `project` refer to and that do not exist."""
    named = {one.id: arm_id(one.extended_details.get(_STORAGE_DETAIL)) for one in _solutions(context, project)}
    lists = dict.fromkeys((account for account in named.values() if account is not None), STORAGE_ACCOUNTS)
    because = (Evidence(solution, f"{_STORAGE_DETAIL}: {account}") for solution, account in named.items() if account)
    return _gone(context, lists, because, context.inventory.gaps(SOLUTIONS, project))


def missing_workspaces(context: Context, project: ArmId) -> Fact[list[str]]:
    """Return the ids of workspaces that assessment projects of `project` refer to and that do not exist."""
    naming = context.estate.attached_by_project.get(project.key, ())
    named = (arm_id(one.properties.customer_workspace_id) for one in naming)
    lists = dict.fromkeys((workspace for workspace in named if workspace is not None), WORKSPACES)
    because = (Evidence(one.id, "names a workspace") for one in naming)
    hidden = context.inventory.gaps(ASSESSMENT_PROJECTS, project.subscription_id or project)
    return _gone(context, lists, because, hidden)


def _solutions(context: Context, project: ArmId) -> tuple[Solution, ...]:
    return context.estate.solutions_by_project.get(project.key, ())


def _gone(
    context: Context, lists: dict[ArmId, str], because: Iterable[Evidence], hidden: Iterable[Gap]
) -> Fact[list[str]]:
    """Return the ids that are missing from their lists; `hidden` may hide further ones."""
    existing = [exists(context.inventory, one, what) for one, what in lists.items()]
    gone = combine(
        lambda *known: [str(one) for one, is_there in zip(lists, known, strict=False) if not is_there],
        *existing,
        *hidden_by(tuple(hidden)),
    )
    return Known(gone.value, once((*gone.because, *because))) if isinstance(gone, Known) else gone
