"""Subscriptions outside a scan: the gaps of what they contain, and of those that no list shows."""

from auditor.inventory.arm_id import ArmId
from auditor.inventory.inventory import Inventory
from auditor.inventory.lists import SUBSCRIPTIONS, needs_of
from auditor.inventory.reads import NOT_SCANNED, Gap
from auditor.inventory.resources.subscriptions import Subscription, seen_only

_NAMED = 3
"""Number of subscriptions that a message names."""


def unscanned(inventory: Inventory, identity: ArmId, what: str) -> tuple[Gap, ...]:
    """Return the gap for a subscription outside the scan; empty for one inside."""
    subscription = identity.subscription_id
    if subscription is None or subscription.subscription in inventory.scanned:
        return ()
    held = inventory.get(subscription)
    words = seen_only([held]) if isinstance(held, Subscription) else "the subscription is outside this scan"
    return (Gap(what, str(subscription), 0, NOT_SCANNED, words, needs_of(what)),)


def unlisted(inventory: Inventory) -> tuple[Gap, ...]:
    """Return one gap for the subscriptions of the tenant that the list of subscriptions does not show; empty if none.

    Azure leaves out those in which the account has no role, without a word. They hide what any other subscription hides
    that was not read.
    """
    ids = inventory.unlisted
    if not ids:
        return ()
    names = [f"`{one.rpartition('/')[2]}`" for one in ids[:_NAMED]]
    more = f" and {len(ids) - _NAMED:,} more" if len(ids) > _NAMED else ""
    kind = "the subscription" if len(ids) == 1 else f"{len(ids):,} subscriptions:"
    words = f"this account cannot see {kind} {', '.join(names)}{more} of the tenant; give it the role Reader there"
    return (Gap(SUBSCRIPTIONS, "/", 0, NOT_SCANNED, words, needs_of(SUBSCRIPTIONS)),)
