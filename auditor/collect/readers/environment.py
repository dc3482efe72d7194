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
    "Microsoft.ApplicationMigration",
    "Microsoft.AzureArcData",
    "Microsoft.Compute",
    "Microsoft.DataReplication",
    "Microsoft.DependencyMap",
    "Microsoft.GuestConfiguration",
    "Microsoft.HybridCompute",
    "Microsoft.HybridConnectivity",
    "Microsoft.Insights",
    "Microsoft.KeyVault",
    "Microsoft.Migrate",
    "Microsoft.MySQLDiscovery",
    "Microsoft.Network",
    "Microsoft.OffAzure",
    "Microsoft.RecoveryServices",
    "Microsoft.Storage",
)
"""The resource providers that Azure Migrate needs, according to Microsoft's page on preparing accounts."""

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
