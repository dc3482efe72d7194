"""Leftover private endpoints of projects, and of their vaults, storage accounts and sites."""

from collections.abc import Collection, Iterable, Iterator

from auditor.facts.estate.environment import Context
from auditor.facts.fact import Evidence, Gap, once
from auditor.facts.leftovers.associations import (
    Association,
    Associations,
    association_with,
    associations_by_tags,
    since,
)
from auditor.facts.leftovers.leftover import Candidate, LeftoverKind
from auditor.inventory.arm_id import arm_id
from auditor.inventory.lists import PROJECTS
from auditor.inventory.resources.keyvault import Vault
from auditor.inventory.resources.migrate import AssessmentProject
from auditor.inventory.resources.network import PrivateEndpoint
from auditor.inventory.resources.offazure import MasterSite, Site
from auditor.inventory.resources.recoveryservices import RecoveryVault
from auditor.inventory.resources.storage import StorageAccount

_OF_PROJECTS = frozenset(
    name.lower()
    for cls in (AssessmentProject, Site, MasterSite, Vault, RecoveryVault, StorageAccount)
    for name in cls.types
)
"""The types of resources, other than projects, that projects create and private endpoints can connect to."""


def private_endpoints(context: Context, things: Iterable[Candidate]) -> Iterator[Candidate]:
    """Yield the private endpoints of an existing or deleted project or of one of `things`, or with a project's tag."""
    targets = {one.associations.id.lower(): one.associations for one in things}
    for endpoint in context.inventory.all(PrivateEndpoint):
        found, hidden = _led_to(context, endpoint, targets)
        found = once([*found, *associations_by_tags(context, endpoint)])
        if not found and not hidden:
            continue
        associations = Associations(endpoint.id, found, once([*hidden, *_hidden(context, endpoint, targets)]))
        name = endpoint.display_name
        yield Candidate(
            kind=LeftoverKind.PRIVATE_ENDPOINT,
            name=name,
            associations=associations,
            since=since(context, associations, endpoint.arm_id.subscription_id),
            holds=_connections(endpoint),
        )


def _led_to(
    context: Context, endpoint: PrivateEndpoint, targets: dict[str, Associations]
) -> tuple[tuple[Association, ...], tuple[Gap, ...]]:
    """Return the associations through an endpoint's connections, and the gaps that may hide further ones."""
    found: list[Association] = []
    hidden: list[Gap] = []
    for connection in endpoint.connections:
        target = arm_id(connection.private_link_service_id)
        if target is None:
            continue
        if target.type.lower() == PROJECTS.lower():
            found.append(association_with(context, target, Evidence(endpoint.id, "leads to it")))
        elif target.key in targets:
            found.extend(targets[target.key].found)
            hidden.extend(targets[target.key].hidden)
    return once(found), once(hidden)


def _hidden(context: Context, endpoint: PrivateEndpoint, targets: Collection[str]) -> Iterator[Gap]:
    """Yield the gaps that may hide the project of a target without any association."""
    ids = (arm_id(connection.private_link_service_id) for connection in endpoint.connections)
    for target in ids:
        if target is not None and target.type.lower() in _OF_PROJECTS and target.key not in targets:
            yield from context.inventory.gaps(target.type, target)
            yield from (*context.references.hidden, *context.references.hidden_sites)


def _connections(endpoint: PrivateEndpoint) -> Iterator[str]:
    for connection in endpoint.connections:
        target = arm_id(connection.private_link_service_id)
        if target is not None:
            state = connection.private_link_service_connection_state
            status = f" ({state.status})" if state is not None and state.status else ""
            yield f"a connection to `{target.name}`{status}"
    subnet = arm_id(endpoint.properties.subnet.id) if endpoint.properties.subnet else None
    if subnet is not None:
        yield f"an address in the subnet `{subnet.name}`"
