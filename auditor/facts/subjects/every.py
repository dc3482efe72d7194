"""All subjects of one environment: what there is to judge, each with its facts."""

from collections.abc import Iterable, Iterator, Sequence

from auditor.access.access import Access
from auditor.facts.entities.accounts import looks_external
from auditor.facts.estate.appliances import ApplianceOnSite
from auditor.facts.estate.environment import Context
from auditor.facts.estate.registration_modes import Mode
from auditor.facts.fact import Known, Unknown
from auditor.facts.leftovers.every import leftovers
from auditor.facts.leftovers.leftover import Leftover
from auditor.facts.leftovers.workspace_uses import UsesFound
from auditor.facts.presence import arm_id
from auditor.facts.rights.questions import AccountAccess
from auditor.facts.subject import Subject
from auditor.facts.subjects.account import account_subject
from auditor.facts.subjects.appliance import appliance_subject
from auditor.facts.subjects.application import application_subject
from auditor.facts.subjects.leftover import leftover_subject
from auditor.facts.subjects.project import Wish, project_subject, wished_subject
from auditor.facts.subjects.registration import registration_subject
from auditor.facts.subjects.vault import vault_subject
from auditor.facts.subjects.workspace import workspace_subject
from auditor.inventory.arm_id import ArmId
from auditor.inventory.inventory import Inventory
from auditor.inventory.lists import PROJECTS
from auditor.inventory.resources.loganalytics import Workspace

__all__ = ["Known", "Mode", "Subject", "Unknown", "Wish", "subjects"]


def subjects(
    inventory: Inventory,
    access: Access,
    *,
    accounts: Sequence[str] | None = None,
    projects: Sequence[Wish | str] = (),
    resource_group: str | None = None,
    registration_mode: Mode | None = None,
) -> Iterator[Subject]:
    """Yield every subject of the environment; each is drawn when it is asked for, and none is kept.

    `accounts` are the object ids of the accounts that were named; None means the account that made the snapshot.
    `projects` (names or ARM ids) and `resource_group` narrow projects, registrations, appliances, vaults and
    applications to what belongs to them; a project asked for that is not there is a subject too. `registration_mode`
    says how appliances are going to be registered, where that was said.
    """
    context = Context(inventory, access)
    wishes = tuple(wish if isinstance(wish, Wish) else Wish.of(wish, resource_group) for wish in projects)
    scope = _SubjectScope(context, wishes, resource_group)
    named = accounts is not None
    object_ids = list(dict.fromkeys(accounts if accounts is not None else _own(inventory)))
    for object_id in object_ids:
        for project in scope.targets:
            account = AccountAccess(access, object_id)
            yield registration_subject(context, account, project, mode=registration_mode, asked=named)
    yield from scope.project_subjects()
    for appliance in scope.appliances:
        yield appliance_subject(context, appliance)
    for key, appliances in _grouped(scope, context.estate.appliances_by_vault):
        yield vault_subject(context, ArmId.parse(key), appliances)
    for key, appliances in _grouped(scope, context.estate.appliances_by_application):
        yield application_subject(context, key, appliances)
    for object_id in _accounts(context, object_ids):
        yield account_subject(inventory, AccountAccess(access, object_id))
    yield from _workspaces(context, scope)
    yield from (leftover_subject(context, one) for one in leftovers(context) if scope.concerns(one))


class _SubjectScope:
    """What was asked for, and what of the environment belongs to it."""

    def __init__(self, context: Context, wishes: tuple[Wish, ...], resource_group: str | None) -> None:
        self.context = context
        self.wishes = wishes
        self.resource_group = (resource_group or "").lower()
        estate = context.estate
        held = [*estate.projects.values(), *estate.old_projects.values()]
        self.held = [project.arm_id for project in held if self._wanted(project.arm_id)]
        self.appliances = [appliance for appliance in estate.appliances if self._belongs(appliance)]

    @property
    def whole(self) -> bool:
        """Whether nothing narrows the scope."""
        return not self.wishes and not self.resource_group

    @property
    def targets(self) -> list[ArmId]:
        """The projects an appliance could register with: those held, and missing ones that were asked for by id."""
        new = [project for project in self.held if project.type.lower() == PROJECTS.lower()]
        return _once([*new, *(wish.id for wish in self.wishes if wish.id is not None)])

    def project_subjects(self) -> Iterable[Subject]:
        """Every project as a subject: held, pointed at by an appliance, asked for."""
        for project in _once([*self.held, *self._missing_by_id()]):
            asked = any(wish.is_for(project) for wish in self.wishes)
            yield project_subject(self.context, project, asked=asked)
        for wish in self.wishes:
            if wish.id is None and not any(wish.is_for(project) for project in [*self.held, *self._missing_by_id()]):
                yield wished_subject(self.context, wish)

    def concerns(self, remain: Leftover) -> bool:
        """Whether a thing belongs to what was asked for: by its project's name, else by its resource group."""
        if self.wishes:
            wanted = {wish.name.lower() for wish in self.wishes}
            return any(name.lower() in wanted for name in remain.projects)
        place = arm_id(remain.id)
        return self.whole or (place is not None and (place.resource_group or "").lower() == self.resource_group)

    def _missing_by_id(self) -> list[ArmId]:
        """Projects that an id names (an appliance's site, or the asker) and that the scan does not hold."""
        named = [wish.id for wish in self.wishes if wish.id is not None]
        pointed = [appliance.project for appliance in self.appliances if appliance.project is not None]
        known = {**self.context.estate.projects, **self.context.estate.old_projects}
        return [project for project in _once([*named, *pointed]) if project.key not in known]

    def _wanted(self, project: ArmId) -> bool:
        if self.wishes:
            return any(wish.is_for(project) for wish in self.wishes)
        return not self.resource_group or (project.resource_group or "").lower() == self.resource_group

    def _belongs(self, appliance: ApplianceOnSite) -> bool:
        return self.whole or self._wanted(appliance.project or appliance.site.arm_id)


def _grouped(
    scope: _SubjectScope, groups: dict[str, tuple[ApplianceOnSite, ...]]
) -> list[tuple[str, tuple[ApplianceOnSite, ...]]]:
    inside = {id(appliance) for appliance in scope.appliances}
    chosen = (
        (key, tuple(appliance for appliance in appliances if id(appliance) in inside))
        for key, appliances in groups.items()
    )
    return [(key, appliances) for key, appliances in chosen if appliances]


def _own(inventory: Inventory) -> list[str]:
    own = inventory.header.by.object_id
    return [own] if own else []


def _accounts(context: Context, object_ids: list[str]) -> list[str]:
    """The accounts to judge by themselves: those asked about, and every account from outside that holds a role."""
    held = (context.inventory.object(object_id) for object_id in context.inventory.assignments.principals)
    outside = (found.id for found in held if found is not None and looks_external(found))
    return list({object_id.lower(): object_id for object_id in [*object_ids, *outside]}.values())


def _workspaces(context: Context, scope: _SubjectScope) -> Iterable[Subject]:
    found = UsesFound(context.inventory)
    for workspace in context.inventory.all(Workspace):
        if scope.whole or (workspace.arm_id.resource_group or "").lower() == scope.resource_group:
            yield workspace_subject(context, found, workspace)


def _once(ids: Iterable[ArmId]) -> list[ArmId]:
    return list(dict.fromkeys(ids))
