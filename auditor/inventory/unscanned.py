"""Subscriptions outside a scan: the gaps of what they contain, and their names in words."""

from collections.abc import Sequence

from auditor.inventory.arm_id import ArmId
from auditor.inventory.inventory import Inventory
from auditor.inventory.lists import needs_of
from auditor.inventory.reads import NOT_SCANNED, Gap
from auditor.inventory.resources.subscriptions import Subscription

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


def seen_only(unread: Sequence[Subscription]) -> str:
    """Return in words that these subscriptions were not read; the first few are named."""
    names = sorted((f"`{held.display_name or held.arm_id.name}`" for held in unread), key=str.lower)
    more = [f"{len(names) - _NAMED:,} more"] if len(names) > _NAMED else []
    *first, last = [*names[:_NAMED], *more]
    verb = "was" if len(names) == 1 else "were"
    return f"{', '.join(first)}{' and ' if first else ''}{last} can be seen and {verb} not read"
