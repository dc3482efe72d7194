"""Addresses of resources in the Azure portal, for terminals that can show links."""

import re
from urllib.parse import quote

PORTALS = {
    "AzureCloud": "https://portal.azure.com",
    "AzureUSGovernment": "https://portal.azure.us",
    "AzureChinaCloud": "https://portal.azure.cn",
}
"""Address of the portal of each cloud; for any other cloud none is known."""

_RESOURCE = re.compile(r"/subscriptions/[^/]+.*", re.IGNORECASE | re.DOTALL)
LONGEST = 2_000
"""Maximum number of characters of an address; a longer one is not linked."""


def portal_link(cloud: str, tenant_id: str, subject_id: str) -> str | None:
    """Return the portal address of the resource whose id `subject_id` is or ends with; None if there is none.

    The address is printable ASCII without a blank, whatever the resource is called.
    """
    found = _RESOURCE.search(subject_id)
    if found is None or cloud not in PORTALS:
        return None
    tenant = quote(tenant_id, safe="")
    path = quote(found[0].encode("utf-8", "backslashreplace"), safe="/()")
    link = f"{PORTALS[cloud]}/#{f'@{tenant}/' if tenant else ''}resource{path}"
    return link if len(link) <= LONGEST else None
