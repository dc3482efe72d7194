"""Role assignments and definitions, deny assignments, PIM schedule instances, locks and policy assignments."""

from datetime import datetime
from typing import Annotated, Any, ClassVar

import msgspec

from auditor.inventory.resources.resource import Body, Resource, moment

FOREIGN_GROUP = "foreigngroup"
"""The principal type (in lower case) of a group of another tenant."""


Path = Annotated[str, msgspec.Meta(pattern=r"\A(?:/|\Z)")]
"""A scope as ARM writes it, or the empty text; any other text could be mistaken for another scope."""


class Permission(Body, frozen=True):
    """One permission object of a role definition or deny assignment, with Azure's four lists."""

    actions: tuple[str, ...] | None = None
    not_actions: tuple[str, ...] | None = None
    data_actions: tuple[str, ...] | None = None
    not_data_actions: tuple[str, ...] | None = None
    condition: str | None = None


class RoleAssignmentProperties(Body, frozen=True):
    """The role, principal and scope of a role assignment."""

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
        """The object id (lower case) of the principal; the empty text where it is missing."""
        return (self.properties.principal_id or "").strip().lower()


class RoleDefinitionProperties(Body, frozen=True):
    """The permissions of a role; `kind` is BuiltInRole or CustomRole."""

    role_name: str | None = None
    kind: str | None = msgspec.field(default=None, name="type")
    permissions: tuple[Permission, ...] | None = None
    assignable_scopes: tuple[str, ...] | None = None


class RoleDefinition(Resource, frozen=True):
    """A role definition; assignments refer to it by its GUID, the last segment of its id."""

    types: ClassVar[tuple[str, ...]] = ("Microsoft.Authorization/roleDefinitions",)

    properties: RoleDefinitionProperties = RoleDefinitionProperties()


class DenyPrincipal(Body, frozen=True):
    """A principal that a deny assignment includes or excludes; the zero GUID of type SystemDefined is everyone."""

    id: str | None = None
    type: str | None = None


class DenyAssignmentProperties(Body, frozen=True):
    """The permissions, principals and scope of a deny assignment."""

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
    """The role, principal, scope and period of a PIM grant, eligible or active."""

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
        """The start of the grant; None where it has none."""
        return moment(self.start_date_time)

    @property
    def ends(self) -> datetime | None:
        """The end of the grant; None where it has none."""
        return moment(self.end_date_time)


class EligibilityInstance(Resource, frozen=True):
    """A role that a principal may activate."""

    types: ClassVar[tuple[str, ...]] = ("Microsoft.Authorization/roleEligibilityScheduleInstances",)

    properties: ScheduleInstanceProperties = ScheduleInstanceProperties()


class AssignmentInstance(Resource, frozen=True):
    """A role that a principal holds now, permanently or until an end."""

    types: ClassVar[tuple[str, ...]] = ("Microsoft.Authorization/roleAssignmentScheduleInstances",)

    properties: ScheduleInstanceProperties = ScheduleInstanceProperties()


LockLevel = Annotated[str, msgspec.Meta(pattern=r"(?i)\A(?:CanNotDelete|ReadOnly|NotSpecified)\Z")]


class LockProperties(Body, frozen=True):
    """The level of a lock and its notes; a lock of an unknown level is not understood."""

    level: LockLevel | None = None
    notes: str | None = None


class Lock(Resource, frozen=True):
    """A management lock, which applies at its scope and below."""

    types: ClassVar[tuple[str, ...]] = ("Microsoft.Authorization/locks",)

    properties: LockProperties = LockProperties()

    def __post_init__(self) -> None:
        """Raise `ValueError` for a lock that has notes and no level."""
        if self.properties.level is None and self.properties.notes is not None:
            raise ValueError("the lock has no level")


class PolicyAssignmentProperties(Body, frozen=True):
    """The policy, scope, parameters and enforcement mode of a policy assignment."""

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
