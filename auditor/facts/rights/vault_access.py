"""An account's access to keys, secrets and certificates in the vaults that a project's appliances use."""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from auditor.access.verdicts import Plane
from auditor.facts.estate.environment import Context
from auditor.facts.fact import Evidence, Fact, Gap, Known, Unknown, all_of, hidden_by, once
from auditor.facts.presence import exists, not_in_body
from auditor.facts.rights.questions import AccountAccess, AskedRight
from auditor.facts.rights.steps import Step
from auditor.inventory.arm_id import ArmId
from auditor.inventory.inventory import Inventory
from auditor.inventory.lists import KEY_VAULTS
from auditor.inventory.resources.keyvault import Vault


@dataclass(frozen=True, slots=True)
class VaultAccess:
    """The vaults of a project, judged for one account.

    `rights` holds the rights that the step needs in each vault, `existing` whether the vault exists, `hidden` the gaps
    that may hide further vaults.
    """

    rights: Mapping[ArmId, tuple[AskedRight, ...]]
    existing: Mapping[ArmId, Fact[bool]]
    hidden: tuple[Gap, ...]

    @property
    def unread(self) -> tuple[Unknown, ...]:
        """One unknown if an appliance could not be read, since it may use another vault; otherwise empty."""
        return hidden_by(self.hidden)

    @property
    def access(self) -> Fact[bool]:
        """Whether the account has all rights in all vaults.

        A deleted vault grants no access. An unread appliance can turn true into unknown, never false.
        """
        each = [
            all_of((self.existing[vault], *(right.granted for right in self.rights[vault]))) for vault in self.rights
        ]
        return all_of([*each, *self.unread])

    @property
    def gone(self) -> tuple[ArmId, ...]:
        """The vaults that are known not to exist."""
        return tuple(vault for vault, existing in self.existing.items() if existing.is_false)


def vault_access(context: Context, account: AccountAccess, project: ArmId, step: Step) -> VaultAccess:
    """Return the access of `account` to the vaults of `project`, for the data actions that `step` needs."""
    vaults = project_vaults(context, project) if step.vault else ()
    return VaultAccess(
        {vault: tuple(account.ask([action], vault, Plane.DATA) for action in step.vault) for vault in vaults},
        {vault: exists(context.inventory, vault, KEY_VAULTS) for vault in vaults},
        hidden_vaults(context, project) if step.vault else (),
    )


def project_vaults(context: Context, project: ArmId) -> tuple[ArmId, ...]:
    """Return the ids of the vaults that the project's appliances use, in a stable order."""
    appliances = context.estate.appliances_of(project)
    return tuple(sorted({vault for vault in map(context.estate.vault_of, appliances) if vault is not None}))


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
