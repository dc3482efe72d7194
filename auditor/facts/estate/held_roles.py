"""The roles that an account holds, by name; for messages only, since decisions use actions."""

from collections import defaultdict
from functools import cached_property

from auditor.facts.fact import Evidence, Fact, once, unless_gaps
from auditor.facts.presence import not_in_body
from auditor.inventory.arm_id import ArmId
from auditor.inventory.inventory import Inventory
from auditor.inventory.lists import MEMBERSHIPS, ROLE_ASSIGNMENTS, ROLE_DEFINITIONS
from auditor.inventory.resources.authorization import AssignmentInstance, RoleAssignment, RoleDefinition


class HeldRoles:
    """The roles that the role assignments of one inventory grant."""

    def __init__(self, inventory: Inventory) -> None:
        self.inventory = inventory
        self._heirs: dict[str, frozenset[str]] = {}

    def at(self, object_id: str, scope: ArmId) -> Fact[list[str]]:
        """Return the names of the roles held at or above `scope`, directly or through groups."""
        found = self.found(object_id, scope)
        nameless = [item for item in found if _guid(item) not in self._names]
        gaps = (
            *self.inventory.gaps(ROLE_ASSIGNMENTS, scope, below=False),
            *self.inventory.gaps(MEMBERSHIPS, object_id),
            *(
                gap
                for item in nameless
                for gap in not_in_body(self.inventory, ROLE_DEFINITIONS, _guid(item), "role").why
            ),
        )
        names = sorted({self.name_of(assignment) for assignment in found})
        return unless_gaps(names, gaps, *(Evidence(assignment.id) for assignment in found))

    def in_words(self, object_id: str, scope: ArmId) -> str:
        """Return the roles that were found, each with its scope, as a phrase; `no role` if there is none."""
        shown = once(f"`{self.name_of(held)}` at `{_scope_of(held)}`" for held in self.found(object_id, scope))
        return ", ".join(shown) if shown else "no role"

    def found(self, object_id: str, scope: ArmId) -> tuple[RoleAssignment, ...]:
        """Return the assignments to the account, or to one of its groups, that apply at `scope`."""
        groups = [link.to for link in self.inventory.links("transitiveMemberOf", object_id)]
        held = (item for one in (object_id, *groups) for item in self.inventory.assignments.of(one.lower()))
        return tuple(item for item in held if self._reaches(item, scope))

    def name_of(self, assignment: RoleAssignment) -> str:
        """Return the name of the role that an assignment grants, otherwise the role's id."""
        return self._names.get(_guid(assignment), _guid(assignment))

    def _reaches(self, assignment: RoleAssignment, scope: ArmId) -> bool:
        held_at = assignment.arm_id.scope
        if held_at.subscription is not None:
            return scope.is_within(held_at)
        subscription = scope.subscription_id
        return held_at.is_root or (subscription is not None and subscription.key in self._heirs_of(assignment.id))

    def _heirs_of(self, assignment: str) -> frozenset[str]:
        """Return the subscriptions (ids in lower case) that inherit an assignment; there can be ten thousand."""
        if assignment not in self._heirs:
            links = self.inventory.links("inheritedBy", assignment)
            self._heirs[assignment] = frozenset(link.to.lower() for link in links)
        return self._heirs[assignment]

    @cached_property
    def instances(self) -> dict[str, list[AssignmentInstance]]:
        """The schedule instances of role assignments by the id (lower case) of the assignment they belong to."""
        held: dict[str, list[AssignmentInstance]] = defaultdict(list)
        for instance in self.inventory.all(AssignmentInstance):
            held[(instance.properties.origin_role_assignment_id or "").lower()].append(instance)
        return dict(held)

    @cached_property
    def _names(self) -> dict[str, str]:
        definitions = self.inventory.all(RoleDefinition)
        return {item.arm_id.name.lower(): item.properties.role_name or item.arm_id.name for item in definitions}


def _guid(assignment: RoleAssignment) -> str:
    """Return the GUID (lower case) of the role that an assignment grants."""
    return (assignment.properties.role_definition_id or "").rstrip("/").rpartition("/")[2].lower()


def _scope_of(assignment: RoleAssignment) -> str:
    return str(assignment.arm_id.scope)
