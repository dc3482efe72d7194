"""Role assignments, role definitions, deny assignments, PIM schedule instances, locks, policy assignments."""

from datetime import datetime
from typing import Annotated, Any, ClassVar

import msgspec

from auditor.inventory.resources.resource import Body, Resource, moment

FOREIGN_GROUP = "foreigngroup"
"""The principal type (in lower case) of a group of another tenant."""


Path = Annotated[str, msgspec.Meta(pattern=r"\A(?:/|\Z)")]
"""A scope as ARM spells it, or nothing: any other text would be taken for another scope."""


class Permission(Body, frozen=True):
    """One permission object of a role or deny assignment; the four lists as Azure keeps them."""

    actions: tuple[str, ...] | None = None
    not_actions: tuple[str, ...] | None = None
    data_actions: tuple[str, ...] | None = None
    not_data_actions: tuple[str, ...] | None = None
    condition: str | None = None


class RoleAssignmentProperties(Body, frozen=True):
    """Who holds which role where."""

    scope: Path | None = None
    role_definition_id: str | None = None
    principal_id: str | None = None
    principal_type: str | None = None
    condition: str | None = None
    delegated_managed_identity_resource_id: str | None = None


class RoleAssignment(Resource, frozen=True):
    """A role assignment."""

    types: ClassVar[tuple[str, ...]] = ("Microsoft.Authorization/roleAssignments",)

    properties: RoleAssignmentProperties = RoleAssignmentProperties()

    @property
    def principal(self) -> str:
        """The object id (lower case) of who holds it; the empty text where that is missing."""
        return (self.properties.principal_id or "").strip().lower()


class RoleDefinitionProperties(Body, frozen=True):
    """What a role allows; `kind` is BuiltInRole or CustomRole."""

    role_name: str | None = None
    kind: str | None = msgspec.field(default=None, name="type")
    permissions: tuple[Permission, ...] | None = None
    assignable_scopes: tuple[str, ...] | None = None


class RoleDefinition(Resource, frozen=True):
    """A role definition; its GUID (the id's last segment) is what assignments mean by it."""

    types: ClassVar[tuple[str, ...]] = ("Microsoft.Authorization/roleDefinitions",)

    properties: RoleDefinitionProperties = RoleDefinitionProperties()


class DenyPrincipal(Body, frozen=True):
    """A principal that a deny assignment names or excludes; the zero GUID with type SystemDefined is everyone."""

    id: str | None = None
    type: str | None = None


class DenyAssignmentProperties(Body, frozen=True):
    """What is denied to whom where."""

    deny_assignment_name: str | None = None
    permissions: tuple[Permission, ...] | None = None
    scope: Path | None = None
    do_not_apply_to_child_scopes: bool | None = None
    principals: tuple[DenyPrincipal, ...] | None = None
    exclude_principals: tuple[DenyPrincipal, ...] | None = None
    is_system_protected: bool | None = None
    deny_assignment_effect: str | None = None
    condition: str | None = None


class DenyAssignment(Resource, frozen=True):
    """A deny assignment."""

    types: ClassVar[tuple[str, ...]] = ("Microsoft.Authorization/denyAssignments",)

    properties: DenyAssignmentProperties = DenyAssignmentProperties()


class ScheduleInstanceProperties(Body, frozen=True):
    """A PIM grant in time: eligible or active."""

    scope: Path | None = None
    role_definition_id: str | None = None
    principal_id: str | None = None
    principal_type: str | None = None
    start_date_time: str | None = None
    end_date_time: str | None = None
    assignment_type: str | None = None
    status: str | None = None
    origin_role_assignment_id: str | None = None
    condition: str | None = None

    @property
    def starts(self) -> datetime | None:
        """When it begins; None where it always was."""
        return moment(self.start_date_time)

    @property
    def ends(self) -> datetime | None:
        """When it ends; None where it never does."""
        return moment(self.end_date_time)


class EligibilityInstance(Resource, frozen=True):
    """A role a principal may activate."""

    types: ClassVar[tuple[str, ...]] = ("Microsoft.Authorization/roleEligibilityScheduleInstances",)

    properties: ScheduleInstanceProperties = ScheduleInstanceProperties()


class AssignmentInstance(Resource, frozen=True):
    """A role a principal holds now, with its end where it has one."""

    types: ClassVar[tuple[str, ...]] = ("Microsoft.Authorization/roleAssignmentScheduleInstances",)

    properties: ScheduleInstanceProperties = ScheduleInstanceProperties()


class LockProperties(Body, frozen=True):
    """What a lock forbids: CanNotDelete or ReadOnly."""

    level: str | None = None
    notes: str | None = None


class Lock(Resource, frozen=True):
    """A management lock; it holds at its scope and below."""

    types: ClassVar[tuple[str, ...]] = ("Microsoft.Authorization/locks",)

    properties: LockProperties = LockProperties()


class PolicyAssignmentProperties(Body, frozen=True):
    """Which policy applies where and whether it is enforced."""

    display_name: str | None = None
    policy_definition_id: str | None = None
    scope: str | None = None
    not_scopes: tuple[str, ...] | None = None
    enforcement_mode: str | None = None
    parameters: Any = None
    resource_selectors: Any = None
    overrides: Any = None


class PolicyAssignment(Resource, frozen=True):
    """A policy assignment."""

    types: ClassVar[tuple[str, ...]] = ("Microsoft.Authorization/policyAssignments",)

    properties: PolicyAssignmentProperties = PolicyAssignmentProperties()
