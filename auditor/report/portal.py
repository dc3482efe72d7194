"""Addresses in the Azure portal: of resources, and of applications and accounts in its Entra pages."""

import re
from urllib.parse import quote

PORTALS = {
    "AzureCloud": "https://portal.azure.com",
    "AzureUSGovernment": "https://portal.azure.us",
    "AzureChinaCloud": "https://portal.azure.cn",
}
"""Address of the portal of each cloud; for any other cloud none is known."""

APPLICATION = "Application"
"""The type of an Entra application that is named by its application (client) id."""

_RESOURCE = re.compile(r"/subscriptions/[^/]+.*", re.IGNORECASE | re.DOTALL)
_EXTENSION = re.compile(
    r"(.+)/providers/Microsoft\.Authorization/(roleAssignments|locks)/[^/]+", re.IGNORECASE | re.DOTALL
)
_EXTENSION_PAGES = {"roleassignments": "users", "locks": "locks"}
"""Role assignments and locks have no page of their own: they are listed on one of the resource that they are on."""
_DIRECTORY_PAGES = {
    APPLICATION: "Microsoft_AAD_RegisteredApps/ApplicationMenuBlade/~/Overview/appId",
    "User": "Microsoft_AAD_UsersAndTenants/UserProfileMenuBlade/~/overview/userId",
    "Group": "Microsoft_AAD_IAM/GroupDetailsMenuBlade/~/Overview/groupId",
    "ServicePrincipal": "Microsoft_AAD_IAM/ManagedAppMenuBlade/~/Overview/objectId",
    "ManagedIdentity": "Microsoft_AAD_IAM/ManagedAppMenuBlade/~/Overview/objectId",
}
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
LONGEST = 2_000
"""Maximum number of characters of an address; a longer one is not linked."""


def portal_link(cloud: str, tenant_id: str, subject_id: str) -> str | None:
    """Return the portal address of the resource whose id `subject_id` is or ends with; None if there is none.

    The address is printable ASCII without a blank, whatever the resource is called.
    """
    found = _RESOURCE.search(subject_id)
    if found is None:
        return None
    path, page = found[0], ""
    if extension := _EXTENSION.fullmatch(path):
        path, page = extension[1], f"/{_EXTENSION_PAGES[extension[2].lower()]}"
    return _address(cloud, tenant_id, f"resource{quote(path.encode('utf-8', 'backslashreplace'), safe='/()')}{page}")


def directory_link(cloud: str, tenant_id: str, object_type: str, identity: str) -> str | None:
    """Return the portal address of an application (by its client id) or an account (by its object id), or None.

    `object_type` is `Application`, `User`, `Group`, `ServicePrincipal` or `ManagedIdentity`: the page depends on it, so
    that there is no address where it is unknown.
    """
    page = _DIRECTORY_PAGES.get(object_type)
    if page is None or _ID.fullmatch(identity) is None:
        return None
    return _address(cloud, tenant_id, f"view/{page}/{identity}")


def _address(cloud: str, tenant_id: str, page: str) -> str | None:
    if cloud not in PORTALS:
        return None
    tenant = quote(tenant_id, safe="")
    link = f"{PORTALS[cloud]}/#{f'@{tenant}/' if tenant else ''}{page}"
    return link if len(link) <= LONGEST else None
