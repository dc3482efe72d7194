"""The lists of tenants, subscriptions, resource groups, resource providers and resources."""

from typing import Any

from auditor.collect.listing import Feature, Listing, Rest, Sdk
from auditor.inventory import lists as list_names

TENANTS = Listing(
    what=list_names.TENANTS,
    feature=Feature.ENVIRONMENT,
    source=Rest("/tenants", ("2022-12-01",)),
)
SUBSCRIPTIONS = Listing(
    what=list_names.SUBSCRIPTIONS,
    feature=Feature.ENVIRONMENT,
    source=Rest("/subscriptions", ("2022-12-01",)),
)
RESOURCE_GROUPS = Listing(
    what=list_names.RESOURCE_GROUPS,
    feature=Feature.ENVIRONMENT,
    source=Rest("{scope}/resourcegroups", ("2021-04-01",)),
)

NAMESPACES = (
    "Microsoft.DataReplication",
    "Microsoft.KeyVault",
    "Microsoft.Migrate",
    "Microsoft.OffAzure",
    "Microsoft.RecoveryServices",
    "Microsoft.Storage",
)
"""The resource providers that are needed from a new project to the first replication."""

PROVIDERS = Listing(
    what=list_names.PROVIDERS,
    feature=Feature.ENVIRONMENT,
    source=Rest("{scope}/providers", ("2021-04-01",)),
    named=frozenset(name.lower() for name in NAMESPACES),
)
"""Azure lists every provider, registered or not; only those of `NAMESPACES` are kept."""


def _client() -> type[Any]:
    from azure.mgmt.resource.resources.aio import ResourceManagementClient

    return ResourceManagementClient


def resources(condition: str) -> Sdk:
    """Return the list of a subscription's resources that match `condition`, an OData filter of ARM."""
    return Sdk(_client, "resources.list", ("2025-04-01", "2021-04-01"), {"filter": condition})
