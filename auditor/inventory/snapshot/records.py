"""The records of a snapshot; bodies are canonical JSON (sorted keys) without secrets."""

from collections.abc import Mapping
from datetime import datetime
from sys import intern
from typing import Literal

import msgspec

from auditor.inventory.arm_id import ArmId, MalformedArmId
from auditor.inventory.instants import instant, spell
from auditor.inventory.snapshot.secrets import may_hold_secret, without_secrets
from auditor.inventory.snapshot.shared_bodies import SharedBody, shared, without_shared

_encode = msgspec.json.Encoder(order="sorted").encode


class MalformedRecord(ValueError):
    """A body cannot become a record, for the given reason."""


class By(msgspec.Struct, frozen=True):
    """The account that made the snapshot."""

    object_id: str = ""
    name: str = ""
    type: str = "User"


class ScanScope(msgspec.Struct, frozen=True):
    """The scope of the scan: subscription ids and management group names."""

    subscriptions: tuple[str, ...] = ()
    management_groups: tuple[str, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """The ids of the subscriptions in lower case; empty where the header names none, so that all were scanned."""
        return frozenset(name.lower().rpartition("/")[2] for name in self.subscriptions)


class AskedAbout(msgspec.Struct, frozen=True, kw_only=True):
    """What a scan was about: accounts (object ids; none means the one that made it), projects, and optional parts.

    `source` is where the inventory came from: `arm`, `graph` or `mixed`.
    """

    accounts: tuple[str, ...] = ()
    project: str | None = None
    resource_group: str | None = None
    registration_mode: Literal["user", "app", "arc"] | None = None
    deep: bool = False
    source: Literal["arm", "graph", "mixed"] = "arm"

    def asked_again(
        self,
        *,
        accounts: tuple[str, ...] = (),
        project: str | None = None,
        resource_group: str | None = None,
        registration_mode: Literal["user", "app", "arc"] | None = None,
        everywhere: bool = False,
    ) -> "AskedAbout":
        """Return what is asked about now: whatever is named, and everything else as it was asked then.

        A project or a resource group that is named replaces both; `everywhere` leaves out both.
        """
        part = not (project or resource_group or everywhere)
        return msgspec.structs.replace(
            self,
            accounts=accounts or self.accounts,
            project=self.project if part else project,
            resource_group=self.resource_group if part else resource_group,
            registration_mode=registration_mode or self.registration_mode,
        )


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """The first record: the tenant and cloud, when and by whom they were read, and what the scan was about."""

    tenant_id: str
    cloud: str = "AzureCloud"
    collected_at: datetime
    by: By = By()
    tool: str = ""
    scope: ScanScope = ScanScope()
    asked: AskedAbout | None = None

    def builtin(self) -> dict[str, object]:
        """Return the header as the mapping that is written to a file, the tool first.

        If a file is cut off inside the tool's name, the rest of the header is missing too, so that it is not mistaken
        for a file of another tool.
        """
        return {
            "tool": self.tool,
            "snapshot": VERSION,
            "tenant_id": self.tenant_id,
            "cloud": self.cloud,
            "collected_at": spell(self.collected_at),
            "by": msgspec.to_builtins(self.by),
            "scope": msgspec.to_builtins(self.scope),
            **({} if self.asked is None else {"asked": msgspec.to_builtins(self.asked)}),
        }


VERSION = 1
"""The snapshot version that this code reads and writes."""


class ArmRecord(msgspec.Struct, frozen=True, gc=False):
    """An ARM resource as ARM returned it; `deleted` marks one from the list of soft-deleted workspaces.

    `stored` is the body, in parts for types of which a large part is the same for many resources.
    """

    id: str
    type: str
    stored: bytes | SharedBody
    deleted: bool = False

    @property
    def body(self) -> bytes:
        """The body as canonical JSON."""
        return b"".join(self.stored) if isinstance(self.stored, tuple) else self.stored

    @property
    def own(self) -> bytes:
        """The body without what it shares with others, which no typed resource reads."""
        return without_shared(self.stored) if isinstance(self.stored, tuple) else self.stored

    @property
    def key(self) -> tuple[str, str, bool]:
        """The key for sorting and identity: type and id without case, live before deleted."""
        return (self.type.lower(), self.id.lower(), self.deleted)


class GraphRecord(msgspec.Struct, frozen=True, gc=False):
    """A directory object; `deleted` marks one from the directory's deleted items."""

    id: str
    odata_type: str
    body: bytes
    deleted: bool = False

    @property
    def key(self) -> tuple[str, str, bool]:
        """The key for sorting and identity: kind and object id without case, live before deleted."""
        return (self.odata_type.lower(), self.id.lower(), self.deleted)


class Link(msgspec.Struct, frozen=True, order=True, omit_defaults=True, rename={"from_": "from"}):
    """A relation between two ids that is in no body; `rel` is one of `RELATIONS`."""

    rel: str
    from_: str
    to: str
    scope: str = ""


RELATIONS = ("transitiveMemberOf", "owner", "directoryRole", "parent", "inheritedBy")
"""The relations of links."""


class EventRecord(msgspec.Struct, frozen=True, order=True, gc=False):
    """An Activity Log event."""

    body: bytes


def arm_record(body: Mapping[str, object], *, deleted: bool = False) -> ArmRecord:
    """Return the record of an ARM body without secrets; raises `MalformedRecord` where it has no proper `id`."""
    identity = body.get("id")
    if not isinstance(identity, str) or not identity:
        raise MalformedRecord("the ARM body has no `id`")
    kind = body.get("type")
    if not isinstance(kind, str) or not kind:
        try:
            kind = ArmId.parse(identity).type
        except MalformedArmId as malformed:
            raise MalformedRecord(str(malformed)) from malformed
    parts = shared(kind, body, canonical)
    if parts is not None:
        return ArmRecord(identity, intern(kind), parts, deleted)
    return ArmRecord(identity, intern(kind), canonical(body), deleted)


class _Identity(msgspec.Struct, gc=False):
    id: str
    type: object = None


_identity = msgspec.json.Decoder(_Identity).decode


def record_of(body: bytes) -> ArmRecord:
    """Return the live record that a body says it is; its type is in its id, if it does not say one."""
    held = _identity(body)
    kind = held.type if isinstance(held.type, str) and held.type else ArmId(held.id.rstrip("/")).type
    return ArmRecord(held.id, intern(kind), body)


def graph_record(body: Mapping[str, object], *, deleted: bool = False) -> GraphRecord:
    """Return the record of a directory object; raises `MalformedRecord` without `id` or `@odata.type`."""
    identity, kind = body.get("id"), body.get("@odata.type")
    if not isinstance(identity, str) or not identity:
        raise MalformedRecord("the directory object has no `id`")
    if not isinstance(kind, str) or not kind:
        raise MalformedRecord(f"the directory object `{identity}` has no `@odata.type`")
    return GraphRecord(identity, intern(kind), canonical(body), deleted)


def event_record(body: Mapping[str, object]) -> EventRecord:
    """Return the record of an Activity Log event without secrets."""
    return EventRecord(canonical(body))


def canonical(body: object) -> bytes:
    """Return `body` as JSON with sorted keys and without secrets; equal bodies give equal bytes."""
    text = _encode(body)
    return _encode(without_secrets(body)) if may_hold_secret(text) else text


def header_of(fields: dict[str, object]) -> Header:
    """Return the header in a file's first record; raises `MalformedRecord`."""
    moment = instant(fields.get("collected_at"))
    if moment is None:
        raise MalformedRecord("the header's `collected_at` is no timestamp")
    try:
        return msgspec.convert({**fields, "collected_at": moment}, Header)
    except msgspec.ValidationError as invalid:
        raise MalformedRecord(f"the header is malformed: {invalid}") from invalid
