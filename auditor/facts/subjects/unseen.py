"""Placeholder subjects for things that may exist unseen, because a list was not read completely."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from auditor.facts.entities.projects import AskedProject
from auditor.facts.estate.appliances import SITE_KINDS
from auditor.facts.fact import Fact, Gap, Known, Unknown, once
from auditor.facts.leftovers.leftover import LeftoverKind
from auditor.facts.presence import beyond, may_hide
from auditor.facts.readiness.asked_for import were_asked_for
from auditor.facts.schema import SubjectKind, facts_of
from auditor.facts.subject import EVERYWHERE, Subject, Value
from auditor.inventory.inventory import Inventory
from auditor.inventory.lists import (
    ASSESSMENT_GROUPS,
    ASSESSMENT_PROJECTS,
    ASSESSMENTS,
    DELETED_WORKSPACES,
    DEPENDENCY_MAPS,
    DIRECTORY_OBJECTS,
    GROUP_ASSESSMENTS,
    IMPORT_SITES,
    KEY_VAULTS,
    LOCKS,
    MASTER_SITES,
    OLD_PROJECTS,
    PRIVATE_DNS_ZONES,
    PRIVATE_ENDPOINTS,
    PROJECTS,
    RECOVERY_VAULTS,
    REPLICATION_FABRICS,
    REPLICATION_VAULTS,
    RESOURCE_GROUPS,
    ROLE_ASSIGNMENTS,
    SERVICE_BUS,
    STORAGE_ACCOUNTS,
    WORKLOAD_SITES,
    WORKSPACES,
)
from auditor.inventory.reads import OLDER_VERSION
from auditor.inventory.resources.migrate import Collector, MigrateProject, OldProject

_OF_PROJECTS = frozenset(
    {
        SubjectKind.REGISTRATION,
        SubjectKind.PROJECT,
        SubjectKind.APPLIANCE,
        SubjectKind.VAULT,
        SubjectKind.APPLICATION,
    }
)
"""Kinds of things that belong to a project: where that is, they are."""
_OF_MACHINES = frozenset({SubjectKind.ASSESSMENT, SubjectKind.DISCOVERY})
"""Kinds of things that are looked at only where machines were asked for."""
_SITES = tuple(what for _, what in SITE_KINDS.values())


_OWNED = (
    PROJECTS,
    ASSESSMENT_PROJECTS,
    *_SITES,
    MASTER_SITES,
    KEY_VAULTS,
    RECOVERY_VAULTS,
    STORAGE_ACCOUNTS,
)
"""Lists that show which vaults, endpoints and assignments belong to projects."""


@dataclass(frozen=True, slots=True)
class _Things:
    """Subjects of one kind: their name in messages, the lists that contain them, and lists whose details name them.

    `within` are properties in bodies of these lists that name such things, which an older api-version may lack.
    `shown_by` are lists of single resources that may name them too: a refused one counts, an unread one does not, since
    there may have been no such resource.
    """

    kind: SubjectKind
    name: str
    lists: tuple[str, ...] = ()
    named_in: tuple[str, ...] = ()
    shown_by: tuple[str, ...] = ()
    leftover: LeftoverKind | None = None
    within: tuple[str, ...] = ()


_FURTHER = ("properties.siteAppliancePropertiesCollection",)
"""The property of a site with its further appliances, which only newer api-versions return."""

_THINGS = (
    _Things(SubjectKind.REGISTRATION, "registrations with projects", (PROJECTS,)),
    _Things(SubjectKind.PROJECT, "projects", (PROJECTS, OLD_PROJECTS), _SITES),
    _Things(SubjectKind.APPLIANCE, "appliances", _SITES, within=_FURTHER),
    _Things(SubjectKind.VAULT, "key vaults of appliances", named_in=_SITES, within=_FURTHER),
    _Things(SubjectKind.APPLICATION, "applications of appliances", named_in=_SITES, within=_FURTHER),
    _Things(SubjectKind.ACCOUNT, "accounts from outside", (ROLE_ASSIGNMENTS,)),
    _Things(SubjectKind.WORKSPACE, "workspaces", (WORKSPACES,)),
    _Things(
        SubjectKind.ASSESSMENT,
        "assessments",
        (ASSESSMENT_PROJECTS,),
        shown_by=(ASSESSMENT_GROUPS, GROUP_ASSESSMENTS, ASSESSMENTS),
    ),
    _Things(SubjectKind.DISCOVERY, "discoveries of sites", _SITES),
    _Things(
        SubjectKind.REMAIN,
        "applications",
        (ASSESSMENT_PROJECTS,),
        named_in=_SITES,
        shown_by=Collector.types,
        within=_FURTHER,
        leftover=LeftoverKind.APPLICATION,
    ),
    *(
        _Things(SubjectKind.REMAIN, name, lists, leftover=kind)
        for kind, name, lists in (
            (LeftoverKind.ASSESSMENT_PROJECT, "assessment projects", (ASSESSMENT_PROJECTS,)),
            (LeftoverKind.SITE, "sites", (*_SITES, IMPORT_SITES)),
            (LeftoverKind.MASTER_SITE, "master sites", (MASTER_SITES,)),
            (LeftoverKind.KEY_VAULT, "key vaults", _OWNED),
            (LeftoverKind.RECOVERY_VAULT, "Recovery Services vaults", _OWNED),
            (LeftoverKind.STORAGE_ACCOUNT, "storage accounts", _OWNED),
            (LeftoverKind.SERVICE_BUS, "Service Bus namespaces", (SERVICE_BUS,)),
            (LeftoverKind.REPLICATION_VAULT, "replication vaults", (REPLICATION_VAULTS, PROJECTS)),
            (LeftoverKind.REPLICATION_FABRIC, "replication fabrics", (REPLICATION_FABRICS,)),
            (LeftoverKind.REPLICA_DISK, "replica disks", (RECOVERY_VAULTS, PROJECTS)),
            (LeftoverKind.DEPENDENCY_MAP, "dependency maps", (DEPENDENCY_MAPS,)),
            (LeftoverKind.WORKLOAD_SITE, "sites of databases and applications", WORKLOAD_SITES),
            (LeftoverKind.PRIVATE_DNS_ZONE, "private DNS zones", (PRIVATE_DNS_ZONES,)),
            (LeftoverKind.DELETED_WORKSPACE, "soft-deleted workspaces", (DELETED_WORKSPACES,)),
            (LeftoverKind.LOCK, "locks", (LOCKS, *_OWNED)),
            (LeftoverKind.PRIVATE_ENDPOINT, "private endpoints", (PRIVATE_ENDPOINTS, *_OWNED)),
            (LeftoverKind.ROLE_ASSIGNMENT, "role assignments", (ROLE_ASSIGNMENTS, *_OWNED)),
        )
    ),
)


def unseen(
    inventory: Inventory,
    subscriptions: Collection[str],
    *,
    project: AskedProject | None = None,
    resource_group: str | None = None,
    kinds: Collection[SubjectKind] = tuple(SubjectKind),
) -> Iterator[Subject]:
    """Yield one subject with unknown facts for each kind of thing that may exist unseen in `subscriptions`.

    Without it, a rule that lacks a list would stay silent, which reads as if nothing were wrong. Where no project was
    found (the named one, one of the resource group, or any), it may be in a subscription that was not read. Workspaces
    are left out if a project was named.
    """
    scopes = [f"/subscriptions/{one}" for one in inventory.unlike(subscriptions)]
    elsewhere = _maybe_elsewhere(inventory, subscriptions, project, resource_group)
    for things in _THINGS:
        if things.kind not in kinds or (things.kind in _OF_MACHINES and not were_asked_for(inventory)):
            continue
        unsettled = _unsettled(inventory, things, scopes)
        gaps = once(gap for scope in scopes if scope in unsettled for gap in _hiding(inventory, things, scope))
        if things.kind is SubjectKind.ACCOUNT:
            gaps = once((*gaps, *_hiding_holders(inventory)))
        if things.kind in elsewhere:
            gaps = once((*beyond(inventory, PROJECTS), *gaps))
        if gaps and not (project is not None and things.kind is SubjectKind.WORKSPACE):
            yield Subject(things.kind, EVERYWHERE, f"{things.name} that were not seen", _nothing_known(things, gaps))


def _maybe_elsewhere(
    inventory: Inventory, subscriptions: Collection[str], asked: AskedProject | None, resource_group: str | None
) -> frozenset[SubjectKind]:
    """Return the kinds of things that may be in a subscription that was not read; none where a project was found.

    A project that was asked for is a subject of its own, found or not.
    """
    held = (one.arm_id for kind in (MigrateProject, OldProject) for one in inventory.all(kind))
    inside = (one for one in held if (one.subscription or "").lower() in subscriptions)
    if asked is None:
        group = (resource_group or "").lower()
        found = any(not group or (one.resource_group or "").lower() == group for one in inside)
        return frozenset() if found else _OF_PROJECTS
    if any(asked.is_for(one) for one in inside):
        return frozenset()
    if asked.id is None:
        return _OF_PROJECTS - {SubjectKind.PROJECT}
    read = (asked.id.subscription or "").lower() in inventory.scanned
    return frozenset() if read else _OF_PROJECTS - {SubjectKind.PROJECT, SubjectKind.REGISTRATION}


def _unsettled(inventory: Inventory, things: _Things, scopes: list[str]) -> set[str]:
    """Return the scopes in which `_hiding` may find anything."""
    lists = (*things.lists, *things.named_in, RESOURCE_GROUPS)
    found = set().union(*(inventory.unsettled(what, scopes) for what in lists))
    return found.union(*(inventory.unsettled(what, scopes, unread=False) for what in things.shown_by))


def _hiding(inventory: Inventory, things: _Things, scope: str) -> Iterator[Gap]:
    for what in things.lists:
        yield from may_hide(inventory, what, scope)
        details = inventory.gaps(what, scope, rests_on=things.within)
        yield from (gap for gap in details if gap.code == OLDER_VERSION)
    for what in things.named_in:
        yield from inventory.gaps(what, scope, rests_on=things.within)
    for what in things.shown_by:
        yield from (gap for gap in inventory.gaps(what, scope) if not gap.was_not_requested)
    yield from inventory.gaps(RESOURCE_GROUPS, scope, below=False)


def _hiding_holders(inventory: Inventory) -> tuple[Gap, ...]:
    """Return the gaps that hide whether a holder of a role is an external account."""
    gaps = inventory.gaps(DIRECTORY_OBJECTS, "/")
    held = inventory.assignments.principals if gaps else ()
    return gaps if any(inventory.object(principal) is None for principal in held) else ()


def _nothing_known(things: _Things, gaps: tuple[Gap, ...]) -> dict[str, Fact[Value]]:
    facts: dict[str, Fact[Value]] = dict.fromkeys(facts_of(things.kind), Unknown(gaps))
    if things.leftover is not None:
        facts["remain.kind"] = Known(things.leftover.value)
    return facts
