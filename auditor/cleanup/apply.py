"""Application of a plan, item by item: read again, compare, delete, wait for the end, check, write the journal."""

import logging
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from auditor.azure.errors import OperationFailed, ReadFailed, StillRunning, WriteFailed
from auditor.cleanup.admission import to_delete_and_restore
from auditor.cleanup.azure_workspaces import AzureWorkspaces, WorkspaceState, customer_id
from auditor.cleanup.fingerprint import differences, of_itself
from auditor.cleanup.journal import RESTORING, Journal, JournalEvent, Unwritten
from auditor.cleanup.plan import Action, Item, item_of
from auditor.cleanup.results import OPEN, ItemResult, Outcome
from auditor.cleanup.shell import look_commands
from auditor.cleanup.workspace_id import WorkspaceId
from auditor.facts.estate.environment import Context
from auditor.facts.leftovers.workspaces.verdict import judgements
from auditor.facts.rights.workspace_rights import DELETE, LackingRights, lacking_rights

_LOG = logging.getLogger("auditor.cleanup")
_GONE = (WorkspaceState.DELETED, WorkspaceState.REPLACED)
_SURE = (WorkspaceState.LIVE, *_GONE)

Reread = Callable[[WorkspaceId], Awaitable[Context]]
"""Reads again, from ARM, everything that the decision about one workspace depends on."""


NONE_LACKING: Mapping[str, ItemResult] = {}


def lacking_for(context: Context, principal_id: str, items: Iterable[Item]) -> dict[str, ItemResult]:
    """Return the results, by id in lower case, of the items that the account certainly may not delete and restore.

    For these nobody need be asked. Whatever is not certain is decided when the item is read again.
    """
    results = {}
    for item in items:
        lacking = [one for one in lacking_rights(context, principal_id, to_delete_and_restore(item)) if one.denied]
        if lacking:
            results[item.id.lower()] = ItemResult(item, Outcome.REFUSED, tuple(map(_lacks, lacking)))
    return results


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanApplication:
    """One run of a plan: the workspaces in Azure, the account, the journal, and whether it is a dry run."""

    cloud: AzureWorkspaces
    reread: Reread
    principal_id: str
    journal: Journal
    dry_run: bool = False
    tell: Callable[[ItemResult], None] = lambda _result: None
    _missing: dict[str, str] = field(default_factory=dict)
    """The reason, by item, why the journal could not be written after a request had been sent."""

    async def run(
        self, items: Iterable[Item], confirmed: Collection[str], lacking: Mapping[str, ItemResult] = NONE_LACKING
    ) -> tuple[ItemResult, ...]:
        """Apply the items and return the result of each; after one with an open outcome, no further item is touched.

        `confirmed` contains the ids (lower case) that the user confirmed; other items are not touched. `lacking` are
        the results of those that were not asked about, by id in lower case.
        """
        results: list[ItemResult] = []
        stopped = False
        for item in items:
            if stopped:
                result = ItemResult(item, Outcome.NOT_REACHED, ("an earlier item did not finish",))
            elif item.id.lower() in lacking:
                result = lacking[item.id.lower()]
            elif item.id.lower() not in confirmed and not self.journal.is_done(item.id):
                result = ItemResult(item, Outcome.UNCONFIRMED, ("it was not confirmed",))
            else:
                result = self._with_what_is_missing(await self._apply(item))
            stopped = stopped or result.outcome in OPEN or result.unwritten
            results.append(result)
            self.tell(result)
        return tuple(results)

    async def _apply(self, item: Item) -> ItemResult:
        """Apply one item; failures and internal errors become outcomes too, and are written to the journal."""
        try:
            result = await self._decided(item)
        except ReadFailed as failure:
            outcome = open_outcome(self.journal, item) or Outcome.REFUSED
            result = ItemResult(item, outcome, (f"its current state cannot be read: {failure}",))
        except Unwritten as failure:
            return ItemResult(item, Outcome.NOT_REACHED, (f"nothing was sent: {failure}",), unwritten=True)
        except Exception as defect:  # noqa: BLE001 - a request that was sent must be reported, whatever fails after it
            _LOG.warning("internal error while `%s` was applied", item.id, exc_info=defect)
            outcome = open_outcome(self.journal, item) or Outcome.REFUSED
            result = ItemResult(
                item, outcome, (f"an internal error of migaudit ({type(defect).__name__}) left its outcome unknown",)
            )
        if result.outcome in {Outcome.REFUSED, Outcome.CHANGED}:
            with suppress(Unwritten):  # nothing was sent, so the journal may lack it
                self._note(JournalEvent.REFUSED, item, "; ".join(result.why))
        return result

    def _with_what_is_missing(self, result: ItemResult) -> ItemResult:
        missing = self._missing.get(result.item.id)
        if missing is None:
            return result
        look = (f"to see the outcome: {command}" for command in look_commands(WorkspaceId.parse(result.item.id)))
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
            return ItemResult(item, Outcome.REFUSED, ("it has been restored since: make a new plan",))
        state = await self._current_state(workspace, customer)
        if state is not WorkspaceState.LIVE:
            return self._without_us(item, state)
        accepted = self.journal.accepted_at(item.id)
        if accepted is not None:
            why = (
                f"Azure accepted the deletion on {accepted:%Y-%m-%d at %H:%M} UTC, and the workspace still exists. The"
                " deletion is not requested twice: run the same command again later; once the Activity Log shows that"
                " it failed, make a new plan"
            )
            return ItemResult(item, Outcome.ACCEPTED, (why,))
        against = await self._against(item, workspace)
        if against is not None:
            return against
        if self.dry_run:
            return ItemResult(item, Outcome.WOULD_DELETE)
        return await self._delete(item, workspace, customer)

    async def _current_state(self, workspace: WorkspaceId, customer: str) -> WorkspaceState:
        """Return its current state, after waiting for the end of a deletion that an earlier run began."""
        if not self.journal.attempted(workspace.key):
            return await self.cloud.state(workspace, customer)
        wanted = _SURE if self.journal.accepted_at(workspace.key) is None else _GONE
        return await self.cloud.state_when(workspace, customer, wanted)

    def _without_us(self, item: Item, state: WorkspaceState) -> ItemResult:
        """Return the result for an item that is not live, so that it cannot be deleted."""
        ours = self.journal.asked(item.id)
        match state:
            case WorkspaceState.REPLACED:
                why = "another workspace (another customerId) has this id now; this plan does not cover it"
                return ItemResult(item, Outcome.CHANGED, (why,))
            case WorkspaceState.ENDING | WorkspaceState.NOWHERE if ours:
                why = (
                    "Azure is still deleting it"
                    if state is WorkspaceState.ENDING
                    else "it is gone, but not among the deleted workspaces"
                )
                outcome = open_outcome(self.journal, item) or Outcome.UNKNOWN
                return ItemResult(item, outcome, (f"{why}; run the same command again later",))
            case WorkspaceState.ENDING:
                return ItemResult(item, Outcome.CHANGED, ("somebody else is deleting it",))
            case WorkspaceState.LIVE:
                return ItemResult(item, Outcome.CHANGED, ("its state changed while it was being checked",))
            case WorkspaceState.DELETED if ours:
                self._note(JournalEvent.DELETED, item, "found among the deleted workspaces")
                return ItemResult(
                    item, Outcome.DELETED, ("an earlier run requested it, and it is among the deleted workspaces",)
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
        """Read everything again and return the result that forbids deleting the item, or None."""
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
            return ItemResult(item, Outcome.CHANGED, tuple(why) or ("its fingerprint does not match",))
        lacking = lacking_rights(context, self.principal_id, to_delete_and_restore(item))
        if lacking:
            return ItemResult(item, Outcome.REFUSED, tuple(_lacks(one) for one in lacking))
        return None

    async def _delete(self, item: Item, workspace: WorkspaceId, customer: str) -> ItemResult:
        """Delete it, after checking its identity one last time."""
        self.cloud.make_ready(workspace)
        body = await self.cloud.live(workspace)
        if body is None or customer_id(body) != customer:
            return self._without_us(item, await self.cloud.state(workspace, customer))
        self._note(JournalEvent.DELETING, item)
        try:
            started = await self.cloud.begin_delete(workspace)
        except WriteFailed as failure:
            if 200 <= failure.status < 300:  # it was accepted, whatever else is wrong with the answer
                self._note_after(JournalEvent.ACCEPTED, item)
            if not failure.may_have_happened:
                return await self._refused(item, workspace, customer, failure)
            return await self._unsettled(item, workspace, customer, failure)
        self._note_after(JournalEvent.ACCEPTED, item)
        try:
            await started.end(self.cloud.patience.bound)
        except WriteFailed as failure:
            return await self._unsettled(item, workspace, customer, failure)
        state = await self.cloud.state_when(workspace, customer, _GONE)
        if state is WorkspaceState.DELETED:
            self._note_after(JournalEvent.DELETED, item)
            return ItemResult(item, Outcome.DELETED)
        self._note_after(JournalEvent.UNSETTLED, item, f"after Azure completed the deletion it was {state.value}")
        why = f"Azure completed the deletion, but the workspace is {state.value}; run the same command again"
        return ItemResult(item, Outcome.ACCEPTED, (why,))

    async def _refused(self, item: Item, workspace: WorkspaceId, customer: str, failure: WriteFailed) -> ItemResult:
        """Return the result after Azure refused the request, having checked whether the workspace still exists."""
        self._note_after(JournalEvent.FAILED, item, str(failure))
        state = await self.cloud.state(workspace, customer)
        if state in {WorkspaceState.LIVE, WorkspaceState.REPLACED}:
            return ItemResult(item, Outcome.REFUSED_BY_AZURE, tuple(_advice(failure)))
        if state is WorkspaceState.DELETED:
            self._note_after(JournalEvent.DELETED, item, "Azure refused it, but it is among the deleted workspaces")
            return ItemResult(
                item, Outcome.DELETED, (f"it is among the deleted workspaces, although Azure said: {failure}",)
            )
        self._note_after(JournalEvent.UNSETTLED, item, f"Azure refused it, but it is {state.value}")
        return ItemResult(
            item, Outcome.UNKNOWN, (f"it is {state.value}, although Azure said: {failure}", *_advice(failure))
        )

    async def _unsettled(self, item: Item, workspace: WorkspaceId, customer: str, failure: WriteFailed) -> ItemResult:
        """Return the result of a request without an answer or without a known end, having checked the workspace."""
        accepted = self._was_accepted(item)
        self._note_after(JournalEvent.UNSETTLED, item, str(failure))
        # After an accepted request without a known end, only the workspace itself shows it; do not wait twice.
        wanted = _GONE if accepted and not isinstance(failure, OperationFailed) else _SURE
        patience = 0.0 if isinstance(failure, StillRunning) else None
        state = await self.cloud.state_when(workspace, customer, wanted, patience)
        if state is WorkspaceState.DELETED:
            self._note_after(
                JournalEvent.DELETED, item, "no answer confirmed it, but it is among the deleted workspaces"
            )
            return ItemResult(
                item, Outcome.DELETED, ("no answer confirmed it, but it is among the deleted workspaces",)
            )
        if isinstance(failure, OperationFailed) and state is WorkspaceState.LIVE:
            self._note_after(JournalEvent.FAILED, item, str(failure))
            return ItemResult(item, Outcome.REFUSED_BY_AZURE, tuple(_advice(failure)))
        return ItemResult(item, Outcome.ACCEPTED if accepted else Outcome.UNKNOWN, tuple(_advice(failure)))

    def _was_accepted(self, item: Item) -> bool:
        """Return whether Azure accepted the last request, whether or not the journal says so."""
        return item.id in self._missing or self.journal.accepted_at(item.id) is not None

    def _note(self, event: JournalEvent, item: Item, note: str = "") -> None:
        if not self.dry_run:
            self.journal.add(event, item.id, note)

    def _note_after(self, event: JournalEvent, item: Item, note: str = "") -> None:
        """Write the outcome of a request to the journal; a failing journal must not hide the outcome."""
        try:
            self._note(event, item, note)
        except Unwritten as failure:
            self._missing.setdefault(item.id, str(failure))


def open_outcome(journal: Journal, item: Item) -> Outcome | None:
    """Return the outcome of a deletion that was requested and has not ended; None if there was none."""
    if not journal.attempted(item.id):
        return None
    return Outcome.UNKNOWN if journal.accepted_at(item.id) is None else Outcome.ACCEPTED


def when_interrupted(items: Iterable[Item], results: Sequence[ItemResult], journal: Journal) -> tuple[ItemResult, ...]:
    """Return the result of each item of a run that was interrupted after these `results`."""
    finished = {result.item.id for result in results}
    left = [item for item in items if item.id not in finished]
    ends = ((item, open_outcome(journal, item)) for item in left)
    return (
        *results,
        *(ItemResult(item, outcome or Outcome.NOT_REACHED, ("the run was interrupted",)) for item, outcome in ends),
    )


def _lacks(one: LackingRights) -> str:
    if one.unread:
        return f"whether you may do `{one.action}` is {one.verdict}: not read: {', '.join(one.unread)}"
    why = "to delete it" if one.action == DELETE else "to be able to restore it"
    have = "which you do not have" if one.denied else f"and whether you have it is {one.verdict}"
    return f"{why} you need `{one.action}` at `{one.scope}`, {have}"


def _advice(failure: WriteFailed) -> Iterable[str]:
    yield str(failure)
    if failure.code.lower() == "scopelocked":
        yield "a lock forbids it; migaudit never removes locks"
    elif isinstance(failure, StillRunning):
        yield "run the same command again later: it continues where this one stopped"
    else:
        yield "once that is fixed, run the same command again: it checks first"
