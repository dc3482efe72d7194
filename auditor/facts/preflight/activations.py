"""The roles that an account could activate to get missing rights."""

from collections.abc import Iterable
from dataclasses import dataclass

from auditor.access.directory.roles import HeldRole
from auditor.access.verdicts import AccessVerdict, ReasonKind
from auditor.facts.estate.environment import Context
from auditor.facts.fact import once
from auditor.facts.preflight.check import StepCheck
from auditor.facts.rights.questions import AskedRight
from auditor.facts.rights.steps import Part
from auditor.inventory.resources.authorization import EligibilityInstance


@dataclass(frozen=True, slots=True)
class Activation:
    """An eligible role: its name, scope and definition, and its eligibility schedule (may be empty).

    If a group membership must be activated instead, `group` is the id of the group. For a directory role, `directory`
    is true, `definition` is its template id, and `scope` is the directory or one application in it.
    """

    id: str
    role: str
    scope: str
    definition: str
    schedule: str
    direct: bool
    group: str = ""
    directory: bool = False


def activations_of(context: Context, check: StepCheck) -> tuple[Activation, ...]:
    """Return the eligibilities that would grant some of the rights that the step lacks, each once."""
    offered = [held for right in check.directory for held in right.activatable] if check.failing(Part.ENTRA) else []
    return once(
        (*_of_rights(context, check.account, check.asked), *(_of_directory(check.account, it) for it in offered))
    )


def _of_directory(account: str, held: HeldRole) -> Activation:
    direct = held.holder == account.lower()
    return Activation(
        f"{held.role.value}@{held.scope}", held.role.title, held.scope, held.role.value, "", direct, directory=True
    )


def _of_rights(context: Context, account: str, rights: Iterable[AskedRight]) -> tuple[Activation, ...]:
    reasons = [
        reason
        for right in rights
        for answer in right.answers
        if answer.verdict is AccessVerdict.ELIGIBLE
        for reason in answer.because
    ]
    found = [_of_role(context, account, one.id) for one in reasons if one.kind is ReasonKind.ELIGIBILITY]
    found += [_of_group(context, one.id) for one in reasons if one.kind is ReasonKind.GROUP_ELIGIBILITY]
    return once(one for one in found if one is not None)


def _of_role(context: Context, account: str, identity: str) -> Activation | None:
    held = context.inventory.get(identity)
    if not isinstance(held, EligibilityInstance):
        return None
    properties = held.properties
    definition = properties.role_definition_id or ""
    role = context.access.roles.role(definition)
    schedule = (context.inventory.body(identity) or {}).get("properties")
    linked = schedule.get("roleEligibilityScheduleId") if isinstance(schedule, dict) else None
    return Activation(
        held.id,
        role.name if role else definition.rpartition("/")[2],
        properties.scope or str(held.arm_id.scope),
        definition,
        linked if isinstance(linked, str) else "",
        direct=(properties.principal_id or "").lower() == account.lower(),
    )


def _of_group(context: Context, group: str) -> Activation | None:
    held = context.inventory.object(group)
    return Activation(group, held.label if held else group, "", "", "", direct=True, group=group)
