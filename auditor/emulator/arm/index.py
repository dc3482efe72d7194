"""The ARM records of the snapshot, indexed by id and by list; writes change the index, not the snapshot."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property

import msgspec

from auditor.emulator.arm.target import RESOURCE, ancestry, parent_of, subscription_of, type_of
from auditor.inventory.snapshot.records import ArmRecord

_ORIGINALS = (b'"x_id":', b'"x_type":')
_STUB_FIELDS = ("id", "name", "type", "location", "kind", "managedBy", "tags", "sku", "plan", "identity", "zones")


class ArmRow:
    """One ARM resource: `key` is its id, `type` its type, `container` the id of its parent, all in lower case."""

    __slots__ = ("__dict__", "body", "container", "key", "live", "type")

    def __init__(self, key: str, type_: str, body: bytes) -> None:
        self.key = key
        self.type = type_
        self.container = parent_of(key)
        self.body = body
        self.live = True

    @cached_property
    def fields(self) -> dict[str, object]:
        """The decoded body."""
        decoded: dict[str, object] = msgspec.json.decode(self.body)
        return decoded

    @cached_property
    def properties(self) -> dict[str, object]:
        """The `properties` in the body; empty if it has none."""
        held = self.fields.get("properties")
        return held if isinstance(held, dict) else {}

    @property
    def wire(self) -> bytes:
        """The body as Azure sends it: with the original id and type where a reader replaced them (`x_id`, `x_type`)."""
        return self._restored if any(name in self.body for name in _ORIGINALS) else self.body

    @property
    def fields_on_wire(self) -> dict[str, object]:
        """The decoded body as Azure sends it."""
        decoded: dict[str, object] = msgspec.json.decode(self.wire)
        return decoded

    @cached_property
    def _restored(self) -> bytes:
        shown = {name: value for name, value in self.fields.items() if name not in {"x_id", "x_type"}}
        for name in ("id", "type"):
            if f"x_{name}" in self.fields:
                shown.pop(name, None)
                if self.fields[f"x_{name}"] is not None:
                    shown[name] = self.fields[f"x_{name}"]
        return msgspec.json.encode(shown, order="sorted")

    @cached_property
    def stub(self) -> bytes:
        """The body in generic resource lists, where ARM leaves out a provider's odd `tags: ""`."""
        shown = {name: self.fields[name] for name in _STUB_FIELDS if name in self.fields}
        if isinstance(shown.get("tags"), str):
            del shown["tags"]
        return msgspec.json.encode(shown)


class ArmIndex:
    """Rows by id and by type and container, and the soft-deleted workspaces."""

    def __init__(self, records: Iterable[ArmRecord]) -> None:
        self._rows: dict[str, ArmRow] = {}
        self._within: dict[str, dict[str, list[ArmRow]]] = defaultdict(lambda: defaultdict(list))
        self._containers: set[str] = set()
        self._deleted: dict[str, ArmRow] = {}
        self._deleted_by_subscription: dict[str, dict[str, ArmRow]] = defaultdict(dict)
        for record in records:
            key = record.id.lower().rstrip("/")
            row = ArmRow(key, type_of(key) or record.type.lower(), record.body)
            if record.deleted:
                self.soft_delete(row)
            else:
                self.add(row)

    def get(self, key: str) -> ArmRow | None:
        """Return the live resource with the id `key`, if any."""
        row = self._rows.get(key)
        return row if row is not None and row.live else None

    def within(self, type_: str, container: str) -> list[ArmRow]:
        """Return the live resources of a type in or below `container`; for the root (empty), only those in it."""
        lists = self._within.get(type_)
        rows = lists.get(container) if lists is not None else None
        return [row for row in rows if row.live] if rows else []

    def at(self, type_: str, container: str) -> list[ArmRow]:
        """Return the live resources of a type directly in `container`."""
        return [row for row in self.within(type_, container) if row.container == container]

    def of_type(self, type_: str) -> Iterator[ArmRow]:
        """Yield every live resource of a type once."""
        seen: set[str] = set()
        for rows in self._within.get(type_, {}).values():
            for row in rows:
                if row.live and row.key not in seen:
                    seen.add(row.key)
                    yield row

    def holds_type(self, type_: str) -> bool:
        """Return whether there is or was a resource of a type."""
        return type_ in self._within

    def types_of(self, namespace: str) -> set[str]:
        """Return the types in a namespace of which there is or was a resource."""
        return {type_ for type_ in self._within if type_.startswith(f"{namespace}/")}

    def holds_anything(self, container: str) -> bool:
        """Return whether there is or was a resource in or below `container`, which therefore exists."""
        return container in self._containers

    def soft_delete(self, row: ArmRow) -> None:
        """Add a resource to the soft-deleted ones."""
        self._deleted[row.key] = row
        self._deleted_by_subscription[subscription_of(row.key)][row.key] = row

    def forget_deleted(self, key: str) -> None:
        """Remove a resource from the soft-deleted ones, if it is there."""
        self._deleted.pop(key, None)
        self._deleted_by_subscription[subscription_of(key)].pop(key, None)

    def deleted(self, key: str) -> ArmRow | None:
        """Return the soft-deleted resource with the id `key`, if any."""
        return self._deleted.get(key)

    def deleted_within(self, container: str) -> list[ArmRow]:
        """Return the soft-deleted resources in a subscription or resource group."""
        deleted = self._deleted_by_subscription.get(subscription_of(container), {})
        return [row for key, row in sorted(deleted.items()) if key.startswith(container + "/")]

    def is_deleted(self, key: str) -> bool:
        """Return whether `key`, or a resource above it, is soft-deleted and not live."""
        return any(place in self._deleted and self.get(place) is None for place in ancestry(key))

    def add(self, row: ArmRow) -> None:
        """Add a resource; it replaces one with the same id."""
        before = self._rows.get(row.key)
        if before is not None:
            before.live = False
        self._rows[row.key] = row
        scopes = ancestry(row.container) or ("",)
        lists = self._within[row.type]
        for scope in scopes:
            lists[scope].append(row)
        self._containers.update(scopes)
        if _is_listed_as_resource(row):
            for scope in scopes:
                self._within[RESOURCE][scope].append(row)

    def below(self, key: str) -> list[ArmRow]:
        """Return the live resources whose id continues `key`: children, and what is attached to them."""
        return [row for held, row in self._rows.items() if held.startswith(key + "/")]

    def add_implied(self, identity: str) -> None:
        """Add a resource, of which only the id is known, to the generic resource lists."""
        row = ArmRow(identity.lower(), type_of(identity.lower()), b"")
        if self.get(row.key) is not None or any(other.key == row.key for other in self.at(RESOURCE, row.container)):
            return
        parts = identity.rsplit("/", 3)
        row.fields = {"id": identity, "name": parts[-1], "type": f"{parts[-3]}/{parts[-2]}"}
        for scope in ancestry(row.container):
            self._within[RESOURCE][scope].append(row)

    def remove(self, row: ArmRow) -> None:
        """Remove a resource."""
        row.live = False
        if self._rows.get(row.key) is row:
            del self._rows[row.key]


def _is_listed_as_resource(row: ArmRow) -> bool:
    """Return whether generic lists show a resource: top-level ones in a resource group, no extensions or children."""
    head, found, tail = row.key.rpartition("/providers/")
    return (
        bool(found)
        and "/resourcegroups/" in head + "/"
        and "/providers/" not in head
        and tail.count("/") == 2
        and (not row.type.startswith("microsoft.authorization/"))
    )


def without(body: bytes, paths: Iterable[str]) -> bytes:
    """Return a JSON body without the properties at `paths`, whose names are compared without case."""
    decoded: object = None
    for path in paths:
        if f'"{path.rpartition(".")[2]}"'.lower().encode() in body.lower():
            decoded = msgspec.json.decode(body) if decoded is None else decoded
            _remove(decoded, path.lower().split("."))
    return body if decoded is None else msgspec.json.encode(decoded, order="sorted")


def _remove(held: object, names: list[str]) -> None:
    if isinstance(held, dict):
        for key in [key for key in held if key.lower() == names[0]]:
            if len(names) == 1:
                del held[key]
            else:
                _remove(held[key], names[1:])
