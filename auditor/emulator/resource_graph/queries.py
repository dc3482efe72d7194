"""The queries that are answered, word for word, and which rows each of them selects.

This is a statement of its own, as the catalogue of lists is: the scan has another one, so that a mistake in either
shows. Any other query gets the answer that Azure gives to a text that is no query.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

AUTHORIZATION = "authorizationresources"
CONTAINERS = "resourcecontainers"
POLICIES = "policyresources"
RESOURCES = "resources"

SUBSCRIPTION = "microsoft.resources/subscriptions"
RESOURCE_GROUP = "microsoft.resources/subscriptions/resourcegroups"
ROLE_ASSIGNMENT = "microsoft.authorization/roleassignments"
ROLE_DEFINITION = "microsoft.authorization/roledefinitions"
POLICY_ASSIGNMENT = "microsoft.authorization/policyassignments"

_EACH = (
    "microsoft.applicationmigration/discoveryhubs",
    "microsoft.applicationmigration/mongosites",
    "microsoft.applicationmigration/pgsqlsites",
    "microsoft.datareplication/replicationfabrics",
    "microsoft.datareplication/replicationvaults",
    "microsoft.dependencymap/maps",
    "microsoft.keyvault/vaults",
    "microsoft.migrate/assessmentprojects",
    "microsoft.migrate/migrateprojects",
    "microsoft.migrate/projects",
    "microsoft.mysqldiscovery/mysqlsites",
    "microsoft.offazure/hypervsites",
    "microsoft.offazure/importsites",
    "microsoft.offazure/mastersites",
    "microsoft.offazure/serversites",
    "microsoft.offazure/vmwaresites",
    "microsoft.operationalinsights/workspaces",
    "microsoft.recoveryservices/vaults",
)
"""Types of which every resource is a row."""
_MARKED = (
    "microsoft.network/privatednszones",
    "microsoft.network/privateendpoints",
    "microsoft.servicebus/namespaces",
    "microsoft.storage/storageaccounts",
)
"""Types of which only resources with a sign of Azure Migrate are rows."""
_SIGN = "migrat"
_MENTIONS = ("microsoft.migrate", "microsoft.offazure")


@dataclass(frozen=True, slots=True)
class RowSelection:
    """A query that was understood: the tables it reads, and the names in its lists."""

    tables: tuple[str, ...]
    groups: frozenset[str] = frozenset()
    principals: frozenset[str] = frozenset()

    def selects(self, row: Mapping[str, object]) -> bool:
        """Return whether the query selects a row of one of its tables."""
        kind = row["type"]
        if kind == RESOURCE_GROUP:
            return str(row["name"]).lower() in self.groups
        if kind == ROLE_ASSIGNMENT:
            return str(_property(row, "principalId")).lower() in self.principals
        if kind == ROLE_DEFINITION:
            return str(_property(row, "type")).lower() == "customrole"
        return kind in {SUBSCRIPTION, POLICY_ASSIGNMENT, *_EACH} or (kind in _MARKED and _has_sign(row))


def understood(text: str) -> RowSelection | None:
    """Return the query that a text is, or None for one that is not answered here."""
    for pattern, tables in _PATTERNS:
        found = pattern.fullmatch(text)
        if found:
            named = found.groupdict()
            return RowSelection(tables, _names(named.get("groups")), _names(named.get("principals")))
    return None


def _property(row: Mapping[str, object], name: str) -> object:
    held = row.get("properties")
    return held.get(name) if isinstance(held, dict) else None


def _has_sign(row: Mapping[str, object]) -> bool:
    written = str(row.get("properties") or "").lower()
    own = f"{row.get('name')} {row.get('tags')}".lower()
    return _SIGN in own or any(word in written for word in _MENTIONS)


def _names(text: str | None) -> frozenset[str]:
    return frozenset(one.lower() for one in re.findall(r"'([^']*)'", text or ""))


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"'{name}'" for name in names)


def _pattern(text: str) -> re.Pattern[str]:
    """Return the pattern of a query in which `[…]` may be left out and `{name}` is a list of names."""
    pattern = re.escape(text).replace(r"\[", "(?:").replace(r"\]", ")?")
    return re.compile(re.sub(r"\\{(\w+)\\}", rf"(?P<\1>{_NAMES})", pattern))


_NAMES = r"'[^'\\\\]*'(?:, '[^'\\\\]*')*"
_INVENTORY = f"""resourcecontainers
| where type =~ '{SUBSCRIPTION}'[ or (type =~ '{RESOURCE_GROUP}' and name in~ ({{groups}}))]
| union (resources
| where type in~ ({_listed(_EACH)}) or (type in~ ({_listed(_MARKED)}) and \
(name contains 'migrat' or tostring(tags) contains 'migrat' or \
tostring(properties) contains 'microsoft.migrate' or tostring(properties) contains 'microsoft.offazure')))
| order by id asc"""
_ACCESS = f"""authorizationresources
| where (type =~ '{ROLE_DEFINITION}' and tostring(properties.type) =~ 'CustomRole')[ or \
(type =~ '{ROLE_ASSIGNMENT}' and tostring(properties.principalId) in~ ({{principals}}))]
| order by id asc"""
_POLICY = f"""policyresources
| where type =~ '{POLICY_ASSIGNMENT}'
| order by id asc"""
_PATTERNS = (
    (_pattern(_INVENTORY), (CONTAINERS, RESOURCES)),
    (_pattern(_ACCESS), (AUTHORIZATION,)),
    (_pattern(_POLICY), (POLICIES,)),
)
