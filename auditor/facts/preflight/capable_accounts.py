"""Capable accounts: the holders of a step's rights who pass the same check as the account of the plan."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from auditor.access.verdicts import AccessVerdict
from auditor.access.who_can import Holder
from auditor.facts.entities.accounts import account_type
from auditor.facts.estate.environment import Context
from auditor.facts.fact import Fact, Gap, Known, Unknown, all_of, once
from auditor.facts.preflight.check import check_step
from auditor.facts.preflight.plan import RegistrationPlan
from auditor.facts.rights.steps import PRIVATE, Part, Step
from auditor.inventory.arm_id import ArmId

GROUP = "Group"


@dataclass(frozen=True, slots=True)
class CapableAccount:
    """An account that could do the step: its object id, its name, and `User`, `Group` or `ServicePrincipal`.

    A group stands for all its members that also have the rights the step needs in the directory.
    """

    id: str
    name: str
    type: str


@dataclass(frozen=True, slots=True)
class CapableAccounts:
    """The capable and the undecided accounts of one step; with `gaps`, there may be more (*at least these*)."""

    step: Step
    capable: tuple[CapableAccount, ...]
    undecided: tuple[CapableAccount, ...]
    gaps: tuple[Gap, ...]

    @property
    def at_least(self) -> bool:
        """Whether there may be further capable accounts."""
        return bool(self.gaps)


def capable_accounts(context: Context, plan: RegistrationPlan, step: Step) -> CapableAccounts:
    """Return the accounts that could do `step` of `plan`; members of a capable group are not listed again."""
    holders, gaps = _holders(context, plan, step)
    groups = frozenset(holder.principal for holder in holders if holder.kind == GROUP)
    capable: list[CapableAccount] = []
    undecided: list[CapableAccount] = []
    for holder in holders:
        able = can_do(context, plan, step, holder.principal)
        if isinstance(able, Unknown):
            undecided.append(_named(holder))
        elif able.value:
            capable.append(_named(holder))
    shown = frozenset(one.id for one in capable if one.id in groups)
    return CapableAccounts(
        step,
        tuple(one for one in capable if not _brought_by(context, one, shown)),
        tuple(one for one in undecided if not _brought_by(context, one, shown)),
        gaps,
    )


def first_capable(
    context: Context, plan: RegistrationPlan, step: Step, most: int = 3, looked_at: int = 50
) -> tuple[CapableAccount, ...]:
    """Return at most `most` users who could do `step`, after checking at most `looked_at` holders.

    A user whom Conditional Access refuses at an appliance is not among them, whatever the step: the policy may well
    refuse the portal too.
    """
    found: list[CapableAccount] = []
    holders, _ = _holders(context, plan, step)
    for holder in [one for one in holders if one.kind == "User"][:looked_at]:
        able = can_do(context, plan, step, holder.principal)
        if able.is_true and context.access.device_code(holder.principal).verdict is not AccessVerdict.DENY:
            found.append(_named(holder))
            if len(found) == most:
                break
    return tuple(found)


def can_do(context: Context, plan: RegistrationPlan, step: Step, object_id: str) -> Fact[bool]:
    """Return whether an account could do `step` of `plan`.

    A group counts as able even if only some of its members have the rights in the directory, or that is not known.
    """
    asked = replace(plan, account=object_id, discovery_account=object_id, named=True)
    check = check_step(context, asked, step)
    if not _is_group(context, object_id):
        return check.goes
    return all_of(fact for part, fact in check.parts.items() if part is not Part.ENTRA or fact.is_false)


def _holders(context: Context, plan: RegistrationPlan, step: Step) -> tuple[tuple[Holder, ...], tuple[Gap, ...]]:
    """Return the holders of the step's rarest right, members of groups included, and the gaps of all rights."""
    rights = [right for right in check_step(context, plan, step).has.needed if right.when not in PRIVATE]
    each = [context.access.who_can(right.actions[0], ArmId.parse(right.scope)) for right in rights]
    if not each:
        return (), ()
    fewest = min(each, key=lambda found: len(found.holders)).expanded()
    return fewest.holders, once(gap for found in each for gap in found.gaps)


def _is_group(context: Context, object_id: str) -> bool:
    kind = account_type(context.inventory, object_id)
    return isinstance(kind, Known) and kind.value == GROUP


def _brought_by(context: Context, one: CapableAccount, groups: frozenset[str]) -> bool:
    """Return whether an account is a member of one of `groups`."""
    above: Iterator[str] = (link.to.lower() for link in context.inventory.links("transitiveMemberOf", one.id))
    return any(group in groups for group in above)


def _named(holder: Holder) -> CapableAccount:
    return CapableAccount(holder.principal, holder.name, holder.kind)
