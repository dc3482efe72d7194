"""Private endpoints and their connections."""

from collections.abc import Iterator
from typing import ClassVar

from auditor.inventory.resources.resource import Body, Reference, Resource


class ConnectionState(Body, frozen=True):
    """The state of a connection: Approved, Pending, Rejected, or Disconnected after its target was deleted."""

    status: str | None = None


class ConnectionProperties(Body, frozen=True):
    """The target of a connection, and its state."""

    private_link_service_id: Reference | None = None
    private_link_service_connection_state: ConnectionState | None = None


class Connection(Body, frozen=True):
    """One connection of a private endpoint."""

    properties: ConnectionProperties = ConnectionProperties()


class Subnet(Body, frozen=True):
    """The subnet of a private endpoint."""

    id: Reference | None = None


class PrivateEndpointProperties(Body, frozen=True):
    """The subnet of a private endpoint, and its connections with automatic and with manual approval."""

    provisioning_state: str | None = None
    subnet: Subnet | None = None
    private_link_service_connections: tuple[Connection, ...] | None = None
    manual_private_link_service_connections: tuple[Connection, ...] | None = None


class PrivateEndpoint(Resource, frozen=True):
    """A private endpoint."""

    types: ClassVar[tuple[str, ...]] = ("Microsoft.Network/privateEndpoints",)

    properties: PrivateEndpointProperties = PrivateEndpointProperties()

    @property
    def connections(self) -> Iterator[ConnectionProperties]:
        """All connections, with automatic and with manual approval."""
        properties = self.properties
        for connection in (
            *(properties.private_link_service_connections or ()),
            *(properties.manual_private_link_service_connections or ()),
        ):
            yield connection.properties
