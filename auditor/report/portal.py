"""Addresses in the Azure portal, for terminals that can show a link."""

import re
from urllib.parse import quote

PORTALS = {
    "AzureCloud": "https://portal.azure.com",
    "AzureUSGovernment": "https://portal.azure.us",
    "AzureChinaCloud": "https://portal.azure.cn",
}
"""Where the portal of each cloud is; any other cloud has none that is known."""

_RESOURCE = re.compile(r"/subscriptions/[^/]+.*", re.IGNORECASE | re.DOTALL)
LONGEST = 2_000
"""Characters of an address; a longer one is no link."""


def portal_link(cloud: str, tenant_id: str, subject_id: str) -> str | None:
    """Return the address of the resource that `subject_id` names or ends in; None where it names none.

    Whatever the resource is called, the address is printable ASCII without a blank.
    """
    found = _RESOURCE.search(subject_id)
    if found is None or cloud not in PORTALS:
        return None
    tenant = quote(tenant_id, safe="")
    path = quote(found[0].encode("utf-8", "backslashreplace"), safe="/()")
    link = f"{PORTALS[cloud]}/#@{tenant}/resource{path}"
    return link if len(link) <= LONGEST else None
