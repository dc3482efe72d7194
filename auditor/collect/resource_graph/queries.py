"""The queries to Azure Resource Graph: their texts, and the types of the rows that each may answer with.

Three of them, each over up to 250 subscriptions: what is in them (`inventory`), who holds roles there (`access`), and
which policies are assigned (`policies`). They select few rows, since an answer holds at most 1,000 and Resource Graph
takes 15 queries in 5 seconds.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from auditor.collect.catalogue import TRACKED
from auditor.inventory.lists import (
    ASSESSMENT_PROJECTS,
    KEY_VAULTS,
    OLD_PROJECTS,
    POLICY_ASSIGNMENTS,
    PRIVATE_DNS_ZONES,
    PRIVATE_ENDPOINTS,
    ROLE_ASSIGNMENTS,
    ROLE_DEFINITIONS,
    SERVICE_BUS,
    STORAGE_ACCOUNTS,
    SUBSCRIPTIONS,
    WORKSPACES,
)

RESOURCE_GROUPS = "Microsoft.Resources/subscriptions/resourceGroups"
"""The type of resource groups in Resource Graph."""
MARKED = (PRIVATE_DNS_ZONES, PRIVATE_ENDPOINTS, SERVICE_BUS, STORAGE_ACCOUNTS)
"""Types of which there can be very many: only those with a sign of Azure Migrate are asked for."""
EACH = tuple(
    sorted(
        {ASSESSMENT_PROJECTS, KEY_VAULTS, OLD_PROJECTS, WORKSPACES, *(kind.what for kind in TRACKED)} - {*MARKED},
        key=str.lower,
    )
)
"""Types of which every resource is asked for."""
SIGN = "migrat"
"""The part of a name or tag that is a sign of Azure Migrate, in lower case."""
MENTIONS = ("microsoft.migrate", "microsoft.offazure")
"""What properties mention of Azure Migrate, in lower case."""
MOST_PRINCIPALS = 500
"""The most principals that one query names."""

_NAME = re.compile(r"[\w.()/~-]+")


@dataclass(frozen=True, slots=True)
class Query:
    """A query: its text, the types of its rows, and whether they may stand above the subscriptions.

    Rows of the `shared` types may be written with the id of any subscription.
    """

    text: str
    types: tuple[str, ...]
    above: bool = False
    shared: tuple[str, ...] = ()


def inventory(groups: Iterable[str] = ()) -> Query:
    """Return the query for the subscriptions, for what may concern Azure Migrate in them, and for resource groups.

    Only the resource groups of these names are asked for, since there are a dozen in every subscription.
    """
    named = _texts(groups)
    asked = f" or (type =~ '{RESOURCE_GROUPS.lower()}' and name in~ ({named}))" if named else ""
    signs = " or ".join(
        (
            f"name contains '{SIGN}'",
            f"tostring(tags) contains '{SIGN}'",
            *(f"tostring(properties) contains '{word}'" for word in MENTIONS),
        )
    )
    text = (
        f"resourcecontainers\n| where type =~ '{SUBSCRIPTIONS.lower()}'{asked}\n"
        f"| union (resources\n| where type in~ ({_texts(EACH)}) or (type in~ ({_texts(MARKED)}) and ({signs})))\n"
        "| order by id asc"
    )
    return Query(text, (SUBSCRIPTIONS, RESOURCE_GROUPS, *EACH, *MARKED))


def access(principals: Sequence[str] = ()) -> Query:
    """Return the query for custom roles, and for the role assignments of `principals` (object ids)."""
    named = _texts(principals)
    held = f" or (type =~ '{ROLE_ASSIGNMENTS.lower()}' and tostring(properties.principalId) in~ ({named}))"
    roles = f"(type =~ '{ROLE_DEFINITIONS.lower()}' and tostring(properties.type) =~ 'CustomRole')"
    text = f"authorizationresources\n| where {roles}{held if named else ''}\n| order by id asc"
    return Query(text, (ROLE_ASSIGNMENTS, ROLE_DEFINITIONS), above=True, shared=(ROLE_DEFINITIONS,))


POLICIES = Query(
    f"policyresources\n| where type =~ '{POLICY_ASSIGNMENTS.lower()}'\n| order by id asc",
    (POLICY_ASSIGNMENTS,),
    above=True,
)
"""The query for the assignments of policies."""


def _texts(names: Iterable[str]) -> str:
    """Return names as texts of the query language in lower case; what cannot be a name of Azure is left out."""
    return ", ".join(f"'{name}'" for name in sorted({name.lower() for name in names if _NAME.fullmatch(name)}))
