"""Access policies that would grant an account its missing rights in a key vault."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from auditor.access.key_vault.permissions import every_permission, permissions_for
from auditor.access.rbac.patterns import normalized
from auditor.facts.estate.environment import Context
from auditor.facts.preflight.missing import Missing
from auditor.facts.rights.vault_access import decides_by_roles
from auditor.inventory.arm_id import ArmId
from auditor.inventory.resources.keyvault import Vault

CATEGORIES = ("secrets", "keys", "certificates")


@dataclass(frozen=True, slots=True)
class PolicyOffer:
    """The complete access policy that an account should have in one vault: permission names by category.

    `before` are the permissions of the same categories that it has now; empty if it has no policy at all.
    """

    vault: str
    name: str
    subscription: str
    permissions: Mapping[str, tuple[str, ...]]
    before: Mapping[str, tuple[str, ...]]


def policy_offers(context: Context, account: str, missing: Iterable[Missing]) -> tuple[PolicyOffer, ...]:
    """Return one policy per vault that uses access policies and in which rights are missing.

    Azure replaces all permissions of a category at once, so the offer includes those that the account already has.
    """
    wanted: dict[str, dict[str, set[str]]] = {}
    for right in missing:
        if right.plane == "data" and right.can_be_given and _by_policies(context, right.scope):
            for action in right.actions:
                category, names = permissions_for(normalized(action)) or ("", ())
                wanted.setdefault(right.scope, {}).setdefault(category, set()).update(names)
    return tuple(_offer(context, account, vault, needed) for vault, needed in sorted(wanted.items()))


def _offer(context: Context, account: str, vault: str, needed: Mapping[str, set[str]]) -> PolicyOffer:
    held = _held(context, account, vault)
    identity = ArmId.parse(vault)
    permissions = {
        category: _in_short(category, needed[category] | held.get(category, set()))
        for category in CATEGORIES
        if category in needed
    }
    before = {category: _in_short(category, held.get(category, set())) for category in permissions}
    whole = before if held else {}
    return PolicyOffer(vault, identity.name, identity.subscription or "", permissions, whole)


def _in_short(category: str, names: set[str]) -> tuple[str, ...]:
    return ("all",) if names >= every_permission(category) else tuple(sorted(names))


def _held(context: Context, account: str, vault: str) -> dict[str, set[str]]:
    resource = context.inventory.get(vault)
    policies = (resource.properties.access_policies or ()) if isinstance(resource, Vault) else ()
    found: dict[str, set[str]] = {}
    for policy in policies:
        if (policy.object_id or "").lower() == account.lower() and not policy.application_id:
            for category in CATEGORIES:
                names: tuple[str, ...] = getattr(policy.permissions, category) or ()
                found.setdefault(category, set()).update(name.strip().lower() for name in names)
    return found


def _by_policies(context: Context, vault: str) -> bool:
    model = decides_by_roles(context.inventory, ArmId.parse(vault))
    return model.is_false
