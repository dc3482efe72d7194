"""The snapshot's directory: objects by id and by their other keys, memberships, owners and roles."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec

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
"""Collection segment (lower case) → kind of object."""
_ALWAYS_TOLD: dict[str, tuple[str, ...]] = {
    "application": ("identifierUris", "keyCredentials", "passwordCredentials", "requiredResourceAccess"),
    "servicePrincipal": ("keyCredentials", "passwordCredentials", "servicePrincipalNames"),
}
"""Lists that Graph tells of an object even where they are empty, unless `$select` leaves them out."""


@dataclass(frozen=True, slots=True)
class GraphObject:
    """One directory object; `kind` without the name space, as `user`."""

    id: str
    kind: str
    fields: dict[str, object]

    @property
    def odata_type(self) -> str:
        """The kind as Graph writes it."""
        return _PREFIX + self.kind

    @property
    def complete(self) -> dict[str, object]:
        """The fields with the lists that Graph always has, where the snapshot was not asked to keep them."""
        always = _ALWAYS_TOLD.get(self.kind)
        if always is None:
            return self.fields
        names = [self.fields["appId"]] if "appId" in self.fields else []
        return {**{name: names if name == "servicePrincipalNames" else [] for name in always}, **self.fields}


@dataclass(frozen=True, slots=True)
class DirectoryRoleAssignment:
    """A directory role that a principal holds, at a scope (`/` is the tenant)."""

    principal: str
    template: str
    scope: str

    def body(self) -> dict[str, object]:
        """The assignment as Graph shows it."""
        return {
            "id": f"{self.template[:8]}-{self.principal}-{len(self.scope)}",
            "principalId": self.principal,
            "roleDefinitionId": self.template,
            "directoryScopeId": self.scope,
        }


class GraphIndex:
    """Everything the Graph side knows; ids and keys in lower case."""

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
        self._connect(snapshot.links)

    def get(self, object_id: str) -> GraphObject | None:
        """The live object with an id."""
        return self._live.get(object_id.lower())

    def by_key(self, kind: str, key: str) -> GraphObject | None:
        """The object of a kind by its id or, for a user, its principal name."""
        held = self._live.get(key.lower())
        if held is not None:
            return held if held.kind == kind else None
        return self._by_key.get((kind, key.lower())) if kind == "user" else None

    def by_app_id(self, kind: str, app_id: str) -> GraphObject | None:
        """The application or service principal with an app id."""
        return self._by_key.get((kind, app_id.lower()))

    def of_kind(self, kind: str) -> Sequence[GraphObject]:
        """Every live object of a kind."""
        return self._by_kind.get(kind, ())

    def deleted(self, kind: str) -> Sequence[GraphObject]:
        """Every deleted object of a kind."""
        return self._deleted.get(kind, ())

    def deleted_by_id(self, object_id: str) -> GraphObject | None:
        """The deleted object with an id."""
        found = (one for several in self._deleted.values() for one in several if one.id.lower() == object_id.lower())
        return next(found, None)

    def groups_of(self, object_id: str) -> list[GraphObject]:
        """The groups an object belongs to, however deep."""
        return [self._known(group, "group") for group in self._groups_of.get(object_id.lower(), ())]

    def direct_groups_of(self, object_id: str) -> list[GraphObject]:
        """The groups an object belongs to and not merely through another of its groups, as far as links tell."""
        every = self._groups_of.get(object_id.lower(), [])
        through = {above.lower() for group in every for above in self._groups_of.get(group.lower(), ())}
        return [self._known(group, "group") for group in every if group.lower() not in through]

    def members_of(self, group: str) -> list[GraphObject]:
        """The members of a group, however deep."""
        return [self._known(member, "directoryObject") for member in self._members_of.get(group.lower(), ())]

    def direct_members_of(self, group: str) -> list[GraphObject]:
        """The members of a group that are not merely members of a group within it."""
        every = self._members_of.get(group.lower(), [])
        through = {below.lower() for member in every for below in self._members_of.get(member.lower(), ())}
        return [self._known(member, "directoryObject") for member in every if member.lower() not in through]

    def owners_of(self, object_id: str) -> list[GraphObject]:
        """The owners of an application, a service principal or a group."""
        return [self._known(owner, "directoryObject") for owner in self._owners_of.get(object_id.lower(), ())]

    def owned_by(self, object_id: str) -> list[GraphObject]:
        """The applications, service principals and groups that an object owns."""
        return [self._known(owned, "directoryObject") for owned in self._owned_by.get(object_id.lower(), ())]

    def _known(self, object_id: str, kind: str) -> GraphObject:
        """The object, or, where only links speak of it, its bare id."""
        return self._live.get(object_id.lower()) or GraphObject(object_id, kind, {"id": object_id})

    def _add(self, record: GraphRecord) -> None:
        fields: dict[str, object] = msgspec.json.decode(record.body)
        fields.pop("@odata.type", None)
        one = GraphObject(record.id, record.odata_type.removeprefix(_PREFIX), fields)
        if record.deleted:
            self._deleted[one.kind].append(one)
            return
        self._live[one.id.lower()] = one
        self._by_kind[one.kind].append(one)
        for key in ("appId", "userPrincipalName"):
            value = fields.get(key)
            if isinstance(value, str):
                self._by_key.setdefault((one.kind, value.lower()), one)

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
