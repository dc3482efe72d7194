"""Tenants, subscriptions, resource groups, and the state of the resource providers that a registration needs."""

from typing import Any

from auditor.collect.listing import Feature, Listing, Rest, Sdk

TENANTS = Listing(
    what="Microsoft.Resources/tenants",
    feature=Feature.ENVIRONMENT,
    source=Rest("/tenants", "2022-12-01"),
)
SUBSCRIPTIONS = Listing(
    what="Microsoft.Resources/subscriptions",
    feature=Feature.ENVIRONMENT,
    source=Rest("/subscriptions", "2022-12-01"),
)
SUBSCRIPTION_API = "2022-12-01"
"""The api-version of one subscription asked for by its id."""

RESOURCE_GROUPS = Listing(
    what="Microsoft.Resources/resourceGroups",
    feature=Feature.ENVIRONMENT,
    source=Rest("{scope}/resourcegroups", "2021-04-01"),
)

NAMESPACES = ("Microsoft.Migrate", "Microsoft.OffAzure", "Microsoft.KeyVault")
"""The resource providers that registering an appliance needs."""

PROVIDERS_API = "2021-04-01"


def provider_state(namespace: str) -> Listing:
    """Return the reader of whether one resource provider is registered in a subscription."""
    return Listing(
        what="Microsoft.Resources/providers",
        feature=Feature.ENVIRONMENT,
        source=Rest(f"{{scope}}/providers/{namespace}", PROVIDERS_API),
    )


def _client() -> type[Any]:
    from azure.mgmt.resource.resources.aio import ResourceManagementClient

    return ResourceManagementClient


def resources(condition: str) -> Sdk:
    """Return the list of a subscription's resources that `condition` (an OData filter of ARM's) picks."""
    return Sdk(_client, "resources.list", {"filter": condition})
