"""The roles that an account could activate to close what it lacks for a step."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from auditor.access.directory.roles import HeldRole
from auditor.access.verdicts import AccessVerdict, Plane
from auditor.facts.entities.accounts import account_type
from auditor.facts.estate.environment import Context
from auditor.facts.fact import Known, once
from auditor.facts.preflight.check import StepCheck
from auditor.facts.preflight.missing import DIRECTORY, Missing, missing_of
from auditor.facts.rights.vault_access import decides_by_roles
from auditor.inventory.arm_id import ArmId
from auditor.inventory.resources.authorization import EligibilityInstance

_MOST_TOGETHER = 3
"""The most activations that are combined where no single one closes what is missing."""
_NEVER_ACTIVATES = frozenset({"ServicePrincipal", "ManagedIdentity"})
"""Account types that PIM lets activate nothing."""
_Ways = tuple[frozenset[str], ...]
"""The ways to close one missing right: each a set of ids that have to be activated together."""


@dataclass(frozen=True, slots=True)
class Activation:
    """An eligible role: its name, scope and definition, and its eligibility schedule (may be empty).

    If a group membership must be activated instead, `group` is the id of the group. For a directory role, `directory`
    is true, `definition` is its template id, and `scope` is the directory or one application in it. `together` names
    what has to be activated beside it. `closes` counts the missing rights that are then given, out of `lacking`.
    """

    id: str
    role: str
    scope: str
    definition: str
    schedule: str
    direct: bool
    group: str = ""
    directory: bool = False
    together: tuple[str, ...] = ()
    closes: int = 0
    lacking: int = 0


def activations_of(context: Context, check: StepCheck) -> tuple[Activation, ...]:
    """Return the eligibilities that close what the step lacks, each once; one that closes a part only is no cure.

    What roles in Azure, access policies and the directory give is closed each by itself, since each has other cures
    too. Single activations are alternatives; several are offered only where no single one suffices. A service
    principal has none: PIM asks a person to activate, and gives a service principal active assignments only.
    """
    kind = account_type(context.inventory, check.account)
    if isinstance(kind, Known) and kind.value in _NEVER_ACTIVATES:
        return ()
    missing = missing_of(check)
    by_giver: dict[str, list[Missing]] = defaultdict(list)
    for right in missing:
        by_giver[_giver(context, right)].append(right)
    return once(
        replace(one, closes=len(rights), lacking=len(missing))
        for giver, rights in by_giver.items()
        for one in (_in_directory(check) if giver == DIRECTORY else _in_azure(context, check.account, rights))
    )


def _giver(context: Context, right: Missing) -> str:
    """Return what gives a right: the directory, the access policies of a vault, or roles in Azure."""
    if right.plane == DIRECTORY:
        return DIRECTORY
    if right.plane != Plane.DATA.value:
        return "roles"
    by_roles = decides_by_roles(context.inventory, ArmId.parse(right.scope))
    return "policies" if by_roles.is_false else "roles"


def _in_azure(context: Context, account: str, rights: Sequence[Missing]) -> tuple[Activation, ...]:
    needs = [ways for right in rights for ways in _ways(context, account, right)]
    ids = once(one for ways in needs for way in ways for one in sorted(way))
    found = {one: _of_role(context, account, one) or _of_group(context, one) for one in ids}
    return _closing(needs, found)


def _ways(context: Context, account: str, right: Missing) -> Iterator[_Ways]:
    """Yield the ways to close a right: those of any of its actions, or those of each role that it has to give."""
    access, scope, plane = context.access, ArmId.parse(right.scope), Plane(right.plane)
    for role in right.assigns:
        if access.may_assign(account, role, scope).verdict is not AccessVerdict.ALLOW:
            yield access.activations(account, right.actions[0], scope, plane, role)
    if not right.assigns:
        yield once(way for action in right.actions for way in access.activations(account, action, scope, plane))


def _in_directory(check: StepCheck) -> tuple[Activation, ...]:
    held = [[_of_directory(check.account, one) for one in right.activatable] for right in check.directory]
    needs = [tuple(frozenset({one.id}) for one in each) for each in held]
    return _closing(needs, {one.id: one for each in held for one in each})


def _closing(needs: Sequence[_Ways], offered: Mapping[str, Activation]) -> tuple[Activation, ...]:
    """Return every single activation that closes all of `needs`, otherwise the fewest that do so together, or none."""

    def closes(chosen: Iterable[str]) -> bool:
        active = frozenset(chosen)
        return all(any(way <= active for way in ways) for ways in needs)

    alone = tuple(one for id_, one in offered.items() if closes((id_,)))
    if alone or not closes(offered):
        return alone
    sets = (chosen for count in range(2, _MOST_TOGETHER + 1) for chosen in combinations(offered, count))
    chosen = [offered[id_] for id_ in next(filter(closes, sets), tuple(offered))]
    return tuple(replace(one, together=tuple(it.role for it in chosen if it is not one)) for one in chosen)


def _of_directory(account: str, held: HeldRole) -> Activation:
    direct = held.holder == account.lower()
    return Activation(
        f"{held.role.value}@{held.scope}", held.role.title, held.scope, held.role.value, "", direct, directory=True
    )


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


def _of_group(context: Context, group: str) -> Activation:
    held = context.inventory.object(group)
    return Activation(group, held.label if held else group, "", "", "", direct=True, group=group)
