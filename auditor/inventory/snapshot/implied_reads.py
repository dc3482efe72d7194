"""The reads that a YAML snapshot without `reads` implies: each known list at each scanned scope, except the gaps.

A subscription that the header's scope leaves out is only known to exist: nothing of it was read.
"""

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
"""The app id of an appliance's application in the body of a site or collector."""
_NAMING = ("microsoft.offazure/", "microsoft.migrate/assessmentprojects/")


class _Named(msgspec.Struct, rename="camel"):
    app_id: str | None = None


def with_reads(snapshot: Snapshot) -> Snapshot:
    """Return `snapshot` with its implied reads as records; unchanged where it has reads."""
    if snapshot.reads is not None:
        return snapshot
    held = _counts(snapshot)
    scanned = snapshot.header.scope.names
    gaps = {(gap.what.lower(), gap.scope.lower()) for gap in snapshot.gaps}
    reads = [
        Read(kind.what, scope, count=held[kind.what.lower(), scope.lower()])
        for kind in LISTS.values()
        for scope in _scopes(snapshot, kind)
        if (kind.what.lower(), scope.lower()) not in gaps and _is_scanned(scope, scanned)
    ]
    return replace(snapshot, reads=tuple(sorted(set(reads))))


def _is_scanned(scope: str, scanned: frozenset[str]) -> bool:
    """Return whether a scope is in one of the subscriptions `scanned`, or in none; all count where it is empty."""
    parts = scope.lower().split("/")
    return not scanned or parts[:2] != ["", "subscriptions"] or parts[2] in scanned


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
    """Yield the object and app ids of recorded applications, and the app ids in sites and collectors."""
    for record in snapshot.graph:
        if record.odata_type.lower() in {"#microsoft.graph.application", "#microsoft.graph.serviceprincipal"}:
            yield record.id
            named = msgspec.json.decode(record.body, type=_Named)
            if named.app_id:
                yield named.app_id
    for resource in snapshot.arm:
        if resource.type.lower().startswith(_NAMING):
            yield from (found.decode().lower() for found in _APP_ID.findall(resource.body))


def _counts(snapshot: Snapshot) -> Counter[tuple[str, str]]:
    """Return the number of recorded items of each list, by list and scope."""
    held: Counter[tuple[str, str]] = Counter()
    for record in snapshot.arm:
        try:
            identity = ArmId.parse(record.id)
        except MalformedArmId:
            continue  # some deleted resources have malformed ids, which count in no list
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
