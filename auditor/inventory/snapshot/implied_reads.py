"""The `read` records that a YAML snapshot without `reads` means: each known list of each known scope, less the gaps."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import msgspec

from auditor.inventory.arm_id import ArmId, MalformedArmId
from auditor.inventory.lists import LISTS, OWNERS, ROLE_DEFINITIONS, ListKind, ScopeKind
from auditor.inventory.reads import Read
from auditor.inventory.snapshot.snapshot import Snapshot

_APP_ID = re.compile(rb'"applicationId":"([0-9A-Fa-f-]{36})"')
"""How a site or a collector names the application behind an appliance, there or gone."""
_NAMING = ("microsoft.offazure/", "microsoft.migrate/assessmentprojects/")


class _Named(msgspec.Struct, rename="camel"):
    app_id: str | None = None


def with_reads(snapshot: Snapshot) -> Snapshot:
    """Return `snapshot` with its reads spelt out; unchanged where it has them."""
    if snapshot.reads is not None:
        return snapshot
    held = _counts(snapshot)
    gaps = {(gap.what.lower(), gap.scope.lower()) for gap in snapshot.gaps}
    reads = [
        Read(kind.what, scope, count=held[kind.what.lower(), scope.lower()])
        for kind in LISTS.values()
        for scope in _scopes(snapshot, kind)
        if (kind.what.lower(), scope.lower()) not in gaps
    ]
    return replace(snapshot, reads=tuple(sorted(set(reads))))


def _scopes(snapshot: Snapshot, kind: ListKind) -> Iterator[str]:
    match kind.scope:
        case ScopeKind.TENANT:
            yield "/"
        case ScopeKind.SUBSCRIPTION:
            if kind.what == ROLE_DEFINITIONS:
                yield "/"
            yield from (
                record.id for record in snapshot.arm if record.type.lower() == "microsoft.resources/subscriptions"
            )
        case ScopeKind.RESOURCE:
            types = {name.lower() for name in kind.on}
            yield from (record.id for record in snapshot.arm if record.type.lower() in types and not record.deleted)
        case ScopeKind.PRINCIPAL:
            yield from (record.id for record in snapshot.graph if not record.deleted)
        case ScopeKind.APPLICATION:
            yield from _applications(snapshot)


def _applications(snapshot: Snapshot) -> Iterator[str]:
    """The object and app ids of the applications that are there, and the app ids that sites and collectors name."""
    for record in snapshot.graph:
        if record.odata_type.lower() in {"#microsoft.graph.application", "#microsoft.graph.serviceprincipal"}:
            yield record.id
            named = msgspec.json.decode(record.body, type=_Named)
            if named.app_id:
                yield named.app_id
    for told in snapshot.arm:
        if told.type.lower().startswith(_NAMING):
            yield from (found.decode().lower() for found in _APP_ID.findall(told.body))


def _counts(snapshot: Snapshot) -> Counter[tuple[str, str]]:
    """How many items of each ARM list the snapshot holds, by list and scope."""
    held: Counter[tuple[str, str]] = Counter()
    for record in snapshot.arm:
        try:
            identity = ArmId.parse(record.id)
        except MalformedArmId:
            continue  # an id Azure made up (deleted things have some): it counts in no list
        scope = identity.subscription_id or identity.scope
        kind = record.type.lower()
        if record.deleted and kind == "microsoft.operationalinsights/workspaces":
            kind = "microsoft.operationalinsights/deletedworkspaces"
        held[kind, str(scope).lower()] += 1
        held[kind, str(identity.parent).lower()] += identity.parent != scope
    for thing in snapshot.graph:
        held[f"graph/{thing.odata_type.rpartition('.')[2].lower()}s", thing.id.lower()] += 1
    for link in snapshot.links:
        what = {
            "transitiveMemberOf": "graph/transitivememberof",
            "owner": OWNERS,
            "directoryRole": "graph/directoryroles",
        }
        held[what.get(link.rel, ""), link.from_.lower()] += 1
    return held
