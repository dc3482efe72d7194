"""All subjects of one environment, each with its facts."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from auditor.access.access import Access
from auditor.facts.entities.accounts import looks_external
from auditor.facts.entities.projects import AskedProject
from auditor.facts.estate.appliances import ApplianceOnSite
from auditor.facts.estate.environment import Context
from auditor.facts.estate.registration_modes import Mode
from auditor.facts.readiness.asked_for import were_asked_for
from auditor.facts.rights.questions import AccountAccess
from auditor.facts.schema import SubjectKind
from auditor.facts.subject import Subject
from auditor.inventory.arm_id import ArmId, arm_id
from auditor.inventory.inventory import Inventory
from auditor.inventory.lists import PROJECTS
from auditor.inventory.readiness_scope import ReadinessScope

if TYPE_CHECKING:
    from auditor.facts.readiness.readiness import Readiness


def subjects(
    inventory: Inventory,
    access: Access,
    *,
    accounts: Sequence[str] | None = None,
    projects: Sequence[AskedProject | str] = (),
    resource_group: str | None = None,
    registration_mode: Mode | None = None,
    kinds: Collection[SubjectKind] = tuple(SubjectKind),
) -> Iterator[Subject]:
    """Yield every subject of `kinds` in the environment; each is built on demand, and none is kept.

    `accounts` are the object ids of the accounts that were named; None means the account that made the snapshot.
    `projects` (names or ARM ids) and `resource_group` narrow projects, registrations, appliances, vaults and
    applications to what belongs to them; a project that was asked for and is missing is a subject too.
    `registration_mode` is how appliances will be registered, or None if not given.
    """
    asked = tuple(
        project if isinstance(project, AskedProject) else AskedProject.of(project, resource_group)
        for project in projects
    )
    scope = _SubjectScope(Context(inventory, access), asked, resource_group, accounts, registration_mode)
    for kind, subjects_of in _SUBJECTS.items():
        if kind in kinds:
            yield from subjects_of(scope)


class _SubjectScope:
    """The projects, resource group and accounts that were asked for, and the parts of the environment in that scope."""

    def __init__(
        self,
        context: Context,
        asked: tuple[AskedProject, ...],
        resource_group: str | None,
        accounts: Sequence[str] | None,
        mode: Mode | None,
    ) -> None:
        self.context = context
        self.asked = asked
        self.mode = mode
        self.resource_group = (resource_group or "").lower()
        self.accounts_named = accounts is not None
        own = context.inventory.header.by.object_id
        self.accounts = list(dict.fromkeys(accounts if accounts is not None else [own] if own else []))
        estate = context.estate
        held = [*estate.projects.values(), *estate.old_projects.values()]
        self.held = [project.arm_id for project in held if self._wanted(project.arm_id)]
        self.appliances = [appliance for appliance in estate.appliances if self._belongs(appliance)]

    @property
    def whole(self) -> bool:
        """Whether the scope is the whole environment."""
        return not self.asked and not self.resource_group

    @property
    def targets(self) -> list[ArmId]:
        """The projects an appliance could register with: those found, and missing ones that were asked for by id."""
        new = [project for project in self.held if project.type.lower() == PROJECTS.lower()]
        return _once([*new, *(one.id for one in self.asked if one.id is not None)])

    @property
    def projects(self) -> list[ArmId]:
        """The projects that were found, that an appliance's site names, or that were asked for by id."""
        named = [one.id for one in self.asked if one.id is not None]
        pointed = [appliance.project for appliance in self.appliances if appliance.project is not None]
        known = {**self.context.estate.projects, **self.context.estate.old_projects}
        return _once([*self.held, *(project for project in [*named, *pointed] if project.key not in known)])

    def grouped(
        self, groups: dict[str, tuple[ApplianceOnSite, ...]]
    ) -> Iterator[tuple[str, tuple[ApplianceOnSite, ...]]]:
        """Yield each group with its appliances in the scope; groups without any are left out."""
        inside = {id(appliance) for appliance in self.appliances}
        for key, appliances in groups.items():
            chosen = tuple(appliance for appliance in appliances if id(appliance) in inside)
            if chosen:
                yield key, chosen

    def is_asked_for(self, project: ArmId) -> bool:
        """Return whether this project was asked for."""
        return any(one.is_for(project) for one in self.asked)

    @cached_property
    def readiness(self) -> "tuple[Readiness, ...]":
        """What the assessments and sites in the scope come to; empty where machines were not asked for."""
        inventory = self.context.inventory
        if not were_asked_for(inventory):
            return ()
        from auditor.facts.readiness.readiness import Assessed

        group = self.resource_group or None
        scopes = [ReadinessScope(project=one.name, resource_group=one.resource_group or group) for one in self.asked]
        return tuple(
            Assessed(inventory, scope).readiness() for scope in scopes or [ReadinessScope(resource_group=group)]
        )

    def _wanted(self, project: ArmId) -> bool:
        if self.asked:
            return self.is_asked_for(project)
        return not self.resource_group or (project.resource_group or "").lower() == self.resource_group

    def _belongs(self, appliance: ApplianceOnSite) -> bool:
        return self.whole or self._wanted(appliance.project or appliance.site.arm_id)


# The builders of a kind are imported on demand, so that a rule about one kind loads only that kind.


def _registrations(scope: _SubjectScope) -> Iterator[Subject]:
    from auditor.facts.subjects.registration import registration_subject

    for object_id in scope.accounts:
        for project in scope.targets:
            account = AccountAccess(scope.context.access, object_id)
            yield registration_subject(scope.context, account, project, mode=scope.mode, asked=scope.accounts_named)


def _projects(scope: _SubjectScope) -> Iterator[Subject]:
    from auditor.facts.subjects.project import missing_project_subject, project_subject

    projects = scope.projects
    for project in projects:
        yield project_subject(scope.context, project, asked=scope.is_asked_for(project))
    for one in scope.asked:
        if one.id is None and not any(one.is_for(project) for project in projects):
            yield missing_project_subject(scope.context, one)


def _appliances(scope: _SubjectScope) -> Iterator[Subject]:
    from auditor.facts.subjects.appliance import appliance_subject

    for appliance in scope.appliances:
        yield appliance_subject(scope.context, appliance)


def _vaults(scope: _SubjectScope) -> Iterator[Subject]:
    """Yield the vaults that appliances use, and those that projects name before an appliance registers."""
    from auditor.facts.rights.vault_access import project_vaults
    from auditor.facts.subjects.vault import vault_subject

    found = dict(scope.grouped(scope.context.estate.appliances_by_vault))
    naming: dict[str, list[ArmId]] = defaultdict(list)
    for project in scope.targets:
        for vault in project_vaults(scope.context, project):
            found.setdefault(vault.key, ())
            naming[vault.key].append(project)
    for key, appliances in found.items():
        yield vault_subject(scope.context, ArmId.parse(key), appliances, naming.get(key, ()))


def _applications(scope: _SubjectScope) -> Iterator[Subject]:
    from auditor.facts.subjects.application import application_subject

    for key, appliances in scope.grouped(scope.context.estate.appliances_by_application):
        yield application_subject(scope.context, key, appliances)


def _accounts(scope: _SubjectScope) -> Iterator[Subject]:
    """Yield the accounts that were named, and every external account that holds a role."""
    from auditor.facts.subjects.account import account_subject

    inventory = scope.context.inventory
    held = (inventory.object(object_id) for object_id in inventory.assignments.principals)
    outside = (found.id for found in held if found is not None and looks_external(found))
    for object_id in {object_id.lower(): object_id for object_id in [*scope.accounts, *outside]}.values():
        yield account_subject(inventory, AccountAccess(scope.context.access, object_id))


def _workspaces(scope: _SubjectScope) -> Iterator[Subject]:
    from auditor.facts.leftovers.workspaces.uses import UsesFound
    from auditor.facts.leftovers.workspaces.verdict import workspaces_read
    from auditor.facts.subjects.workspace import workspace_subject

    found = UsesFound(scope.context.inventory)
    for workspace in workspaces_read(scope.context.inventory):
        if scope.whole or (workspace.arm_id.resource_group or "").lower() == scope.resource_group:
            yield workspace_subject(scope.context, found, workspace)


def _leftovers(scope: _SubjectScope) -> Iterator[Subject]:
    """Yield the leftovers in the scope: by the name of their project, otherwise by their resource group."""
    from auditor.facts.leftovers.every import BESIDE_WORKSPACES, every_leftover
    from auditor.facts.subjects.leftover import leftover_subject

    wanted = {one.name.lower() for one in scope.asked}
    for one in every_leftover(scope.context):
        if one.kind not in BESIDE_WORKSPACES:
            continue
        place = arm_id(one.id)
        if (
            any(name.lower() in wanted for name in one.projects)
            if wanted
            else scope.whole or (place is not None and (place.resource_group or "").lower() == scope.resource_group)
        ):
            yield leftover_subject(scope.context, one)


def _assessments(scope: _SubjectScope) -> Iterator[Subject]:
    for readiness in scope.readiness:
        from auditor.facts.subjects.assessment import assessment_subject, projects_of_assessment

        for wave in readiness.waves:
            yield assessment_subject(wave, projects_of_assessment(scope.context.estate, wave))


def _discoveries(scope: _SubjectScope) -> Iterator[Subject]:
    for readiness in scope.readiness:
        from auditor.facts.subjects.discovery import discovery_subject, projects_of_site

        for site in readiness.sites:
            yield discovery_subject(site, readiness.now, projects_of_site(scope.context.estate, site))


_SUBJECTS: dict[SubjectKind, Callable[[_SubjectScope], Iterator[Subject]]] = {
    SubjectKind.REGISTRATION: _registrations,
    SubjectKind.PROJECT: _projects,
    SubjectKind.APPLIANCE: _appliances,
    SubjectKind.VAULT: _vaults,
    SubjectKind.APPLICATION: _applications,
    SubjectKind.ACCOUNT: _accounts,
    SubjectKind.WORKSPACE: _workspaces,
    SubjectKind.REMAIN: _leftovers,
    SubjectKind.ASSESSMENT: _assessments,
    SubjectKind.DISCOVERY: _discoveries,
}


def _once(ids: Iterable[ArmId]) -> list[ArmId]:
    return list(dict.fromkeys(ids))
