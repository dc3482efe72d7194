"""Facts about one key vault that appliances use, there or gone."""

import msgspec

from auditor.facts.entities.tenants import of_another_tenant
from auditor.facts.estate.appliances import Seat
from auditor.facts.estate.environment import Context
from auditor.facts.estate.joins import VAULTS, Estate
from auditor.facts.fact import Evidence, Fact, Known, once, unless_gaps
from auditor.facts.presence import exists, not_in_body
from auditor.facts.schema import SubjectKind
from auditor.facts.subject import Subject, Value, subject
from auditor.facts.vault_reach import locked, reachable
from auditor.inventory.arm_id import ArmId
from auditor.inventory.inventory import Inventory
from auditor.inventory.resources.keyvault import Vault

DELETED_VAULTS = "Microsoft.KeyVault/deletedVaults"


def vault_subject(context: Context, vault: ArmId, seats: tuple[Seat, ...]) -> Subject:
    """Return the vault as a subject; `seats` are the appliances that use it."""
    held = context.inventory.get(vault)
    name = held.display_name if held else vault.name
    used_by = sorted({seat.name for seat in seats})
    estate = context.estate
    hidden = once([*estate.hidden_seats, *estate.vault_gaps(estate.seats)])
    is_locked, lock = locked(context, vault)
    facts: dict[str, Fact[Value]] = {
        "name": Known(name),
        "id": Known(str(held.arm_id if held else vault)),
        "subscription": Known(vault.subscription or ""),
        "exists": exists(context.inventory, vault, VAULTS),
        "soft_deleted": _soft_deleted(estate, vault),
        "rbac": decides_by_roles(context.inventory, vault),
        "public": _public(context.inventory, vault),
        "reachable": reachable(context.inventory, vault),
        "locked": is_locked,
        "foreign": of_another_tenant(
            context, vault, VAULTS, held.properties.tenant_id if isinstance(held, Vault) else None
        ),
        "appliances": unless_gaps(used_by, hidden, *(Evidence(str(seat.site.arm_id), "uses it") for seat in seats)),
    }
    return subject(SubjectKind.VAULT, str(vault), name, facts, {"lock": lock})


def decides_by_roles(inventory: Inventory, vault: ArmId) -> Fact[bool]:
    """Return whether roles decide on the vault's content; null means access policies, a missing value is unknown."""
    held = inventory.get(vault)
    model = held.properties.enable_rbac_authorization if isinstance(held, Vault) else msgspec.UNSET
    if model is msgspec.UNSET:
        return not_in_body(inventory, VAULTS, str(vault), "enableRbacAuthorization")
    return Known(model is True, (Evidence(str(vault), f"enableRbacAuthorization: {model}"),))


def _soft_deleted(estate: Estate, vault: ArmId) -> Fact[bool]:
    held = estate.deleted_vaults
    found = {item.id: item for item in (*held.get(vault.key, ()), *held.get(vault.name.lower(), ()))}.values()
    if found:
        return Known(True, tuple(Evidence(held.id, "soft-deleted") for held in found))
    return unless_gaps(False, estate.inventory.gaps(DELETED_VAULTS, vault.subscription_id or vault))


def _public(inventory: Inventory, vault: ArmId) -> Fact[bool]:
    held = inventory.get(vault)
    if not isinstance(held, Vault):
        return not_in_body(inventory, VAULTS, str(vault), "network rules")
    closed = (held.properties.public_network_access or "enabled").lower() != "enabled"
    rules = held.properties.network_acls
    guarded = rules is not None and (rules.default_action or "allow").lower() == "deny"
    because = Evidence(str(vault), f"publicNetworkAccess: {held.properties.public_network_access}")
    return Known(not closed and not guarded, (because,))
