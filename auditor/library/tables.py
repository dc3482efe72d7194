"""The flat tables of a snapshot for analysis, with what each column means.

Ids are in lower case in every table, so that they can be joined; `body` is what Azure returned.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum

import msgspec

from auditor.inventory.arm_id import arm_id
from auditor.inventory.instants import instant
from auditor.inventory.resources.authorization import RoleAssignment, RoleDefinition
from auditor.inventory.snapshot.implied_reads import with_reads
from auditor.inventory.snapshot.records import ArmRecord
from auditor.library.result import COLUMNS, LIST_COLUMNS, Result


class ColumnKind(Enum):
    """The types of columns, as DuckDB calls them."""

    TEXT = "VARCHAR"
    TEXTS = "VARCHAR[]"
    NUMBER = "BIGINT"
    FLAG = "BOOLEAN"
    TIME = "TIMESTAMPTZ"
    JSON = "JSON"


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column of a table: its name, what it means, and its type."""

    name: str
    meaning: str
    kind: ColumnKind = ColumnKind.TEXT


Row = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its name, what a row is, its columns, and the function that yields the rows."""

    name: str
    row: str
    columns: tuple[TableColumn, ...]
    rows: Callable[[Result], Iterator[Row]]


_MEANING = {
    "rule": "id of the rule",
    "title": "what the rule says in a few words",
    "verdict": "`fail`, `unknown`, `pass` or `not_applicable`",
    "severity": "`critical`, `high`, `medium`, `low` or `info`, of the rule",
    "confidence": "`high`, `medium` or `low`, that a failing rule is the cause of its errors",
    "errors": "ids of the errors that appliances or the portal show for it",
    "subject_kind": "kind of what it is about: `registration`, `appliance`, `workspace` and others",
    "subject_name": "name of what it is about",
    "subject_id": "id of what it is about; for a registration `account@project`",
    "subscription_id": "id of the subscription that it is in",
    "subscription_name": "display name of that subscription",
    "resource_group": "resource group that it is in",
    "projects": "names of the projects that it belongs to",
    "account": "name of the account that it is about",
    "message": "why, as a sentence",
    "evidence": "ids of the records that show it",
    "unread": "what was not read, as sentences",
    "fixes": "titles of what cures it",
    "fingerprint": "digest of rule and subject, the same in every scan",
}


def _findings(result: Result) -> Iterator[Row]:
    for row in result.rows():
        yield tuple(value.lower() if name == "subject_id" else value for name, value in row.items())


def _about(result: Result) -> Iterator[Row]:
    header = result.access.inventory.header
    by = header.by
    yield (header.tenant_id.lower(), header.cloud, header.collected_at, by.object_id.lower(), by.name, header.tool)


def _resources(result: Result) -> Iterator[Row]:
    for record in result.access.inventory.snapshot.arm:
        yield _resource(record)


def _resource(record: ArmRecord) -> Row:
    place, body = arm_id(record.id), msgspec.json.decode(record.own)
    return (
        record.id.lower(),
        record.type.lower(),
        _text(body.get("name")) or record.id.rpartition("/")[2],
        _lower(place.subscription if place else None),
        _lower(place.resource_group if place else None),
        _lower(body.get("location")),
        record.deleted,
        body.get("tags"),
        msgspec.Raw(record.body),
    )


def _assignments(result: Result) -> Iterator[Row]:
    inventory = result.access.inventory
    names = {one.arm_id.name.lower(): one.properties.role_name for one in inventory.all(RoleDefinition)}
    for one in inventory.each(RoleAssignment):
        held = one.properties
        role = (held.role_definition_id or "").rpartition("/")[2].lower()
        principal = inventory.object(one.principal)
        scope = (held.scope or "").lower()
        place = arm_id(scope)
        yield (
            str(one.arm_id).lower(),
            scope or None,
            _lower(place.subscription if place else None),
            one.principal or None,
            held.principal_type,
            principal.label if principal else None,
            role or None,
            names.get(role),
            held.condition,
        )


def _definitions(result: Result) -> Iterator[Row]:
    for one in result.access.inventory.all(RoleDefinition):
        held = one.properties
        permissions = held.permissions or ()
        lists = [
            [text for each in permissions for text in (getattr(each, name) or ())]
            for name in ("actions", "not_actions", "data_actions", "not_data_actions")
        ]
        scopes = [scope.lower() for scope in held.assignable_scopes or ()]
        yield (str(one.arm_id).lower(), one.arm_id.name.lower(), held.role_name, held.kind, *lists, scopes)


def _principals(result: Result) -> Iterator[Row]:
    for record in result.access.inventory.snapshot.graph:
        held = None if record.deleted else result.access.inventory.object(record.id)
        body = msgspec.json.decode(record.body)
        yield (
            record.id.lower(),
            record.odata_type.removeprefix("#microsoft.graph."),
            held.label if held else _text(body.get("displayName")),
            _lower(body.get("appId")),
            record.deleted,
            msgspec.Raw(record.body),
        )


def _links(result: Result) -> Iterator[Row]:
    for link in result.access.inventory.snapshot.links:
        yield (link.rel, link.from_.lower(), link.to.lower(), link.scope.lower() or None)


def _events(result: Result) -> Iterator[Row]:
    for record in result.access.inventory.snapshot.events:
        body = msgspec.json.decode(record.body)
        yield (
            instant(body.get("eventTimestamp")),
            _text(_value(body.get("operationName"))),
            _text(_value(body.get("status"))),
            _text(body.get("caller")),
            _lower(body.get("resourceId")),
            msgspec.Raw(record.body),
        )


def _reads(result: Result) -> Iterator[Row]:
    for read in with_reads(result.access.inventory.snapshot).reads or ():
        yield (read.what, read.scope.lower(), read.count)


def _gaps(result: Result) -> Iterator[Row]:
    for gap in result.coverage.gaps:
        yield (gap.what, gap.scope.lower(), gap.status, gap.code or None, gap.message or None, gap.cure or None)


def _value(held: object) -> object:
    return held.get("value") if isinstance(held, dict) else held


def _text(held: object) -> str | None:
    return held if isinstance(held, str) else None


def _lower(text: object) -> str | None:
    return text.lower() if isinstance(text, str) else None


_ID, _BODY = TableColumn("id", "id"), TableColumn("body", "what Azure returned, without secrets", ColumnKind.JSON)
_DELETED = TableColumn("deleted", "whether it is soft-deleted", ColumnKind.FLAG)

TABLES = (
    Table(
        "snapshot",
        "the snapshot itself",
        (
            TableColumn("tenant_id", "id of the tenant"),
            TableColumn("cloud", "name of the cloud"),
            TableColumn("collected_at", "when it was read", ColumnKind.TIME),
            TableColumn("read_by_id", "object id of the account that read it"),
            TableColumn("read_by", "name of that account"),
            TableColumn("tool", "what wrote it"),
        ),
        _about,
    ),
    Table(
        "findings",
        "a verdict of a rule about something, for the accounts that the snapshot is about",
        tuple(
            TableColumn(name, _MEANING[name], ColumnKind.TEXTS if name in LIST_COLUMNS else ColumnKind.TEXT)
            for name in COLUMNS
        ),
        _findings,
    ),
    Table(
        "resources",
        "a resource or a record of Resource Manager",
        (
            _ID,
            TableColumn("type", "resource type, in lower case"),
            TableColumn("name", "name"),
            TableColumn("subscription_id", "id of its subscription"),
            TableColumn("resource_group", "its resource group, in lower case"),
            TableColumn("location", "its region, in lower case"),
            _DELETED,
            TableColumn("tags", "its tags", ColumnKind.JSON),
            _BODY,
        ),
        _resources,
    ),
    Table(
        "role_assignments",
        "an assignment of a role of Azure",
        (
            _ID,
            TableColumn("scope", "id of what it is for"),
            TableColumn("subscription_id", "id of the subscription of that"),
            TableColumn("principal_id", "object id of who has the role"),
            TableColumn("principal_type", "`User`, `Group`, `ServicePrincipal` and others, as Azure says"),
            TableColumn("principal", "name of who has the role, where it was read"),
            TableColumn("role_id", "GUID of the role"),
            TableColumn("role", "name of the role, where it was read"),
            TableColumn("condition", "its condition"),
        ),
        _assignments,
    ),
    Table(
        "role_definitions",
        "a role of Azure",
        (
            _ID,
            TableColumn("role_id", "its GUID"),
            TableColumn("name", "its name"),
            TableColumn("kind", "`BuiltInRole` or `CustomRole`"),
            TableColumn("actions", "what it allows", ColumnKind.TEXTS),
            TableColumn("not_actions", "what it leaves out", ColumnKind.TEXTS),
            TableColumn("data_actions", "what it allows on data", ColumnKind.TEXTS),
            TableColumn("not_data_actions", "what it leaves out of that", ColumnKind.TEXTS),
            TableColumn("assignable_scopes", "where it can be assigned", ColumnKind.TEXTS),
        ),
        _definitions,
    ),
    Table(
        "principals",
        "an object of the directory",
        (
            TableColumn("id", "object id"),
            TableColumn("kind", "`user`, `group`, `servicePrincipal`, `application` and others"),
            TableColumn("name", "sign-in name or display name"),
            TableColumn("app_id", "id of the application"),
            _DELETED,
            _BODY,
        ),
        _principals,
    ),
    Table(
        "links",
        "a relation between two things that stands in neither",
        (
            TableColumn("relation", "`transitiveMemberOf`, `owner`, `directoryRole`, `parent` or `inheritedBy`"),
            TableColumn("from_id", "id of the one that has the relation"),
            TableColumn("to_id", "id of the other"),
            TableColumn("scope", "what it is limited to"),
        ),
        _links,
    ),
    Table(
        "events",
        "an event of the Activity Log",
        (
            TableColumn("happened_at", "when", ColumnKind.TIME),
            TableColumn("operation", "what was done"),
            TableColumn("status", "what became of it"),
            TableColumn("caller", "who did it"),
            TableColumn("resource_id", "id of what it was done to"),
            _BODY,
        ),
        _events,
    ),
    Table(
        "reads",
        "a list that was read to its end",
        (
            TableColumn("list", "what it lists"),
            TableColumn("scope", "of what"),
            TableColumn("count", "how many items it has", ColumnKind.NUMBER),
        ),
        _reads,
    ),
    Table(
        "gaps",
        "a list that was not read, or only in part: what it would say is unknown",
        (
            TableColumn("list", "what it lists"),
            TableColumn("scope", "of what"),
            TableColumn("status", "HTTP status of the answer; 0 where none came", ColumnKind.NUMBER),
            TableColumn("code", "code of the answer"),
            TableColumn("message", "what Azure or migaudit said"),
            TableColumn("permission", "what to grant so that it can be read"),
        ),
        _gaps,
    ),
)
"""Every table, in the order of the page about them."""
