"""Management groups: their hierarchy, one group with its children, and the flat lists of descendants and entities."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

import msgspec

from auditor.emulator.arm.index import ArmIndex
from auditor.emulator.exchange import HttpRequest, HttpResponse, json_response
from auditor.inventory.snapshot.records import Link

_TYPE = "Microsoft.Management/managementGroups"
_GROUPS = "/providers/microsoft.management/managementgroups/"


class Hierarchy:
    """The parents, children and inherited rows in the links of the snapshot; all ids are in lower case."""

    def __init__(self, links: Iterable[Link]) -> None:
        self.parent: dict[str, str] = {}
        self.original_ids: dict[str, str] = {}
        self._children: dict[str, list[str]] = defaultdict(list)
        self._inherited: dict[str, list[str]] = defaultdict(list)
        for link in links:
            if link.rel == "parent":
                child, parent = self._place(link.from_), self._place(link.to)
                self.parent[child] = parent
                self._children[parent].append(child)
            elif link.rel == "inheritedBy":
                self._inherited[link.to.lower().rstrip("/")].append(link.from_.lower())

    def above(self, place: str) -> tuple[str, ...]:
        """Return the management groups above a subscription or group, nearest first, then the root (empty)."""
        chain, seen = [], {place}
        parent = self.parent.get(place)
        while parent is not None and parent not in seen:
            chain.append(parent)
            seen.add(parent)
            parent = self.parent.get(parent)
        return (*chain, "")

    def below(self, group: str) -> Iterator[str]:
        """Yield the groups and subscriptions below a management group, parents before their children."""
        waiting, seen = [group], {group}
        while waiting:
            for child in self._children.get(waiting.pop(0), ()):
                if child not in seen:
                    seen.add(child)
                    waiting.append(child)
                    yield child

    def children(self, group: str) -> tuple[str, ...]:
        """Return the groups and subscriptions directly below a management group."""
        return tuple(self._children.get(group, ()))

    def inherited_by(self, subscription: str) -> tuple[str, ...]:
        """Return the ids of the rows that the subscription inherits according to links."""
        return tuple(self._inherited.get(subscription, ()))

    def _place(self, text: str) -> str:
        full = text if text.startswith("/") else f"/providers/Microsoft.Management/managementGroups/{text}"
        key = full.lower().rstrip("/")
        self.original_ids.setdefault(key, full)
        return key


def is_management_group(key: str) -> bool:
    """Return whether an id (lower case) is that of a management group."""
    return key.startswith(_GROUPS) and "/" not in key[len(_GROUPS) :]


class ManagementGroups:
    """The responses of the Management Groups API."""

    def __init__(self, index: ArmIndex, hierarchy: Hierarchy, tenant_id: str) -> None:
        self._index = index
        self._tenant_id = tenant_id
        self._hierarchy = hierarchy

    def descendants(self, group: str) -> list[bytes]:
        """Return the bodies of the groups and subscriptions below `group`."""
        return [self._descendant(place) for place in self._hierarchy.below(group)]

    def get(self, group: str, request: HttpRequest) -> HttpResponse | None:
        """Return a management group; `$expand` adds its `children` (all, with `$recurse=true`) or its `path`."""
        row = self._index.get(group)
        if row is None:
            return None
        expand = {part.strip().lower() for part in request.query.get("$expand", "").split(",")}
        body = dict(row.fields)
        properties = dict(row.properties)
        if "children" in expand:
            recurse = request.query.get("$recurse", "").lower() == "true"
            properties["children"] = self._children(group, recurse=recurse) or None
        if expand & {"path", "ancestors"}:
            above = [place for place in self._hierarchy.above(group) if place]
            properties["path"] = [
                {"name": self._name(place), "displayName": self._display(place)} for place in above[::-1]
            ]
        parent = self._hierarchy.parent.get(group)
        if parent is not None:
            known = properties.get("details")
            properties["details"] = {**(known if isinstance(known, dict) else {}), "parent": self._reference(parent)}
        return json_response({**body, "properties": properties})

    def entities(self) -> list[dict[str, object]]:
        """Return all management groups, and the subscriptions below them, as `getEntities` does."""
        groups = [row.key for row in self._index.of_type(_TYPE.lower())]
        placed = [place for place in self._hierarchy.parent if not is_management_group(place)]
        return [self._entity(place) for place in sorted({*groups, *placed})]

    def subscriptions(self, group: str) -> list[bytes]:
        """Return the bodies of the subscriptions directly below `group`."""
        return [
            msgspec.json.encode(self._subscription(group, place))
            for place in self._hierarchy.children(group)
            if not is_management_group(place)
        ]

    def _entity(self, place: str) -> dict[str, object]:
        above = [one for one in self._hierarchy.above(place) if one]
        below = list(self._hierarchy.below(place))
        children = self._hierarchy.children(place)
        return {
            "id": self._id(place),
            "type": _TYPE if is_management_group(place) else "/subscriptions",
            "name": self._name(place),
            "properties": {
                "displayName": self._display(place),
                "tenantId": self._tenant_id,
                "parent": {"id": self._id(above[0]) if above else None},
                "permissions": "view",
                "inheritedPermissions": "view",
                "parentDisplayNameChain": [self._display(one) for one in above[::-1]],
                "parentNameChain": [self._name(one) for one in above[::-1]],
                "numberOfDescendants": len(below),
                "numberOfChildren": len(children),
                "numberOfChildGroups": sum(map(is_management_group, children)),
            },
        }

    def _subscription(self, group: str, place: str) -> dict[str, object]:
        row = self._index.get(place)
        parent = self._id(group)
        return {
            "id": f"{parent}/subscriptions/{self._name(place)}",
            "type": f"{_TYPE}/subscriptions",
            "name": self._name(place),
            "properties": {
                "displayName": self._display(place),
                "parent": {"id": parent},
                "state": "Active" if row is None else str(row.fields.get("state", "Active")),
                "tenant": self._tenant_id,
            },
        }

    def _children(self, group: str, *, recurse: bool, above: frozenset[str] = frozenset()) -> list[dict[str, object]]:
        """Return what is below a group; a group that is below itself, as a snapshot may say, is not opened again."""
        above = above | {group}
        children = []
        for place in self._hierarchy.children(group):
            child = {**self._reference(place), "type": _TYPE if is_management_group(place) else "/subscriptions"}
            if recurse and is_management_group(place) and place not in above:
                child["children"] = self._children(place, recurse=True, above=above) or None
            children.append(child)
        return children

    def _descendant(self, place: str) -> bytes:
        kind = f"{_TYPE}" if is_management_group(place) else "/subscriptions"
        parent = self._id(self._hierarchy.parent[place])
        properties = {"displayName": self._display(place), "parent": {"id": parent}}
        return msgspec.json.encode(
            {"id": self._id(place), "type": kind, "name": self._name(place), "properties": properties}
        )

    def _reference(self, place: str) -> dict[str, object]:
        return {"id": self._id(place), "name": self._name(place), "displayName": self._display(place)}

    def _id(self, place: str) -> str:
        row = self._index.get(place)
        return str(row.fields["id"]) if row is not None else self._hierarchy.original_ids.get(place, place)

    def _name(self, place: str) -> str:
        return self._id(place).rpartition("/")[2]

    def _display(self, place: str) -> str:
        row = self._index.get(place)
        if row is None:
            return self._name(place)
        return str(row.properties.get("displayName") or row.fields.get("displayName") or self._name(place))
