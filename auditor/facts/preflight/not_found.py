"""A project that was named and not found: whether it is known not to exist, and where it may be instead."""

from collections.abc import Iterator

from auditor.facts.entities.projects import namesakes_in_words
from auditor.facts.estate.deletions import Deletion, of_name, of_project
from auditor.facts.estate.environment import Context
from auditor.facts.fact import Fact, Gap, Unknown, any_of, hidden_by, once
from auditor.facts.preflight.plan import RegistrationPlan
from auditor.facts.presence import exists
from auditor.facts.subject import listed
from auditor.inventory.arm_id import ArmId
from auditor.inventory.inventory import Inventory
from auditor.inventory.lists import PROJECTS
from auditor.inventory.resources.subscriptions import Subscription
from auditor.nearest import nearest

SEEN_UNREAD = "SubscriptionNotRead"
"""Code of a gap for a subscription that the account can see and that was not read."""


def is_found(context: Context, plan: RegistrationPlan) -> Fact[bool]:
    """Return whether the project exists; unknown too if it may be in a subscription that can be seen and was not read.

    If the user named a subscription, only that one counts.
    """
    there = exists(context.inventory, plan.project, PROJECTS)
    unread = unread_subscriptions(context.inventory)
    if isinstance(there, Unknown):
        named = {gap.scope.lower(): gap for gap in unread}
        there = Unknown(once(named.get(gap.scope.lower(), gap) for gap in there.why))
    return any_of((there, *hidden_by(() if plan.placed else unread)))


def unread_subscriptions(inventory: Inventory) -> tuple[Gap, ...]:
    """Return one gap for each subscription that the account can see and that was not read."""
    return tuple(
        Gap(PROJECTS, one.id, 0, SEEN_UNREAD, f"the subscription `{one.display_name}` can be seen and was not read")
        for one in inventory.all(Subscription)
        if (one.arm_id.subscription or "") not in inventory.scanned
    )


def not_found_in_words(context: Context, plan: RegistrationPlan) -> str:
    """Return the sentence that the project was not found or was deleted, with the nearest names and what was unread."""
    project, inventory = plan.project, context.inventory
    group = f" in the resource group `{project.resource_group}`" if project.resource_group else ""
    same = context.estate.projects_by_name.get(project.name.lower(), ())
    close = nearest(project.name, [one.display_name for one in context.estate.projects.values()])
    deleted = next(_deletions(context, plan), None)
    left = once(one.resource_group for one in _referred_to(context, plan) if one.resource_group)
    parts = [f"the project `{project.name}`{group} was {deleted.words if deleted else 'not found'}"]
    if deleted and not group and deleted.project.resource_group:
        parts[0] += f"; it was in the resource group `{deleted.project.resource_group}`"
    parts += namesakes_in_words(context, same)
    if close and not deleted and not same:
        parts.append(f"the nearest names are {listed(close)}")
    if left:
        parts.append(f"appliances still refer to one in the resource group {listed(left)}")
    parts += [gap.message for gap in unread_subscriptions(inventory)]
    return "; ".join(parts)


def _deletions(context: Context, plan: RegistrationPlan) -> Iterator[Deletion]:
    """Yield the logged deletions of the project, the latest first; of any of its name where its place is not known."""
    project, every = plan.project, context.estate.deletions
    if project.resource_group is not None:
        return of_project(every, project)
    within = {project.subscription} if plan.placed else context.inventory.scanned
    return (one for name in sorted(within, key=str) for one in of_name(every, project.name, name))


def _referred_to(context: Context, plan: RegistrationPlan) -> Iterator[ArmId]:
    """Yield the projects of this name that the sites of appliances refer to."""
    for appliance in context.estate.appliances:
        named = appliance.project
        if named is not None and named.name.casefold() == plan.project.name.casefold():
            yield named
