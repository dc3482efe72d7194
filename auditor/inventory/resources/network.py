"""Private endpoints, and what they lead to."""

from collections.abc import Iterator
from typing import ClassVar

from auditor.inventory.resources.resource import Body, Reference, Resource


class ConnectionState(Body, frozen=True):
    """Whether the other side takes the connection: Approved, Pending, Rejected, or Disconnected once it is gone."""

    status: str | None = None


class ConnectionProperties(Body, frozen=True):
    """What a connection leads to."""

    private_link_service_id: Reference | None = None
    private_link_service_connection_state: ConnectionState | None = None


class Connection(Body, frozen=True):
    """One connection of a private endpoint."""

    properties: ConnectionProperties = ConnectionProperties()


class Subnet(Body, frozen=True):
    """The subnet that an endpoint stands in."""

    id: Reference | None = None


class PrivateEndpointProperties(Body, frozen=True):
    """The connections of a private endpoint, those that approve themselves and those somebody has to approve."""

    subnet: Subnet | None = None
    private_link_service_connections: tuple[Connection, ...] | None = None
    manual_private_link_service_connections: tuple[Connection, ...] | None = None


class PrivateEndpoint(Resource, frozen=True):
    """A private endpoint."""

    types: ClassVar[tuple[str, ...]] = ("Microsoft.Network/privateEndpoints",)

    properties: PrivateEndpointProperties = PrivateEndpointProperties()

    @property
    def connections(self) -> Iterator[ConnectionProperties]:
        """All connections, of either sort."""
        told = self.properties
        for connection in (
            *(told.private_link_service_connections or ()),
            *(told.manual_private_link_service_connections or ()),
        ):
            yield connection.properties
