"""Restoration of deletions in the journal: recover each workspace, then recreate what was saved with it."""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from auditor.azure.errors import ReadFailed, WriteFailed, WriteRefused
from auditor.cleanup.azure_workspaces import AzureWorkspaces, Body, WorkspaceState
from auditor.cleanup.journal import RESTORING, Journal, JournalEvent, Unwritten
from auditor.cleanup.plan import Item
from auditor.cleanup.results import ItemResult, Outcome
from auditor.cleanup.saved import Saved
from auditor.cleanup.shell import RECOVERABLE_DAYS
from auditor.cleanup.workspace_id import WorkspaceId

_LOG = logging.getLogger("auditor.cleanup")
_DELETING = frozenset({JournalEvent.DELETED, JournalEvent.DELETING, JournalEvent.ACCEPTED, JournalEvent.UNSETTLED})
_OURS = _DELETING | RESTORING
_SOLUTION_KEYS = ("location", "plan", "tags")


def deleted_by(journal: Journal, items: Iterable[Item]) -> tuple[Item, ...]:
    """Return the items that this plan deleted, or may have deleted."""
    return tuple(item for item in items if (last := journal.last(item.id)) and last.event in _OURS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Restoration:
    """One run that restores the deletions of a plan; with `dry_run` it changes nothing."""

    cloud: AzureWorkspaces
    journal: Journal
    dry_run: bool = False
    tell: Callable[[ItemResult], None] = lambda _result: None

    async def run(self, items: Iterable[Item]) -> tuple[ItemResult, ...]:
        """Restore the items and return the result of each; a failure does not stop the others."""
        results: list[ItemResult] = []
        for item in items:
            try:
                result = await self._restore(item)
            except ReadFailed as failure:
                result = ItemResult(item, Outcome.STOPPED, (f"its current state cannot be read: {failure}",))
            except Unwritten as failure:
                result = ItemResult(
                    item, Outcome.STOPPED, (f"the journal could not record whether it is back: {failure}",), True
                )
            except Exception as defect:  # noqa: BLE001 - a request that was sent must be reported, whatever fails after it
                _LOG.warning("internal error while `%s` was restored", item.id, exc_info=defect)
                why = f"an internal error of migaudit ({type(defect).__name__}) left unknown whether it is back"
                result = ItemResult(item, Outcome.STOPPED, (why,))
            results.append(result)
            self.tell(result)
        return tuple(results)

    async def _restore(self, item: Item) -> ItemResult:
        workspace = WorkspaceId.parse(item.id)
        customer = str(item.rests_on["customerId"]).lower()
        sure = (WorkspaceState.LIVE, WorkspaceState.DELETED, WorkspaceState.REPLACED, WorkspaceState.NOWHERE)
        state = await self.cloud.state_when(workspace, customer, sure)
        if state is WorkspaceState.REPLACED:
            return self._lost(item, "another workspace (another customerId) has taken its name")
        if state is WorkspaceState.ENDING:
            return ItemResult(item, Outcome.STOPPED, ("Azure is still deleting it; run the same command again later",))
        if not await self.cloud.group_exists(workspace):
            group, region = workspace.group, item.rests_on.get("location") or "its region"
            why = (
                f"its resource group is gone: create `{group}` (in {region} or anywhere) and run the same command again"
            )
            return ItemResult(item, Outcome.LOST, (why,))
        if state is WorkspaceState.NOWHERE:
            return self._nowhere(item)
        if self.dry_run:
            return ItemResult(item, Outcome.WOULD_RESTORE, (f"{len(item.lost_for_good)} saved with it",))
        if state is WorkspaceState.DELETED:
            failed = await self._recover(item, workspace, customer)
            if failed is not None:
                return failed
        return await self._recreate(item)

    async def _recover(self, item: Item, workspace: WorkspaceId, customer: str) -> ItemResult | None:
        """Recover the workspace; return a result only if that failed."""
        deleted_body = await self.cloud.deleted(workspace, customer)
        location = str((deleted_body or {}).get("location") or item.rests_on.get("location") or "")
        self._note(JournalEvent.RECOVERING, item)
        try:
            started = await self.cloud.begin_recover(workspace, location, _tags(item, deleted_body))
            await started.end(self.cloud.patience.bound)
        except WriteFailed as failure:
            if not failure.may_have_happened or await self.cloud.state(workspace, customer) is not WorkspaceState.LIVE:
                return ItemResult(item, Outcome.STOPPED, (str(failure),))
        state = await self.cloud.state_when(workspace, customer, (WorkspaceState.LIVE, WorkspaceState.REPLACED))
        if state is not WorkspaceState.LIVE:
            return ItemResult(
                item, Outcome.STOPPED, (f"Azure completed the recovery, but the workspace is {state.value}",)
            )
        self._note(JournalEvent.RECOVERED, item)
        return None

    async def _recreate(self, item: Item) -> ItemResult:
        """Recreate the resources that the recovery of a workspace does not restore."""
        missing: list[str] = []
        for saved in item.lost_for_good:
            try:
                if not await self.cloud.has(saved):
                    await self.cloud.recreate(saved, _creation_body(saved))
            except (ReadFailed, WriteFailed, WriteRefused) as failure:
                missing.append(f"the {saved.kind} `{saved.id.rpartition('/')[2]}` is not back: {failure}")
        if missing:
            return ItemResult(item, Outcome.PARTLY_RESTORED, tuple(missing))
        self._note(JournalEvent.RESTORED, item)
        return ItemResult(item, Outcome.RESTORED, tuple(_restored_names(item.lost_for_good)))

    def _lost(self, item: Item, why: str) -> ItemResult:
        self._note(JournalEvent.LOST, item, why)
        return ItemResult(item, Outcome.LOST, (why,))

    def _nowhere(self, item: Item) -> ItemResult:
        """Return the result for a workspace neither live nor listed as deleted: lost only once its time is over."""
        entries = (entry for entry in self.journal.entries if entry.item == item.id.lower())
        until = max(entry.at for entry in entries if entry.event in _DELETING) + timedelta(days=RECOVERABLE_DAYS)
        if datetime.now(UTC) > until:
            why = f"the {RECOVERABLE_DAYS} days in which it could be recovered ended on {until:%Y-%m-%d}"
            return self._lost(item, why)
        why = (
            "it is not among the deleted workspaces that Azure lists now: the list may lag, or somebody purged it; "
            f"until {until:%Y-%m-%d} run the same command again"
        )
        return ItemResult(item, Outcome.STOPPED, (why,))

    def _note(self, event: JournalEvent, item: Item, note: str = "") -> None:
        if not self.dry_run:
            self.journal.add(event, item.id, note)


def _tags(item: Item, deleted_body: Body | None) -> Mapping[str, str]:
    """Return the tags it had: a recovery is a PUT, and one without tags would remove them."""
    held: Any = (deleted_body or {}).get("tags") or item.rests_on.get("tags")
    return held if isinstance(held, dict) else {}


def _creation_body(saved: Saved) -> dict[str, object]:
    """Return the body that recreates it, without the fields that Azure adds by itself."""
    held: Any = saved.body.get("properties")
    properties: dict[str, Any] = held if isinstance(held, dict) else {}
    if saved.kind == "solution":
        kept = {name: saved.body[name] for name in _SOLUTION_KEYS if saved.body.get(name)}
        resources = {"containedResources": properties.get("containedResources")}
        return {
            **kept,
            "properties": {
                "workspaceResourceId": properties.get("workspaceResourceId"),
                **{name: value for name, value in resources.items() if value},
            },
        }
    wanted = ("resourceId", "writeAccessResourceId")
    return {"properties": {name: properties[name] for name in wanted if properties.get(name)}}


def _restored_names(saved: Iterable[Saved]) -> Iterable[str]:
    for one in saved:
        yield f"with the {one.kind} `{one.id.rpartition('/')[2]}`"
