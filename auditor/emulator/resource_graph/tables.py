"""The rows of the tables of Azure Resource Graph, in the form that it gives them and as far as the caller may read.

A row has the columns of every table whatever it is about, types and names of resource groups are in lower case, and
what may not be read is absent without an error.
"""

from collections.abc import Collection, Iterable, Iterator
from typing import Any

import msgspec

from auditor.emulator.arm.environment import ArmEnvironment
from auditor.emulator.arm.index import ArmRow
from auditor.emulator.arm.scopes import POLICIES as POLICY_ASSIGNMENTS
from auditor.emulator.arm.scopes import ROLE_ASSIGNMENTS
from auditor.emulator.arm.target import RESOURCE, RESOURCE_GROUP, SUBSCRIPTION, ancestry
from auditor.emulator.resource_graph import queries

Row = dict[str, Any]
ROLE_DEFINITIONS = "microsoft.authorization/roledefinitions"
_BUILT_IN = "/providers/microsoft.authorization/roledefinitions/"


class GraphTables:
    """The tables of one snapshot."""

    def __init__(self, environment: ArmEnvironment) -> None:
        self._environment = environment

    def knows(self, subscription: str) -> bool:
        """Return whether there is a subscription (its GUID) that the caller may see."""
        return self._subscription(f"/subscriptions/{subscription}") is not None

    def below(self, group: str) -> list[str]:
        """Return the ids (GUIDs) of the subscriptions below a management group."""
        places = self._environment.hierarchy.below(f"/providers/microsoft.management/managementgroups/{group}")
        return [one.rpartition("/")[2] for one in places if one.startswith("/subscriptions/")]

    def rows(
        self, table: str, subscriptions: list[str], *, above: bool, principals: Collection[str] = ()
    ) -> Iterator[Row]:
        """Yield the rows of a table in some subscriptions (GUIDs), with `above` also those that they inherit.

        Of role assignments only those are made that mention one of `principals` (object ids in lower case): a query
        selects few of very many.
        """
        mentioned = tuple(one.encode() for one in principals)
        seen: set[str] = set()
        for name in subscriptions:
            place = f"/subscriptions/{name}"
            if self._subscription(place) is None:
                continue
            for row in self._rows(table, place, mentioned, above=above):
                if str(row["id"]).lower() not in seen:
                    seen.add(str(row["id"]).lower())
                    yield row

    def _rows(self, table: str, place: str, mentioned: tuple[bytes, ...], *, above: bool) -> Iterator[Row]:
        if table == queries.CONTAINERS:
            yield from self._containers(place)
        elif table == queries.RESOURCES:
            for row in self._environment.index.within(RESOURCE, place):
                if row.body and not self._hidden(RESOURCE, place) and not self._hidden(row.type, row.key):
                    yield self._row(row)
        elif table == queries.POLICIES:
            yield from map(self._row, self._scoped(POLICY_ASSIGNMENTS, place, above=above))
        else:
            for row in self._scoped(ROLE_ASSIGNMENTS, place, above=above):
                body = row.body.lower()
                if any(one in body for one in mentioned):
                    yield self._row(row)
            if not self._hidden(ROLE_DEFINITIONS, place):
                for body in self._environment.roles.bodies(place, "type eq 'CustomRole'"):
                    held = msgspec.json.decode(body)
                    yield self._rendered(held, str(held["id"]).lower())

    def _containers(self, place: str) -> Iterator[Row]:
        found = self._subscription(place)
        if found is not None:
            yield self._of_subscription(found)
        if not self._hidden(RESOURCE_GROUP, place):
            for row in self._environment.index.within(RESOURCE_GROUP, place):
                if not self._hidden(RESOURCE_GROUP, row.key):
                    yield {**self._row(row), "type": queries.RESOURCE_GROUP}

    def _scoped(self, type_: str, place: str, *, above: bool) -> Iterable[ArmRow]:
        return () if self._hidden(type_, place) else self._environment.scoped.rows(type_, place, above=above)

    def _hidden(self, type_: str, key: str) -> bool:
        """Return whether a list, or this resource in it, was refused: its rows are absent without an error."""
        return self._environment.refusals.over(type_, ancestry(key)) is not None

    def _subscription(self, place: str) -> ArmRow | None:
        refusals = self._environment.refusals
        if refusals.at(SUBSCRIPTION, "") or refusals.at(SUBSCRIPTION, place):
            return None
        return self._environment.index.get(place)

    def _of_subscription(self, row: ArmRow) -> Row:
        above = [one for one in self._environment.hierarchy.above(row.key) if one]
        chain = [{"name": one.rpartition("/")[2], "displayName": self._title(one)} for one in above]
        properties = {
            "managementGroupAncestorsChain": chain,
            "managedByTenants": row.fields.get("managedByTenants") or [],
            "state": row.fields.get("state"),
        }
        named = {"id": row.fields["id"], "name": row.fields.get("displayName"), "properties": properties}
        return {**self._rendered({**named, "tags": row.fields.get("tags")}, row.key), "type": queries.SUBSCRIPTION}

    def _title(self, group: str) -> str:
        row = self._environment.index.get(group)
        return str((row.properties.get("displayName") if row else None) or group.rpartition("/")[2])

    def _row(self, row: ArmRow) -> Row:
        return self._rendered(row.fields_on_wire, row.key)

    def _rendered(self, body: Row, key: str) -> Row:
        parts = key.split("/")
        inside = parts[1:2] == ["subscriptions"]
        group = parts[4] if inside and parts[3:4] == ["resourcegroups"] and len(parts) > 4 else ""
        return {
            "id": _with_group(str(body["id"]), group),
            "name": body.get("name") or str(body["id"]).rpartition("/")[2],
            "type": str(body.get("type") or "").lower(),
            "tenantId": self._environment.tenant_id,
            "kind": body.get("kind") or "",
            "location": str(body.get("location") or "").lower().replace(" ", ""),
            "resourceGroup": group,
            "subscriptionId": parts[2] if inside else "",
            "managedBy": body.get("managedBy") or "",
            "sku": body.get("sku"),
            "plan": body.get("plan"),
            "properties": _properties(body),
            "tags": body.get("tags"),
            "identity": body.get("identity"),
            "zones": body.get("zones"),
            "extendedLocation": body.get("extendedLocation"),
        }


def _with_group(identity: str, group: str) -> str:
    """Return an id with the name of its resource group in lower case."""
    parts = identity.split("/")
    return "/".join([*parts[:4], group, *parts[5:]]) if group else identity


def _properties(body: Row) -> Row:
    """Return the properties of a row; roles in it are named as in the directory, without the subscription."""
    held = body.get("properties")
    if not isinstance(held, dict):
        return {"provisioningState": "Succeeded"}  # a list of all resources, from which it came, leaves them out
    role = held.get("roleDefinitionId")
    if not isinstance(role, str):
        return held
    return {**held, "roleDefinitionId": f"/providers/Microsoft.Authorization/RoleDefinitions/{role.rpartition('/')[2]}"}
