"""Facts about one account that is to register an appliance with one project."""

from auditor.facts.account import PRINCIPAL_TYPES, account_name, account_type, enabled, invitation_pending
from auditor.facts.context import Context
from auditor.facts.declared import SubjectKind
from auditor.facts.estate import PROJECTS
from auditor.facts.fact import Fact, Known, Unknown, all_of, any_of, combine, map_fact
from auditor.facts.grants import Account, Asked, all_granted, granted, in_words, lacking, missing
from auditor.facts.modes import Mode
from auditor.facts.presence import exists, told
from auditor.facts.providers import Providers, providers_of
from auditor.facts.registration_application import application_facts
from auditor.facts.registration_vault import vault_facts
from auditor.facts.steps import At, Step, steps
from auditor.facts.subject import Subject, Value, subject
from auditor.inventory.arm_id import ArmId

REGISTER = "register"


def registration_subject(
    context: Context, account: Account, project: ArmId, *, mode: Mode | None, asked: bool
) -> Subject:
    """Return the registration of an appliance with `project` by `account`.

    `mode` is how it is to be registered where that was said. `asked` tells that the account was named, rather than
    being the one that happens to be signed in: only a service principal that was named is taken for an appliance's.
    """
    step = steps()[REGISTER]
    kind = account_type(context.inventory, account.object_id)
    how = _mode(context, project, kind, mode, asked=asked)
    rights = ask(account, step, project)
    providers = providers_of(context.inventory, account, project, step.providers)
    vault, vault_texts = vault_facts(context, account, project, step)
    application, application_texts = application_facts(context, account, project)
    name = account_name(context.inventory, account.object_id)
    facts: dict[str, Fact[Value]] = {
        "account": Known(name),
        "account_id": Known(account.object_id),
        "account_type": kind,
        "account_enabled": enabled(context.inventory, account.object_id),
        "invitation_pending": invitation_pending(context.inventory, account.object_id),
        **_project_facts(context, project),
        "mode": map_fact(lambda it: it.value, how),
        "by_this_account": combine(lambda it, type_: _registers(it, type_, asked=asked), how, kind),
        "can_register": all_of((all_granted(rights), providers.usable)),
        "missing_actions": combine(lambda actions, register: [*actions, *register], missing(rights), providers.missing),
        "only_eligible": _only_eligible(rights),
        "conditional": Known(any(right.conditional for right in rights)),
        "roles": context.roles.at(account.object_id, project.resource_group_id or project),
        "unregistered_providers": providers.unregistered,
        "can_register_providers": providers.usable,
        "may_create_applications": granted(context.access.may_create_applications(account.object_id)),
        **vault,
        **application,
    }
    texts = {
        "resource_group_id": str(project.resource_group_id or project),
        "principal_type": _principal_type(kind),
        "missing": _missing(rights, providers),
        "held": context.roles.in_words(account.object_id, project.resource_group_id or project),
        **vault_texts,
        **application_texts,
    }
    return subject(SubjectKind.REGISTRATION, f"{account.object_id}@{project}", f"{name} → {project.name}", facts, texts)


def ask(account: Account, step: Step, project: ArmId) -> list[Asked]:
    """Return what the account may do of everything that a step of `project` needs in the control plane."""
    where = {
        At.PROJECT: project,
        At.RESOURCE_GROUP: project.resource_group_id or project,
        At.SUBSCRIPTION: project.subscription_id or project,
    }
    return [account.ask(need.one_of, where[need.at]) for need in step.needs]


def _project_facts(context: Context, project: ArmId) -> dict[str, Fact[Value]]:
    held = context.estate.projects.get(project.key)
    there = exists(context.inventory, project, PROJECTS)
    state = project_state(context, project)
    return {
        "project": Known(held.display_name if held else project.name),
        "project_id": Known(str(held.arm_id if held else project)),
        "project_exists": there,
        "project_state": state,
        "project_ready": all_of((there, map_fact(lambda it: it.lower() == "succeeded", state))),
        "resource_group": Known(project.resource_group or ""),
        "subscription": Known(project.subscription or ""),
    }


def project_state(context: Context, project: ArmId) -> Fact[str]:
    """Return the provisioning state of a project of the new experience; of one that is gone it stays unknown."""
    held = context.estate.projects.get(project.key)
    state = held.properties.provisioning_state if held and held.properties else None
    return told(context.inventory, PROJECTS, str(project), "provisioningState", state)


def _mode(context: Context, project: ArmId, kind: Fact[str], mode: Mode | None, *, asked: bool) -> Fact[Mode]:
    """How appliances of the project register.

    What was said counts first. A service principal that was named can only be an appliance's own identity. Otherwise a
    user registers, unless every appliance the project has came another way.
    """
    if mode is not None:
        return Known(mode)
    if asked and isinstance(kind, Known) and kind.value in _OWN_IDENTITY:
        return Known(_OWN_IDENTITY[kind.value], kind.because)
    if asked and isinstance(kind, Unknown):
        return kind
    seats = context.estate.seats_by_project.get(project.key, ())
    modes = [context.directory.mode_of(seat) for seat in seats]
    hidden = context.estate.site_gaps(project)
    by_user = any_of(
        [
            *(map_fact(lambda it: it is Mode.USER, fact) for fact in modes),
            Known(not seats),
            *([Unknown(hidden)] if hidden else []),
        ]
    )
    others = {fact.value for fact in modes if isinstance(fact, Known)}
    return map_fact(lambda user: Mode.USER if user else (Mode.ARC if others == {Mode.ARC} else Mode.APP), by_user)


_OWN_IDENTITY = {"ServicePrincipal": Mode.APP, "ManagedIdentity": Mode.ARC}


def _registers(mode: Mode, kind: str, *, asked: bool) -> bool:
    if kind in _OWN_IDENTITY:
        return asked and mode is _OWN_IDENTITY[kind]
    return mode is Mode.USER


def _only_eligible(rights: list[Asked]) -> Fact[bool]:
    """Whether something is missing and all of it is within reach by activating a role."""
    granted_ = [right.granted for right in rights]
    short = lacking(rights)
    if any(not right.eligible for right in short):
        return Known(False)
    return combine(lambda *values: not all(values), *granted_)


def _principal_type(kind: Fact[str]) -> str:
    return PRINCIPAL_TYPES.get(kind.value, kind.value) if isinstance(kind, Known) else "User"


def _missing(rights: list[Asked], providers: Providers) -> str:
    actions = in_words(rights)
    parts = [f"it lacks {actions}" if actions else "", providers.in_words]
    return "; ".join(part for part in parts if part) or "what it lacks could not be read"
