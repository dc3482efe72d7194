"""The smallest roles, at the narrowest scopes, that would grant the rights a step lacks."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from auditor.access.least_role import LeastRoles, WantedRole
from auditor.access.rbac.roles import role_key
from auditor.access.verdicts import Plane
from auditor.facts.estate.environment import Context
from auditor.facts.preflight.missing import DIRECTORY, Missing
from auditor.facts.presence import exists
from auditor.facts.rights.vault_access import decides_by_roles
from auditor.inventory.arm_id import ArmId
from auditor.inventory.lists import RESOURCE_GROUPS


@dataclass(frozen=True, slots=True)
class RoleOffer:
    """A built-in role that would grant `rights`: its name, its GUID, and the scope to assign it at.

    `operations` and `writes` count the operations that it grants, out of those named in the known role definitions.
    """

    role: str
    guid: str
    scope: str
    operations: int
    writes: int
    rights: tuple[Missing, ...]


class RoleOffers:
    """Role offers for one environment; the sizes of roles are computed once."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._least = LeastRoles(context.access.roles)

    def of(self, missing: Iterable[Missing], project: ArmId) -> tuple[RoleOffer, ...]:
        """Return the offers for all of `missing` that a role can give.

        Left out are rights that a deny assignment denies, that access policies control, or that belong to the
        directory. Rights missing on a project and on its resource group are offered at the group.
        """
        by_scope: dict[ArmId, list[Missing]] = defaultdict(list)
        for right in missing:
            if right.plane == DIRECTORY or right.denied_by or self._by_policies(right):
                continue
            by_scope[self._grant_at(ArmId.parse(right.scope), project)].append(right)
        return tuple(offer for scope in sorted(by_scope) for offer in self._offers(scope, tuple(by_scope[scope])))

    def _offers(self, scope: ArmId, rights: tuple[Missing, ...]) -> Iterable[RoleOffer]:
        wanted = [WantedRole(right.actions, Plane(right.plane)) for right in rights]
        for role in self._least.covering(wanted):
            size = self._least.size(role)
            yield RoleOffer(role.name, role_key(role.id), str(scope), size.operations, size.writes, rights)

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
