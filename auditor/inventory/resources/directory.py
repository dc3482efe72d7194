"""Directory objects: users, groups, service principals, applications and the tenant's authorization policy."""

from datetime import datetime
from typing import ClassVar

import msgspec

from auditor.inventory.resources.resource import Body, moment

PENDING = "pendingacceptance"
"""The external state (lower case) of a guest who has not accepted the invitation."""


class DirectoryObject(Body, frozen=True):
    """A directory object of any kind; `kinds` are the `@odata.type`s of the class."""

    kinds: ClassVar[tuple[str, ...]] = ()
    deleted: ClassVar[bool] = False

    id: str
    display_name: str | None = None

    @property
    def label(self) -> str:
        """The name to show; the id where the name is missing or blank."""
        return self.display_name if self.display_name and not self.display_name.isspace() else self.id


class User(DirectoryObject, frozen=True):
    """A user; `external_user_state` is set only for invited guests, and only where it was requested."""

    kinds: ClassVar[tuple[str, ...]] = ("#microsoft.graph.user",)

    user_principal_name: str | None = None
    mail: str | None = None
    mail_nickname: str | None = None
    user_type: str | None = None
    account_enabled: bool | None = None
    external_user_state: str | msgspec.UnsetType | None = msgspec.UNSET

    @property
    def label(self) -> str:
        """The sign-in name, otherwise the display name."""
        return self.user_principal_name or super().label

    @property
    def is_guest(self) -> bool | None:
        """Whether the account is a guest; None where its type is unknown."""
        return None if self.user_type is None else self.user_type.lower() == "guest"


class Group(DirectoryObject, frozen=True):
    """A group."""

    kinds: ClassVar[tuple[str, ...]] = ("#microsoft.graph.group",)

    security_enabled: bool | None = None
    is_assignable_to_role: bool | None = None
    visibility: str | None = None

    @property
    def hides_members(self) -> bool:
        """Whether its members are shown only to those who may read hidden memberships."""
        return (self.visibility or "").lower() == "hiddenmembership"


class ServicePrincipal(DirectoryObject, frozen=True):
    """A service principal, including those of managed identities."""

    kinds: ClassVar[tuple[str, ...]] = ("#microsoft.graph.servicePrincipal",)

    app_id: str | None = None
    service_principal_type: str | None = None
    account_enabled: bool | None = None
    app_owner_organization_id: str | None = None
    sign_in_audience: str | None = None


class Credential(Body, frozen=True):
    """The validity of a key or password credential of an application, without its value."""

    display_name: str | None = None
    start_date_time: str | None = None
    end_date_time: str | None = None

    @property
    def ends(self) -> datetime | None:
        """The end of its validity."""
        return moment(self.end_date_time)


class Application(DirectoryObject, frozen=True):
    """An application registration of this tenant."""

    kinds: ClassVar[tuple[str, ...]] = ("#microsoft.graph.application",)

    app_id: str | None = None
    key_credentials: tuple[Credential, ...] | None = None
    password_credentials: tuple[Credential, ...] | None = None


class DeletedApplication(Application, frozen=True):
    """A deleted application, which can be restored for 30 days."""

    deleted: ClassVar[bool] = True

    deleted_date_time: str | None = None


class DefaultUserPermissions(Body, frozen=True):
    """The default permissions of member users."""

    allowed_to_create_apps: bool | None = None


class AuthorizationPolicy(DirectoryObject, frozen=True):
    """The tenant's authorization policy."""

    kinds: ClassVar[tuple[str, ...]] = ("#microsoft.graph.authorizationPolicy",)

    guest_user_role_id: str | None = None
    default_user_role_permissions: DefaultUserPermissions | None = None
