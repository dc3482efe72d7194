"""A project that was named and not found: whether it is known not to exist, and where it may be instead."""

from auditor.facts.estate.environment import Context
from auditor.facts.fact import Fact, Gap, Unknown, any_of, hidden_by, once
from auditor.facts.preflight.plan import RegistrationPlan
from auditor.facts.presence import exists
from auditor.facts.subject import listed
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
    """Return the sentence that the project was not found, with the nearest names and what was not read."""
    project, inventory = plan.project, context.inventory
    group = f" in the resource group `{project.resource_group}`" if project.resource_group else ""
    same = context.estate.projects_by_name.get(project.name.lower(), ())
    close = nearest(project.name, [one.display_name for one in context.estate.projects.values()])
    parts = [f"the project `{project.name}` was not found{group}"]
    if same:
        parts.append(f"one of this name is at {listed(str(one) for one in same)}")
    elif close:
        parts.append(f"the nearest names are {listed(close)}")
    parts += [gap.message for gap in unread_subscriptions(inventory)]
    return "; ".join(parts)
