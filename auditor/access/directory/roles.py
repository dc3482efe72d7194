"""The directory roles that matter for applications and Azure access, by template id."""

from dataclasses import dataclass
from enum import Enum


class DirectoryRole(Enum):
    """The built-in roles of Entra that matter here; the value is the template id."""

    GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"
    APPLICATION_ADMINISTRATOR = "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3"
    CLOUD_APPLICATION_ADMINISTRATOR = "158c047a-c907-4556-b7ef-446551a6b5f7"
    HYBRID_IDENTITY_ADMINISTRATOR = "8ac3fc64-6eca-42ea-9e69-59f4c7b60eb2"
    PARTNER_TIER1_SUPPORT = "4ba39ca4-527c-499a-b93d-d9b492c50246"
    PARTNER_TIER2_SUPPORT = "e00e864a-17c5-4a4b-9c06-f5b95a8d5bd8"
    APPLICATION_DEVELOPER = "cf1c38e5-3621-4004-a7cb-879624dced7c"
    PRIVILEGED_ROLE_ADMINISTRATOR = "e8611ab8-c189-46e8-94e1-60213ab1f814"
    PRIVILEGED_AUTHENTICATION_ADMINISTRATOR = "7be44c8a-adaf-4e2a-84d6-ab2649e08a13"
    GROUPS_ADMINISTRATOR = "fdd7a751-b60b-444a-984c-02652fe8fa1c"
    DIRECTORY_WRITERS = "9360feb5-f418-4baa-8175-e2a00bac4301"
    USER_ADMINISTRATOR = "fe930be7-5e62-47db-91af-98c3a49a38b1"

    @property
    def title(self) -> str:
        """The role's name as the portal shows it."""
        return self.name.replace("_", " ").title()


@dataclass(frozen=True, slots=True)
class HeldRole:
    """A directory role, the object id of its holder (the principal or a group), and its scope."""

    role: DirectoryRole
    holder: str
    scope: str

    @property
    def tenant_wide(self) -> bool:
        """Whether the role applies to the whole directory."""
        return self.scope in {"", "/"}


CREATES_APPLICATIONS = frozenset(
    {
        DirectoryRole.GLOBAL_ADMINISTRATOR,
        DirectoryRole.APPLICATION_ADMINISTRATOR,
        DirectoryRole.CLOUD_APPLICATION_ADMINISTRATOR,
        DirectoryRole.HYBRID_IDENTITY_ADMINISTRATOR,
        DirectoryRole.APPLICATION_DEVELOPER,
    }
)
"""Roles that may register applications even if the tenant does not let its members do so."""

CONTROLS_APPLICATIONS = frozenset(
    {
        DirectoryRole.GLOBAL_ADMINISTRATOR,
        DirectoryRole.APPLICATION_ADMINISTRATOR,
        DirectoryRole.CLOUD_APPLICATION_ADMINISTRATOR,
        DirectoryRole.PARTNER_TIER1_SUPPORT,
        DirectoryRole.PARTNER_TIER2_SUPPORT,
    }
)
"""Roles that may change credentials and owners of applications within their scope."""

READS_DIRECTORY = {
    "88d8e3e3-8f55-4a1e-953a-9b9898b8876b": "Directory Readers",
    "f2ef992c-3afb-46b9-b7cf-a126ee74c451": "Global Reader",
    DirectoryRole.GLOBAL_ADMINISTRATOR.value: DirectoryRole.GLOBAL_ADMINISTRATOR.title,
    DirectoryRole.APPLICATION_ADMINISTRATOR.value: DirectoryRole.APPLICATION_ADMINISTRATOR.title,
    DirectoryRole.CLOUD_APPLICATION_ADMINISTRATOR.value: DirectoryRole.CLOUD_APPLICATION_ADMINISTRATOR.title,
}
"""Roles, by template id, that may read service principals, also for a guest who may read nothing else."""

MAKES_ITSELF_OWNER = frozenset({DirectoryRole.HYBRID_IDENTITY_ADMINISTRATOR})
"""Roles without rights on credentials that may make themselves owner first."""

HANDS_OUT_ROLES = frozenset({DirectoryRole.GLOBAL_ADMINISTRATOR, DirectoryRole.PRIVILEGED_ROLE_ADMINISTRATOR})
"""Roles that may assign any directory role, even to themselves."""

CHANGES_GROUPS = frozenset(
    {DirectoryRole.GROUPS_ADMINISTRATOR, DirectoryRole.DIRECTORY_WRITERS, DirectoryRole.USER_ADMINISTRATOR}
)
"""Roles that may add members to groups, except to groups that can hold directory roles."""


def directory_role(template_id: str) -> DirectoryRole | None:
    """Return the role with this template id, or None for one that does not matter here."""
    try:
        return DirectoryRole(template_id.strip().lower())
    except ValueError:
        return None
