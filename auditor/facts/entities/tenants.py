"""Tenants of resources: a project, its vault and the identities of its appliances must share one tenant."""

from auditor.facts.estate.environment import Context
from auditor.facts.fact import Fact, Known, Unknown, combine
from auditor.facts.presence import in_body, not_in_body
from auditor.inventory.arm_id import ArmId
from auditor.inventory.lists import SUBSCRIPTIONS
from auditor.inventory.resources.subscriptions import Subscription


def of_another_tenant(context: Context, place: ArmId, what: str, tenant: str | None) -> Fact[bool]:
    """Return whether `tenant`, given in the body of `place` (list `what`), differs from the subscription's tenant."""
    own = in_body(context.inventory, what, str(place), "tenantId", tenant)
    if isinstance(own, Unknown):
        return own
    home = tenant_of(context, place)
    return combine(lambda one, other: str(one).lower() != str(other).lower(), own, home)


def tenant_of(context: Context, place: ArmId) -> Fact[str]:
    """Return the tenant of the subscription that `place` is in."""
    subscription = place.subscription_id or place
    held = context.inventory.get(subscription)
    tenant = held.tenant_id if isinstance(held, Subscription) else None
    if tenant is None:
        return not_in_body(context.inventory, SUBSCRIPTIONS, str(subscription), "tenantId")
    return in_body(context.inventory, SUBSCRIPTIONS, str(subscription), "tenantId", tenant)


def foreign_owner(context: Context, place: ArmId) -> str | None:
    """Return the tenant of the subscription of `place` where it is known to be another one than was read."""
    held = tenant_of(context, place)
    own = context.inventory.tenant_id.lower()
    return held.value if isinstance(held, Known) and held.value.strip().lower() != own else None
