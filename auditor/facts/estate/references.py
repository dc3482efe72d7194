"""References by id: vaults, storage accounts and sites in solutions of projects, and locks on resources."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from auditor.facts.estate.joins import Estate
from auditor.facts.estate.tenant_gaps import TenantGaps
from auditor.facts.fact import Evidence, Gap, by_kind, once
from auditor.facts.presence import may_cover
from auditor.inventory.arm_id import ArmId, arm_id
from auditor.inventory.lists import LOCKS, OLD_PROJECTS, PROJECTS, RESOURCE_GROUPS, SOLUTIONS, WORKSPACE_SOLUTIONS
from auditor.inventory.resources.authorization import Lock
from auditor.inventory.resources.loganalytics import OmsSolution
from auditor.inventory.resources.migrate import Solution
from auditor.inventory.resources.offazure import Site

_DETAILS = ("keyVaultId", "vaultId", "replicationStorageAccountId", "masterSiteId")
_DEPTH = 8
"""The slashes in the id of a resource in a group that is no part of another."""
_NO_RESOURCES = ("microsoft.authorization/", "microsoft.managedservices/", WORKSPACE_SOLUTIONS.lower())
"""Beginnings of the types of what stands in a group and belongs to something else: to a scope, or to a workspace."""
_OWN_STORAGE = ("properties.utilityStorageAccountId",)


@dataclass(frozen=True, slots=True)
class Reference:
    """A project that refers to a resource, and the record that contains the reference."""

    project: ArmId
    because: Evidence


class References:
    """The references of the projects in one inventory, and the locks on resources; each collected once."""

    def __init__(self, estate: Estate) -> None:
        self._estate = estate
        self._inventory = estate.inventory

    def of(self, identity: ArmId) -> tuple[Reference, ...]:
        """Return the references of projects to `identity`."""
        return self._by_target.get(identity.key, ())

    @cached_property
    def hidden(self) -> tuple[Gap, ...]:
        """Gaps that may hide a reference: unlisted projects and unread solutions."""
        projects = [project.arm_id for project in self._estate.projects.values()]
        solutions = (gap for project in projects for gap in self._inventory.gaps(SOLUTIONS, project))
        bodies = (gap for scope in self._scopes for gap in self._inventory.gaps(PROJECTS, scope, rests_on=_OWN_STORAGE))
        return by_kind([*bodies, *solutions])

    def hidden_names(self, near: ArmId) -> tuple[Gap, ...]:
        """Return the gaps that may hide a project of any name; `near` is the subscription it is most likely in."""
        return once([*self._inventory.gaps(RESOURCE_GROUPS, near, below=False), *self._hidden_projects])

    @cached_property
    def _hidden_projects(self) -> tuple[Gap, ...]:
        everywhere = TenantGaps(self._inventory)
        return once(gap for what in (PROJECTS, OLD_PROJECTS) for gap in everywhere.gaps(what, rests_on=()))

    def locks_over(self, identity: ArmId) -> tuple[Lock, ...]:
        """Return the locks on a resource and on all that is above it, up to its subscription; the nearest first."""
        return tuple(lock for key in identity.paths for lock in self._locks.get(key, ()))

    def hidden_locks(self, identity: ArmId) -> tuple[Gap, ...]:
        """Return the gaps that may hide a lock on a resource or above it."""
        return may_cover(self._inventory, LOCKS, identity)

    @cached_property
    def hidden_sites(self) -> tuple[Gap, ...]:
        """Gaps that may hide a site of any kind, or its references."""
        return by_kind(
            gap for scope in self._scopes for what in Site.types for gap in self._inventory.gaps(what, scope)
        )

    def resources_in(self, scope: ArmId) -> Iterator[ArmId]:
        """Yield the resources in a resource group or subscription that are no part of another resource."""
        return map(ArmId, self._by_scope.get(scope.key, ()))

    @cached_property
    def _by_scope(self) -> Mapping[str, list[str]]:
        """The well-formed ids of resources by their group and by their subscription; there can be a million."""
        found: dict[str, list[str]] = defaultdict(list)
        kinds = (kind for kind in self._inventory.types() if not kind.startswith(_NO_RESOURCES))
        for record in (record for kind in kinds for record in self._inventory.of_type(kind) if not record.deleted):
            if record.id.count("/") == _DEPTH and (identity := arm_id(record.id)) is not None:
                group, subscription = identity.resource_group_id, identity.subscription_id
                if group is not None and subscription is not None:
                    found[group.key].append(record.id)
                    found[subscription.key].append(record.id)
        return found

    def solutions_on(self, workspace: ArmId) -> tuple[OmsSolution, ...]:
        """Return the solutions installed in a Log Analytics workspace."""
        return self._oms.get(workspace.key, ())

    @cached_property
    def _oms(self) -> Mapping[str, tuple[OmsSolution, ...]]:
        found: dict[str, list[OmsSolution]] = defaultdict(list)
        for solution in self._inventory.all(OmsSolution):
            workspace = arm_id(solution.properties.workspace_resource_id)
            if workspace is not None:
                found[workspace.key].append(solution)
        return {key: tuple(held) for key, held in found.items()}

    @cached_property
    def _scopes(self) -> tuple[str, ...]:
        return tuple(f"/subscriptions/{scope}" for scope in self._inventory.unlike(self._inventory.scanned))

    @cached_property
    def _locks(self) -> Mapping[str, tuple[Lock, ...]]:
        found: dict[str, list[Lock]] = defaultdict(list)
        for lock in self._inventory.all(Lock):
            found[lock.arm_id.scope.key].append(lock)
        return {key: tuple(locks) for key, locks in found.items()}

    @cached_property
    def _by_target(self) -> Mapping[str, tuple[Reference, ...]]:
        found: dict[str, list[Reference]] = defaultdict(list)
        for target, reference in self._named():
            found[target.key].append(reference)
        return {key: once(references) for key, references in found.items()}

    def _named(self) -> Iterator[tuple[ArmId, Reference]]:
        for solution in self._inventory.all(Solution):
            for detail in _DETAILS:
                target = arm_id(solution.extended_details.get(detail))
                if target is not None:
                    yield target, Reference(solution.arm_id.parent, Evidence(solution.id, f"{detail} names it"))
        for held in self._estate.projects.values():
            target = arm_id(held.properties.utility_storage_account_id) if held.properties else None
            if target is not None:
                yield target, Reference(held.arm_id, Evidence(held.id, "utilityStorageAccountId names it"))
