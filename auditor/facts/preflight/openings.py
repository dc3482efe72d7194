"""The ways to open the network of a key vault to an appliance that its firewall refuses, or may refuse."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from auditor.access.key_vault.network import SERVICE, Address, VaultNetwork, is_private, written
from auditor.access.verdicts import NoteKind
from auditor.facts.estate.environment import Context
from auditor.facts.preflight.check import StepCheck
from auditor.facts.preflight.obstacles import ObstacleEffect
from auditor.inventory.resources.keyvault import Vault


class Way(Enum):
    """The kinds of ways: a rule for an address, a subnet's service endpoint, a private endpoint, a perimeter."""

    ADDRESS = "address"
    SERVICE_ENDPOINT = "service-endpoint"
    NEW_ENDPOINT = "new-endpoint"
    BY_ENDPOINT = "by-endpoint"
    PERIMETER = "perimeter"


@dataclass(frozen=True, slots=True)
class Opening:
    """One way to open a vault.

    `names` are the addresses to add, or the private endpoints that exist. `services` are the service endpoints that
    `subnet` should have; empty if those that it has were not read.
    """

    way: Way
    vault: str
    name: str
    subscription: str
    names: tuple[str, ...] = ()
    subnet: str = ""
    services: tuple[str, ...] = ()


def openings_of(context: Context, check: StepCheck, addresses: Sequence[Address]) -> Iterator[Opening]:
    """Yield the ways for each vault whose firewall refuses the appliance at `addresses`, or may refuse it."""
    for obstacle in check.obstacles:
        held = context.inventory.get(obstacle.id) if obstacle.kind == NoteKind.FIREWALL.value else None
        if isinstance(held, Vault) and obstacle.effect is not ObstacleEffect.NOTE:
            network = VaultNetwork(context.inventory, held)
            vault = held.arm_id
            for way, names, subnet, services in _ways(network, addresses):
                yield Opening(way, str(vault), vault.name, vault.subscription or "", names, subnet, services)


def _ways(
    network: VaultNetwork, addresses: Sequence[Address]
) -> Iterator[tuple[Way, tuple[str, ...], str, tuple[str, ...]]]:
    """Yield the ways; never an address rule where public access is off, nor a second private endpoint."""
    if network.public_access is None:
        yield Way.PERIMETER, (), "", ()
    elif network.endpoints:
        yield Way.BY_ENDPOINT, network.endpoints, "", ()
    elif not network.public_access:
        yield Way.NEW_ENDPOINT, (), "", ()
    if not network.public_access:
        return
    without = [one for one in network.subnets if not one.has_endpoint]
    for subnet in without:
        known = () if subnet.endpoints is None else (*subnet.endpoints, SERVICE)
        yield Way.SERVICE_ENDPOINT, (), subnet.id, known
    if not without and not (network.endpoints and not network.addresses):
        yield Way.ADDRESS, tuple(written(one) for one in addresses if not is_private(one)), "", ()
