"""Facts about one registration: an account that is to register an appliance with a project."""

from collections.abc import Sequence
from dataclasses import replace

from auditor.access.verdicts import AccessAnswer
from auditor.facts.entities.accounts import (
    PRINCIPAL_TYPES,
    account_name,
    account_type,
    enabled,
    invitation_pending,
    known_name,
)
from auditor.facts.entities.projects import project_ready, project_state
from auditor.facts.estate.environment import Context
from auditor.facts.estate.owning_projects import project_ref
from auditor.facts.estate.registration_modes import Mode, mode_of_registration, registers
from auditor.facts.fact import Fact, Known, any_of, combine, map_fact, not_, once
from auditor.facts.presence import exists
from auditor.facts.rights.providers import ProviderStates
from auditor.facts.rights.questions import (
    AccountAccess,
    AskedRight,
    denied,
    granted,
    in_words,
    lacking,
    missing,
)
from auditor.facts.rights.step_rights import StepRights, step_rights
from auditor.facts.rights.steps import REGISTER, steps
from auditor.facts.schema import SubjectKind
from auditor.facts.subject import Subject, Value, listed, subject
from auditor.facts.subjects.registration_parts import application_facts, policy_facts, role_facts, vault_facts
from auditor.inventory.arm_id import ArmId
from auditor.inventory.lists import PROJECTS


def registration_subject(
    context: Context, account: AccountAccess, project: ArmId, *, mode: Mode | None, asked: bool
) -> Subject:
    """Return the registration of an appliance with `project` by `account`.

    `mode` is how it will be registered, or None if not given. `asked` says that the user named the account, rather
    than leaving it to be the signed-in one: only a named service principal counts as an appliance's own identity.
    """
    step = steps()[REGISTER]
    kind = account_type(context.inventory, account.object_id)
    how = mode_of_registration(context.estate, context.directory, project, kind, mode, asked=asked)
    has = step_rights(context, account, project, step)
    vault, vault_texts = vault_facts(context, account.object_id, has.vaults)
    application, application_texts = application_facts(context, has.applications)
    policies, policy_texts = policy_facts(context, account.object_id, project)
    lasting, lasting_texts = role_facts(context, account.object_id, project)
    name = account_name(context.inventory, account.object_id)
    device_code = context.access.device_code(account.object_id)
    facts: dict[str, Fact[Value]] = {
        **_account_facts(context, account, device_code),
        **_project_facts(context, project),
        "mode": map_fact(lambda it: it.value, how),
        "by_this_account": combine(lambda it, type_: registers(it, type_, asked=asked), how, kind),
        **_right_facts(has, project),
        "denied": denied(context.inventory, account.object_id, has.rights),
        "roles": context.roles.at(account.object_id, project.resource_group_id or project),
        **lasting,
        **vault,
        **policies,
        **application,
    }
    texts = {
        **has.providers.texts,
        "who": name,
        "resource_group_id": str(project.resource_group_id or project),
        "principal_type": _principal_type(kind),
        **_lacking_at(_elsewhere(has.rights, project)),
        "missing": _missing(has.rights, has.providers),
        "device_code_refusal": _refusal(device_code),
        "held": context.roles.in_words(account.object_id, project.resource_group_id or project),
        **lasting_texts,
        **vault_texts,
        **policy_texts,
        **application_texts,
    }
    identity, projects = f"{account.object_id}@{project}", (project_ref(context.estate, project),)
    pair = f"{name} → {project.name}"
    return replace(subject(SubjectKind.REGISTRATION, identity, pair, facts, texts, projects=projects), account=name)


def _account_facts(context: Context, account: AccountAccess, device_code: AccessAnswer) -> dict[str, Fact[Value]]:
    return {
        "account": known_name(context.inventory, account.object_id),
        "account_id": Known(account.object_id),
        "account_type": account_type(context.inventory, account.object_id),
        "account_enabled": enabled(context.inventory, account.object_id),
        "invitation_pending": invitation_pending(context.inventory, account.object_id),
        "may_create_applications": granted(context.access.may_create_applications(account.object_id)),
        "device_code_allowed": granted(device_code),
    }


def _right_facts(has: StepRights, project: ArmId) -> dict[str, Fact[Value]]:
    rights, providers = has.rights, has.providers
    elsewhere = _elsewhere(rights, project)
    return {
        "lacks_in_group": any_of(not_(right.granted) for right in rights if right not in elsewhere),
        "lacks_elsewhere": any_of(not_(right.granted) for right in elsewhere),
        "can_register": has.may_act,
        "actions_granted": has.granted,
        "missing_actions": combine(lambda lacks, register: [*lacks, *register], missing(rights), providers.missing),
        "only_eligible": _only_eligible(rights),
        "conditional": any_of(right.conditional for right in rights),
        "unregistered_providers": providers.unregistered,
        "can_register_providers": providers.usable,
    }


def _elsewhere(rights: Sequence[AskedRight], project: ArmId) -> tuple[AskedRight, ...]:
    """Return the rights on existing resources of the project, other than the project itself and its group."""
    own = {str(project).lower(), str(project.resource_group_id or project).lower()}
    return tuple(right for right in rights if right.scope.lower() not in own)


def _project_facts(context: Context, project: ArmId) -> dict[str, Fact[Value]]:
    held = context.estate.projects.get(project.key)
    existing = exists(context.inventory, project, PROJECTS)
    state = project_state(context, project)
    return {
        "project": Known(held.display_name if held else project.name),
        "project_id": Known(str(held.arm_id if held else project)),
        "project_exists": existing,
        "project_state": state,
        "project_ready": project_ready(context, project),
        "resource_group": Known(project.resource_group or ""),
        "subscription": Known(project.subscription or ""),
    }


def _only_eligible(rights: Sequence[AskedRight]) -> Fact[bool]:
    """Return whether rights are missing and activating roles would grant all of them."""
    granted_ = [right.granted for right in rights]
    short = lacking(rights)
    if any(not right.eligible for right in short):
        return Known(False)
    return combine(lambda *values: not all(values), *granted_)


def _principal_type(kind: Fact[str]) -> str:
    return PRINCIPAL_TYPES.get(kind.value, kind.value) if isinstance(kind, Known) else "User"


def _refusal(device_code: AccessAnswer) -> str:
    return "; ".join(reason.text for reason in device_code.because) or "which policies refuse it could not be read"


def _lacking_at(elsewhere: Sequence[AskedRight]) -> dict[str, str]:
    return {"elsewhere_id": short[0].scope} if (short := lacking(elsewhere)) else {}


def _missing(rights: Sequence[AskedRight], providers: ProviderStates) -> str:
    denied = [right for right in rights if right.denied_by]
    lacks = in_words([right for right in rights if not right.denied_by])
    denying = once(item.id for right in denied for item in right.denied_by)
    parts = [
        f"the deny assignment {listed(denying)} denies it {in_words(denied)}" if denied else "",
        f"it lacks {lacks}" if lacks else "",
        providers.in_words,
    ]
    return "; ".join(part for part in parts if part) or "what it lacks could not be read"
