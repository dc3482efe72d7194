"""Whose environment a result is about."""

from collections.abc import Mapping

from auditor.inventory.inventory import Inventory
from auditor.inventory.resources.subscriptions import Subscription, Tenant


def tenant_name(inventory: Inventory) -> str:
    """Return what the tenant calls itself, or its id."""
    own = [one for one in inventory.all(Tenant) if one.arm_id.name.lower() == inventory.tenant_id.lower()]
    return next((one.default_domain for one in own if one.default_domain), inventory.tenant_id)


def subscription_titles(inventory: Inventory) -> Mapping[str, str]:
    """Return what people call the subscriptions, by id in lower case."""
    return {one.arm_id.name.lower(): one.display_name for one in inventory.all(Subscription)}
