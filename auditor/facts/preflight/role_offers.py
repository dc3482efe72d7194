"""The smallest roles, at the narrowest scopes, that would grant the rights a step lacks."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from auditor.access.escalation import ASSIGN
from auditor.access.least_role import LeastRoles, WantedRole
from auditor.access.rbac.patterns import normalized
from auditor.access.rbac.roles import Role, Strength, role_key
from auditor.access.verdicts import Plane
from auditor.facts.estate.environment import Context
from auditor.facts.fact import once
from auditor.facts.preflight.missing import DIRECTORY, Missing
from auditor.facts.presence import exists
from auditor.facts.rights.documented_roles import documented_for_others
from auditor.facts.rights.steps import Step
from auditor.facts.rights.vault_access import decides_by_roles
from auditor.inventory.arm_id import ArmId
from auditor.inventory.lists import RESOURCE_GROUPS

READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
USER_ACCESS_ADMINISTRATOR = "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9"


@dataclass(frozen=True, slots=True)
class RoleOffer:
    """A built-in role that would grant `rights`: its name, its GUID, and the scope to assign it at.

    `operations` and `writes` count the operations that it grants, out of those named in the known role definitions.
    `documented` says that Microsoft documents the role for the step. `only_roles` are the GUIDs of the roles that the
    assignment should be limited to by a condition; `any_role` says that the role may assign every role, unlimited.
    """

    role: str
    guid: str
    scope: str
    operations: int
    writes: int
    rights: tuple[Missing, ...]
    documented: bool = False
    only_roles: tuple[str, ...] = ()
    any_role: bool = False


class RoleOffers:
    """Role offers for one environment; the sizes of roles are computed once."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._least = LeastRoles(context.access.roles)

    def of(self, missing: Iterable[Missing], project: ArmId, step: Step) -> tuple[RoleOffer, ...]:
        """Return the offers for all of `missing` that a role can give, those that may assign every role last.

        Left out are rights that a deny assignment or the tenant of a vault refuses, that access policies control, or
        that belong to the directory. Rights missing on a project and on its resource group are offered at the group.
        """
        by_scope: dict[ArmId, list[Missing]] = defaultdict(list)
        for right in missing:
            if right.plane == DIRECTORY or not right.can_be_given or self._by_policies(right):
                continue
            by_scope[self._grant_at(ArmId.parse(right.scope), project)].append(right)
        offers = [offer for scope in sorted(by_scope) for offer in self._offers(scope, tuple(by_scope[scope]), step)]
        return tuple(sorted(offers, key=lambda offer: offer.any_role))

    def _offers(self, scope: ArmId, rights: tuple[Missing, ...], step: Step) -> Iterator[RoleOffer]:
        wanted = [WantedRole(right.actions, Plane(right.plane), right.assigns) for right in rights]
        assigned = once(role for right in rights for role in right.assigns)
        for role in self._chosen(wanted, step):
            size = self._least.size(role)
            unlimited = _assigns_any_role(role)
            yield RoleOffer(
                role.name,
                role_key(role.id),
                str(scope),
                size.operations,
                size.writes,
                rights,
                documented=role_key(role.id) in step.roles,
                only_roles=assigned if unlimited else (),
                any_role=unlimited and not assigned,
            )

    def _chosen(self, wanted: list[WantedRole], step: Step) -> tuple[Role, ...]:
        """Return roles that Microsoft documents for the step, otherwise others, User Access Administrator last.

        For reading alone it is Reader. A role that is documented for other steps only is never chosen: Microsoft's
        table says that it may not do this.
        """
        never = documented_for_others(step)
        only_reads = all(action.lower().endswith("/read") for right in wanted for action in right.one_of)
        return (
            self._least.covering(wanted, among=(READER,) if only_reads else step.roles)
            or self._least.covering(wanted, without={*never, USER_ACCESS_ADMINISTRATOR})
            or self._least.covering(wanted, without=never)
        )

    def _grant_at(self, scope: ArmId, project: ArmId) -> ArmId:
        """Return the scope of the offer: for a project its group, for a group yet to be created its subscription."""
        group = project.resource_group_id
        if group is None or (scope not in (project, group)):
            return scope
        existing = exists(self._context.inventory, group, RESOURCE_GROUPS)
        gone = existing.is_false
        return (project.subscription_id or group) if gone else group

    def _by_policies(self, right: Missing) -> bool:
        if right.plane != Plane.DATA.value:
            return False
        model = decides_by_roles(self._context.inventory, ArmId.parse(right.scope))
        return not model.is_true


def _assigns_any_role(role: Role) -> bool:
    return role.match(normalized(ASSIGN), Plane.CONTROL).strength is Strength.PLAIN
