"""Key vaults and soft-deleted key vaults."""

from datetime import datetime
from typing import Any, ClassVar

import msgspec

from auditor.inventory.resources.resource import Body, Reference, Resource, moment


class PolicyPermissions(Body, frozen=True):
    """The permission names of an access policy, in any letter case; `all` is one of them."""

    keys: tuple[str, ...] | None = None
    secrets: tuple[str, ...] | None = None
    certificates: tuple[str, ...] | None = None
    storage: tuple[str, ...] | None = None


class AccessPolicy(Body, frozen=True):
    """One access policy; with `application_id` it applies to the principal only through that application."""

    tenant_id: str | None = None
    object_id: str | None = None
    application_id: str | None = None
    permissions: PolicyPermissions = PolicyPermissions()


class NetworkRules(Body, frozen=True):
    """The vault's firewall."""

    default_action: str | None = None
    bypass: str | None = None
    ip_rules: Any = None
    virtual_network_rules: Any = None


class VaultProperties(Body, frozen=True):
    """The properties of a key vault.

    `enable_rbac_authorization` is a boolean, None or `UNSET` (not in the body, as in most recorded bodies).
    """

    tenant_id: str | None = None
    sku: Any = None
    vault_uri: str | None = None
    enable_rbac_authorization: bool | msgspec.UnsetType | None = msgspec.UNSET
    access_policies: tuple[AccessPolicy, ...] | None = None
    enable_soft_delete: bool | None = None
    soft_delete_retention_in_days: int | None = None
    enable_purge_protection: bool | None = None
    enabled_for_template_deployment: bool | None = None
    public_network_access: str | None = None
    network_acls: NetworkRules | None = None
    private_endpoint_connections: Any = None
    provisioning_state: str | None = None

    @property
    def by_roles(self) -> bool | None:
        """Whether roles control the content, not access policies; None where the body has no properties of a vault.

        Azure's default where `enableRbacAuthorization` is null or absent are access policies.
        """
        if self.enable_rbac_authorization is not msgspec.UNSET:
            return self.enable_rbac_authorization is True
        shown = (self.tenant_id, self.vault_uri, self.sku, self.access_policies)
        return None if all(value is None for value in shown) else False


class Vault(Resource, frozen=True):
    """A key vault."""

    types: ClassVar[tuple[str, ...]] = ("Microsoft.KeyVault/vaults",)

    properties: VaultProperties = VaultProperties()


class DeletedVaultProperties(Body, frozen=True):
    """The original id of a deleted vault, and the dates of its deletion and purge."""

    vault_id: Reference | None = None
    location: str | None = None
    tags: Any = None
    deletion_date: str | None = None
    scheduled_purge_date: str | None = None
    purge_protection_enabled: bool | None = None

    @property
    def purged_at(self) -> datetime | None:
        """The time when the vault is purged and its name becomes free."""
        return moment(self.scheduled_purge_date)


class DeletedVault(Resource, frozen=True):
    """A soft-deleted key vault, whose name stays taken until it is purged."""

    types: ClassVar[tuple[str, ...]] = (
        "Microsoft.KeyVault/deletedVaults",
        "Microsoft.KeyVault/locations/deletedVaults",
    )

    properties: DeletedVaultProperties = DeletedVaultProperties()

    def is_purged(self, now: datetime) -> bool:
        """Return whether it has been purged by now; a day of purging that Azure does not report may be to come."""
        return self.properties.purged_at is not None and self.properties.purged_at <= now
