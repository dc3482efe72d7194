"""An account's access to keys, secrets and certificates in the vaults that a project's appliances use."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import msgspec

from auditor.access.verdicts import Plane
from auditor.facts.entities.tenants import foreign_owner, of_another_tenant
from auditor.facts.estate.environment import Context
from auditor.facts.fact import Evidence, Fact, Gap, Known, Unknown, all_of, hidden_by, not_, once
from auditor.facts.presence import exists, not_in_body
from auditor.facts.rights.questions import AccountAccess, AskedRight
from auditor.facts.rights.steps import Step
from auditor.inventory.arm_id import ArmId, arm_id
from auditor.inventory.inventory import Inventory
from auditor.inventory.lists import KEY_VAULTS
from auditor.inventory.reads import ALL_WITHOUT_PURGE
from auditor.inventory.resources.keyvault import Vault


@dataclass(frozen=True, slots=True)
class VaultAccess:
    """The vaults of a project, judged for one account.

    `rights` holds the rights that the step certainly needs in each vault, `documented` all that Microsoft's
    documentation asks for, `existing` whether the vault exists, `hidden` the gaps that may hide further vaults.
    """

    rights: Mapping[ArmId, tuple[AskedRight, ...]]
    existing: Mapping[ArmId, Fact[bool]]
    hidden: tuple[Gap, ...]
    documented: Mapping[ArmId, tuple[AskedRight, ...]] = field(default_factory=dict)

    @property
    def unread(self) -> tuple[Unknown, ...]:
        """One unknown if an appliance could not be read, since it may use another vault; otherwise empty."""
        return hidden_by(self.hidden)

    @property
    def access(self) -> Fact[bool]:
        """Whether the account has all rights in all vaults that the step certainly needs.

        A deleted vault grants no access. An unread appliance can turn true into unknown, never false.
        """
        each = [
            all_of((self.existing[vault], *(right.granted for right in self.rights[vault]))) for vault in self.rights
        ]
        return all_of([*each, *self.unread])

    @property
    def documented_access(self) -> Fact[bool]:
        """Whether the account has all rights in all vaults that Microsoft's documentation asks for."""
        return all_of((self.access, *(as_documented(one) for asked in self.documented.values() for one in asked)))

    @property
    def all_exist(self) -> Fact[bool]:
        """Whether every vault exists; a vault that is gone must be recovered before access to it counts."""
        return all_of((*self.existing.values(), *self.unread))

    def without(self, vault: ArmId) -> tuple[AskedRight, ...]:
        """Return the documented rights in a vault that the account is known to lack although it has the needed ones."""
        if not all_of(right.granted for right in self.rights[vault]).is_true:
            return ()
        return tuple(right for right in self.documented.get(vault, ()) if as_documented(right).is_false)

    @property
    def gone(self) -> tuple[ArmId, ...]:
        """The vaults that are known not to exist."""
        return tuple(vault for vault, existing in self.existing.items() if existing.is_false)


def vault_access(context: Context, account: AccountAccess, project: ArmId, step: Step) -> VaultAccess:
    """Return the access of `account` to the vaults of `project`, for the data actions that `step` needs."""
    vaults = project_vaults(context, project) if step.vault else ()

    actions = once([*step.vault, *step.vault_documented])
    rights = {vault: {action: account.ask([action], vault, Plane.DATA) for action in actions} for vault in vaults}

    def asked(actions: tuple[str, ...]) -> Mapping[ArmId, tuple[AskedRight, ...]]:
        return {vault: tuple(map(rights[vault].__getitem__, actions)) for vault in vaults}

    return VaultAccess(
        asked(step.vault),
        {vault: exists(context.inventory, vault, KEY_VAULTS) for vault in vaults},
        hidden_vaults(context, project) if step.vault else (),
        asked(step.vault_documented),
    )


def as_documented(right: AskedRight) -> Fact[bool]:
    """Return whether the account has a right that the documentation asks for by the words *all permissions*.

    `all` in an access policy is what the documentation means, whatever it covers.
    """
    granted = right.granted
    if isinstance(granted, Unknown) and all(gap.code == ALL_WITHOUT_PURGE for gap in granted.why):
        return Known(True)
    return granted


def project_vaults(context: Context, project: ArmId) -> tuple[ArmId, ...]:
    """Return the ids of the vaults that the project's appliances use, in a stable order.

    The solutions of a project name its vault before the first appliance registers.
    """
    estate = context.estate
    used = map(estate.vault_of, estate.appliances_of(project))
    named = (one.extended_details.get("keyVaultId") for one in estate.solutions_by_project.get(project.key, ()))
    return tuple(sorted({vault for vault in (*used, *map(arm_id, named)) if vault is not None}))


def hidden_vaults(context: Context, project: ArmId) -> tuple[Gap, ...]:
    """Return the gaps that may hide a vault of `project`: unread appliances, and vaults known by URI only."""
    estate = context.estate
    return once([*estate.site_gaps(project), *estate.vault_gaps(estate.appliances_of(project))])


def decides_by_roles(inventory: Inventory, vault: ArmId) -> Fact[bool]:
    """Return whether roles control the vault's content; null and no value mean access policies."""
    held = inventory.get(vault)
    by_roles = held.properties.by_roles if isinstance(held, Vault) else None
    if not isinstance(held, Vault) or by_roles is None:
        return not_in_body(inventory, KEY_VAULTS, str(vault), "enableRbacAuthorization")
    model = held.properties.enable_rbac_authorization
    note = "not set" if model is msgspec.UNSET or model is None else model
    return Known(by_roles, (Evidence(str(vault), f"enableRbacAuthorization: {note}"),))


def trusts_another_tenant(inventory: Inventory, vault: ArmId) -> Fact[bool]:
    """Return whether a vault trusts another tenant than the one that was read."""
    held = inventory.get(vault)
    trusted = held.properties.tenant_id if isinstance(held, Vault) else None
    if trusted is None:
        return not_in_body(inventory, KEY_VAULTS, str(vault), "tenantId")
    own = inventory.tenant_id
    return Known(trusted.strip().lower() != own.lower(), (Evidence(str(vault), f"tenantId: {trusted}"),))


def trusts_its_owner(context: Context, vault: ArmId) -> Fact[bool]:
    """Return whether a vault trusts the tenant of its subscription, which is another one than was read.

    As its tenant is the right one, only an account of that tenant reaches its content.
    """
    held = context.inventory.get(vault)
    trusted = held.properties.tenant_id if isinstance(held, Vault) else None
    moved = of_another_tenant(context, vault, KEY_VAULTS, trusted.strip() if trusted else None)
    return all_of((trusts_another_tenant(context.inventory, vault), not_(moved)))


def trusts_a_former_owner(context: Context, vault: ArmId) -> Fact[bool]:
    """Return whether a vault trusts a tenant that is neither that of its subscription nor the one that was read."""
    return all_of((trusts_another_tenant(context.inventory, vault), not_(trusts_its_owner(context, vault))))


def owner_that_is_trusted(context: Context, vault: str) -> str | None:
    """Return the tenant of a vault's subscription, if it is another one than was read and the vault trusts it."""
    place = ArmId.parse(vault)
    return foreign_owner(context, place) if trusts_its_owner(context, place).is_true else None


def owner_in_words(context: Context, vaults: Iterable[ArmId]) -> str:
    """Return the first tenant that owns one of the vaults and is trusted by it, in words."""
    owner = next(filter(None, (owner_that_is_trusted(context, str(vault)) for vault in vaults)), None)
    return f"the tenant `{owner}`" if owner else "the tenant that owns the subscription"
