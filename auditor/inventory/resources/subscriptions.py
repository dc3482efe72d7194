"""Tenants, management groups, subscriptions, resource groups and provider registrations."""

from collections.abc import Sequence
from typing import ClassVar

import msgspec

from auditor.inventory.resources.resource import Body, Resource


class Tenant(Resource, frozen=True):
    """A tenant that the signed-in account can see."""

    types: ClassVar[tuple[str, ...]] = ("Microsoft.Resources/tenants",)

    tenant_id: str | None = None
    default_domain: str | None = None


class ManagementGroupProperties(Body, frozen=True):
    """The properties of a management group."""

    tenant_id: str | None = None
    display_name: str | None = None


class ManagementGroup(Resource, frozen=True):
    """A management group; its parent is a `parent` link of the snapshot."""

    types: ClassVar[tuple[str, ...]] = ("Microsoft.Management/managementGroups",)

    properties: ManagementGroupProperties = ManagementGroupProperties()


_WRITABLE = frozenset({"enabled", "warned", "pastdue"})


class Subscription(Resource, frozen=True):
    """A subscription; `state` is Enabled, Warned, PastDue, Disabled, Expired or Deleted."""

    types: ClassVar[tuple[str, ...]] = ("Microsoft.Resources/subscriptions",)

    subscription_id: str | None = None
    tenant_id: str | None = None
    state: str | None = None
    title: str | None = msgspec.field(default=None, name="displayName")

    @property
    def is_writable(self) -> bool | None:
        """Whether its state lets resources be created and changed; None without a state."""
        return None if self.state is None else self.state.lower() in _WRITABLE

    @property
    def display_name(self) -> str:
        """The name that people gave it, otherwise its id, also where the name is blank."""
        named = self.title if self.title and not self.title.isspace() else None
        return named or self.subscription_id or super().display_name


class ResourceGroupProperties(Body, frozen=True):
    """The properties of a resource group."""

    provisioning_state: str | None = None


class ResourceGroup(Resource, frozen=True):
    """A resource group; its state is Succeeded, Deleting, or one of a change under way.

    That it exists is known without its properties.
    """

    types: ClassVar[tuple[str, ...]] = (
        "Microsoft.Resources/resourceGroups",
        "Microsoft.Resources/subscriptions/resourceGroups",
    )
    bare: ClassVar[bool] = True

    properties: ResourceGroupProperties | None = None


_NOT_REGISTERED = frozenset({"notregistered", "unregistered", "unregistering"})


class ProviderRegistration(Resource, frozen=True):
    """The registration of a resource provider in a subscription, with a `namespace` such as `Microsoft.Migrate`."""

    types: ClassVar[tuple[str, ...]] = ("Microsoft.Resources/providers",)

    namespace: str | None = None
    registration_state: str | None = None

    @property
    def registered(self) -> bool | None:
        """Whether the provider is registered; None while it is being registered, and without a documented state.

        Source: https://learn.microsoft.com/azure/azure-resource-manager/management/resource-providers-and-types
        """
        state = (self.registration_state or "").lower()
        return True if state == "registered" else False if state in _NOT_REGISTERED else None

    @property
    def is_registering(self) -> bool:
        """Whether its registration is under way: it is done region by region, and usable where it is done."""
        return (self.registration_state or "").lower() == "registering"


_NAMED = 3
"""Number of subscriptions that a message names."""


def seen_only(unread: Sequence[Subscription]) -> str:
    """Return in words that these subscriptions were not read; the first few are named."""
    names = sorted((f"`{held.display_name or held.arm_id.name}`" for held in unread), key=str.lower)
    more = [f"{len(names) - _NAMED:,} more"] if len(names) > _NAMED else []
    *first, last = [*names[:_NAMED], *more]
    verb = "was" if len(names) == 1 else "were"
    return f"{', '.join(first)}{' and ' if first else ''}{last} can be seen and {verb} not read"
