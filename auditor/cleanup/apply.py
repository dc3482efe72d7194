"""Applying a plan, item by item: read again, compare, and only then delete; wait for the end, look, write it down."""

from collections.abc import Awaitable, Callable, Collection, Iterable
from dataclasses import dataclass

from auditor.azure.errors import ReadFailed, StillRunning, WriteFailed
from auditor.cleanup.cloud_side import CloudSide, Fate, customer_id
from auditor.cleanup.fingerprint import differences, of_itself
from auditor.cleanup.journal import RESTORING, Event, Journal
from auditor.cleanup.plan import Action, Item, item_of
from auditor.cleanup.results import Outcome, Result
from auditor.cleanup.rights import to_delete_and_bring_back
from auditor.cleanup.workspace_id import WorkspaceId
from auditor.facts.context import Context
from auditor.facts.workspace_rights import DELETE, Lacking, lacking_rights
from auditor.facts.workspace_verdict import judgements

_SURE = (Fate.LIVE, Fate.DELETED, Fate.REPLACED)

Reread = Callable[[WorkspaceId], Awaitable[Context]]
"""Reads again, from ARM, everything that the decision about one workspace rests on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """One run over a plan: where it acts, as whom, what it wrote down before, and whether it only rehearses."""

    cloud: CloudSide
    reread: Reread
    principal_id: str
    journal: Journal
    dry_run: bool = False
    tell: Callable[[Result], None] = lambda _result: None

    async def run(self, items: Iterable[Item], confirmed: Collection[str]) -> tuple[Result, ...]:
        """Return what came of each item; after one that Azure did not let end, no further one is touched.

        `confirmed` holds the ids (lower case) that the user confirmed; others are not touched.
        """
        results: list[Result] = []
        stopped = False
        for item in items:
            if stopped:
                result = Result(item, Outcome.NOT_REACHED, ("an item before it did not end",))
            elif item.id.lower() not in confirmed and not self.journal.is_done(item.id):
                result = Result(item, Outcome.REFUSED, ("it was not confirmed",))
            else:
                result = await self._apply(item)
            stopped = stopped or result.outcome is Outcome.STOPPED
            results.append(result)
            self.tell(result)
        return tuple(results)

    async def _apply(self, item: Item) -> Result:
        """Apply one item; what Azure does not let us see stops it, and is written down as well."""
        try:
            result = await self._decided(item)
        except ReadFailed as failure:
            began = self.journal.attempted(item.id)
            outcome = Outcome.STOPPED if began else Outcome.REFUSED
            result = Result(item, outcome, (f"it cannot be seen how it is now: {failure}",))
        if result.outcome in {Outcome.REFUSED, Outcome.CHANGED}:
            self._note(Event.REFUSED, item, "; ".join(result.why))
        return result

    async def _decided(self, item: Item) -> Result:
        workspace = WorkspaceId.parse(item.id)
        customer = str(item.rests_on["customerId"]).lower()
        last = self.journal.last(item.id)
        if last is not None and self.journal.is_done(item.id):
            return Result(item, Outcome.DONE_BEFORE, (f"{last.event.value} on {last.at:%Y-%m-%d at %H:%M} UTC",))
        if last is not None and last.event in RESTORING:
            return Result(item, Outcome.REFUSED, ("it was restored since: make a new plan",))
        fate = await self._fate(workspace, customer)
        if fate is not Fate.LIVE:
            return self._without_us(item, fate)
        against = await self._against(item, workspace)
        if against is not None:
            return against
        if self.dry_run:
            return Result(item, Outcome.WOULD_DELETE)
        return await self._delete(item, workspace, customer)

    async def _fate(self, workspace: WorkspaceId, customer: str) -> Fate:
        """Where it is now; a deletion that we began and that has not ended yet is waited for."""
        if not self.journal.attempted(workspace.key):
            return await self.cloud.fate(workspace, customer)
        return await self.cloud.fate_when(workspace, customer, _SURE)

    def _without_us(self, item: Item, fate: Fate) -> Result:
        """What to say of an item that is not there to be deleted."""
        ours = self.journal.attempted(item.id)
        match fate:
            case Fate.REPLACED:
                why = "another workspace (another customerId) stands at this id now; it is none of this plan's business"
                return Result(item, Outcome.CHANGED, (why,))
            case Fate.ENDING | Fate.NOWHERE if ours:
                why = (
                    "Azure is still deleting it"
                    if fate is Fate.ENDING
                    else "it is gone, but not among the deleted ones"
                )
                return Result(item, Outcome.STOPPED, (f"{why}; run the same command again later",))
            case Fate.ENDING:
                return Result(item, Outcome.CHANGED, ("somebody else is deleting it",))
            case Fate.LIVE:
                return Result(item, Outcome.CHANGED, ("it came and went while it was looked at",))
            case Fate.DELETED if ours:
                self._note(Event.DELETED, item, "found among the deleted workspaces")
                return Result(item, Outcome.DELETED, ("an earlier run deleted it",))
            case Fate.DELETED:
                self._note(Event.GONE, item, "soft-deleted by somebody else")
                return Result(item, Outcome.GONE, ("somebody else deleted it meanwhile; it can still be recovered",))
            case _:
                self._note(Event.GONE, item, "neither live nor among the deleted workspaces")
                return Result(item, Outcome.GONE, ("it is gone, and not among the deleted workspaces either",))

    async def _against(self, item: Item, workspace: WorkspaceId) -> Result | None:
        """Read it all again and return why the item must be left alone, or None."""
        context = await self.reread(workspace)
        now = next((item_of(context, one) for one in judgements(context) if one.id.lower() == workspace.key), None)
        if now is None:
            return Result(item, Outcome.REFUSED, ("it is not in the list of workspaces that was read again",))
        changed = differences(item.rests_on, now.rests_on)
        certain = now.evidence_against or differences(of_itself(item.rests_on), of_itself(now.rests_on))
        if now.unread and not certain:
            unread = sorted({f"{gap.what} at {gap.scope}" for gap in now.unread})
            return Result(item, Outcome.REFUSED, tuple(f"cannot be read now: {one}" for one in unread))
        if changed or now.fingerprint != item.fingerprint or now.action is not Action.DELETE:
            why = [*changed, *([now.reason] if now.reason else [])]
            return Result(item, Outcome.CHANGED, tuple(why) or ("its fingerprint does not fit",))
        lacking = lacking_rights(context, self.principal_id, to_delete_and_bring_back(item))
        if lacking:
            return Result(item, Outcome.REFUSED, tuple(_lacks(one) for one in lacking))
        return None

    async def _delete(self, item: Item, workspace: WorkspaceId, customer: str) -> Result:
        """Delete it, after one last look at who it is."""
        self.cloud.make_ready(workspace)
        body = await self.cloud.live(workspace)
        if body is None or customer_id(body) != customer:
            return self._without_us(item, await self.cloud.fate(workspace, customer))
        self._note(Event.DELETING, item)
        try:
            started = await self.cloud.begin_delete(workspace)
        except WriteFailed as failure:
            if not failure.may_have_happened:
                self._note(Event.FAILED, item, str(failure))
                return Result(item, Outcome.STOPPED, tuple(_advice(failure)))
            return await self._unsettled(item, workspace, customer, failure)
        self._note(Event.ACCEPTED, item)
        try:
            await started.end(self.cloud.patience.bound)
        except WriteFailed as failure:
            return await self._unsettled(item, workspace, customer, failure)
        fate = await self.cloud.fate_when(workspace, customer, (Fate.DELETED, Fate.REPLACED))
        if fate is Fate.DELETED:
            self._note(Event.DELETED, item)
            return Result(item, Outcome.DELETED)
        self._note(Event.UNSETTLED, item, f"after Azure ended the deletion it was {fate.value}")
        return Result(item, Outcome.STOPPED, (f"Azure ended the deletion, but the workspace is {fate.value}",))

    async def _unsettled(self, item: Item, workspace: WorkspaceId, customer: str, failure: WriteFailed) -> Result:
        """Look what came of a request that nobody answered, or whose end nobody told."""
        self._note(Event.UNSETTLED, item, str(failure))
        patience = 0.0 if isinstance(failure, StillRunning) else None
        if await self.cloud.fate_when(workspace, customer, _SURE, patience) is not Fate.DELETED:
            return Result(item, Outcome.STOPPED, tuple(_advice(failure)))
        self._note(Event.DELETED, item, "no answer told so, but it is among the deleted workspaces")
        return Result(item, Outcome.DELETED, ("no answer told so, but it is among the deleted workspaces",))

    def _note(self, event: Event, item: Item, note: str = "") -> None:
        if not self.dry_run:
            self.journal.add(event, item.id, note)


def _lacks(one: Lacking) -> str:
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
