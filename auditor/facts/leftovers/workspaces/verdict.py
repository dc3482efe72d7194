"""Verdicts on Log Analytics workspaces: left behind by a deleted project, or still needed."""

from collections.abc import Iterator

from auditor.facts.estate.environment import Context
from auditor.facts.leftovers.associations import Associations, since
from auditor.facts.leftovers.leftover import Candidate, Leftover, LeftoverKind, OtherUses, judged
from auditor.facts.leftovers.workspaces.association import associations_of
from auditor.facts.leftovers.workspaces.ingestion import Arrivals, arrivals
from auditor.facts.leftovers.workspaces.uses import UsesFound
from auditor.inventory.arm_id import ArmId, arm_id
from auditor.inventory.inventory import Inventory
from auditor.inventory.resources.loganalytics import Workspace
from auditor.inventory.resources.subscriptions import Subscription


def workspaces_read(inventory: Inventory) -> Iterator[Workspace]:
    """Yield the live workspaces, in the order of ids, without those of which only what Resource Graph shows was read.

    Nothing that was read associates these with Azure Migrate, and nothing else is known of them.
    """
    for workspace in inventory.all(Workspace):
        if workspace.arm_id.subscription not in inventory.surveyed:
            yield workspace


def judgements(context: Context) -> Iterator[Leftover]:
    """Yield the verdict on every live workspace of the inventory, in the order of ids."""
    found = UsesFound(context.inventory)
    for workspace in workspaces_read(context.inventory):
        yield judge(context, workspace, associations_of(context, workspace), found.of(workspace.arm_id))


def judge(context: Context, workspace: Workspace, associations: Associations, other_uses: OtherUses) -> Leftover:
    """Return one workspace with the verdict that follows from its associations and its other uses."""
    arrived = arrivals(context.inventory, workspace.arm_id)
    name = workspace.display_name
    return judged(
        Candidate(
            kind=LeftoverKind.WORKSPACE,
            name=name,
            associations=associations,
            other_uses=other_uses,
            since=since(context, associations, workspace.arm_id.subscription_id),
            holds=_holds(context, workspace.arm_id, arrived),
            costs=(*costs_of(workspace), _last_data(arrived)),
        )
    )


def costs_of(workspace: Workspace) -> Iterator[str]:
    """Yield phrases on what the price of a workspace depends on, from the body of the workspace."""
    properties = workspace.properties
    if properties.retention_in_days is not None:
        yield f"a retention of {properties.retention_in_days:,} days"
    cap = _inner(properties.workspace_capping, "dailyQuotaGb")  # Azure writes -1 where there is none
    capped = isinstance(cap, int | float) and cap >= 0
    yield f"a daily cap of {cap:g} GB" if capped else "no daily cap"
    tier = _inner(properties.sku, "name")
    if tier:
        yield f"the pricing tier {tier}"


def _holds(context: Context, workspace: ArmId, arrived: object) -> Iterator[str]:
    names = sorted(one.display_name for one in context.references.solutions_on(workspace))
    yield from (f"the solution `{name}`" for name in names)
    if isinstance(arrived, Arrivals) and arrived.newest:
        yield f"data of the types {', '.join(sorted(arrived.newest))}"


def _last_data(arrived: object) -> str:
    if not isinstance(arrived, Arrivals):
        return "its newest data, whose date was not read"
    return (
        f"its newest data, which arrived on {arrived.last:%Y-%m-%d}" if arrived.last else "no data in the last 31 days"
    )


def _inner(value: object, key: str) -> object:
    return value.get(key) if isinstance(value, dict) else None


def read_only_state(context: Context, leftover: Leftover) -> str:
    """Return the state of the subscription of a leftover if nothing can be changed in it; empty otherwise."""
    place = arm_id(leftover.id)
    subscription = context.inventory.get(place.subscription_id) if place and place.subscription_id else None
    if not isinstance(subscription, Subscription) or subscription.is_writable is not False:
        return ""
    return subscription.state or ""
