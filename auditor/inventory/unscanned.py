"""Subscriptions outside a scan: the gaps of what they contain."""

from auditor.inventory.arm_id import ArmId
from auditor.inventory.inventory import Inventory
from auditor.inventory.lists import needs_of
from auditor.inventory.reads import NOT_SCANNED, Gap
from auditor.inventory.resources.subscriptions import Subscription, seen_only


def unscanned(inventory: Inventory, identity: ArmId, what: str) -> tuple[Gap, ...]:
    """Return the gap for a subscription outside the scan; empty for one inside."""
    subscription = identity.subscription_id
    if subscription is None or subscription.subscription in inventory.scanned:
        return ()
    held = inventory.get(subscription)
    words = seen_only([held]) if isinstance(held, Subscription) else "the subscription is outside this scan"
    return (Gap(what, str(subscription), 0, NOT_SCANNED, words, needs_of(what)),)
