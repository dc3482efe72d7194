"""The cleanup plan: every workspace with the action to take and the reason; making a plan changes nothing."""

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from enum import Enum
from typing import Any

import msgspec

from auditor import __version__
from auditor.cleanup.fingerprint import fingerprint_of, rests_on
from auditor.cleanup.saved import Saved, lost_with
from auditor.cleanup.shell import RECOVERABLE_DAYS, recover_command, replication_off_command
from auditor.cleanup.workspace_id import UnsafeId, WorkspaceId, is_guid
from auditor.facts.entities.named_ids import NamedIds
from auditor.facts.estate.environment import Context
from auditor.facts.fact import Evidence, plain
from auditor.facts.leftovers.every import BESIDE_WORKSPACES, leftovers, may_hide
from auditor.facts.leftovers.leftover import Leftover, LeftoverKind, LeftoverVerdict
from auditor.facts.leftovers.order import rank
from auditor.facts.leftovers.workspaces.not_looked_at import NotLookedAt, not_looked_at
from auditor.facts.leftovers.workspaces.uses import REPLICATION, ends_of
from auditor.facts.leftovers.workspaces.verdict import judgements, read_only_state
from auditor.inventory.reads import Gap

INTERRUPTED = "Interrupted"

KEPT_BECAUSE = {
    LeftoverKind.ASSESSMENT_PROJECT: "its assessments would be lost for good",
    LeftoverKind.SITE: "the discovery data of its appliance would be lost for good",
    LeftoverKind.MASTER_SITE: "it could not be restored",
    LeftoverKind.KEY_VAULT: "it may hold secrets that something still uses",
    LeftoverKind.RECOVERY_VAULT: "the data replicated into it would be lost for good",
    LeftoverKind.STORAGE_ACCOUNT: "no list shows what it contains or who reads that",
    LeftoverKind.LOCK: "migaudit never removes locks",
    LeftoverKind.PRIVATE_ENDPOINT: "its address could not be restored",
    LeftoverKind.ROLE_ASSIGNMENT: "migaudit removes no role assignment",
    LeftoverKind.APPLICATION: "whatever signs in with it would lose access",
    LeftoverKind.SERVICE_BUS: "what is in its queues would be lost for good",
    LeftoverKind.REPLICATION_VAULT: "the data replicated into it would be lost for good",
    LeftoverKind.REPLICATION_FABRIC: "it could not be restored",
    LeftoverKind.REPLICA_DISK: "the replicated data would be lost for good",
    LeftoverKind.DEPENDENCY_MAP: "what was discovered would be lost for good",
    LeftoverKind.WORKLOAD_SITE: "what was discovered would be lost for good",
    LeftoverKind.PRIVATE_DNS_ZONE: "other private endpoints may have their addresses in it",
    LeftoverKind.DELETED_WORKSPACE: "it goes away by itself, and until then it can be recovered",
    LeftoverKind.DELETED_KEY_VAULT: "it goes away by itself, and until then it can be recovered",
}
"""The reason, per kind, why migaudit never deletes it."""


class Action(Enum):
    """The actions on an item."""

    DELETE = "delete"
    KEEP = "keep"


class PlanSource(Enum):
    """The sources of a plan's evidence."""

    LIVE = "live"
    SNAPSHOT = "snapshot"
    DEMO = "demo"


class Proof(msgspec.Struct, frozen=True):
    """A record for or against a verdict: its id, a note on the relevant content, and when it was read."""

    id: str
    note: str
    read_at: datetime


class Undo(msgspec.Struct, frozen=True):
    """The command that restores an item by hand, and for how many days after its deletion it works."""

    command: str
    days: int = RECOVERABLE_DAYS


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One judged thing: the action, its reason, and the evidence.

    `projects` are the names of the projects it belongs to, `since` says since when they are gone, `holds` what it
    contains, `costs` what its price depends on, and `released_on` when a soft-deleted thing frees its name. `to_end`
    says how to end each other use of a workspace, in the order in which to do it.
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
    to_end: tuple[str, ...] = ()


class PlanReader(msgspec.Struct, frozen=True):
    """The account whose rights were used to read the evidence."""

    object_id: str
    name: str
    type: str


class Looked(msgspec.Struct, frozen=True):
    """The scope of the scan."""

    subscriptions: tuple[str, ...] = ()
    management_groups: tuple[str, ...] = ()


class CleanupPlan(msgspec.Struct, frozen=True, kw_only=True):
    """A complete plan.

    `partial` says why the scan was incomplete, and is empty for a complete one. `unread` are gaps that may hide further
    things to judge, `not_looked_at` the uses of a workspace that no check looks for, and `recoverable` the soft-deleted
    workspaces of deleted projects, unless they are among the items. `subscription_names` are the display names of
    subscriptions, as far as they were read, by id in lower case.
    """

    tool: str
    created_at: datetime
    read_at: datetime
    tenant_id: str
    cloud: str
    by: PlanReader
    source: PlanSource
    scope: Looked
    subscription_names: Mapping[str, str] = {}
    partial: tuple[str, ...] = ()
    unread: tuple[Gap, ...] = ()
    not_looked_at: tuple[NotLookedAt, ...] = ()
    items: tuple[Item, ...] = ()
    recoverable: tuple[Item, ...] = ()

    @property
    def deletions(self) -> tuple[Item, ...]:
        """The items to delete, in the order of deletion."""
        return tuple(item for item in self.items if item.action is Action.DELETE)


def plan_of(
    context: Context, *, tool: str, created_at: datetime, source: PlanSource, include: Collection[LeftoverKind] = ()
) -> CleanupPlan:
    """Return the plan for all workspaces of `context`; equal inventories give equal plans.

    `include` are further kinds whose leftovers are listed too; they are always kept, since nothing can undo their
    deletion.
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
        subscription_names=_subscription_names(context),
        partial=_partial(context),
        unread=plain(may_hide(context, {LeftoverKind.WORKSPACE, *include})),
        not_looked_at=not_looked_at(),
        items=in_safe_order([*items_of(context), *kept_leftovers(context, include)]),
        recoverable=in_safe_order(kept_leftovers(context, {LeftoverKind.DELETED_WORKSPACE}.difference(include))),
    )


def plan_now(context: Context, source: PlanSource, include: Iterable[str] = ()) -> CleanupPlan:
    """Return the plan as of now; `include` are kinds by their names, of which another text raises `ValueError`."""
    now = datetime.now(UTC).replace(microsecond=0)
    kinds = tuple(map(LeftoverKind, include))
    return plan_of(context, tool=f"migaudit {__version__}", created_at=now, source=source, include=kinds)


def _subscription_names(context: Context) -> dict[str, str]:
    """Return the display names of the subscriptions that were read, by id in lower case; those without are left out."""
    names, scanned = NamedIds(context.inventory), sorted(context.inventory.scanned)
    return {identity: name for identity in scanned if (name := names.name(identity))}


def candidates(context: Context) -> tuple[str, ...]:
    """Return the sorted ids of the workspaces that are undecided because of unread checks."""
    return tuple(sorted(one.id for one in judgements(context) if one.verdict is LeftoverVerdict.UNDECIDED))


def items_of(context: Context) -> Iterable[Item]:
    """Yield every workspace of `context` as an item."""
    for judgement in judgements(context):
        yield item_of(context, judgement)


def item_of(context: Context, judgement: Leftover) -> Item:
    """Return the item for one workspace and its verdict.

    It is deleted only if it is proven to be left behind: no evidence of another use, no unread check, an id that is
    safe to act on, and a fingerprint to compare before acting.
    """
    read_at = context.inventory.header.collected_at
    fields = rests_on(context, judgement)
    reason = _kept_because(judgement, fields) or _not_recoverable(context, judgement)
    identity = _safe(judgement.id)
    acting = reason is None and identity is not None
    return Item(
        id=judgement.id,
        name=judgement.name,
        kind=judgement.kind.value,
        verdict=judgement.verdict.value,
        action=Action.DELETE if acting else Action.KEEP,
        reason=reason or ("" if acting else "its id is not a valid id of a workspace"),
        projects=judgement.projects,
        since=_since(judgement),
        holds=judgement.holds,
        costs=judgement.costs,
        evidence_for=_proofs(judgement.evidence_for, read_at),
        evidence_against=_proofs(judgement.evidence_against, read_at),
        unread=plain(judgement.unread),
        fingerprint=fingerprint_of(fields),
        rests_on=fields,
        undo=Undo(recover_command(identity)) if acting and identity is not None else None,
        lost_for_good=lost_with(context, judgement.id) if acting else (),
        to_end=tuple(f"{title}: {end}" for title, end in ends_of(judgement.uses)),
    )


def kept_leftovers(context: Context, kinds: Collection[LeftoverKind]) -> Iterable[Item]:
    """Yield the leftovers, or possible leftovers, of the given kinds."""
    read_at = context.inventory.header.collected_at
    wanted = BESIDE_WORKSPACES.intersection(kinds)
    for leftover in leftovers(context, wanted) if wanted else ():
        if leftover.is_left:
            yield _kept_leftover(leftover, read_at)


def _kept_leftover(leftover: Leftover, read_at: datetime) -> Item:
    return Item(
        id=leftover.id,
        name=leftover.name,
        kind=leftover.kind.value,
        verdict=leftover.verdict.value,
        action=Action.KEEP,
        reason=f"{leftover.why}; migaudit does not delete it: {KEPT_BECAUSE[leftover.kind]}",
        projects=leftover.projects,
        since=_since(leftover),
        holds=leftover.holds,
        costs=leftover.costs,
        released_on=leftover.released_on,
        evidence_for=_proofs(leftover.evidence_for, read_at),
        evidence_against=_proofs(leftover.evidence_against, read_at),
        unread=plain(leftover.unread),
    )


def _since(leftover: Leftover) -> str:
    """Return since when its projects are gone; empty if it is not known that they are."""
    return leftover.since if leftover.verdict in {LeftoverVerdict.ORPHANED, LeftoverVerdict.IN_USE} else ""


def in_safe_order(items: Iterable[Item]) -> tuple[Item, ...]:
    """Return the items in the order of the plan: deletions without permanent losses first, kept items last.

    Kept items of one verdict are in the order in which they are undone.
    """
    return tuple(
        sorted(
            items,
            key=lambda item: (
                item.action is Action.KEEP,
                len(item.lost_for_good),
                item.verdict,
                rank(LeftoverKind(item.kind)),
                item.id.lower(),
            ),
        )
    )


def _kept_because(judgement: Leftover, fields: Mapping[str, Any]) -> str | None:
    """Return why a workspace is kept; None if nothing prevents deleting it."""
    if judgement.verdict is not LeftoverVerdict.ORPHANED:
        return judgement.why
    if judgement.obstacles:
        return until_off(judgement)
    if judgement.evidence_against:
        return "something else uses it"
    if judgement.unread:
        return "not every check of another use could be read"
    if not is_guid(fields.get("customerId")):
        return "its body does not show which workspace it is"
    return None


def _not_recoverable(context: Context, judgement: Leftover) -> str | None:
    """Return why a deleted workspace could not be recovered, which is a write; None if nothing speaks against it."""
    state = read_only_state(context, judgement)
    return f"its subscription is {state}, where nothing can be recovered: have it enabled first" if state else None


def until_off(judgement: Leftover) -> str:
    """Return why a workspace is kept that is left behind, but replicates or is locked, and how that is ended."""
    ends = []
    if REPLICATION in judgement.obstacles:
        command = replication_off_command(judgement.id)
        ends.append(f"{REPLICATION} is on, or not off yet: turn it off with `{command}` and wait until it has ended")
    if set(judgement.obstacles) - {REPLICATION}:
        ends.append("a lock is on it or above it: ask its owner whether it may be removed")
    return f"{judgement.why}, but Azure refuses to delete it as long as {'; and '.join(ends)}. Then make the plan again"


def _safe(identity: str) -> WorkspaceId | None:
    try:
        return WorkspaceId.parse(identity)
    except UnsafeId:
        return None


def _proofs(evidence: Iterable[Evidence], read_at: datetime) -> tuple[Proof, ...]:
    return tuple(Proof(one.id, one.note, read_at) for one in sorted(set(evidence)))


def _partial(context: Context) -> tuple[str, ...]:
    """Return why the inventory is incomplete: a stopped scan may lack anything."""
    stopped = [gap for gap in context.inventory.snapshot.gaps if gap.code == INTERRUPTED]
    return (f"the scan was stopped before {len(stopped):,} lists were read",) if stopped else ()
