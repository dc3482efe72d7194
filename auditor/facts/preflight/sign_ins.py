"""The sign-ins that a step depends on: that of its account, and that of the application that an appliance makes.

A user signs in at the appliance by device code, to register it and to start discovery; an application that was made in
advance signs in with its own credential. Where a user registers, the appliance makes an application for this tenant
alone, which signs in with a certificate from then on.
Sources: https://learn.microsoft.com/azure/migrate/migrate-appliance-architecture,
https://learn.microsoft.com/entra/identity/conditional-access/workload-identity
"""

from collections.abc import Iterator

from auditor.access.directory.members import is_group, members_of
from auditor.access.verdicts import AccessAnswer, AccessVerdict, answer
from auditor.facts.entities.accounts import account_name, account_type, may_sign_in, of_every_member
from auditor.facts.estate.appliances import ApplianceOnSite
from auditor.facts.estate.environment import Context
from auditor.facts.estate.registration_modes import Mode
from auditor.facts.fact import Fact, Gap, Known, all_of, map_fact
from auditor.facts.preflight.obstacles import Obstacle, ObstacleEffect
from auditor.facts.preflight.plan import RegistrationPlan
from auditor.facts.rights.questions import AccountAccess
from auditor.facts.rights.steps import ApplianceKind
from auditor.inventory.lists import CONDITIONAL_ACCESS_POLICIES, HYPERV_SITES, SERVER_SITES, VMWARE_SITES
from auditor.inventory.reads import UNDECIDABLE

_SITES = {
    ApplianceKind.VMWARE: VMWARE_SITES,
    ApplianceKind.HYPERV: HYPERV_SITES,
    ApplianceKind.PHYSICAL: SERVER_SITES,
}


def sign_ins(
    context: Context, plan: RegistrationPlan, account: AccountAccess, mode: Fact[Mode]
) -> Iterator[tuple[Fact[bool], AccessAnswer]]:
    """Yield each sign-in of a step at the appliance: whether it is used, and whether Conditional Access lets it.

    No page says at which step the appliance's own application signs in first, so a policy that refuses it leaves the
    answer open. `mode` is the registration mode.
    """
    by_user, access = map_fact(lambda it: it is Mode.USER, mode), context.access
    yield by_user, access.device_code(account.object_id)
    yield map_fact(lambda it: it is Mode.APP, mode), access.own_credential(account.object_id)
    yield by_user, _left_open(access.future_application(), "the application that the appliance makes when it registers")
    for appliance in context.estate.appliances_of(plan.project):
        principal = context.directory.principal(appliance.application_id or "")
        if principal is not None and _is_of_kind(appliance, plan.kind):
            made = map_fact(lambda it: it is Mode.USER, context.directory.mode_of(appliance))
            held = f"the application of the appliance `{appliance.name}`"
            yield all_of((by_user, made)), _left_open(access.own_credential(principal.id), held)


def members_are_users(context: Context, group: str) -> Fact[bool]:
    """Return whether the members of a group are users, who alone can sign in at an appliance; true for no group."""
    inventory = context.inventory
    if not is_group(inventory, group):
        return Known(True)

    def is_user(member: str) -> Fact[bool]:
        return map_fact(lambda kind: kind == "User", account_type(inventory, member))

    return of_every_member(inventory, group, is_user, "whether a member is a user, who can sign in at the appliance,")


def unable_members(context: Context, account: AccountAccess) -> Iterator[Obstacle]:
    """Yield why each member of a group cannot sign in, where none of them can."""
    group, inventory = account.object_id, context.inventory
    if not is_group(inventory, group) or not may_sign_in(inventory, group).is_false:
        return
    for member in members_of(inventory, group):
        for note in context.access.of_account(member):
            text = f"the member `{account_name(inventory, member)}`: {note.text}"
            yield Obstacle(note.kind.value, note.id, text, ObstacleEffect.BLOCKS)


def _is_of_kind(appliance: ApplianceOnSite, kind: ApplianceKind | None) -> bool:
    return kind is None or appliance.what == _SITES[kind]


def _left_open(found: AccessAnswer, whose: str) -> AccessAnswer:
    """Return the answer with its refusals, if any, as gaps that say whose sign-in they are about."""
    if found.verdict is not AccessVerdict.DENY:
        return found
    gaps = (
        Gap(CONDITIONAL_ACCESS_POLICIES, one.id, 0, UNDECIDABLE, f"{one.text}: this holds for {whose}")
        for one in found.because
    )
    return answer(AccessVerdict.UNKNOWN, (), tuple(gaps))
