"""Deny assignments that stop an operation: with certainty, under a condition, or possibly."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from auditor.access.directory.principals import EVERYONE, PrincipalIdentities, Principals
from auditor.access.rbac.roles import Role, RoleMatch, Strength
from auditor.access.rbac.scopes import ScopePlace, ScopeTree, management_group_name
from auditor.access.three_valued import any_of
from auditor.access.verdicts import Plane, Reason, ReasonKind
from auditor.inventory.arm_id import made_at, scope_of
from auditor.inventory.inventory import Inventory
from auditor.inventory.reads import Gap
from auditor.inventory.resources.authorization import DenyAssignment, DenyPrincipal


@dataclass(frozen=True, slots=True)
class Denial:
    """A deny assignment that covers the operation; `gaps` say why that is not certain."""

    id: str
    conditional: bool
    because: tuple[Reason, ...]
    gaps: tuple[Gap, ...] = ()


@dataclass(frozen=True, slots=True)
class Denials:
    """The deny assignments that cover one question, by certainty."""

    certain: tuple[Denial, ...] = ()
    conditional: tuple[Denial, ...] = ()
    possible: tuple[Denial, ...] = ()


class DenyIndex:
    """The enforced deny assignments, by their scope."""

    def __init__(self, inventory: Inventory, tree: ScopeTree, principals: Principals) -> None:
        """Index the deny assignments of `inventory`."""
        self._tree = tree
        self._principals = principals
        self._by_scope: dict[str, list[DenyAssignment]] = defaultdict(list)
        self._objects: dict[str, Role] = {}
        for assignment in inventory.all(DenyAssignment):
            if is_enforced(assignment):
                self._by_scope[scope_of(assignment.id, assignment.properties.scope)].append(assignment)
        self._management = tuple(key for key in self._by_scope if management_group_name(key))

    def denials(self, identities: PrincipalIdentities, operation: str, plane: Plane, place: ScopePlace) -> Denials:
        """Return the deny assignments that cover `operation` (normalized) at `place` for the principal."""
        found = [
            denial
            for assignment, covers in self._covering(place)
            if (denial := self._judged(assignment, covers, identities, operation, plane)) is not None
        ]
        found.sort(key=lambda denial: denial.id.lower())
        return Denials(
            tuple(denial for denial in found if not denial.gaps and not denial.conditional),
            tuple(denial for denial in found if not denial.gaps and denial.conditional),
            tuple(denial for denial in found if denial.gaps),
        )

    def _covering(self, place: ScopePlace) -> Iterator[tuple[DenyAssignment, bool | None]]:
        for key in (*place.paths, *(key for key in self._management if key not in place.paths)):
            for assignment in self._by_scope.get(key, ()):
                covers = self._tree.covers(place, key, assignment.id)
                if covers is not False and (key == place.key or not assignment.properties.do_not_apply_to_child_scopes):
                    yield assignment, covers

    def _judged(
        self,
        assignment: DenyAssignment,
        covers: bool | None,
        identities: PrincipalIdentities,
        operation: str,
        plane: Plane,
    ) -> Denial | None:
        match = self._role(assignment).match(operation, plane)
        if match.strength is Strength.NONE:
            return None
        named = self._among(identities, assignment.properties.principals)
        excluded = self._among(identities, assignment.properties.exclude_principals)
        if named is False or excluded is True:
            return None
        gaps: list[Gap] = []
        if covers is None:
            gaps.extend(self._tree.unplaced(scope_of(assignment.id, assignment.properties.scope)))
        for answer, listed in (
            (named, assignment.properties.principals),
            (excluded, assignment.properties.exclude_principals),
        ):
            if answer is None:
                gaps.extend(self._doubts(identities, listed))
        return Denial(assignment.id, is_conditional(assignment, match), _because(assignment, match), tuple(gaps))

    def _role(self, assignment: DenyAssignment) -> Role:
        """Return the permission objects as a role: each matches by itself, with only its own exclusions subtracted."""
        role = self._objects.get(assignment.id)
        if role is None:
            name = assignment.properties.deny_assignment_name or assignment.display_name
            role = Role(assignment.id, name, assignment.properties.permissions or (), guarded=False)
            self._objects[assignment.id] = role
        return role

    def _among(self, identities: PrincipalIdentities, listed: tuple[DenyPrincipal, ...] | None) -> bool | None:
        return any_of(self._is(identities, item) for item in listed or ())

    def _is(self, identities: PrincipalIdentities, item: DenyPrincipal) -> bool | None:
        if (item.id or "").strip().lower() == EVERYONE:
            return True
        return self._principals.acts_as(identities, item.id or "", item.type)

    def _doubts(self, identities: PrincipalIdentities, listed: tuple[DenyPrincipal, ...] | None) -> Iterator[Gap]:
        for item in listed or ():
            if self._is(identities, item) is None:
                yield from self._principals.doubt(identities, item.id or "", item.type)


def is_enforced(assignment: DenyAssignment) -> bool:
    """Return whether a deny assignment is enforced; one with the effect `audit` only writes to the log."""
    return (assignment.properties.deny_assignment_effect or "enforced").strip().lower() != "audit"


def is_conditional(assignment: DenyAssignment, match: RoleMatch) -> bool:
    """Return whether a matching deny assignment applies only under a condition.

    The field exists, but no public example shows how it behaves. So any condition, guarded or not, on the assignment or
    the permission object makes it conditional. Only this function and `guarded=False` in `DenyIndex` implement that.
    """
    return match.strength is Strength.CONDITIONAL or bool((assignment.properties.condition or "").strip())


def _because(assignment: DenyAssignment, match: RoleMatch) -> tuple[Reason, ...]:
    properties = assignment.properties
    name = properties.deny_assignment_name or assignment.display_name
    text = f"deny assignment `{name}` at `{properties.scope or made_at(assignment.id) or '/'}`"
    text += f" denies `{match.pattern}` (permission object {match.index})"
    if properties.is_system_protected:  # made by a deployment stack, a managed application or a blueprint
        text += "; it is system-protected: only the service that created it can remove it"
    reasons = [Reason(ReasonKind.DENY_ASSIGNMENT, assignment.id, text)]
    reasons.extend(
        Reason(ReasonKind.CONDITION, assignment.id, condition.strip())
        for condition in (properties.condition, match.condition)
        if condition and condition.strip()
    )
    return tuple(reasons)
