"""The rows of Azure Resource Graph: the bodies that they are of, and whether they concern Azure Migrate.

Resource Graph writes types and names of resource groups in lower case, and gives every row the columns of its table,
empty where a resource has nothing to say; the ids of roles lack their subscription.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from auditor.azure.paging import Body
from auditor.collect.catalogue import TRACKED
from auditor.collect.resource_graph.queries import MARKED, MENTIONS, SIGN, Query
from auditor.inventory.association import named_for_migrate
from auditor.inventory.lists import LISTS, RECOVERY_VAULTS, Found
from auditor.inventory.resources.recoveryservices import RecoveryVault

_OF_MIGRATE = (
    "microsoft.applicationmigration/",
    "microsoft.datareplication/",
    "microsoft.dependencymap/",
    "microsoft.migrate/",
    "microsoft.mysqldiscovery/",
    "microsoft.offazure/",
)
"""Beginnings of the types that Azure Migrate makes."""
_COLUMNS = ("extendedLocation", "identity", "kind", "location", "managedBy", "plan", "sku", "tags", "zones")
"""The columns that are part of a body where they hold anything."""
_MARKED = frozenset(what.lower() for what in MARKED)
_STUBS = frozenset(
    kind.what.lower()
    for kind in TRACKED
    if (row := LISTS.get(kind.what.lower())) is not None and row.found is Found.AMONG_ALL and row.shows is not None
)
"""Types that the list of all resources shows, without their properties."""


def body_of(row: Body, query: Query) -> Body:
    """Return the body of a row, as Resource Manager returns that resource, with the documented name of its type."""
    kind = row["type"].lower()
    what = next(one for one in query.types if one.lower() == kind)
    body = {"id": row["id"], "name": row.get("name"), "type": what}
    body |= {name: row[name] for name in _COLUMNS if row.get(name) not in (None, "")}
    if kind not in _STUBS and row.get("properties") is not None:
        body["properties"] = row["properties"]
    return body


def is_of_migrate(what: str) -> bool:
    """Return whether Azure Migrate itself makes resources of a type."""
    return what.lower().startswith(_OF_MIGRATE)


def concerns_migrate(body: Mapping[str, Any]) -> bool:
    """Return whether a resource is one of Azure Migrate, or may be associated with it.

    A name or a tag is enough: of two resources that look alike, it is better to look closer at both.
    """
    kind = body["type"].lower()
    if kind in _MARKED or is_of_migrate(kind):
        return True
    if SIGN in f"{body.get('name')} {body.get('tags')}".lower():
        return True
    if kind == RECOVERY_VAULTS.lower() and named_for_migrate(RecoveryVault(id=str(body["id"]))):
        return True
    written = msgspec.json.encode(body.get("properties")).lower()
    return any(word.encode() in written for word in MENTIONS)


def ancestors(container: Mapping[str, Any]) -> Sequence[str]:
    """Return the names (lower case) of the management groups above a subscription, from its row; nearest first."""
    return tuple(_names((container.get("properties") or {}).get("managementGroupAncestorsChain")))


def _names(chain: object) -> Iterator[str]:
    for one in chain if isinstance(chain, list) else ():
        if isinstance(one, dict) and isinstance(one.get("name"), str):
            yield one["name"].lower()
