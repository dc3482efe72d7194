"""The private endpoints of a project that do not work: failed, or not approved by what they lead to.

The endpoints of a project lead to it, or to a vault, storage account or assessment project that is in its resource
group or has its tag. Source: https://learn.microsoft.com/azure/private-link/private-endpoint-overview
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from weakref import WeakKeyDictionary

from auditor.access.key_vault.network import VaultNetwork
from auditor.facts.estate.environment import Context
from auditor.facts.fact import Evidence, Fact, Gap, Known, Unknown, once
from auditor.facts.presence import not_in_body
from auditor.inventory.arm_id import ArmId, arm_id
from auditor.inventory.association import tagged_projects
from auditor.inventory.lists import PRIVATE_ENDPOINTS, PROJECTS
from auditor.inventory.resources.keyvault import Vault
from auditor.inventory.resources.migrate import AssessmentProject, MigrateProject
from auditor.inventory.resources.network import ConnectionProperties, PrivateEndpoint
from auditor.inventory.resources.recoveryservices import RecoveryVault
from auditor.inventory.resources.resource import Resource
from auditor.inventory.resources.storage import StorageAccount

_OWNED = (AssessmentProject, Vault, RecoveryVault, StorageAccount)
_OWNED_TYPES = frozenset(name.lower() for cls in _OWNED for name in cls.types)


@dataclass(frozen=True, slots=True)
class EndpointFault:
    """An endpoint that does not work: its id, the id of what it leads to, and its state in words.

    `only_way` says that nothing else reaches the target: it has no public access, and no other endpoint leads to it.
    """

    id: str
    target: str
    state: str
    only_way: bool = False

    @property
    def is_pending(self) -> bool:
        """Whether it was made and only waits for its approval; any other fault takes a new endpoint."""
        return self.state == _WAITS

    @property
    def words(self) -> str:
        """The endpoint, its target and its state, for a message."""
        return f"`{ArmId.parse(self.id).name}` to `{ArmId.parse(self.target).name}` {self.state}"


def endpoint_faults(context: Context, project: ArmId) -> tuple[Fact[list[str]], tuple[EndpointFault, ...]]:
    """Return the ids of the project's endpoints that do not work, and the faults; unknown if a state was not read.

    A fault that was found makes the list known, since what was not read could only add to it.
    """
    found, gaps = faults_and_gaps(context, project)
    ids = list(dict.fromkeys(fault.id for fault in found))
    if gaps and not found:
        return Unknown(gaps), ()
    return Known(ids, tuple(Evidence(fault.id, fault.words) for fault in found)), found


def faults_and_gaps(
    context: Context, project: ArmId, types: Collection[str] = _OWNED_TYPES | {PROJECTS.lower()}
) -> tuple[tuple[EndpointFault, ...], tuple[Gap, ...]]:
    """Return the faults of the project's endpoints to resources of `types` (lower case), and what may hide others."""
    faults: list[EndpointFault] = []
    gaps: list[Gap] = [*context.inventory.gaps(PRIVATE_ENDPOINTS, project.subscription_id or project)]
    working: set[str] = set()
    near = _near(context)
    for endpoint, connection, target in near.connections_of(project):
        if target.type.lower() not in types or not _belongs(context, target, project):
            continue
        state = _state(endpoint, connection)
        if state is None:
            gaps += not_in_body(context.inventory, PRIVATE_ENDPOINTS, endpoint.id, "state of the connection").why
        elif state:
            faults.append(EndpointFault(endpoint.id, str(target), state))
        else:
            working.add(target.key)
    gaps += (gap for endpoint in near.endpoints_in(project) for gap in _not_understood(context, endpoint, project))
    closed = {
        fault.target
        for fault in faults
        if not gaps and ArmId.parse(fault.target).key not in working and _is_closed(context, ArmId.parse(fault.target))
    }
    found = (replace(fault, only_way=fault.target in closed) for fault in once(faults))
    return tuple(sorted(found, key=lambda fault: (fault.id.lower(), fault.target.lower()))), once(gaps)


def endpoints_to(context: Context, target: ArmId) -> Iterator[PrivateEndpoint]:
    """Yield the private endpoints that lead to a resource, whatever their state."""
    yield from (endpoint for endpoint, _, _ in _near(context).connections_to(target))


_Connection = tuple[PrivateEndpoint, ConnectionProperties, ArmId]


class _Endpoints:
    """The private endpoints of one environment: by subscription, and their connections by what may tell their project.

    That is the id of the target, its resource group, and the projects that its tags name.
    """

    def __init__(self, context: Context) -> None:
        self._in: dict[str, list[PrivateEndpoint]] = defaultdict(list)
        self._all: list[_Connection] = []
        self._by: dict[tuple[str, str], list[int]] = defaultdict(list)
        for endpoint in context.inventory.all(PrivateEndpoint):
            self._in[str(endpoint.arm_id.subscription)].append(endpoint)
            for connection in endpoint.connections:
                target = arm_id(connection.private_link_service_id)
                if target is not None:
                    for key in {*self._signs(context, target)}:
                        self._by[key].append(len(self._all))
                    self._all.append((endpoint, connection, target))

    @staticmethod
    def _signs(context: Context, target: ArmId) -> Iterator[tuple[str, str]]:
        yield "id", target.key
        if target.resource_group_id is not None:
            yield "group", target.resource_group_id.key
        yield from (("name", name.lower()) for name in _tags(context.inventory.get(target)))

    def connections_of(self, project: ArmId) -> Iterator[_Connection]:
        """Yield the connections that may be a project's, in the order of the endpoints."""
        group = project.resource_group_id
        keys = [("id", project.key), ("name", project.name.lower()), *([("group", group.key)] if group else [])]
        return (self._all[index] for index in sorted({index for key in keys for index in self._by.get(key, ())}))

    def connections_to(self, target: ArmId) -> Iterator[_Connection]:
        """Yield the connections that lead to a resource."""
        return (self._all[index] for index in self._by.get(("id", target.key), ()))

    def endpoints_in(self, project: ArmId) -> list[PrivateEndpoint]:
        """Return the endpoints in the subscription of a project."""
        return self._in.get(str(project.subscription), [])


def _near(context: Context) -> _Endpoints:
    if context not in _known:
        _known[context] = _Endpoints(context)
    return _known[context]


_known: "WeakKeyDictionary[Context, _Endpoints]" = WeakKeyDictionary()


def _not_understood(context: Context, endpoint: PrivateEndpoint, project: ArmId) -> tuple[Gap, ...]:
    """Return the gap of an endpoint in the project's subscription that does not say what it leads to; else nothing.

    It may lead to the project or to one of its resources.
    """
    targets = [arm_id(connection.private_link_service_id) for connection in endpoint.connections]
    if (targets and None not in targets) or endpoint.arm_id.subscription_id != project.subscription_id:
        return ()
    return not_in_body(context.inventory, PRIVATE_ENDPOINTS, endpoint.id, "target of the connection").why


def _is_closed(context: Context, target: ArmId) -> bool:
    """Return whether a project or key vault is known to have no public access."""
    held = context.inventory.get(target)
    if isinstance(held, MigrateProject):
        return ((held.properties.public_network_access if held.properties else None) or "").lower() == "disabled"
    return isinstance(held, Vault) and VaultNetwork(context.inventory, held).public_access is False


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


_WAITS = "waits for its approval"


def _state(endpoint: PrivateEndpoint, connection: ConnectionProperties) -> str | None:
    """Return what is wrong with a connection in words; empty if it works, None if its state was not returned."""
    made = (endpoint.properties.provisioning_state or "").lower()
    shown = connection.private_link_service_connection_state
    status = (shown.status or "").lower() if shown is not None else ""
    if made in {"failed", "canceled"}:
        return f"was not made: its state is {endpoint.properties.provisioning_state}"
    match status:
        case "pending":
            return _WAITS
        case "rejected":
            return "was rejected"
        case "disconnected":
            return "leads to something that was deleted"
        case "approved":
            return ""
    return None
