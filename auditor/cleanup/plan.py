"""The plan: every workspace with what is to be done to it and why, drawn from what was read; making it does nothing."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from enum import Enum
from typing import Any

import msgspec

from auditor.cleanup.fingerprint import fingerprint_of, rests_on
from auditor.cleanup.saved import Saved, lost_with
from auditor.cleanup.shell import RECOVERABLE_DAYS, recover_command
from auditor.cleanup.workspace_id import UnsafeId, WorkspaceId, is_guid
from auditor.facts.estate.environment import Context
from auditor.facts.fact import Evidence
from auditor.facts.leftovers.every import BESIDE_WORKSPACES, leftovers, may_hide
from auditor.facts.leftovers.leftover import Leftover, LeftoverKind, LeftoverVerdict
from auditor.facts.leftovers.verdict import judgements
from auditor.inventory.reads import Gap

INTERRUPTED = "Interrupted"

KEPT_BECAUSE = {
    LeftoverKind.ASSESSMENT_PROJECT: "its assessments would be gone for good",
    LeftoverKind.SITE: "what its appliance found would be gone for good",
    LeftoverKind.MASTER_SITE: "nothing would bring it back",
    LeftoverKind.KEY_VAULT: "it may hold secrets that something still uses",
    LeftoverKind.RECOVERY_VAULT: "what replicated into it would be gone for good",
    LeftoverKind.STORAGE_ACCOUNT: "nothing that is read tells what is in it, nor who reads that",
    LeftoverKind.LOCK: "migaudit removes no lock",
    LeftoverKind.PRIVATE_ENDPOINT: "nothing would bring its address back",
    LeftoverKind.ROLE_ASSIGNMENT: "migaudit takes no role from anybody",
    LeftoverKind.APPLICATION: "whatever signs in with it would be shut out",
    LeftoverKind.DELETED_WORKSPACE: "it goes away by itself, and until then it can be recovered",
    LeftoverKind.DELETED_KEY_VAULT: "it goes away by itself, and until then it can be recovered",
}
"""Why migaudit leaves the deletion of each kind to people."""


class Action(Enum):
    """What is to be done to an item."""

    DELETE = "delete"
    KEEP = "keep"


class PlanSource(Enum):
    """Where a plan's evidence came from."""

    LIVE = "live"
    SNAPSHOT = "snapshot"
    DEMO = "demo"


class Proof(msgspec.Struct, frozen=True):
    """A record that speaks for or against: its id, what in it matters, when it was read."""

    id: str
    note: str
    read_at: datetime


class Undo(msgspec.Struct, frozen=True):
    """How to bring an item back by hand, and for how many days after its deletion."""

    command: str
    days: int = RECOVERABLE_DAYS


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was judged: what is to be done to it, why, and what is known of it.

    `projects` are the names of the projects it belongs to, `since` says since when they are gone; `holds` and `costs`
    what it holds and what its price hangs on; `released_on` when something soft-deleted frees its name.
    """

    id: str
    name: str
    kind: str
    verdict: str
    action: Action
    reason: str
    projects: tuple[str, ...] = ()
    since: str = ""
    holds: tuple[str, ...] = ()
    costs: tuple[str, ...] = ()
    released_on: datetime | None = None
    evidence_for: tuple[Proof, ...] = ()
    evidence_against: tuple[Proof, ...] = ()
    unread: tuple[Gap, ...] = ()
    fingerprint: str = ""
    rests_on: Mapping[str, Any] = {}
    undo: Undo | None = None
    lost_for_good: tuple[Saved, ...] = ()


class PlanReader(msgspec.Struct, frozen=True):
    """Whose rights the evidence was read with."""

    object_id: str
    name: str
    type: str


class Looked(msgspec.Struct, frozen=True):
    """What the scan was asked to look at."""

    subscriptions: tuple[str, ...] = ()
    management_groups: tuple[str, ...] = ()


class CleanupPlan(msgspec.Struct, frozen=True, kw_only=True):
    """A whole plan.

    `partial` says why the scan was not whole; empty where it was. `unread` are the lists that may hold further things
    which would have been judged.
    """

    tool: str
    created_at: datetime
    read_at: datetime
    tenant_id: str
    cloud: str
    by: PlanReader
    source: PlanSource
    scope: Looked
    partial: tuple[str, ...] = ()
    unread: tuple[Gap, ...] = ()
    items: tuple[Item, ...] = ()

    @property
    def deletions(self) -> tuple[Item, ...]:
        """The items that are to be deleted, in the order in which that is done."""
        return tuple(item for item in self.items if item.action is Action.DELETE)


def plan_of(
    context: Context, *, tool: str, created_at: datetime, source: PlanSource, include: Collection[LeftoverKind] = ()
) -> CleanupPlan:
    """Return the plan for everything that `context` holds; equal pictures give equal plans.

    `include` names kinds beside workspaces whose left-overs are listed too; they are kept, for deleting them is not
    undone by anything.
    """
    header = context.inventory.header
    by = header.by
    return CleanupPlan(
        tool=tool,
        created_at=created_at,
        read_at=header.collected_at,
        tenant_id=header.tenant_id,
        cloud=header.cloud,
        by=PlanReader(by.object_id, by.name, by.type),
        source=source,
        scope=Looked(header.scope.subscriptions, header.scope.management_groups),
        partial=_partial(context),
        unread=may_hide(context, {LeftoverKind.WORKSPACE, *include}),
        items=in_safe_order([*items_of(context), *kept_leftovers(context, include)]),
    )


def items_of(context: Context) -> Iterable[Item]:
    """Yield every workspace of `context` as an item."""
    for judgement in judgements(context):
        yield item_of(context, judgement)


def item_of(context: Context, judgement: Leftover) -> Item:
    """Return what is to be done about one workspace, as `judgement` says.

    Delete only what is proven to be left behind: no evidence of another use, no check unread, an id that is safe to
    act on, and a picture of it to compare with before acting.
    """
    read_at = context.inventory.header.collected_at
    fields = rests_on(context, judgement)
    reason = _kept_because(judgement, fields)
    identity = _safe(judgement.id)
    acting = reason is None and identity is not None
    return Item(
        id=judgement.id,
        name=judgement.name,
        kind=judgement.kind.value,
        verdict=judgement.verdict.value,
        action=Action.DELETE if acting else Action.KEEP,
        reason=reason or ("" if acting else "its id is not one that Azure gives to a workspace"),
        projects=judgement.projects,
        since=_since(judgement),
        holds=judgement.holds,
        costs=judgement.costs,
        evidence_for=_proofs(judgement.evidence_for, read_at),
        evidence_against=_proofs(judgement.evidence_against, read_at),
        unread=judgement.unread,
        fingerprint=fingerprint_of(fields),
        rests_on=fields,
        undo=Undo(recover_command(identity)) if acting and identity is not None else None,
        lost_for_good=lost_with(context, judgement.id) if acting else (),
    )


def kept_leftovers(context: Context, kinds: Collection[LeftoverKind]) -> Iterable[Item]:
    """Yield what else is left behind, or may be, of the given kinds."""
    read_at = context.inventory.header.collected_at
    wanted = BESIDE_WORKSPACES.intersection(kinds)
    for remain in leftovers(context, wanted) if wanted else ():
        if remain.is_left:
            yield _kept_leftover(remain, read_at)


def _kept_leftover(remain: Leftover, read_at: datetime) -> Item:
    return Item(
        id=remain.id,
        name=remain.name,
        kind=remain.kind.value,
        verdict=remain.verdict.value,
        action=Action.KEEP,
        reason=f"{remain.why}; it is left to people, for {KEPT_BECAUSE[remain.kind]}",
        projects=remain.projects,
        since=_since(remain),
        holds=remain.holds,
        costs=remain.costs,
        released_on=remain.released_on,
        evidence_for=_proofs(remain.evidence_for, read_at),
        evidence_against=_proofs(remain.evidence_against, read_at),
        unread=remain.unread,
    )


def _since(remain: Leftover) -> str:
    """Say since when its projects are gone; nothing where it is not known that they are."""
    return remain.since if remain.verdict in {LeftoverVerdict.ORPHANED, LeftoverVerdict.IN_USE} else ""


def in_safe_order(items: Iterable[Item]) -> tuple[Item, ...]:
    """Return the items in the order of the plan: what loses nothing for good first, what is kept last."""
    return tuple(
        sorted(
            items, key=lambda item: (item.action is Action.KEEP, len(item.lost_for_good), item.verdict, item.id.lower())
        )
    )


def _kept_because(judgement: Leftover, fields: Mapping[str, Any]) -> str | None:
    """Say why a workspace is kept; None where nothing stands against deleting it."""
    if judgement.verdict is not LeftoverVerdict.ORPHANED:
        return judgement.why
    if judgement.evidence_against:
        return "something else uses it"
    if judgement.unread:
        return "not every check of another use could be read"
    if not is_guid(fields.get("customerId")):
        return "its body does not tell which workspace it is"
    return None


def _safe(identity: str) -> WorkspaceId | None:
    try:
        return WorkspaceId.parse(identity)
    except UnsafeId:
        return None


def _proofs(evidence: Iterable[Evidence], read_at: datetime) -> tuple[Proof, ...]:
    return tuple(Proof(one.id, one.note, read_at) for one in sorted(set(evidence)))


def _partial(context: Context) -> tuple[str, ...]:
    """Why the picture is not whole: a scan that was stopped may lack anything."""
    stopped = [gap for gap in context.inventory.snapshot.gaps if gap.code == INTERRUPTED]
    return (f"the scan was stopped before {len(stopped):,} lists were read",) if stopped else ()
