"""Leftovers in the directory and in access control: applications, and role assignments of deleted principals."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from auditor.facts.entities.applications import application_name
from auditor.facts.estate.environment import Context
from auditor.facts.estate.registration_modes import has_made_name
from auditor.facts.fact import Evidence, Fact, Known, Unknown, once, unless_gaps
from auditor.facts.leftovers.associations import Associations, only_a_hint, since
from auditor.facts.leftovers.discovery import assessment_projects
from auditor.facts.leftovers.leftover import (
    Candidate,
    Leftover,
    LeftoverKind,
    LeftoverVerdict,
    counted,
    in_words,
)
from auditor.facts.leftovers.vaults import appliance_associations, homeless_gaps
from auditor.facts.presence import not_in_body
from auditor.inventory.arm_id import ArmId
from auditor.inventory.lists import (
    APPLICATIONS,
    ASSESSMENT_PROJECTS,
    DIRECTORY_OBJECTS,
    SERVICE_PRINCIPALS,
)
from auditor.inventory.resources.authorization import FOREIGN_GROUP, RoleAssignment
from auditor.inventory.resources.directory import ServicePrincipal
from auditor.inventory.resources.migrate import Collector, MigrateProject
from auditor.inventory.resources.recoveryservices import RecoveryVault

_APPLICATION_LISTS = (APPLICATIONS, SERVICE_PRINCIPALS)


def applications(context: Context) -> Iterator[Candidate]:
    """Yield the applications that appliances sign in with, and service principals with a name like theirs.

    The application id of an appliance comes from its site, or from a collector of an assessment project that outlived
    its project. The name of a service principal is only a hint, since Site Recovery uses the same names.
    """
    estate = context.estate
    assessments = {one.associations.id.lower(): one.associations for one in assessment_projects(context)}
    named = sorted({*estate.appliances_by_application, *estate.collectors_by_application})
    for app_id in named:
        existing = _is_there(context, app_id)
        if isinstance(existing, Unknown) or existing.value:
            associations = _associations(context, app_id, assessments)
            name = application_name(context, app_id)
            yield Candidate(
                kind=LeftoverKind.APPLICATION,
                name=name,
                associations=associations,
                existing=existing,
                since=since(context, associations, _scope(context, app_id)),
                holds=_holds(context, app_id),
            )
    for principal in context.inventory.objects(ServicePrincipal):
        key = (principal.app_id or "").lower()
        if key and key not in named and has_made_name(principal.display_name or ""):
            message = "only its name suggests that an appliance created it; Site Recovery uses the same names"
            associations = Associations(
                key, (), context.estate.hidden_appliances, only_a_hint(APPLICATIONS, key, message)
            )
            yield Candidate(
                kind=LeftoverKind.APPLICATION,
                name=principal.label,
                associations=associations,
                holds=_holds(context, key),
            )


def _associations(context: Context, app_id: str, assessments: Mapping[str, Associations]) -> Associations:
    """Return the associations of an application with the projects of its appliances."""
    appliances = context.estate.appliances_by_application.get(app_id, ())
    found = [*appliance_associations(context, appliances)]
    hidden = [*homeless_gaps(context, appliances), *context.estate.hidden_appliances]
    for collector in context.estate.collectors_by_application.get(app_id, ()):
        parent = str(collector.arm_id.parent)
        unknown = not_in_body(context.inventory, ASSESSMENT_PROJECTS, parent, "project").why
        of = assessments.get(parent.lower(), Associations(collector.id, (), unknown))
        found += (
            replace(association, because=Evidence(collector.id, "its appliance signed in with it"))
            for association in of.found
        )
        hidden += of.hidden
    return Associations(app_id, once(found), once(hidden))


def _scope(context: Context, app_id: str) -> ArmId | None:
    """Return the subscription of a site or a collector that names the application."""
    appliances = (appliance.site for appliance in context.estate.appliances_by_application.get(app_id, ()))
    naming = (*appliances, *context.estate.collectors_by_application.get(app_id, ()))
    return naming[0].arm_id.subscription_id


def _is_there(context: Context, app_id: str) -> Fact[bool]:
    """Return whether it exists as an application; the identity of an Arc machine is deleted with its machine."""
    if context.directory.application(app_id) is not None:
        return Known(True)
    principal = context.directory.principal(app_id)
    if principal is not None:
        return Known((principal.service_principal_type or "").lower() != "managedidentity")
    return unless_gaps(False, (gap for what in _APPLICATION_LISTS for gap in context.inventory.gaps(what, app_id)))


def _holds(context: Context, app_id: str) -> Iterator[str]:
    held = context.directory.application(app_id)
    credentials = (*(held.key_credentials or ()), *(held.password_credentials or ())) if held else ()
    ends = [one.ends for one in credentials if one.ends is not None]
    if credentials:
        verb = "expires" if ends and context.inventory.now < max(ends) else "expired"
        last = f", the last of which {verb} on {max(ends):%Y-%m-%d}" if ends else ""
        yield f"{counted(len(credentials), 'credential')}{last}"


def role_assignments(context: Context, things: Iterable[Candidate]) -> Iterator[Leftover]:
    """Yield the role assignments on resources of projects, and those to principals of projects.

    Such an assignment is a leftover once its principal is deleted, whether or not the project exists. Assignments at
    subscriptions and above are left out, since they are not specific to a project.
    """
    owners = _owners(context, things)
    for item in _concerning(context, owners):
        properties = item.properties
        projects = once([*owners.get(item.principal, ()), *_at(item.arm_id.scope, owners)])
        foreign_group = (properties.principal_type or "").lower() == FOREIGN_GROUP
        foreign = foreign_group or properties.delegated_managed_identity_resource_id
        if item.principal and not foreign:
            yield _assignment(context, item, item.principal, projects)


def _concerning(context: Context, owners: Mapping[str, tuple[str, ...]]) -> Iterator[RoleAssignment]:
    """Yield the assignments to principals of `owners` and on its resources, sorted by id."""
    groups = {"/".join(one.split("/")[:5]) for one in owners if one.startswith("/")}

    def is_owned(scope: str) -> bool:
        parts = scope.split("/")
        above = ("/".join(parts[:count]) in owners for count in range(len(parts), 4, -1))
        return "/".join(parts[:5]) in groups and any(above)

    assignments = context.inventory.assignments
    to_principals = (item for one in owners for item in assignments.of(one))
    held = {item.id.lower(): item for item in (*to_principals, *assignments.with_id_at(is_owned))}
    yield from (held[key] for key in sorted(held))


def _assignment(context: Context, item: RoleAssignment, principal: str, projects: tuple[str, ...]) -> Leftover:
    existing = _exists(context, principal)
    verdict, why = _verdict(existing, principal)
    role = context.roles.name_of(item) or item.display_name
    about = Evidence(item.id, f"held by {principal}")
    holder = context.inventory.object(principal)
    known = existing.is_true
    return Leftover(
        kind=LeftoverKind.ROLE_ASSIGNMENT,
        id=item.id,
        name=f"a role of {principal if holder is None else holder.label}",
        verdict=verdict,
        why=why,
        projects=tuple(sorted(projects)),
        evidence_for=(about, *(existing.because if isinstance(existing, Known) and not known else ())),
        evidence_against=existing.because if isinstance(existing, Known) and known else (),
        unread=existing.gaps,
        holds=(f"the role `{role}` at `{item.arm_id.scope}`",),
    )


def _verdict(existing: Fact[bool], principal: str) -> tuple[LeftoverVerdict, str]:
    if isinstance(existing, Unknown):
        return (
            LeftoverVerdict.UNDECIDED,
            f"whether its principal still exists is not known: {in_words(existing.why)}",
        )
    if existing.value:
        return LeftoverVerdict.ATTACHED, f"its principal `{principal}` exists"
    return LeftoverVerdict.ORPHANED, f"its principal `{principal}` is not in the directory any more"


def _exists(context: Context, principal: str) -> Fact[bool]:
    held = context.inventory.object(principal)
    if held is not None:
        return Known(True, (Evidence(held.id, "exists"),))
    gaps = context.inventory.gaps(DIRECTORY_OBJECTS, principal)
    return unless_gaps(False, gaps, Evidence(principal, "not in the directory"))


def _owners(context: Context, things: Iterable[Candidate]) -> Mapping[str, tuple[str, ...]]:
    """Return names of projects by the key of what they own: resources, their resource groups, and principals."""
    found: dict[str, set[str]] = defaultdict(set)
    for candidate in things:
        place = ArmId.parse(candidate.associations.id)
        found[place.key].update(candidate.associations.projects)
        if candidate.kind.is_migrates_own and place.resource_group_id is not None:
            found[place.resource_group_id.key].update(candidate.associations.projects)
        held = context.inventory.get(place)
        if isinstance(held, RecoveryVault):
            found[_principal(held.identity)].update(candidate.associations.projects)
    for project in context.inventory.all(MigrateProject):
        own = {project.display_name}
        for key in (project.arm_id.key, _principal(project.identity), _group(project.arm_id)):
            found[key] |= own
    for appliance in context.estate.appliances:
        if appliance.project is not None and appliance.identity is not None:
            found[(appliance.identity.object_id or "").lower()].add(appliance.project.name)
    for collector in context.inventory.all(Collector):
        found[(collector.identity.object_id or "").lower()] |= found[collector.arm_id.parent.key]
    return {key: tuple(sorted(names)) for key, names in found.items() if key and names}


def _at(scope: ArmId, owners: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """Yield the projects that own a scope or one of its parents up to the resource group."""
    while scope.resource_group_id is not None:
        yield from owners.get(scope.key, ())
        scope = scope.parent


def _group(place: ArmId) -> str:
    return place.resource_group_id.key if place.resource_group_id is not None else ""


def _principal(identity: Any) -> str:
    found = identity.get("principalId") if isinstance(identity, dict) else None
    return found.lower() if isinstance(found, str) else ""
