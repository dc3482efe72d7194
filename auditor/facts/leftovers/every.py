"""Leftovers of all kinds, each with its projects and its verdict."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from weakref import WeakKeyDictionary

from auditor.facts.estate.environment import Context
from auditor.facts.fact import Gap, once
from auditor.facts.leftovers.access import applications, role_assignments
from auditor.facts.leftovers.discovery import assessment_projects, master_sites, sites
from auditor.facts.leftovers.further import (
    maps_and_sites,
    private_dns_zones,
    replica_disks,
    replication_fabrics,
    replication_vaults,
    service_buses,
)
from auditor.facts.leftovers.leftover import Leftover, LeftoverKind, LeftoverVerdict, judged
from auditor.facts.leftovers.network import private_endpoints
from auditor.facts.leftovers.soft_deleted import deleted_vaults, deleted_workspaces
from auditor.facts.leftovers.storage import locks, storage_accounts
from auditor.facts.leftovers.vaults import key_vaults, recovery_vaults
from auditor.facts.leftovers.workspaces.verdict import judgements
from auditor.facts.presence import may_hide as hidden_in
from auditor.facts.subject import listed
from auditor.inventory.arm_id import arm_id
from auditor.inventory.lists import ASSESSMENT_PROJECTS, DELETED_KEY_VAULTS, DELETED_WORKSPACES, LOCKS, ROLE_ASSIGNMENTS
from auditor.inventory.resources.further import (
    DependencyMap,
    PrivateDnsZone,
    ReplicationFabric,
    ReplicationVault,
    ServiceBusNamespace,
    WorkloadSite,
)
from auditor.inventory.resources.keyvault import Vault
from auditor.inventory.resources.loganalytics import Workspace
from auditor.inventory.resources.network import PrivateEndpoint
from auditor.inventory.resources.offazure import MasterSite, Site
from auditor.inventory.resources.recoveryservices import RecoveryVault
from auditor.inventory.resources.storage import StorageAccount

BESIDE_WORKSPACES = frozenset(LeftoverKind) - {LeftoverKind.WORKSPACE}
"""All kinds except workspaces, which have subjects of their own."""

_LISTED_IN = {
    LeftoverKind.WORKSPACE: Workspace.types,
    LeftoverKind.ASSESSMENT_PROJECT: (ASSESSMENT_PROJECTS,),
    LeftoverKind.SITE: Site.types,
    LeftoverKind.MASTER_SITE: MasterSite.types,
    LeftoverKind.KEY_VAULT: Vault.types,
    LeftoverKind.RECOVERY_VAULT: RecoveryVault.types,
    LeftoverKind.STORAGE_ACCOUNT: StorageAccount.types,
    LeftoverKind.LOCK: (LOCKS,),
    LeftoverKind.PRIVATE_ENDPOINT: PrivateEndpoint.types,
    LeftoverKind.ROLE_ASSIGNMENT: (ROLE_ASSIGNMENTS,),
    LeftoverKind.APPLICATION: Site.types,
    LeftoverKind.SERVICE_BUS: ServiceBusNamespace.types,
    LeftoverKind.REPLICATION_VAULT: ReplicationVault.types,
    LeftoverKind.REPLICATION_FABRIC: ReplicationFabric.types,
    LeftoverKind.REPLICA_DISK: RecoveryVault.types,
    LeftoverKind.DEPENDENCY_MAP: DependencyMap.types,
    LeftoverKind.WORKLOAD_SITE: WorkloadSite.types,
    LeftoverKind.PRIVATE_DNS_ZONE: PrivateDnsZone.types,
    LeftoverKind.DELETED_WORKSPACE: (DELETED_WORKSPACES,),
    LeftoverKind.DELETED_KEY_VAULT: (DELETED_KEY_VAULTS,),
}
"""The lists that contain each kind; applications are known from the sites and collectors that name them."""


def may_hide(context: Context, kinds: Collection[LeftoverKind]) -> tuple[Gap, ...]:
    """Return the gaps that may hide further things of these kinds in any scanned subscription."""
    scopes = [f"/subscriptions/{one}" for one in context.inventory.unlike(context.inventory.scanned)]
    lists = once(what for kind in LeftoverKind if kind in kinds for what in _LISTED_IN[kind])
    unlisted = (gap for what in lists for one in scopes for gap in hidden_in(context.inventory, what, one))
    return once([*unlisted, *(context.estate.hidden_collectors if LeftoverKind.APPLICATION in kinds else ())])


def leftovers(context: Context, kinds: Collection[LeftoverKind] = BESIDE_WORKSPACES) -> Iterator[Leftover]:
    """Yield every thing of `kinds` that belongs, or may belong, to existing or deleted projects.

    Things without any association with Azure Migrate are left out, except workspaces, which all get a verdict.
    """
    if LeftoverKind.WORKSPACE in kinds:
        yield from judgements(context)
    things = [
        *assessment_projects(context),
        *sites(context),
        *master_sites(context),
        *key_vaults(context),
        *recovery_vaults(context),
        *storage_accounts(context),
    ]
    further = [
        *service_buses(context),
        *replication_vaults(context),
        *replication_fabrics(context),
        *maps_and_sites(context),
        *private_dns_zones(context),
    ]
    candidates = [
        *things,
        *further,
        *replica_disks(context, things),
        *locks(context, [*things, *further]),
        *private_endpoints(context, things),
        *applications(context),
        *deleted_workspaces(context),
        *deleted_vaults(context),
    ]
    yield from (_with_locks(context, judged(one)) for one in candidates if one.kind in kinds)
    if LeftoverKind.ROLE_ASSIGNMENT in kinds:
        yield from (_with_locks(context, one) for one in role_assignments(context, things))


def _with_locks(context: Context, one: Leftover) -> Leftover:
    """Return a leftover with the locks that keep it from being deleted in its reason; they change no verdict."""
    place = arm_id(one.id)
    if place is None or one.kind is LeftoverKind.LOCK or one.verdict is not LeftoverVerdict.ORPHANED:
        return one
    names = once(lock.display_name for lock in context.references.locks_over(place))
    if not names:
        return one
    return replace(one, why=f"{one.why}; locks keep it from being deleted: {listed(names)}")


def every_leftover(context: Context) -> tuple[Leftover, ...]:
    """Return the leftovers of all kinds; they are judged once."""
    return _judged(context).every


def leftovers_by_id(context: Context) -> Mapping[str, Leftover]:
    """Return the leftovers of all kinds by their ids in lower case."""
    return _judged(context).by_id


class _Judged:
    """The leftovers of all kinds of one environment, judged."""

    def __init__(self, every: Iterable[Leftover]) -> None:
        self.every = tuple(every)
        self.by_id = {one.id.lower(): one for one in self.every}


def _judged(context: Context) -> _Judged:
    if context not in _known:
        _known[context] = _Judged(leftovers(context, frozenset(LeftoverKind)))
    return _known[context]


_known: "WeakKeyDictionary[Context, _Judged]" = WeakKeyDictionary()
