"""The snapshot's ARM records, found by id and by list without a search; writes change them here, never the snapshot."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property

import msgspec

from auditor.emulator.arm.target import RESOURCE, ancestry, parent_of, subscription_of, type_of
from auditor.inventory.snapshot.records import ArmRecord

_MARKS = (b'"x_id":', b'"x_type":')
_STUB_FIELDS = ("id", "name", "type", "location", "kind", "managedBy", "tags", "sku", "plan", "identity", "zones")


class ArmRow:
    """One ARM resource: `key` is its id and `type` its type in lower case, `container` what it lies directly below."""

    __slots__ = ("__dict__", "body", "container", "key", "live", "type")

    def __init__(self, key: str, type_: str, body: bytes) -> None:
        self.key = key
        self.type = type_
        self.container = parent_of(key)
        self.body = body
        self.live = True

    @cached_property
    def fields(self) -> dict[str, object]:
        """The body, decoded."""
        decoded: dict[str, object] = msgspec.json.decode(self.body)
        return decoded

    @cached_property
    def properties(self) -> dict[str, object]:
        """The body's `properties`; empty where it has none."""
        held = self.fields.get("properties")
        return held if isinstance(held, dict) else {}

    @property
    def wire(self) -> bytes:
        """The body as Azure sends it: an id or a type that a reader put in stands there as it came, or not at all."""
        return self._unmarked if any(mark in self.body for mark in _MARKS) else self.body

    @cached_property
    def _unmarked(self) -> bytes:
        shown = {name: value for name, value in self.fields.items() if name not in {"x_id", "x_type"}}
        for name in ("id", "type"):
            if f"x_{name}" in self.fields:
                shown.pop(name, None)
                if self.fields[f"x_{name}"] is not None:
                    shown[name] = self.fields[f"x_{name}"]
        return msgspec.json.encode(shown, order="sorted")

    @cached_property
    def stub(self) -> bytes:
        """What generic resource lists show of it; a provider's odd `tags: ""` is no map, so ARM's list has none."""
        shown = {name: self.fields[name] for name in _STUB_FIELDS if name in self.fields}
        if isinstance(shown.get("tags"), str):
            del shown["tags"]
        return msgspec.json.encode(shown)


class ArmIndex:
    """Rows by id, by (type, container they lie in or below), and the deleted workspaces."""

    def __init__(self, records: Iterable[ArmRecord]) -> None:
        self._rows: dict[str, ArmRow] = {}
        self._within: dict[str, dict[str, list[ArmRow]]] = defaultdict(lambda: defaultdict(list))
        self._peopled: set[str] = set()
        self._buried: dict[str, ArmRow] = {}
        self._graves: dict[str, dict[str, ArmRow]] = defaultdict(dict)
        for record in records:
            key = record.id.lower().rstrip("/")
            row = ArmRow(key, type_of(key) or record.type.lower(), record.body)
            if record.deleted:
                self.bury(row)
            else:
                self.add(row)

    def get(self, key: str) -> ArmRow | None:
        """The live resource with the id `key`."""
        row = self._rows.get(key)
        return row if row is not None and row.live else None

    def within(self, type_: str, container: str) -> list[ArmRow]:
        """The live resources of a type in or below `container`; at the root only those that lie directly there."""
        lists = self._within.get(type_)
        rows = lists.get(container) if lists is not None else None
        return [row for row in rows if row.live] if rows else []

    def at(self, type_: str, container: str) -> list[ArmRow]:
        """The live resources of a type directly in `container`."""
        return [row for row in self.within(type_, container) if row.container == container]

    def of_type(self, type_: str) -> Iterator[ArmRow]:
        """Every live resource of a type, each once."""
        seen: set[str] = set()
        for rows in self._within.get(type_, {}).values():
            for row in rows:
                if row.live and row.key not in seen:
                    seen.add(row.key)
                    yield row

    def holds_type(self, type_: str) -> bool:
        """Say whether any resource of a type was ever held."""
        return type_ in self._within

    def types_of(self, namespace: str) -> set[str]:
        """The types of a namespace of which a resource was ever held."""
        return {type_ for type_ in self._within if type_.startswith(f"{namespace}/")}

    def is_peopled(self, container: str) -> bool:
        """Say whether something is held in or below `container`, which then must exist."""
        return container in self._peopled

    def bury(self, row: ArmRow) -> None:
        """Put a resource among the deleted ones."""
        self._buried[row.key] = row
        self._graves[subscription_of(row.key)][row.key] = row

    def unbury(self, key: str) -> None:
        """Take a resource from among the deleted ones, if it is there."""
        self._buried.pop(key, None)
        self._graves[subscription_of(key)].pop(key, None)

    def buried(self, key: str) -> ArmRow | None:
        """The deleted resource with the id `key`."""
        return self._buried.get(key)

    def buried_within(self, container: str) -> list[ArmRow]:
        """The deleted resources in a subscription or resource group."""
        graves = self._graves.get(subscription_of(container), {})
        return [row for key, row in sorted(graves.items()) if key.startswith(container + "/")]

    def is_gone(self, key: str) -> bool:
        """Say whether `key`, or what it lies below, was deleted and is not there again."""
        return any(place in self._buried and self.get(place) is None for place in ancestry(key))

    def add(self, row: ArmRow) -> None:
        """Put a resource in; one of the same id gives way."""
        before = self._rows.get(row.key)
        if before is not None:
            before.live = False
        self._rows[row.key] = row
        scopes = ancestry(row.container) or ("",)
        lists = self._within[row.type]
        for scope in scopes:
            lists[scope].append(row)
        self._peopled.update(scopes)
        if _is_listed_as_resource(row):
            for scope in scopes:
                self._within[RESOURCE][scope].append(row)

    def imply(self, identity: str) -> None:
        """Show a resource in lists of resources of which no more is known than that it is there."""
        row = ArmRow(identity.lower(), type_of(identity.lower()), b"")
        if self.get(row.key) is not None or any(other.key == row.key for other in self.at(RESOURCE, row.container)):
            return
        parts = identity.rsplit("/", 3)
        row.fields = {"id": identity, "name": parts[-1], "type": f"{parts[-3]}/{parts[-2]}"}
        for scope in ancestry(row.container):
            self._within[RESOURCE][scope].append(row)

    def remove(self, row: ArmRow) -> None:
        """Take a resource out."""
        row.live = False
        if self._rows.get(row.key) is row:
            del self._rows[row.key]


def _is_listed_as_resource(row: ArmRow) -> bool:
    """Generic lists show what stands in a resource group by itself: top-level resources, not extensions or proxies."""
    head, found, tail = row.key.rpartition("/providers/")
    return (
        bool(found)
        and "/resourcegroups/" in head + "/"
        and "/providers/" not in head
        and tail.count("/") == 2
        and (not row.type.startswith("microsoft.authorization/"))
    )
