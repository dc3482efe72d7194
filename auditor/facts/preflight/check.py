"""The check of one step of a registration for its account: one result per part, and the overall result."""

from collections.abc import Mapping
from dataclasses import dataclass

from auditor.facts.entities.accounts import account_type, may_sign_in, unseen
from auditor.facts.entities.applications import usable_credential
from auditor.facts.entities.private_connectivity import has_private_connectivity
from auditor.facts.entities.projects import project_ready
from auditor.facts.estate.environment import Context
from auditor.facts.estate.registration_modes import Mode, mode_of_registration, registers
from auditor.facts.fact import Evidence, Fact, Gap, Known, Unknown, all_of, any_of, map_fact, not_, once
from auditor.facts.preflight.appliance_sign_in import able, of_appliances
from auditor.facts.preflight.broken_endpoints import of_endpoints, working
from auditor.facts.preflight.not_found import is_found
from auditor.facts.preflight.obstacles import (
    BEING_DELETED,
    Obstacle,
    ObstacleEffect,
    admitted,
    names_read,
    obstacles_of,
    of_deletions,
    of_name,
    of_roles,
    of_sign_in,
    unblocked,
)
from auditor.facts.preflight.plan import RegistrationPlan
from auditor.facts.preflight.sign_ins import members_are_users, sign_ins, unable_members
from auditor.facts.preflight.vaults import vault_to_come, void_policies
from auditor.facts.presence import exists
from auditor.facts.rights.application_control import ApplicationControl
from auditor.facts.rights.directory_rights import DirectoryRight, directory_rights
from auditor.facts.rights.questions import AccountAccess, AskedRight, all_granted, granted, rights_of
from auditor.facts.rights.step_rights import NOTHING_ASKED, StepRights, step_rights
from auditor.facts.rights.steps import CREATE, DISCOVER, REGISTER, ApplianceKind, EntraNeed, Part, Step, When
from auditor.inventory.lists import PROJECTS, RESOURCE_GROUPS
from auditor.inventory.reads import NOT_REGISTERING

_OWN_IDENTITY_STEPS = frozenset({REGISTER, DISCOVER})
"""Steps at the appliance, for which a user signs in there, unless it does them with an identity of its own."""
NOT_FOUND = ("60039",)
"""The error ids for a project that was not found."""
TARGET_NOT_NAMED = "TargetNotNamed"
"""Code of a gap for a step on a target resource group where none was named."""


@dataclass(frozen=True, slots=True)
class StepCheck:
    """The check of one step for one account.

    `parts` says for each part whether it is in order; the step succeeds if all are. `done` says that the step has
    already been done, `searched` that only the project was looked for, since it was not found and is not to be created.
    """

    step: Step
    account: str
    parts: Mapping[Part, Fact[bool]]
    done: Fact[bool]
    has: StepRights = NOTHING_ASKED
    directory: tuple[DirectoryRight, ...] = ()
    obstacles: tuple[Obstacle, ...] = ()
    searched: bool = False

    @property
    def goes(self) -> Fact[bool]:
        """Whether the step will succeed; unknown if a part could not be read, or if its target was not named.

        Without a target the step is not judged, even if a right is missing elsewhere.
        """
        if self.lacks_target:
            return self.parts[Part.TARGET]
        return any_of((self.done, all_of(self.parts.values())))

    def failing(self, part: Part) -> bool:
        """Return whether a part is known to be out of order in a step that is not known to be done."""
        fact = self.parts.get(part, Known(True))
        return fact.is_false and not self.is_done

    @property
    def lacks_target(self) -> bool:
        """Whether the step depends on a target resource group, and none was named."""
        target = self.parts.get(Part.TARGET, Known(True))
        return any(gap.code == TARGET_NOT_NAMED for gap in target.gaps)

    @property
    def is_done(self) -> bool:
        """Whether the step is known to be done already."""
        return self.done.is_true

    def is_being_deleted(self, identity: str) -> bool:
        """Return whether the step is refused because Azure is deleting the resource `identity`."""
        return any(it.kind == BEING_DELETED and it.id.lower() == identity.lower() for it in self.obstacles)

    @property
    def errors(self) -> tuple[str, ...]:
        """The error ids that the appliance shows for the failing parts; of a refused sign-in, those of its policies."""
        if self.searched:
            return NOT_FOUND if self.failing(Part.PROJECT) else ()
        ids = {error for part, errors in self.step.errors.items() if self.failing(part) for error in errors}
        refused = {it.error for it in self.obstacles if it.error and it.effect is ObstacleEffect.BLOCKS}
        return tuple(sorted(ids - (set(self.step.errors.get(Part.SIGN_IN, ())) - refused)))

    @property
    def asked(self) -> tuple[AskedRight, ...]:
        """All rights that the step needs, on both planes."""
        return (*self.has.needed, *(right for asked in self.has.vaults.rights.values() for right in asked))


def check_step(context: Context, plan: RegistrationPlan, step: Step) -> StepCheck:
    """Check `step` of `plan` for the account that does it."""
    account = AccountAccess(context.access, plan.account_of(step))
    done = project_ready(context, plan.project) if step.id == CREATE else Known(False)
    found = Known(True) if plan.new else is_found(context, plan)
    if not found.is_true:
        return StepCheck(step, account.object_id, {Part.PROJECT: found}, Known(False), searched=True)
    nothing_known = unseen(context.inventory, account.object_id)
    if nothing_known:
        parts: dict[Part, Fact[bool]] = {
            Part.ACCOUNT: Unknown(nothing_known),
            Part.TARGET: _target(context, plan, step),
        }
        return StepCheck(step, account.object_id, parts, done)
    makes_group = _makes_group(context, plan, step)
    target = _target(context, plan, step)
    has = step_rights(
        context,
        account,
        plan.project,
        step,
        plan.kind,
        new_resource_group=makes_group,
        target=None if target.is_false else plan.target,
        subnet=plan.subnet,
    )
    directory = directory_rights(account, step.entra_of(plan.kind), has.applications)
    at_appliance = step.id in _OWN_IDENTITY_STEPS
    mode = mode_of_plan(context, plan)
    used = tuple(sign_ins(context, plan, account, mode)) if at_appliance else ()
    by_user = at_appliance and not map_fact(lambda it: it is Mode.USER, mode).is_false
    endpoints, unread_endpoints = of_endpoints(context, plan.project, step)
    appliances, unread_appliances = of_appliances(context, plan, step)
    deleted, staying = of_deletions(
        context, plan.project, has, (plan.target,) if step.has_target and plan.target else ()
    )
    obstacles = (
        *deleted,
        *of_roles(context, step, has),
        *obstacles_of(context, account, has.needed, has.providers, has.vaults, plan.project, plan.addresses),
        *endpoints,
        *appliances,
        *vault_to_come(context, plan.project, step),
        *(void_policies(context, account, plan.project, has) if by_user else ()),
        *(of_name(plan.project) if plan.new and step.id == CREATE and not done.is_true else ()),
        *unable_members(context, account),
        *once(it for by, answer in used if not by.is_false for it in of_sign_in(account, answer)),
    )
    parts = {
        Part.PROJECT: _project(context, plan, step, account),
        Part.ACCOUNT: _account(context, plan, step, account),
        Part.MODE: _mode(context, plan, step),
        Part.TARGET: target,
        Part.RIGHTS: has.granted,
        Part.PROVIDERS: has.providers.usable,
        Part.VAULT: _vaults(has),
        Part.NETWORK: admitted(obstacles),
        Part.ENDPOINTS: working(endpoints, unread_endpoints),
        Part.APPLIANCE: able(appliances, unread_appliances),
        Part.SIGN_IN: all_of(any_of((not_(by), granted(answer))) for by, answer in used),
        Part.ENTRA: _entra(context, plan, step, account, has.applications),
        Part.OBSTACLES: all_of(
            (
                unblocked(context.inventory, obstacles, has.needed),
                names_read(context, plan.project, has.needed),
                _unblocked_if_private(context, plan, account, has),
                staying,
            )
        ),
    }
    return StepCheck(step, account.object_id, parts, done, has, directory, obstacles)


def _unblocked_if_private(
    context: Context, plan: RegistrationPlan, account: AccountAccess, has: StepRights
) -> Fact[bool]:
    """Return whether nothing blocks what only private connectivity needs, where it is not known if the project has it.

    If it has, what it needs is among the other rights.
    """
    needed = set(has.needed)
    perhaps = tuple(right for right in has.rights if right not in needed)
    if not perhaps:
        return Known(True)
    found = obstacles_of(context, account, perhaps, has.providers, NOTHING_ASKED.vaults, plan.project)
    return any_of((not_(has.private), unblocked(context.inventory, found, perhaps)))


def _makes_group(context: Context, plan: RegistrationPlan, step: Step) -> bool:
    """Return whether the step is known to create the project's resource group too."""
    existing = exists(context.inventory, plan.project.resource_group_id or plan.project, RESOURCE_GROUPS)
    return step.id == CREATE and existing.is_false


def _project(context: Context, plan: RegistrationPlan, step: Step, account: AccountAccess) -> Fact[bool]:
    """Return whether the project exists and is ready, or will be created by an earlier step.

    For the step that creates it: whether its resource group exists or, if that is unknown, could be created too.
    """
    if step.id == CREATE:
        group = plan.project.resource_group_id or plan.project
        existing = exists(context.inventory, group, RESOURCE_GROUPS)
        if isinstance(existing, Known):
            return Known(True, existing.because)
        return any_of(
            (
                existing,
                all_granted(rights_of(account, step, plan.project, plan.kind, cases=(When.NEW_RESOURCE_GROUP,))),
            )
        )
    ready = project_ready(context, plan.project)
    if not plan.new:
        return ready
    return any_of((ready, not_(exists(context.inventory, plan.project, PROJECTS))))


def _vaults(has: StepRights) -> Fact[bool]:
    """Return whether the account has the needed rights in all vaults; unknown if the documented ones are unknown.

    Documented rights that are known to be missing are an obstacle that may block, not a missing right.
    """
    documented = has.vaults.documented_access
    return all_of((has.vaults.access, documented)) if isinstance(documented, Unknown) else has.vaults.access


def _account(context: Context, plan: RegistrationPlan, step: Step, account: AccountAccess) -> Fact[bool]:
    """Return whether the account can sign in, and does this step in the registration mode of the plan."""
    able = may_sign_in(context.inventory, account.object_id)
    if step.id not in _OWN_IDENTITY_STEPS:
        return able
    kind = account_type(context.inventory, account.object_id)
    mode = mode_of_plan(context, plan)
    if isinstance(kind, Unknown) or isinstance(mode, Unknown):
        unread = tuple(gap for fact in (kind, mode) if isinstance(fact, Unknown) for gap in fact.why)
        return all_of((able, Unknown(unread)))
    if registers(mode.value, kind.value, asked=plan.named):
        able = all_of((able, members_are_users(context, account.object_id)))
        by_application = step.id == REGISTER and mode.value is Mode.APP
        return all_of((able, usable_credential(context, account.object_id))) if by_application else able
    if plan.named and mode.value is Mode.USER and kind.value in {"ServicePrincipal", "ManagedIdentity"}:
        return Known(False, (Evidence(account.object_id, "a service principal cannot sign in by device code"),))
    return all_of((able, Unknown((_not_registering(account.object_id, mode.value, step),))))


def _mode(context: Context, plan: RegistrationPlan, step: Step) -> Fact[bool]:
    """Return whether appliances of this kind can register in the mode of the plan.

    Microsoft's page on registering with Azure Arc excludes Hyper-V and projects with private connectivity.
    """
    if step.id != REGISTER:
        return Known(True)
    mode = map_fact(lambda it: it is not Mode.ARC, mode_of_plan(context, plan))
    if plan.kind is ApplianceKind.HYPERV:
        note = "an appliance for Hyper-V cannot register through Azure Arc"
        return Known(False, (Evidence(str(plan.project), note),)) if mode.is_false else mode
    private = _private(context, plan)
    if mode.is_false and private.is_true:
        note = "an appliance of a project with private connectivity cannot register through Azure Arc"
        return Known(False, (Evidence(str(plan.project), note),))
    return any_of((mode, not_(private)))


def _private(context: Context, plan: RegistrationPlan) -> Fact[bool]:
    """Return whether the project has private connectivity, or will have it."""
    if plan.subnet is not None:
        return Known(True, (Evidence(str(plan.subnet), "the subnet of its private endpoints"),))
    if exists(context.inventory, plan.project, PROJECTS).is_false:
        return Known(False)
    return has_private_connectivity(context, plan.project)


def _target(context: Context, plan: RegistrationPlan, step: Step) -> Fact[bool]:
    """Return whether the target resource group exists; unknown if the step needs one and none was named."""
    if not step.has_target:
        return Known(True)
    if plan.target is None:
        message = "the target group was not named"
        return Unknown((Gap(step.id, str(plan.project), 0, TARGET_NOT_NAMED, message),))
    return exists(context.inventory, plan.target, RESOURCE_GROUPS)


def mode_of_plan(context: Context, plan: RegistrationPlan) -> Fact[Mode]:
    """Return the registration mode of the appliance of `plan`."""
    kind = account_type(context.inventory, plan.account)
    return mode_of_registration(context.estate, context.directory, plan.project, kind, plan.mode, asked=plan.named)


def _not_registering(object_id: str, mode: Mode, step: Step) -> Gap:
    who = {
        Mode.USER: "in this mode a user signs in at the appliance, which this account cannot",
        Mode.APP: "in this mode the appliance signs in with an Entra application of its own: ask about that account",
        Mode.ARC: "in this mode the appliance signs in as its Arc machine: ask about that machine's identity",
    }
    return Gap(step.id, object_id, 0, NOT_REGISTERING, who[mode])


def _entra(
    context: Context, plan: RegistrationPlan, step: Step, account: AccountAccess, applications: ApplicationControl
) -> Fact[bool]:
    """Return whether the account has the directory rights of the step, which only a user who signs in needs."""
    need = step.entra_of(plan.kind)
    if need is None:
        return Known(True)
    if need is EntraNeed.READ_SERVICE_PRINCIPALS:
        return granted(context.access.reads_service_principals(account.object_id))
    by_other = map_fact(lambda mode: mode is not Mode.USER, mode_of_plan(context, plan))
    if need is EntraNeed.CREATE_APPLICATION:
        return any_of((by_other, granted(context.access.may_create_applications(account.object_id))))
    return any_of((by_other, all_of((applications.every, _inherits(plan, account, applications)))))


def _inherits(plan: RegistrationPlan, account: AccountAccess, applications: ApplicationControl) -> Fact[bool]:
    """Return whether the account that starts discovery controls the application that another account creates.

    If appliances of the project have registered, their applications decide. Otherwise only a directory role covers an
    application that does not exist yet.
    """
    registered = any_of([*applications.by_user, *applications.unread])
    if not plan.by_two:
        return Known(True)
    return any_of((registered, granted(account.access.administers_applications(account.object_id))))
