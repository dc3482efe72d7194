"""Accounts of other tenants: nothing can be known of them here, and that is an answer."""

from collections.abc import Callable

from auditor.collect.request import UnknownAccount
from auditor.inventory.inventory import Inventory
from auditor.inventory.resources.directory import User
from auditor.inventory.resources.subscriptions import Tenant
from auditor.inventory.snapshot.snapshot import Snapshot


def read_despite_strangers(read: Callable[[tuple[str, ...]], Snapshot], accounts: tuple[str, ...]) -> Snapshot:
    """Return what `read` yields for those of `accounts` that are not of another tenant.

    What the directory does not hold is either a slip, which raises `UnknownAccount`, or an address of another tenant.
    Only what was read tells which domains are this tenant's.
    """
    try:
        return read(accounts)
    except UnknownAccount as unknown:
        if unknown.several or "@" not in unknown.asked:
            raise
        snapshot = read_despite_strangers(read, tuple(text for text in accounts if text != unknown.asked))
        if not is_foreign_address(Inventory.of(snapshot), unknown.asked):
            raise
        return snapshot


def is_foreign_address(inventory: Inventory, text: str) -> bool:
    """Return whether `text` is an address of a domain that nobody of this tenant signs in with."""
    domain = text.rpartition("@")[2].casefold()
    return "@" in text and "#" not in text and bool(_domains(inventory)) and domain not in _domains(inventory)


def _domains(inventory: Inventory) -> frozenset[str]:
    """The tenant's own domains, as far as the tenant and the sign-in names of its users tell."""
    found: set[str] = set()
    for tenant in inventory.all(Tenant):
        if tenant.arm_id.name.lower() == inventory.tenant_id.lower():
            body = inventory.body(tenant.arm_id) or {}
            domains = body.get("domains")
            listed = domains if isinstance(domains, list) else []
            found |= {str(one).casefold() for one in (*listed, tenant.default_domain) if one}
    names = (user.user_principal_name or "" for user in inventory.objects(User))
    return frozenset(found | {name.rpartition("@")[2].casefold() for name in names if "@" in name})
