"""The directory of the snapshot: objects by id and other keys, memberships, owners and roles."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
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
        self.roles: list[DirectoryRoleAssignment] = []
        self._groups_of: dict[str, list[str]] = defaultdict(list)
        self._members_of: dict[str, list[str]] = defaultdict(list)
        self._owners_of: dict[str, list[str]] = defaultdict(list)
        self._owned_by: dict[str, list[str]] = defaultdict(list)
        for record in snapshot.graph:
            self._add(record)
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
        return [self._known(group, "group") for group in self._groups_of.get(object_id.lower(), ())]

    def direct_groups_of(self, object_id: str) -> list[GraphObject]:
        """Return the groups that an object is a member of other than through another group, as far as links show."""
        every = self._groups_of.get(object_id.lower(), [])
        through = {above.lower() for group in every for above in self._groups_of.get(group.lower(), ())}
        return [self._known(group, "group") for group in every if group.lower() not in through]

    def members_of(self, group: str) -> list[GraphObject]:
        """Return the direct and indirect members of a group."""
        return [self._known(member, "directoryObject") for member in self._members_of.get(group.lower(), ())]

    def direct_members_of(self, group: str) -> list[GraphObject]:
        """Return the members of a group that are not members through a group in it, as far as links show."""
        every = self._members_of.get(group.lower(), [])
        through = {below.lower() for member in every for below in self._members_of.get(member.lower(), ())}
        return [self._known(member, "directoryObject") for member in every if member.lower() not in through]

    def owners_of(self, object_id: str) -> list[GraphObject]:
        """Return the owners of an application, a service principal or a group."""
        return [self._known(owner, "directoryObject") for owner in self._owners_of.get(object_id.lower(), ())]

    def owned_by(self, object_id: str) -> list[GraphObject]:
        """Return the applications, service principals and groups that an object owns."""
        return [self._known(owned, "directoryObject") for owned in self._owned_by.get(object_id.lower(), ())]

    def _known(self, object_id: str, kind: str) -> GraphObject:
        """Return the object, or one with nothing but its id if only links mention it."""
        return self._live.get(object_id.lower()) or GraphObject(object_id, kind, {"id": object_id})

    def _add(self, record: GraphRecord) -> None:
        fields: dict[str, object] = msgspec.json.decode(record.body)
        fields.pop("@odata.type", None)
        entry = GraphObject(record.id, record.odata_type.removeprefix(_PREFIX), fields)
        if record.deleted:
            self._deleted[entry.kind].append(entry)
            return
        self._live[entry.id.lower()] = entry
        self._by_kind[entry.kind].append(entry)
        for key in ("appId", "userPrincipalName"):
            value = fields.get(key)
            if isinstance(value, str):
                self._by_key.setdefault((entry.kind, value.lower()), entry)

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
