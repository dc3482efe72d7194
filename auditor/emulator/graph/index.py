"""The directory of the snapshot: objects by id and other keys, memberships, owners and roles.

Writes change the index, not the snapshot.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import msgspec

from auditor.inventory.reads import HIDDEN
from auditor.inventory.snapshot.records import GraphRecord, Link
from auditor.inventory.snapshot.snapshot import Snapshot

_PREFIX = "#microsoft.graph."
COLLECTIONS = {
    "users": "user",
    "groups": "group",
    "serviceprincipals": "servicePrincipal",
    "applications": "application",
    "directoryroles": "directoryRole",
    "devices": "device",
}
"""The kind of object in each collection (lower case)."""
_ALWAYS_RETURNED: dict[str, tuple[str, ...]] = {
    "application": ("identifierUris", "keyCredentials", "passwordCredentials", "requiredResourceAccess"),
    "servicePrincipal": ("keyCredentials", "passwordCredentials", "servicePrincipalNames"),
}
"""Properties that Graph returns even if they are empty lists, unless `$select` leaves them out."""


@dataclass(frozen=True, slots=True)
class GraphObject:
    """One directory object; `kind` is its type without the namespace, such as `user`."""

    id: str
    kind: str
    fields: dict[str, object]

    @property
    def odata_type(self) -> str:
        """The type with its namespace."""
        return _PREFIX + self.kind

    @property
    def complete(self) -> dict[str, object]:
        """The fields with the lists that Graph always returns but the snapshot may not contain."""
        always = _ALWAYS_RETURNED.get(self.kind)
        if always is None:
            return self.fields
        names = [self.fields["appId"]] if "appId" in self.fields else []
        return {**{name: names if name == "servicePrincipalNames" else [] for name in always}, **self.fields}


@dataclass(frozen=True, slots=True)
class DirectoryRoleAssignment:
    """A directory role that a principal has at a scope (`/` is the tenant)."""

    principal: str
    template: str
    scope: str

    def body(self) -> dict[str, object]:
        """Return the assignment as Graph shows it."""
        return {
            "id": f"{self.template[:8]}-{self.principal}-{len(self.scope)}",
            "principalId": self.principal,
            "roleDefinitionId": self.template,
            "directoryScopeId": self.scope,
        }


class GraphIndex:
    """The directory objects and their relations; ids and keys are looked up in lower case.

    Groups whose members are hidden from the caller (a gap with the code `HiddenMembership`) have none, without a word.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self._live: dict[str, GraphObject] = {}
        self._by_kind: dict[str, list[GraphObject]] = defaultdict(list)
        self._deleted: dict[str, list[GraphObject]] = defaultdict(list)
        self._by_key: dict[tuple[str, str], GraphObject] = {}
        self._removed: set[str] = set()
        self.roles: list[DirectoryRoleAssignment] = []
        self._groups_of: dict[str, list[str]] = defaultdict(list)
        self._members_of: dict[str, list[str]] = defaultdict(list)
        self._owners_of: dict[str, list[str]] = defaultdict(list)
        self._owned_by: dict[str, list[str]] = defaultdict(list)
        for record in snapshot.graph:
            self._add_record(record)
        hidden = {gap.scope.lower() for gap in snapshot.gaps if gap.code == HIDDEN}
        self._connect(link for link in snapshot.links if link.to.lower() not in hidden)

    def get(self, object_id: str) -> GraphObject | None:
        """Return the live object with an id, if any."""
        return self._live.get(object_id.lower())

    def by_key(self, kind: str, key: str) -> GraphObject | None:
        """Return the live object of a kind by its id or, for a user, its principal name, if any."""
        held = self._live.get(key.lower())
        if held is not None:
            return held if held.kind == kind else None
        return self._by_key.get((kind, key.lower())) if kind == "user" else None

    def by_app_id(self, kind: str, app_id: str) -> GraphObject | None:
        """Return the application or service principal with an app id, if any."""
        return self._by_key.get((kind, app_id.lower()))

    def of_kind(self, kind: str) -> Sequence[GraphObject]:
        """Return all live objects of a kind."""
        return self._by_kind.get(kind, ())

    def deleted(self, kind: str) -> Sequence[GraphObject]:
        """Return all deleted objects of a kind."""
        return self._deleted.get(kind, ())

    def deleted_by_id(self, object_id: str) -> GraphObject | None:
        """Return the deleted object with an id, if any."""
        found = (
            entry for several in self._deleted.values() for entry in several if entry.id.lower() == object_id.lower()
        )
        return next(found, None)

    def groups_of(self, object_id: str) -> list[GraphObject]:
        """Return the groups that an object is a direct or indirect member of."""
        return self._related(self._groups_of.get(object_id.lower(), ()), "group")

    def direct_groups_of(self, object_id: str) -> list[GraphObject]:
        """Return the groups that an object is a member of other than through another group, as far as links show."""
        every = self._groups_of.get(object_id.lower(), [])
        through = {above.lower() for group in every for above in self._groups_of.get(group.lower(), ())}
        return self._related((group for group in every if group.lower() not in through), "group")

    def members_of(self, group: str) -> list[GraphObject]:
        """Return the direct and indirect members of a group."""
        return self._related(self._members_of.get(group.lower(), ()), "directoryObject")

    def direct_members_of(self, group: str) -> list[GraphObject]:
        """Return the members of a group that are not members through a group in it, as far as links show."""
        every = self._members_of.get(group.lower(), [])
        through = {below.lower() for member in every for below in self._members_of.get(member.lower(), ())}
        return self._related((member for member in every if member.lower() not in through), "directoryObject")

    def owners_of(self, object_id: str) -> list[GraphObject]:
        """Return the owners of an application, a service principal or a group."""
        return self._related(self._owners_of.get(object_id.lower(), ()), "directoryObject")

    def owned_by(self, object_id: str) -> list[GraphObject]:
        """Return the applications, service principals and groups that an object owns."""
        return self._related(self._owned_by.get(object_id.lower(), ()), "directoryObject")

    def is_removed(self, object_id: str) -> bool:
        """Return whether a write deleted an object, so that its relations show no more."""
        return object_id.lower() in self._removed

    def add(self, entry: GraphObject) -> None:
        """Add a live object."""
        self._live[entry.id.lower()] = entry
        self._by_kind[entry.kind].append(entry)
        for key in _keys(entry):
            self._by_key.setdefault(key, entry)

    def add_owner(self, owned: GraphObject, owner: GraphObject) -> None:
        """Make `owner` an owner of `owned`."""
        self._owners_of[owned.id.lower()].append(owner.id)
        self._owned_by[owner.id.lower()].append(owned.id)

    def remove_owner(self, owned: GraphObject, owner: GraphObject) -> None:
        """Make `owner` no longer an owner of `owned`."""
        kept = [one for one in self._owners_of[owned.id.lower()] if one.lower() != owner.id.lower()]
        self._owners_of[owned.id.lower()] = kept
        owns = [one for one in self._owned_by[owner.id.lower()] if one.lower() != owned.id.lower()]
        self._owned_by[owner.id.lower()] = owns

    def delete(self, entry: GraphObject, when: str) -> None:
        """Move a live object to the deleted ones, where `when` is its `deletedDateTime`."""
        del self._live[entry.id.lower()]
        self._by_kind[entry.kind].remove(entry)
        for key in _keys(entry):
            if self._by_key.get(key) is entry:
                del self._by_key[key]
        self._removed.add(entry.id.lower())
        self._deleted[entry.kind].append(GraphObject(entry.id, entry.kind, {**entry.fields, "deletedDateTime": when}))

    def _related(self, ids: Iterable[str], kind: str) -> list[GraphObject]:
        """Return the objects, with nothing but the id of one that only links mention; deleted ones are left out."""
        return [
            self._live.get(one.lower()) or GraphObject(one, kind, {"id": one})
            for one in ids
            if one.lower() not in self._removed
        ]

    def _add_record(self, record: GraphRecord) -> None:
        fields: dict[str, object] = msgspec.json.decode(record.body)
        fields.pop("@odata.type", None)
        entry = GraphObject(record.id, record.odata_type.removeprefix(_PREFIX), fields)
        if record.deleted:
            self._deleted[entry.kind].append(entry)
            return
        self.add(entry)

    def _connect(self, links: Iterable[Link]) -> None:
        for link in links:
            if link.rel == "transitiveMemberOf":
                self._groups_of[link.from_.lower()].append(link.to)
                self._members_of[link.to.lower()].append(link.from_)
            elif link.rel == "owner":
                self._owners_of[link.from_.lower()].append(link.to)
                self._owned_by[link.to.lower()].append(link.from_)
            elif link.rel == "directoryRole":
                self.roles.append(DirectoryRoleAssignment(link.from_, link.to, link.scope or "/"))


def _keys(entry: GraphObject) -> Iterator[tuple[str, str]]:
    """Yield the keys other than its id under which an object is found."""
    for name in ("appId", "userPrincipalName"):
        value = entry.fields.get(name)
        if isinstance(value, str):
            yield entry.kind, value.lower()
