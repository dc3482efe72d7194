"""The private endpoints of a project that do not work: failed, or not approved by what they lead to.

The endpoints of a project lead to it, or to a vault, storage account or assessment project that is in its resource
group or has its tag. Source: https://learn.microsoft.com/azure/private-link/private-endpoint-overview
"""

from collections.abc import Iterator
from dataclasses import dataclass

from auditor.facts.estate.environment import Context
from auditor.facts.fact import Evidence, Fact, Gap, Known, Unknown, once
from auditor.facts.presence import not_in_body
from auditor.inventory.arm_id import ArmId, arm_id
from auditor.inventory.association import tagged_projects
from auditor.inventory.lists import PRIVATE_ENDPOINTS
from auditor.inventory.resources.keyvault import Vault
from auditor.inventory.resources.migrate import AssessmentProject
from auditor.inventory.resources.network import ConnectionProperties, PrivateEndpoint
from auditor.inventory.resources.recoveryservices import RecoveryVault
from auditor.inventory.resources.resource import Resource
from auditor.inventory.resources.storage import StorageAccount

_OWNED = (AssessmentProject, Vault, RecoveryVault, StorageAccount)
_OWNED_TYPES = frozenset(name.lower() for cls in _OWNED for name in cls.types)


@dataclass(frozen=True, slots=True)
class EndpointFault:
    """An endpoint that does not work: its id, the id of what it leads to, and its state in words."""

    id: str
    target: str
    state: str

    @property
    def words(self) -> str:
        """The endpoint, its target and its state, for a message."""
        return f"`{ArmId.parse(self.id).name}` to `{ArmId.parse(self.target).name}` {self.state}"


def endpoint_faults(context: Context, project: ArmId) -> tuple[Fact[list[str]], tuple[EndpointFault, ...]]:
    """Return the ids of the project's endpoints that do not work, and the faults; unknown if a state was not read.

    A fault that was found makes the list known, since what was not read could only add to it.
    """
    faults: list[EndpointFault] = []
    gaps: list[Gap] = [*context.inventory.gaps(PRIVATE_ENDPOINTS, project.subscription_id or project)]
    for endpoint in context.inventory.all(PrivateEndpoint):
        for connection in endpoint.connections:
            target = arm_id(connection.private_link_service_id)
            if target is None or not _belongs(context, target, project):
                continue
            state = _state(endpoint, connection)
            if state is None:
                gaps += not_in_body(context.inventory, PRIVATE_ENDPOINTS, endpoint.id, "state of the connection").why
            elif state:
                faults.append(EndpointFault(endpoint.id, str(target), state))
    found = tuple(sorted(once(faults), key=lambda fault: (fault.id.lower(), fault.target.lower())))
    ids = list(dict.fromkeys(fault.id for fault in found))
    if gaps and not found:
        return Unknown(once(gaps)), ()
    return Known(ids, tuple(Evidence(fault.id, fault.words) for fault in found)), found


def _belongs(context: Context, target: ArmId, project: ArmId) -> bool:
    if target.key == project.key:
        return True
    if target.type.lower() not in _OWNED_TYPES:
        return False
    if target.resource_group_id is not None and target.resource_group_id == project.resource_group_id:
        return True
    return any(name.lower() == project.name.lower() for name in _tags(context.inventory.get(target)))


def _tags(held: Resource | None) -> Iterator[str]:
    if held is not None:
        yield from (name for _, name in tagged_projects(held))


def _state(endpoint: PrivateEndpoint, connection: ConnectionProperties) -> str | None:
    """Return what is wrong with a connection in words; empty if it works, None if its state was not returned."""
    made = (endpoint.properties.provisioning_state or "").lower()
    shown = connection.private_link_service_connection_state
    status = (shown.status or "").lower() if shown is not None else ""
    if made in {"failed", "canceled"}:
        return f"was not made: its state is {endpoint.properties.provisioning_state}"
    match status:
        case "pending":
            return "waits for its approval"
        case "rejected":
            return "was rejected"
        case "disconnected":
            return "leads to something that was deleted"
        case "approved":
            return ""
    return None
