"""Applying a plan, item by item: read again, compare, and only then delete; wait for the end, look, write it down."""

import logging
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from auditor.azure.errors import OperationFailed, ReadFailed, StillRunning, WriteFailed
from auditor.cleanup.admission import to_delete_and_bring_back
from auditor.cleanup.azure_workspaces import AzureWorkspaces, WorkspaceState, customer_id
from auditor.cleanup.fingerprint import differences, of_itself
from auditor.cleanup.journal import RESTORING, Journal, JournalEvent, Unwritten
from auditor.cleanup.plan import Action, Item, item_of
from auditor.cleanup.results import OPEN, ItemResult, Outcome
from auditor.cleanup.shell import look_commands
from auditor.cleanup.workspace_id import WorkspaceId
from auditor.facts.estate.environment import Context
from auditor.facts.leftovers.verdict import judgements
from auditor.facts.rights.workspace_rights import DELETE, LackingRights, lacking_rights

_LOG = logging.getLogger("auditor.cleanup")
_GONE = (WorkspaceState.DELETED, WorkspaceState.REPLACED)
_SURE = (WorkspaceState.LIVE, *_GONE)

Reread = Callable[[WorkspaceId], Awaitable[Context]]
"""Reads again, from ARM, everything that the decision about one workspace rests on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanApplication:
    """One run over a plan: where it acts, as whom, what it wrote down before, and whether it only rehearses."""

    cloud: AzureWorkspaces
    reread: Reread
    principal_id: str
    journal: Journal
    dry_run: bool = False
    tell: Callable[[ItemResult], None] = lambda _result: None
    _missing: dict[str, str] = field(default_factory=dict)
    """By item what the journal lacks, since it could not be written after the request had left."""

    async def run(self, items: Iterable[Item], confirmed: Collection[str]) -> tuple[ItemResult, ...]:
        """Return what came of each item; after one whose end is open, no further one is touched.

        `confirmed` holds the ids (lower case) that the user confirmed; others are not touched.
        """
        results: list[ItemResult] = []
        stopped = False
        for item in items:
            if stopped:
                result = ItemResult(item, Outcome.NOT_REACHED, ("an item before it did not end",))
            elif item.id.lower() not in confirmed and not self.journal.is_done(item.id):
                result = ItemResult(item, Outcome.UNCONFIRMED, ("it was not confirmed",))
            else:
                result = self._with_what_is_missing(await self._apply(item))
            stopped = stopped or result.outcome in OPEN or result.unwritten
            results.append(result)
            self.tell(result)
        return tuple(results)

    async def _apply(self, item: Item) -> ItemResult:
        """Apply one item; whatever comes between is an outcome as well, and is written down."""
        try:
            result = await self._decided(item)
        except ReadFailed as failure:
            outcome = open_outcome(self.journal, item) or Outcome.REFUSED
            result = ItemResult(item, outcome, (f"it cannot be seen how it is now: {failure}",))
        except Unwritten as failure:
            return ItemResult(item, Outcome.NOT_REACHED, (f"nothing was sent: {failure}",), unwritten=True)
        except Exception as defect:  # noqa: BLE001 - what left must be told, whatever fails after it
            _LOG.warning("internal error while `%s` was applied", item.id, exc_info=defect)
            outcome = open_outcome(self.journal, item) or Outcome.REFUSED
            result = ItemResult(item, outcome, (f"a defect of migaudit ({type(defect).__name__}) left its end open",))
        if result.outcome in {Outcome.REFUSED, Outcome.CHANGED}:
            with suppress(Unwritten):  # nothing was sent, and what would be is refused for it
                self._note(JournalEvent.REFUSED, item, "; ".join(result.why))
        return result

    def _with_what_is_missing(self, result: ItemResult) -> ItemResult:
        missing = self._missing.get(result.item.id)
        if missing is None:
            return result
        look = (f"to see what came of it: {command}" for command in look_commands(WorkspaceId.parse(result.item.id)))
        why = (*result.why, f"the deletion of `{result.item.id}` was sent, and {missing}", *look)
        return ItemResult(result.item, result.outcome, why, unwritten=True)

    async def _decided(self, item: Item) -> ItemResult:
        workspace = WorkspaceId.parse(item.id)
        customer = str(item.rests_on["customerId"]).lower()
        last = self.journal.last(item.id)
        if last is not None and self.journal.is_done(item.id):
            outcome = Outcome.DONE_BEFORE if last.event is JournalEvent.DELETED else Outcome.GONE
            return ItemResult(item, outcome, (f"{last.event.value} on {last.at:%Y-%m-%d at %H:%M} UTC",))
        if last is not None and last.event in RESTORING:
            return ItemResult(item, Outcome.REFUSED, ("it was restored since: make a new plan",))
        fate = await self._fate(workspace, customer)
        if fate is not WorkspaceState.LIVE:
            return self._without_us(item, fate)
        accepted = self.journal.accepted_at(item.id)
        if accepted is not None:
            why = (
                f"Azure took the deletion in on {accepted:%Y-%m-%d at %H:%M} UTC, and it is still there. It is not"
                " asked for twice: run the same command again later; once the Activity Log says that it failed, make a"
                " new plan"
            )
            return ItemResult(item, Outcome.ACCEPTED, (why,))
        against = await self._against(item, workspace)
        if against is not None:
            return against
        if self.dry_run:
            return ItemResult(item, Outcome.WOULD_DELETE)
        return await self._delete(item, workspace, customer)

    async def _fate(self, workspace: WorkspaceId, customer: str) -> WorkspaceState:
        """Where it is now; a deletion that we began and that has not ended yet is waited for."""
        if not self.journal.attempted(workspace.key):
            return await self.cloud.fate(workspace, customer)
        wanted = _SURE if self.journal.accepted_at(workspace.key) is None else _GONE
        return await self.cloud.fate_when(workspace, customer, wanted)

    def _without_us(self, item: Item, fate: WorkspaceState) -> ItemResult:
        """What to say of an item that is not there to be deleted."""
        ours = self.journal.asked(item.id)
        match fate:
            case WorkspaceState.REPLACED:
                why = "another workspace (another customerId) stands at this id now; it is none of this plan's business"
                return ItemResult(item, Outcome.CHANGED, (why,))
            case WorkspaceState.ENDING | WorkspaceState.NOWHERE if ours:
                why = (
                    "Azure is still deleting it"
                    if fate is WorkspaceState.ENDING
                    else "it is gone, but not among the deleted ones"
                )
                outcome = open_outcome(self.journal, item) or Outcome.UNKNOWN
                return ItemResult(item, outcome, (f"{why}; run the same command again later",))
            case WorkspaceState.ENDING:
                return ItemResult(item, Outcome.CHANGED, ("somebody else is deleting it",))
            case WorkspaceState.LIVE:
                return ItemResult(item, Outcome.CHANGED, ("it came and went while it was looked at",))
            case WorkspaceState.DELETED if ours:
                self._note(JournalEvent.DELETED, item, "found among the deleted workspaces")
                return ItemResult(
                    item, Outcome.DELETED, ("an earlier run asked for it, and it is among the deleted ones",)
                )
            case WorkspaceState.DELETED:
                self._note(JournalEvent.GONE, item, "soft-deleted by somebody else")
                return ItemResult(
                    item, Outcome.GONE, ("somebody else deleted it meanwhile; it can still be recovered",)
                )
            case _:
                self._note(JournalEvent.GONE, item, "neither live nor among the deleted workspaces")
                return ItemResult(item, Outcome.GONE, ("it is gone, and not among the deleted workspaces either",))

    async def _against(self, item: Item, workspace: WorkspaceId) -> ItemResult | None:
        """Read it all again and return why the item must be left alone, or None."""
        context = await self.reread(workspace)
        now = next((item_of(context, one) for one in judgements(context) if one.id.lower() == workspace.key), None)
        if now is None:
            return ItemResult(item, Outcome.REFUSED, ("it is not in the list of workspaces that was read again",))
        changed = differences(item.rests_on, now.rests_on)
        certain = now.evidence_against or differences(of_itself(item.rests_on), of_itself(now.rests_on))
        if now.unread and not certain:
            unread = sorted({f"{gap.what} at {gap.scope}" for gap in now.unread})
            return ItemResult(item, Outcome.REFUSED, tuple(f"cannot be read now: {one}" for one in unread))
        if changed or now.fingerprint != item.fingerprint or now.action is not Action.DELETE:
            why = [*changed, *([now.reason] if now.reason else [])]
            return ItemResult(item, Outcome.CHANGED, tuple(why) or ("its fingerprint does not fit",))
        lacking = lacking_rights(context, self.principal_id, to_delete_and_bring_back(item))
        if lacking:
            return ItemResult(item, Outcome.REFUSED, tuple(_lacks(one) for one in lacking))
        return None

    async def _delete(self, item: Item, workspace: WorkspaceId, customer: str) -> ItemResult:
        """Delete it, after one last look at who it is."""
        self.cloud.make_ready(workspace)
        body = await self.cloud.live(workspace)
        if body is None or customer_id(body) != customer:
            return self._without_us(item, await self.cloud.fate(workspace, customer))
        self._note(JournalEvent.DELETING, item)
        try:
            started = await self.cloud.begin_delete(workspace)
        except WriteFailed as failure:
            if 200 <= failure.status < 300:  # it was taken in, whatever else is wrong with the answer
                self._note_after(JournalEvent.ACCEPTED, item)
            if not failure.may_have_happened:
                return await self._refused(item, workspace, customer, failure)
            return await self._unsettled(item, workspace, customer, failure)
        self._note_after(JournalEvent.ACCEPTED, item)
        try:
            await started.end(self.cloud.patience.bound)
        except WriteFailed as failure:
            return await self._unsettled(item, workspace, customer, failure)
        fate = await self.cloud.fate_when(workspace, customer, _GONE)
        if fate is WorkspaceState.DELETED:
            self._note_after(JournalEvent.DELETED, item)
            return ItemResult(item, Outcome.DELETED)
        self._note_after(JournalEvent.UNSETTLED, item, f"after Azure ended the deletion it was {fate.value}")
        why = f"Azure ended the deletion, but the workspace is {fate.value}; run the same command again"
        return ItemResult(item, Outcome.ACCEPTED, (why,))

    async def _refused(self, item: Item, workspace: WorkspaceId, customer: str, failure: WriteFailed) -> ItemResult:
        """Look whether it is still there, as Azure's refusal says."""
        self._note_after(JournalEvent.FAILED, item, str(failure))
        fate = await self.cloud.fate(workspace, customer)
        if fate in {WorkspaceState.LIVE, WorkspaceState.REPLACED}:
            return ItemResult(item, Outcome.REFUSED_BY_AZURE, tuple(_advice(failure)))
        if fate is WorkspaceState.DELETED:
            self._note_after(JournalEvent.DELETED, item, "Azure refused it, but it is among the deleted workspaces")
            return ItemResult(
                item, Outcome.DELETED, (f"it is among the deleted workspaces, although Azure said: {failure}",)
            )
        self._note_after(JournalEvent.UNSETTLED, item, f"Azure refused it, but it is {fate.value}")
        return ItemResult(
            item, Outcome.UNKNOWN, (f"it is {fate.value}, although Azure said: {failure}", *_advice(failure))
        )

    async def _unsettled(self, item: Item, workspace: WorkspaceId, customer: str, failure: WriteFailed) -> ItemResult:
        """Look what came of a request that nobody answered, or whose end nobody told."""
        accepted = self._was_accepted(item)
        self._note_after(JournalEvent.UNSETTLED, item, str(failure))
        # Where the end was taken in and cannot be asked about, only looking tells; what was waited for is not again.
        wanted = _GONE if accepted and not isinstance(failure, OperationFailed) else _SURE
        patience = 0.0 if isinstance(failure, StillRunning) else None
        fate = await self.cloud.fate_when(workspace, customer, wanted, patience)
        if fate is WorkspaceState.DELETED:
            self._note_after(JournalEvent.DELETED, item, "no answer told so, but it is among the deleted workspaces")
            return ItemResult(item, Outcome.DELETED, ("no answer told so, but it is among the deleted workspaces",))
        if isinstance(failure, OperationFailed) and fate is WorkspaceState.LIVE:
            self._note_after(JournalEvent.FAILED, item, str(failure))
            return ItemResult(item, Outcome.REFUSED_BY_AZURE, tuple(_advice(failure)))
        return ItemResult(item, Outcome.ACCEPTED if accepted else Outcome.UNKNOWN, tuple(_advice(failure)))

    def _was_accepted(self, item: Item) -> bool:
        """Whether Azure took in what was sent last, written down or not."""
        return item.id in self._missing or self.journal.accepted_at(item.id) is not None

    def _note(self, event: JournalEvent, item: Item, note: str = "") -> None:
        if not self.dry_run:
            self.journal.add(event, item.id, note)

    def _note_after(self, event: JournalEvent, item: Item, note: str = "") -> None:
        """Write down what came of a request; that the journal takes nothing any more must not hide it."""
        try:
            self._note(event, item, note)
        except Unwritten as failure:
            self._missing.setdefault(item.id, str(failure))


def open_outcome(journal: Journal, item: Item) -> Outcome | None:
    """Return what is known of a deletion that was sent and has not ended; None where none was."""
    if not journal.attempted(item.id):
        return None
    return Outcome.UNKNOWN if journal.accepted_at(item.id) is None else Outcome.ACCEPTED


def when_interrupted(items: Iterable[Item], results: Sequence[ItemResult], journal: Journal) -> tuple[ItemResult, ...]:
    """Return what came of each item of a run that was cut short after these `results`."""
    told = {result.item.id for result in results}
    left = [item for item in items if item.id not in told]
    ends = ((item, open_outcome(journal, item)) for item in left)
    return (
        *results,
        *(ItemResult(item, outcome or Outcome.NOT_REACHED, ("the run was cut short",)) for item, outcome in ends),
    )


def _lacks(one: LackingRights) -> str:
    if one.unread:
        return f"whether you may do `{one.action}` is {one.verdict}: unread {', '.join(one.unread)}"
    why = "to delete it" if one.action == DELETE else "to be able to bring it back"
    have = "which you do not have" if one.denied else f"and whether you have it is {one.verdict}"
    return f"{why} you need `{one.action}` at `{one.scope}`, {have}"


def _advice(failure: WriteFailed) -> Iterable[str]:
    yield str(failure)
    if failure.code.lower() == "scopelocked":
        yield "a lock forbids it; migaudit never removes locks"
    elif isinstance(failure, StillRunning):
        yield "run the same command again later: it goes on where this one stopped"
    else:
        yield "once that is cured, run the same command again: it looks first"
